"""Numbers from outside: nested lists out of a file, checked one by one, with the place of the first that is wrong."""

from __future__ import annotations

import math
from typing import Any

from bptui.data.samples import Nested
from bptui.engine.buffers import Shape
from bptui.engine.module import subscript

NON_FINITE = ("NaN", "Infinity", "-Infinity")  # as text, where a format has no such numbers


def finite(name: str, value: Any) -> Nested:
    """A number or nested lists of numbers as tuples of floats.

    Raises ValueError, one line with the place, for anything else: text, truth values, numbers that are not finite,
    rows of unequal length.

    >>> finite("b", [1, 2.5])
    (1.0, 2.5)
    """
    numbers = _finite(name, value, ())
    extents(name, numbers)
    return numbers


def extents(name: str, numbers: Nested) -> Shape:
    """The shape of nested tuples. Raises ValueError, with the place, if rows differ in length."""
    if not isinstance(numbers, tuple):
        return ()
    shapes = [extents(name, row) for row in numbers]
    for k, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(f"{name}[{k}]: got shape {list(shape)} beside {list(shapes[0])}, wants equal rows")
    return (len(numbers), *shapes[0]) if shapes else (0,)


def _finite(name: str, value: Any, place: tuple[int, ...]) -> Nested:
    if isinstance(value, list | tuple):
        return tuple(_finite(name, item, (*place, k)) for k, item in enumerate(value))
    if value in NON_FINITE:
        raise ValueError(f"{name}{subscript(place)} is {value}, wants a finite number")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}{subscript(place)}: got {_shown(value)}, wants a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        word = "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
        raise ValueError(f"{name}{subscript(place)} is {word}, wants a finite number")
    return number


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
