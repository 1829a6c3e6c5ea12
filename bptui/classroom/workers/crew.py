"""The class's side of its workers: who has which app, and what becomes of those whose worker has died."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from dataclasses import asdict
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from bptui.classroom.own import Bound, Holder
from bptui.classroom.places import Place
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import DRAINED, FULL, LOOK
from bptui.classroom.workers.wire import Say, Wire, of_kind

if TYPE_CHECKING:
    from bptui.classroom.folder import Folder
    from bptui.classroom.workers.nursery import Nursery

ENDING = 3.0  # seconds that workers have to end their apps in good order
SOON = 5.0  # a worker that has not lived for so many seconds is replaced as late as that
AGAIN = "bptui met an error and had to start again; you are where you were a moment ago."
log = logging.getLogger("bptui.classroom")


class Remote(Holder, Protocol):
    """Whom an app in a worker is for: it also has a terminal."""

    def passed_on(self, data: bytes) -> None:
        """Bytes for the terminal, which change all that is the app's of it."""

    def unread(self) -> int:
        """Bytes that the terminal has not read."""

    def let_go(self) -> None:
        """The terminal reads nothing."""

    def lost(self, app: Away) -> None:
        """The app has died with its worker."""


class Away:
    """An app in a worker."""

    def __init__(self, worker: _Worker, number: int, holder: Remote, kind: Kind) -> None:
        self.kind, self.holder, self._worker, self._number = kind, holder, worker, number
        self._turn = 0  # what was drawn for an earlier one is out of date
        self._hidden = True
        self._source: Source | None = None
        self._behind: asyncio.TimerHandle | None = None

    def show(self, kind: Kind) -> None:
        self.kind, self._hidden = kind, False
        self._turn += 1
        self._say(Say.SHOW, {"turn": self._turn, "kind": of_kind(kind)})

    def hide(self) -> None:
        self._hidden = True
        self._say(Say.HIDE)

    def feed(self, data: bytes, source: Source) -> None:
        self._source = source
        self._say(Say.FEED, data)
        if self._worker.wire.full.is_set():
            source.pause_reading()
            self._worker.paused.append(source)

    def go(self, place: Place) -> None:
        self._say(Say.GO, asdict(place))

    def keep(self) -> None:
        self._say(Say.KEEP)

    def limit(self, bound: Bound | None) -> None:
        self._say(Say.BIND, bound)

    def be_seen(self, on: bool) -> None:
        self._say(Say.WATCH, on)

    def tell(self, words: str) -> None:
        """Say something in the app."""
        self._say(Say.TELL, words)

    def end(self) -> None:
        self._say(Say.END)

    def _say(self, kind: Say, body: Any = b"") -> None:
        self._worker.wire.say(kind, self._number, body)

    # -- what the worker says

    def take(self, kind: Say, body: bytes) -> None:
        holder = self.holder
        if kind is Say.PAINT:
            self._paint(int.from_bytes(body[:4]), body[4:])
        elif kind is Say.ARRIVED:
            holder.arrived()
        elif kind is Say.MOVED:
            holder.moved(str(json.loads(body)))
        elif kind is Say.THEMED:
            holder.themed(str(json.loads(body)))
        elif kind is Say.COPIED:
            holder.copied(str(json.loads(body)))
        elif kind is Say.TURNED:
            holder.turned(str(json.loads(body)))
        elif kind is Say.KEPT:
            name, receipt = json.loads(body)
            holder.kept(name, receipt)
            self._say(Say.FORKS, list(holder.forks()))
        elif kind is Say.SEEN:
            holder.seen(Place.of(json.loads(body)))
        elif kind is Say.FOLLOW:
            holder.follow()
        elif kind is Say.OPEN_FORK:
            holder.open_fork(int(json.loads(body)))
        elif kind is Say.PAUSE and self._source is not None:
            self._source.pause_reading()
        elif kind is Say.RESUME and self._source is not None:
            self._source.resume_reading()
        elif kind is Say.STUCK:
            holder.let_go()
        elif kind is Say.TRIED:
            lesson, step, right = json.loads(body)
            holder.tried(lesson, step, right=right)
        elif kind is Say.ANSWERED:
            holder.answered(str(json.loads(body)))

    def _paint(self, turn: int, data: bytes) -> None:
        if self._hidden or turn != self._turn:
            return
        self.holder.passed_on(data)
        if self._behind is None and self.holder.unread() > FULL:
            self._say(Say.HOLD)
            self._look_again()

    def _look_again(self) -> None:
        """Have the worker go on once the client has read what there was."""
        if self.holder.unread() > DRAINED:
            self._behind = asyncio.get_running_loop().call_later(LOOK, self._look_again)
        else:
            self._behind = None
            self._say(Say.GO_ON)

    def over(self) -> None:
        if self._behind is not None:
            self._behind.cancel()


class _Worker:
    """One process, as the class sees it."""

    def __init__(self, crew: Crew, connection: socket.socket) -> None:
        self.apps: dict[int, Away] = {}
        self.paused: list[Source] = []
        self.born = asyncio.get_running_loop().time()
        self.wire = Wire(self._take, lambda: crew.died(self))
        self.wire.drained = self._drained
        self.process = 0
        loop = asyncio.get_running_loop()
        self._connecting = loop.create_task(loop.create_unix_connection(lambda: self.wire, sock=connection))

    def _take(self, kind: Say, number: int, body: bytes) -> None:
        app = self.apps.get(number)
        if kind is Say.READY:
            self.process = int(json.loads(body))
            log.info("a worker is ready: process %d", self.process)
        elif app is not None and kind is Say.ENDED:
            del self.apps[number]
            app.over()
            app.holder.ended(app, failed=bool(json.loads(body)))
        elif app is not None:
            app.take(kind, body)

    def _drained(self) -> None:
        paused, self.paused = self.paused, []
        for source in paused:
            source.resume_reading()


class Crew:
    """All workers. There are always as many as were asked for, as long as the nursery lives."""

    def __init__(self, nursery: Nursery, size: int, folder: Folder) -> None:
        self._nursery, self._folder = nursery, folder
        self._numbers = count(1)
        self._closing = False
        self._expected: tuple[Kind, str] | None = None
        self._place: Place | None = None
        self._later: set[asyncio.TimerHandle] = set()
        self._workers = [_Worker(self, nursery.worker()) for _ in range(size)]

    @property
    def processes(self) -> list[int]:
        """The process ids of those that are ready."""
        return [worker.process for worker in self._workers if worker.process]

    def expect(self, kind: Kind, theme: str) -> None:
        """Somebody may soon want an app for such a terminal."""
        if (kind, theme) == self._expected:  # by a whole class at once
            return
        self._expected = kind, theme
        for worker in self._workers:
            self._prepare(worker)

    def stand_by(self, place: Place) -> None:
        """Whoever wants an app now will begin there."""
        self._place = place
        for worker in self._workers:
            worker.wire.say(Say.STAND_BY, 0, asdict(place))

    def _prepare(self, worker: _Worker) -> None:
        if self._expected is not None:
            kind, theme = self._expected
            worker.wire.say(Say.EXPECT, 0, {"kind": of_kind(kind), "theme": theme})

    def start(self, holder: Remote, person: str, kind: Kind, theme: str, begin: Place | None) -> Away | None:
        """Start an app where the fewest are; None where there is no worker."""
        if not self._workers:
            return None
        worker = min(self._workers, key=lambda worker: len(worker.apps))
        number = next(self._numbers)
        app = worker.apps[number] = Away(worker, number, holder, kind)
        about = {"kind": of_kind(kind), "theme": theme, "folder": str(self._folder.path), "person": person}
        place = None if begin is None else asdict(begin)
        worker.wire.say(Say.START, number, {**about, "begin": place, "forks": list(holder.forks())})
        return app

    def died(self, worker: _Worker) -> None:
        """A worker is no more: another one takes its place, and its apps."""
        if worker in self._workers:
            self._workers.remove(worker)
        if self._closing:
            return
        log.error("worker %d has died, with %d apps", worker.process, len(worker.apps))
        loop = asyncio.get_running_loop()
        if loop.time() - worker.born > SOON or not self._workers:
            self._replace()
        else:
            self._later.add(loop.call_later(SOON, self._replace))
        for app in worker.apps.values():
            app.over()
            app.holder.lost(app)

    def _replace(self) -> None:
        try:
            worker = _Worker(self, self._nursery.worker())
        except OSError as error:
            log.error("there can be no other worker: %s", error.strerror)
            return
        self._workers.append(worker)
        self._prepare(worker)
        if self._place is not None:
            worker.wire.say(Say.STAND_BY, 0, asdict(self._place))

    async def close(self) -> None:
        """End all workers, once their apps have ended."""
        self._closing = True
        for handle in self._later:
            handle.cancel()
        loop = asyncio.get_running_loop()
        until = loop.time() + ENDING
        while any(worker.apps for worker in self._workers) and loop.time() < until:
            await asyncio.sleep(0.01)
        for worker in self._workers:
            worker.wire.close()
