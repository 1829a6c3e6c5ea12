"""The teacher leads; students follow on stages, step aside into copies of their own, and return."""

from __future__ import annotations

import asyncio

from clients import Served
from led import RIGHT, bench, follower, leading, leading_at, seat, two_steps_on

from bptui.classroom.lead.bench import ShownBench
from bptui.classroom.lead.stage import SIZES, stage_of
from bptui.classroom.terminal.kind import Kind
from bptui.session.redo import work_of


async def test_who_comes_follows_and_sees_each_step_and_no_app_is_started_for_them(served: Served) -> None:
    teacher = await leading(served)
    screens = [await follower(served, f"student {k}") for k in range(3)]
    for screen in screens:
        await screen.sees("mynet", "forward 4 of")
    await teacher.sees("leading: 3 follow, 0 on their own")
    teacher.type(RIGHT)
    for screen in screens:
        await screen.sees("forward 5 of")
    teacher.type("k")  # a pane is part of what is shown
    for screen in screens:
        await screen.sees("optimiser", "lr")
    assert len(served.server.room.lead.stages) == 1
    assert all(seat(served, f"student {k}").app is None for k in range(3))
    one, two = (screen.terminal.display[:-2] for screen in screens[:2])
    assert one == two


async def test_whoever_is_there_already_follows_when_the_teacher_begins_and_is_back_when_she_ends(
    served: Served,
) -> None:
    screen = await served.student("mina")
    screen.type("\r")
    await screen.sees("1/11")
    teacher = await leading(served)
    await screen.sees("following", "forward 4 of")
    teacher.type("\x0c")
    await screen.sees("1/11", without="following")
    await teacher.sees("ctrl+l: show the class")
    assert not served.server.room.roll.led


async def test_terminals_that_differ_have_stages_that_fit_them(served: Served) -> None:
    teacher = await leading(served)
    large = await follower(served, "large", 130, 45)
    small = await follower(served, "small", 80, 24, LANG="C")
    tiny = await follower(served, "tiny", 60, 12)
    teacher.type(RIGHT)
    for screen in (large, small):
        await screen.sees("forward 5 of")
    await tiny.until(lambda: "mynet" in tiny.terminal.display[0])
    assert {(stage.kind.width, stage.kind.height) for stage in served.server.room.lead.stages} == {(120, 40), (80, 24)}
    assert "below" not in small.text
    assert small.text.isascii() and not large.text.isascii()
    assert "following" in large.terminal.display[43] and "following" in small.terminal.display[22]
    large.resize(100, 30)
    await large.until(lambda: "following" in large.terminal.display[28] and "forward 5 of" in large.text)
    large.resize(20, 3)
    large.resize(160, 48)
    await large.until(lambda: "following" in large.terminal.display[46] and "forward 5 of" in large.text)


def test_the_stage_is_the_largest_that_fits() -> None:
    for width, height in SIZES:
        assert stage_of(Kind(width, height)) == Kind(width, height)
        assert stage_of(Kind(width + 3, height + 1)) == Kind(width, height)
    assert stage_of(Kind(200, 30)) == Kind(100, 30)
    assert stage_of(Kind(10, 5)) == Kind(80, 24)


async def test_who_steps_aside_has_a_copy_and_the_class_goes_on_without_them(served: Served) -> None:
    teacher = await leading(served)
    teacher.type("b")  # a breakpoint is part of it
    screen = await follower(served, "mina")
    other = await follower(served, "lena")
    screen.type("\r")
    await screen.sees("on your own", "forward 4 of")
    mine, hers = bench(served, "mina").session, bench(served, "teacher").session
    assert mine is not hers and mine.breakpoints == hers.breakpoints != frozenset()
    assert work_of(mine).at == work_of(hers).at
    await teacher.sees("leading: 1 follow, 1 on their own")
    screen.type(RIGHT + RIGHT)
    await screen.sees("forward 6 of")
    assert "forward 4 of" in other.text and "forward 4 of" in teacher.text
    teacher.type("f")
    await other.sees("forward", without="forward 4 of")
    assert "forward 6 of" in screen.text


async def test_who_returns_follows_again_and_what_they_made_is_kept_by_its_name(served: Served) -> None:
    await leading(served)
    screen = await two_steps_on(served, "mina")
    screen.type("\x12")
    await screen.sees("following", "forward 4 of")
    await screen.until(lambda: bool(served.server.room.person("mina").forks))
    ((name, _),) = served.server.room.person("mina").forks
    assert name == "mynet, step 1, event 6, branch 0"
    await served.restart()
    again = await served.again("mina")
    await again.sees("following", "forward 4 of")  # the class is where it was
    again.type("\r")
    await again.sees("on your own")
    again.type("/event 6")
    await again.sees("mynet, step 1, event 6")
    again.type("\r")
    await again.sees("forward 6 of")


async def test_who_did_nothing_of_their_own_keeps_nothing(served: Served) -> None:
    await leading(served)
    screen = await follower(served, "mina")
    for _ in range(2):
        screen.type("\r")
        await screen.sees("on your own", "forward 4 of")
        screen.type("\x12")
        await screen.sees("following")
    assert served.server.room.person("mina").forks == ()
    app = seat(served, "mina").app
    assert app is not None and len(app.screen_stack) == 2  # no workbench was left behind


async def test_the_teacher_goes_on_leading_after_a_restart(served: Served) -> None:
    teacher = await leading(served)
    screen = await follower(served, "mina")
    await served.restart()
    teacher = await served.terminal(await served.connect("x", key=served.teacher_key))
    await teacher.sees("forward 4 of", "leading")
    screen = await served.again("mina")
    await screen.sees("following", "forward 4 of")
    teacher.type(RIGHT)
    await screen.sees("forward 5 of")


async def test_a_follower_does_nothing_to_the_class_and_leaves_by_q(served: Served) -> None:
    teacher = await leading(served)
    screen = await follower(served, "mina")
    screen.type(RIGHT + "nek\x1b[<0;10;10M\x1b[200~q\r\x1b[201~\x0c")
    screen.chan.write(bytes(range(128, 256)))
    teacher.type(RIGHT)
    await screen.sees("following", "forward 5 of")
    screen.type("q")
    await asyncio.wait_for(screen.closed.wait(), 10)
    await teacher.sees("leading: 0 follow")
    assert len(served.server.room.lead.stages) == 1  # for whoever comes back
    teacher.type(RIGHT)
    await teacher.until(lambda: not served.server.room.lead.stages)  # nothing is drawn for nobody


async def test_a_stage_that_fails_leaves_its_followers_on_their_own(served: Served) -> None:
    await leading(served)
    screen = await follower(served, "mina")
    (stage,) = served.server.room.lead.stages
    stage._app.call_later(lambda: 1 / 0)
    await screen.sees("Home", "on your own")


async def test_a_follower_whose_line_drops_follows_again(served: Served) -> None:
    teacher = await leading(served)
    screen = await follower(served, "mina")
    screen.type("\r")
    await screen.sees("on your own")
    screen.type("\x12")
    await screen.sees("following")
    served.clients[-1].abort()
    await teacher.sees("leading: 0 follow")
    again = await served.again("mina")
    await again.sees("following", "forward 4 of")


async def test_the_stage_that_was_left_last_is_there_for_whoever_comes_back(served: Served) -> None:
    teacher = await leading(served)
    stages = served.server.room.lead.stages
    await follower(served, "mina")
    served.clients[-1].abort()
    await teacher.sees("leading: 0 follow")
    (stage,) = stages
    mina = await served.again("mina")
    await mina.sees("following", "forward 4 of")
    assert [*stages] == [stage]
    mina.resize(80, 24)
    await mina.until(lambda: len(stages) == 2)
    served.clients[-1].abort()
    await teacher.until(lambda: len(stages) == 1)  # of two that nobody looks at, the later one
    teacher.type(RIGHT)
    await teacher.until(lambda: not len(stages))
    mina = await served.again("mina")
    await mina.sees("following", "forward 5 of")


async def test_a_question_over_the_stage_that_was_left_counts_whoever_comes(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    teacher.type("\x04")
    await teacher.sees("Roster")
    teacher.type("n")
    await mina.sees("0 of 1 answered")
    seat(served, "mina").roam()
    await mina.sees("on your own")
    lena = await follower(served, "lena")
    await lena.sees("0 of 2 answered")


async def test_at_home_and_under_a_dialogue_the_class_stays_where_it_was(served: Served) -> None:
    teacher = await leading(served)
    screen = await follower(served, "mina")
    teacher.type("?")
    await teacher.sees("keys close")
    teacher.type("xq")
    await teacher.sees("Home")
    assert "forward 4 of" in screen.text and "following" in screen.text and "keys close" not in screen.text


async def test_in_24_rows_too_there_is_a_row_with_the_way_back_and_the_hand(served: Served) -> None:
    await leading(served, 80, 24)
    mina = await follower(served, "mina", 80, 24)
    mina.type("\r")
    await mina.sees("on your own", "ctrl+r: back to the class", "forward 4 of", without="below 80")
    mina.type("\x07")
    await mina.sees("ctrl+g: hand down")


async def test_the_roster_says_at_once_where_somebody_is_on_their_own(served: Served) -> None:
    teacher = await leading_at(served, "li", "1/11", 120, 40)
    mina = await follower(served, "mina")
    mina.type("\r")
    await mina.sees("on your own")
    teacher.type("\x04")
    await teacher.sees("roaming    9, step 1")


async def test_a_stage_offers_no_key_that_is_not_the_classes(served: Served) -> None:
    teacher = await leading_at(served, "li", "1/11", 80, 24)
    mina = await follower(served, "mina", 80, 24)
    teacher.type(RIGHT + RIGHT)
    await teacher.sees("backward 4 of", "l opens the text")
    await mina.sees("backward 4 of", without="l opens the text")


async def test_who_has_stepped_aside_is_there_again_after_a_restart(served: Served) -> None:
    await leading(served)
    screen = await two_steps_on(served, "mina")
    await served.restart()
    screen = await served.again("mina")
    await screen.sees("on your own", "forward 6 of")
    screen.type("\x12")
    await screen.sees("following", "forward 4 of")
    await served.restart()
    screen = await served.again("mina")
    await screen.sees("following", "forward 4 of")


async def test_what_the_teacher_cannot_do_is_told_to_her_alone(served: Served) -> None:
    teacher = await leading(served)
    screen = await follower(served, "mina")
    teacher.type(5 * "\x1b[D")
    await teacher.sees("this is the beginning")
    await screen.sees("batch 1 of")
    led = served.server.room.lead.led
    assert isinstance(led, ShownBench) and led.view.problem == ""
    assert "this is the beginning" not in screen.text
    teacher.type(RIGHT)
    await screen.sees("forward 2 of")


async def test_in_a_window_larger_than_any_stage_ones_rows_are_at_its_bottom_and_the_rest_is_ground(
    served: Served,
) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina", 200, 60)
    await mina.until(lambda: "following" in mina.terminal.display[58] and "raise hand" in mina.terminal.display[59])
    grounds = {mina.terminal.buffer[y][x].bg for y, x in ((20, 199), (0, 160), (47, 10), (57, 199), (57, 0))}
    assert len(grounds) == 1 and "default" not in grounds
    teacher.type(RIGHT)
    await mina.sees("forward 5 of")
    assert {mina.terminal.buffer[y][199].bg for y in range(58)} == grounds
    mina.resize(80, 24)
    await mina.until(lambda: "raise hand" in mina.terminal.display[23])
