"""The teacher leads through a lesson: its steps, questions, hints and answers, and the stage beside them."""

from __future__ import annotations

from clients import Served
from led import BACK, RIGHT, follower, lead, leading_at, lectern, seat

from bptui.classroom.lead import Where

FIRST = "la", "1/11"  # the first lesson


async def test_a_lesson_is_followed_step_by_step_with_its_hints_in_every_size(served: Served) -> None:
    teacher = await leading_at(served, *FIRST)
    small, large = await follower(served, "small", 80, 24), await follower(served, "large", 140, 42)
    assert lead(served).place == Where("1  Parametrised models", "lesson", 1, 11)
    teacher.type(">")
    for screen in (small, large):
        await screen.sees("2/11", "What it keeps inside")
    teacher.type("h")
    for screen in (small, large):
        await screen.sees("hints used 1 of 1")
    teacher.type("<")
    for screen in (small, large):
        await screen.sees("1/11", without="What it keeps")
    assert lead(served).place == Where("1  Parametrised models", "lesson", 1, 11)
    assert all(seat(served, name).app is None for name in ("small", "large"))


async def test_what_the_teacher_types_and_gets_wrong_is_hers_until_the_answer_is_out(served: Served) -> None:
    teacher = await leading_at(served, *FIRST, 120, 40)
    screen = await follower(served, "mina", 120, 40)
    teacher.type(">")
    await screen.sees("2/11")
    teacher.type("17.25")
    await teacher.sees("17.25")
    teacher.type("\r")
    await teacher.sees("Not yet")
    teacher.type("h")
    await screen.sees("hints used 1")
    assert "17.25" not in screen.text and "Not yet" not in screen.text and "ȳ[0] = 6" not in screen.text
    assert lead(served).asks
    lead(served).reveal()
    for each in (teacher, screen):
        await each.sees("answer told", "ȳ[0] = 6")
    assert not lead(served).asks


async def test_what_is_done_on_the_stage_beside_the_text_is_followed(served: Served) -> None:
    teacher = await leading_at(served, *FIRST)
    screen = await follower(served, "mina", 120, 40)
    teacher.type(">l")
    await screen.sees("2/11", "batch 1 of")
    teacher.type(RIGHT)
    await screen.sees("forward 2 of")
    assert lead(served).session is lectern(served, "teacher").session  # type: ignore[attr-defined]
    teacher.type("k")
    await screen.sees("optimiser", "lr")
    lead(served).step(1)
    await screen.sees("3/11")


async def test_who_steps_aside_has_the_lesson_to_themselves_with_the_stage_as_it_stood(served: Served) -> None:
    teacher = await leading_at(served, *FIRST)
    screen = await follower(served, "mina", 120, 40)
    teacher.type(">l" + RIGHT)
    await screen.sees("2/11", "forward 2 of")
    screen.type("\r")
    await screen.sees("on your own", "2/11", "forward 2 of")
    mine, hers = lectern(served, "mina"), lectern(served, "teacher")
    assert mine.player is not hers.player and mine.player.progress is not hers.player.progress
    assert mine.session is not hers.session and mine.session.address == hers.session.address  # type: ignore[attr-defined]
    screen.type("6\r")
    await screen.sees("Right.")
    assert hers.player.state.attempts == 0 and not hers.player.state.over
    teacher.type(">")
    await screen.sees("on your own", "3/11", "Right.")  # on their line
    screen.type(BACK)
    await screen.sees("following", "3/11", without="Right.")
    await screen.until(lambda: bool(served.server.room.person("mina").forks) or True)
    await served.restart()
    again = await served.again("mina", 120, 40)
    await again.sees("following", "3/11")
    again.type("\r")
    await again.sees("on your own", "3/11")
    assert lectern(served, "mina").player.states[1].over  # their progress is theirs


async def test_a_lesson_goes_on_after_a_restart_with_what_was_over_and_the_stage_as_it_stood(served: Served) -> None:
    teacher = await leading_at(served, *FIRST)
    screen = await follower(served, "mina", 120, 40)
    teacher.type(">A")
    await screen.sees("2/11", "answer told")
    teacher.type(RIGHT)
    await screen.sees("Inside cost")
    await served.restart()
    screen = await served.again("mina", 120, 40)
    await screen.sees("following", "2/11", "answer told", "Inside cost")
    teacher = await served.terminal(await served.connect("x", key=served.teacher_key))
    await teacher.sees("2/11", "leading")
    teacher.type(">")
    await screen.sees("3/11")


async def test_the_class_goes_along_from_a_lesson_to_the_workbench_and_back(served: Served) -> None:
    teacher = await leading_at(served, *FIRST)
    screen = await follower(served, "mina")
    teacher.type("q")
    await teacher.sees("Home")
    teacher.type("ne")
    await screen.sees("mynet", "batch 1 of", without="1/11")
    teacher.type("q")
    await teacher.sees("Home")
    assert "mynet" in screen.text
    teacher.type("lb")
    await screen.sees("Lesson", "1/")
    place = lead(served).place
    assert place is not None and place.title.startswith("2  ")
