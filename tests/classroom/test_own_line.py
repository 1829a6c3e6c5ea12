"""The rows of a follower: what keys do there, and what they show."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from bptui.classroom.ask import Ask
from bptui.classroom.own_line import BRIEF, OwnLine, one_row, two_rows
from bptui.classroom.questions import again
from bptui.classroom.store import Memory
from bptui.course.lesson import Choice, Pick, Predict
from bptui.course.library import lessons
from bptui.drawing.lines import clipped

COURSE = lessons()


class Line:
    """Somebody's rows, with keys and a question that come at once."""

    def __init__(self) -> None:
        self.ask = Ask(Memory(), COURSE, lambda: None, lambda: None)
        self.changed = asyncio.Event()
        self.own = OwnLine(self.ask, "mina", self.changed.set)

    def put(self, kind: type) -> None:
        """Ask the first question of a kind that a lesson has."""
        lesson, step = next(
            (lesson, step)
            for lesson in COURSE
            for step in lesson.steps
            if isinstance(step.ask, Predict) and isinstance(step.ask.question, kind)
        )
        self.ask.put(again({"lesson": lesson.id, "step": step.id, "seed": 0}, COURSE))

    def keys(self, *keys: str) -> list[bool]:
        return [self.own.press(events.Key(key, key if len(key) == 1 else None), 100) for key in keys]

    async def sent(self) -> None:
        async with asyncio.timeout(10):
            while self.own._sending is not None:
                self.changed.clear()
                await self.changed.wait()

    def text(self, width: int = 100) -> str:
        return two_rows(self.own, "mina", width, "", hand=False).text()


async def test_a_question_is_answered_by_typing_at_once() -> None:
    line = Line()
    assert line.keys("1") == [False]  # nothing is asked: keys are the seat's
    line.put(Choice)
    assert "one of" in line.text() and "send" in line.text()
    line.keys("7", "backspace", "1", "enter")
    await line.sent()
    assert "your answer" in line.text() and "sent" in line.text() and "change answer" in line.text()
    assert line.keys("h", "enter") == [False, False]
    poll = line.ask.poll
    assert poll is not None and "mina" in poll.answers


async def test_an_answer_is_changed_after_a() -> None:
    line = Line()
    line.put(Choice)
    line.keys("1", "enter")
    await line.sent()
    assert line.keys("a", "2", "enter") == [True] * 3
    await line.sent()
    poll = line.ask.poll
    assert poll is not None and poll.answers["mina"].text == "2"


async def test_what_is_no_answer_is_said_and_can_be_typed_again() -> None:
    line = Line()
    line.put(Choice)
    line.keys("9", "enter")
    await line.sent()
    assert "The question wants one of" in line.text(120)
    line.keys("backspace", "1", "enter")
    await line.sent()
    assert "your answer" in line.text() and "The question wants" not in line.text()


async def test_keys_have_names_where_arrows_cannot_be_drawn() -> None:
    line = Line()
    assert "enter try it yourself" in two_rows(line.own, "mina", 80, "", hand=False, ascii_only=True).text()


async def test_a_question_can_be_put_off() -> None:
    line = Line()
    line.put(Choice)
    line.keys("1", "escape")
    assert not line.own.typing and "a question is open" in line.text() and line.own.typed == ""
    assert line.keys("h") == [False]
    line.keys("a")
    assert line.own.typing
    line.ask.put(again({**line.ask.poll.made}, COURSE))  # type: ignore[union-attr]
    assert line.own.typing  # another question is asked anew


async def test_what_is_picked_on_a_diagram_is_no_matter_of_the_line() -> None:
    line = Line()
    line.put(Pick)
    assert not line.own.typing and line.keys("1", "a") == [False, False]


async def test_after_the_question_is_revealed_the_line_says_what_came_of_the_answer() -> None:
    line = Line()
    line.put(Choice)
    line.keys("1", "enter")
    await line.sent()
    poll = line.ask.poll
    assert poll is not None
    line.ask.reveal()
    wanted = "✓" if poll.answers["mina"].right else f"right: {clipped(poll.solution, BRIEF)}"
    assert wanted in line.text(200)
    line.ask.end()
    assert "your answer" not in line.text()


async def test_the_teachers_words_stay_until_they_are_put_away() -> None:
    line = Line()
    line.own.message = "look at row 0"
    assert "teacher  look at row 0" in line.text()
    assert line.keys("h") == [False] and "row 0" in line.text()
    assert line.keys("escape") == [True] and "row 0" not in line.text()


@pytest.mark.parametrize("words", ["Five minutes left, then all go on: read to the end of step 4, please.", "  "])
async def test_words_that_are_longer_than_a_row_are_read_on(words: str) -> None:
    line = Line()
    line.own.message = words
    read: list[str] = []
    while line.own.message:
        shown = one_row(line.own, "mina", "roaming", 80, ()).text()
        read += shown.partition("teacher  ")[2].partition("   esc ")[0].split()
        assert ("reads on" in shown) == (len(" ".join(read)) < len(words.strip()))
        line.own.put_away(80)
    assert read == words.split()


async def test_the_way_back_to_the_class_is_never_left_out() -> None:
    line = Line()
    line.put(Choice)
    notes = "ctrl+r: back to the class", "it is at 9  Through a weighted sum, 2/11", "ctrl+g: raise hand"
    shown = one_row(line.own, "a name of some length", "roaming", 80, notes).text()
    assert "a question is open" in shown and notes[0] in shown
    watched = one_row(line.own, "mina", "roaming", 80, ("all see what you do   ctrl+r: back to the class",)).text()
    assert "all see what you do   ctrl+r: back to the class" in watched
    wide = one_row(line.own, "mina", "roaming", 140, notes).text()
    assert all(note in wide for note in notes)


async def test_who_leads_sees_the_way_to_the_desk_before_that_a_question_is_open() -> None:
    line = Line()
    line.put(Choice)
    notes = "leading: 12 follow, 3 on their own", "ctrl+d: desk", "ctrl+l: stop"
    assert all(note in one_row(line.own, "teacher", "leading", 80, notes).text() for note in notes)
    assert "a question is open" in one_row(line.own, "teacher", "leading", 120, notes).text()


@pytest.mark.parametrize("width", [1, 10, 40, 80, 200])
async def test_rows_fit_any_width(width: int) -> None:
    line = Line()
    line.put(Choice)
    line.own.message = "words " * 40
    for canvas in (
        two_rows(line.own, "mina" * 8, width, "note " * 20, hand=True),
        one_row(line.own, "mina" * 8, "roaming", width, ["note " * 20]),
    ):
        assert canvas.width == width


@given(st.lists(st.sampled_from(["a", "1", "enter", "escape", "backspace", "h", "space", "up"]), max_size=20))
async def test_no_keys_break_the_line(keys: list[str]) -> None:
    line = Line()
    line.put(Choice)
    for key in keys:
        line.own.press(events.Key(key, " " if key == "space" else key if len(key) == 1 else None), 80)
    await line.sent()
    assert len(line.own.typed) <= 60
    line.own.press(events.Paste("\x1b[31m" + "9" * 500), 80) if line.own.typing else None
    assert line.own.typed.isprintable() and len(line.own.typed) <= 60
