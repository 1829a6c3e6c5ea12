"""Histograms in eighth blocks round 0, and bars that compare layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bptui.drawing.bars import EIGHTHS
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.numbers import number
from bptui.drawing.scale import tick_texts
from bptui.engine.buffers import Array

ROWS_AROUND = 3  # title, axis, ends
_MUTED = Ink("muted")


def reach_of(values: Array) -> float:
    """A round number that all finite values lie within, on either side of 0.

    >>> reach_of(np.array([-2.2, 0.4])), reach_of(np.array([0.031])), reach_of(np.zeros(3))
    (3.0, 0.04, 1.0)
    """
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    if not 1e-290 < largest < 1e290:
        return 1.0
    base = 10.0 ** np.floor(np.log10(largest))
    return float(f"{next(base * k for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if base * k >= largest * (1 - 1e-12)):.3g}")


def counts_of(values: Array, reach: float, bins: int) -> NDArray[np.int_]:
    """How many values fall in each of an odd number of bins from −reach to reach, 0 in the middle one's middle."""
    places = np.rint(np.clip(values[np.isfinite(values)] / reach, -1, 1) * (bins - 1) / 2).astype(int)
    return np.bincount(places + (bins - 1) // 2, minlength=bins)


def histogram(width: int, rows: int, values: Array, reach: float, name: str = "", shape: str = "") -> Canvas:
    """A distribution in `rows` rows of bars under its title and over its ends, from −reach to reach.

    The title says σ; bins left of 0 are negative, right of 0 positive, the middle one neither. Beyond the ends values
    count as at them. Bars are as high as their bin is full, each histogram to its own fullest bin.
    """
    canvas = Canvas(width, rows + ROWS_AROUND)
    finite = values[np.isfinite(values)]
    with np.errstate(over="ignore"):
        sigma = f"σ {number(float(finite.std()), 2)}" if finite.size else "σ —"
    x = canvas.put(0, 0, name, Ink("text", bold=True))
    gap = min(2, (width - x - cells(shape) - cells(sigma)) // 2)
    if gap > 0:
        canvas.put(x + gap, 0, shape, _MUTED)
    canvas.put(width - cells(sigma), 0, sigma, Ink("soft"))
    bins = width - 1 + width % 2
    middle = bins // 2
    counts = counts_of(values, reach, bins)
    for place, count in enumerate(counts.tolist()):
        ink = Ink("text") if place == middle else Ink("negative" if place < middle else "positive")
        _bar(canvas, place, rows, rows, count / max(1, int(counts.max())), ink)
    canvas.put(0, rows + 1, "─" * middle + "┴" + "─" * middle, Ink("hairline"))
    low, _, high = tick_texts([-reach, 0.0, reach])
    canvas.put(0, rows + 2, low, _MUTED)
    if max(cells(low), cells(high)) < middle:  # else the three would read as one number
        canvas.put(middle, rows + 2, "0", _MUTED)
    canvas.put(bins - cells(high), rows + 2, high, _MUTED)
    lost = int(values.size - finite.size)
    if lost:
        canvas.put(0, 1, f"{lost} not finite"[:width], Ink("bad"))
    return canvas


def _bar(canvas: Canvas, x: int, bottom: int, rows: int, share: float, ink: Ink) -> None:
    """An upright bar in eighths, its foot in row `bottom`; what is not 0 shows at least an eighth."""
    eighths = 0 if share == 0 else max(1, round(8 * rows * share))
    for row in range(rows):
        filled = min(8, eighths - 8 * row)
        if filled > 0:
            canvas.put(x, bottom - row, "█" if filled == 8 else EIGHTHS[filled], ink)


def layer_bars(width: int, items: Sequence[tuple[str, float]], *, log: bool = True) -> Canvas:
    """A line per layer: its name, a bar, its number, such as E[z²] or a gradient's norm.

    On a log scale a decade is an equal length everywhere, and the smallest bar is short but there; a 0 has none.
    """
    canvas = Canvas(width, len(items))
    label = max((cells(name) for name, _ in items), default=0) + 1
    texts = [number(value, 3) for _, value in items]
    room = max(1, width - label - max(map(cells, texts), default=0) - 1)
    sizes = np.abs(np.array([value for _, value in items], float))
    known = sizes[np.isfinite(sizes) & (sizes > 0)]
    for y, ((name, _), text, size) in enumerate(zip(items, texts, sizes.tolist(), strict=True)):
        canvas.put(0, y, name, _MUTED)
        canvas.put(width - cells(text), y, text, Ink("text"))
        if not np.isfinite(size):
            canvas.put(label, y, "not a number" if np.isnan(size) else "infinite", Ink("bad"))
        elif size > 0:
            share = _log_share(size, known) if log else size / float(known.max())
            canvas.put(label, y, "━" * max(1, round(share * room)), Ink("series2"))
    return canvas


def _log_share(size: float, known: Array) -> float:
    low, high = np.log10(known.min()) - 0.5, np.log10(known.max())
    return float((np.log10(size) - low) / (high - low))
