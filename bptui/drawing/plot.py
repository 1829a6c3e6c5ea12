"""Curves as braille dots: the one place that knows plotext, and hands it only what it can bear.

plotext 6 ends the process, not with an exception, on a lined signal with NaN and on points far outside its limits. So
values become whole dots here, lines are split at gaps and clipped to the plot, and plotext only joins the dots.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bptui.drawing.scale import Scale
from bptui.engine.buffers import Array

Grid = NDArray[np.int_]
_BLANK = 0x2800  # the braille character without dots
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a character's dots, from the top
_FAR = 1e9  # times the plot's size; what is further out is drawn in to it before lines are clipped


class Series(NamedTuple):
    """Points in order, x and y (n,). A line joins neighbours, and has a gap where one of them is not finite."""

    x: Array
    y: Array
    lined: bool = True


class Dots(NamedTuple):
    """What a plot's cells hold, each (rows, columns): braille patterns 0 to 255, and which series drew last or −1."""

    patterns: Grid
    series: Grid


def braille(width: int, height: int, x: Scale, y: Scale, series: Sequence[Series]) -> Dots:
    """Draw series one over the other on `width` × `height` cells of 2 × 4 dots; what lies outside is clipped off.

    Dots of all series stay; a cell belongs to the last one that drew in it. Without cells there are no dots.
    """
    width, height = max(0, width), max(0, height)
    series = series if width and height else ()
    patterns, owners = np.zeros((height, width), int), np.full((height, width), -1)
    dots = 2 * width, 4 * height
    for number, each in enumerate(series):
        shares = np.clip(np.stack([x.share(each.x), y.share(each.y)], axis=-1).reshape(-1, 2), -_FAR, _FAR)
        points = shares * dots - 0.5
        lit = _whole(points[_inside(points, dots)], dots)
        drawn = _dotted(width, height, lit)
        if each.lined:
            lines = _lines(points, dots)
            drawn |= _dotted(width, height, lines.reshape(-1, 2)) | _joined(width, height, _once(lines, dots))
        patterns |= drawn
        owners[drawn > 0] = number
    return Dots(patterns, owners)


@cache
def load() -> Callable[[], Any]:
    """Import plotext, which takes a third of a second, and return what makes an empty figure of it."""
    import plotext

    plotext.terminal.limit(False, False)
    kind = type(plotext.figure)
    return lambda: kind(plotext.terminal)


def _dotted(width: int, height: int, dots: Grid) -> Grid:
    """Single dots (n, 2), counted from the lower left one, as braille patterns (rows, columns)."""
    lit = np.zeros((4 * height, 2 * width), int)
    lit[dots[:, 1], dots[:, 0]] = 1
    cells = lit[::-1].reshape(height, 4, width, 2)
    return np.asarray(np.einsum("rucl,ul->rc", cells, _BITS))


def _joined(width: int, height: int, lines: Grid) -> Grid:
    """Lines between dots, (n, 4), as braille patterns (rows, columns): plotext's part."""
    if not len(lines):
        return np.zeros((height, width), int)
    wide, high = max(2, width), max(2, height)  # plotext's limits are the middles of the first and last cell
    figure = load()()
    figure.plot_size(wide, high)
    figure.axes(False)
    figure.ruler(["x", "y"]).ticks([])
    figure.ruler("x").lim(0.5, 2 * wide - 1.5)
    figure.ruler("y").lim(1.5, 4 * high - 2.5)
    breaks = np.flatnonzero((lines[1:, :2] != lines[:-1, 2:]).any(axis=1)) + 1
    chains = [np.concatenate([run[:1, :2], run[:, 2:]]) for run in np.split(lines, breaks)]
    points = np.concatenate(chains)
    signal = figure.signal(points[:, 0].tolist(), points[:, 1].tolist(), marker="braille").lines(True)
    for start in np.cumsum([len(chain) for chain in chains[:-1]]).tolist():
        signal.line(start, False)
    signal._get_unique_pixels = list  # else it looks at every point for colours in use, which takes half the time
    figure.draw(signal)
    rows = figure.build().string(colorless=True).split("\n")[high - height : high]
    text = "".join(row[:width].ljust(width) for row in rows)
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).reshape(height, width).astype(int) - _BLANK
    return np.where((codes > 0) & (codes < 256), codes, 0)


def _inside(points: Array, dots: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(((points >= -0.5) & (points <= np.array(dots) - 0.5)).all(axis=1))


def _whole(points: Array, dots: tuple[int, int]) -> Grid:
    return np.clip(np.rint(points), 0, np.array(dots) - 1).astype(int)


def _lines(points: Array, dots: tuple[int, int]) -> Grid:
    """What is inside of the lines between points: from dot to dot, (n, 4), in order."""
    starts, stops = _clipped(points[:-1], points[1:], dots)
    return np.concatenate([_whole(starts, dots), _whole(stops, dots)], axis=1)


def _once(lines: Grid, dots: tuple[int, int]) -> Grid:
    """Lines without repeats in either direction, and without those between neighbours, who need no joining."""
    lines = lines[np.abs(lines[:, 2:] - lines[:, :2]).max(axis=1, initial=0) > 1]
    one, other = lines[:, 0] * dots[1] + lines[:, 1], lines[:, 2] * dots[1] + lines[:, 3]
    keys = np.minimum(one, other) * (dots[0] * dots[1]) + np.maximum(one, other)
    return lines[np.sort(np.unique(keys, return_index=True)[1])]


def _clipped(starts: Array, stops: Array, dots: tuple[int, int]) -> tuple[Array, Array]:
    """The parts of lines that lie inside the plot (Liang and Barsky 1984); lines with an end missing fall out."""
    whole = np.isfinite(starts).all(axis=1) & np.isfinite(stops).all(axis=1)
    starts, stops = starts[whole], stops[whole]
    along = stops - starts
    edges = np.array(dots) - 0.5
    with np.errstate(all="ignore"):
        crossings = np.stack([(-0.5 - starts) / along, (edges - starts) / along])
    still = along == 0
    enter = np.where(still, 0.0, crossings.min(axis=0)).max(axis=1, initial=0.0)[:, None]
    leave = np.where(still, 1.0, crossings.max(axis=0)).min(axis=1, initial=1.0)[:, None]
    seen = (enter <= leave)[:, 0] & (~still | ((starts >= -0.5) & (starts <= edges))).all(axis=1)
    return (starts + enter * along)[seen], (starts + leave * along)[seen]
