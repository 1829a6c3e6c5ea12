"""Where the panes of the train lab stand."""

from __future__ import annotations

from bptui.tui.placing import Box

ROOMY = (100, 36)  # columns and rows from which there are margins, and every pane has a place of its own


def boxes(width: int, height: int) -> dict[str, Box]:
    """Each pane's box in a terminal of this size.

    Roomy: map left, loss, measures and regularisers right, doctor below. Else measures share the place of loss and
    regularisers, and the doctor stands under them.
    """
    if width >= ROOMY[0] and height >= ROOMY[1]:
        return _roomy(width, height)
    left = max(10, min(width // 2, 2 * (height - 6) + 4))
    x, wide, bottom = left + 1, width - left - 1, height - 2
    loss = max(4, (bottom - 1) * 7 // 20)
    kept = 5
    doctor = 1 + loss + 1 + kept + 1
    return {
        "title": Box(0, 0, width, 1),
        "map": Box(0, 1, left, bottom - 1),
        "loss": Box(x, 1, wide, loss),
        "measures": Box(x, 1, wide, loss + 1 + kept),
        "regularisers": Box(x, 2 + loss, wide, kept),
        "doctor": Box(x, doctor, wide, max(0, bottom - doctor)),
        "scrub": Box(0, height - 2, width, 1),
        "keys": Box(0, height - 1, width, 1),
    }


def _roomy(width: int, height: int) -> dict[str, Box]:
    margin, gutter = 1, 2
    doctor, top = 4, 2
    bottom = height - 4 - doctor - 1  # the first row below the panes over the doctor
    tall = bottom - top
    left = min((width - 2 * margin - gutter) // 2, 2 * (tall - 4) + 8)
    x = margin + left + gutter
    wide = width - x - margin
    kept = 6
    loss = max(11, (tall - kept - 2) * 4 // 7)
    measures = tall - kept - 2 - loss
    return {
        "title": Box(0, 0, width, 1),
        "map": Box(margin, top, left, tall),
        "loss": Box(x, top, wide, loss),
        "measures": Box(x, top + loss + 1, wide, measures),
        "regularisers": Box(x, top + loss + 1 + measures + 1, wide, kept),
        "doctor": Box(margin, bottom + 1, width - 2 * margin, doctor),
        "scrub": Box(0, height - 3, width, 1),
        "keys": Box(0, height - 1, width, 1),
    }
