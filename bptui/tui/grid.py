"""Where each pane of the workbench stands, for any size of the terminal. Settled by size and net, never by a step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bptui.tui.placing import Box

SIDE = 38  # columns of the pane beside the inspector
THIRD = 48  # columns of the third column of a wide terminal
LEAST = 4  # rows that the diagram always leaves to the inspector
LOW = 8  # rows below which a pane beside the inspector has no room for a list


@dataclass(frozen=True)
class Size:
    """The terminal's size, and which of the three arrangements it gets.

    `part` says that it is a part of a terminal: the rest is a lesson's.
    """

    width: int
    height: int
    part: bool = False

    @property
    def compact(self) -> bool:
        """Panes are tabs, shapes are one row high."""
        return self.width < 120 or self.height < 36

    @property
    def wide(self) -> bool:
        """Program, knobs and watches have a column of their own."""
        return self.width >= 180 and not self.compact

    @property
    def cramped(self) -> bool:
        """Smaller than what the workbench is made for. A class may keep one row of a terminal's 24."""
        return not self.part and (self.width < 80 or self.height < 23)

    @property
    def margin(self) -> int:
        return 2 if self.width >= (76 if self.part else 60) else 0

    @property
    def stage(self) -> int:
        """The columns between the margins: what the diagram can have."""
        return max(1, self.width - 2 * self.margin)

    @property
    def room(self) -> int:
        """The most rows that a diagram across the screen can have."""
        top, below = (5, 7 + LEAST) if not self.compact else (self._top, 8)
        return max(3, self.height - top - below)

    @property
    def _top(self) -> int:
        return 4 if self.height >= 24 else 2

    @property
    def aside(self) -> int:
        """The columns of an upward diagram that leave a matrix of 60 columns to the inspector beside it."""
        return self.stage - (28 if self.compact else 66)


@lru_cache(maxsize=16)
def arrange(size: Size, diagram: tuple[int, int], *, beside: bool, into: int | None = None) -> dict[str, Box]:
    """The panes' boxes, by name, for a diagram of some width and height.

    `beside` puts the diagram at the left of the inspector instead of above it. `into` is the number of rows that the
    diagram keeps while one looks into a module. A pane without a box is hidden.
    """
    if size.compact:
        return _compact(size, diagram, beside=beside, into=into)
    if beside:
        return _beside(size, diagram[0])
    return _across(size, diagram[1], into)


def _bars(size: Size) -> dict[str, Box]:
    return {"title": Box(0, 0, size.width, 1), "keys": Box(0, size.height - 1, size.width, 1)}


def _third(size: Size, top: int) -> dict[str, Box]:
    """Knobs above watches, at the right edge; where that is low, the most used knobs, and perhaps no watches."""
    x, bottom = size.width - size.margin - THIRD, size.height - 2
    watches = max(4, (bottom - top) // 3)
    knobs = bottom - top - watches - 1
    if knobs >= LOW:
        return {"knobs": Box(x, top, THIRD, knobs), "watches": Box(x, bottom - watches, THIRD, watches)}
    strip = {"strip": Box(x, top, THIRD, 4)}
    return strip | {"watches": Box(x, top + 5, THIRD, bottom - top - 5)} if bottom - top >= 9 else strip


def _across(size: Size, rows: int, into: int | None) -> dict[str, Box]:
    x, stage, bottom = size.margin, size.stage, size.height - 2
    rows = min(rows, size.room) if into is None else into
    timeline = 5 + rows + 1
    main = timeline + 4
    boxes = _bars(size) | {
        "story": Box(x, 2, stage, 2),
        "diagram": Box(x, 5, stage, rows),
        "timeline": Box(x, timeline, stage, 3),
    }
    if size.wide:
        inspector = stage - SIDE - THIRD - 4
        return boxes | {
            "main": Box(x, main, inspector, bottom - main),
            "program": Box(x + inspector + 2, main, SIDE, bottom - main),
            **_third(size, main),
        }
    if into is not None:
        return boxes | {"main": Box(x, main, stage, bottom - main)}
    roomy = bottom - main >= 9  # else the knobs stand beside the inspector, and the program is a pane
    if not roomy:  # blank rows go to the inspector
        main, bottom = main - 1, bottom + 1
    side = Box(x + stage - SIDE, main, SIDE, bottom - (2 if roomy else 0) - main)
    boxes["main"] = Box(x, main, stage - SIDE - 2, side.height)
    return boxes | ({"program": side, "strip": Box(x, bottom - 2, stage, 2)} if roomy else {"strip": side})


def _beside(size: Size, columns: int) -> dict[str, Box]:
    x, stage, bottom = size.margin, size.stage, size.height - 2
    timeline = bottom - 3
    height = timeline - 6
    columns = min(columns, stage - 36)
    right = x + columns + 4  # a column for the scroll bar, one for the divider
    wide = size.wide and stage - columns - THIRD - 5 >= 60
    boxes = _bars(size) | {
        "story": Box(x, 2, stage, 2),
        "diagram": Box(x, 5, columns + 1, height),
        "divider": Box(x + columns + 2, 5, 1, height),
        "main": Box(right, 5, x + stage - right - (THIRD + 2 if wide else 0), height),
        "timeline": Box(x, timeline, stage - (THIRD + 2 if wide else 0), 3),
    }
    return boxes | _third(size, 5) if wide else boxes


def _compact(size: Size, diagram: tuple[int, int], *, beside: bool, into: int | None) -> dict[str, Box]:
    x, stage = size.margin, size.stage
    airy = size.height >= 24
    top, bottom = (4, size.height - 2) if airy else (2, size.height - 1)
    boxes = _bars(size) | {"story": Box(x, 2 if airy else 1, stage, 1)}
    if beside:
        columns = min(diagram[0], max(1, stage - 28))
        timeline = bottom - 2
        right = x + columns + 3
        return boxes | {
            "diagram": Box(x, top, columns + 1, timeline - top - airy),
            "tabs": Box(right, top, size.width - right, 1),
            "main": Box(right, top + 1 + airy, max(0, stage - columns - 3), timeline - top - 1 - 2 * airy),
            "timeline": Box(x, timeline, stage, 2),
        }
    rows = min(diagram[1], size.room) if into is None else min(into, size.room)
    timeline = top + rows + (size.part and top + rows + 6 + LEAST < bottom)
    if timeline + 4 + airy + LEAST > bottom:  # blank rows go to the inspector
        airy, bottom = False, size.height - 1
    tabs = timeline + 2 + airy
    main = tabs + 1 + airy
    return boxes | {
        "diagram": Box(x, top, stage, rows),
        "timeline": Box(x, timeline, stage, 2),
        "tabs": Box(0, tabs, size.width, 1),
        "main": Box(x, main, stage, max(0, bottom - main)),
    }


def with_watches(boxes: dict[str, Box], rows: int) -> dict[str, Box]:
    """The same boxes, with room for the watches below the program where there are any and have none yet."""
    program = boxes.get("program")
    if program is None or "watches" in boxes or not rows or program.height < LOW:
        return boxes
    height = min(rows + 2, program.height // 2)
    above = program.height - height
    return boxes | {
        "program": program._replace(height=above - 1),
        "watches": Box(program.x, program.y + above, program.width, height),
    }


def with_source(boxes: dict[str, Box]) -> dict[str, Box]:
    """The same boxes, with room for a net's source where it has none yet.

    It stands below a high inspector; beside a low one, it takes the place of the knobs.
    """
    main = boxes["main"]
    if "program" in boxes or "tabs" in boxes:
        return boxes
    if main.height >= 3 * LOW:
        rows = main.height // 3
        return boxes | {
            "main": main._replace(height=main.height - rows - 1),
            "program": Box(main.x, main.y + main.height - rows, main.width, rows),
        }
    if "strip" in boxes:
        return {name: box for name, box in boxes.items() if name != "strip"} | {"program": boxes["strip"]}
    return boxes
