"""Apps that are started and are nobody's yet, so that whoever steps aside need not wait for one to start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bptui.classroom.apps import StudentApp
from bptui.classroom.own import Own
from bptui.classroom.places import HOME, Place
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.kind import Kind
from bptui.course.progress import Progress

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson

READY = 2  # spares of each kind
KINDS = 4  # that are kept ready, the latest ones
QUIET = 0.3  # seconds in which nobody has wanted an app: then a spare is started
REST = 1.5  # seconds in which the class has stayed where it is: then spares go there too
PATIENCE = 5.0  # seconds after which an app that starts is not waited for any more
_Key = tuple[Kind, str]


class Spares:
    """The apps of a worker, as they are wanted. Of those that have to be started, one starts at a time."""

    def __init__(self, course: Sequence[Lesson]) -> None:
        self._course = course
        self._one = asyncio.Lock()
        self._wanting = 0
        self._ready: dict[_Key, list[StudentApp]] = {}
        self._sizes: dict[_Key, Kind] = {}  # the latest that was wanted
        self._place: Place | None = HOME  # where whoever wants an app is likely to begin
        self._quiet: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._making: asyncio.Task[None] | None = None

    def expect(self, kind: Kind, theme: str) -> None:
        """Somebody will soon want such an app."""
        key = _key(kind, theme)
        self._ready[key] = self._ready.pop(key, [])  # the latest one is the last
        self._sizes[key] = kind
        while len(self._ready) > KINDS:
            oldest = next(iter(self._ready))
            for app in self._ready.pop(oldest):
                app.end()
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(QUIET, self._make)

    def stand_by(self, place: Place) -> None:
        """Whoever wants an app will soon begin there."""
        self._place = None if place.lesson or place.lab else place  # those cost more, and are theirs alone
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(REST, self._make)

    @asynccontextmanager
    async def app(self, kind: Kind, theme: str) -> AsyncIterator[StudentApp]:
        """An app, which may be about to start; the next one starts when it is let go of."""
        self.expect(kind, theme)
        if (spare := self._spare(kind, theme)) is not None:
            yield spare
            return
        self._wanting += 1
        try:
            async with self._one:
                yield self._spare(kind, theme) or self._started(kind, theme)
        finally:
            self._wanting -= 1

    def _spare(self, kind: Kind, theme: str) -> StudentApp | None:
        ready = self._ready.get(_key(kind, theme))
        return ready.pop() if ready else None

    def _started(self, kind: Kind, theme: str, at: Place | None = None) -> StudentApp:
        app = StudentApp(kind, _Nobody(), theme=theme, progress=Progress(), course=self._course)
        app.stand_by(at)
        return app

    def _make(self) -> None:
        if self._making is None:
            self._making = asyncio.get_running_loop().create_task(self._fill())
            self._making.add_done_callback(self._filled)

    def _filled(self, _: object) -> None:
        self._making = None

    async def _fill(self) -> None:
        """Start what is missing, unless somebody wants an app at once."""
        while not self._wanting:
            missing = [key for key, ready in self._ready.items() if len(ready) < READY]
            if not missing:
                await self._move_along()
                return
            async with self._one:
                app = self._started(self._sizes[missing[-1]], missing[-1][1], self._place)
                await app.settled(PATIENCE)
                if missing[-1] in self._ready and not app.failed:
                    self._ready[missing[-1]].append(app)
                else:
                    app.end()
            await asyncio.sleep(QUIET / 10)  # whoever types comes first

    async def _move_along(self) -> None:
        """Have all spares stand where the class is."""
        for app in [app for ready in self._ready.values() for app in ready]:
            async with self._one:
                if self._place is not None:
                    await app.move_along(self._place, PATIENCE)
            await asyncio.sleep(QUIET / 10)


def _key(kind: Kind, theme: str) -> _Key:
    """What cannot be changed in an app that has started, in little time."""
    return replace(kind, width=0, height=0), theme


class _Nobody:
    """The holder of a spare."""

    def draw(self, frame: Frame) -> None:
        pass

    def ring(self) -> None:
        pass

    def copied(self, text: str) -> None:
        pass

    def arrived(self) -> None:
        pass

    def moved(self, where: str) -> None:
        pass

    def themed(self, theme: str) -> None:
        pass

    def tried(self, lesson: str, step: str, *, right: bool) -> None:
        pass

    def answered(self, text: str) -> None:
        pass

    def turned(self, what: str) -> None:
        pass

    def kept(self, name: str, receipt: str) -> None:
        pass

    def seen(self, place: Place) -> None:
        pass

    def ended(self, app: Own, *, failed: bool) -> None:
        pass

    def follow(self) -> None:
        pass

    def forks(self) -> Sequence[str]:
        return ()

    def open_fork(self, number: int) -> None:
        pass
