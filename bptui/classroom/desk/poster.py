"""The way in as large as the screen, with the line as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from bptui.classroom.joining import Join, picture
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, Piece, write
from bptui.tui.canvas_view import CanvasView

if TYPE_CHECKING:
    from bptui.classroom.room import Room
    from bptui.tui.app import BptuiApp


def poster(title: str, join: Join, code: str, width: int, height: int, theme: str) -> Canvas:
    """The line as a picture, as large as the screen: for a camera at the back of the room. It is dark on light."""
    canvas = Canvas(width, height)
    ink = Ink("background", "text") if "light" in theme else Ink("text", "background")
    drawn = picture(join.line)
    lines: list[list[Piece]] = [[(title, BOLD)], [], [(join.line, NOW)]]
    if code:
        lines.append([("class code  ", MUTED), (code, NOW)])
    if len(lines) + 1 + len(drawn) <= height:
        lines += [[], *([(row, ink)] for row in drawn)]
    top = max(0, (height - len(lines)) // 2)
    for y, pieces in enumerate(lines, top):
        write(canvas, max(0, (width - sum(cells(text) for text, _ in pieces)) // 2), y, pieces)
    return canvas


class Poster(ModalScreen[None]):
    """The way in as large as the screen; any key puts it away."""

    AUTO_FOCUS = None

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.class_ = room
        self.view = CanvasView(id="poster")

    def compose(self) -> ComposeResult:
        yield self.view

    def on_resize(self) -> None:
        width, height = self.size
        room = self.class_
        assert room.join is not None
        self.view.styles.width, self.view.styles.height = width, height
        theme = cast("BptuiApp", self.app).paint.theme
        self.view.show(poster(room.roll.name, room.join, room.roll.code, width, height, theme))

    def on_key(self, event: events.Key) -> None:
        event.stop()  # else it would be the desk's as well
        self.dismiss()

    def on_click(self) -> None:
        self.dismiss()
