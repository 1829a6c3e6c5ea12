"""The sizes that a block diagram comes in: boxes of three rows, roomy or tight; of one row; or bottom-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bptui.drawing.canvas import cells
from bptui.drawing.parts import Part


@dataclass(frozen=True)
class Size:
    """How large boxes are and how far apart. Gaps run from `least` to `most` cells; bars are `bars` rows high.

    Boxes of penalties, and those of gradients that they add to, are `branch` rows high, targets above their costs
    `targets` rows. Without `labels`, gradients go unlabelled, without `shapes`, values: a row less each. `aside`
    columns stand between the two networks of an upward diagram, for shapes, bars and what is saved.
    """

    name: Literal["roomy", "tight", "compact", "upward"]
    rows: int
    least: int
    most: int
    bars: int
    targets: int = 1
    labels: bool = True
    shapes: bool = True
    branch: int = 3
    aside: int = 0

    @property
    def lower(self) -> list[Size]:
        """The same size in ever fewer rows."""
        low = replace(self, targets=1)
        slim = replace(low, branch=1)
        bare = replace(slim, labels=False, shapes=False)
        return [low, replace(low, labels=False), slim, replace(slim, labels=False), bare, replace(bare, bars=1)]

    @property
    def upward(self) -> bool:
        """Whether the flow goes up instead of to the right."""
        return self.name == "upward"

    @property
    def spaced(self) -> bool:
        """Whether the texts of an upward diagram have blanks round their signs."""
        return self.aside >= SPACED

    def text(self, part: Part) -> str:
        """What stands in the box."""
        if self.name == "roomy":
            return part.text
        if self.name == "tight":
            return part.short
        if self.name == "compact":
            return part.tiny
        text = part.text if part.look == "twin" else part.short
        if not self.spaced:
            return text.replace(" ", "") if part.has_parameters or part.look == "twin" else text
        return text.replace("+", " + ").replace("·", " · ").replace("  ", " ").strip()

    def width(self, part: Part, rows: int) -> int:
        """How many columns the box takes where it is so many rows high."""
        length = cells(self.text(part))
        if rows == 1:
            return length + 2
        variable = part.look in ("variable", "observed", "gradient", "seed")
        if self.name == "roomy":
            return max(7, length + 4) if variable else max(12 if part.has_parameters else 10, length + 4)
        if variable:
            return max(6, length + 2)
        return max(5, length + {"function": 3 + (self.least > 2), "twin": 3, "cost": 2}[part.look])


ROOMY = Size("roomy", 3, 4, 4, 2, targets=3)
WIDE = Size("roomy", 3, 4, 8, 2, targets=3)
TIGHT = Size("tight", 3, 3, 4, 2, targets=3)
SNUG = Size("tight", 3, 2, 3, 2, targets=3)
COMPACT = Size("compact", 1, 2, 4, 2, branch=1)
LOW = [replace(COMPACT, bars=1), replace(COMPACT, bars=1, labels=False)]
BARE = [replace(size.lower[-1], bars=0) for size in (ROOMY, TIGHT, SNUG, COMPACT)]  # boxes and wires alone
SPACED = 10
UPWARD = [Size("upward", 1, 1, 1, 1, branch=1, aside=aside) for aside in range(22, 5, -1)]  # the best first
