"""A worker: the apps of some of those who are on their own, each with a painter for a terminal that is elsewhere."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bptui.classroom.apps import PersonsApp
from bptui.classroom.folder import Folder
from bptui.classroom.own import Own
from bptui.classroom.places import Place
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.painter import Painter
from bptui.classroom.terminal.threads import Threads
from bptui.classroom.workers.spares import PATIENCE, Spares
from bptui.classroom.workers.wire import Say, Wire, to_kind
from bptui.session.history import hold_at_most
from bptui.session.train.turns import one_at_a_time

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson

NICER = 5  # than the class's process, which has keys to pass on
SWITCH = 5e-4  # seconds for which a thread that trains may keep the others from their turn
MEMORY = 4 * 1024**3  # bytes that all apps of a worker may have together
CHECKPOINTS = 16 << 20, 6 << 20  # bytes of a session: those spread over its history, and those near where it is
GROWN = 64 * 1024 if sys.platform != "darwin" else 64 * 1024**2  # by so much memory, in the units of each system
FEW = 8  # times as many live as have ended: to clear memory holds all of them up, and can wait
ROUND = 15.0  # seconds between two looks at what is left of apps that have ended


def loaded() -> Sequence[Lesson]:
    """Load all that an app may need, so that workers share it, and need not; return the course."""
    import numpy.random  # noqa: F401

    from bptui.course.library import lessons
    from bptui.drawing import plot  # noqa: F401
    from bptui.sources import opening, presets  # noqa: F401
    from bptui.tui import commands, preview  # noqa: F401
    from bptui.tui.course import screen as course_map  # noqa: F401
    from bptui.tui.descend import screen as descend  # noqa: F401
    from bptui.tui.lesson import labs  # noqa: F401
    from bptui.tui.train import compare, screen  # noqa: F401

    return lessons()


def work(connection: socket.socket, course: Sequence[Lesson]) -> None:
    """Be a worker until the connection ends."""
    with suppress(OSError):
        os.nice(NICER)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    sys.setswitchinterval(SWITCH)
    one_at_a_time()
    hold_at_most(*CHECKPOINTS)
    gc.freeze()
    gc.set_threshold(50_000, 20, 10_000)
    asyncio.run(_until_the_end(connection, course))


async def _until_the_end(connection: socket.socket, course: Sequence[Lesson]) -> None:
    asyncio.get_running_loop().set_default_executor(Threads())
    connection.setblocking(False)
    worker = Worker(course)
    await asyncio.get_running_loop().create_unix_connection(lambda: worker.wire, sock=connection)
    worker.wire.say(Say.READY, 0, os.getpid())
    await worker.over.wait()
    os._exit(0)  # threads that train are not waited for


class Worker:
    """All apps of this process, by their numbers."""

    def __init__(self, course: Sequence[Lesson]) -> None:
        self.over = asyncio.Event()
        self.wire = Wire(self._take, self._lost)
        self.spares = Spares(course)
        self.tenants: dict[int, Tenant] = {}
        self._ended = 0
        self._largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._round = asyncio.get_running_loop().call_later(ROUND, self._go_round)

    def _take(self, kind: Say, number: int, body: bytes) -> None:
        if kind is Say.EXPECT:
            found = json.loads(body)
            self.spares.expect(to_kind(found["kind"]), found["theme"])
        elif kind is Say.STAND_BY:
            self.spares.stand_by(Place(**json.loads(body)))
        elif kind is Say.START:
            self.tenants[number] = Tenant(self, number, json.loads(body))
        elif (tenant := self.tenants.get(number)) is not None:
            tenant.take(kind, body)

    def _lost(self) -> None:
        """The class's process is no more."""
        for tenant in self.tenants.values():
            tenant.note()
        self.over.set()

    def gone(self, number: int) -> None:
        self.tenants.pop(number, None)
        self._ended += 1

    def _go_round(self) -> None:
        """Clear memory, where apps have ended, or screens that were left have filled it."""
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if self._ended * FEW > len(self.tenants) or largest > self._largest + GROWN:
            self._ended, self._largest = 0, largest
            gc.collect()
        self._round = asyncio.get_running_loop().call_later(ROUND, self._go_round)


class Tenant:
    """One app's holder: it passes on what the app says and draws; its keyboard's source, and its painter's link."""

    def __init__(self, worker: Worker, number: int, found: dict[str, Any]) -> None:
        self._worker, self._wire, self._number = worker, worker.wire, number
        self._turn, self._held = 0, False
        self._forks: list[str] = found["forks"]
        self._kind, self._theme = to_kind(found["kind"]), found["theme"]
        self._folder, self._person = Folder(Path(found["folder"])), found["person"]
        self._begin = None if found["begin"] is None else Place(**found["begin"])
        self._app: PersonsApp | None = None
        self._painter: Painter | None = None
        self._asked: list[tuple[Say, bytes]] = []  # before there was an app
        self._starting = asyncio.get_running_loop().create_task(self._start())

    async def _start(self) -> None:
        folder, person = self._folder, self._person
        async with self._worker.spares.app(self._kind, self._theme) as app:
            self._app = app
            app.move_in(self, folder.progress(person), folder.bookmark(person), self._kind, self._begin)
            for kind, body in self._asked:
                self.take(kind, body)
            self._asked.clear()
            await app.settled(PATIENCE)

    # -- from the class

    def take(self, kind: Say, body: bytes) -> None:
        app = self._app
        if kind is Say.END and app is None:
            self._starting.cancel()
            self._worker.gone(self._number)
        elif kind is Say.HOLD or kind is Say.GO_ON:
            self._held = kind is Say.HOLD
        elif kind is Say.FORKS:
            self._forks = json.loads(body)
        elif app is None:
            self._asked.append((kind, body))
        else:
            self._obey(app, kind, body)

    def _obey(self, app: PersonsApp, kind: Say, body: bytes) -> None:
        if kind is Say.FEED:
            app.feed(body, self)
        elif kind is Say.SHOW:
            found = json.loads(body)
            self._turn, size = found["turn"], to_kind(found["kind"])
            if self._painter is None:
                self._painter = Painter(self, size)
                self._painter.take()
            else:
                self._painter.resized(size)
            app.show(size)
        elif kind is Say.HIDE:
            app.hide()
            if self._painter is not None:
                self._painter.let_go()
                self._painter = None
        elif kind is Say.GO:
            app.go(Place(**json.loads(body)))
        elif kind is Say.KEEP:
            app.keep()
        elif kind is Say.BIND:
            found = json.loads(body)
            app.limit(None if found is None else (found[0], found[1]))
        elif kind is Say.WATCH:
            app.be_seen(json.loads(body))
        elif kind is Say.TELL:
            app.call_later(lambda: app.notify(json.loads(body), markup=False, timeout=10.0))
        elif kind is Say.END:
            app.end()

    def note(self) -> None:
        """Write down where they are."""
        if self._app is not None:
            self._app.note_place()

    # -- what the app says

    def draw(self, frame: Frame) -> None:
        if self._painter is not None:
            self._painter.show(frame)

    def ring(self) -> None:
        if self._painter is not None:
            self._painter.bell()

    def copied(self, text: str) -> None:
        self._wire.say(Say.COPIED, self._number, text)

    def arrived(self) -> None:
        self._wire.say(Say.ARRIVED, self._number)

    def moved(self, where: str) -> None:
        self._wire.say(Say.MOVED, self._number, where)

    def themed(self, theme: str) -> None:
        self._wire.say(Say.THEMED, self._number, theme)

    def tried(self, lesson: str, step: str, *, right: bool) -> None:
        self._wire.say(Say.TRIED, self._number, [lesson, step, right])

    def answered(self, text: str) -> None:
        self._wire.say(Say.ANSWERED, self._number, text)

    def turned(self, what: str) -> None:
        self._wire.say(Say.TURNED, self._number, what)

    def kept(self, name: str, receipt: str) -> None:
        self._wire.say(Say.KEPT, self._number, [name, receipt])

    def seen(self, place: Place) -> None:
        self._wire.say(Say.SEEN, self._number, asdict(place))

    def ended(self, app: Own, *, failed: bool) -> None:
        if self._painter is not None:
            self._painter.let_go()
        self._worker.gone(self._number)
        self._wire.say(Say.ENDED, self._number, failed)

    def follow(self) -> None:
        self._wire.say(Say.FOLLOW, self._number)

    def forks(self) -> Sequence[str]:
        return self._forks

    def open_fork(self, number: int) -> None:
        self._wire.say(Say.OPEN_FORK, self._number, number)

    # -- the keyboard's source and the painter's link

    def pause_reading(self) -> None:
        self._wire.say(Say.PAUSE, self._number)

    def resume_reading(self) -> None:
        self._wire.say(Say.RESUME, self._number)

    def write(self, data: bytes) -> None:
        self._wire.say(Say.PAINT, self._number, self._turn.to_bytes(4) + data)

    def waiting(self) -> int:
        return sys.maxsize if self._held else self._wire.waiting()

    def give_up(self) -> None:
        self._wire.say(Say.STUCK, self._number)
