"""Half-block maps: two values a cell, one over the other, each in one of a few colours."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bptui.drawing.canvas import Canvas, Ink


def half_blocks(canvas: Canvas, left: int, top: int, codes: NDArray[np.int_], roles: tuple[str, ...]) -> None:
    """Paint codes, (2·rows, columns) from the top, as indices into roles.

    A cell whose halves are equal is a coloured blank, any other one `▀`: so the borders between colours can be seen
    without colours, too. What was written there before is gone.
    """
    inks, count = _inks(roles), len(roles)
    pairs = codes[0::2] * count + codes[1::2]
    edges = codes[0::2] != codes[1::2]
    columns = min(codes.shape[1], canvas.width - left)
    for y, (row, edge) in enumerate(zip(pairs.tolist(), edges.tolist(), strict=True), top):
        if 0 <= y < canvas.height:
            canvas.inks[y][left : left + columns] = [inks[pair] for pair in row[:columns]]
            canvas.characters[y][left : left + columns] = ["▀" if each else " " for each in edge[:columns]]


@lru_cache(maxsize=8)
def _inks(roles: tuple[str, ...]) -> list[Ink]:
    return [Ink(upper, lower) for upper in roles for lower in roles]
