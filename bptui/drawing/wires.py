"""Wires on a bit grid: every wire sets, in each cell, the sides that it leaves by; the glyph follows from the bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from bptui.drawing.parts import Link

N, E, S, W = 1, 2, 4, 8
Cell = tuple[int, int]

_ORDER = (0, N, E, N | E, S, N | S, E | S, N | E | S, W, N | W, E | W, N | E | W, S | W, N | S | W, E | S | W, 15)
THIN = dict(zip(_ORDER, " │─╰│││├─╯─┴╮┤┬┼", strict=True)) | {N | S: "│", E | S: "╭"}
HEAVY = dict(zip(_ORDER, " ┃━┗┃┃┏┣━┛━┻┓┫┳╋", strict=True))
DASHED = THIN | {E | W: "╌", E: "╌", W: "╌", N | S: "╎", N: "╎", S: "╎"}
HEADS = {N: "▲", E: "▶", S: "▼", W: "◀"}
_OPPOSITE = {N: S, S: N, E: W, W: E}


@dataclass(frozen=True)
class Wire:
    """A link as cells: the sides that it leaves each of them by, and its head."""

    link: Link
    cells: dict[Cell, int]
    head: Cell
    glyph: str


def trace(link: Link, corners: list[Cell]) -> Wire:
    """The wire along a polyline of cells; its two ends lie on the boxes that it joins, and are not drawn."""
    cells: dict[Cell, int] = {}
    path = [corners[0]]
    for x, y in corners[1:]:
        while path[-1] != (x, y):
            px, py = path[-1]
            path.append((px + (x > px) - (x < px), py) if px != x else (px, py + (y > py) - (y < py)))
    for here, there in pairwise(path):
        side = _side(here, there)
        cells[here] = cells.get(here, 0) | side
        cells[there] = cells.get(there, 0) | _OPPOSITE[side]
    head, glyph = path[-2], HEADS[_side(path[-2], path[-1])]
    for end in (path[0], path[-1]):
        cells.pop(end)
    return Wire(link, cells, head, glyph)


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


def _side(here: Cell, there: Cell) -> int:
    if here[1] == there[1]:
        return E if there[0] > here[0] else W
    return S if there[1] > here[1] else N
