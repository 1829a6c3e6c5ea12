"""Home: where one goes on, and every way from there to a lesson, a net, a lab or a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learner import STEPS, app_with, begun, text
from screens import at_rest, choose, press, text_of
from textual.screen import Screen
from textual.widgets import Input

from bptui.cli import main
from bptui.course.library import lessons
from bptui.course.player import Player
from bptui.course.progress import Done, Progress, StepRecord
from bptui.drawing.canvas import cells
from bptui.tui.app import BptuiApp
from bptui.tui.catalogue import COURSE, LETTERS, Chapter, Taught, uncatalogued
from bptui.tui.home import panes
from bptui.tui.home.boxes import boxes, neighbour
from bptui.tui.home.screen import Home
from bptui.tui.placing import Box

SIZES = [(80, 24), (100, 30), (120, 40), (200, 60)]


class Passed(Screen[None]):
    """Stands for the screen of a lesson, and is left at once."""

    def on_mount(self) -> None:
        self.app.pop_screen()


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Player]:
    """The players of lessons that were opened, whichever way."""
    found: list[Player] = []

    def screen_of(player: Player) -> Passed:
        found.append(player)
        return Passed()

    monkeypatch.setattr("bptui.tui.lesson.place.screen_of", screen_of)
    return found


def home(app: BptuiApp) -> Home:
    assert isinstance(app.screen, Home)
    return app.screen


def test_the_frame_stands_without_numpy_and_without_the_course() -> None:
    code = (
        "import sys, bptui.tui.app, bptui.tui.home.screen\n"
        "sys.exit(str({'numpy', 'sqlite3', 'tomllib', 'markdown_it'} & set(sys.modules) or ''))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip() == ""


def test_every_lesson_is_catalogued_in_its_place() -> None:
    assert not list(uncatalogued([Taught(lesson.id, lesson.title) for lesson in lessons()]))
    assert len(LETTERS) >= len(COURSE)


def test_what_is_catalogued_wrongly_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *rest = COURSE
    new = Taught("new", "New")
    (said,) = uncatalogued([first, second, new, *rest])
    assert 'wants the line Taught("new", "New") in CHAPTERS in bptui/tui/catalogue.py' in said
    assert [*uncatalogued([Taught(first.id, "Else"), second, *rest])] == [
        f"the lesson {first.id!r} is called 'Else', and {first.title!r} in CHAPTERS in bptui/tui/catalogue.py"
    ]
    assert "no lesson has the id" in next(uncatalogued(COURSE[1:]))
    assert "another order" in next(uncatalogued([second, first, *rest]))
    monkeypatch.setattr("bptui.tui.catalogue.COURSE", COURSE[1:])
    monkeypatch.setattr("bptui.course.check.checked", lambda path: [])
    assert main(["lessons", "check", str(Path(__file__).parents[2] / "lessons")]) == 1
    assert f'wants the line Taught("{first.id}", "{first.title}")' in capsys.readouterr().out


async def test_a_beginner_is_led_to_the_first_lesson(played: list[Player]) -> None:
    app = app_with(Progress())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        assert "1  Parametrised models" in text_of(app) and "↵  begin   about 10 minutes" in text_of(app)
        await press(pilot, "enter")
    assert [(player.lesson.id, player.index) for player in played] == [("parametrised-models", 0)]


async def test_whoever_is_quick_waits_for_the_course(played: list[Player], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Home, "_load", lambda self: None)  # it takes long
    app = app_with(begun())
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await press(pilot, "l", LETTERS[1])
    assert [player.lesson.id for player in played] == ["through-a-sum", COURSE[1].id]


async def test_one_goes_on_where_one_stopped(played: list[Player]) -> None:
    app = app_with(begun())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        shown = text_of(app)
        assert "● ● ● ◉ ○ ○ ○ ○ ○ ○ ○  step 4 of 11" in shown
        assert "Each sum has its price: a prediction is waiting." in shown
        assert "about 8 minutes left" in shown  # 8 of 11 steps of a lesson of 10 minutes
        assert f"2 done, 25 of {len(COURSE) * len(STEPS)} steps" in shown
        await press(pilot, "enter")
    assert [(player.lesson.id, player.index) for player in played] == [("through-a-sum", 3)]


async def test_coming_back_home_shows_what_was_done_meanwhile() -> None:
    app = app_with(begun())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        (lesson,) = (lesson for lesson in app.course if lesson.id == "through-a-sum")
        await press(pilot, "question_mark")
        app.progress.note(lesson.id, {step.id: StepRecord(Done.DONE) for step in lesson.steps}, lesson.steps[-1].id)
        await press(pilot, "x")
        assert home(app).chosen == "lesson:jacobians"
        assert "10  Jacobians" in text_of(app) and "3 done" in text_of(app)


async def test_two_keys_open_any_lesson(played: list[Player]) -> None:
    app = app_with(Progress())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        for letter, _ in zip(LETTERS, COURSE, strict=False):
            await press(pilot, "l", letter)
    assert [player.lesson.id for player in played] == [lesson.id for lesson in COURSE]


async def test_the_palette_finds_lessons(played: list[Player]) -> None:
    app = app_with(Progress())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await choose(pilot, "lesson jaco")
    assert [player.lesson.id for player in played] == ["jacobians"]


@pytest.mark.parametrize("size", SIZES)
async def test_arrows_reach_all_that_is_shown(size: tuple[int, int]) -> None:
    app = app_with(begun())
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        for start in ("lesson:jacobians", "net:skip"):
            home(app)._choose(start)
            shown = home(app).places()
            kinds = {"lesson", "lab", "net"} if size[1] >= 40 else {start.partition(":")[0], "lab"}
            assert {target.partition(":")[0] for target in shown} == kinds
            reached, new = {start}, [start]
            while new:
                here = new.pop()
                ways = {neighbour(shown, here, *way) for way in ((0, 1), (0, -1), (1, 0), (-1, 0))}
                new += ways - reached
                reached |= ways
            assert reached == set(shown)


@given(st.dictionaries(st.text("abcdefgh", min_size=1), st.tuples(*[st.integers(0, 40)] * 4), min_size=1), st.data())
def test_an_arrow_never_leads_back(places: dict[str, tuple[int, int, int, int]], data: st.DataObject) -> None:
    at = {name: Box(x, y, 1 + width, 1 + height) for name, (x, y, width, height) in places.items()}
    here = data.draw(st.sampled_from(sorted(at)))
    below, right = at[neighbour(at, here, 0, 1)], at[neighbour(at, here, 1, 0)]
    assert below == at[here] or below.y >= at[here].y + at[here].height
    assert right == at[here] or right.x >= at[here].x + at[here].width


@given(st.integers(20, 220), st.integers(8, 70), st.booleans())
def test_panes_stand_side_by_side(width: int, height: int, nets: bool) -> None:
    shown = {name: box for name, box in boxes(width, height, nets=nets).items() if box.width > 0 and box.height > 0}
    taken: set[tuple[int, int]] = set()
    for name, box in shown.items():
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= width, name
        cells_of = {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}
        if height >= 20:
            assert not taken & cells_of and box.y + box.height <= height, name
        taken |= cells_of


async def test_a_click_chooses_and_another_one_opens(played: list[Player]) -> None:
    app = app_with(begun())
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        rows = text_of(app).splitlines()
        (y,) = (y for y, row in enumerate(rows) if "Jacobians" in row)
        at = rows[y].index("Jacobians"), y
        await pilot.click(offset=at)
        await at_rest(pilot)
        assert home(app).chosen == "lesson:jacobians" and not played
        await pilot.click(offset=at)
        await at_rest(pilot)
    assert [player.lesson.id for player in played] == ["jacobians"]


async def test_the_button_and_the_keys_below_are_clicked_too(played: list[Player]) -> None:
    app = app_with(begun())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        for words, done in (("go on", lambda: len(played) == 1), ("nets  ", lambda: home(app).lettered == "nets")):
            rows = text_of(app).splitlines()
            y = next(y for y, row in enumerate(rows) if words in row)
            await pilot.click(offset=(rows[y].index(words), y))
            await at_rest(pilot)
            assert done(), words


async def test_escape_leads_back_to_the_lesson() -> None:
    app = app_with(begun())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await press(pilot, "n", "down")
        assert "chain  1-1-1" in text_of(app) and "Jacobians" not in text_of(app)
        await press(pilot, "escape")
        assert home(app).chosen == "lesson:through-a-sum" and "Jacobians" in text_of(app)


# -- files


async def test_home_opens_a_lesson_in_a_file_or_says_why_not(
    tmp_path: Path, played: list[Player], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.md").write_text(text(), encoding="utf-8")
    Path("bad.md").write_text("+++\nid = 3\n")
    app = app_with(Progress())
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        for path, words in (("bad.md", "bad.md:"), ("none.md", "none.md: No such file"), ("mine.md", "")):
            await press(pilot, "o")
            app.screen.query_one(Input).value = path
            await press(pilot, "enter")
            await at_rest(pilot)
            assert words in text_of(app) and ("Not opened" in text_of(app)) == bool(words)
    assert [(player.lesson.id, player.key) for player in played] == [("sums", str(tmp_path.resolve() / "mine.md"))]


async def test_one_goes_on_in_a_file_while_it_is_there(tmp_path: Path, played: list[Player]) -> None:
    path = tmp_path / "mine.md"
    path.write_text(text(), encoding="utf-8")
    for there in (True, False):
        progress = begun()
        progress.note(str(path), {"s1": StepRecord(Done.DONE)}, "s2")
        app = app_with(progress)
        async with app.run_test(size=(120, 40)) as pilot:
            await at_rest(pilot)
            title = "    Sums" if there else "    9  Through a weighted sum"
            assert any(row.startswith(title) for row in text_of(app).splitlines())
            await press(pilot, "enter")
        path.unlink(missing_ok=True)
    assert [player.key for player in played] == [str(path), "through-a-sum"]


async def test_what_is_wrong_with_the_progress_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "progress.sqlite"
    path.write_bytes(b"no database at all" * 100)
    monkeypatch.setenv("BPTUI_PROGRESS", str(path))
    for size in SIZES[::2]:
        path.write_bytes(b"no database at all" * 100)
        app = BptuiApp()
        async with app.run_test(size=size) as pilot:
            await at_rest(pilot)
            assert "! Progress" in text_of(app) and "damaged; it is kept as" in " ".join(text_of(app).split())
            await press(pilot, "down")
            assert "damaged" not in text_of(app)
        app.progress.close()


async def test_a_course_that_cannot_be_read_leaves_nets_and_labs(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise ValueError("09-sums.md:3: is damaged")

    monkeypatch.setattr("bptui.course.library.lessons", damaged)
    app = BptuiApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        assert "09-sums.md:3: is damaged" in text_of(app)
        await press(pilot, "enter", "l", "a", "n", "b")
        await at_rest(pilot)
        assert not isinstance(app.screen, Home)


# -- what a terminal can show


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("roomy", [True, False])
def test_titles_in_wide_characters_stand_whole(width: int, roomy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = (
        "매개변수가 있는 모델",
        "손실",
        "가중합을 거슬러 올라가는 역전파의 긴 제목",
        "損失函數與梯度下降法的幾何意義和應用",
    )
    chapters = tuple(
        Chapter(f"장 {k}", tuple(Taught(f"{k}-{n}", title) for n, title in enumerate(titles))) for k in range(3)
    )
    monkeypatch.setattr(panes, "CHAPTERS", chapters)
    monkeypatch.setattr(panes, "COURSE", tuple(lesson for chapter in chapters for lesson in chapter.lessons))
    canvas = panes.lessons(width, 12, {}, "lesson:1-2", lettered=False, roomy=roomy)
    for y, row in enumerate(canvas.characters):
        assert cells("".join(row)) == width == len(row), y
    for region in canvas.regions:
        said = "".join(
            "".join(row[region.left : region.left + region.width])
            for row in canvas.characters[region.top :][: region.height]
        )
        title = titles[int(region.target[-1])]
        assert all(word in said.replace(" ", "") for word in title.split() if cells(word) < 16), title


@pytest.mark.parametrize("size", SIZES)
async def test_ascii_is_ascii(size: tuple[int, int]) -> None:
    app = app_with(begun(), ascii_only=True)
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        shown = text_of(app)
        assert shown.isascii()
        assert "* * * @ o o o o o o o" in shown and "enter  go on" in shown
        await press(pilot, "l")
        assert text_of(app).isascii()
