"""The practicum's four runs: how long a key waits while all four go on, and the accuracies that they end with.

python -m tests.bench.practicum
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.bench.interface import percentile

EPOCHS, PAUSE = 1000, 0.02


async def lateness(count: int) -> list[float]:
    """Seconds that the interface comes late to what is due, while four workers train; a key waits as long."""
    from bptui.sources.opening import to_train
    from bptui.tui.app import PLACES, BptuiApp

    opened = to_train("practicum", lambda experiment: experiment)
    app = BptuiApp()
    app.first_screen = lambda: PLACES["train"](opened)  # type: ignore[method-assign]
    late = []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("space")
        for _ in range(count):
            began = time.perf_counter()
            await asyncio.sleep(PAUSE)
            late.append(time.perf_counter() - began - PAUSE)
        await pilot.press("space")
    return late


def accuracy(name: str, seed: int) -> float:
    """The share of samples that a run has right after 1,000 full-batch epochs."""
    from bptui.session.history import History
    from bptui.session.train.predict import Predictor
    from bptui.sources.labs import PRACTICUM

    experiment = PRACTICUM[name].changed(seed=seed)
    history = History(experiment)
    history.train(0, 0, EPOCHS)
    samples = experiment.samples
    scores = Predictor(experiment).scores(history.parameters(0, EPOCHS)[1], {"x": samples["x"]})
    return float((scores.argmax(axis=1) == samples["y"].argmax(axis=1)).mean())


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=200)
    arguments = parser.parse_args()
    times = asyncio.run(lateness(arguments.looks))
    print("| while four runs go on | median ms | p95 ms |\n|---|---|---|")
    print(f"| a key waits | {statistics.median(times) * 1e3:.0f} | {percentile(times, 0.95) * 1e3:.0f} |\n")
    from bptui.sources.labs import PRACTICUM, PRACTICUM_SEEDS

    print("| accuracy after 1,000 epochs, % |", " | ".join(f"seed {seed}" for seed in PRACTICUM_SEEDS), "|")
    print("|---" * (1 + len(PRACTICUM_SEEDS)) + "|")
    for name in PRACTICUM:
        print(f"| {name} |", " | ".join(f"{100 * accuracy(name, seed):.1f}" for seed in PRACTICUM_SEEDS), "|")


if __name__ == "__main__":
    main()
