"""The train lab: training live beside the bare floor, keys while it trains, the decision boundary, as Markdown.

    python -m tests.bench.train

Live training and keys run in the installed program's own screen, in a pseudo-terminal; the floor trains the same net
in the same run, before and after each. Unix only. PyTorch is left out if it is not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tests.bench.interface import Terminal, percentile

ROUNDS = 41
POINTS = 160, 96

LIVE = """
import json, sys, time
from dataclasses import replace
from bptui.data.samples import Data
from bptui.engine.optimisers import SGD
from bptui.session.experiment import Experiment
from bptui.session.mlp import mlp
from bptui.session.session import Session
from bptui.tui.app import BptuiApp, _settle_memory
from bptui.tui.train.screen import Train

experiment = Experiment(
    mlp((2, 16, 16, 2), "tanh", name="live"), Data("moons", 512, 0.2, validation=0.2), optimiser=SGD(), lr=0.1, batch=16
)
seconds, path = float(sys.argv[1]), sys.argv[2]
app = BptuiApp()
screen = Train(Session(experiment))
app.first_screen = lambda: screen
painted = 0
paint = screen._paint

def counted(**how):
    global painted
    painted += 1
    paint(**how)

screen._paint = counted

def start():
    _settle_memory()
    screen.trainer._goal = 10**9
    screen.trainer.run()
    app.set_timer(1.0, first)

def first():
    global began
    began = time.perf_counter(), screen.snapshot.step, painted
    if seconds:
        app.set_timer(seconds, last)

def last():
    now = time.perf_counter(), screen.snapshot.step, painted
    passed = now[0] - began[0]
    rates = {"steps": (now[1] - began[1]) / passed, "redraws": (now[2] - began[2]) / passed}
    open(path, "w").write(json.dumps(rates | {"size": screen.training.size}))
    app.exit()

app.call_later(lambda: app.set_timer(1.0, start))
app.run()
"""

MEMORY = """
import json, random, re, sys
from bptui.engine.optimisers import Adam
from bptui.session.session import Session
from bptui.sources.labs import TRAIN
from bptui.sources.presets import PRESETS
from bptui.tui.app import BptuiApp, _settle_memory
from bptui.tui.train.screen import Train

name, steps, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
experiment = TRAIN["spirals"] if name == "toy" else PRESETS[name].changed(optimiser=Adam(), lr=0.001)
app = BptuiApp()
screen = Train(Session(experiment))
app.first_screen = lambda: screen

def start():
    _settle_memory()
    screen.trainer._goal = steps
    screen.trainer.run()
    app.set_interval(0.2, look)

def look():
    if screen.snapshot.step >= steps:
        chance = random.Random(1)
        for _ in range(20):
            screen.trainer.scrub(chance.randrange(steps))
            screen.trainer.wait()
        peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
        open(path, "w").write(json.dumps({"peak": int(peak) / 1024}))
        app.exit()

app.call_later(lambda: app.set_timer(1.0, start))
app.run()
"""

FLOOR = """
import sys, time
from tests.bench.floor import {floor}
from tests.bench.tasks import Task
task = Task("toy", (2, 16, 16, 2), "tanh", 16)
step, _ = {floor}(task)
batches, seconds, count = task.batches, float(sys.argv[1]), 0
began = time.perf_counter()
while time.perf_counter() - began < seconds:
    for indices in batches:
        step(indices)
    count += len(batches)
print(count / (time.perf_counter() - began))
"""


def floor(name: str, seconds: float) -> float:
    """Training steps a second of a floor, alone in its process."""
    done = subprocess.run(
        [sys.executable, "-c", FLOOR.format(floor=name), str(seconds)], capture_output=True, text=True
    )
    return float(done.stdout)


def live(script: Path, seconds: float) -> dict[str, Any]:
    """Training steps and redraws a second of the lab on its screen."""
    result = script.with_suffix(".json")
    terminal = Terminal.open([sys.executable, str(script), str(seconds), str(result)], 180, 57)
    with suppress(OSError):  # it ends by itself
        while True:
            terminal.settle()
    terminal.close()
    found: dict[str, Any] = json.loads(result.read_text())
    return found


def memory(folder: Path, net: str, steps: int) -> float:
    """The largest memory, in MB, of the lab's whole process in a run of so many steps and 20 jumps back into it."""
    script, result = folder / "memory.py", folder / f"{net}.json"
    script.write_text(MEMORY)
    terminal = Terminal.open([sys.executable, str(script), net, str(steps), str(result)], 120, 40)
    with suppress(OSError):
        while True:
            terminal.settle()
    terminal.close()
    return float(json.loads(result.read_text())["peak"])


def keys(script: Path, count: int) -> list[float]:
    """Seconds from a key that shows the next measure to its title on the screen, while the run goes on."""
    terminal = Terminal.open([sys.executable, str(script), "0", ""], 180, 57)
    try:
        terminal.until(b"running")
        titles = [b"Gradients", b"Signal", b"Units", b"Confusion", b"Net", b"Weights"]
        return [terminal.shows(b"w", titles[k % len(titles)]) for k in range(count)]
    finally:
        terminal.close()


def boundary() -> Iterator[dict[str, Callable[[], object]]]:
    """One decision boundary by each peer: class probabilities of 2-16-16-3 ReLU at 160 × 96 points.

    Two at a time: once PyTorch is loaded, NumPy's large arrays come from memory that the process already has, which
    makes the naive way up to twice as fast.
    """
    from bptui.data.samples import Data
    from bptui.session.experiment import Experiment
    from bptui.session.mlp import mlp
    from bptui.session.train.predict import Predictor

    experiment = Experiment(mlp((2, 16, 16, 3), name="boundary"), Data("spiral", 300))
    predictor, w = Predictor(experiment), experiment.initial()
    axes = (np.linspace(-1, 1, n) for n in POINTS)
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)

    def ours() -> object:
        return predictor.probabilities(w, {"x": grid})

    def naive() -> object:
        z = np.maximum(grid @ w["m0.weight"].T + w["m0.bias"], 0)
        z = np.maximum(z @ w["m1.weight"].T + w["m1.bias"], 0)
        s = z @ w["m2.weight"].T + w["m2.bias"]
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    assert np.allclose(naive(), ours())  # type: ignore[arg-type]
    yield {"bptui": ours, "naive NumPy": naive}
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    n = torch.nn
    net = n.Sequential(n.Linear(2, 16), n.ReLU(), n.Linear(16, 16), n.ReLU(), n.Linear(16, 3), n.Softmax(dim=1))
    points = torch.tensor(grid)

    def eager() -> object:
        with torch.no_grad():
            return net(points)

    yield {"bptui": ours, "PyTorch eager": eager}


def main() -> None:
    """Print all tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "live.py"
        script.write_text(LIVE)
        print(
            "| 2-16-16-2 tanh, B = 16 | steps/s | ÷ floor (≥ 0.5) | ÷ tuned floor | redraws/s |\n|---|---|---|---|---|"
        )
        for _ in range(arguments.rounds):
            plain, tuned = (floor(name, arguments.seconds / 2) for name in ("plain_floor", "tanh_floor"))
            found = live(script, arguments.seconds)
            after = floor("plain_floor", arguments.seconds / 2)
            bare = (plain + after) / 2
            columns, rows = found["size"]
            print(
                f"| live, {columns}×{rows} points | {found['steps']:,.0f} | {found['steps'] / bare:.2f} "
                f"| {found['steps'] / tuned:.2f} | {found['redraws']:.0f} |"
            )
            print(f"| floor, alone | {bare:,.0f} | 1.00 | | |")
        times = keys(script, arguments.keys)
        print("\n| key to screen while it trains | median ms | p95 ms (≤ 40) |\n|---|---|---|")
        print(f"| next measure | {statistics.median(times) * 1e3:.0f} | {percentile(times, 0.95) * 1e3:.0f} |")
        print("\n| a run of 100,000 steps, with 20 jumps back | whole process, MB (≤ 200) |\n|---|---|")
        for net in ("toy", "mynet"):
            print(f"| {net}, Adam | {memory(Path(folder), net, 100_000):.0f} |")
    print("\n| decision boundary, 160×96 points | ms | bptui's, ms | ratio |\n|---|---|---|---|")
    for peers in boundary():
        taken: dict[str, list[float]] = {name: [] for name in peers}
        for _ in range(ROUNDS):
            for name, draw in peers.items():
                began = time.process_time()
                draw()
                taken[name].append(time.process_time() - began)
        ours, (name, theirs) = taken.pop("bptui"), *taken.items()
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"| {name} | {statistics.median(theirs) * 1e3:.2f} | {statistics.median(ours) * 1e3:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
