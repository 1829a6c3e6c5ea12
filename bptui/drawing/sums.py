"""A sum term by term, as a table: factors, product, the sum so far, and a bar for each term."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.equations import sign_ink
from bptui.drawing.lines import LINE, MUTED, NOW, SOFT, TEXT
from bptui.drawing.numbers import adds_up, aligned, column, decimals_of, signed
from bptui.drawing.tensors import bar
from bptui.engine.buffers import Array
from bptui.engine.module import Entry

GAP = 2


def table(entry: Entry, width: int, height: int, scroll: int, letter: str) -> Canvas:
    """As many terms of a sum as there is room for, from term `scroll` on; then the bias, and the sum.

    `letter` stands for the running index. Columns that do not fit are left out, from the right.
    """
    terms = entry.terms
    addends = [term.product for term in terms] + ([entry.bias[1]] if entry.bias else [])
    sums = np.cumsum(addends)
    decimals = _decimals(addends, sums, entry.result)
    fixed = 2 + (entry.bias is not None)
    count = max(1, min(len(terms), height - fixed))
    start = max(0, min(scroll, len(terms) - count))
    rows = [*range(start, start + count), *([len(terms)] if entry.bias else [])]

    factors, single = _factors(entry, letter), all(term.left == "1" for term in terms)
    index, labels = factors[-1 if single else 0].head, factors[-1 if single else 0].labels
    if not index:
        labels = [term.right if single else f"{term.left}·{term.right}" for term in terms]
    labels = [*labels, entry.bias[0]] if entry.bias else labels
    products = aligned([signed(value, decimals) for value in addends])
    wide = max(7, cells(products[0]))
    if not index and max(map(cells, labels)) + GAP + wide > width:  # the formula above names them in this order
        labels = [f"term {k}" for k in range(len(labels))]
    canvas = Canvas(width, len(rows) + 2)
    x = max(*map(cells, labels), cells(entry.name)) + GAP
    canvas.put(0, 0, ("p" if "ᵖ" in index else letter) if index else "", MUTED)
    for y, k in enumerate(rows, 1):
        canvas.put(0, y, labels[k], MUTED)
    last = len(rows) + 1
    canvas.put(0, last, entry.name, NOW)
    if not single and x + sum(factor.width + 5 for factor in factors) + wide <= width:
        x = _two_factors(canvas, x, factors, terms_shown=range(start, start + count))
    canvas.put(x, 0, ("term" if single else "product").rjust(wide), MUTED)
    for y, k in enumerate(rows, 1):
        canvas.put(x, y, products[k].rjust(wide), sign_ink(addends[k]))
    note = f"terms {start}–{start + count - 1} of {len(terms)}" if count < len(terms) else "sum"
    x += wide + GAP
    *so_far, result = column([*map(float, sums), entry.result], decimals)
    wide = max(7, cells(result))
    if x + wide > width:
        canvas.put(max(cells(entry.name) + 1, x - GAP - cells(result)), last, result, NOW)
        return canvas
    canvas.put(max(cells(entry.name) + 1, x - GAP - cells(note)), last, note, MUTED)
    canvas.put(x, 0, "so far".rjust(wide), MUTED)
    for y, k in enumerate(rows, 1):
        canvas.put(x, y, so_far[k].rjust(wide), SOFT)
    canvas.put(x, last, result.rjust(wide), NOW)
    _bars(canvas, x + wide + GAP, [addends[k] for k in rows], addends)
    return canvas


def _decimals(addends: Sequence[float], sums: Array, result: float) -> int:
    """As many decimals as the numbers need, up to 3; 4 where rounded addends would not add up on the screen."""
    decimals = decimals_of(np.array([*addends, *sums]))
    if decimals == 3 and not adds_up([round(value, 3) for value in addends], result, 3):
        return 4
    return decimals


class _Factor:
    """One factor of every term: its name with a letter for what runs, what runs, and the numbers."""

    def __init__(self, names: Sequence[str], values: Sequence[float], letter: str) -> None:
        self.head, self.labels = common(names, letter)
        self.values = values
        self.texts = column(values, decimals_of(np.array(values)))
        self.width = max(cells(self.head), cells(self.texts[0]))


def _factors(entry: Entry, letter: str) -> tuple[_Factor, _Factor]:
    left = _Factor([t.left for t in entry.terms], [t.left_value for t in entry.terms], letter)
    return left, _Factor([t.right for t in entry.terms], [t.right_value for t in entry.terms], letter)


def _two_factors(canvas: Canvas, x: int, factors: Sequence[_Factor], terms_shown: range) -> int:
    for factor, sign in zip(factors, "×=", strict=True):
        wide = factor.width
        canvas.put(x, 0, factor.head.rjust(wide), MUTED)
        for y, k in enumerate(terms_shown, 1):
            ink = sign_ink(factor.values[k]) if sign == "×" else TEXT
            canvas.put(x, y, factor.texts[k].rjust(wide), ink)
            canvas.put(x + wide + 2, y, sign, MUTED)
        x += wide + 5
    return x


def _bars(canvas: Canvas, left: int, shown: Sequence[float], all_of_them: Sequence[float]) -> None:
    """A bar for each addend shown, all on the scale of the largest one."""
    reach = min(16, (canvas.width - left - 1) // 2)
    if reach < 4:
        return
    zero = left + reach
    sizes = np.abs(all_of_them)
    largest = float(sizes[np.isfinite(sizes)].max(initial=0.0)) or 1.0
    if reach >= 9:
        canvas.put(zero - 9, 0, "minus ◀", Ink("negative"))
        canvas.put(zero + 3, 0, "▶ plus", Ink("positive"))
    canvas.put(zero, 0, "0", MUTED)
    for y, value in enumerate(shown, 1):
        canvas.put(zero, y, "│", LINE)
        bar(canvas, zero, y, value, largest, reach)


def common(names: Sequence[str], letter: str) -> tuple[str, list[str]]:
    """Indexed names as one, with a letter for what differs, and what differs; empty if they are not alike.

    >>> common(["W[1,0]", "W[1,1]"], "j")
    ('W[1,j]', ['0', '1'])
    """
    before, after = _shared(names), _shared([name[::-1] for name in names])[::-1]
    before = before[: max(before.rfind(c) for c in "[,⁽") + 1]
    after = after[min((after.find(c) for c in "],⁾" if c in after), default=len(after)) :]
    if len(names) < 2 or not before or not after:
        return "", list(names)
    parts = [name[len(before) : len(name) - len(after)] for name in names]
    plain = [part.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")) for part in parts]
    return before + ("ᵖ" if before.endswith("⁽") else letter) + after, plain


def _shared(names: Sequence[str]) -> str:
    """The longest beginning that all names share: that of the first and the last in order."""
    first, last = min(names), max(names)
    same = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
