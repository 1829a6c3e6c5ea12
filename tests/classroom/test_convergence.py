"""Whatever the teacher and the students do, in whatever order: every explorer's session is what its log makes of it
anew, to the bit, and every follower's screen is the stage's frame.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clients import PATIENCE, Screen, Served
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from led import BACK, LEAD, LEFT, RIGHT, lead

from bptui.classroom.folder import new_class
from bptui.classroom.lead.kinds import shown_by
from bptui.classroom.limits import Limits
from bptui.classroom.seat import Seat
from bptui.classroom.server import serve
from bptui.session.session import Session
from bptui.tui.workbench import Workbench

SWIFT = replace(Limits(), lingers=60.0, arrivals=(10_000, 1000.0))
STUDENTS = {"mina": (100, 30), "lena": (100, 30), "omar": (120, 40)}
STEPS = [RIGHT, LEFT, "n", "p", "f", "r", "b", "w", "s", "u", "o", "c", "\x1b[B", "\r", "k ", "i", "g", "y"]
PLACES = ["ne", "na", "la", "lb", "ls"]  # keys from home: nets and lessons
PAGES = [">", "<", "h", "A", "R", "6\r"]

QUIET = 10  # looks that find nothing to be done any more

keys = st.sampled_from(STEPS)
moves = st.one_of(
    st.tuples(st.just("teacher"), keys),
    st.tuples(st.just("teacher"), keys),
    st.tuples(st.just("teacher"), st.sampled_from(PAGES)),
    st.tuples(st.just("goes"), st.sampled_from(PLACES)),
    st.tuples(st.sampled_from(["comes", "comes", "drops", "aside", "back"]), st.sampled_from(list(STUDENTS))),
    st.tuples(st.sampled_from(list(STUDENTS)), keys),
    st.tuples(st.sampled_from(["wheel", "spot"]), st.sampled_from([*STUDENTS, ""])),
    st.tuples(st.just("freeze"), st.sampled_from(["on", ""])),
)


class Class:
    """A class that is served, and those who are there."""

    def __init__(self, served: Served) -> None:
        self.served, self.screens = served, dict[str, Screen]()
        self.lines: dict[str, Any] = {}

    def seat(self, name: str) -> Seat | None:
        return self.served.server.room.seats.get(name)

    async def begin(self) -> None:
        self.screens["teacher"] = await self.served.teacher(120, 40)
        await self.type("teacher", "ne")
        await self.type("teacher", LEAD)
        await self.until(lambda: lead(self.served).leading, "the class is led")

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for what the server comes to by itself."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not holds():
            assert asyncio.get_running_loop().time() < deadline, f"never came to it that {what}"
            await asyncio.sleep(0.01)

    async def type(self, name: str, text: str) -> None:
        """Type, and wait until it has been taken up."""
        seat = self.seat(name)
        if seat is None or name not in self.screens:
            return
        before = seat.touched
        self.screens[name].type(text)
        await self.until(lambda: seat.touched > before and self.idle(seat), f"{name} has typed {text!r}")

    def idle(self, seat: Seat) -> bool:
        app = seat.wheel or seat.app
        keyboards = [seat._keys, getattr(app._driver, "keyboard", None) if app is not None else None]
        return all(k is None or not (k._bytes or k._events or k._late or k._tick) for k in keyboards)

    async def move(self, what: str, of: str) -> None:
        led = lead(self.served)
        if what in ("teacher", *STUDENTS):
            await self.type(what, of)
        elif what == "goes":
            await self.type("teacher", "\x1b")
            await self.type("teacher", "q")
            await self.type("teacher", of)
        elif what == "comes" and of not in self.screens:
            await self.come(of)
        elif what == "drops" and of in self.screens:
            del self.screens[of]
            self.lines.pop(of).abort()
            await self.until(lambda: (s := self.seat(of)) is None or s.client is None, f"{of} has dropped")
        elif what in ("aside", "back"):
            await self.type(of, "\r" if what == "aside" else BACK)
            await self.until(lambda: (s := self.seat(of)) is None or not s._steps_aside, f"{of} has arrived")
        elif what == "wheel":
            self.tried(lambda: led.hand_to(self.there(of)) if of else led.take_back())
            await self.until(lambda: not led._tasks, "the wheel has been passed")
        elif what == "spot":
            self.tried(lambda: led.spotlight(self.there(of) if of else None))
        elif what == "freeze":
            led.freeze(bool(of))

    def there(self, name: str) -> Seat:
        seat = self.seat(name)
        if seat is None:
            raise ValueError("is not there")
        return seat

    def tried(self, deed: Callable[[], None]) -> None:
        with suppress(ValueError):  # it cannot be done now
            deed()

    async def come(self, name: str) -> None:
        known = name in self.served.server.room.roll.people
        conn = await self.served.connect(name, password=f"secret of {name}" if known else self.served.code)
        screen = await self.served.terminal(conn, *STUDENTS[name])
        for asked in () if known else ("Choose a password", "Once more"):
            await screen.sees(asked)
            screen.type(f"secret of {name}\r")
        self.screens[name], self.lines[name] = screen, conn
        await self.until(lambda: (s := self.seat(name)) is not None and s.client is not None, f"{name} sits")

    # -- what is to hold

    def sessions(self) -> Iterator[tuple[str, Session]]:
        """Every session that somebody has before them, or behind what they have before them."""
        for name, seat in self.served.server.room.seats.items():
            for app in (seat.app, seat.wheel):
                for screen in app.screen_stack if app is not None else ():
                    if isinstance(screen, Workbench) and not screen.searching:
                        yield name, screen.session

    def rests(self) -> bool:
        """Whether all that was typed has been done, and drawn on the stages."""
        room, led = self.served.server.room, lead(self.served)
        driver = led.driver
        app = (driver.wheel or driver.app) if driver is not None else None
        here = shown_by(app.screen) if app is not None and app._screen_stack else None
        apps = [*(a for seat in room.seats.values() for a in (seat.app, seat.wheel) if a is not None)]
        apps += [stage._app for stage in led.stages]
        return (
            all(self.idle(seat) and not seat._steps_aside for seat in room.seats.values())
            and all(a._message_queue.empty() and (not a._screen_stack or a.screen._message_queue.empty()) for a in apps)
            and all(stage._pending is None for stage in led.stages)
            and (here is None or led.led is None or here.seen == led.led.seen)
        )

    def apart(self) -> str:
        """Whose screen is not the stage's frame."""
        for name, screen in self.screens.items():
            seat = self.seat(name)
            stage = seat._stage if seat is not None else None
            if stage is not None and stage._frame is not None:
                wanted = stage._frame.text().split("\n")
                found = [row.rstrip() for row in screen.terminal.display[: len(wanted)]]
                if [row.rstrip() for row in wanted] != found:
                    return name
        return ""

    async def end(self) -> None:
        for _ in range(QUIET):
            await self.until(self.rests, "nothing is to be done any more")
            await asyncio.sleep(0.02)
        await self.until(lambda: not self.apart(), "all see the stage")
        for name, session in self.sessions():
            assert same(session, again(session)), f"{name} has a session that its log does not make"


def again(session: Session) -> Session:
    """A session that the log makes of the experiment."""
    made = Session(session.branches[0].experiment)
    for action in session.log:
        made.apply(action)
    return made


def same(one: Session, other: Session) -> bool:
    """Whether two sessions stand at the same place, with the same numbers to the bit."""
    if (one.address, one.sample, len(one.branches)) != (other.address, other.sample, len(other.branches)):
        return False
    at = one.address
    numbers = [session.history.parameters(at.branch, at.step)[1] for session in (one, other)]
    numbers = [{name: values.copy() for name, values in found.items()} for found in numbers]
    assert numbers[0].keys() == numbers[1].keys()
    known = [session.moment() for session in (one, other)]
    for name in one.graph.variables:
        for read in ("value", "gradient"):
            a, b = (getattr(moment, read)(name) for moment in known)
            if (a is None) != (b is None) or (a is not None and not np.array_equal(a, b, equal_nan=True)):
                return False
    return all(np.array_equal(numbers[0][name], numbers[1][name], equal_nan=True) for name in numbers[0])


async def play(script: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder, code = await new_class(Path(root), "c")
        served = Served(folder, code, await serve(folder, "127.0.0.1", 0, SWIFT), SWIFT)
        try:
            room = Class(served)
            await room.begin()
            for move in script:
                await room.move(*move)
            await room.end()
        finally:
            await served.close()


def converges(script: list[tuple[str, str]]) -> None:
    asyncio.run(play(script))


EVERYTHING = [
    ("comes", "mina"), ("comes", "lena"), ("teacher", RIGHT), ("aside", "mina"), ("mina", "f"), ("teacher", "n"),
    ("mina", "k "), ("back", "mina"), ("goes", "la"), ("teacher", ">"), ("comes", "omar"), ("wheel", "lena"),
    ("lena", RIGHT), ("teacher", RIGHT), ("drops", "lena"), ("teacher", "6\r"), ("aside", "omar"), ("spot", "omar"),
    ("omar", RIGHT), ("comes", "lena"), ("freeze", "on"), ("aside", "lena"), ("freeze", ""), ("goes", "na"),
    ("teacher", "f"), ("aside", "lena"), ("lena", "n"), ("wheel", ""), ("spot", ""),
    ("back", "lena"), ("teacher", RIGHT),
]  # fmt: skip


@pytest.mark.slow
def test_a_class_in_which_everything_happens_comes_together() -> None:
    converges(EVERYTHING)


def test_what_changes_nothing_that_is_seen_is_the_classs_too() -> None:
    converges([("comes", "mina"), ("teacher", "s")])


@pytest.mark.slow
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(moves, min_size=5, max_size=16))
def test_any_class_comes_together(script: list[tuple[str, str]]) -> None:
    converges(script)
