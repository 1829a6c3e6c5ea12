"""Apps that are started before they are wanted, where the class is: who steps aside takes one over as it stands."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bptui.classroom import apps
from bptui.classroom.apps import StudentApp
from bptui.classroom.lead.bench import ShownBench
from bptui.classroom.places import HOME, Bookmark, Place
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.workers import spares
from bptui.classroom.workers.spares import Spares, _Nobody
from bptui.course.library import lessons
from bptui.course.progress import Progress
from bptui.session.actions import Forward
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.tui.home.screen import Home
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.view import View
from bptui.tui.workbench import Workbench

KIND = Kind(120, 39)
PATIENCE = 20.0


class Holder(_Nobody):
    """Somebody who counts how often they have arrived, and has what they made."""

    def __init__(self) -> None:
        self.arrivals = 0
        self.made: list[str] = []

    def arrived(self) -> None:
        self.arrivals += 1

    def kept(self, name: str, receipt: str) -> None:
        self.made.append(name)


def class_at(events: int, net: str = "mynet") -> Place:
    """Where somebody begins who steps aside there."""
    session = Session(PRESETS[net])
    session.apply(Forward(events))
    return replace(ShownBench.at(session, View()).writer()(), copied=True, untouched=True)


async def standing(at: Place | None) -> StudentApp:
    app = StudentApp(KIND, _Nobody(), theme="dark", progress=Progress(), course=lessons())
    app.stand_by(at)
    await app.settled(PATIENCE)
    return app


async def moved_in(app: StudentApp, folder: Path, at: Place) -> Holder:
    holder = Holder()
    app.move_in(holder, Progress(), Bookmark(folder / "place"), KIND, at)
    await app.settled(PATIENCE)
    return holder


async def ended(app: StudentApp) -> None:
    app.end()
    await asyncio.wait_for(app.over.wait(), PATIENCE)
    assert not app.failed


def on_bench(app: StudentApp) -> Workbench:
    assert isinstance(app.screen, Workbench)
    return app.screen


async def test_one_that_stands_where_the_class_is_is_taken_over_as_it_stands(tmp_path: Path) -> None:
    place = class_at(3)
    app = await standing(place)
    bench, session = on_bench(app), on_bench(app).session
    holder = await moved_in(app, tmp_path, class_at(3))
    assert app.screen is bench and bench.session is session and session.address.event == 3
    assert "forward 4 of" in app.frame().text()
    assert holder.arrivals == 1
    assert Bookmark(tmp_path / "place").take() == place
    await ended(app)


async def test_where_the_class_has_moved_on_the_screen_serves_with_a_session_of_its_own(tmp_path: Path) -> None:
    app = await standing(class_at(3))
    bench, session = on_bench(app), on_bench(app).session
    await moved_in(app, tmp_path, class_at(5))
    assert app.screen is bench and bench.session is not session and bench.session.address.event == 5
    await ended(app)


async def test_whatever_else_is_wanted_takes_the_place_of_what_stood_there(tmp_path: Path) -> None:
    lesson = Place(lesson=lessons()[0].id)
    for wanted, kind in ((HOME, Home), (lesson, Lectern), (class_at(2, "skip"), Workbench)):
        app = await standing(class_at(3))
        await moved_in(app, tmp_path, wanted)
        assert isinstance(app.screen, kind) and len(app.screen_stack) == 2
        await ended(app)
        app = await standing(None)
        await moved_in(app, tmp_path, wanted)
        assert isinstance(app.screen, kind) and len(app.screen_stack) == 2
        await ended(app)


async def test_who_is_to_go_somewhere_else_before_their_work_is_opened_ends_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens, read = threading.Event(), apps._read
    monkeypatch.setattr(apps, "_read", lambda receipt: read(receipt) if opens.wait(PATIENCE) else None)
    app, holder = await standing(None), Holder()
    own = replace(class_at(2, "skip"), copied=False, untouched=False)
    app.move_in(holder, Progress(), Bookmark(tmp_path / "place"), KIND, own)
    while app._going is None:
        await asyncio.sleep(0)
    opening = app._going
    app.go(class_at(5))
    while not holder.arrivals:
        await asyncio.sleep(0)
    opens.set()
    await asyncio.wait_for(opening, PATIENCE)
    late = asyncio.Event()
    app.call_later(late.set)  # after what the opening has left to be done
    await asyncio.wait_for(late.wait(), PATIENCE)
    assert on_bench(app).session.address.event == 5 and len(app.screen_stack) == 2
    await ended(app)


async def test_home_has_the_progress_of_whoever_moves_in(tmp_path: Path) -> None:
    app = await standing(HOME)
    home, progress = app.screen, Progress()
    assert isinstance(home, Home)
    while not home.loaded:
        await asyncio.sleep(0)
    lesson = lessons()[3]
    progress.note(lesson.id, {}, lesson.steps[0].id)
    app.move_in(Holder(), progress, Bookmark(tmp_path / "place"), KIND, HOME)
    await app.settled(PATIENCE)
    assert app.screen is home and lesson.id in home.records
    await ended(app)


async def test_who_returns_to_the_class_leaves_a_screen_that_serves_again_and_home_stands_where_they_are_on_their_own(
    tmp_path: Path,
) -> None:
    app = await standing(class_at(3))
    holder = await moved_in(app, tmp_path, class_at(3))
    app.show(KIND)
    bench, was = on_bench(app), on_bench(app).session
    bench.action_step()
    app.hide()
    app.keep()
    while not holder.made:
        await asyncio.sleep(0)
    assert holder.made == ["mynet, step 1, event 5, branch 0"]
    assert not was.history._runners  # what is only left is not held in memory
    app.go(class_at(6))
    while holder.arrivals < 2:
        await asyncio.sleep(0)
    assert app.screen is bench and bench.session.address.event == 6
    app.keep()
    app.show(KIND)  # the class has ended
    while holder.arrivals < 3:
        await asyncio.sleep(0)
    assert isinstance(app.screen, Home)
    assert Bookmark(tmp_path / "place").take() == HOME
    await ended(app)


async def test_spares_go_where_the_class_is_once_it_rests(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(spares, "QUIET", 0.0)
    monkeypatch.setattr(spares, "REST", 0.0)
    monkeypatch.setattr(spares, "READY", 1)
    found = Spares(lessons())
    found.stand_by(class_at(3))
    found.expect(KIND, "dark")
    (ready,) = found._ready.values()
    while not ready:
        await asyncio.sleep(0)
    bench = on_bench(ready[0])
    assert bench.session.address.event == 3
    found.stand_by(class_at(4))
    while bench.session.address.event != 4:
        await asyncio.sleep(0)
    async with found.app(KIND, "dark") as app:
        assert app.screen is bench
    await ended(app)
