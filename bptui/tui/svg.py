"""A canvas as SVG: Rich's picture of a terminal, which the app's own screenshots are, too."""

from __future__ import annotations

import io

from rich.console import Console
from rich.segment import Segment, Segments

from bptui.drawing.canvas import Canvas
from bptui.tui.theme import chosen, paint_of


def as_svg(canvas: Canvas, theme: str | None, title: str) -> str:
    """The canvas as SVG text, in the colours of a theme; without one, of the app's."""
    paint = paint_of(chosen(theme))
    console = Console(
        width=canvas.width,
        height=canvas.height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    for y in range(canvas.height):
        cells = [Segment(text, paint.style(ink)) for text, ink in canvas.runs(y)]
        console.print(Segments([*cells, Segment.line()]), end="")
    return console.export_svg(title=title)
