"""Where the panes of the descend lab stand."""

from __future__ import annotations

from bptui.tui.placing import Box

ROOMY = (100, 36)  # columns and rows from which there are margins, and every pane has a place of its own
RACE, KNOBS, STEP = 7, 6, 14  # rows of panes that do not grow much


def is_roomy(width: int, height: int) -> bool:
    """Whether every pane has a place of its own."""
    return width >= ROOMY[0] and height >= ROOMY[1]


def boxes(width: int, height: int) -> dict[str, Box]:
    """Each pane's box in a terminal of this size.

    Roomy: surface and knobs left; race, loss and step right. Else loss, step and knobs are tabs below the race.
    """
    if is_roomy(width, height):
        return _roomy(width, height)
    left = max(10, min(width - 35, 2 * (height - 6) + 10))
    x, wide, bottom = left + 1, width - left - 1, height - 2
    race = 6
    below = Box(x, 2 + race, wide, max(0, bottom - 2 - race))
    return {
        "title": Box(0, 0, width, 1),
        "surface": Box(0, 1, left, bottom - 1),
        "race": Box(x, 1, wide, race),
        "tabs": Box(x, 1 + race, wide, 1),
        "loss": below,
        "step": below,
        "knobs": below,
        "scrub": Box(0, height - 2, width, 1),
        "keys": Box(0, height - 1, width, 1),
    }


def _roomy(width: int, height: int) -> dict[str, Box]:
    margin, gutter, top = 1, 2, 2
    bottom = height - 4  # the first row below the panes
    right = max(42, (width - 2 * margin - gutter) * 37 // 100)
    left = width - 2 * margin - gutter - right
    x = margin + left + gutter
    step = STEP + (bottom - top - 34) // 4
    loss = bottom - top - RACE - step - 2
    return {
        "title": Box(0, 0, width, 1),
        "surface": Box(margin, top, left, bottom - top - KNOBS - 1),
        "knobs": Box(margin, bottom - KNOBS, left, KNOBS),
        "race": Box(x, top, right, RACE),
        "loss": Box(x, top + RACE + 1, right, loss),
        "step": Box(x, bottom - step, right, step),
        "scrub": Box(0, height - 3, width, 1),
        "keys": Box(0, height - 1, width, 1),
    }
