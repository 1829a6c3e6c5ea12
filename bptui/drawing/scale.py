"""Numbers along an axis: where they lie between its ends, and the few round ones worth a label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bptui.drawing.numbers import MINUS, number
from bptui.engine.buffers import Array

HUGE = 1e300  # ends beyond this are drawn in to it: differences must not overflow
DECADES = 300


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, linear or logarithmic: the outer edges of its first and last cell.

    Impossible ends become the nearest possible ones: swapped ones are put in order, equal ones spread, what is not
    finite is left out. Nothing here ever raises.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        low, high = _ends(float(self.low), float(self.high), self.log)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def share(self, values: Array | Sequence[float] | float) -> Array:
        """Where values lie: 0 at the low end, 1 at the high end; NaN for what is not finite.

        On a log axis what is not positive lies on the floor, at 0.
        """
        at = np.asarray(values, float)
        with np.errstate(all="ignore"):
            if self.log:
                low, high = math.log10(self.low), math.log10(self.high)
                shares = np.where(at > 0, (np.log10(np.where(at > 0, at, 1.0)) - low) / (high - low), 0.0)
            else:
                shares = (at / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return np.where(np.isfinite(at) & np.isfinite(shares), shares, np.nan)

    def value(self, share: float) -> float:
        """The number at a share of the way from the low end to the high one."""
        if self.log:
            return float(10 ** (math.log10(self.low) * (1 - share) + math.log10(self.high) * share))
        return self.low * (1 - share) + self.high * share

    def middles(self, count: int) -> Array:
        """The numbers in the middles of so many equal cells, (count,)."""
        shares = (np.arange(count) + 0.5) / count
        if self.log:
            return np.asarray(10 ** (math.log10(self.low) * (1 - shares) + math.log10(self.high) * shares))
        return np.asarray(self.low * (1 - shares) + self.high * shares)


def _ends(low: float, high: float, log: bool) -> tuple[float, float]:
    least = 1e-300 if log else -HUGE
    low, high = (max(least, min(HUGE, end)) if math.isfinite(end) else end for end in (low, high))
    if not math.isfinite(low):
        low = high if math.isfinite(high) else (0.1 if log else 0.0)
    if not math.isfinite(high):
        high = low
    low, high = min(low, high), max(low, high)
    if log:
        return (low, high) if high / low > 1 + 1e-9 else (low / math.sqrt(10), high * math.sqrt(10))
    slack = max(abs(low), abs(high)) * 1e-9
    if high - low > max(slack, 1e-290):
        return low, high
    return (low - 0.5, high + 0.5) if slack < 0.25 else (low - 2 * slack, high + 2 * slack)


def covering(values: Array | Sequence[float], margin: float = 0.0) -> Scale:
    """A linear scale over all finite values, with a margin on either side, in shares of their range."""
    entries = np.asarray(values, float)
    entries = entries[np.isfinite(entries)]
    if not entries.size:
        return Scale(0.0, 1.0)
    low, high = float(entries.min()), float(entries.max())
    room = margin * (high / 2 - low / 2) * 2
    return Scale(low - room, high + room)


def log_rows(values: Array | Sequence[float], rows: int) -> Scale:
    """A log scale for so many rows, a whole number of them per decade, so that round numbers lie in rows' middles.

    The largest positive value is in the first row or just below; where the range takes more decades than rows, what
    is lowest is out of sight.
    """
    entries = np.asarray(values, float)
    entries = entries[np.isfinite(entries) & (entries > 0)]
    top, bottom = (math.log10(entries.max()), math.log10(entries.min())) if entries.size else (0.0, -1.0)
    for per_decade in (*range(min(8, rows), 0, -1), *(1 / k for k in range(2, DECADES))):
        first = math.ceil(top * per_decade - 0.5)
        if first - (rows - 1) <= math.floor(bottom * per_decade + 0.5):
            break
    ends = ((first + 0.5 - below) / per_decade for below in (rows, 0))
    low, high = (10.0 ** max(-DECADES, min(DECADES, end)) for end in ends)
    return Scale(low, high, log=True)


def equal_units(x: Scale, y: Scale, width: int, height: int) -> tuple[Scale, Scale]:
    """Two linear scales with equal units a dot, for cells twice as high as wide: the narrower view is widened."""
    unit = max((x.high - x.low) / width, (y.high - y.low) / (2 * height))

    def widened(scale: Scale, length: float) -> Scale:
        middle = scale.low / 2 + scale.high / 2
        return Scale(middle - length / 2, middle + length / 2)

    return widened(x, unit * width), widened(y, unit * 2 * height)


def ticks(scale: Scale, cells: int, apart: int) -> list[float]:
    """Round numbers inside a scale's ends, at least `apart` of its cells from each other.

    >>> ticks(Scale(-2.1, 3.4), 66, 8)
    [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    """
    return _log_ticks(scale, cells, apart) if scale.log else _linear_ticks(scale, max(1, cells // max(1, apart)))


def _linear_ticks(scale: Scale, most: int) -> list[float]:
    span = scale.high - scale.low
    rough = span / most
    base = 10.0 ** math.floor(math.log10(rough))
    step = next(base * factor for factor in (1, 2, 5, 10) if base * factor >= rough * (1 - 1e-9))
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    decimals = max(0, 1 - math.floor(math.log10(step)))
    return [round(k * step, decimals) + 0.0 for k in range(first, last + 1)] if last - first <= 2 * most + 2 else []


def _log_ticks(scale: Scale, cells: int, apart: int) -> list[float]:
    low, high = math.log10(scale.low), math.log10(scale.high)
    decade = cells / (high - low)  # cells
    half = 0.5 / cells * (high - low)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        gap = min(math.log10(b / a) for a, b in zip(digits, (*digits[1:], 10), strict=True))
        if gap * decade >= apart - 0.2:
            break
    every = max(1, math.ceil(apart / decade - 0.2))
    powers = [power for power in range(math.floor(low), math.ceil(high) + 1) if power % every == 0]
    found = [digit * 10.0**power for power in powers for digit in digits]
    inside = [tick for tick in found if low + 0.2 * half <= math.log10(tick) <= high - 0.2 * half]
    return [float(f"{tick:.0e}") for tick in inside]


def tick_texts(values: Sequence[float], *, log: bool = False) -> list[str]:
    """Labels of ticks, all with as many decimals as the finest needs; thousands as k, extremes as powers of ten.

    On a log axis each label is as short as it can be.

    >>> tick_texts([-1.0, -0.5, 0.0]), tick_texts([0, 20000, 40000]), tick_texts([0.0001, 1, 10000], log=True)
    (['−1.0', '−0.5', '0'], ['0', '20k', '40k'], ['1e−4', '1', '10k'])
    """
    if log:
        return [_label(value, abs(value), 0.0) for value in values]
    largest = max(map(abs, values), default=0.0)
    gaps = [abs(b - a) for a, b in pairwise(values)]
    even = not gaps or max(gaps) <= 1.01 * min(gaps)
    texts = [_label(value, largest, min(gaps, default=0.0) if even else 0.0) for value in values]
    if len(set(texts)) < len(texts):  # a narrow view far from 0
        return [f"{value:.15g}".replace("-", MINUS) for value in values]
    return texts


def _label(value: float, largest: float, step: float) -> str:
    if value == 0 or not math.isfinite(value):
        return number(value)
    if largest >= 1e6 or (largest < 1e-3 and step) or abs(value) < 1e-3:
        mantissa, _, exponent = f"{value:.3g}".partition("e") if not 1e-3 <= abs(value) < 1e3 else (f"{value:.3g}",) * 3
        if mantissa == exponent or not exponent:
            mantissa, exponent = f"{value:.2e}".split("e")
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    if largest >= 1e4 and value % 100 == 0:
        return f"{value / 1000:g}k".replace("-", MINUS)
    decimals = next((d for d in range(4) if abs(step - round(step, d)) <= 1e-6 * step), 4) if step else 0
    text = f"{value:.{decimals}f}" if step else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return text.replace("-", MINUS)
