"""The course map: what it says of every lesson and step, and where its keys lead."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from learner import app_with, begun, text
from screens import at_rest, press, text_of
from textual.screen import Screen

from bptui import cli
from bptui.course.library import lessons
from bptui.course.player import Player
from bptui.course.progress import Done, Progress, StepRecord
from bptui.drawing.canvas import cells
from bptui.tui import app as app_module
from bptui.tui.app import BptuiApp
from bptui.tui.catalogue import COURSE, Chapter, Taught
from bptui.tui.course import panes
from bptui.tui.course.screen import CourseMap
from bptui.tui.home.screen import Home

SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]


class Played(Screen[None]):
    """Stands for the screen of a lesson."""


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Player]:
    """The players of lessons that were opened, each with a screen."""
    found: list[Player] = []

    def screen_of(player: Player) -> Played:
        found.append(player)
        return Played()

    monkeypatch.setattr("bptui.tui.lesson.place.screen_of", screen_of)
    return found


def course_map(app: BptuiApp) -> CourseMap:
    assert isinstance(app.screen, CourseMap)
    return app.screen


def row_of(app: BptuiApp, words: str) -> str:
    """The one row of the map's right pane that has some words."""
    canvas = course_map(app).views["steps"].canvas
    (row,) = (row for row in canvas.text().splitlines() if words in row)
    return " ".join(row.split())


async def test_it_says_how_every_step_went() -> None:
    app = app_with(begun(), "course")
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        shown = text_of(app)
        assert all(lesson.title in shown for lesson in COURSE)
        assert row_of(app, "One number") == "● 1 One number, many sums done 1 of 1 right 1 min"
        assert row_of(app, "Nudge it") == "● 2 Nudge it told 0 of 1 right 1 min"
        assert row_of(app, "Each sum") == "◉ 4 Each sum has its price 1 of 1 right 1 min"
        assert row_of(app, "Recap") == "○ 10 Recap"
        assert row_of(app, "needs") == "needs ○ Through a non-linearity"
        assert row_of(app, "answers") == "answers 3 of 4 right"
        assert row_of(app, "left") == "time 3 min, about 8 min left"
        assert "Follow one nudge into many sums." in shown
        await press(pilot, "home", "down")
        assert course_map(app).chosen == "losses"
        assert row_of(app, "Nudge it") == "◌ 2 Nudge it skipped"


async def test_enter_goes_on_and_leaving_shows_what_was_done(played: list[Player]) -> None:
    app = app_with(begun(), "course")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await press(pilot, "enter")
        assert [(player.key, player.index, player.testing) for player in played] == [("through-a-sum", 3, False)]
        played[0].tell()
        app.pop_screen()
        await at_rest(pilot)
        assert row_of(app, "Each sum").endswith("Each sum has its price told")


async def test_any_step_is_opened(played: list[Player]) -> None:
    app = app_with(begun(), "course")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await press(pilot, "right", "down", "down", "enter")
        app.pop_screen()
        await press(pilot, "home", "enter")
    assert [player.step.title for player in played] == ["The other one", "One number, many sums"]


async def test_a_lesson_is_skipped_by_its_last_question(played: list[Player]) -> None:
    app = app_with(begun(), "course")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await press(pilot, "x")
        assert [(player.key, player.step.title, player.testing) for player in played] == [
            ("through-a-sum", "A question", True)
        ]
        app.pop_screen()
        await press(pilot, "home", "x")
        assert "nothing to skip" in text_of(app) and len(played) == 1
        await press(pilot, "down")
        assert "nothing to skip" not in text_of(app)


async def test_over_a_lesson_it_leads_back_or_to_another_one(played: list[Player]) -> None:
    app = app_with(begun())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await app.push_screen(lesson := Played())
        for key in ("q", "escape"):
            await app.push_screen(CourseMap("jacobians"))
            await at_rest(pilot)
            assert course_map(app).chosen == "jacobians"
            await press(pilot, key)
            assert app.screen is lesson
        await app.push_screen(CourseMap("jacobians"))
        await at_rest(pilot)
        await press(pilot, "down", "enter")
        assert [player.key for player in played] == ["transformed-graph"]
        assert [type(screen) for screen in app.screen_stack[1:]] == [Home, Played] and app.screen is not lesson


async def test_whoever_is_quick_waits_for_the_course(played: list[Player], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CourseMap, "_load", lambda self: None)  # it takes long
    app = app_with(begun(), "course")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "right", "enter")
    assert [(player.key, player.index) for player in played] == [("jacobians", 0)]


async def test_alone_it_leads_home() -> None:
    app = app_with(Progress(), "course")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await press(pilot, "q")
        await at_rest(pilot)
        assert isinstance(app.screen, Home)
        await press(pilot, "m")
        await at_rest(pilot)
        assert course_map(app).chosen == "parametrised-models"


@pytest.mark.parametrize("size", SIZES)
async def test_the_mouse_chooses_and_opens(size: tuple[int, int], played: list[Player]) -> None:
    app = app_with(begun(), "course")
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        for pane, target in (("lessons", f"lesson:{COURSE[2].id}"), ("steps", "step:0")):
            view = course_map(app).views[pane]
            region = next(region for region in view.canvas.regions if region.target == target)
            at = view.region.x + region.left - view.left + 1, view.region.y + region.top - view.top
            await pilot.click(offset=at)
            await at_rest(pilot)
        assert (course_map(app).chosen, course_map(app).step, played) == (COURSE[2].id, 0, [])
        await pilot.click(offset=at)
        await at_rest(pilot)
    assert [(player.key, player.index) for player in played] == [(COURSE[2].id, 0)]


async def test_files_that_were_begun_stand_at_the_end(tmp_path: Path, played: list[Player]) -> None:
    mine, gone = tmp_path / "mine.md", tmp_path / "gone.md"
    mine.write_text(text(), encoding="utf-8")
    progress = begun()
    for path in (mine, gone):
        progress.note(str(path), {"s1": StepRecord(Done.DONE)}, "s1")
    app = app_with(progress, "course")
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        assert [row.split()[-2:] for row in text_of(app).splitlines() if ".md " in row]
        await press(pilot, "end")
        assert "! " in text_of(app) and "gone.md: No such file" in "".join(text_of(app).split("\n  ")).replace("  ", "")
        await press(pilot, "enter", "right", "x", "up")
        assert not played and "No such file" not in text_of(app)
        assert row_of(app, "One number") == "◉ 1 One number, many sums done"
        await press(pilot, "right", "down", "enter")
    assert [(player.key, player.index) for player in played] == [(str(mine), 1)]


async def test_what_is_wrong_with_the_progress_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "progress.sqlite"
    path.write_bytes(b"no database at all" * 100)
    monkeypatch.setenv("BPTUI_PROGRESS", str(path))
    app = BptuiApp(place="course")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert "! the progress file was damaged; it is kept as" in text_of(app)
    app.progress.close()


@pytest.mark.parametrize("size", SIZES)
async def test_ascii_is_ascii(size: tuple[int, int]) -> None:
    app = app_with(begun(), "course", ascii_only=True)
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        await press(pilot, "right")
        assert text_of(app).isascii() and "* " in text_of(app) and "@ " in text_of(app)


@pytest.mark.parametrize("width", [30, 36, 48])
def test_titles_in_wide_characters_stand_whole(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = (
        "매개변수가 있는 모델",
        "손실",
        "가중합을 거슬러 올라가는 역전파의 긴 제목",
        "損失函數與梯度下降法的幾何意義和應用",
    )
    taught = tuple(Taught(str(k), title) for k, title in enumerate(titles))
    monkeypatch.setattr(panes, "CHAPTERS", (Chapter("경사 하강법", taught),))
    canvas = panes.lessons(width, 12, {}, "2", here=True)
    for y, row in enumerate(canvas.characters):
        assert cells("".join(row)) == width == len(row), y
    shown = "".join("".join(row).replace(" ", "") for row in canvas.characters)
    assert all(title.replace(" ", "") in "".join(c for c in shown if not c.isdigit()) for title in titles)


@pytest.mark.parametrize("width", [36, 44, 70, 150])
def test_every_step_of_the_course_stands_whole(width: int) -> None:
    from bptui.course.overview import overview

    course, progress = lessons(), begun()
    for lesson, row in zip(course, overview(course, progress), strict=True):
        canvas = panes.steps(width, 20, lesson, row, progress.lesson(lesson.id).steps, [], None)
        said = " ".join(canvas.text().split())
        words = [word for step in lesson.steps for word in step.title.split()]
        assert not [word for word in words if word not in said]
        assert {len(row) for row in canvas.characters} == {width}


def test_without_a_name_the_command_line_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(app_module, "run", lambda load=None, net="", **options: opened.append((load, options["place"])))
    assert cli.main(["lesson"]) == 0
    assert not opened, "in a pipe it prints the table"
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert cli.main(["lesson", "--plain"]) == 0
    assert not opened
    assert cli.main(["lesson"]) == 0
    assert opened == [(None, "course")]
