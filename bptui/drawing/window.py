"""The part of a large diagram that is looked at: the same layout with nothing but what stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bptui.drawing.canvas import Region, cells
from bptui.drawing.wires import Cell, Wire

if TYPE_CHECKING:
    from bptui.drawing.diagram import Layout

LARGE = 40_000  # cells from which a diagram is painted by parts
COLUMNS, ROWS = 64, 32  # of a square of the grid that things are looked up by

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
    """Things in order, looked up by where they stand: a window goes through those of its own squares."""

    def __init__(self, things: Iterable[Any], extent: Callable[[Any], Extent]) -> None:
        self.things = [(thing, extent(thing)) for thing in things]
        self.squares: dict[tuple[int, int], list[int]] = defaultdict(list)
        for k, (_, (left, top, width, height)) in enumerate(self.things):
            x, y = left // COLUMNS, top // ROWS
            if left + width <= (x + 1) * COLUMNS and top + height <= (y + 1) * ROWS:  # as most do, it lies in one
                self.squares[x, y].append(k)
            else:
                for square in _squares(left, top, width, height):
                    self.squares[square].append(k)

    def within(self, window: Region) -> list[Any]:
        """What stands in a window, or reaches into it, in order."""
        near = {
            k
            for square in _squares(window.left, window.top, window.width, window.height)
            for k in self.squares.get(square, ())
        }
        found = (self.things[k] for k in sorted(near))
        return [thing for thing, place in found if window.touches(*place)]


def _squares(left: int, top: int, width: int, height: int) -> Iterable[tuple[int, int]]:
    """The squares of the grid that a rectangle reaches into."""
    columns = range(left // COLUMNS, (left + width - 1) // COLUMNS + 1)
    return ((x, y) for x in columns for y in range(top // ROWS, (top + height - 1) // ROWS + 1))


@lru_cache(maxsize=2)
def _found(layout: Layout) -> dict[str, Shelf]:
    """All that stands in a layout, by what it is."""
    placing, notes, bars = layout.placing, layout.notes, layout.size.bars
    return {
        "boxes": Shelf(placing.boxes.items(), lambda pair: pair[1]),
        "wires": Shelf(placing.wires, _around),
        "titles": Shelf(notes.titles, _of_label),
        "labels": Shelf(notes.labels, _of_label),
        "values": Shelf(notes.values, lambda slot: (slot.left, slot.top, slot.width, bars)),
        "saved": Shelf((saved for saved in notes.saved if saved.cells), lambda saved: _line(saved.cells)),
    }


def _of_label(label: Any) -> Extent:
    return label.left, label.top, cells(label.text), 1


def _around(wire: Wire) -> Extent:
    """The rectangle round a wire."""
    columns, rows = zip(wire.head, *wire.cells, strict=True)
    left, top = min(columns), min(rows)
    return left, top, max(columns) - left + 1, max(rows) - top + 1


def _inside(wire: Wire, window: Region) -> Wire:
    return wire._replace(cells={cell: bits for cell, bits in wire.cells.items() if window.holds(*cell)})


def _line(cells: Sequence[Cell]) -> Extent:
    """The rectangle of a straight line of cells."""
    (left, top), (right, bottom) = sorted((cells[0], cells[-1]))
    return left, min(top, bottom), right - left + 1, abs(bottom - top) + 1
