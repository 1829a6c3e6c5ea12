"""Which cells of a diagram hold something: a number a row, whose bits are columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bptui.drawing.wires import Cell


class Taken:
    """Rectangles of cells that are taken. Columns left of the first count for nothing."""

    def __init__(self, rows: dict[int, int] | None = None) -> None:
        self._rows = defaultdict(int, rows or {})

    def copy(self) -> Taken:
        """The same cells, taken apart from these."""
        return Taken(self._rows)

    def take(self, left: int, top: int, width: int = 1, height: int = 1) -> None:
        """Take a rectangle."""
        rows, bits = self._rows, _bits(left, width)
        for y in range(top, top + height):
            rows[y] |= bits

    def take_cells(self, cells: Iterable[Cell]) -> None:
        """Take single cells."""
        rows = self._rows
        for x, y in cells:
            rows[y] |= 1 << x

    def touches(self, left: int, top: int, width: int = 1, height: int = 1) -> bool:
        """Whether a cell of a rectangle is taken."""
        bits = _bits(left, width)
        return any(self._rows.get(y, 0) & bits for y in range(top, top + height))


def _bits(left: int, width: int) -> int:
    """The columns from `left` on as bits."""
    if left < 0:
        left, width = 0, left + width
    return ((1 << width) - 1) << left if width > 0 else 0
