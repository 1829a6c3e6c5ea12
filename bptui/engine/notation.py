"""How names look: `s1` as s₁, `m0.weight` as W₀, a copy `x'` as x′."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = "0123456789"
_SUBSCRIPTS = str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉")
_LETTERS = {"weight": "W", "bias": "b"}
_USUAL = re.compile(  # modules that a number tells apart
    r"(?:G|f|m|model|copy|position|direction|fc|l|lin|linear|layer|dense)?(\d*)"
)
_COPY = re.compile(r"([^']*)('+)(\d*)")
_PRIMES = ("", "′", "″", "‴")
_WORDS = {"ybar": "ȳ", "theta": "θ", "dot": "·"}


@lru_cache(maxsize=16_384)
def symbol(name: str) -> str:
    """The symbol of a variable or parameter: digits at the end become a subscript, ASCII primes real ones.

    A parameter's module is told by its number alone where it has one of the usual names, so that no two look the same.

    >>> symbol("s1"), symbol("m0.weight"), symbol("x''"), symbol("ybar1")
    ('s₁', 'W₀', 'x″', 'ȳ₁')
    >>> symbol("fc2.bias"), symbol("decoder.weight"), symbol("blocks.0.fc1.weight")
    ('b₂', 'W_decoder', 'W_blocks.0.fc1')
    """
    stem, copy = name, ""
    if "'" in name and (copied := _COPY.fullmatch(name)):
        stem, primes, which = copied.groups()
        copy = _PRIMES[len(primes)] + which.translate(_SUBSCRIPTS)
    owner, dot, local = stem.rpartition(".")
    if dot and local in _LETTERS:
        usual = _USUAL.fullmatch(owner)
        return _LETTERS[local] + (usual[1].translate(_SUBSCRIPTS) if usual else f"_{owner}") + copy
    letters = stem.rstrip(_DIGITS)
    return _WORDS.get(letters, letters) + stem[len(letters) :].translate(_SUBSCRIPTS) + copy


def gradient_symbol(name: str) -> str:
    """The symbol of the cost's gradient with respect to a variable: ds₁ is short for ∂C/∂s₁."""
    return "d" + symbol(name)


def numeral(value: float, digits: int) -> str:
    """A number in a sentence: so many digits, and the true minus.

    >>> numeral(-0.123456, 3), numeral(5e-5, 2), numeral(float("-inf"), 3), numeral(float("nan"), 3)
    ('−0.123', '5e−5', '−∞', 'NaN')
    """
    text = power(f"{value + 0.0:.{digits}g}")  # −0.0 + 0.0 is 0
    return text.replace("inf", "∞").replace("nan", "NaN")


def epoch_text(count: float) -> str:
    """How many epochs, or which one, in a sentence: two decimals at most.

    >>> epoch_text(7.0), epoch_text(0.853333), epoch_text(12345.0)
    ('7', '0.85', '12345')
    """
    return f"{round(count, 2):.9g}"


def power(text: str) -> str:
    """A number that Python wrote, with the true minus and no more than it takes of an exponent.

    >>> power("-5e-05"), power("2e+120"), power("1e+00")
    ('−5e−5', '2e120', '1e0')
    """
    return re.sub(r"e\+?(-?)0*(?=\d)", r"e\1", text).replace("-", "−")


def copy_name(name: str, number: int) -> str:
    """The name of copy `number` (from 0) that a Duplicate makes: x', x'', x''', then x'4, x'5, …"""
    return name + ("'" * (number + 1) if number < 3 else f"'{number + 1}")
