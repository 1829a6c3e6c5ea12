"""Markers that tell series and classes apart without colours, arrows in eight directions, paths and pulls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bptui.drawing.axes import Frame, draw_series, mark, step_dots
from bptui.drawing.canvas import CLASSES, SERIES, Canvas, Ink
from bptui.drawing.plot import Series
from bptui.engine.buffers import Array

MARKS = tuple(zip(SERIES, "●◆▲■", strict=True))  # of each series, its role and its marker
KINDS = tuple(zip(CLASSES, "●▲◆■▼", "○△◇□▽", strict=True))  # of each class, its role and its markers
START, MINIMUM, WRONG = "○", "✕", "✕"
PLAIN = Ink("series1")
PULL = Ink("cursor", bold=True)
FEW = 20  # steps: up to here each one is shown
_ARROWS = "→↗↑↖←↙↓↘"


@dataclass(frozen=True)
class Trail:
    """The points (n, 2) that one racer has passed, the last one its head; `number` says which series it is."""

    number: int
    points: Array

    @property
    def role(self) -> str:
        return MARKS[self.number % len(MARKS)][0]

    @property
    def marker(self) -> str:
        return MARKS[self.number % len(MARKS)][1]


def arrow(across: float, up: float) -> str:
    """The arrow nearest to a direction, with equal units on both axes; `·` for no direction.

    >>> arrow(1, 0), arrow(-1, 1), arrow(0, -2), arrow(0, 0)
    ('→', '↖', '↓', '·')
    """
    if not (math.isfinite(across) and math.isfinite(up)) or across == up == 0:
        return "·"
    return _ARROWS[round(math.atan2(up, across) / (math.pi / 4)) % 8]


def draw_trails(canvas: Canvas, frame: Frame, trails: Sequence[Trail]) -> list[str | None]:
    """Draw paths, the one with the most points first, then their heads; a few steps get a dot each.

    A head out of view becomes an arrow at the edge. Returns for each trail that arrow, or None while it is in view.
    """
    order = sorted(range(len(trails)), key=lambda k: -len(trails[k].points))
    shown = [trails[k] for k in order]
    inks = [Ink(trail.role) for trail in shown]
    draw_series(canvas, frame, [Series(*trail.points.reshape(-1, 2).T) for trail in shown], inks)
    for trail, ink in zip(shown, inks, strict=True):
        if len(trail.points) <= FEW + 1:
            step_dots(canvas, frame, trail.points[:-1], ink)
    gone: list[str | None] = [None] * len(trails)
    for k in order:
        gone[k] = _head(canvas, frame, trails[k])
    return gone


def _head(canvas: Canvas, frame: Frame, trail: Trail) -> str | None:
    ink = Ink(trail.role, bold=True)
    finite = trail.points[np.isfinite(trail.points).all(axis=1)]
    if not len(finite):
        return None
    if len(finite) == len(trail.points) and mark(canvas, frame, finite[-1], trail.marker, ink):
        return None
    shares = np.array([float(frame.x.share(finite[-1, 0])), float(frame.y.share(finite[-1, 1]))])
    inside = np.clip(np.nan_to_num(shares, nan=0.5), 0.0, 1.0)
    away = (shares - inside) * (frame.width, 2 * frame.height)
    glyph = arrow(*away.tolist()) if away.any() else "?"  # it became infinite at once
    mark(canvas, frame, _point(frame, inside), glyph, ink)
    return glyph


def draw_arrow(canvas: Canvas, frame: Frame, start: Array, stop: Array, ink: Ink = PULL) -> None:
    """A line from one point to another, each (2,), with an arrow head; the head stays in view where the line leaves."""
    draw_arrows(canvas, frame, start, stop[None], ink)


def draw_arrows(canvas: Canvas, frame: Frame, start: Array, stops: Array, ink: Ink = PULL) -> None:
    """Arrows from one point, (2,), to several, (n, 2), in one go: many times faster than one by one."""
    ends = np.vstack([start, stops])
    shares = np.stack([frame.x.share(ends[:, 0]), frame.y.share(ends[:, 1])], axis=-1)
    lines = np.full((3 * len(stops), 2), np.nan)  # with a gap behind each
    lines[0::3], lines[1::3] = start, stops
    draw_series(canvas, frame, [Series(*lines.T)], [ink])
    for share in shares[1:]:
        if np.isfinite([shares[0], share]).all():
            _tip(canvas, frame, shares[0], share, ink)


def _tip(canvas: Canvas, frame: Frame, start: Array, stop: Array, ink: Ink) -> None:
    along = stop - start
    room = [(bound - a) / d for a, d in zip(start, along, strict=True) for bound in (0.0, 1.0) if d and bound != a]
    part = min([1.0, *(t for t in room if t > 0)])
    glyph = arrow(float(along[0] * frame.width), float(along[1] * 2 * frame.height))
    mark(canvas, frame, _point(frame, start + part * along), glyph, ink)


def _point(frame: Frame, shares: Array) -> tuple[float, float]:
    return frame.x.value(float(shares[0])), frame.y.value(float(shares[1]))
