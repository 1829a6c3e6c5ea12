"""Two arguments as tables: why a gradient is what it is, and what a nudge does to the cost."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, isfinite, log10

import numpy as np

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, length, rule, write
from bptui.drawing.numbers import brief, column, number
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.twiddle import Twiddle
from bptui.session.why import Why

_GREEN = Ink("gradient")


def why_panel(found: Why, width: int, height: int, *, known: bool) -> Canvas:
    """The terms of a gradient entry, largest first, with bars; then the paths that it came by.

    `known` says whether backward has reached the entry; if not, it is told what it will be.
    """
    name = gradient_symbol(found.name) + subscript(found.index)
    paths = found.paths if len(found.paths) > 1 else ()
    canvas = Canvas(width, max(height, len(found.parts) + len(paths) + 7))
    canvas.paste(rule(width, "why", name, "[ ] entry"), 0, 0)
    y = 1
    x = canvas.put(1, y, f"{name} = " if known else f"{name} will be ", BOLD)
    canvas.put(x, y, number(found.gradient, 6), NOW if known else SOFT)
    y += 1
    if found.parts:
        kind = "term" if len(found.parts) == 1 else "terms, largest first"
        canvas.put(1, y, f"{len(found.parts)} {kind}", MUTED)
        y += 1
    y = _parts(canvas, y, found, width)
    if paths:
        y += 1
        canvas.put(1, y, f"{len(paths)} ways to the cost", MUTED)
        values = column([path.value for path in paths], 4)
        for path, value in zip(paths, values, strict=True):
            y += 1
            end = canvas.put(3, y, value, _sign(path.value))
            canvas.put(end + 2, y, "through " + " → ".join(path.modules), SOFT)
    return canvas


def _parts(canvas: Canvas, y: int, found: Why, width: int) -> int:
    factors = _fine([part.factor for part in found.parts])
    incoming = _fine([part.incoming for part in found.parts])
    products = _fine([part.value for part in found.parts])
    left = max((len(part.factor_name) for part in found.parts), default=0)
    right = max((len(part.incoming_name) for part in found.parts), default=0)
    largest = _largest(part.value for part in found.parts)
    for part, a, b, c in zip(found.parts, factors, incoming, products, strict=True):
        x = canvas.put(3, y, part.factor_name.ljust(left), MUTED) + 1
        x = canvas.put(x, y, a, TEXT)
        x = canvas.put(x, y, " · ", MUTED)
        x = canvas.put(x, y, part.incoming_name.ljust(right) + " ", MUTED)
        x = canvas.put(x, y, b, Ink("gradient"))
        x = canvas.put(x, y, " = ", MUTED)
        x = canvas.put(x, y, c, _sign(part.value)) + 2
        room = width - x - 1
        if room >= 8:
            canvas.put(x, y, _bar(part.value, largest, room), _sign(part.value))
        y += 1
    return y


def _fine(values: list[float]) -> list[str]:
    """A column with decimals enough for three digits of its smallest number, so that products come out on screen."""
    small = min((abs(value) for value in values if value != 0.0 and isfinite(value)), default=1.0)
    return column(values, min(8, max(4, 2 - floor(log10(small)))))


def twiddle_panel(found: Twiddle, width: int, height: int) -> Canvas:
    """Each variable downstream: how far it moved, how far its derivative said; then smaller nudges."""
    s = symbol(found.name) + subscript(found.index)
    canvas = Canvas(width, max(height, len(found.moved) + len(found.errors) + 7))
    canvas.paste(rule(width, "twiddle", f"{s} by {found.ds:g}", "+ − nudge  [ ] entry"), 0, 0)
    cost = symbol(found.moved[-1].name) if found.moved else "C"
    really: list[Piece] = [(f"d{cost} = ", BOLD), (number(found.actual, 6), NOW)]
    linear: list[Piece] = [
        (f"d{cost}/d{s} · ds = {brief(found.slope, 4)} · {found.ds:g} = ", MUTED),
        (number(found.predicted, 6), Ink("gradient", bold=True)),
    ]
    end = write(canvas, 1, 1, really)
    beside = end + 2 + length(linear) <= width
    write(canvas, *((end + 2, 1) if beside else (1, 2)), linear)
    top = 2 + (not beside) + (height > 9)
    canvas.put(1, top, "downstream", MUTED)
    for x, word in zip((12, 23, 34), ("moved by", "predicted", "off by"), strict=True):
        canvas.put(x, top, word.rjust(9), MUTED)
    for y, moved in enumerate(found.moved, top + 1):
        largest = int(np.argmax(np.abs(moved.actual))) if moved.actual.size else 0
        index = tuple(int(i) for i in np.unravel_index(largest, moved.actual.shape)) if moved.actual.shape else ()
        actual, predicted = float(moved.actual[index]), float(moved.predicted[index])
        off = actual - predicted if abs(actual - predicted) > 1e-12 * abs(actual) else 0.0
        canvas.put(1, y, symbol(moved.name) + subscript(index), BOLD)
        for x, value, ink in zip((12, 23, 34), (actual, predicted, off), (_sign(actual), _GREEN, SOFT), strict=True):
            canvas.put(x, y, number(value, 5).rjust(9), ink)
    return _smaller(canvas, found, *((48, top) if width >= 76 else (1, len(found.moved) + top + 2)))


def _smaller(canvas: Canvas, found: Twiddle, x: int, y: int) -> Canvas:
    """A table of ever smaller nudges, and how fast the prediction's error falls."""
    canvas.put(x, y, "smaller ds".rjust(10), MUTED)
    canvas.put(x + 13, y, "off by", MUTED)
    worst = _largest(error for _, error in found.errors)
    room = max(0, min(24, canvas.width - x - 24))
    for k, (ds, error) in enumerate(found.errors, 1):
        canvas.put(x, y + k, f"{ds:.4g}".rjust(10), TEXT)
        canvas.put(x + 11, y + k, number(error, 6).rjust(9), SOFT)
        canvas.put(x + 22, y + k, _bar(error, worst, room), Ink("cost"))
    return canvas


def _largest(values: Iterable[float]) -> float:
    """The size of the largest finite value, for a scale."""
    return max((abs(value) for value in values if isfinite(value)), default=0.0) or 1.0


def _bar(value: float, largest: float, room: int) -> str:
    """A bar as long as the value's share of the largest; none for what is not finite."""
    return "▬" * round(room * abs(value) / largest) if isfinite(value) else ""


def _sign(value: float) -> Ink:
    return Ink("positive" if value > 0 else "negative" if value < 0 else "text")
