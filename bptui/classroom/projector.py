"""What the projector shows beside the stage: how to come in. Never whose answer is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptui.classroom.desk.poster import poster
from bptui.classroom.terminal.canvases import rows
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.kind import Kind
from bptui.drawing.canvas import Canvas
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece
from bptui.tui.bars import bar

if TYPE_CHECKING:
    from bptui.classroom.room import Room


def invitation(room: Room, width: int) -> Canvas:
    """Two rows below the stage: the line that students type, and how many are here."""
    canvas = Canvas(width, 2)
    here = len(room.students)
    left: list[Piece] = [(room.roll.name, BOLD)]
    if room.join is not None:
        left = [(room.join.line, BOLD)]
        if room.roll.code:
            left += [("     class code  ", MUTED), (room.roll.code, NOW)]
    time = f"{room.left} left   " if room.left and room.roll.poll is None else ""
    canvas.paste(bar(left, [(time, NOW), (f"{here} here", SOFT)], width), 0, 0)
    return canvas


def waiting(room: Room, kind: Kind, theme: str) -> Frame:
    """What stands there while nothing is led: the class, the line, the code, and a picture of the line."""
    width, height = kind.width, max(1, kind.height - 2)
    canvas = Canvas(width, height)
    if room.join is not None:
        canvas = poster(room.roll.name, room.join, room.roll.code, width, height, theme)
    return Frame(width, rows(canvas, kind, theme, "background"))
