"""What is asked, and what came of it, is in sight at every size; so is the diagram."""

from __future__ import annotations

import re

import pytest
from playing import LESSON, SUMS, begin, lectern, shown
from screens import at_rest, enter, text_of

from bptui.course.lesson import Do, Lesson, Predict
from bptui.course.library import lessons
from bptui.course.player import Player
from bptui.course.progress import Progress
from bptui.tui.lesson.boxes import ground
from bptui.tui.lesson.page import page, question, rows_away, rows_wanted
from bptui.tui.lesson.parts import Answer
from bptui.tui.lesson.place import Bench

PARAGRAPH = "\n\n".join(f"Sentence {k} says something that one has to read before the next." for k in range(9))
NOTE = '```note\nsaid = "Only one sum pays."\nwhere = "somewhere"\ninstead = "Both pay, each by its own weight."\n```\n'
LONG = LESSON.replace("Down its own column.", PARAGRAPH).replace(
    "```explain\nBoth sums pay.\n```\n", f"```explain\nBoth sums pay.\n\n{PARAGRAPH}\n```\n\n{NOTE}"
)
COURSE = lessons()
SIZES = [(80, 24), (120, 40)]


async def test_a_long_text_scrolls_above_its_question() -> None:
    async with begin("gradient", text=LONG).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert "Sentence 0" in shown(pilot)
        assert "What is dC/dz[0]?" in shown(pilot)
        assert "dC/dz[0] = ▏" in shown(pilot)
        assert "▼ pgdn" in shown(pilot)
        assert "▲ pgup" not in shown(pilot)
        assert "pgdn read on" in text_of(pilot.app).splitlines()[-1]  # type: ignore[arg-type]
        while "▼ pgdn" in shown(pilot):
            await pilot.press("pagedown")
        assert "Sentence 8" in shown(pilot)
        assert "▲ pgup" in shown(pilot)
        assert "What is dC/dz[0]?" in shown(pilot)
        assert "pgup read back" in text_of(pilot.app).splitlines()[-1]  # type: ignore[arg-type]
        await pilot.press(*["pageup"] * 9)
        assert "Sentence 0" in shown(pilot)


async def test_what_came_of_an_answer_is_in_sight_and_so_is_why() -> None:
    async with begin("gradient", text=LONG).run_test(size=(80, 24)) as pilot:
        await pilot.press(*"0.8", "enter")
        assert "✕ Not yet." in shown(pilot)
        assert "row 0 of W" in shown(pilot)
        await pilot.press("h")
        assert "│ Column 0." in shown(pilot)
        await pilot.press(*"-0.2", "enter")
        assert "✓ Right." in shown(pilot)
        assert "Both sums pay." in shown(pilot)
        assert "▼ pgdn" in shown(pilot)


@pytest.mark.some(5)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.id)
def test_the_course_shows_what_it_asks_and_what_came_of_it(lesson: Lesson, size: tuple[int, int]) -> None:
    player, blank = Player(lesson, Progress()), Answer()
    for index, step in enumerate(lesson.steps):
        if step.ask is None or (isinstance(step.ask, Do) and step.stage is not None and step.stage.lab != "step"):
            continue
        player.go(index)
        asked = re.findall("[A-Za-z]{2,}", player.ask)
        for _ in range(2):
            wanted = rows_wanted(player, blank, size[0])
            box = ground(*size, lab=False, drawer=True, asked=rows_away(player, size[0]), wanted=wanted).boxes["page"]
            text = page(player, blank, box.width, box.height).canvas.text()
            assert all(word in text for word in (asked[0], asked[-1])), (step.id, text)
            if player.state.over:
                assert ("done for you" if isinstance(step.ask, Do) else "answer told") in text, step.id
            elif isinstance(step.ask, Predict):
                assert "▏" in text or "select it" in text, step.id
                assert all(option.split()[0] in text for option in player.options), step.id
                player.tell()
            else:
                player.tell()


async def test_the_page_fills_its_place_when_the_stage_makes_room() -> None:
    async with begin("gradient", text=LONG).run_test(size=(80, 24)) as pilot:
        await pilot.press(*"-0.2", "enter")
        await at_rest(pilot)
        page = lectern(pilot).views["page"]
        assert page.canvas.height == page.size.height
        assert "✓ Right." in text_of(pilot.app).splitlines()[-2]  # type: ignore[arg-type]


async def test_the_diagram_is_not_covered() -> None:
    async with begin("gradient", text=LONG).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert bench.stage is not None
        diagram, drawer = bench.views["diagram"], bench.views["page"]
        assert diagram.size.height == bench.stage.boxes["diagram"].height
        assert diagram.region.bottom <= drawer.region.y


async def test_a_diagram_that_is_higher_than_its_room_follows_the_cursor_above_the_text() -> None:
    text = LESSON.replace(SUMS, 'net = "mynet"\n').replace('hide = ["grad z"]', "").replace('"grad z[0]"', '"loss"')
    async with begin("gradient", text=text.replace("{{ grad z[0] }}", "it")).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert bench.stage is not None
        diagram, box = bench.views["diagram"], bench._in_sight(bench.stage)
        assert diagram.top <= box.top
        assert box.top + box.height <= diagram.top + diagram.size.height
        assert diagram.region.bottom <= bench.views["page"].region.y


async def test_the_question_alone_is_rendered_and_has_its_options() -> None:
    text = LESSON.replace('ask = "Which?"', 'ask = "Turn `lr`: *which* one?"')
    async with begin("choice", text=text).run_test(size=(80, 24)) as pilot:
        await pilot.press("l")
        await at_rest(pilot)
        strip = lectern(pilot).views["ask"].canvas.text()
        assert "Turn lr: which one?" in strip
        assert "1) this   2) that" in strip
        await pilot.press("2")
        assert "answer: 2▏" in shown(pilot)


async def test_after_a_wrong_answer_the_question_is_in_sight_where_the_text_is_away() -> None:
    async with begin("choice").run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "2", "enter")
        await at_rest(pilot)
        strip = lectern(pilot).views["ask"].canvas.text()
        assert "✕ Not yet." in strip
        assert "It is the other." in strip
        assert "Which?" in strip


def test_options_that_do_not_fit_are_said_to_go_on() -> None:
    lesson = next(lesson for lesson in COURSE if lesson.id == "spirals")
    player = Player(lesson, Progress())
    player.go(next(k for k, step in enumerate(lesson.steps) if step.id == "confounded"))
    strip = question(player, Answer(), 80, 5).text().rstrip()
    assert "1) ReLU makes the difference" in strip
    assert strip.endswith("…")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_nothing_typed_is_said_and_opens_nothing(size: tuple[int, int]) -> None:
    async with begin("gradient").run_test(size=size) as pilot:
        await pilot.press("enter")
        assert "type an answer first" in shown(pilot)
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert not bench.view.into
        assert bench.player.state.attempts == 0


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_knob_that_is_turned_is_set_by_enter(size: tuple[int, int]) -> None:
    async with begin("gradient").run_test(size=size) as pilot:
        await pilot.press("k", "down", "down", "down", "right")
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert bench.view.dialled is not None
        assert "↵ check" not in shown(pilot)
        assert "↵ set" in text_of(pilot.app).splitlines()[-1]  # type: ignore[arg-type]
        await pilot.press("enter")
        assert bench.view.dialled is None
        assert len(bench.session.branches) == 2
        assert "type an answer first" not in shown(pilot)


async def test_once_a_task_is_done_among_the_knobs_enter_goes_on() -> None:
    text = LESSON.replace(
        'cursor = "backward m"\nsolution = ["forward"]', 'knobs = { l2 = "0.1" }\nsolution = ["knob l2 = 0.1"]'
    )
    async with begin("do", text=text).run_test(size=(80, 24)) as pilot:
        await pilot.press("k", "down", "enter")
        await enter(pilot, "0.1")
        assert "✓ Done." in shown(pilot)
        assert "↵ go on" in shown(pilot)
        await pilot.press("enter")
        await at_rest(pilot)
        assert lectern(pilot).player.step.id == "run"


async def test_the_text_gives_way_to_work_on_the_stage_and_comes_back_with_more_to_read() -> None:
    async with begin("gradient", text=LONG).run_test(size=(80, 24)) as pilot:
        await pilot.press("left")
        await at_rest(pilot)
        assert "l opens the text" in shown(pilot)
        await pilot.press(*"-0.2", "enter")
        await at_rest(pilot)
        assert "✓ Right." in shown(pilot)
        assert "Both sums pay." in shown(pilot)
        assert not lectern(pilot).views["ask"].display


async def test_a_number_among_lettered_options_is_typed() -> None:
    text = LESSON.replace('text = "this"', 'text = "0.5"').replace('text = "that"', 'text = "2"')
    async with begin("choice", text=text).run_test(size=(80, 24)) as pilot:
        await pilot.press(*"0.5", "enter")
        assert "✓ Right." in shown(pilot)
