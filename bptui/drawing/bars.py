"""Values as bars round a zero line: plus rises, minus hangs, 0 is a thin grey line."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.tensors import binned
from bptui.engine.buffers import Array

EIGHTHS = " ▁▂▃▄▅▆▇"


def draw_bars(canvas: Canvas, left: int, top: int, width: int, values: Array, rows: int) -> None:
    """Draw values as bars in the middle of `width` columns; with one row, both signs share it."""
    for x, y, glyph, ink in _bars(np.asarray(values, float).tobytes(), width, rows):
        canvas.put(left + x, top + y, glyph, ink)


@lru_cache(maxsize=256)
def _bars(values: bytes, width: int, rows: int) -> list[tuple[int, int, str, Ink]]:
    """Bars as column, row, glyph and ink. A step fills one or two values; the bars of the others are known."""
    shown = binned(np.frombuffer(values), width)
    step = 2 if 2 * len(shown) - 1 <= width else 1
    x = (width - step * (len(shown) - 1) - 1) // 2
    finite = np.abs(shown[np.isfinite(shown)])
    largest = float(finite.max()) if finite.size else 1.0
    bars = []
    for value in shown.tolist():
        if value != value:
            bars.append((x, 0, "?", Ink("bad")))
        elif value == 0.0:
            bars.append((x, 0, "▁", Ink("muted")))
        else:
            height = 7 if abs(value) > largest else max(1, round(7 * (abs(value) / largest)))
            if value > 0.0:
                bars.append((x, 0, EIGHTHS[height], Ink("positive")))
            else:  # hanging: the ground is the bar, the glyph what is left of the cell
                bars.append((x, rows - 1, EIGHTHS[8 - height], Ink("background", "negative")))
        x += step
    return bars


def short_number(value: float, digits: int = 4) -> str:
    """A number in at most so many significant digits, with a real minus sign."""
    text = f"{value:.{digits}g}" if value == 0.0 or abs(value) >= 1e-4 else f"{value:.{min(1, digits - 1)}e}"
    return text.replace("-", "−")
