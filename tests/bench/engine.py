"""The speed of training: the plan and the tape against hand-written NumPy and other libraries, as Markdown.

    python -m tests.bench.engine

One process a peer, one thread each. Rounds are interleaved: every peer in turn trains a while, many times over, so
that whatever else the machine does falls on all alike. Figures are medians over the rounds. Time is the process's
own: on an idle machine it equals the clock's.
"""

from __future__ import annotations

import argparse
import os
import platform
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from tests.bench.peers import PEERS
from tests.bench.tasks import TASKS, Array, Task

TOLERANCE = 1e-9  # how far parameters may differ after 64 steps
SLOW = {("micrograd", "mynet, B = 32"), ("micrograd", "mynet, B = 256")}  # minutes and gigabytes a step

GOALS: dict[tuple[str, str], tuple[float | None, ...]] = {
    ("plan", "floor"): (1.05,) * 6,
    ("plan", "tuned floor"): (1.05,) * 6,
    ("plan, features first", "floor"): (None, 0.85, 0.65, None, None, None),
    ("plan, features first", "tuned floor"): (None, 0.85, 0.65, None, None, None),
    ("tape", "floor"): (None, 1.7, None, None, None, None),
    ("tape", "tuned floor"): (None, 1.7, None, None, None, None),
    ("plan", "PyTorch eager"): (0.09, 0.09, 0.36, 0.18, 0.43, 0.85),
    ("plan", "HIPS autograd"): (1.0,) * 6,
    ("plan", "scikit-learn"): (1.0,) * 6,
    ("plan", "micrograd"): (1.0,) * 6,
    ("tuned floor", "floor"): (None,) * 6,
}


class Result(NamedTuple):
    """Seconds a step in each round, by peer; what was found about the parameters, and who was left out and why."""

    times: dict[str, list[float]]
    compared: dict[str, str]


def serve(connection: Connection, peer: str, task: Task) -> None:
    """A peer's process: train 64 steps, send the parameters, then time a round whenever asked."""
    try:
        trainer = PEERS[peer](task)
    except ImportError as error:
        connection.send(error.name or str(error))
        return
    connection.send(None)
    started = process_time()
    trainer.train(task.batches[:1])
    slow = process_time() - started > 0.5
    if not slow:
        trainer.train(task.batches[1:])
    connection.send(trainer.parameters() if trainer.parameters and not slow else None)
    batches = task.batches[:1]
    while (seconds := connection.recv()) is not None:
        while True:  # as many steps as last about as long as asked for
            started = process_time()
            trainer.train(batches)
            taken = process_time() - started
            if taken >= seconds / 2:
                break
            wanted = int(len(batches) * min(64.0, seconds / max(taken, 1e-9))) + 1
            batches = [task.batches[k % len(task.batches)] for k in range(wanted)]
        connection.send(taken / len(batches))


def measure(task: Task, peers: list[str], rounds: int, seconds: float) -> Result:
    """All peers at one task."""
    context: Any = get_context("spawn")
    lines: dict[str, Connection] = {}
    compared: dict[str, str] = {}
    parameters: dict[str, Array | None] = {}
    processes = []
    for peer in peers:
        if (peer, task.name) in SLOW:
            compared[peer] = "left out: takes minutes a step"
            continue
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(there, peer, task), daemon=True)
        process.start()
        there.close()
        processes.append(process)
        missing = here.recv()
        if missing is None:
            lines[peer], parameters[peer] = here, here.recv()
        else:
            compared[peer] = f"left out: {missing} is not installed"
    for peer, vector in parameters.items():
        compared[peer] = _comparison(vector, parameters["tuned floor"])
    times: dict[str, list[float]] = {peer: [] for peer in lines}
    for _ in range(rounds + 1):
        for peer, line in lines.items():
            if times[peer] and times[peer][0] > 0.5:
                continue  # so slow that one step says enough
            line.send(seconds)
            times[peer].append(line.recv())
    for line in lines.values():
        line.send(None)
    for process in processes:
        process.join()
    return Result({peer: series[1:] or series for peer, series in times.items()}, compared)  # the first warms up


def _comparison(vector: Array | None, floor: Array | None) -> str:
    if vector is None or floor is None:
        return "not compared"
    difference = float(np.abs(vector - floor).max())
    if not difference <= TOLERANCE:
        raise SystemExit(f"parameters differ from the tuned floor's by {difference:.1e} after 64 steps")
    return "equal" if difference == 0.0 else f"{difference:.0e}"


def processor() -> str:
    """The CPU's model, family and model number (of which some names say nothing), and how many cores there are."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    known = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    name = known.get("model name", platform.processor())
    number = f" (family {known['cpu family']}, model {known['model']})" if "cpu family" in known else ""
    return f"{name}{number}, {os.cpu_count()} cores"


def table(title: str, rows: list[list[str]]) -> str:
    """A Markdown table with a column for each task."""
    head = [title, *(task.name for task in TASKS)]
    lines = [head, ["---", *["---:"] * len(TASKS)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def report(results: list[Result]) -> str:
    """All figures as Markdown."""
    ratios, times, compared = [], [], []
    for (ours, theirs), goals in GOALS.items():
        cells = [_ratio(result, ours, theirs, goal) for result, goal in zip(results, goals, strict=True)]
        ratios.append([f"{ours} ÷ {theirs}", *cells])
    for peer in PEERS:
        series = [result.times.get(peer) for result in results]
        times.append([peer, *(f"{median(s) * 1e6:,.1f}" if s else "–" for s in series)])
        compared.append([peer, *(result.compared.get(peer, "–") for result in results)])
    parts = [table("ratio (goal)", ratios), table("µs a step", times)]
    return "\n".join([*parts, table("parameters after 64 steps, against the tuned floor's", compared)])


def _ratio(result: Result, ours: str, theirs: str, goal: float | None) -> str:
    """The median over the rounds of the ratio within one round, and its goal; bold where it is missed."""
    a, b = result.times.get(ours), result.times.get(theirs)
    if not a or not b:
        return "–"
    value = median(x / y for x, y in zip(a, b, strict=False))
    if goal is None:
        return f"{value:.2g}" if value < 0.1 else f"{value:.2f}"
    shown = f"{value:.2g}" if value < 0.01 else f"{value:.3f}"
    return f"{shown} (≤ {goal:g})" if value <= goal else f"**{shown}** (≤ {goal:g})"


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--seconds", type=float, default=0.03, help="how long a peer trains in a round")
    arguments = parser.parse_args()
    results = [measure(task, list(PEERS), arguments.rounds, arguments.seconds) for task in TASKS]
    print(f"{date.today()}, {processor()}, Python {platform.python_version()}, NumPy {np.__version__}, float64\n")
    print(report(results))


if __name__ == "__main__":
    main()
