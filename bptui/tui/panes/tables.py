"""Two arguments as tables: why a gradient is what it is, and what a nudge does to the cost."""

from __future__ import annotations

import numpy as np

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, rule
from bptui.drawing.numbers import brief, column, number
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.twiddle import Twiddle
from bptui.session.why import Why


def why_panel(found: Why, width: int, height: int) -> Canvas:
    """The terms of a gradient entry, largest first, with bars; then the paths that it came by."""
    name = gradient_symbol(found.name) + subscript(found.index)
    paths = found.paths if len(found.paths) > 1 else ()
    canvas = Canvas(width, max(height, len(found.parts) + len(paths) + 7))
    canvas.paste(rule(width, "why", name, "[ ] entry"), 0, 0)
    y = 1
    canvas.put(1, y, f"{name} = ", BOLD)
    canvas.put(1 + len(name) + 3, y, number(found.gradient, 6), NOW)
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
    factors = column([part.factor for part in found.parts], 4)
    incoming = column([part.incoming for part in found.parts], 4)
    products = column([part.value for part in found.parts], 4)
    left = max((len(part.factor_name) for part in found.parts), default=0)
    right = max((len(part.incoming_name) for part in found.parts), default=0)
    largest = max((abs(part.value) for part in found.parts), default=1.0) or 1.0
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
            canvas.put(x, y, "▬" * round(room * abs(part.value) / largest), _sign(part.value))
        y += 1
    return y


def twiddle_panel(found: Twiddle, width: int, height: int) -> Canvas:
    """Each variable downstream: how far it moved, how far its derivative said; then smaller nudges."""
    s = symbol(found.name) + subscript(found.index)
    canvas = Canvas(width, max(height, len(found.moved) + len(found.errors) + 6))
    canvas.paste(rule(width, "twiddle", f"{s} by {found.ds:g}", "+ − nudge  [ ] entry"), 0, 0)
    cost = symbol(found.moved[-1].name) if found.moved else "C"
    canvas.put(1, 1, f"d{cost} = ", BOLD)
    x = canvas.put(4 + len(cost) + 1, 1, number(found.actual, 6), NOW)
    canvas.put(x + 2, 1, f"where d{cost}/d{s} · ds = {brief(found.slope, 4)} · {found.ds:g} = ", MUTED)
    x += 2 + len(f"where d{cost}/d{s} · ds = {brief(found.slope, 4)} · {found.ds:g} = ")
    canvas.put(x, 1, number(found.predicted, 6), Ink("gradient", bold=True))
    wide = width >= 92
    canvas.put(1, 3, "downstream", MUTED)
    for k, word in enumerate(("moved by", "as predicted", "off by")):
        canvas.put(14 + 14 * k, 3, word.rjust(12), MUTED)
    y = 4
    for moved in found.moved:
        largest = int(np.argmax(np.abs(moved.actual))) if moved.actual.size else 0
        index = tuple(int(i) for i in np.unravel_index(largest, moved.actual.shape)) if moved.actual.shape else ()
        actual, predicted = float(moved.actual[index]), float(moved.predicted[index])
        canvas.put(1, y, symbol(moved.name) + subscript(index), BOLD)
        for k, value in enumerate((actual, predicted, actual - predicted)):
            canvas.put(14 + 14 * k, y, number(value, 5).rjust(12), (_sign(value), Ink("gradient"), SOFT)[k])
        y += 1
    x, top = (58, 3) if wide else (1, y + 1)
    canvas.put(x, top, "smaller nudges: the error falls as ds²", MUTED)
    worst = max((error for _, error in found.errors), default=0.0) or 1.0
    for k, (ds, error) in enumerate(found.errors):
        canvas.put(x, top + 1 + k, f"{ds:g}".rjust(11), TEXT)
        canvas.put(x + 12, top + 1 + k, number(error, 6).rjust(10), SOFT)
        room = max(0, min(24, width - x - 25))
        canvas.put(x + 24, top + 1 + k, "▬" * round(room * error / worst), Ink("cost"))
    return canvas


def _sign(value: float) -> Ink:
    return Ink("positive" if value > 0 else "negative" if value < 0 else "text")
