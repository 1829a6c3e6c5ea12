"""Tensors as cells: numbers on tinted ground, heat maps, bars, summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isfinite

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import LINE, MUTED, SOFT, TEXT
from bptui.drawing.numbers import column, decimals_of, number, shape_text
from bptui.engine.buffers import Array, Shape

RISING = " ▁▂▃▄▅▆▇"
LEVELS = 7  # shades of each sign in a heat map
LEGEND = 5 + LEVELS  # cells of the legend of a heat map
_DIMMED = Ink("muted~60", "surface")  # of cells that are not known, or not in view
_ODD, _ZERO = Ink("bad", bold=True), Ink("muted~60")  # of bars
_UP, _DOWN = Ink("positive"), Ink("background", "negative")


@dataclass(frozen=True)
class Tensor:
    """A tensor to be drawn: its symbol, its shape, and its values if they are known.

    `accent` is the role of its title; the cursor's colour marks what was just made. `lit` is a row and a column (None
    for all of them) whose cells keep their tint while the others lose it. `target` is what a click selects an entry of.
    """

    symbol: str
    shape: Shape
    values: Array | None
    accent: str = "text"
    lit: tuple[int | None, int | None] | None = None
    target: str = ""

    @property
    def rows(self) -> int:
        return self.shape[0] if len(self.shape) == 1 else int(np.prod(self.shape[:-1]))

    @property
    def columns(self) -> int:
        return self.shape[-1] if len(self.shape) > 1 else 1

    @cached_property
    def loose(self) -> Canvas:
        """Its matrix; several arrangements are tried of one tensor."""
        return matrix(self)

    @cached_property
    def tight(self) -> Canvas:
        return matrix(self, tight=True)


def tint(value: float, largest: float) -> str:
    """The ground of a cell: amber for plus, blue for minus, 8 to 50 % by size, and plain for exactly 0."""
    if not isfinite(value):
        return "bad~50"
    if value == 0:
        return "surface"
    return f"{'positive' if value > 0 else 'negative'}~{round(8 + 42 * abs(value) / largest)}"


def size_of_largest(values: Array) -> float:
    """The size of the largest finite entry; 1 if there is none, so that one can divide by it."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max(initial=0.0)) or 1.0


def matrix(tensor: Tensor, *, tight: bool = False) -> Canvas:
    """A tensor as numbers in brackets under its title; a vector is a column. Unknown values are dots.

    Tight cells let a minus sign take the place of the blank before a number.
    """
    grid = None if tensor.values is None else np.asarray(tensor.values, float).reshape(tensor.rows, tensor.columns)
    texts = ["·"] * (tensor.rows * tensor.columns) if grid is None else column(grid.flat, decimals_of(grid))
    roomy = not tight or not any(text.startswith("−") for text in texts)
    wide = max(map(len, texts), default=1) + 1 + roomy
    inner = wide * tensor.columns
    title = f"{tensor.symbol} {shape_text(tensor.shape)}" if tensor.shape else tensor.symbol
    canvas = Canvas(max(inner + 2, cells(title) + 1), tensor.rows + 1)
    end = canvas.put(1, 0, tensor.symbol, Ink(tensor.accent, bold=True))
    if tensor.shape:
        canvas.put(end + 1, 0, shape_text(tensor.shape), MUTED)
    if tensor.target:
        canvas.regions.append(Region(1, 1, inner, tensor.rows, f"entry:{tensor.target}"))
    brackets = Ink("cursor") if tensor.accent == "cursor" else SOFT
    largest = 1.0 if grid is None else size_of_largest(grid)
    lit_row, lit_column = tensor.lit or (None, None)
    for r in range(tensor.rows):
        left, right = _brackets(r, tensor.rows)
        canvas.put(0, r + 1, left, brackets)
        canvas.put(inner + 1, r + 1, right, brackets)
        some = texts[r * tensor.columns : (r + 1) * tensor.columns]
        canvas.put(1, r + 1, "".join((" " * roomy + text).rjust(wide - 1) + " " for text in some), _DIMMED)
        if grid is None or lit_row not in (None, r):
            continue
        inks = canvas.inks[r + 1]
        for c, value in enumerate(grid[r].tolist()):
            if lit_column in (None, c):
                ink = _cell_ink(tint(value, largest), tensor.lit is not None)
                inks[1 + c * wide : 1 + (c + 1) * wide] = [ink] * wide
    return canvas


@lru_cache(maxsize=256)
def _cell_ink(ground: str, bold: bool) -> Ink:
    return Ink("text", ground, bold=bold)


def _brackets(row: int, rows: int) -> tuple[str, str]:
    if rows == 1:
        return "[", "]"
    return ("┌", "┐") if row == 0 else ("└", "┘") if row == rows - 1 else ("│", "│")


# -- heat maps


def binned(values: Array, bins: int, axis: int = 0) -> Array:
    """At most `bins` entries along an axis: each is the one largest in size of its bin."""
    count = values.shape[axis]
    if count <= bins:
        return values
    edges = np.arange(bins) * count // bins
    high, low = np.maximum.reduceat(values, edges, axis), np.minimum.reduceat(values, edges, axis)
    picked: Array = np.where(high >= -low, high, low)
    return picked


def bin_of(index: int, count: int, bins: int) -> int:
    """The bin of `binned` in which an entry falls."""
    return index if count <= bins else int(np.searchsorted(np.arange(bins) * count // bins, index, "right")) - 1


def shade(level: int) -> str:
    """One shade of a heat map, from −LEVELS to LEVELS; lightness goes one way, with grey at 0."""
    if level == 0:
        return "muted~45"
    if level > 0:
        return f"positive~{40 + 45 * level // LEVELS}"
    return f"negative~{34 + 20 * level // LEVELS}"


@lru_cache(maxsize=4)
def _inks() -> list[list[Ink]]:
    """The ink of `▀` for each pair of shades; the last one of each is for what is not finite."""
    shades = [shade(level) for level in range(-LEVELS, LEVELS + 1)] + ["bad"]
    return [[Ink(upper, lower) for lower in shades] for upper in shades]


def heat(values: Array, width: int, height: int) -> Canvas:
    """A matrix as `▀`, two rows a cell; binned where it is larger than the space, and no larger than needed."""
    grid = np.asarray(values, float)
    if grid.shape[0] > 2 * height:
        grid = binned(grid, 2 * height)
    if grid.shape[1] > width:
        grid = binned(grid, width, 1)
    largest = size_of_largest(grid)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.sign(grid) * np.ceil(np.abs(grid) / largest * LEVELS)
    levels = np.where(np.isfinite(grid), np.clip(np.nan_to_num(scaled), -LEVELS, LEVELS) + LEVELS, 2 * LEVELS + 1)
    levels = levels.astype(int)
    rows, columns = levels.shape
    canvas = Canvas(columns, (rows + 1) // 2)
    table = _inks()
    for y in range(canvas.height):
        upper = levels[2 * y].tolist()
        if 2 * y + 1 < rows:
            canvas.inks[y] = [table[a][b] for a, b in zip(upper, levels[2 * y + 1].tolist(), strict=True)]
        else:
            canvas.inks[y] = [table[a][0]._replace(bg=None) for a in upper]
        canvas.characters[y] = ["▀"] * columns
    return canvas


def legend(canvas: Canvas, x: int, y: int) -> int:
    """A strip of the shades between a minus and a plus, so that the reader need not know the theme."""
    x = canvas.put(x, y, "− ", MUTED)
    for level in range(-LEVELS, LEVELS + 1, 2):
        x = canvas.put(x, y, "█", Ink(shade(level)))
    return canvas.put(x, y, " +", MUTED)


# -- bars


def bars(values: Array, width: int, rows: int = 2) -> Canvas:
    """Entries as bars round a zero line: plus rises, minus hangs; over `width` entries they are binned.

    Two rows have the zero line between them; in one row both signs share it. A hanging bar is a rising one with
    ground and colour changed, so without colours it is to be shown in reverse.
    """
    entries = np.asarray(values, float).ravel()
    if entries.size > width:
        entries = binned(entries, width)
    canvas = Canvas(max(1, entries.size), rows)
    largest = size_of_largest(entries)
    for x, value in enumerate(entries.tolist()):
        if not isfinite(value):
            canvas.put(x, 0, "!", _ODD)
        elif value == 0:
            canvas.put(x, 0, "▁", _ZERO)
        else:
            eighths = max(1, round(7 * abs(value) / largest))
            if value > 0:
                canvas.put(x, 0, RISING[eighths], _UP)
            else:
                canvas.put(x, rows - 1, RISING[8 - eighths], _DOWN)
    return canvas


def bar(canvas: Canvas, zero: int, y: int, value: float, largest: float, reach: int) -> None:
    """One horizontal bar from the zero column: minus to the left, plus to the right, at most `reach` cells."""
    if not isfinite(value):
        canvas.put(zero + 1, y, "!", _ODD)
    elif value != 0:
        long = max(1, round(reach * abs(value) / largest))
        canvas.put(zero + 1 if value > 0 else zero - long, y, "▄" * long, Ink("positive" if value > 0 else "negative"))


def side_bars(values: Array, width: int, height: int) -> Canvas:
    """A vector as horizontal bars beside a heat map of the same height: two entries a row, the larger one shown."""
    entries = binned(np.asarray(values, float).ravel(), 2 * height)
    pairs = np.concatenate([entries, np.zeros(entries.size % 2)]).reshape(-1, 2)
    shown = np.where(np.abs(pairs[:, 0]) >= np.abs(pairs[:, 1]), pairs[:, 0], pairs[:, 1])
    reach = (width - 1) // 2
    canvas = Canvas(width, len(shown))
    largest = size_of_largest(shown)
    for y, value in enumerate(shown.tolist()):
        canvas.put(reach, y, "│", LINE)
        bar(canvas, reach, y, value, largest, reach)
    return canvas


# -- summaries


def summary(tensors: Sequence[Tensor], width: int) -> Canvas:
    """One row a tensor: shape, smallest, largest, mean, norm, share of zeros; columns go where the width ends."""
    heads = ("shape", "min", "max", "mean", "norm", "zeros")
    rows = [_statistics(tensor) for tensor in tensors]
    first = max((cells(tensor.symbol) for tensor in tensors), default=0) + 2
    wide = [max(len(head), *(len(row[k]) for row in rows)) for k, head in enumerate(heads)]
    kept = [k for k in range(6) if first + sum(wide[: k + 1]) + 2 * k <= width]
    gap = min(5, (width - first - sum(wide[k] for k in kept)) // max(1, len(kept))) if kept else 0
    canvas = Canvas(width, len(rows) + 1)
    for y, tensor in enumerate(tensors):
        canvas.put(0, y + 1, tensor.symbol, Ink(tensor.accent, bold=tensor.accent == "cursor"))
    x = first
    for k in kept:
        canvas.put(x, 0, heads[k].rjust(wide[k]), MUTED)
        for y, row in enumerate(rows):
            canvas.put(x, y + 1, row[k].rjust(wide[k]), MUTED if k == 0 else TEXT)
        x += wide[k] + max(gap, 2)
    return canvas


def _statistics(tensor: Tensor) -> tuple[str, ...]:
    if tensor.values is None or not tensor.values.size:
        return (shape_text(tensor.shape), "·", "·", "·", "·", "·")
    v = np.asarray(tensor.values, float)
    with np.errstate(all="ignore"):
        norm = float(np.sqrt(np.dot(v.ravel(), v.ravel())))
        low, high, mean = (number(float(x)) for x in (v.min(), v.max(), v.mean()))
    zeros = round(100 * (1 - np.count_nonzero(v) / v.size))
    return (shape_text(tensor.shape), low, high, mean, number(norm), f"{zeros} %")


# -- one after the other


def row(items: Sequence[Tensor | str], *, tight: bool = False) -> Canvas:
    """Tensors and the signs between them side by side, as wide as they need."""
    parts = [(item.tight if tight else item.loose) if isinstance(item, Tensor) else item for item in items]
    return _rows([parts])


def flow(items: Sequence[Tensor | str], width: int) -> Canvas | None:
    """Tensors and the signs between them, tighter or on more rows where needed; None if one is too wide."""
    if (loose := row(items)).width <= width:
        return loose
    rows: list[list[Canvas | str]] = [[]]
    x = 0
    parts = [item.tight if isinstance(item, Tensor) else item for item in items]
    if any(_wide(part) > width for part in parts):
        return None
    for k, part in enumerate(parts):
        following = _wide(parts[k + 1]) + 1 if isinstance(part, str) and k + 1 < len(parts) else 0
        if x and x + _wide(part) + following > width:
            if following + _wide(part) > width:
                return None
            rows.append([])
            x = 0
        rows[-1].append(part)
        x += _wide(part) + 1
    return _rows(rows)


def _rows(rows: Sequence[Sequence[Canvas | str]]) -> Canvas:
    heights = [max((part.height for part in parts if isinstance(part, Canvas)), default=2) for parts in rows]
    canvas = Canvas(max(sum(map(_wide, parts)) + len(parts) - 1 for parts in rows), sum(heights))
    y = 0
    for parts, height in zip(rows, heights, strict=True):
        x = 0
        for part in parts:
            if isinstance(part, Canvas):
                canvas.paste(part, x, y)
            else:
                canvas.put(x, y + 1, part, SOFT)
            x += _wide(part) + 1
        y += height
    return canvas


def _wide(part: Canvas | str) -> int:
    return part.width if isinstance(part, Canvas) else cells(part)
