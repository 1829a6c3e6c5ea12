"""Canvases as rows of cells: what the server itself writes on a terminal, beside what an app draws there."""

from __future__ import annotations

from bptui.classroom.terminal.cells import Row, blank, put_strip
from bptui.classroom.terminal.kind import Kind
from bptui.drawing.ascii import heat_to_signs, to_ascii
from bptui.drawing.canvas import Canvas
from bptui.tui.cell_strip import CellStrip
from bptui.tui.theme import paint_of


def rows(canvas: Canvas, kind: Kind, theme: str, ground: str = "panel") -> tuple[Row, ...]:
    """The rows of a canvas as a terminal of some kind can show them, as wide as the canvas; the canvas is changed.

    `ground` is the role that colours cells without a background of their own.
    """
    paint = paint_of(theme, colours=kind.depth is not None)
    if kind.ascii_only:
        to_ascii(canvas)
    elif kind.depth is None:
        heat_to_signs(canvas)
    styles = paint.styles(ground)
    made = []
    for y in range(canvas.height):
        row = blank(canvas.width)
        strip = CellStrip(canvas.characters[y], canvas.inks[y], styles)
        put_strip(row, 0, strip, kind.depth, ascii_only=kind.ascii_only)
        made.append(row)
    return tuple(made)
