"""A class that is led: a teacher somewhere, and students who come and follow."""

from __future__ import annotations

from typing import Any

from clients import Screen, Served

from bptui.classroom.lead import Lead
from bptui.classroom.seat import Seat
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.workbench import Workbench

RIGHT, LEFT = "\x1b[C", "\x1b[D"
LEAD, BACK = "\x0c", "\x12"  # the teacher's key, and the students'


async def leading(served: Served, width: int = 100, height: int = 30) -> Screen:
    """A teacher who shows the class mynet, three steps on."""
    teacher = await served.teacher(width, height)
    await teacher.sees("ctrl+l: show the class")
    teacher.type("ne")
    await teacher.sees("batch 1 of")
    teacher.type(LEAD + 3 * RIGHT)
    await teacher.sees("forward 4 of", "leading:")
    return teacher


def seat(served: Served, name: str) -> Seat:
    return served.server.room.seats[name]


def bench(served: Served, name: str) -> Workbench:
    app = seat(served, name).app
    assert app is not None and isinstance(app.screen, Workbench)
    return app.screen


async def follower(served: Served, name: str, width: int = 100, height: int = 30, **more: str) -> Screen:
    screen = await served.terminal(await served.connect(name, password=served.code), width, height, **more)  # type: ignore[arg-type]
    await screen.sees("Choose a password")
    screen.type(f"secret of {name}\r")
    await screen.sees("Once more")
    screen.type(f"secret of {name}\r")
    await screen.sees("following")
    return screen


async def two_steps_on(served: Served, name: str) -> Screen:
    """Somebody who has stepped aside from `leading`, and is two steps farther."""
    screen = await follower(served, name)
    screen.type("\r")
    await screen.sees("on your own", "forward 4 of")
    screen.type(RIGHT + RIGHT)
    await screen.sees("forward 6 of")
    return screen


async def leading_at(served: Served, keys: str, seen: str, width: int = 100, height: int = 30) -> Screen:
    """A teacher who leads from a place that these keys open from home."""
    teacher = await served.teacher(width, height)
    teacher.type(keys)
    await teacher.sees(seen)
    teacher.type(LEAD)
    await teacher.sees("leading:")
    return teacher


def lead(served: Served) -> Lead:
    return served.server.room.lead


def shown(served: Served, name: str) -> Any:
    """The screen of somebody's own app."""
    app = seat(served, name).app
    assert app is not None
    return app.screen


def lectern(served: Served, name: str) -> Lectern:
    screen = shown(served, name)
    assert isinstance(screen, Lectern)
    return screen
