"""A row of a canvas as Textual takes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.segment import Segment
from textual.strip import Strip

from bptui.drawing.canvas import Ink, part, runs
from bptui.tui.theme import Styles


class CellStrip(Strip):
    """Cells that become segments only where segments are asked for: whoever draws cells needs none.

    Textual cuts every row at the edges of all panes, and each cut would take the segments apart again.
    """

    __slots__ = ("characters", "inks", "styles")

    def __init__(self, characters: list[str], inks: list[Ink], styles: Styles) -> None:
        self.characters, self.inks, self.styles = characters, inks, styles
        self._cell_length = len(characters)

    def __getattr__(self, name: str) -> Any:
        """What a strip has, made when it is first wanted."""
        if name not in Strip.__slots__:
            raise AttributeError(name)
        styles = self.styles
        segments = [Segment(text, styles[ink]) for text, ink in runs(self.characters, self.inks)]
        Strip.__init__(self, segments, len(self.characters))
        return getattr(self, name)

    def crop(self, start: int, end: int | None = None) -> Strip:
        width = len(self.characters)
        end = width if end is None else min(end, width)
        if start <= 0 and end == width:
            return self
        return CellStrip(*part(self.characters, self.inks, max(0, start), end), self.styles)

    def divide(self, cuts: Iterable[int]) -> list[Strip]:
        parts, start = [], 0
        for cut in cuts:
            if cut <= len(self.characters):
                parts.append(self.crop(start, cut))
                start = cut
        return parts
