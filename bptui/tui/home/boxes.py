"""Where the panes of home stand, and what the arrows lead to."""

from __future__ import annotations

from collections.abc import Mapping

from bptui.tui.catalogue import CHAPTERS, NETS
from bptui.tui.placing import Box

ROOMY = (100, 36)  # columns and rows from which there are margins, and labs and nets have panes of their own
TOLD = (110, 19)  # columns and rows of the nets' pane from which each net stands with what it is for
_LONGEST = max(len(chapter.lessons) for chapter in CHAPTERS)
_LABS = 38  # columns of the labs' pane


def boxes(width: int, height: int, *, nets: bool) -> dict[str, Box]:
    """Each pane's box in a terminal of this size. Where it is tight, `nets` stand in the lessons' place."""
    if width >= ROOMY[0] and height >= ROOMY[1]:
        return _roomy(width, height)
    places = 3 if width >= 60 else 0
    lessons = _LONGEST + 2
    spare = height - 2 - 8 - lessons - places
    gap = 1 if spare >= 2 else 0
    card = max(6, min(12, 8 + min(0, spare) + max(0, spare - 3)))
    y = 1 + card + gap
    lessons = min(lessons, max(3, height - 1 - y - places))
    return {
        "title": Box(0, 0, width, 1),
        "card": Box(0, 1, width, card),
        "nets" if nets else "lessons": Box(0, y, width, lessons),
        "places": Box(0, y + lessons + gap, width, places),
        "keys": Box(0, height - 1, width, 1),
    }


def _roomy(width: int, height: int) -> dict[str, Box]:
    margin, gutter = 1, 2
    wide = width - 2 * margin
    lessons = _LONGEST + 5
    listed = width - 2 * margin - _LABS - gutter
    few, told = len(NETS) // 2 + 4, len(NETS) + 4
    rest = height - 2 - 2 - lessons - 2  # for the card above and the nets below
    nets = told if rest >= told + 18 and listed >= TOLD[0] else few
    card = min(rest - nets, 22)
    y = 2 + card + 1
    below = y + lessons + 1
    return {
        "title": Box(0, 0, width, 1),
        "card": Box(margin, 2, wide, card),
        "lessons": Box(margin, y, wide, lessons),
        "labs": Box(margin, below, _LABS, nets),
        "nets": Box(margin + _LABS + gutter, below, listed, nets),
        "keys": Box(0, height - 1, width, 1),
    }


def neighbour(places: Mapping[str, Box], here: str, across: int, down: int) -> str:
    """The place that an arrow leads to from another one: the nearest in its direction, or where one is if none is.

    Up and down rather stay in their columns, left and right in their rows.
    """
    if here not in places:
        return next(iter(places), here)
    at = places[here]

    def distance(name: str) -> tuple[int, int]:
        box = places[name]
        sideways = max(box.x - at.x - at.width, at.x - box.x - box.width, -1) + 1
        upright = max(box.y - at.y - at.height, at.y - box.y - box.height, -1) + 1
        return (20 * sideways + upright, abs(box.x - at.x)) if down else (4 * upright + sideways, abs(box.y - at.y))

    ahead = [
        name
        for name, box in places.items()
        if (down > 0 and box.y >= at.y + at.height)
        or (down < 0 and box.y + box.height <= at.y)
        or (across > 0 and box.x >= at.x + at.width)
        or (across < 0 and box.x + box.width <= at.x)
    ]
    return min(ahead, key=distance, default=here)
