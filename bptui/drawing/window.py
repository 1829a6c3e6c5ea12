"""The part of a large diagram that is looked at: the same layout with nothing but what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bptui.drawing.canvas import Region, cells
from bptui.drawing.notes import Label
from bptui.drawing.wires import Cell, Wire

if TYPE_CHECKING:
    from bptui.drawing.diagram import Layout

LARGE = 40_000  # cells from which a diagram is painted by parts
RUN = 32  # things that are looked up together

Extent = tuple[int, int, int, int]  # left, top, width, height


@lru_cache(maxsize=8)
def part(layout: Layout, window: Region) -> Layout:
    """What stands in a window of the diagram, or reaches into it. Places stay those of the whole."""
    placing, notes, found = layout.placing, layout.notes, _found(layout)
    return replace(
        layout,
        placing=replace(
            placing,
            boxes=dict(found["boxes"].within(window)),
            wires=[_inside(wire, window) for wire in found["wires"].within(window)],
        ),
        notes=replace(
            notes,
            titles=found["titles"].within(window),
            labels=found["labels"].within(window),
            values=found["values"].within(window),
            saved=found["saved"].within(window),
        ),
    )


class Shelf:
    """Things in order, each with its place, looked up by where along the flow they stand: `axis` is 0 for columns,
    1 for rows.

    Those that follow one another stand near one another, mostly: a window goes through the runs that reach into it.
    """

    def __init__(self, things: Iterable[Any], places: Iterable[Extent], axis: int) -> None:
        self.things, self.places, self.axis = list(things), list(places), axis
        self.runs = [self._reach(slice(k, k + RUN)) for k in range(0, len(self.things), RUN)]

    def _reach(self, run: slice) -> tuple[int, int, slice]:
        """From where to where a run reaches at most."""
        starts = [place[self.axis] for place in self.places[run]]
        lengths = [place[2 + self.axis] for place in self.places[run]]
        return min(starts), max(starts) + max(lengths), run

    def within(self, window: Region) -> list[Any]:
        """What stands in a window, or reaches into it, in order."""
        first, length = (window.top, window.height) if self.axis else (window.left, window.width)
        near = [run for start, end, run in self.runs if start < first + length and first < end]
        return [
            thing
            for run in near
            for thing, place in zip(self.things[run], self.places[run], strict=True)
            if window.touches(*place)
        ]


@lru_cache(maxsize=2)
def _found(layout: Layout) -> dict[str, Shelf]:
    """All that stands in a layout, by what it is."""
    placing, notes, bars = layout.placing, layout.notes, layout.size.bars
    saved = [saved for saved in notes.saved if saved.cells]
    found = {
        "boxes": (placing.boxes.items(), placing.boxes.values()),
        "wires": (placing.wires, map(_around, placing.wires)),
        "titles": (notes.titles, map(_of_label, notes.titles)),
        "labels": (notes.labels, map(_of_label, notes.labels)),
        "values": (notes.values, [(slot.left, slot.top, slot.width, bars) for slot in notes.values]),
        "saved": (saved, [_line(one.cells) for one in saved]),
    }
    axis = 1 if layout.size.upward else 0
    return {name: Shelf(things, places, axis) for name, (things, places) in found.items()}


def _of_label(label: Label) -> Extent:
    return label.left, label.top, cells(label.text), 1


def _around(wire: Wire) -> Extent:
    """The rectangle round a wire."""
    if len(wire.cells) == 1:  # as most of a diagram bottom-up
        return *wire.head, 1, 1
    columns, rows = zip(wire.head, *wire.cells, strict=True)
    left, top = min(columns), min(rows)
    return left, top, max(columns) - left + 1, max(rows) - top + 1


def _inside(wire: Wire, window: Region) -> Wire:
    return wire._replace(cells={cell: bits for cell, bits in wire.cells.items() if window.holds(*cell)})


def _line(cells: Sequence[Cell]) -> Extent:
    """The rectangle of a straight line of cells, rightwards or down."""
    (left, top), (right, bottom) = cells[0], cells[-1]
    return left, top, right - left + 1, bottom - top + 1
