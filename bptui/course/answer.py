"""What a learner typed, read: numbers in their usual forms, vectors, shapes. Nothing is evaluated."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from bptui.drawing.numbers import decimals_of
from bptui.engine.buffers import Array

MOST = 400  # characters of an answer
SLACK = 1e-9  # rounding of binary numbers, relative to 1

_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:[.,]\d{0,30})?|[.,]\d{1,30})(?:[eE][+-]?\d{1,3})?")
_FRACTION = re.compile(r"(?P<top>[+-]?\d{1,15})\s*/\s*(?P<bottom>[+-]?\d{1,15})")


class AnswerError(ValueError):
    """A text that is no answer of the kind that is asked for. One line: what is wanted."""


@dataclass(frozen=True)
class Typed:
    """One number as typed; `decimals` are the places behind its point, None for a fraction or a power of ten."""

    value: float
    decimals: int | None


def tidy(text: str) -> str:
    """An answer without what only looks different: full-width digits, the true minus, spaces around."""
    if len(text) > MOST:
        raise AnswerError(f"has {len(text)} characters, wants at most {MOST}")
    plain = unicodedata.normalize("NFKC", text)
    for other, usual in (("−", "-"), ("–", "-"), ("⁄", "/"), ("×", "x")):
        plain = plain.replace(other, usual)
    return " ".join(plain.split())


def number(text: str) -> Typed:
    """A number: 0.75, .75, 0,75, 3/4, 7.5e-1, −0.5. Raises AnswerError."""
    plain = tidy(text)
    if match := _FRACTION.fullmatch(plain):
        if int(match["bottom"]) == 0:
            raise AnswerError("the lower number of a fraction is not 0")
        return Typed(int(match["top"]) / int(match["bottom"]), None)
    if not _NUMBER.fullmatch(plain):
        raise AnswerError("wants a number, such as 0.75, 3/4 or 7.5e-1")
    plain = plain.replace(",", ".")
    value = float(plain)
    if not math.isfinite(value):
        raise AnswerError("wants a finite number")
    _, point, behind = plain.partition(".")
    return Typed(value, None if "e" in plain.lower() else len(behind) if point else 0)


def vector(text: str, count: int) -> tuple[Typed, ...]:
    """So many numbers with spaces, commas or semicolons between, in brackets or not. Raises AnswerError.

    A comma is a decimal comma where there are semicolons or spaces enough without it.
    """
    plain = re.sub(r"[\[\](){}]", " ", tidy(text)).strip()
    plain = re.sub(r"\s*/\s*", "/", plain)
    splits = (re.split(pattern, plain) for pattern in (r"\s*;\s*", r"\s+", r",\s+", r"\s*[,;]\s*|\s+"))
    for parts in splits:
        if len(parts) == count:
            try:
                return tuple(number(part.rstrip(",;")) for part in parts)
            except AnswerError:
                continue
    raise AnswerError(f"wants {count} numbers with spaces between, such as {' '.join(['0.5', '−1', '2'][:count])}")


def shape(text: str) -> tuple[int, ...]:
    """A shape: 2×3, 2x3, [2, 3], 2 3; 1 or () for a single number. Raises AnswerError."""
    plain = re.sub(r"[\[\](),x*]", " ", tidy(text).lower()).split()
    if len(plain) > 8 or not all(part.isascii() and part.isdecimal() and len(part) < 9 for part in plain):
        raise AnswerError("wants a shape, such as 2×3")
    return tuple(int(part) for part in plain)


def alike(given: Array, true: Array, digits: int) -> bool:
    """Whether numbers are the true ones, rounded to the decimals that are shown."""
    if given.shape != true.shape or not np.isfinite(true).all():
        return False
    decimals = min(digits, decimals_of(true, max(1, digits))) if np.abs(true).max(initial=0.0) >= 100 else digits
    pairs = zip(given.ravel().tolist(), true.ravel().tolist(), strict=True)
    return all(abs(g - t) <= _tolerance(t, decimals) for g, t in pairs)


def _tolerance(true: float, decimals: int) -> float:
    """Half a unit of the last digit with which a number is shown; a 0 is exact."""
    if abs(true) < 1e-12:
        return SLACK
    slack = SLACK * max(1.0, abs(true))
    if round(abs(true), decimals) == 0:  # shown as 2.0e−4
        return float(0.05 * 10.0 ** math.floor(math.log10(abs(true)))) + slack
    return float(0.5 * 10.0**-decimals) + slack


def too_short(given: tuple[Typed, ...], true: Array, digits: int) -> bool:
    """Whether each number is the true one, rounded to fewer decimals than are wanted, and 0 by no rounding."""
    values = true.ravel().tolist()
    return len(values) == len(given) and all(
        t.decimals is not None and t.decimals <= digits and t.value != 0.0 and abs(t.value - v) <= 0.5 * 10**-t.decimals
        for t, v in zip(given, values, strict=True)
    )
