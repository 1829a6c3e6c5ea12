"""Boxes on the screen, in cells, and putting widgets into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from textual.widget import Widget


class Box(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    def moved(self, right: int, down: int) -> Box:
        """The same rectangle elsewhere."""
        return self._replace(x=self.x + right, y=self.y + down)


def place(widgets: Mapping[str, Widget], boxes: Mapping[str, Box]) -> None:
    """Put each widget into the box of its name; one without a box, or with an empty one, is hidden."""
    for name, widget in widgets.items():
        box = boxes.get(name)
        widget.display = shown = box is not None and box.width > 0 and box.height > 0
        if box is not None and shown:
            widget.styles.offset = (box.x, box.y)
            widget.styles.width, widget.styles.height = box.width, box.height
