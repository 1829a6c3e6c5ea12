"""Canvases as rows of cells: what the server itself writes on a terminal, beside what an app draws there."""

from __future__ import annotations

from bptui.classroom.terminal.cells import Row, blank, look
from bptui.classroom.terminal.kind import Kind
from bptui.drawing.ascii import heat_to_signs, to_ascii
from bptui.drawing.canvas import Canvas
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
        row, x = blank(canvas.width), 0
        for text, ink in canvas.runs(y):
            x = row.put(x, text, look(styles[ink], kind.depth))
        made.append(row)
    return tuple(made)
