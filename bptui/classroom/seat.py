"""One seat of the class: somebody's app, and the terminal at which they sit, if they do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from bptui.classroom.apps import Own, PersonsApp, StudentApp, TeacherApp
from bptui.classroom.following import Follower
from bptui.classroom.people import Person, key_of
from bptui.classroom.places import Place
from bptui.classroom.terminal.cells import Frame, Row, line
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import Link, Painter
from bptui.classroom.workers.crew import AGAIN, Away

if TYPE_CHECKING:
    from bptui.classroom.room import Room

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
        self.own: Own | None = None
        self.where = ""  # in words, for the roster
        self.client: Client | None = None
        self.touched = asyncio.get_running_loop().time()
        self._painter: Painter | None = None
        self._lingers: asyncio.TimerHandle | None = None
        self._followed = False  # when the line dropped
        self._id = person.id
        self._showing: Kind | None = None  # what the app was told to show itself for, while it is in sight

    @property
    def app(self) -> PersonsApp | None:
        """The app, where it is in this process."""
        return self.own if isinstance(self.own, PersonsApp) else None

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
        if self.own is not None and (self.own.kind.depth, self.own.kind.ascii_only) != (kind.depth, kind.ascii_only):
            self._drop_app()
        if self.room.lead.session is not None and not self.teacher and (self.own is None or self._followed):
            self.follow()
        else:
            self.roam()

    def detach(self, client: Client) -> None:
        """The line has dropped, or was closed."""
        if client is not self.client:
            return
        self.client = None
        if self._painter is not None:
            self._painter.close()
            self._painter = None
        self._followed = self.following
        self._leave_stage()
        self._hide()
        if self.own is None:
            self.room.leave(self)
        else:
            self._lingers = asyncio.get_running_loop().call_later(self.room.limits.lingers, self.close)

    def resized(self, client: Client, kind: Kind) -> None:
        if client is self.client and self._painter is not None:
            self._painter.resized(kind)
            self._showing = None
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
        elif self.own is not None:
            self.own.feed(data, client)

    def _part(self, words: str) -> None:
        """Let go of the terminal."""
        client, painter, self.client, self._painter = self.client, self._painter, None, None
        self._leave_stage()
        self._hide()
        if painter is not None:
            painter.close(words)
        if client is not None:
            client.leave()

    # -- the app

    def _start_app(self, begin: Place | None = None) -> None:
        """Start the app, at a place or where they were."""
        assert self._painter is not None
        if not self.teacher and self._start_away(begin):
            return
        folder = self.room.folder
        app = (TeacherApp if self.teacher else StudentApp)(
            self._of_app(self._painter.kind),
            self,
            theme=self.room.person(self.key).theme,
            progress=folder.progress(self._id),
            course=self.room.course,
            bookmark=folder.bookmark(self._id),
        )
        self.own = app
        if isinstance(app, TeacherApp) and self.room.lead.session is not None:  # she goes on where the class is
            app.leading = True
            app.begin(self.room.lead.session)
        else:
            app.begin(begin)

    def _start_away(self, begin: Place | None) -> bool:
        """Start the app in a worker; False where there is none."""
        assert self._painter is not None
        crew, kind, theme = self.room.crew, self._of_app(self._painter.kind), self.room.person(self.key).theme
        self.own = crew.start(self, self._id, kind, theme, begin) if crew is not None else None
        return self.own is not None

    def _expect_app(self) -> None:
        """They may soon want an app: one can be started before."""
        if self.room.crew is not None and self._painter is not None and not isinstance(self.own, Away):
            self.room.crew.expect(self._of_app(self._painter.kind), self.room.person(self.key).theme)

    def _drop_app(self) -> None:
        """End the app; another one may take its place."""
        own, self.own, self._showing = self.own, None, None
        if own is not None:
            own.end()

    def _hide(self) -> None:
        self._showing = None
        if self.own is not None:
            self.own.hide()

    def refresh(self) -> None:
        """Bring size, line and screen up to date."""
        if self._painter is None or self.own is None or self.following:
            return
        self._painter.under(self._line())
        kind = self._of_app(self._painter.kind)
        if kind != self._showing:
            self._showing = kind
            self.own.show(kind)

    # -- what the app says

    def draw(self, frame: Frame) -> None:
        if self._painter is not None and not self.following:
            self._painter.show(frame, self._line())

    def passed_on(self, data: bytes) -> None:
        if self._painter is not None and not self.following:
            self._painter.pass_on(data, self._line())

    def unread(self) -> int:
        return self.client.waiting() if self.client is not None else 0

    def let_go(self) -> None:
        if self.client is not None:
            self.client.give_up()

    def ring(self) -> None:
        if self._painter is not None:
            self._painter.bell()

    def moved(self, where: str) -> None:
        self.where = where

    def themed(self, theme: str) -> None:
        self.room.store.publish("theme", self.key, theme=theme)

    def kept(self, name: str, receipt: str) -> None:
        self.room.store.publish("forked", self.key, name=name, receipt=receipt)

    def forks(self) -> Sequence[str]:
        return [name for name, _ in self.room.person(self.key).forks]

    def open_fork(self, number: int) -> None:
        forks = self.room.person(self.key).forks
        if self.own is not None and 0 <= number < len(forks):
            self.own.go(Place(forks[number][1], copied=True, untouched=True))

    def ended(self, app: Own, *, failed: bool) -> None:
        self.room.ended += 1
        if app is not self.own:
            return
        self.own = self._showing = None
        if self.following:
            self._steps_aside = False
        else:
            self._part(FAILED if failed else f"Goodbye, {self.name}.")
            self.room.leave(self)

    def lost(self, app: Away) -> None:
        if app is not self.own:
            return
        self.own = self._showing = None
        if self._painter is None:
            self.close()
        elif self.following:
            self._steps_aside = False
            self._painter.under(self._line())
        else:
            self.roam()
            if isinstance(self.own, Away):
                self.own.tell(AGAIN)

    # -- their line

    def _of_app(self, kind: Kind) -> Kind:
        """The part of the terminal that is the app's."""
        return replace(kind, height=kind.height - 1) if self._lined(kind) else kind

    def _lined(self, kind: Kind) -> bool:
        return (self.teacher or self.room.lead.session is not None) and kind.height >= ROOM

    def _line(self) -> Row | None:
        """The row that is theirs alone, below the stage or the app."""
        kind = self._painter.kind if self._painter is not None else None
        if kind is None or not (self.following or self._lined(kind)):
            return None
        who = f" {self.room.roll.name} · {self.name} · "
        text = who + self.said()
        return line(text.replace("·", "-") if kind.ascii_only else text, kind.width, "7")

    def close(self, words: str = "") -> None:
        """End all of it."""
        if self._lingers is not None:
            self._lingers.cancel()
            self._lingers = None
        self._part(words)
        self.room.leave(self)
        self._drop_app()
