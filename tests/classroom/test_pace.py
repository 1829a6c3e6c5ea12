"""How far the class goes: together, up to a step, until a moment."""

from __future__ import annotations

import asyncio

import pytest
from clients import Served
from led import BACK, follower, lead, leading, leading_at, lectern

from bptui.classroom.lead import LeadError

pytestmark = pytest.mark.slow


async def test_a_class_that_is_frozen_stays_together(served: Served) -> None:
    await leading(served)
    mina, lena = await follower(served, "mina"), await follower(served, "lena")
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    lead(served).freeze(True)
    await mina.sees("following", without="on your own")
    lena.type("\r")
    await lena.sees("all stay together")
    assert lead(served).frozen
    await served.restart()
    lena = await served.again("lena")
    await lena.sees("following")
    lena.type("\r")
    await lena.sees("all stay together")
    lead(served).freeze(False)
    lena.type("\r")
    await lena.sees("on your own", "forward 4 of")


async def test_nobody_goes_beyond_the_last_step_that_is_allowed(served: Served) -> None:
    teacher = await leading_at(served, "la", "1/11", 120, 40)
    mina = await follower(served, "mina", 120, 40)
    lead(served).allow_to(2)
    assert lead(served).last_allowed == 2
    mina.type("\r")
    await mina.sees("on your own", "1/11")
    mina.type(">")
    await mina.sees("2/11")
    mina.type(">")
    await mina.sees("the class goes no farther than step 2")
    mina.type("M")
    await mina.sees("test out")
    mina.type("\x1b[C\x1b[B\x1b[B\r")
    await mina.sees("the class goes no farther than step 2")
    mina.type("q")
    await mina.sees("2/11", without="test out")
    teacher.type(">>>")
    await teacher.sees("4/11")
    await mina.sees("4/11")  # on their row
    mina.type(">>")  # where the class is, one may be
    await mina.sees("Setting the prices" if "Setting the prices" in teacher.text else " 4/11 ")
    mina.type(">")
    await mina.sees("the class goes no farther than step 4")
    lead(served).allow_to(None)
    mina.type(">")
    await mina.sees(" 5/11 ")


async def test_what_is_allowed_is_so_after_a_restart_and_in_that_lesson_alone(served: Served) -> None:
    teacher = await leading_at(served, "la", "1/11", 120, 40)
    mina = await follower(served, "mina", 120, 40)
    lead(served).allow_to(1)
    await served.restart()
    assert lead(served).last_allowed == 1 and lead(served).bound == ("parametrised-models", 0)
    teacher = await served.terminal(await served.connect("x", key=served.teacher_key), 120, 40)
    await teacher.sees("leading", "1/11")
    mina = await served.again("mina", 120, 40)
    await mina.sees("following")
    mina.type("\r")
    await mina.sees("on your own", "1/11")
    mina.type(">")
    await mina.sees("the class goes no farther than step 1")
    teacher.type("q")
    await teacher.sees("Home")
    teacher.type("lb")
    await teacher.sees("1/")
    await mina.sees("it is at 2  ")
    assert lead(served).last_allowed is None
    mina.type(">")
    await mina.sees("2/11")
    assert lectern(served, "mina").player.index == 1


async def test_steps_are_allowed_in_a_lesson_alone(served: Served) -> None:
    with pytest.raises(LeadError, match="the class is in no lesson"):
        lead(served).allow_to(3)
    await leading(served)
    with pytest.raises(LeadError, match="the class is in no lesson"):
        lead(served).allow_to(3)


async def test_a_countdown_has_a_deadline(served: Served) -> None:
    lead(served).countdown(60.0)
    deadline = lead(served).deadline
    assert deadline is not None and 0.0 < deadline - asyncio.get_running_loop().time() <= 60.0
    lead(served).countdown(None)
    assert lead(served).deadline is None


async def test_a_countdown_is_seen_where_no_question_shows_it(served: Served) -> None:
    await leading(served)
    mina = await follower(served, "mina")
    paul = await follower(served, "paul")
    screen = await served.terminal(await served.connect("present", key=served.teacher_key), 100, 30)
    paul.type("\r")
    await paul.sees("on your own")
    lead(served).countdown(6000.0)
    for terminal in mina, paul, screen:
        await terminal.sees(":", " left ")
    lead(served).countdown(None)
    for terminal in mina, paul, screen:
        await terminal.until(lambda terminal=terminal: " left " not in terminal.text)


async def test_what_is_allowed_while_an_app_is_out_of_sight_is_so_when_it_comes_back(served: Served) -> None:
    await leading_at(served, "la", "1/11", 120, 40)
    mina = await follower(served, "mina", 120, 40)
    mina.type("\r")
    await mina.sees("on your own")
    mina.type(BACK)
    await mina.sees("following")
    lead(served).allow_to(1)
    mina.type("\r")
    await mina.sees("on your own")
    mina.type(">")
    await mina.sees("the class goes no farther than step 1")


async def test_who_is_on_their_own_sees_where_the_class_goes(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina", 120, 40)
    mina.type("\r")
    await mina.sees("on your own", "it is at mynet, step 1, event 4")
    teacher.type("qlb")
    await mina.sees("it is at 2  ", ", 1/")
    mina.type(BACK)
    await mina.sees("following", " 1/")


async def test_in_a_small_window_too_one_sees_where_the_class_is(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina", 80, 24)
    mina.type("\r")
    await mina.sees("on your own", "ctrl+r: back to the class")
    teacher.type("qla")
    await mina.sees("it is at 1, step 1", "ctrl+r: back to the class")
    teacher.type(">")
    await mina.sees("it is at 1, step 2")
