"""Jumps of any distance over 10,000 training steps: median, 95th percentile, and the memory that it takes.

python -m tests.bench.travel
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

STEPS, JUMPS = 10_000, 300
RUNS = {
    "two-layer": {},
    "spiral": {},
    "spiral, Adam": {"optimiser": "Adam"},
    "mynet, B = 32": {"batch": "32"},
    "mynet, B = 32, Adam": {"batch": "32", "optimiser": "Adam"},
}


def measure(label: str) -> str:
    """One row of the table, measured in this process."""
    from bptui.session.actions import Jump, SetKnob
    from bptui.session.session import Session
    from bptui.sources.presets import preset

    session = Session(preset(label.split(",")[0]))
    for knob, text in RUNS[label].items():
        session.apply(SetKnob(knob, text))
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    session.apply(Jump(STEPS, 0))
    session.moment()
    first = time.perf_counter() - start
    rnd, times = random.Random(0), []
    for _ in range(JUMPS):
        place = Jump(rnd.randrange(STEPS), rnd.randrange(len(session.graph.events)))
        start = time.perf_counter()
        session.apply(place)
        session.moment()
        times.append(time.perf_counter() - start)
    times.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    median, tail = statistics.median(times) * 1e3, times[int(0.95 * JUMPS)] * 1e3
    return f"| {label} | {first:.2f} | {median:.2f} | {tail:.2f} | {peak - began:.0f} | {peak:.0f} |"


def main() -> None:
    """Print the table as Markdown, one process a row."""
    if len(sys.argv) > 1:
        print(measure(sys.argv[1]))
        return
    print("| net | first 10,000 steps, s | jump, median ms | p95 ms | history, MB | whole process, MB |")
    print("|---|---|---|---|---|---|")
    for label in RUNS:
        subprocess.run([sys.executable, "-m", "tests.bench.travel", label], check=True)


if __name__ == "__main__":
    main()
