"""Values as bars round a zero line: plus rises, minus hangs, 0 is a thin grey line."""

from __future__ import annotations

import numpy as np

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.tensors import binned
from bptui.engine.module import Array

EIGHTHS = " ▁▂▃▄▅▆▇"


def draw_bars(canvas: Canvas, left: int, top: int, width: int, values: Array, rows: int) -> None:
    """Draw values as bars in the middle of `width` columns; with one row, both signs share it."""
    shown = binned(np.ravel(values), width)
    step = 2 if 2 * len(shown) - 1 <= width else 1
    x = left + (width - step * (len(shown) - 1) - 1) // 2
    finite = np.abs(shown[np.isfinite(shown)])
    largest = float(finite.max()) if finite.size else 1.0
    for value in shown.tolist():
        if value != value:
            canvas.put(x, top, "?", Ink("bad"))
        elif value == 0.0:
            canvas.put(x, top, "▁", Ink("muted"))
        else:
            height = 7 if abs(value) > largest else max(1, round(7 * (abs(value) / largest)))
            if value > 0.0:
                canvas.put(x, top, EIGHTHS[height], Ink("positive"))
            else:  # hanging: the ground is the bar, the glyph what is left of the cell
                canvas.put(x, top + rows - 1, EIGHTHS[8 - height], Ink("background", "negative"))
        x += step


def short_number(value: float, digits: int = 4) -> str:
    """A number in at most so many significant digits, with a real minus sign."""
    text = f"{value:.{digits}g}" if value == 0.0 or abs(value) >= 1e-4 else f"{value:.{min(1, digits - 1)}e}"
    return text.replace("-", "−")
