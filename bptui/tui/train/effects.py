"""What a knob does, under the list of knobs: a title, a row or two of numbers, a sentence."""

from __future__ import annotations

from bptui.drawing.bars import EIGHTHS, short_number
from bptui.drawing.canvas import Canvas, cells
from bptui.drawing.lines import MUTED, SOFT, TEXT, wrap
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
    for y, row in enumerate(effect.rows, len(whole)):
        canvas.put(1, y, row.label, SOFT)
        canvas.put(label + 3, y, _numbers(row, width - label - 4), TEXT)
    canvas.paste(_said(said, width), 0, canvas.height - len(said))
    return canvas


def _said(lines: list[str], width: int) -> Canvas:
    canvas = Canvas(width, len(lines))
    for y, line in enumerate(lines):
        canvas.put(1, y, line, SOFT)
    return canvas


def _numbers(row: Row, room: int) -> str:
    """A few numbers, each behind a bar if none is negative; many as a curve."""
    if len(row.numbers) > FEW:
        first, last = short_number(row.numbers[0], 3), short_number(row.numbers[-1], 3)
        return f"{first} {_curve(row.numbers, room - cells(first) - cells(last) - 2)} {last}"
    largest = max(row.numbers)
    if len(row.numbers) == 1 or min(row.numbers) < 0.0 or not 0.0 < largest < float("inf"):
        return "  ".join(short_number(number, 3) for number in row.numbers)
    return "  ".join(f"{EIGHTHS[1 + round(6 * number / largest)]} {short_number(number, 3)}" for number in row.numbers)


def _curve(numbers: tuple[float, ...], columns: int) -> str:
    """Numbers between their least and their largest in eighth blocks; of too many, evenly chosen ones."""
    columns = max(1, min(columns, len(numbers)))
    chosen = [numbers[round(k * (len(numbers) - 1) / max(1, columns - 1))] for k in range(columns)]
    low, high = min(chosen), max(chosen)
    if not low < high < float("inf") or low == float("-inf"):
        return EIGHTHS[1] * columns
    return "".join(EIGHTHS[1 + round(6 * (number - low) / (high - low))] for number in chosen)
