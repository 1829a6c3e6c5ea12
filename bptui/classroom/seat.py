"""One seat of the class: somebody's app, and the terminal at which they sit, if they do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from bptui.classroom.apps import PersonsApp, StudentApp
from bptui.classroom.drivers import TeacherApp
from bptui.classroom.following import Follower
from bptui.classroom.lead.stage import stage_of
from bptui.classroom.own import Own
from bptui.classroom.own_line import OwnLine, State, one_row, two_rows
from bptui.classroom.pace import Pace
from bptui.classroom.people import Person, Role, key_of
from bptui.classroom.places import Place
from bptui.classroom.projector import invitation, waiting
from bptui.classroom.terminal.canvases import rows
from bptui.classroom.terminal.cells import Frame, Row
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind, in_looks, looks, turned
from bptui.classroom.terminal.painter import Link, Painter
from bptui.classroom.workers.crew import AGAIN, Away
from bptui.drawing.canvas import Canvas

if TYPE_CHECKING:
    from bptui.classroom.desk.app import DeskApp
    from bptui.classroom.room import Room

RAISE, ESCAPE, DESK = b"\x07", b"\x1b", b"\x04"  # ctrl+g and ctrl+d are the seat's, whatever the app is about
TURNS = 8, 1.0  # colours and glyphs that are drawn with at once, and then in a second: each may want another stage
HANDS = 6, 0.5  # turns of a hand, likewise: all are remembered
ROOM = 24  # rows of a terminal from which an app has one of them to spare
log = logging.getLogger("bptui.classroom")
FAILED = "bptui met an error and had to close. What you did in the lessons is kept; log in again."


class Client(Link, Source, Protocol):
    """A channel to a terminal."""

    def leave(self) -> None:
        """End the session in good order."""


class Seat(Follower):
    """Where somebody sits. Without a terminal, as after a dropped line, the app waits for a while."""

    def __init__(self, room: Room, person: Person, role: Role) -> None:
        super().__init__()
        self.room, self.key, self.name, self.role = room, key_of(person.name), person.name, role
        self.line = OwnLine(room.ask, self.key, self.refresh)
        self.own: Own | None = None
        self.where = ""  # in words, for the roster
        self.client: Client | None = None
        self.touched = asyncio.get_running_loop().time()
        self._painter: Painter | None = None
        self._lingers: asyncio.TimerHandle | None = None
        self._turns, self._hands = Pace(*TURNS), Pace(*HANDS)
        self.at_desk = False
        self._desk: DeskApp | None = None
        self._id = person.id
        self._terminal = ""  # its colours and glyphs, as it says
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
        self._painter = Painter(client, self._liked(kind))
        self._painter.open()
        self._sit()
        if self.role == "student":
            self._back_to_question()

    def _sit(self) -> None:
        if self.wheel is not None:
            self.refresh()
        elif self._belongs_on_stage:
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
        self._followed = self.following or self.wheel is not None
        self._leave_stage()
        self._hide()
        if self.role != "teacher":
            self.room.lead.lost(self)
        if self.own is None:
            self.room.leave(self)
        else:
            self._lingers = asyncio.get_running_loop().call_later(self.room.limits.lingers, self.close)

    def _liked(self, kind: Kind) -> Kind:
        """A terminal with the colours and glyphs that they turned to on one like it."""
        self._terminal = looks(kind)
        return in_looks(kind, self.room.person(self.key).looks.get(self._terminal, ""))

    def turned(self, what: str) -> None:
        if self._painter is not None and not self._turns.wait():
            kind = turned(self._painter.kind, what)
            self.room.store.publish("looks", self.key, of=self._terminal, wanted=looks(kind))
            self._show_for(kind)

    def resized(self, client: Client, kind: Kind) -> None:
        if client is self.client and self._painter is not None:
            self._show_for(self._liked(kind))

    def _show_for(self, kind: Kind) -> None:
        assert self._painter is not None
        self._painter.resized(kind)
        self._showing = None
        if (stage := self._stage) is not None and not self.at_desk:
            self._painter.lines = self._rows()
            self._stage = self.room.lead.stages.take(kind)
            self._stage.add(self)
            if self._stage is not stage:
                self.room.lead.stages.leave(self, stage)
        else:
            self.refresh()

    def feed(self, client: Client, data: bytes) -> None:
        if client is not self.client:
            return
        self.touched = asyncio.get_running_loop().time()
        if self.role == "student" and self._keys is None and RAISE in data:
            if data.count(RAISE) % 2:
                self.turn_hand()
            data = data.replace(RAISE, b"")
        before, key, after = data.partition(DESK) if self.role == "teacher" else (data, b"", b"")
        if before:
            self._feed(client, before)
        if key:
            self.turn_to_desk(not self.at_desk)
            if after:
                self.feed(client, after)

    def _feed(self, client: Client, data: bytes) -> None:
        if self.at_desk and self._desk is not None:
            self._desk.feed(data, client)
        elif self._keys is not None:
            self._keys.feed(data, client)
        elif self.line.message and data == ESCAPE:
            self.line.put_away(self._painter.kind.width if self._painter is not None else 0)
            self.refresh()
        elif (app := self.wheel or self.own) is not None:
            app.feed(data, client)

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
        if self.role != "teacher" and self._start_away(begin):
            return
        folder = self.room.folder
        app = (TeacherApp if self.role == "teacher" else StudentApp)(
            self._of_app(self._painter.kind),
            self,
            theme=self.room.person(self.key).theme,
            progress=folder.progress(self._id),
            course=self.room.course,
            bookmark=folder.bookmark(self._id),
        )
        self.own = app
        self.limit(self.room.lead.bound)
        if isinstance(app, TeacherApp) and self.room.lead.led is not None:  # she goes on where the class is
            app.takes_up(self.room.lead.led)
        else:
            app.begin(begin)

    def _start_away(self, begin: Place | None) -> bool:
        """Start the app in a worker; False where there is none."""
        assert self._painter is not None
        crew, kind, theme = self.room.crew, self._of_app(self._painter.kind), self.room.person(self.key).theme
        self.own = crew.start(self, self._id, kind, theme, begin) if crew is not None else None
        self.limit(self.room.lead.bound)
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
        """Bring size, rows and screen up to date."""
        if self._painter is None:
            return
        if self.at_desk:
            self._painter.under(())
            self._show_desk(self._painter.kind)
            return
        if self.role == "projector" and not self.following:
            self._painter.show(waiting(self.room, self._painter.kind, self._theme), self._rows())
            return
        self._painter.under(self._rows())
        kind = self._of_app(self._painter.kind)
        app = self.wheel or self.own
        if app is not None and not self.following and kind != self._showing:
            self._showing = kind
            app.show(kind)

    # -- what the app says

    def draw(self, frame: Frame) -> None:
        if self._painter is not None and not self.following and not self.at_desk:
            self._painter.show(frame)

    def passed_on(self, data: bytes) -> None:
        if self._painter is not None and not self.following:
            self._painter.pass_on(data)

    def unread(self) -> int:
        return self.client.waiting() if self.client is not None else 0

    def let_go(self) -> None:
        if self.client is not None:
            self.client.give_up()

    def ring(self) -> None:
        if self._painter is not None:
            self._painter.bell()

    def copied(self, text: str) -> None:
        if self._painter is not None and not self.following:
            self._painter.copy(text)

    def moved(self, where: str) -> None:
        self.where = where

    def themed(self, theme: str) -> None:
        self.room.store.publish("theme", self.key, theme=theme)
        for app in (self._desk, self.app, self.wheel):
            if app is not None:
                app.wear(theme)
        self.refresh()  # their row too

    def tried(self, lesson: str, step: str, *, right: bool) -> None:
        self.room.store.publish("tried", self.key, lesson=lesson, step=step, right=right)

    def answered(self, text: str) -> None:
        self.line.send(text)
        self.follow()

    def kept(self, name: str, receipt: str) -> None:
        self.room.store.publish("forked", self.key, name=name, receipt=receipt)

    def forks(self) -> Sequence[str]:
        return [name for name, _ in self.room.person(self.key).forks]

    def open_fork(self, number: int) -> None:
        forks = self.room.person(self.key).forks
        if self.own is not None and 0 <= number < len(forks):
            self.own.go(Place.kept(forks[number][1]))

    def ended(self, app: Own, *, failed: bool) -> None:
        self.room.ended += 1
        if app is self.wheel:
            self._drives_no_more()
        if app is not self.own:
            return
        self.own = self._showing = None
        if self.following or self.wheel is not None:
            self._steps_aside = False
        else:
            if not failed:
                self._note_aside(False)
            self._part(FAILED if failed else f"Goodbye, {self.name}.")
            self.room.leave(self)

    def lost(self, app: Away) -> None:
        if app is not self.own:
            return
        self.own = self._showing = None
        if self._painter is None:
            self.close()
        elif self.following or self.wheel is not None:
            self._steps_aside = False
            self._painter.under(self._rows())
        else:
            self.roam()
            if isinstance(self.own, Away):
                self.own.tell(AGAIN)

    # -- the teacher's desk

    def turn_to_desk(self, to: bool) -> None:
        """Be at the desk, whatever is led meanwhile, or back where one was."""
        self.at_desk = to
        if to:
            self._hide()
        if self._painter is not None:
            self._show_for(self._painter.kind)

    def _show_desk(self, kind: Kind) -> None:
        if self._desk is not None:
            self._desk.show(kind)
            return
        from bptui.classroom.desk.app import DeskApp  # the seats of students never need it

        desk = self._desk = DeskApp(kind, self, self.room.person(self.key).theme)
        desk.start().add_done_callback(lambda task: self._desk_ended(desk))

    def _desk_ended(self, desk: DeskApp) -> None:
        desk.progress.close()
        self.room.ended += 1
        if desk is self._desk:
            self._desk = None
            if self.at_desk:
                self.turn_to_desk(False)

    def draw_desk(self, frame: Frame) -> None:
        """There is something new on the desk."""
        if self.at_desk and self._painter is not None:
            self._painter.show(frame)

    # -- their rows

    @property
    def state(self) -> State:
        """What they are doing."""
        if self.role == "teacher" or self.wheel is not None:
            return "leading"
        return "following" if self.following else "roaming"

    @property
    def _theme(self) -> str:
        return "dark" if self.following else self.room.person(self.key).theme

    def _of_app(self, kind: Kind) -> Kind:
        """The part of the terminal that is the app's."""
        return replace(kind, height=kind.height - 1) if self._lined(kind) else kind

    def _lined(self, kind: Kind) -> bool:
        """Whether a row is kept below their app: where there is room, and for what is said to them."""
        led = self.role == "teacher" or self.room.lead.leading
        return bool(self.line.message) or (led and kind.height >= ROOM)

    def _rows(self) -> tuple[Row, ...]:
        """The rows that are theirs alone, below the stage or the app."""
        assert self._painter is not None
        kind = self._painter.kind
        if self.at_desk:
            return ()
        if not self.following:
            return self._own_rows(kind)
        beyond = rows(
            Canvas(kind.width, 1), kind, self._theme, "background"
        )  # where the window is larger than the stage
        self._painter.ground = beyond[0].looks[0]
        return (*beyond * max(0, kind.height - stage_of(kind).height), *self._own_rows(kind))

    def _own_rows(self, kind: Kind) -> tuple[Row, ...]:
        if self.role == "projector":
            canvas = invitation(self.room, kind.width)
        elif self.following and self.role == "teacher":
            canvas = Canvas(kind.width, 2)
            canvas.paste(one_row(self.line, self.name, self.state, kind.width, self.said()), 0, 0)
        elif self.following:
            canvas = two_rows(
                self.line,
                self.name,
                kind.width,
                "".join(self.said()),
                hand=self.hand,
                free=not self.room.lead.frozen,
                left=self.room.left if self.room.roll.poll is None else "",
                ascii_only=kind.ascii_only,
            )
        elif self._lined(kind):
            canvas = one_row(self.line, self.name, self.state, kind.width, self.said())
        else:
            return ()
        return rows(canvas, kind, self._theme)

    @property
    def hand(self) -> bool:
        """Whether they ask for the teacher."""
        return bool(self.room.person(self.key).hand)

    def turn_hand(self) -> None:
        """They raise their hand, or take it down; not a thousand times a second."""
        if not self._hands.wait():
            self.raise_hand(not self.hand)

    def raise_hand(self, up: bool) -> None:
        if up != self.hand:
            self.room.store.publish("hand", self.key, up=up)
            words = f"{self.name} raised a hand"
            if up:
                self.room.tell_teacher(words)
            elif self.room.news is not None and self.room.news[0] == words:
                self.room.news = None
            self.room.counted()
            self.refresh()

    def tell(self, words: str) -> None:
        """Say something to them, on their row."""
        self.line.message = words
        self.refresh()

    def close(self, words: str = "") -> None:
        """End all of it."""
        if self._lingers is not None:
            self._lingers.cancel()
            self._lingers = None
        self._part(words)
        self.room.lead.lost(self)
        self.line.close()
        if self._desk is not None:
            self._desk.end()
        self.room.leave(self)
        self._drop_app()
