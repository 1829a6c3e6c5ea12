"""Where each pane of the desk stands. Where it is tight, one pane at a time, chosen by tab."""

from __future__ import annotations

from bptui.tui.placing import Box

PANES = ("roster", "poll", "lead", "join")
ROOMY = (110, 32)  # columns and rows from which all stand beside each other
_JOIN = 6  # rows of the way in
_LEAD = 9
_LEFT = 62  # columns of the roster, of 120


def is_roomy(width: int, height: int) -> bool:
    """Whether all panes have room."""
    return width >= ROOMY[0] and height >= ROOMY[1]


def boxes(width: int, height: int, pane: str) -> dict[str, Box]:
    """Every pane's box in a terminal of this size; in a tight one, only the chosen pane has one."""
    bars = {"title": Box(0, 0, width, 1), "keys": Box(0, height - 1, width, 1)}
    if not is_roomy(width, height):
        return bars | {
            "tabs": Box(0, 1, width, 1),
            pane: Box(0, 2, width, max(0, height - 4)),
            "note": Box(0, height - 2, width, 1),
        }
    left = _LEFT + (width - 120) // 2 if width > 120 else _LEFT
    right, x = width - left - 4, left + 3
    join = height - 3 - _JOIN
    lead = join - 1 - _LEAD
    return bars | {
        "roster": Box(1, 2, left, join - 3),
        "poll": Box(x, 2, right, lead - 3),
        "lead": Box(x, lead, right, _LEAD),
        "join": Box(1, join, width - 2, _JOIN),
        "note": Box(1, height - 2, width - 2, 1),
    }
