"""Descents on the line ȳ = w·x + b that PyTorch can do too: what trajectories.json holds the places of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.optimisers import OPTIMISERS, Optimiser
from bptui.engine.schedules import SCHEDULES, Constant, Cosine, Exponential, Inverse, Schedule, Step

UPDATES, BATCH, RATE, START, L1 = 50, 4, 0.06, (-1.35, 0.85), 0.2
KEPT = (1, 2, 3, 4, 5, *range(10, UPDATES + 1, 5))  # places whose (w, b) the file keeps; each follows from all before
TIMED: tuple[Schedule, ...] = (Constant(), Step(8, 0.7), Exponential(0.95), Cosine(UPDATES), Inverse(12.0))


@dataclass(frozen=True)
class Descent:
    """One run: an optimiser with its own defaults, and a schedule. L1 acts on w under the proximal optimiser."""

    optimiser: Optimiser
    schedule: Schedule

    @property
    def name(self) -> str:
        return f"{self.optimiser.kind}, {self.schedule.kind}"

    @property
    def l1(self) -> float:
        return L1 if self.optimiser.kind == "proximal" else 0.0


def samples() -> dict[str, Array]:
    """Ten samples, short decimals; minibatches of 4, 4 and 2, as they stand."""
    rng = np.random.default_rng(5)
    x = np.round(rng.normal(0.3, 1.1, (10, 1)), 3)
    return {"x": x, "y": np.round(0.8 * x + 0.5 + rng.normal(0.0, 0.4, x.shape), 3)}


def descents() -> Iterator[Descent]:
    """Every optimiser with every schedule."""
    assert {schedule.kind for schedule in TIMED} == set(SCHEDULES)
    for kind in OPTIMISERS.values():
        for schedule in TIMED:
            yield Descent(kind(), schedule)
