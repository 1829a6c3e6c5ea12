"""Curves over a run: losses against epochs, updates or evaluations; and one parameter's loss with its tangent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bptui.drawing.axes import Frame, draw_series, grid, gutter, mark, upright, x_axis, y_axis
from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.markers import MARKS, Trail, draw_trails
from bptui.drawing.plot import Series
from bptui.drawing.scale import Scale, covering, log_rows
from bptui.engine.buffers import Array

FINDING, EDIT = Ink("bad~60"), Ink("muted")
TANGENT = Ink("cursor")


@dataclass(frozen=True)
class Curve:
    """A measured quantity, x ascending and y (n,); a line with a marker at its head, or single dots."""

    x: Array
    y: Array
    role: str = MARKS[0][0]
    marker: str = MARKS[0][1]
    lined: bool = True


def training(x: Array, y: Array) -> Curve:
    """The look of a training loss: a line and ●."""
    return Curve(x, y)


def validation(x: Array, y: Array) -> Curve:
    """The look of a validation loss: single dots and ○."""
    return Curve(x, y, "series3", "○", lined=False)


def racing(number: int, x: Array, y: Array) -> Curve:
    """The look of a racer."""
    role, marker = MARKS[number % len(MARKS)]
    return Curve(x, y, role, marker)


def curve_plot(
    width: int,
    height: int,
    curves: Sequence[Curve],
    *,
    x: Scale,
    log: bool = True,
    letter: str = "",
    marks: Sequence[float] | None = None,
    cursor: float | None = None,
    findings: Sequence[float] = (),
    edits: Sequence[float] = (),
    y: Scale | None = None,
) -> Canvas:
    """A whole plot of curves, its x axis in the last row. Thin lines stand at `findings` and `edits`.

    Without `y`, the y axis covers the curves. Values that a log axis cannot show lie on its floor. With as many as fit
    a column, a curve keeps the least and the largest of each, so that no spike is lost.
    """
    canvas = Canvas(width, height)
    rows = max(1, height - 1)
    y = y or upwards([curve.y for curve in curves], rows, log=log)
    left = min(max(5, gutter(y, rows, letter)), max(0, width - 1))
    frame = Frame(left, 0, width - left, rows, x, y)
    grid(canvas, frame)
    y_axis(canvas, frame, letter)
    x_axis(canvas, frame, marks=marks, cursor=cursor, findings=findings, whole=True)
    for place, ink in (*((edit, EDIT) for edit in edits), *((finding, FINDING) for finding in findings)):
        upright(canvas, frame, place, ink)
    draw_curves(canvas, frame, curves)
    return canvas


def upwards(values: Sequence[Array], rows: int, *, log: bool = True) -> Scale:
    """The y axis for values that are to be drawn in so many rows."""
    every = np.concatenate([np.ravel(some) for some in values]) if values else np.empty(0)
    return log_rows(every, rows) if log else covering(every, 0.05)


def draw_curves(canvas: Canvas, frame: Frame, curves: Sequence[Curve]) -> None:
    """Draw curves into a frame: single dots first, then lines, the one with the most points first; heads last."""
    order = sorted(curves, key=lambda curve: (curve.lined, -len(curve.x)))
    thinned = [Series(*thin(curve.x, curve.y, frame.x, 2 * frame.width), curve.lined) for curve in order]
    draw_series(canvas, frame, thinned, [Ink(curve.role) for curve in order])
    for curve in order:
        if len(curve.x):
            y = max(float(curve.y[-1]), frame.y.low) if np.isfinite(curve.y[-1]) else np.nan
            mark(canvas, frame, (float(curve.x[-1]), y), curve.marker, Ink(curve.role, bold=True))


def thin(x: Array, y: Array, scale: Scale, columns: int) -> tuple[Array, Array]:
    """At most four points a column: its first, least, largest and last, in order; short curves stay as they are."""
    if len(x) <= 4 * columns:
        return x, y
    places = np.clip(np.nan_to_num(scale.share(x), nan=-1.0) * columns, -1, columns).astype(int)
    starts = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist(), len(x)]
    least, largest = np.where(np.isnan(y), np.inf, y), np.where(np.isnan(y), -np.inf, y)
    kept: list[int] = []
    for start, stop in pairwise(starts):
        extremes = start + int(least[start:stop].argmin()), start + int(largest[start:stop].argmax())
        kept += sorted({start, *extremes, stop - 1})
    return x[kept], y[kept]


def stairs(x: Array, y: Array) -> tuple[Array, Array]:
    """A curve that keeps its value until the next point, as full-batch losses do between their updates.

    >>> [part.tolist() for part in stairs(np.array([0, 32]), np.array([5.0, 1.0]))]
    [[0, 32, 32], [5.0, 5.0, 1.0]]
    """
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def draw_loss_line(
    canvas: Canvas,
    frame: Frame,
    theta: Array,
    losses: Array,
    *,
    at: tuple[float, float, float] | None = None,
    trails: Sequence[Trail] = (),
) -> list[str | None]:
    """The curve J(θ) of one parameter, θ and J (n,), with racers on it; `at` = (θ, J, dJ/dθ) gets its tangent."""
    draw_series(canvas, frame, [Series(theta, losses)], [Ink("soft")])
    if at is not None and np.isfinite(at).all():
        here, value, slope = at
        ends = np.array([frame.x.low, frame.x.high])
        draw_series(canvas, frame, [Series(ends, value + slope * (ends - here))], [TANGENT])
    gone = draw_trails(canvas, frame, trails)
    if at is not None:
        mark(canvas, frame, at[:2], MARKS[0][1], Ink("cursor", bold=True))
    return gone
