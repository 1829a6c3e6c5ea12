"""Numbers as text: a real minus sign, decimals under each other, an exact 0 as a bare 0."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from bptui.engine.buffers import Array, Shape
from bptui.engine.notation import power

MINUS = "−"
MOST = 3  # decimals of a result
HUGE = 1e5  # from here on a number is written with a power of ten


def number(value: float, decimals: int = MOST) -> str:
    """One number. Exactly 0 is `0`; what would round to 0, and what is huge, is written with a power of ten.

    >>> number(-0.4567), number(0.0), number(2e-7), number(123456.7), number(float("-inf"))
    ('−0.457', '0', '2.0e−7', '1.2e5', '−∞')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    if value == 0:
        return "0"
    if abs(value) >= HUGE or round(abs(value), decimals) == 0:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    return f"{value:.{decimals}f}".replace("-", MINUS)


def brief(value: float, decimals: int = MOST) -> str:
    """One number with as few of its decimals as say the same, but one at least.

    >>> brief(0.4), brief(1.0), brief(0.647), brief(-0.97)
    ('0.4', '1.0', '0.647', '−0.97')
    """
    text = number(value, decimals)
    if "." not in text or "e" in text:
        return text
    whole, digits = text.split(".")
    return f"{whole}.{digits.rstrip('0') or '0'}"


def signed(value: float, decimals: int = MOST) -> str:
    """One addend of a running sum: plus is written too."""
    return ("+" if value > 0 else "") + number(value, decimals)


def fitting(value: float, room: int, *, plus: bool = False) -> str:
    """One number with as many decimals, up to three, as fit so many cells; else a power of ten with one digit.

    >>> fitting(506.0164, 8), fitting(506.0164, 5), fitting(-5154.7, 5), fitting(6.3e-5, 5), fitting(0.4, 8, plus=True)
    ('506.016', '506.0', '−5155', '6e−5', '+0.400')
    """
    written = signed if plus else number
    texts = (written(value, decimals) for decimals in (3, 2, 1, 0))
    short = "+" * (plus and value > 0) + power(f"{value:.0e}")
    return next((text for text in texts if len(text) <= room), short)


def decimals_of(values: Array, most: int = MOST) -> int:
    """How many decimals show these numbers exactly, from 1 up to `most`; fewer where they are large.

    What is written with a power of ten has no say.

    >>> decimals_of(np.array([0.48, 1234.5])), decimals_of(np.array([0.48, 3e29]))
    (1, 2)
    """
    entries = np.asarray(values, float).ravel()
    entries = entries[np.abs(entries) < HUGE]
    if not entries.size:
        return 1
    largest = float(np.abs(entries).max())
    most = max(1, min(most, 4 - int(math.log10(largest)))) if largest >= 100 else most
    if entries.size > 200:
        return most
    slack = 1e-9 * max(1.0, largest)
    for decimals in range(1, most):
        if float(np.abs(entries - entries.round(decimals)).max()) <= slack:
            return decimals
    return most


def column(values: Iterable[float], decimals: int) -> list[str]:
    """Numbers aligned on the decimal point, all of one width.

    >>> column([1.61, 0.0, -0.87], 2)
    [' 1.61', ' 0   ', '−0.87']
    """
    return aligned([number(value, decimals) for value in values])


def aligned(texts: Sequence[str]) -> list[str]:
    """Written numbers with their decimal points under each other."""
    parts = [text.partition(".") for text in texts]
    left = max((len(whole) for whole, _, _ in parts), default=0)
    right = max((len(point + digits) for _, point, digits in parts), default=0)
    return [whole.rjust(left) + (point + digits).ljust(right) for whole, point, digits in parts]


def factor(value: float, decimals: int = MOST) -> str:
    """A number as a factor behind a dot: in brackets if it is negative."""
    text = brief(value, decimals)
    return f"({text})" if text.startswith(MINUS) else text


def adds_up(addends: Sequence[float], result: float, decimals: int) -> bool:
    """Whether these addends, as a reader sees them rounded, make the rounded result."""
    seen = sum(addends)
    return not math.isfinite(result) or not math.isfinite(seen) or round(seen, decimals) == round(result, decimals)


def shape_text(shape: Shape) -> str:
    """A shape without brackets; a scalar is 1.

    >>> shape_text((3, 10, 20)), shape_text(())
    ('3×10×20', '1')
    """
    return "×".join(map(str, shape)) or "1"
