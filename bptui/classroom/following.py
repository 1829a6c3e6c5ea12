"""Following: somebody watches the class's stage, steps aside into a copy of their own, and returns."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from bptui.classroom.apps import Own, TeacherApp
from bptui.classroom.own_line import OwnLine
from bptui.classroom.people import Role
from bptui.classroom.places import Place
from bptui.classroom.stage import Stage
from bptui.classroom.terminal.cells import Frame, Row
from bptui.classroom.terminal.keyboard import Keyboard
from bptui.classroom.terminal.painter import Painter

if TYPE_CHECKING:
    from bptui.classroom.room import Room

TURNS = {"f2": "colours", "f3": "glyphs"}
log = logging.getLogger("bptui.classroom")


class Follower:
    """What a seat does while it has no need of an app: the part of `Seat` that follows the class."""

    room: Room
    key: str
    name: str
    role: Role
    line: OwnLine
    own: Own | None
    _painter: Painter | None

    def __init__(self) -> None:
        self._stage: Stage | None = None  # while they follow
        self._keys: Keyboard | None = None
        self._aside: asyncio.Task[None] | None = None
        self._steps_aside = False  # until the app shows what they step aside to

    # -- what the rest of the seat does

    def refresh(self) -> None:
        """Bring size, line and screen up to date."""
        raise NotImplementedError

    def close(self, words: str = "") -> None:
        """End all of it."""
        raise NotImplementedError

    def _start_app(self, begin: Place | None = None) -> None:
        raise NotImplementedError

    def _expect_app(self) -> None:
        raise NotImplementedError

    def _hide(self) -> None:
        raise NotImplementedError

    def turned(self, what: str) -> None:
        """Other `colours` or other `glyphs`."""
        raise NotImplementedError

    def raise_hand(self, up: bool) -> None:
        """Ask for the teacher, or no longer."""
        raise NotImplementedError

    def _rows(self) -> tuple[Row, ...]:
        raise NotImplementedError

    # -- following

    @property
    def following(self) -> bool:
        return self._stage is not None

    def said(self) -> str:
        """What their row says beside where they are."""
        if self.following:
            return "one moment" if self._steps_aside else ""
        if self.role == "student":
            return "ctrl+r: back to the class"
        if not (isinstance(self.own, TeacherApp) and self.own.leading):
            return "ctrl+l: show the class the workbench that you are in"
        seats = self.room.students
        follow = sum(seat.following for seat in seats)
        return f"leading: {follow} follow, {len(seats) - follow} on their own     ctrl+l: stop"

    def follow(self) -> None:
        """Watch what the teacher shows. What was made since one stepped aside is kept, under a name."""
        lead = self.room.lead
        if self._painter is None or lead.session is None or self.following or self.role == "teacher":
            return
        self._hide()
        if self.own is not None:
            self.own.keep()
        self._keys = Keyboard(self._pressed, lambda then: then(), lambda: (0, 0))
        self._stage = lead.stage(self._painter.kind)
        self._painter.lines = self._rows()
        self._stage.add(self)
        self.room.counted()
        self._expect_app()

    def show_stage(self, frame: Frame) -> None:
        if self._painter is not None:
            self._painter.show(frame)

    def _leave_stage(self) -> None:
        stage, self._stage = self._stage, None
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        self._steps_aside = False
        if self._aside is not None:
            self._aside.cancel()
            self._aside = None
        if stage is not None:
            self.room.lead.leave(self, stage)
            self.room.counted()

    def _pressed(self, event: Message) -> None:
        """A key of somebody who follows."""
        key = event.key if isinstance(event, events.Key) else ""
        if key in TURNS:
            self.turned(TURNS[key])
        elif self.role == "projector":
            if key == "q":
                self.close()
        elif self.line.press(event):
            return
        elif key == "h":
            self.raise_hand(not self.room.person(self.key).hand)
        elif key in ("enter", "ctrl+r") and not self._steps_aside:
            self._steps_aside = True
            self.refresh()
            self._aside = asyncio.create_task(self._step_aside())
        elif key in ("q", "ctrl+q"):
            self.close(f"Goodbye, {self.name}.")

    async def _step_aside(self) -> None:
        """The stage stays in sight until the app has something to show."""
        place = await self.room.lead.place()
        self._aside = None
        if self.own is None:
            self._start_app(place)
        else:
            self.own.go(place)

    def arrived(self) -> None:
        """What the app was told to begin or go on with is in sight."""
        if self._steps_aside and self._aside is None:
            self.roam()

    def roam(self) -> None:
        """Be on one's own, in the app as it is."""
        self._leave_stage()
        if self._painter is None:
            return
        if self.own is None and self.role != "projector":
            self._start_app()
        self.refresh()
