"""A loss surface as bands of colour, dark where it is low; a band's edge is a contour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.drawing.axes import Frame
from bptui.drawing.bands import half_blocks
from bptui.drawing.canvas import BANDS, Canvas, Ink
from bptui.drawing.scale import HUGE, Scale
from bptui.engine.buffers import Array
from bptui.engine.notation import power

ROLES = (*BANDS, "panel")  # the last one is for what is no number
DEPTH = 1e-4  # of the range: lower than that is one band, however close to 0 it comes


@dataclass(frozen=True)
class Levels:
    """Two ends and the 12 levels between them, spread by logarithms; keep them fixed and a scrub does not flicker.

    Where the low end is positive and the high one more than thrice that, losses themselves are spread; else their
    excess over the low end.
    """

    low: float
    high: float

    @property
    def edges(self) -> Array:
        """The levels where one band meets the next, ascending, (12,)."""
        if self.low > 0 and self.high > 3 * self.low:
            return np.geomspace(self.low, self.high, len(BANDS) + 1)[1:-1]
        span = self.high - self.low
        return self.low + span * np.geomspace(DEPTH**0.5, 1.0, len(BANDS))[:-1]


def levels_of(losses: Array) -> Levels:
    """Levels for all finite losses, their ends rounded to two digits; no lower than 1/10000 of the highest."""
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        return Levels(0.0, 1.0)
    low, high = (max(-HUGE, min(HUGE, float(end))) for end in (finite.min(), finite.max()))
    if 0 <= low < high * DEPTH:
        low = high * DEPTH
    ends = Scale(_two_digits(low), _two_digits(high))
    return Levels(ends.low, ends.high)


def draw_surface(canvas: Canvas, frame: Frame, losses: Array, levels: Levels) -> None:
    """Paint losses, (2·rows, columns) with the top row first, into a frame of that size."""
    with np.errstate(invalid="ignore"):
        bands = np.searchsorted(levels.edges, losses)
    half_blocks(canvas, frame.left, frame.top, np.where(np.isfinite(losses), bands, len(BANDS)), ROLES)


def scale_strip(canvas: Canvas, x: int, y: int, width: int, levels: Levels, letter: str = "L") -> int:
    """All bands from low to high between the two ends of the scale; returns the column after it."""
    x = canvas.put(x, y, f"{letter} ", Ink("soft", bold=True))
    x = canvas.put(x, y, f"{_end(levels.low)} ", Ink("muted"))
    each = max(1, width // len(BANDS))
    for band in BANDS:
        x = canvas.put(x, y, "█" * each, Ink(band))
    return canvas.put(x, y, f" {_end(levels.high)}", Ink("muted"))


def _two_digits(value: float) -> float:
    return float(f"{value:.1e}")


def _end(value: float) -> str:
    two_digits = f"{value:.2g}"
    return power(f"{float(two_digits):g}" if 1e-3 <= abs(value) < 1e5 else two_digits)
