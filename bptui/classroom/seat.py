"""One seat of the class: somebody's app, and the terminal at which they sit, if they do."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from bptui.classroom.people import Person, key_of
from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import Link, Painter

if TYPE_CHECKING:
    from bptui.classroom.room import Room

log = logging.getLogger("bptui.classroom")
FAILED = "bptui met an error and had to close. What you did in the lessons is kept; log in again."


class Client(Link, Source, Protocol):
    """A channel to a terminal."""

    def leave(self) -> None:
        """End the session in good order."""


class StudentApp(DistantApp):
    """bptui for one of the class; how they like it is remembered."""

    seat: Seat

    def action_next_theme(self) -> None:
        super().action_next_theme()
        self.seat.room.store.publish("theme", self.seat.key, theme=self.paint.theme)


class Seat:
    """Where somebody sits. Without a terminal, as after a dropped line, the app waits for a while."""

    def __init__(self, room: Room, person: Person, *, teacher: bool) -> None:
        self.room, self.key, self.name, self.teacher = room, key_of(person.name), person.name, teacher
        self.app: StudentApp | None = None
        self.client: Client | None = None
        self.touched = asyncio.get_running_loop().time()
        self._painter: Painter | None = None
        self._lingers: asyncio.TimerHandle | None = None
        self._closing = False
        self._progress = room.folder.progress(person.id)

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
        if self.app is None:
            self._start_app(kind)
        else:
            self.app.resized(kind)
            self._show()

    def detach(self, client: Client) -> None:
        """The line has dropped, or was closed."""
        if client is not self.client:
            return
        self.client = None
        if self._painter is not None:
            self._painter.close()
            self._painter = None
        if self.app is None:
            self.room.leave(self)
        else:
            self._lingers = asyncio.get_running_loop().call_later(self.room.limits.lingers, self.close)

    def resized(self, client: Client, kind: Kind) -> None:
        if client is self.client and self._painter is not None:
            self._painter.resized(kind)
            if self.app is not None:
                self.app.resized(kind)

    def feed(self, client: Client, data: bytes) -> None:
        if client is self.client and self.app is not None:
            self.touched = asyncio.get_running_loop().time()
            self.app.feed(data, client)

    def _part(self, words: str) -> None:
        """Let go of the terminal."""
        client, painter, self.client, self._painter = self.client, self._painter, None, None
        if painter is not None:
            painter.close(words)
        if client is not None:
            client.leave()

    # -- the app

    def _start_app(self, kind: Kind) -> None:
        app = StudentApp(
            kind,
            theme=self.room.person(self.key).theme,
            progress=self._progress,
            course=self.room.course,
            on_frame=self._show,
            bell=self._bell,
        )
        app.seat, self.app = self, app
        app.start().add_done_callback(lambda task: self._ended(app, task))

    def _drop_app(self) -> None:
        """End the app; another one may take its place."""
        app, self.app = self.app, None
        if app is not None:
            app.end()

    def _ended(self, app: StudentApp, task: asyncio.Task[None]) -> None:
        """The app has come to its end: by a key of its own, by an error, or because it was told to."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the app of %s failed: %s", self.name, type(error).__name__)
            app.failed = True
        if app is self.app:
            self.app = None
            self._part(FAILED if app.failed else f"Goodbye, {self.name}.")
            self.room.leave(self)
            self._progress.close()
        elif self._closing:
            self._progress.close()

    def _show(self) -> None:
        if self._painter is not None and self.app is not None:
            self._painter.show(self.app.frame())

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
        self.room.leave(self)
        if self.app is None:
            self._progress.close()
        self._drop_app()
