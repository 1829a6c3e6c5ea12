"""The wheel is handed to a student and taken back; all see what one of them does, and the class's place again."""

from __future__ import annotations

import pytest
from clients import Served
from led import BACK, LEAD, RIGHT, bench, follower, lead, leading, leading_at, lectern, seat, shown

from bptui.classroom.lead import LeadError
from bptui.classroom.lead import lead as lead_module
from bptui.tui.home.screen import Home

pytestmark = pytest.mark.slow


async def test_who_has_the_wheel_drives_the_class_and_the_teacher_goes_on_from_there(served: Served) -> None:
    teacher = await leading(served)
    mina, lena = await follower(served, "mina"), await follower(served, "lena")
    session = lead(served).session
    lead(served).hand_to(seat(served, "mina"))
    await mina.sees("you drive", "forward 4 of")
    await teacher.sees("mina drives", "forward 4 of")
    mina.type(RIGHT)
    for screen in (teacher, lena):
        await screen.sees("forward 5 of")
    await lena.sees("what mina does")
    teacher.type(RIGHT)  # a key of hers is nobody's
    mina.type("b")
    await lena.until(lambda: session is not None and bool(session.breakpoints))
    assert lead(served).session is session and lead(served).driver is seat(served, "mina")
    teacher.type(LEAD)
    await teacher.sees("leading:", "forward 5 of")
    await mina.sees("following", "forward 5 of", without="you drive")
    assert bench(served, "teacher").session is session and lead(served).driver is seat(served, "teacher")
    assert seat(served, "mina").wheel is None and seat(served, "mina").own is None
    teacher.type(RIGHT)
    for screen in (mina, lena):
        await screen.sees("forward 6 of")


@pytest.mark.parametrize("how", ["key", "quit", "line"])
async def test_a_driver_who_has_enough_or_drops_gives_the_wheel_back(served: Served, how: str) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    client = served.clients[-1]
    lead(served).hand_to(seat(served, "mina"))
    await mina.sees("you drive", "forward 4 of")
    mina.type(RIGHT)
    await teacher.sees("mina drives", "forward 5 of")
    if how == "line":
        client.abort()
    else:
        mina.type({"key": BACK, "quit": "\x11"}[how])
        await mina.sees("following", "forward 5 of", without="you drive")
    await teacher.sees("leading:", "forward 5 of")
    teacher.type(RIGHT)
    await teacher.sees("forward 6 of")


async def test_the_wheel_goes_from_one_student_to_another_and_only_to_who_is_there(served: Served) -> None:
    teacher = await leading(served)
    with pytest.raises(LeadError, match="teacher is not there to drive"):
        lead(served).hand_to(seat(served, "teacher"))
    mina, lena = await follower(served, "mina"), await follower(served, "lena")
    lead(served).hand_to(seat(served, "mina"))
    await mina.sees("you drive", "forward 4 of")
    mina.type(RIGHT)
    await lena.sees("forward 5 of")
    lead(served).hand_to(seat(served, "lena"))
    await lena.sees("you drive", "forward 5 of")
    await mina.sees("following", without="you drive")
    lena.type(RIGHT)
    for screen in (teacher, mina):
        await screen.sees("forward 6 of")


async def test_a_student_drives_in_a_lesson_on_the_classs_own_player(served: Served) -> None:
    teacher = await leading_at(served, "la", "1/11", 120, 40)
    mina, lena = await follower(served, "mina", 120, 40), await follower(served, "lena", 120, 40)
    teacher.type(">")
    await lena.sees("2/11")
    player = lectern(served, "teacher").player
    lead(served).hand_to(seat(served, "mina"))
    await mina.sees("you drive", "2/11")
    assert isinstance(shown(served, "teacher"), Home)
    mina.type("6\r")
    await mina.sees("Right.")
    await lena.sees("Right.")
    assert player.state.over
    mina.type(">")
    await lena.sees("3/11")
    lead(served).take_back()
    await teacher.sees("leading:", "3/11")
    assert lectern(served, "teacher").player is player
    assert not served.server.room.folder.progress(served.server.room.person("mina").id).lessons()


async def test_a_student_drives_a_run_and_nobody_else_trains_it(served: Served) -> None:
    teacher = await leading_at(served, "t", "epoch")
    mina, lena = await follower(served, "mina"), await follower(served, "lena")
    teacher.type("N")
    await lena.sees("epoch 1 ")
    hers = shown(served, "teacher")
    lead(served).hand_to(seat(served, "mina"))
    await mina.sees("you drive", "epoch 1 ")
    assert hers.trainer is None
    mina.type("N")
    for screen in (teacher, lena):
        await screen.sees("epoch 2 ")
    lead(served).take_back()
    await teacher.sees("leading:", "epoch 2 ")
    assert shown(served, "teacher").training is hers.training
    teacher.type("N")
    await lena.sees("epoch 3 ")


async def test_a_student_who_drives_keeps_what_they_had_of_their_own(served: Served) -> None:
    await leading(served)
    mina = await follower(served, "mina")
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    mina.type("qlb")
    await mina.sees("on your own", "1/")
    lead(served).hand_to(seat(served, "mina"))
    await mina.sees("you drive", "forward 4 of")
    lead(served).take_back()
    await mina.sees("following", without="you drive")
    mina.type("\x0c")
    seat(served, "mina").roam()
    await mina.sees("on your own", " 1/")


async def test_all_see_what_one_does_on_their_own_and_the_class_stays_as_it_was(served: Served) -> None:
    teacher = await leading(served)
    mina, lena = await follower(served, "mina"), await follower(served, "lena")
    with pytest.raises(LeadError, match="mina is not on their own"):
        lead(served).spotlight(seat(served, "mina"))
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    session, log = lead(served).session, len(bench(served, "teacher").session.log)
    lead(served).spotlight(seat(served, "mina"))
    await mina.sees("all see what you do")
    await lena.sees("what mina does", "forward 4 of")
    await teacher.sees("all see what mina does")
    mina.type(RIGHT + RIGHT)
    for screen in (lena, teacher):
        await screen.sees("forward 6 of")
    teacher.type(RIGHT)
    mina.type("k")
    await lena.sees("optimiser", "lr")
    lead(served).spotlight(None)
    for screen in (lena, teacher):
        await screen.sees("forward 4 of", without="mina does")
    await mina.sees("on your own", "forward 6 of", without="the class sees")
    assert lead(served).session is session and len(bench(served, "teacher").session.log) == log
    assert lead(served).spotlit is None


async def test_of_a_spotlight_without_a_class_behind_it_no_stage_is_left(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    teacher.type(LEAD)
    await teacher.sees("ctrl+l: show the class")
    lead(served).spotlight(seat(served, "mina"))
    lena = await follower(served, "lena")
    await lena.sees("what mina does", "forward 4 of")
    assert len(lead(served).stages) == 1
    lead(served).spotlight(None)
    await lena.sees("Home", without="what mina does")
    assert not lead(served).stages


@pytest.mark.parametrize("how", ["back", "drops"])
async def test_the_spotlight_ends_with_whoever_stands_in_it(served: Served, how: str) -> None:
    teacher = await leading(served)
    lena, mina = await follower(served, "lena"), await follower(served, "mina")
    client = served.clients[-1]
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    lead(served).spotlight(seat(served, "mina"))
    mina.type(RIGHT)
    await lena.sees("forward 5 of")
    if how == "back":
        mina.type(BACK)
        await mina.sees("following", "forward 4 of")
    else:
        client.abort()
    await lena.sees("forward 4 of", without="mina does")
    await teacher.sees("leading:")


async def test_a_lesson_in_the_spotlight_keeps_its_answer(served: Served) -> None:
    await leading(served)
    mina, lena = await follower(served, "mina", 120, 40), await follower(served, "lena", 120, 40)
    mina.type("\r")
    await mina.sees("on your own")
    mina.type("qla>")
    await mina.sees("2/11")
    lead(served).spotlight(seat(served, "mina"))
    await lena.sees("2/11", "What it keeps inside")
    mina.type("17.5\r")
    await mina.sees("Not yet")
    mina.type("h")
    await lena.sees("hints used 1")
    assert "17.5" not in lena.text and "Not yet" not in lena.text
    mina.type("6\r")
    await lena.sees("ȳ[0] = 6", "Right.")


async def test_the_text_of_a_lesson_in_the_spotlight_opens_and_closes_for_all(served: Served) -> None:
    await leading(served)
    mina, lena = await follower(served, "mina", 80, 24), await follower(served, "lena", 80, 24)
    mina.type("\r")
    await mina.sees("on your own")
    mina.type("qla>")
    await mina.sees("2/11", "stage")
    lead(served).spotlight(seat(served, "mina"))
    await lena.sees("2/11", "What it keeps inside")
    mina.type("l")
    await lena.sees("2/11", without="What it keeps inside")
    omar = await follower(served, "omar", 100, 30)
    await omar.sees("2/11")
    assert "What it keeps inside" not in omar.text
    mina.type("l")
    for screen in (lena, omar):
        await screen.sees("What it keeps inside")


async def test_what_takes_too_long_to_be_made_again_is_not_shown_and_the_teacher_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await leading(served)
    mina, lena = await follower(served, "mina"), await follower(served, "lena")
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    mina.type("n")
    await mina.sees("step 2")
    monkeypatch.setattr(lead_module, "SPOT", -1.0)
    lead(served).spotlight(seat(served, "mina"))
    await teacher.sees("what mina does cannot be shown", "more than")
    assert "step 2" not in lena.text
    monkeypatch.setattr(lead_module, "SPOT", 100.0)
    mina.type(RIGHT)
    await lena.sees("step 2")
    await teacher.sees("all see what mina does", without="cannot be shown")
