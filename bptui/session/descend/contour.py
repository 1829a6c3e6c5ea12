"""Contours of a loss on a plane, traced on its values alone; and the gradient beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, degrees, pi, sin

import numpy as np

from bptui.engine.buffers import Array

Level = Callable[[Array], float]  # the loss at a position, (2,)

ROUNDING = 32 * np.finfo(float).eps  # differences of a loss this much smaller than itself say nothing
DIRECTIONS = 48  # directions in which a circle is looked at before its crossings are pinned down
EXACT, DRAWN = 1e-12, 1e-6  # radians to which a crossing is pinned down
TURNS = (0.3, 0.8, 1.6)  # radians to either side in which the next vertex of a contour is looked for


@dataclass(frozen=True, eq=False)
class Tangent:
    """The contour at a point, as the chord between the two places on a small circle where the loss is the same.

    All in positions on the plane: `ends` (2, 2), `direction` a unit vector (2,). Where there is no one chord,
    both are None and `reason` says why.
    """

    point: Array
    loss: float
    radius: float
    ends: Array | None
    direction: Array | None
    reason: str = ""


@dataclass(frozen=True)
class Meeting:
    """Two directions: their dot product, and the angle between them in degrees, 0 to 180."""

    dot: float
    angle: float


def tangent(level: Level, point: Array, radius: float) -> Tangent:
    """The tangent of the contour through a point, from loss values on a circle around it."""
    loss = level(point)
    around = _Surroundings(_Circle(level, point, radius, loss))
    crossings = around.crossings()
    if len(crossings) == 2 and not around.partly_flat:
        ends = np.array([around.circle.place(angle) for angle in crossings])
        chord = ends[1] - ends[0]
        length = float(np.hypot(*chord))
        if length > 1e-3 * radius:
            return Tangent(point, loss, radius, ends, chord / length)
    return Tangent(point, loss, radius, None, None, around.why(crossings))


def meeting(one: Array, other: Array) -> Meeting | None:
    """The dot product of two vectors and the angle between them; None if one of them is 0 or not finite."""
    dot, lengths = float(one @ other), float(np.hypot(*one) * np.hypot(*other))
    if not (np.isfinite(lengths) and lengths > 0.0):
        return None
    cross = float(one[0] * other[1] - one[1] * other[0])
    return Meeting(dot, degrees(atan2(abs(cross), dot)))


def contour(level: Level, point: Array, step: float, inside: Callable[[Array], bool], at_most: int = 400) -> Array:
    """The contour through a point as a polyline, (n, 2), each vertex found on loss values, `step` apart.

    It is followed to both sides until it closes, or a vertex is not `inside` (which is the last one), or it ends or
    branches, or there are `at_most` vertices to a side. Empty, (0, 2), where the point has no tangent.
    """
    first = tangent(level, point, step)
    if first.ends is None:
        return np.empty((0, 2))
    one = _followed(level, point, first.ends[0], first.loss, step, inside, at_most)
    if len(one) > 2 and np.hypot(*(one[-1] - point)) <= step and len(one) < at_most:
        return np.array([point, *one, point])
    other = _followed(level, point, first.ends[1], first.loss, step, inside, at_most)
    return np.array([*reversed(other), point, *one])


def _followed(
    level: Level, start: Array, second: Array, loss: float, step: float, inside: Callable[[Array], bool], at_most: int
) -> list[Array]:
    before, here, found = start, second, [second]
    while inside(here) and len(found) < at_most:
        if len(found) > 2 and np.hypot(*(here - start)) <= step:
            break
        heading = atan2(here[1] - before[1], here[0] - before[0])
        after = _ahead(_Circle(level, here, step, loss), heading)
        if after is None:
            break
        before, here = here, after
        found.append(here)
    return found


def _ahead(circle: _Circle, heading: float) -> Array | None:
    """Where the loss crosses its value on the circle, close to a heading; None if it does not."""
    for turn in TURNS:
        low, high = (circle.above(heading + side * turn) for side in (-1, 1))
        if not np.isfinite([low, high]).all():
            return None
        if (low > 0.0) != (high > 0.0):
            return circle.place(circle.pinned(heading - turn, heading + turn, low, high, DRAWN))
    return None


class _Circle:
    """A small circle around a point, and how much higher than a given loss the loss is on it."""

    def __init__(self, level: Level, centre: Array, radius: float, loss: float) -> None:
        self.level, self.centre, self.radius, self.loss = level, centre, radius, loss

    def place(self, angle: float) -> Array:
        place: Array = self.centre + self.radius * np.array([cos(angle), sin(angle)])
        return place

    def above(self, angle: float) -> float:
        return self.level(self.place(angle)) - self.loss

    def pinned(self, low: float, high: float, f_low: float, f_high: float, width: float) -> float:
        """The angle between two where the loss crosses its value: the secant in its Illinois form, or else halving."""
        side = 0
        for _ in range(100):
            if high - low < width or f_low == 0.0 or f_high == 0.0:
                break
            secant = (low * f_high - high * f_low) / (f_high - f_low)
            middle = secant if low < secant < high else (low + high) / 2.0
            f_middle = self.above(middle)
            if f_middle == 0.0:
                return middle
            if (f_middle > 0.0) == (f_high > 0.0):
                high, f_high = middle, f_middle
                f_low, side = (f_low / 2.0 if side == -1 else f_low), -1
            else:
                low, f_low = middle, f_middle
                f_high, side = (f_high / 2.0 if side == 1 else f_high), 1
        return low if f_low == 0.0 else high if f_high == 0.0 else (low + high) / 2.0


class _Surroundings:
    """The whole circle, looked at in `DIRECTIONS` directions."""

    def __init__(self, circle: _Circle) -> None:
        angles = np.arange(DIRECTIONS) * (2 * pi / DIRECTIONS) + 0.1  # not along the axes, where kinks like to lie
        self.circle, self.angles = circle, [*map(float, angles), float(angles[0]) + 2 * pi]
        heights = [self._height(angle) for angle in self.angles[:-1]]
        self.heights = [*heights, heights[0]]
        self.finite = bool(np.isfinite([*heights, circle.loss]).all())

    def _height(self, angle: float) -> float:
        """How much higher the loss is there; 0 where that is within rounding."""
        above, loss = self.circle.above(angle), self.circle.loss
        return 0.0 if abs(above) <= ROUNDING * abs(loss) else above

    def crossings(self) -> list[float]:
        """The angles where the loss passes through its value, ascending."""
        if not self.finite:
            return []
        sides = [height > 0.0 for height in self.heights]
        pairs = zip(self.angles, self.angles[1:], sides, sides[1:], strict=False)
        return [
            self.circle.pinned(low, high, self.circle.above(low), self.circle.above(high), EXACT)
            for low, high, one, other in pairs
            if one != other
        ]

    @property
    def partly_flat(self) -> bool:
        """Whether the loss keeps its value over a part of the circle, as beside a dead unit's plain."""
        return self.heights[:-1].count(0.0) > 2

    def why(self, crossings: list[float]) -> str:
        """Why the contour has no one tangent here."""
        if not self.finite:
            return "the loss is not finite around here"
        if not any(self.heights):
            return "the loss is the same all around: it is flat here, so every direction is a tangent"
        if self.partly_flat:
            return "the loss is the same over a part of the circle: beside a flat piece no one direction is the tangent"
        if not crossings:
            way = "rises" if max(self.heights) > 0.0 else "falls"
            return f"the loss {way} to every side: the contour here is a single point, without a tangent"
        if len(crossings) == 2:
            return "the loss crosses its value in one spot of the circle only: the contour has no chord here"
        return f"{len(crossings)} ways lead off on the same loss: contours cross here, as at a saddle"
