"""The title bar and the bar of keys, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bptui.drawing.canvas import Canvas, Region, cells
from bptui.drawing.lines import BOLD, MUTED, Piece, length, write

Key = tuple[str, str, str]  # how the key is written, the verb, the screen's action


def bar(left: Sequence[Piece], right: Sequence[Piece], width: int) -> Canvas:
    """The title bar: what we look at on the left, where we stand on the right, which wins if both do not fit."""
    margin = 2 if width >= 60 else 1
    canvas = Canvas(width, 1)
    start = max(margin, width - margin - length(right))
    x = margin
    for text, ink in left:
        if x + cells(text) > start - 2:
            break
        x = canvas.put(x, 0, text, ink)
    write(canvas, start, 0, right)
    return canvas


_NAMED = {"↵": "enter", "↑↓": "up/down", "←→": "left/right", "↑↓←→": "arrows"}  # where arrows cannot be drawn


@lru_cache(maxsize=16)
def keys(shown: tuple[Key, ...], width: int, *, ascii_only: bool = False) -> Canvas:
    """The bar of keys: key in bold, verb beside it; the last one always fits. A click does what the key does."""
    canvas = Canvas(width, 1)
    if ascii_only:
        shown = tuple((_NAMED.get(key, key), verb, action) for key, verb, action in shown)
    margin = 2 if width >= 60 else 1
    last = cells(shown[-1][0]) + cells(shown[-1][1]) + 1 if shown else 0
    x = margin
    for k, (key, verb, action) in enumerate(shown):
        wide = cells(key) + 1 + cells(verb)
        if k < len(shown) - 1 and x + wide + 2 + last > width - margin:
            continue
        canvas.put(x, 0, key, BOLD)
        canvas.put(x + cells(key) + 1, 0, verb, MUTED)
        canvas.regions.append(Region(x, 0, wide, 1, f"key:{action}"))
        x += wide + 2
    return canvas
