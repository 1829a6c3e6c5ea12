"""One seat of the class: somebody's app, and the terminal at which they sit, if they do."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from bptui.classroom.apps import PersonsApp, StudentApp, TeacherApp
from bptui.classroom.following import Follower
from bptui.classroom.people import Person, key_of
from bptui.classroom.places import Place
from bptui.classroom.terminal.cells import Row, line
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import Link, Painter

if TYPE_CHECKING:
    from bptui.classroom.room import Room
    from bptui.course.progress import Progress

ROOM = 25  # rows of a terminal from which an app has one of them to spare
log = logging.getLogger("bptui.classroom")
FAILED = "bptui met an error and had to close. What you did in the lessons is kept; log in again."


class Client(Link, Source, Protocol):
    """A channel to a terminal."""

    def leave(self) -> None:
        """End the session in good order."""


class Seat(Follower):
    """Where somebody sits. Without a terminal, as after a dropped line, the app waits for a while."""

    def __init__(self, room: Room, person: Person, *, teacher: bool) -> None:
        super().__init__()
        self.room, self.key, self.name, self.teacher = room, key_of(person.name), person.name, teacher
        self.app: PersonsApp | None = None
        self.client: Client | None = None
        self.touched = asyncio.get_running_loop().time()
        self._painter: Painter | None = None
        self._lingers: asyncio.TimerHandle | None = None
        self._closing = False
        self._id = person.id
        self._progress: Progress | None = None  # opened for the app

    # -- the terminal

    def attach(self, client: Client, kind: Kind) -> None:
        """Sit down at a terminal; whoever sat here before is told."""
        if self.client is not None:
            self._part("You have logged in from somewhere else.")
        if self._lingers is not None:
            self._lingers.cancel()
            self._lingers = None
        self.client, self.touched = client, asyncio.get_running_loop().time()
        self._painter = Painter(client, kind)
        self._painter.open()
        if self.app is not None and (self.app.kind.depth, self.app.kind.ascii_only) != (kind.depth, kind.ascii_only):
            self._drop_app()
        if self.wheel is not None:
            self.refresh()
        elif self._belongs_on_stage:
            self.follow()
        elif self.app is None:
            self._start_app()
        else:
            self.refresh()

    def detach(self, client: Client) -> None:
        """The line has dropped, or was closed."""
        if client is not self.client:
            return
        self.client = None
        if self._painter is not None:
            self._painter.close()
            self._painter = None
        self._followed = self.following or self.wheel is not None
        self._leave_stage()
        if not self.teacher:
            self.room.lead.lost(self)
        if self.app is None:
            self.room.leave(self)
            self._close_progress()
        else:
            self._lingers = asyncio.get_running_loop().call_later(self.room.limits.lingers, self.close)

    def resized(self, client: Client, kind: Kind) -> None:
        if client is self.client and self._painter is not None:
            self._painter.resized(kind)
            if (stage := self._stage) is not None:
                self._stage = self.room.lead.stage(kind)
                self._stage.add(self)
                if self._stage is not stage:
                    self.room.lead.leave(self, stage)
            else:
                self.refresh()

    def feed(self, client: Client, data: bytes) -> None:
        if client is not self.client:
            return
        self.touched = asyncio.get_running_loop().time()
        if self._keys is not None:
            self._keys.feed(data, client)
        elif self._in_sight is not None:
            self._in_sight.feed(data, client)

    def _part(self, words: str) -> None:
        """Let go of the terminal."""
        client, painter, self.client, self._painter = self.client, self._painter, None, None
        self._leave_stage()
        if painter is not None:
            painter.close(words)
        if client is not None:
            client.leave()

    # -- the app

    def _start_app(self, begin: Place | None = None) -> None:
        """Start the app, at a place or at home."""
        assert self._painter is not None
        self._progress = self._progress or self.room.folder.progress(self._id)
        app = (TeacherApp if self.teacher else StudentApp)(
            self._of_app(self._painter.kind),
            theme=self.room.person(self.key).theme,
            progress=self._progress,
            course=self.room.course,
            on_frame=self._show,
            bell=self._bell,
        )
        app.seat, self.app = self, app
        app.begin = begin
        if isinstance(app, TeacherApp) and self.room.lead.led is not None:  # she goes on where the class is
            app.takes_up(self.room.lead.led)
        app.start().add_done_callback(lambda task: self._ended(app, task))

    def _drop_app(self) -> None:
        """End the app; another one may take its place."""
        app, self.app = self.app, None
        if app is not None:
            app.end()

    def _ended(self, app: PersonsApp, task: asyncio.Task[None]) -> None:
        """The app has come to its end: by a key of its own, by an error, or because it was told to."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the app of %s failed: %s", self.name, type(error).__name__)
            app.failed = True
        self.room.ended += 1
        if app is self.app and (self.following or self.wheel is not None):
            self.app = None
        elif app is self.app:
            self.app = None
            self._part(FAILED if app.failed else f"Goodbye, {self.name}.")
            self.room.leave(self)
            self._close_progress()
        elif self._closing:
            self._close_progress()

    def _close_progress(self) -> None:
        if self._progress is not None:
            self._progress.close()
            self._progress = None

    @property
    def _in_sight(self) -> PersonsApp | None:
        """The app that they have before them, unless they follow."""
        return self.wheel or self.app

    def _show(self) -> None:
        if self._painter is not None and self._in_sight is not None and not self.following:
            self._painter.show(self._in_sight.frame(), self._line())

    def refresh(self) -> None:
        """Bring size, line and screen up to date."""
        app = self._in_sight
        if self._painter is None or app is None or self.following:
            return
        kind = self._of_app(self._painter.kind)
        if kind != app.kind:
            app.resized(kind)
        self._show()

    # -- their line

    def _of_app(self, kind: Kind) -> Kind:
        """The part of the terminal that is the app's."""
        return replace(kind, height=kind.height - 1) if self._lined(kind) else kind

    def _lined(self, kind: Kind) -> bool:
        return (self.teacher or self.room.lead.leading) and kind.height >= ROOM

    def _line(self) -> Row | None:
        """The row that is theirs alone, below the stage or the app."""
        kind = self._painter.kind if self._painter is not None else None
        if kind is None or not (self.following or self._lined(kind)):
            return None
        who = f" {self.room.roll.name} · {self.name} · "
        text = who + self.said()
        return line(text.replace("·", "-") if kind.ascii_only else text, kind.width, "7")

    def _bell(self) -> None:
        if self._painter is not None:
            self._painter.bell()

    def close(self, words: str = "") -> None:
        """End all of it."""
        if self._lingers is not None:
            self._lingers.cancel()
            self._lingers = None
        self._closing = True
        self._part(words)
        self.room.lead.lost(self)
        self.room.leave(self)
        if self.app is None:
            self._close_progress()
        self._drop_app()
