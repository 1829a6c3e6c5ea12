"""The sizes that a block diagram comes in: boxes of three rows, roomy or tight; of one row; or bottom-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bptui.drawing.canvas import cells
from bptui.drawing.parts import Part


@dataclass(frozen=True)
class Size:
    """How large boxes are and how far apart. Gaps run from `least` to `most` cells; bars are `bars` rows high.

    Targets above their costs are `targets` rows high. Without `labels`, gradients go unlabelled: a row less. `aside`
    columns stand right of an upward main lane, for shapes, bars and what is saved.
    """

    name: Literal["roomy", "tight", "compact", "upward"]
    rows: int
    least: int
    most: int
    bars: int
    targets: int = 1
    labels: bool = True
    aside: int = 0

    @property
    def lower(self) -> tuple[Size, Size]:
        """The same size in fewer rows: with targets of one row, then without labels of gradients too."""
        return replace(self, targets=1), replace(self, targets=1, labels=False)

    @property
    def upward(self) -> bool:
        """Whether the flow goes up instead of to the right."""
        return self.name == "upward"

    def text(self, part: Part) -> str:
        """What stands in the box."""
        if self.name == "roomy":
            return part.text
        if self.name == "tight":
            return part.short
        if self.name == "compact":
            return part.tiny
        text = part.text if part.look == "twin" else part.short
        return text.replace("+", " + ").replace("·", " · ").replace("  ", " ").strip()

    def width(self, part: Part) -> int:
        """How many columns the box takes."""
        length = cells(self.text(part))
        if self.rows == 1:
            return length + 2
        variable = part.look in ("variable", "observed", "gradient", "seed")
        if self.name == "roomy":
            return max(7, length + 4) if variable else max(12 if part.has_parameters else 10, length + 4)
        if variable:
            return max(6, length + 2)
        return max(5, length + {"function": 4, "twin": 3, "cost": 2}[part.look])


ROOMY = Size("roomy", 3, 4, 4, 2, targets=3)
WIDE = Size("roomy", 3, 4, 8, 2, targets=3)
TIGHT = Size("tight", 3, 3, 4, 2, targets=3)
COMPACT = Size("compact", 1, 2, 4, 2)
UPWARD = Size("upward", 1, 1, 1, 1, aside=22)
SLIM = Size("upward", 1, 1, 1, 1, aside=10)
