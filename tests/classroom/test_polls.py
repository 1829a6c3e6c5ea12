"""Questions to the class: how answers are judged, grouped, kept and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.classroom.ask import Ask, Closed
from bptui.classroom.people import Roll
from bptui.classroom.places import receipt_of
from bptui.classroom.poll_pane import pane
from bptui.classroom.polls import Poll, groups
from bptui.classroom.questions import Question, again
from bptui.classroom.sqlite import Sqlite
from bptui.classroom.store import Memory, Store
from bptui.course.answer import AnswerError
from bptui.course.lesson import Choice, Ordering, Predict
from bptui.course.library import lessons
from bptui.course.quantity import QuantityError
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.tui.view import View

COURSE = lessons()


def on_the_spot(quantity: str = "grad x[0]", net: str = "two-layer") -> Question:
    session = Session(PRESETS[net])
    return again({"receipt": receipt_of(session, View()), "quantity": quantity}, COURSE)


def in_lessons(kind: type) -> list[tuple[Any, Any]]:
    return [
        (lesson, step)
        for lesson in COURSE
        for step in lesson.steps
        if isinstance(step.ask, Predict) and isinstance(step.ask.question, kind)
    ]


def asking(store: Store | None = None) -> tuple[Ask, list[int]]:
    told: list[int] = []
    return Ask(store or Memory(), COURSE, lambda: None, lambda: told.append(1)), told


def open_poll(ask: Ask) -> Poll:
    poll = ask.poll
    assert poll is not None
    return poll


async def test_an_answer_is_judged_by_the_session_that_is_asked_about_and_grouped_by_its_mistake() -> None:
    ask, told = asking()
    question = on_the_spot()
    ask.put(question)
    right = open_poll(ask).solution.replace("−", "-")
    wrong = str(-float(right))
    assert (await ask.answer("mina", right)).right
    assert not (await ask.answer("lena", wrong)).right
    await ask.answer("kofi", f"{float(wrong):.4f}")
    await ask.answer("uma", "123")
    found = groups(open_poll(ask))
    assert [(g.verdict, g.mistake, g.people) for g in found] == [
        ("right", "", ("mina",)),
        ("mistake", "wrong sign", ("lena", "kofi")),
        ("unknown", "", ("uma",)),
    ]
    assert len(told) == 4


async def test_an_answer_may_be_changed_until_the_question_is_over() -> None:
    ask, _ = asking()
    ask.put(on_the_spot())
    right = open_poll(ask).solution.replace("−", "-")
    await ask.answer("mina", "99")
    await ask.answer("mina", right)
    assert open_poll(ask).answers["mina"].right and len(open_poll(ask).answers) == 1
    assert ask._store.snapshot()[1].tally("mina") == (0, 0)  # it is still open
    ask.reveal()
    with pytest.raises(Closed):
        await ask.answer("mina", "99")
    assert open_poll(ask).answers["mina"].right
    assert ask._store.snapshot()[1].tally("mina") == (1, 0)


async def test_what_is_no_answer_is_no_attempt() -> None:
    ask, _ = asking()
    ask.put(on_the_spot())
    with pytest.raises(AnswerError):
        await ask.answer("mina", "left")
    assert not open_poll(ask).answers


async def test_an_answer_that_is_right_but_rounded_too_far_is_not_taken() -> None:
    ask, _ = asking()
    question = on_the_spot("grad m0.weight[0,0]", "mynet")
    ask.put(question)
    digits = open_poll(ask).solution.replace("−", "-")
    rounded = f"{float(digits):.1f}"
    if float(rounded) != float(digits) and float(rounded) != 0:
        assert (await ask.answer("mina", rounded)).nearly
        assert not open_poll(ask).answers


async def test_every_question_of_every_lesson_can_be_put_to_the_class() -> None:
    for kind in (Choice, Ordering):
        assert in_lessons(kind)
    count = 0
    for lesson in COURSE:
        for step in lesson.steps:
            if not isinstance(step.ask, Predict):
                continue
            made = {"lesson": lesson.id, "step": step.id, "seed": 0}
            question = again(made, COURSE)
            ask, _ = asking()
            ask.put(question)
            poll = open_poll(ask)
            assert poll.ask and "{{" not in poll.ask and poll.solution
            if poll.form in ("number", "choice"):
                text = poll.solution.replace("−", "-")
                assert (await ask.answer("mina", text)).right, (lesson.id, step.id)
            count += 1
    assert count > 30


async def test_a_question_survives_the_end_of_the_server(tmp_path: Path) -> None:
    store = Sqlite(tmp_path / "class.sqlite")
    ask, _ = asking(store)
    ask.put(on_the_spot())
    right = open_poll(ask).solution.replace("−", "-")
    await ask.answer("mina", right)
    await store.close()
    store = Sqlite(tmp_path / "class.sqlite")
    ask, _ = asking(store)
    assert open_poll(ask).answers["mina"].right
    assert not (await ask.answer("lena", "99")).right
    await store.close()


async def test_a_question_of_a_lesson_that_has_changed_ends() -> None:
    store = Memory()
    ask, _ = asking(store)
    lesson, step = in_lessons(Choice)[0]
    ask.put(again({"lesson": lesson.id, "step": step.id, "seed": 0}, COURSE))
    store.snapshot()
    gone = Ask(store, [other for other in COURSE if other is not lesson], lambda: None, lambda: None)
    assert gone.poll is None


async def test_one_question_at_a_time() -> None:
    ask, _ = asking()
    ask.put(on_the_spot())
    ask.put(on_the_spot("value x[0]"))
    roll = ask._store.snapshot()[1]
    assert [(poll.number, poll.ended) for poll in roll.polls] == [(1, True), (2, False)]
    assert roll.poll is not None and roll.poll.number == 2


def test_what_nobody_can_work_out_is_not_asked() -> None:
    with pytest.raises(QuantityError, match="no variable"):
        on_the_spot("grad nothing[0]")


@given(st.lists(st.sampled_from(["asked", "answered", "revealed", "ended", "hand", "locked"]), max_size=30))
def test_no_order_of_events_breaks_a_class(kinds: list[str]) -> None:
    roll = Roll()
    body: dict[str, Any] = {"ask": "?", "form": "number", "label": "", "solution": "1", "options": [], "made": {}}
    body |= {"poll": 1, "text": "1", "right": True, "said": "1", "group": "", "up": True, "on": True}
    for kind in kinds:
        roll = roll.after(kind, "mina", body, "2026-01-01T00:00:00+00:00")
    asked = kinds.count("asked")
    assert len(roll.polls) == asked
    if roll.poll is not None:
        assert not roll.poll.ended


def test_the_class_sees_how_it_answered_once_that_is_revealed_and_never_whose_answer_is_which() -> None:
    roll = Roll()
    body = {"ask": "What is dC/dz[0]?", "form": "number", "label": "dC/dz[0] =", "solution": "−0.20"}
    roll = roll.after("asked", "", body | {"options": [], "made": {}})
    for name, text, right, group in (("mina", "-0.2", True, ""), ("lena", "0.2", False, "wrong sign")):
        roll = roll.after("answered", name, {"poll": 1, "text": text, "right": right, "said": text, "group": group})
    assert roll.poll is not None
    before = pane(roll.poll, 5, 80, 12).text()
    assert "2 of 5 answered" in before and "shown when revealed" in before
    assert "-0.2" not in before and "wrong sign" not in before
    roll = roll.after("revealed", "", {"poll": 1})
    assert roll.poll is not None
    after = pane(roll.poll, 5, 80, 12).text()
    assert "✓ -0.2" in after and "wrong sign" in after and "−0.20" not in before
    assert "mina" not in after and "lena" not in after


@given(st.integers(1, 200), st.integers(1, 30), st.booleans())
def test_the_question_fits_whatever_room_there_is(width: int, most: int, revealed: bool) -> None:
    answers = {f"s{k}": k for k in range(9)}
    roll = Roll()
    body = {"ask": "What is it? " * 9, "form": "choice", "label": "", "solution": "a"}
    roll = roll.after("asked", "", body | {"options": ["one", "two " * 30, "three"], "made": {}})
    for name, k in answers.items():
        said = {"poll": 1, "text": "1", "right": k == 0, "said": f"option {k} " * k, "group": f"g{k % 4}"}
        roll = roll.after("answered", name, said)
    if revealed:
        roll = roll.after("revealed", "", {"poll": 1})
    assert roll.poll is not None
    canvas = pane(roll.poll, 9, width, most, "1:30")
    assert canvas.width == width and canvas.height <= most
