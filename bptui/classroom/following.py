"""Following: somebody watches the class's stage, steps aside into a copy of their own, and returns."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from bptui.classroom.apps import PersonsApp, TeacherApp
from bptui.classroom.lead import receipt_of, session_of
from bptui.classroom.own_line import OwnLine
from bptui.classroom.people import Role
from bptui.classroom.stage import Stage
from bptui.classroom.terminal.cells import Frame, Row
from bptui.classroom.terminal.keyboard import Keyboard
from bptui.classroom.terminal.painter import Painter

if TYPE_CHECKING:
    from bptui.classroom.room import Room
    from bptui.session.session import Session

log = logging.getLogger("bptui.classroom")


class Follower:
    """What a seat does while it has no need of an app: the part of `Seat` that follows the class."""

    room: Room
    key: str
    name: str
    role: Role
    own: OwnLine
    app: PersonsApp | None
    _painter: Painter | None

    def __init__(self) -> None:
        self._stage: Stage | None = None  # while they follow
        self._keys: Keyboard | None = None
        self._aside: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._copy: tuple[Session, int] | None = None  # what they took from the class, and how many actions made it

    # -- what the rest of the seat does

    def refresh(self) -> None:
        """Bring size, line and screen up to date."""
        raise NotImplementedError

    def close(self, words: str = "") -> None:
        """End all of it."""
        raise NotImplementedError

    def raise_hand(self, up: bool) -> None:
        """Ask for the teacher, or no longer."""
        raise NotImplementedError

    def _start_app(self, begin: Session | None = None) -> None:
        raise NotImplementedError

    def _rows(self) -> tuple[Row, ...]:
        raise NotImplementedError

    # -- following

    @property
    def following(self) -> bool:
        return self._stage is not None

    def said(self) -> str:
        """What their line says of where they are."""
        if self.following:
            return "one moment" if self._aside is not None else ""
        if self.role == "student":
            return "ctrl+r: back to the class"
        if not (isinstance(self.app, TeacherApp) and self.app.leading):
            return "ctrl+l: show the class the workbench that you are in"
        seats = self.room.students
        follow = sum(seat.following for seat in seats)
        return f"leading: {follow} follow, {len(seats) - follow} on their own     ctrl+l: stop"

    def follow(self) -> None:
        """Watch what the teacher shows. What was made since one stepped aside is kept, under a name."""
        lead = self.room.lead
        if self._painter is None or lead.session is None or self.following or self.role == "teacher":
            return
        self._keep_fork()
        self._keys = Keyboard(self._pressed, lambda then: then(), lambda: (0, 0))
        self._stage = lead.stage(self._painter.kind)
        self._stage.add(self)
        self.room.counted()

    def show_stage(self, frame: Frame) -> None:
        if self._painter is not None:
            self._painter.show(frame, self._rows())

    def _leave_stage(self) -> None:
        stage, self._stage = self._stage, None
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        if self._aside is not None:
            self._aside.cancel()
            self._aside = None
        if stage is not None:
            self.room.lead.leave(self, stage)
            self.room.counted()

    def _pressed(self, event: Message) -> None:
        """A key of somebody who follows."""
        key = event.key if isinstance(event, events.Key) else ""
        if self.role == "student" and self.own.press(event):
            return
        if key == "h" and self.role == "student":
            self.raise_hand(not self.room.person(self.key).hand)
        elif self.role == "projector" and key != "q":
            return
        elif key in ("enter", "ctrl+r") and self._aside is None:
            self._aside = asyncio.create_task(self._step_aside())
        elif key in ("q", "ctrl+q"):
            self.close(f"Goodbye, {self.name}.")

    async def _step_aside(self) -> None:
        session = await self.room.lead.copy()
        self._aside, self._copy = None, (session, len(session.log))
        self.roam(session)

    def roam(self, session: Session | None = None) -> None:
        """Be on one's own: in the app as it was, or at a session."""
        self._leave_stage()
        if self._painter is None:
            return
        if self.role == "projector":
            self.refresh()
            return
        if self.app is None:
            self._start_app(session)
            return
        if session is not None:
            self.app.call_later(self.app.open_session, session)
        self.refresh()

    def _keep_fork(self) -> None:
        (session, count), self._copy = self._copy or (None, 0), None
        bench = self.app.bench() if self.app is not None else None
        if session is None or bench is None or bench.session is not session or bench.searching or self.app is None:
            return
        self.app.call_later(self.app.leave, bench)
        if len(session.log) == count:  # nothing was done
            return
        at = session.address
        name = f"{session.graph.name}, step {at.step + 1}, event {at.event + 1}, branch {at.branch}"
        try:
            self.room.store.publish("forked", self.key, name=name, receipt=receipt_of(session, bench.view))
        except ValueError as error:
            log.info("what %s made is not kept: %s", self.name, error)

    def open_fork(self, receipt: str) -> None:
        """Go on with what was kept."""

        async def opened(app: PersonsApp) -> None:
            session, _ = await asyncio.to_thread(session_of, receipt)
            self._copy = session, len(session.log)
            app.call_later(app.open_session, session)

        if self.app is not None:
            self._opening = asyncio.create_task(opened(self.app))
