"""Descents: loss surfaces against one broadcast, single-sample steps against PyTorch, as Markdown.

    python -m tests.bench.descend --torch PYTHON

`PYTHON` is an interpreter that has PyTorch; without it, the one that runs this. Rounds are interleaved; a ratio is
the median of the rounds' ratios, in the processes' own time. What is compared must agree.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from bptui.data.samples import given_samples
from bptui.engine.modules import Linear, SquaredError, Tanh
from bptui.engine.net import Net
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import usual_plane
from bptui.session.descend.race import Racer, race
from bptui.session.descend.surface import Surface
from bptui.session.experiment import Experiment
from bptui.session.runner import Runner
from tests.bench.engine import processor

COLUMNS, ROWS, SAMPLES, STEPS = 120, 80, 200, 1000
START, RATE = (-1.35, 0.85), 0.02


def _data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.normal(0.3, 1.0, (SAMPLES, 1))
    return {"x": x, "y": np.tanh(0.8 * x - 0.3) + rng.normal(0.0, 0.3, x.shape)}


def _experiment(unit: str) -> Experiment:
    """One unit with a weight and a bias, squared error."""
    net = Net(unit).input("x", 1).target("y", 1).add("m0", Linear(1), "x", "s")
    if unit == "tanh":
        net = net.add("h", Tanh(), "s", "z").add("cost", SquaredError(), "z y", "C")
    else:
        net = net.add("cost", SquaredError(), "s y", "C")
    return Experiment(
        net, given_samples(_data()), lr=RATE, parameters=(("m0.weight", ((START[0],),)), ("m0.bias", (START[1],)))
    )


def _timed(run: Callable[[], object]) -> float:
    started = process_time()
    run()
    return process_time() - started


GRID = np.linspace(-3, 3, COLUMNS), np.linspace(-2, 2, ROWS)
METHODS = {"tanh": "by rows", "linear": "closed form"}


def broadcast() -> np.ndarray:
    """The tanh unit's losses, (R, C), as one expression over cells × samples."""
    x, y = (values[:, 0] for values in _data().values())
    losses: np.ndarray = ((np.tanh(GRID[0][:, None] * x + GRID[1][:, None, None]) - y) ** 2).mean(axis=-1)
    return losses


def surface(unit: str) -> Callable[[], np.ndarray]:
    """A function that evaluates the surface of a unit, from a graph that is bound already."""
    objective = Objective(_experiment(unit))
    plane = usual_plane(objective.graph, objective.start)

    def run() -> np.ndarray:
        made = Surface(objective, plane, GRID)
        made.fill()
        assert made.method == METHODS[unit]
        return made.losses

    return run


SURFACES: dict[str, Callable[[], Callable[[], np.ndarray]]] = {
    "one broadcast": lambda: broadcast,
    "tanh, by rows": lambda: surface("tanh"),
    "quadratic, closed form": lambda: surface("linear"),
}


def serve(connection: Connection, name: str) -> None:
    """A process of its own: send the losses once, then the seconds that they take, whenever asked."""
    run = SURFACES[name]()
    connection.send(run())
    while connection.recv():
        connection.send(min(_timed(run) for _ in range(5)))


def surfaces(rounds: int) -> str:
    """The losses of a grid: by rows, and in closed form, each against one broadcast of tanh over cells × samples."""
    context: Any = get_context("spawn")
    lines: dict[str, Connection] = {}
    losses: dict[str, np.ndarray] = {}
    for name in SURFACES:
        lines[name], there = context.Pipe()
        context.Process(target=serve, args=(there, name), daemon=True).start()
        losses[name] = lines[name].recv()
    np.testing.assert_allclose(losses["tanh, by rows"], losses["one broadcast"], rtol=1e-12)
    times: dict[str, list[float]] = {name: [] for name in SURFACES}
    for _ in range(rounds):
        for name, line in lines.items():
            line.send(True)
            times[name].append(line.recv())
    for line in lines.values():
        line.send(False)
    rows = [f"| {COLUMNS}×{ROWS} cells × {SAMPLES} samples | ms | ÷ one broadcast |", "| --- | ---: | ---: |"]
    goals = {"tanh, by rows": 0.45, "quadratic, closed form": 0.02}
    for name, series in times.items():
        ratio = median(a / b for a, b in zip(series, times["one broadcast"], strict=True))
        rows.append(f"| {name} | {median(series) * 1e3:.2f} | {_against(ratio, goals.get(name))} |")
    return "\n".join(rows) + "\n"


def _against(ratio: float, goal: float | None) -> str:
    """A ratio and its goal, bold where it is missed."""
    if goal is None:
        return "1"
    return f"{ratio:.3f} (≤ {goal:g})" if ratio <= goal else f"**{ratio:.3f}** (≤ {goal:g})"


# -- single-sample steps

TORCH = f"""
import json, sys, time
import torch
torch.set_num_threads(1)
data = json.loads(sys.stdin.readline())
order = data["order"]
x, y = (torch.tensor(data[name], dtype=torch.float64) for name in ("x", "y"))
def train():
    model = torch.nn.Linear(1, 1, dtype=torch.float64)
    with torch.no_grad():
        model.weight.fill_({START[0]}); model.bias.fill_({START[1]})
    optimiser, cost = torch.optim.SGD(model.parameters(), {RATE}), torch.nn.MSELoss(reduction="sum")
    for k in order:
        optimiser.zero_grad()
        cost(model(x[k:k + 1]), y[k:k + 1]).backward()
        optimiser.step()
    return model.weight.item(), model.bias.item()
for _ in sys.stdin:
    started = time.process_time(); result = train(); taken = time.process_time() - started
    print(taken, *map(repr, result), flush=True)
"""


def steps(rounds: int, python: str) -> str:
    """1,000 single-sample steps of plain SGD on w and b, the same samples in the same order."""
    experiment = _experiment("linear")
    objective = Objective(experiment)
    plane = usual_plane(objective.graph, objective.start)

    def run() -> np.ndarray:
        runner = Runner(experiment)
        runner.restore(runner.beginning())
        for _ in range(STEPS):
            runner.train()
        return runner.state.flat["parameters"].copy()

    def path() -> np.ndarray:
        (made,) = race((Racer("single sample", experiment),), objective.start, objective, plane)
        made.extend(STEPS)
        places: np.ndarray = made.positions[-1]
        return places

    (made,) = race((Racer("single sample", experiment),), objective.start, objective, plane)
    order = np.concatenate([made.indices(k) for k in range(STEPS)])
    times: dict[str, list[float]] = {"plan": [], "path of a race": [], "PyTorch eager": []}
    peer = subprocess.Popen([python, "-c", TORCH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        given = {"order": order.tolist(), **{name: values.tolist() for name, values in _data().items()}}
        print(json.dumps(given), file=peer.stdin, flush=True)
        for _ in range(rounds + 1):
            times["plan"].append(_timed(run))
            times["path of a race"].append(_timed(path))
            print(file=peer.stdin, flush=True)
            taken, *theirs = map(float, peer.stdout.readline().split())
            times["PyTorch eager"].append(taken)
        peer.stdin.close()
    np.testing.assert_allclose(run(), theirs, rtol=1e-9)
    np.testing.assert_allclose(path(), theirs, rtol=1e-9)
    lines = [f"| {STEPS:,} single-sample steps on two parameters | ms | ÷ PyTorch eager |", "| --- | ---: | ---: |"]
    for name, series in times.items():
        ratio = median(a / b for a, b in zip(series[1:], times["PyTorch eager"][1:], strict=True))
        cell = _against(ratio, None if name == "PyTorch eager" else 0.1)
        lines.append(f"| {name} | {median(series[1:]) * 1e3:.1f} | {cell} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--torch", default=sys.executable, help="a Python that has PyTorch")
    arguments = parser.parse_args()
    print(f"{date.today()}, {processor()}, Python {platform.python_version()}, NumPy {np.__version__}, float64\n")
    print(surfaces(arguments.rounds))
    print(steps(arguments.rounds, arguments.torch))


if __name__ == "__main__":
    main()
