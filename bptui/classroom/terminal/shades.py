"""Colours as terminals of fewer colours have them."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color, ColorSystem

_LEVELS = (0, 95, 135, 175, 215, 255)  # of red, green and blue in the cube of 216, which begins at 16
_GREYS = range(8, 248, 10)  # the 24 from 232 on
_FAINT = 64  # of the lightest of red, green and blue of an ink that is meant to be seen on black


@lru_cache(maxsize=4096)
def reduced(colour: Color, depth: ColorSystem) -> Color:
    """A colour as a terminal of a depth has it; of 256, the nearest.

    Rich takes a dark colour with a touch of blue for a blue one: all panels would be navy.
    """
    if depth is not ColorSystem.EIGHT_BIT or colour.triplet is None:
        return colour.downgrade(depth)
    wanted = tuple(colour.triplet)
    steps = [min(range(6), key=lambda k: abs(_LEVELS[k] - value)) for value in wanted]
    grey = min(range(24), key=lambda k: abs(3 * _GREYS[k] - sum(wanted)))
    red, green, blue = steps
    found = (
        (16 + 36 * red + 6 * green + blue, tuple(_LEVELS[k] for k in steps)),
        (232 + grey, (_GREYS[grey],) * 3),
    )
    number, _ = min(found, key=lambda each: sum((a - b) ** 2 for a, b in zip(each[1], wanted, strict=True)))
    return Color.from_ansi(number)


def ink(colour: Color, depth: ColorSystem) -> Color:
    """A colour of what is drawn; of 16, a faint one is dark grey, where black would hide it."""
    found = reduced(colour, depth)
    faint = colour.triplet is not None and max(colour.triplet) >= _FAINT
    return Color.from_ansi(8) if depth is ColorSystem.STANDARD and found.number == 0 and faint else found
