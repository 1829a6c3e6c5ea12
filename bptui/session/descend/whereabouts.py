"""Where a path stands with respect to the part of a plane that is in view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bptui.engine.buffers import Array

Side = Literal["left", "right", "bottom", "top"]
SIDES: tuple[tuple[Side, Side], ...] = (("left", "right"), ("bottom", "top"))


@dataclass(frozen=True)
class View:
    """A rectangle of positions, or a stretch along one direction: `low` and `high` have a number for each axis."""

    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Away:
    """A path that is out of view.

    `since` is the update with which it left for the last time (0: it began outside), `through` the side, and `now`
    its position. Where a position is not finite, `through` is None.
    """

    since: int
    through: Side | None
    now: tuple[float, ...]


def away(positions: Array, view: View) -> Away | None:
    """Whether the last of some positions, (n, D), is out of view; None if it is in view."""
    low, high = np.array(view.low), np.array(view.high)
    with np.errstate(invalid="ignore"):
        inside: Array = np.all((positions >= low) & (positions <= high), axis=1)  # NaN is never inside
    if inside[-1]:
        return None
    now = tuple(map(float, positions[-1]))
    finite: Array = np.all(np.isfinite(positions), axis=1)
    if not finite[-1]:
        return Away(int(np.flatnonzero(finite)[-1]) + 1 if finite.any() else 0, None, now)
    was_inside = np.flatnonzero(inside)
    since = int(was_inside[-1]) + 1 if len(was_inside) else 0
    return Away(since, _side(positions[max(0, since - 1)], positions[since], low, high), now)


def _side(before: Array, after: Array, low: Array, high: Array) -> Side:
    """The side that a step crosses first; for a path that began outside, the side beyond which it lies farthest."""
    crossings: list[tuple[float, Side]] = []
    for axis, (lower, upper) in enumerate(SIDES[: len(low)]):
        a, b = float(before[axis]), float(after[axis])
        for bound, side, beyond in ((low[axis], lower, low[axis] - b), (high[axis], upper, b - high[axis])):
            if beyond > 0.0:
                extent = float(high[axis] - low[axis])
                crossings.append((-beyond / extent if a == b else float((bound - a) / (b - a)), side))
    return min(crossings)[1]
