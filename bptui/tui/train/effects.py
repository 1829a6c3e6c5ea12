"""What a knob does, under the list of knobs: a title, a row or two of numbers, a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from bptui.drawing.bars import EIGHTHS, short_number
from bptui.drawing.canvas import Canvas, cells
from bptui.drawing.lines import MUTED, SOFT, TEXT, wrap
from bptui.drawing.numbers import aligned
from bptui.session.train.effects import Effect
from bptui.session.train.effects.effect import Row

FEW = 6  # numbers that are written out; more are a curve between its first and its last


def effect_pane(effect: Effect, width: int, height: int) -> Canvas | None:
    """An effect in at most so many rows: whole, or its sentence alone; None where not even that fits."""
    said = wrap(effect.says, width - 2)
    whole = wrap(effect.title, width - 2)
    if len(whole) + len(effect.rows) + len(said) > height:
        return _said(said, width) if len(said) <= height else None
    label = max(cells(row.label) for row in effect.rows)
    canvas = Canvas(width, len(whole) + len(effect.rows) + len(said))
    for y, line in enumerate(whole):
        canvas.put(1, y, line, MUTED)
    few = iter(_in_columns([row for row in effect.rows if len(row.numbers) <= FEW]))
    for y, row in enumerate(effect.rows, len(whole)):
        canvas.put(1, y, row.label, SOFT)
        text = next(few) if len(row.numbers) <= FEW else _curve(row, width - label - 4)
        canvas.put(label + 3, y, text, TEXT)
    canvas.paste(_said(said, width), 0, canvas.height - len(said))
    return canvas


def _said(lines: list[str], width: int) -> Canvas:
    canvas = Canvas(width, len(lines))
    for y, line in enumerate(lines):
        canvas.put(1, y, line, SOFT)
    return canvas


def _in_columns(rows: Sequence[Row]) -> list[str]:
    """Rows of a few numbers, points under each other; behind a bar, where no number of a row is negative."""
    if not rows:
        return []
    columns = zip_longest(*([short_number(number, 3) for number in row.numbers] for row in rows), fillvalue="")
    lined = zip(*(aligned(column) for column in columns), strict=True)
    return [
        "  ".join(map(_barred(row), range(len(texts)), texts)).rstrip() for row, texts in zip(rows, lined, strict=True)
    ]


def _barred(row: Row) -> Callable[[int, str], str]:
    largest = max(row.numbers)
    if len(row.numbers) == 1 or min(row.numbers) < 0.0 or not 0.0 < largest < float("inf"):
        return lambda k, text: text
    return lambda k, text: (
        f"{EIGHTHS[1 + round(6 * row.numbers[k] / largest)]} {text}" if k < len(row.numbers) else text
    )


def _curve(row: Row, room: int) -> str:
    """Many numbers as a curve between the first and the last."""
    first, last = short_number(row.numbers[0], 3), short_number(row.numbers[-1], 3)
    return f"{first} {_eighths(row.numbers, room - cells(first) - cells(last) - 2)} {last}"


def _eighths(numbers: tuple[float, ...], columns: int) -> str:
    """Numbers between their least and their largest in eighth blocks; of too many, evenly chosen ones."""
    columns = max(1, min(columns, len(numbers)))
    chosen = [numbers[round(k * (len(numbers) - 1) / max(1, columns - 1))] for k in range(columns)]
    low, high = min(chosen), max(chosen)
    if not low < high < float("inf") or low == float("-inf"):
        return EIGHTHS[1] * columns
    return "".join(EIGHTHS[1 + round(6 * (number - low) / (high - low))] for number in chosen)
