"""Two arguments as tables: why a gradient is what it is, and what a nudge does to the cost."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, fold, length, rule, wrap, write
from bptui.drawing.numbers import brief, column, number
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, symbol

if TYPE_CHECKING:
    from bptui.session.twiddle import Twiddle
    from bptui.session.why import Why

_GREEN = Ink("gradient")
_LEFT = 48  # the column of the second table of a twiddle, where it stands beside the first


def why_panel(found: Why, width: int, height: int, *, known: bool, title: bool = True) -> Canvas:
    """The terms of a gradient entry, largest first, with bars; then the paths that it came by.

    `known` says whether backward has reached the entry; if not, it is told what it will be. The canvas is at least
    `height` high: the pane scrolls if it is higher.
    """
    name = gradient_symbol(found.name) + subscript(found.index)
    inner = width - 2
    head: Piece = (f"{name} {'=' if known else 'will be'} ", BOLD)
    lines = fold([[head], [(number(found.gradient, 6), NOW if known else SOFT)]], inner)
    if found.parts:
        kind = "term" if len(found.parts) == 1 else "terms, largest first"
        lines += [[(f"{len(found.parts)} {kind}", MUTED)], *_parts(found, inner)]
    if len(found.paths) > 1:
        lines += [[], [(f"{len(found.paths)} ways to the cost", MUTED)], *_paths(found, inner)]
    top = int(title)
    canvas = Canvas(width, max(height, top + len(lines)))
    if title:
        canvas.paste(rule(width, "why", name, "[ ] entry"), 0, 0)
    for y, line in enumerate(lines, top):
        write(canvas, 1, y, line)
    return canvas


def _parts(found: Why, width: int) -> list[list[Piece]]:
    """One term after the other: name and number of both factors, the product, and a bar where there is room.

    A factor that is 1 whatever the numbers are, as in a sum, is its own name.
    """
    factors = _fine([part.factor for part in found.parts])
    incoming = _fine([part.incoming for part in found.parts])
    products = _fine([part.value for part in found.parts])
    left = max((cells(part.factor_name) for part in found.parts), default=0)
    right = max((cells(part.incoming_name) for part in found.parts), default=0)
    largest = _largest(part.value for part in found.parts)
    plain = all(part.factor_name.split()[-1] == "1" for part in found.parts)
    lines: list[list[Piece]] = []
    for part, a, b, c in zip(found.parts, factors, incoming, products, strict=True):
        first: list[Piece] = [("  " + part.factor_name.ljust(left), MUTED)]
        if not plain:
            first.append((" " + a, TEXT))
        second: list[Piece] = [(" · ", MUTED), (part.incoming_name.ljust(right) + " ", MUTED), (b, _GREEN)]
        lines += fold([first, second, [(" = ", MUTED), (c, _sign(part.value))]], width, 3)
        room = width - length(lines[-1]) - 2
        if room >= 8:
            lines[-1].append(("  " + _bar(part.value, largest, room), _sign(part.value)))
    return lines


def _paths(found: Why, width: int) -> list[list[Piece]]:
    """The share of each path, and the modules that it leads through: beside it, or below where that is narrow."""
    lines: list[list[Piece]] = []
    for path, value in zip(found.paths, column([path.value for path in found.paths], 4), strict=True):
        indent = cells(value) + 4 if width - cells(value) >= 28 else 4
        first, *others = wrap("through " + " → ".join(path.modules), width - indent)
        share: list[Piece] = [("  " + value, _sign(path.value))]
        if indent > 4:
            lines.append([*share, ("  " + first, SOFT)])
        else:
            lines += [share, [(" " * indent + first, SOFT)]]
        lines += [[(" " * indent + line, SOFT)] for line in others]
    return lines


def _fine(values: list[float]) -> list[str]:
    """A column with decimals enough for three digits of its smallest number, so that products come out on screen."""
    small = min((abs(value) for value in values if value != 0.0 and isfinite(value)), default=1.0)
    return column(values, min(8, max(4, 2 - floor(log10(small)))))


def twiddle_panel(found: Twiddle, width: int, height: int, *, title: bool = True) -> Canvas:
    """Each variable downstream: how far it moved, how far its derivative said; then smaller nudges.

    The canvas is at least `height` high: the pane scrolls if it is higher.
    """
    s = symbol(found.name) + subscript(found.index)
    cost = symbol(found.moved[-1].name) if found.moved else "C"
    really: list[Piece] = [(f"Δ{cost} = ", BOLD), (number(found.actual, 6), NOW)]
    linear: list[Piece] = [(f"d{cost}/d{s} · Δ{s} ", MUTED)]
    numbers: list[Piece] = [(f"= {brief(found.slope, 4)} · {found.ds:g} ", MUTED)]
    result: list[Piece] = [("= ", MUTED), (number(found.predicted, 6), Ink("gradient", bold=True))]
    inner = width - 2
    if length([*really, *linear, *numbers, *result]) + 2 <= inner:
        head = [[*really, ("  ", MUTED), *linear, *numbers, *result]]
    else:
        head = [really, *fold([linear, numbers, result], inner)]
    beside = width >= 76
    downstream = _downstream(found, _LEFT - 3 if beside else inner)
    smaller = _smaller(found, inner - _LEFT + 1 if beside else inner)
    gap = int(height > 9)
    top = title + len(head) + gap
    below = top + (max(len(downstream), len(smaller)) if beside else len(downstream) + 1 + len(smaller))
    canvas = Canvas(width, max(height, below))
    if title:
        canvas.paste(rule(width, "twiddle", f"{s} by {found.ds:g}", "+ − nudge  [ ] entry"), 0, 0)
    for y, line in enumerate(head, title):
        write(canvas, 1, y, line)
    for y, line in enumerate(downstream, top):
        write(canvas, 1, y, line)
    for y, line in enumerate(smaller, top if beside else top + len(downstream) + 1):
        write(canvas, _LEFT if beside else 1, y, line)
    return canvas


def _downstream(found: Twiddle, width: int) -> list[list[Piece]]:
    """Of each variable the entry that moved most. Where it is narrow the last column goes, then names stand above."""
    names, moved = [], []
    for one in found.moved:
        largest = int(np.argmax(np.abs(one.actual))) if one.actual.size else 0
        index = tuple(int(i) for i in np.unravel_index(largest, one.actual.shape)) if one.actual.shape else ()
        names.append(symbol(one.name) + subscript(index))
        moved.append((float(one.actual[index]), float(one.predicted[index])))
    off = [0.0 if abs(a - p) <= 1e-12 * abs(a) else a - p for a, p in moved]
    table = [
        ("moved by", [a for a, _ in moved], None),
        ("predicted", [p for _, p in moved], _GREEN),
        ("off by", off, SOFT),
    ]
    texts = [column(values, 5) for _, values, _ in table]
    wide = [max(9, *map(cells, each)) for each in texts]
    first = max(10, *map(cells, names))
    if first + sum(wide) + 2 * len(wide) > width:
        table.pop()
        first = max(map(cells, names))
    above = first + sum(wide[: len(table)]) + 2 * len(table) > width
    heads: list[Piece] = [(head.rjust(w + 2), MUTED) for (head, _, _), w in zip(table, wide, strict=False)]
    label = "downstream" if first >= 10 else ""
    lines: list[list[Piece]] = [heads if above else [(label.ljust(first), MUTED), *heads]]
    for k, name in enumerate(names):
        numbers: list[Piece] = [
            (text[k].rjust(w + 2), ink or _sign(values[k]))
            for (_, values, ink), text, w in zip(table, texts, wide, strict=False)
        ]
        lines += [[(name, BOLD)], numbers] if above else [[(name.ljust(first), BOLD), *numbers]]
    return lines


def _smaller(found: Twiddle, width: int) -> list[list[Piece]]:
    """A table of ever smaller nudges, and how fast the prediction's error falls."""
    texts = column([error for _, error in found.errors], 6)
    wide = max(9, *map(cells, texts))
    worst = _largest(error for _, error in found.errors)
    room = max(0, min(24, width - wide - 14))
    lines: list[list[Piece]] = [[("smaller Δ".rjust(10), MUTED), ("off by".rjust(wide + 2), MUTED)]]
    for (ds, error), text in zip(found.errors, texts, strict=True):
        numbers: list[Piece] = [(f"{ds:.4g}".rjust(10), TEXT), (text.rjust(wide + 2), SOFT)]
        lines.append([*numbers, ("  " + _bar(error, worst, room), Ink("cost"))])
    return lines


def _largest(values: Iterable[float]) -> float:
    """The size of the largest finite value, for a scale."""
    return max((abs(value) for value in values if isfinite(value)), default=0.0) or 1.0


def _bar(value: float, largest: float, room: int) -> str:
    """A bar as long as the value's share of the largest; none for what is not finite."""
    return "▬" * round(room * abs(value) / largest) if isfinite(value) else ""


def _sign(value: float) -> Ink:
    return Ink("positive" if value > 0 else "negative" if value < 0 else "text")
