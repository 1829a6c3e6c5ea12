"""The part of a large diagram that is looked at: the same layout with nothing but what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bptui.drawing.canvas import Region, cells
from bptui.drawing.wires import Cell, Wire

if TYPE_CHECKING:
    from bptui.drawing.diagram import Layout

LARGE = 40_000  # cells from which a diagram is painted by parts


@lru_cache(maxsize=8)
def part(layout: Layout, window: Region) -> Layout:
    """What stands in a window of the diagram, or reaches into it. Places stay those of the whole."""
    placing, notes = layout.placing, layout.notes
    wires = [k for k, extent in enumerate(_extents(layout)) if window.touches(*extent)]
    return replace(
        layout,
        placing=replace(
            placing,
            boxes={key: box for key, box in placing.boxes.items() if window.touches(*box)},
            wires=[_inside(placing.wires[k], window) for k in wires],
        ),
        notes=replace(
            notes,
            titles=[label for label in notes.titles if window.touches(label.left, label.top, cells(label.text), 1)],
            labels=[label for label in notes.labels if window.touches(label.left, label.top, cells(label.text), 1)],
            values=[slot for slot in notes.values if window.touches(slot.left, slot.top, slot.width, layout.size.bars)],
            saved=[saved for saved in notes.saved if saved.cells and window.touches(*_line(saved.cells))],
            wire_roles=[notes.wire_roles[k] for k in wires],
        ),
    )


@lru_cache(maxsize=2)
def _extents(layout: Layout) -> list[tuple[int, int, int, int]]:
    """The rectangle round each wire."""
    found = []
    for wire in layout.placing.wires:
        columns, rows = [wire.head[0]], [wire.head[1]]
        for x, y in wire.cells:
            columns.append(x)
            rows.append(y)
        left, top = min(columns), min(rows)
        found.append((left, top, max(columns) - left + 1, max(rows) - top + 1))
    return found


def _inside(wire: Wire, window: Region) -> Wire:
    return replace(wire, cells={cell: bits for cell, bits in wire.cells.items() if window.holds(*cell)})


def _line(cells: Sequence[Cell]) -> tuple[int, int, int, int]:
    """The rectangle of a straight line of cells."""
    (left, top), (right, bottom) = cells[0], cells[-1]
    return left, top, right - left + 1, bottom - top + 1
