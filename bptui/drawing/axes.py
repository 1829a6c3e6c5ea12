"""Where a plot lies on a canvas, and what stands round it: ticks, grid dots, axis letters, cursor, findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.plot import Series, braille
from bptui.drawing.scale import Scale, tick_texts, ticks
from bptui.engine.buffers import Array

MUTED, LETTER = Ink("muted"), Ink("soft", bold=True)
GRID, CURSOR, FINDING = Ink("hairline"), Ink("cursor", bold=True), Ink("bad", bold=True)
APART_X, APART_Y = 9, 3  # cells from tick to tick, at least


@dataclass(frozen=True)
class Frame:
    """The cells inside a plot's axes, and what its edges stand for. y grows upwards."""

    left: int
    top: int
    width: int
    height: int
    x: Scale
    y: Scale

    def column(self, x: float) -> int | None:
        """The canvas column of a value; None outside."""
        place = _cell(self.x, x, self.width)
        return None if place is None else self.left + place

    def row(self, y: float) -> int | None:
        """The canvas row of a value; None outside."""
        place = _cell(self.y, y, self.height)
        return None if place is None else self.top + self.height - 1 - place

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Column and row of a point on the canvas; None outside."""
        column, row = self.column(x), self.row(y)
        return None if column is None or row is None else (column, row)

    def cells(self, points: Array) -> list[tuple[int, int] | None]:
        """Column and row of each of many points, (n, 2); None outside."""
        shares = np.stack([self.x.share(points[:, 0]), self.y.share(points[:, 1])], axis=1)
        inside = np.asarray(((shares >= -1e-9) & (shares <= 1 + 1e-9)).all(axis=1))
        counts = np.array([self.width, self.height])
        places = np.minimum(counts - 1, np.where(inside[:, None], shares, 0.0) * counts).astype(int)
        found = zip(places.tolist(), inside.tolist(), strict=True)
        return [(self.left + x, self.top + self.height - 1 - y) if seen else None for (x, y), seen in found]


def _cell(scale: Scale, value: float, count: int) -> int | None:
    share = float(scale.share(value))
    return min(count - 1, int(share * count)) if -1e-9 <= share <= 1 + 1e-9 else None


def gutter(scale: Scale, rows: int, letter: str = "") -> int:
    """How many columns the labels left of a plot need, the blank one included."""
    return max([cells(letter), *map(cells, tick_texts(ticks(scale, rows, _apart(scale)), log=scale.log))]) + 1


def _apart(scale: Scale) -> int:
    return 2 if scale.log else APART_Y


def grid(canvas: Canvas, frame: Frame) -> None:
    """Dots along the rows of the y axis's ticks, every second cell."""
    for tick in ticks(frame.y, frame.height, _apart(frame.y)):
        row = frame.row(tick)
        if row is not None:
            for x in range(frame.left, frame.left + frame.width, 2):
                canvas.put(x, row, "·", GRID)


def y_axis(canvas: Canvas, frame: Frame, letter: str = "") -> None:
    """Labels left of the plot, right-aligned with a blank before it; the letter at the upper end."""
    right = frame.left - 1
    taken = set()
    if letter:
        canvas.put(right - cells(letter), frame.top, letter, LETTER)
        taken.add(frame.top)
    marks = ticks(frame.y, frame.height, _apart(frame.y))
    for tick, text in zip(marks, tick_texts(marks, log=frame.y.log), strict=True):
        row = frame.row(tick)
        if row is not None and row not in taken:
            taken.add(row)
            canvas.put(right - cells(text), row, text, MUTED)


def x_axis(
    canvas: Canvas,
    frame: Frame,
    letter: str = "",
    *,
    marks: Sequence[float] | None = None,
    cursor: float | None = None,
    findings: Sequence[float] = (),
    whole: bool = False,
) -> None:
    """Labels in the row below the plot, each centred under its place; the letter at the right end.

    `marks` are ticks where the round ones won't do. The cursor's number goes first, then findings as red `!`; a tick
    gives way to them. `whole` leaves out fractions, for counts.
    """
    row, free = frame.top + frame.height, _Row(frame)
    if letter:
        free.put(canvas, frame.left + frame.width - cells(letter), row, letter, LETTER)
    if cursor is not None:
        free.centred(canvas, row, frame.column(cursor), tick_texts([cursor])[0], CURSOR)
    for finding in findings:
        free.centred(canvas, row, frame.column(finding), "!", FINDING)
    round_ones = ticks(frame.x, frame.width, APART_X) if marks is None else list(marks)
    kept = [tick for tick in round_ones if not whole or tick == int(tick)]
    for tick, text in zip(kept, tick_texts(kept), strict=True):
        free.centred(canvas, row, frame.column(tick), text, MUTED)


class _Row:
    """The cells of an axis's row that are still free; labels keep a blank between them."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._taken: set[int] = set()

    def centred(self, canvas: Canvas, row: int, column: int | None, text: str, ink: Ink) -> None:
        if column is not None:
            sign = 1 if text[0] in "−-" else 0  # a minus hangs out, so that digits stand under their place
            left = column - (cells(text) - sign) // 2 - sign
            low, high = self._frame.left - 1, self._frame.left + self._frame.width
            self.put(canvas, max(low, min(left, high - cells(text))), row, text, ink)

    def put(self, canvas: Canvas, left: int, row: int, text: str, ink: Ink) -> None:
        wanted = set(range(left - 1, left + cells(text) + 1))
        if not wanted & self._taken:
            self._taken |= set(range(left, left + cells(text)))
            canvas.put(left, row, text, ink)


def upright(canvas: Canvas, frame: Frame, x: float, ink: Ink) -> None:
    """A thin vertical line through the whole plot."""
    column = frame.column(x)
    for row in range(frame.top, frame.top + frame.height) if column is not None else ():
        canvas.put(column or 0, row, "│", ink)


def draw_series(canvas: Canvas, frame: Frame, series: Sequence[Series], inks: Sequence[Ink]) -> None:
    """Braille dots of series over what is there, each in its ink; the last one drawn colours a cell."""
    dots = braille(frame.width, frame.height, frame.x, frame.y, series)
    for y, x in np.argwhere(dots.patterns > 0).tolist():
        glyph = chr(0x2800 + int(dots.patterns[y, x]))
        canvas.put(frame.left + x, frame.top + y, glyph, inks[int(dots.series[y, x])])


def mark(canvas: Canvas, frame: Frame, point: Array | Sequence[float], glyph: str, ink: Ink) -> bool:
    """Put a marker on a point (2,); returns whether it lies in view."""
    at = frame.cell(float(point[0]), float(point[1]))
    if at is not None:
        canvas.put(*at, glyph, ink)
    return at is not None


def step_dots(canvas: Canvas, frame: Frame, points: Array, ink: Ink) -> None:
    """A small dot at every point, (n, 2)."""
    for at in frame.cells(points):
        if at is not None:
            canvas.put(*at, "•", ink)
