"""Wires on a bit grid: every wire sets, in each cell, the sides that it leaves by; the glyph follows from the bits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, repeat
from typing import NamedTuple

from bptui.drawing.parts import Link

N, E, S, W = 1, 2, 4, 8
Cell = tuple[int, int]

_ORDER = (0, N, E, N | E, S, N | S, E | S, N | E | S, W, N | W, E | W, N | E | W, S | W, N | S | W, E | S | W, 15)
THIN = dict(zip(_ORDER, " │─╰│││├─╯─┴╮┤┬┼", strict=True)) | {N | S: "│", E | S: "╭"}
HEAVY = dict(zip(_ORDER, " ┃━┗┃┃┏┣━┛━┻┓┫┳╋", strict=True))
DASHED = THIN | {E | W: "╌", E: "╌", W: "╌", N | S: "╎", N: "╎", S: "╎"}
HEADS = {N: "▲", E: "▶", S: "▼", W: "◀"}
_OPPOSITE = {N: S, S: N, E: W, W: E}


class Wire(NamedTuple):
    """A link as cells: the sides that it leaves each of them by, and its head."""

    link: Link
    cells: dict[Cell, int]
    head: Cell
    glyph: str


def trace(link: Link, corners: list[Cell]) -> Wire:
    """The wire along a polyline of cells; its two ends lie on the boxes that it joins, and are not drawn."""
    start = head = here = corners[0]
    cells, side = {here: 0}, E
    for x, y in corners[1:]:
        while here != (x, y):
            head, (px, py) = here, here
            if px != x:
                here, side = ((px + 1, py), E) if px < x else ((px - 1, py), W)
            else:
                here, side = ((px, py + 1), S) if py < y else ((px, py - 1), N)
            cells[head] |= side
            cells[here] = cells.get(here, 0) | _OPPOSITE[side]
    del cells[start], cells[here]
    return Wire(link, cells, head, HEADS[side])


def upright(link: Link, column: int, start: int, end: int) -> Wire:
    """The wire straight up or down a column, from a row to another."""
    step, glyph = (1, "▼") if start < end else (-1, "▲")
    cells = dict.fromkeys(zip(repeat(column), range(start + step, end, step)), N | S)
    return Wire(link, cells, (column, end - step), glyph)


def tangled(wires: Sequence[Wire]) -> bool:
    """Whether two wires that share neither source nor target do more than cross at a right angle."""
    at: dict[Cell, list[tuple[int, int]]] = {}
    for number, wire in enumerate(wires):
        for cell, bits in wire.cells.items():
            at.setdefault(cell, []).append((number, bits))
    for crossing in at.values():
        for (i, one), (j, other) in combinations(crossing, 2):
            mine, its = wires[i].link, wires[j].link
            if mine.source != its.source and mine.target != its.target and {one, other} != {N | S, E | W}:
                return True
    return False
