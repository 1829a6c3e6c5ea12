"""The bar under a lab: how far a run has gone, where we look at it, and what was found on the way."""

from __future__ import annotations

from collections.abc import Sequence

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, LINE, MUTED, NOW


def scrub(
    width: int, label: str, end: str, *, at: float, done: float, marks: Sequence[float] = (), running: bool = False
) -> Canvas:
    """One row. `at`, `done` and `marks` (findings) are shares of the whole, 0 to 1; the rail is the region `scrub`."""
    canvas = Canvas(width, 1)
    margin = 2 if width >= 100 else 1
    x = canvas.put(margin, 0, "▶ " if running else "‖ ", Ink("cursor"))
    x = canvas.put(x, 0, label, BOLD) + 1
    stop = max(x + 1, width - margin - cells(end) - 1)
    canvas.put(stop + 1, 0, end, MUTED)
    last = max(0, stop - 1 - x)
    here, reached = (round(min(1.0, max(0.0, share)) * last) for share in (at, done))
    canvas.put(x, 0, "─" * (last + 1), LINE)
    canvas.put(x, 0, "━" * (reached + 1), Ink("cursor~45"))
    canvas.put(x, 0, "━" * here, Ink("cursor"))
    for mark in marks:
        canvas.put(x + round(min(1.0, max(0.0, mark)) * last), 0, "!", Ink("bad", bold=True))
    canvas.put(x + here, 0, "●", NOW)
    canvas.regions.append(Region(x, 0, last + 1, 1, "scrub"))
    return canvas


def share_at(canvas: Canvas, x: int) -> float:
    """Where on the rail a column is, as a share of the whole."""
    rail = next(region for region in canvas.regions if region.target == "scrub")
    return min(1.0, max(0.0, (x - rail.left) / max(1, rail.width - 1)))
