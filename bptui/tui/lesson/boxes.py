"""Where a lesson's text and question stand, and the room that they leave to the workbench or a lab."""

from __future__ import annotations

from typing import NamedTuple

from bptui.tui.placing import Box

BESIDE = 110  # columns from which the text has a column of its own
STAGE, LAB = 68, 80  # columns that the workbench and a lab want beside it
NARROW, WIDE = 36, 60  # columns of the text, at the least and at the most
DRAWER = 11  # the fewest rows of the text where it is a drawer over the stage


class Ground(NamedTuple):
    """The lesson's boxes, and the room for the rest, whose last row is not shown: it would be a bar of keys."""

    boxes: dict[str, Box]
    room: Box


def ground(
    width: int, height: int, *, lab: bool, drawer: bool, asked: int, wanted: tuple[int, int] = (0, 0), below: int = 0
) -> Ground:
    """How a terminal is shared. `drawer` opens the text over the stage where it has no column of its own; else the
    question, `asked` rows high, stands below the stage.

    A drawer begins at row `below`, where the diagram ends, if that leaves it enough; it grows over the stage for a
    text of which it would show too little: `wanted` are the rows of all of it, and the fewest with its question.
    """
    bars = {"place": Box(0, 0, width, 1), "keys": Box(0, height - 1, width, 1)}
    if width >= BESIDE:
        text = max(NARROW, min(WIDE, width - 4 - (LAB if lab else STAGE), width * 5 // 12))
        stage = Box(text + 3, 2, width - text - 3 - (0 if lab else 1), height - 2 - (0 if lab else 1))
        return Ground(bars | {"page": Box(1, 2, text, height - 4)}, stage)
    room = Box(0, 1, width, height - 1 - asked)
    if drawer:
        most = max(1, height - 2)
        rows = max(height - 1 - below if below else 0, min(DRAWER, height // 2))
        if wanted[0] > rows:
            rows = max(rows, wanted[1])
        return Ground(bars | {"page": Box(0, height - 1 - min(rows, most), width, min(rows, most))}, room)
    return Ground(bars | {"ask": Box(0, height - 1 - asked, width, asked)}, room)
