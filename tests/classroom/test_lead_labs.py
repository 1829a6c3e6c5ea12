"""The teacher leads in a lab, alone or beside a lesson: one run, one race, shown in every size."""

from __future__ import annotations

import pytest
from clients import Screen, Served
from led import BACK, RIGHT, follower, lead, leading_at, seat, shown

from bptui.classroom.lead import Where
from bptui.tui.descend.screen import Descend
from bptui.tui.lesson.labs import Race, Run
from bptui.tui.train.screen import Train

pytestmark = pytest.mark.slow


async def test_a_run_is_followed_while_it_goes_on_and_when_a_knob_is_turned(served: Served) -> None:
    teacher = await leading_at(served, "t", "epoch")
    screens = [await follower(served, "small", 80, 24), await follower(served, "large", 140, 42)]
    teacher.type(" ")
    for screen in screens:
        await screen.sees("Train", without="paused")
    trainer = shown(served, "teacher").trainer
    for screen in (teacher, *screens):
        await screen.sees("paused", "epoch 100")
    teacher.type("\t")
    for screen in screens:
        await screen.sees("dropout")
    assert lead(served).session is None
    wanted = Where("spirals", "train", trainer.snapshot.step + 1)
    await teacher.until(lambda: lead(served).place == wanted)
    assert len({id(stage._app) for stage in lead(served).stages}) == 2
    assert all(seat(served, name).app is None for name in ("small", "large"))


async def test_who_steps_aside_from_a_run_goes_on_with_a_copy_of_it(served: Served) -> None:
    teacher = await leading_at(served, "t", "epoch")
    screen = await follower(served, "mina")
    teacher.type("NN")
    await screen.sees("epoch 2")
    screen.type("\r")
    await screen.sees("on your own", "epoch 2")
    mine, hers = shown(served, "mina"), shown(served, "teacher")
    assert type(mine) is Train and mine.training.session is not hers.training.session
    a, b = mine.snapshot, hers.snapshot
    assert (a.step, a.look.probe) == (b.step, b.look.probe) and [p.step for p in a.probes] == [p.step for p in b.probes]
    assert all((a.look.parameters[name] == values).all() for name, values in b.look.parameters.items())
    screen.type("N")
    await screen.sees("epoch 3", "on your own")
    assert hers.snapshot.step == b.step
    screen.type(BACK)
    await screen.sees("following", "epoch 2")
    await screen.until(lambda: bool(served.server.room.person("mina").forks))
    ((name, _),) = served.server.room.person("mina").forks
    assert name == f"run of spirals, step {3 * 15 + 1}"


async def test_a_race_is_run_once_and_seen_by_all(served: Served) -> None:
    teacher = await leading_at(served, "d", "Descend")
    screens = [await follower(served, "small", 80, 24), await follower(served, "large", 140, 42)]
    teacher.type(4 * RIGHT)
    for screen in screens:
        await screen.sees("‖ 16")
    teacher.type(" ")
    for screen in screens:
        await screen.sees("Descend", without="paused")
    teacher.type(" ")
    await teacher.sees("paused")
    for screen in screens:
        await screen.sees("paused")
    descent = shown(served, "teacher").descent
    assert all(stage._mirror.descent is descent for stage in lead(served).stages)  # type: ignore[attr-defined]


async def test_who_steps_aside_from_a_race_has_the_same_racers_at_the_same_place(served: Served) -> None:
    teacher = await leading_at(served, "d", "Descend")
    screen = await follower(served, "mina")
    teacher.type(4 * RIGHT + "m")
    await screen.sees("‖ 16", "momentum 4")
    screen.type("\r")
    await screen.sees("on your own", "‖ 16", "momentum 4")
    mine, hers = shown(served, "mina"), shown(served, "teacher")
    assert type(mine) is Descend and mine.descent is not hers.descent
    for a, b in zip(mine.descent.paths, hers.descent.paths, strict=True):
        assert (a.positions[:5] == b.positions[:5]).all()


async def test_a_run_and_a_race_go_on_after_a_restart(served: Served) -> None:
    teacher = await leading_at(served, "t", "epoch")
    screen = await follower(served, "mina")
    teacher.type("NN")
    await screen.sees("epoch 2")
    await served.restart()
    screen = await served.again("mina")
    await screen.sees("following", "epoch 2")
    teacher = await served.terminal(await served.connect("x", key=served.teacher_key))
    await teacher.sees("epoch 2", "leading")
    teacher.type("N")
    await screen.sees("epoch 3")
    teacher.type("q")
    await teacher.sees("Home")
    teacher.type("d")
    await teacher.sees("Descend")
    teacher.type(4 * RIGHT)
    await screen.sees("‖ 16")
    await served.restart()
    screen = await served.again("mina")
    await screen.sees("following", "Descend", "‖ 16")


async def test_a_labs_step_opened_in_the_workbench_is_followed_and_the_run_after_it(served: Served) -> None:
    teacher = await leading_at(served, "t", "epoch")
    screen = await follower(served, "mina")
    teacher.type("N")
    await screen.sees("epoch 1")
    teacher.type("\r")
    await screen.sees("forward", "now", without="Doctor")
    teacher.type("q")
    await screen.sees("Doctor", "epoch 1")
    teacher.type("N")
    await screen.sees("epoch 2")


async def to_the_lab(served: Served, teacher: Screen, screen: Screen, lab: type[object]) -> None:
    """Read on in the lesson until its stage is a lab."""
    while not isinstance(shown(served, "teacher"), lab):
        at = lead(served).place
        assert at is not None and at.step < at.steps
        teacher.type(">")
        await screen.sees(f" {at.step + 1}/{at.steps} ")


async def test_labs_beside_lessons_are_followed_and_copied(served: Served) -> None:
    teacher = await leading_at(served, "lc", " 1/11 ")
    screen = await follower(served, "mina", 140, 42)
    await to_the_lab(served, teacher, screen, Race)
    await screen.sees("Loss surface")
    screen.type("\r")
    await screen.sees("on your own", "Loss surface")
    assert isinstance(shown(served, "mina"), Race)
    screen.type(BACK)
    await screen.sees("following")
    teacher.type("q")
    await teacher.sees("Home")
    teacher.type("ls")
    await screen.sees("Spirals", " 1/11 ")
    await to_the_lab(served, teacher, screen, Run)
    await screen.sees("Doctor")
