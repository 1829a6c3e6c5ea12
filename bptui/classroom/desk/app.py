"""The app of the desk: beside the one that the teacher leads with, so that what she leads never knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from bptui.classroom.desk.screen import Desk
from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind
from bptui.course.progress import Progress

if TYPE_CHECKING:
    from bptui.classroom.seat import Seat


EARLY = 4096  # bytes that are typed before the desk stands, of which no more is kept


class DeskApp(DistantApp):
    """The desk of a teacher's seat."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DistantApp.BINDINGS,
        Binding("ctrl+q", "leave", "back to what you lead", id="app.quit", priority=True),
    ]

    def __init__(self, kind: Kind, seat: Seat, theme: str) -> None:
        super().__init__(
            kind,
            theme=theme,
            progress=Progress(),
            course=seat.room.course,
            on_frame=lambda: seat.draw_desk(self.frame()),
            bell=seat.ring,
        )
        self.seat = seat
        self._stands = False
        self._early: list[tuple[bytes, Source]] = []  # what was typed before the desk stood

    def first_screen(self) -> Screen[None]:
        return Desk(self.seat)

    def feed(self, data: bytes, source: Source) -> None:
        if self._stands:
            super().feed(data, source)
        elif sum(len(typed) for typed, _ in self._early) < EARLY:
            self._early.append((data, source))

    def stands(self) -> None:
        """The desk is in sight, and takes keys."""
        self._stands = True
        for typed, source in self._early:
            super().feed(typed, source)
        self._early.clear()

    def show(self, kind: Kind) -> None:
        """Draw all for this size."""
        if kind != self.kind:
            self.resized(kind)
        self.seat.draw_desk(self.frame())

    def action_leave(self) -> None:
        self.seat.turn_to_desk(False)

    def action_next_theme(self) -> None:
        super().action_next_theme()
        self.seat.themed(self.paint.theme)
