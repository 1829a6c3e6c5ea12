"""The teacher's desk and the projector, over SSH: the class is asked, answers, and is told."""

from __future__ import annotations

import asyncio
import csv

from clients import Screen, Served

from bptui.classroom.desk import roster
from bptui.classroom.desk.screen import _seconds
from bptui.classroom.questions import again
from bptui.classroom.roster import Entry, chosen
from bptui.course.lesson import Pick, Predict
from bptui.drawing.lines import BOLD
from bptui.tui.workbench import Workbench

DESK, LEAD, RAISE, BACK, RIGHT = "\x04", "\x0c", "\x07", "\x12", "\x1b[C"


async def leading(served: Served, width: int = 120, height: int = 40) -> Screen:
    """A teacher at her desk, who leads in mynet, three steps on."""
    teacher = await served.teacher(width, height)
    teacher.type("ne")
    await teacher.sees("batch 1 of")
    teacher.type(LEAD + 3 * RIGHT)
    await teacher.sees("forward 4 of", "leading:")
    teacher.type(DESK)
    await teacher.sees("Roster", "Poll", "Join")
    return teacher


async def follower(served: Served, name: str, width: int = 100, height: int = 30) -> Screen:
    screen = await served.terminal(await served.connect(name, password=served.code), width, height)
    for words in ("Choose a password", "Once more"):
        await screen.sees(words)
        screen.type(f"secret of {name}\r")
    await screen.sees("following")
    return screen


async def projector(served: Served, width: int = 100, height: int = 30) -> Screen:
    return await served.terminal(await served.connect("present", key=served.teacher_key), width, height)


def solution(served: Served) -> str:
    poll = served.server.room.roll.poll
    assert poll is not None
    return poll.solution.replace("−", "-")


async def test_a_question_made_on_the_spot_is_asked_answered_and_revealed(served: Served) -> None:
    teacher = await leading(served)
    mina, lena = [await follower(served, name) for name in ("mina", "lena")]
    shown = await projector(served)
    await shown.sees("forward 4 of", "ssh -p", served.code, "2 here")
    await teacher.sees("lena", "mina", "2 follow")
    teacher.type("n")
    for screen in (mina, lena):
        await screen.sees("Poll", "What is", "0 of 2 answered", "send")
    right = solution(served)
    mina.type(f"{right}\r")
    await mina.sees("your answer", "sent")
    await lena.sees("1 of 2 answered")
    lena.type(f"{-float(right):g}\r")
    await lena.sees("your answer", "sent")
    await teacher.sees("2 of 2 answered", "wrong sign", "hidden from the class")
    for screen in (mina, lena, shown):
        assert "wrong sign" not in screen.text
    teacher.type("r")
    await teacher.sees("shown to the class")
    for screen in (mina, lena, shown):
        await screen.sees("wrong sign", "right")
        assert "lena" not in screen.text.replace("lena   ●", "")
    await mina.sees("✓")
    await lena.sees("✕   right:")
    teacher.type("z")
    for screen in (mina, lena, shown):
        await screen.sees("forward 4 of", without="wrong sign")
    await teacher.sees("No question is in front of the class")


async def test_answers_survive_the_end_of_the_server_and_the_question_goes_on(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    teacher.type("n")
    await mina.sees("What is")
    mina.type("99\r")
    await mina.sees("your answer", "sent")
    await served.restart()
    mina = await served.again("mina")
    await mina.sees("What is", "your answer 99", "sent")
    mina.type(f"a{solution(served)}\r")
    await mina.sees("sent", without="your answer 99")
    poll = served.server.room.roll.poll
    assert poll is not None and poll.answers["mina"].right


async def test_what_is_typed_in_one_go_with_the_key_to_the_desk_is_the_desks(served: Served) -> None:
    teacher = await served.teacher(120, 40)
    teacher.type(f"{DESK}Lsss")
    await teacher.sees("Roster", "open the door", "ordered by wrong")
    assert served.server.room.roll.locked
    teacher.type(f"L{DESK}ne")
    await teacher.sees("batch 1 of")


async def test_the_desk_and_what_she_leads_are_in_the_same_theme(served: Served) -> None:
    teacher = await leading(served)
    dark = teacher.terminal.buffer[5][5].bg
    teacher.type("T")
    await teacher.until(lambda: teacher.terminal.buffer[5][5].bg != dark)
    light = teacher.terminal.buffer[5][5].bg
    teacher.type(DESK)
    await teacher.sees("leading:")
    await teacher.until(lambda: teacher.terminal.buffer[0][5].bg == teacher.terminal.buffer[39][5].bg)
    seat = served.server.room.seats["teacher"]
    assert seat.app is not None and seat.app.paint.theme == served.server.room.person("teacher").theme != "dark"
    row = teacher.terminal.buffer[39][5].bg
    teacher.type("T")
    await teacher.until(lambda: teacher.terminal.buffer[39][5].bg != row)
    teacher.type(DESK)
    await teacher.sees("Roster")
    await teacher.until(lambda: teacher.terminal.buffer[5][5].bg != light)


async def test_a_hand_is_seen_at_the_desk_and_can_be_taken_down(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    mina.type("h")
    await mina.sees("hand up")
    await teacher.sees("mina raised a hand", "1 hand")
    teacher.type("h")
    await mina.sees("raise hand", "hand down")
    await teacher.sees("0 hands")
    mina.type("\r")
    await mina.sees("on your own")
    await teacher.sees("0 hands", without="raised a hand")
    teacher.type("s")
    await teacher.sees("ordered by hand")
    mina.type(RAISE)  # from an app of one's own
    await teacher.sees("1 hand", "mina raised a hand", without="ordered by hand")


async def test_the_teacher_tells_one_and_all(served: Served) -> None:
    teacher = await leading(served)
    mina, lena = [await follower(served, name) for name in ("mina", "lena")]
    lena.type("\r")
    await lena.sees("on your own")
    await teacher.sees("1 roam")
    teacher.type("M")
    await teacher.sees("to everybody")
    teacher.type("look at row 0\r")
    for screen in (mina, lena):
        await screen.sees("teacher  look at row 0")
    lena.type("\x1b")
    await lena.sees("on your own", without="row 0")
    teacher.type("s")  # by hand; nobody has one, so by name: lena is the first
    await teacher.sees("ordered by hand")
    teacher.type("m")
    await teacher.sees("to lena")
    teacher.type("you alone\r")
    await lena.sees("you alone")
    assert "you alone" not in mina.text


async def test_names_and_messages_reach_terminals_as_plain_text(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    await teacher.sees("mina")
    teacher.type("m")
    await teacher.sees("to mina")
    teacher.type("\x1b[200~[b]bold[/b] \x1b]0;title\x07 end\x1b[201~\r")
    await mina.sees("[b]bold[/b]", "end")
    assert b"\x1b]0;" not in mina.raw


async def test_who_is_sent_out_is_out_and_a_locked_door_keeps_new_ones_out(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    await teacher.sees("mina")
    teacher.type("x")
    await teacher.sees("send mina out?")
    teacher.type("\x1b")
    await teacher.sees("mina", without="send mina out?")
    teacher.type("x\r")
    await asyncio.wait_for(mina.closed.wait(), 10)
    teacher.type("L")
    await teacher.sees("open the door")
    new = await served.terminal(await served.connect("uma", password=served.code))
    await new.sees("The door is locked")
    mina = await served.again("mina")  # whoever belongs to the class comes back
    await mina.sees("following")


async def test_everybody_is_written_into_a_file_for_a_spreadsheet(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    await teacher.sees("mina")
    teacher.type("n")
    await mina.sees("What is")
    mina.type(f"{solution(served)}\r")
    await mina.sees("sent")
    teacher.type("re")
    await teacher.sees("written on the server")
    (path,) = served.folder.path.glob("roster-*.csv")
    header, row = csv.reader(path.read_text().splitlines())
    assert header[:6] == ["name", "here", "state", "at", "right", "wrong"] and header[6].startswith("What is")
    assert row[:6] == ["mina", "yes", "following", "with you", "1", "0"]


async def test_the_projector_shows_how_to_come_in_while_nothing_is_led(served: Served) -> None:
    shown = await projector(served, 100, 40)
    await shown.sees("DL week 2", f"ssh -p {served.server.port} NAME@", served.code, "▄")
    teacher = await leading(served)
    await shown.sees("forward 4 of")
    teacher.type(DESK)
    await teacher.sees("leading:")
    teacher.type(LEAD)
    await shown.sees("▄", without="forward 4 of")
    assert {seat.role for seat in served.server.room.seats.values()} == {"teacher", "projector"}


async def test_nobody_else_is_the_projector(served: Served) -> None:
    screen = await served.terminal(await served.connect("present", password=served.code))
    await screen.sees("The name present is the teacher's")


async def test_the_desk_fits_a_small_terminal_a_pane_at_a_time(served: Served) -> None:
    teacher = await served.teacher(80, 24)
    teacher.type(DESK)
    for words in ("nobody is here yet", "No question is in front", "everyone steps", "fingerprint"):
        await teacher.sees(words)
        teacher.type("\t")
    teacher.type("Q")
    await teacher.sees(f"ssh -p {served.server.port} NAME@")
    teacher.type("x" + DESK)
    await teacher.sees("Home")


async def test_what_cannot_be_asked_is_said(served: Served) -> None:
    teacher = await served.teacher(120, 40)
    teacher.type(DESK)
    await teacher.sees("Roster")
    teacher.type("n")
    await teacher.sees("nothing to ask")
    assert served.server.room.roll.poll is None


def test_the_roster_is_ordered_and_sifted() -> None:
    entries = [
        Entry("a", "aino", "following"),
        Entry("b", "bea", "roaming", "Descend", hand=5.0),
        Entry("c", "chen", "idle"),
    ]
    assert [e.name for e in chosen(entries, "hand", "")] == ["bea", "aino", "chen"]
    assert [e.name for e in chosen(entries, "name", "descend")] == ["bea"]
    assert [e.name for e in chosen(entries, "name", "no answer")] == ["aino", "bea", "chen"]


def test_times_are_minutes_or_minutes_and_seconds() -> None:
    assert [_seconds(text) for text in ("2", "1:30", "0", "90:00")] == [120.0, 90.0, 0.0, 5400.0]
    assert [_seconds(text) for text in ("", "1:3", "x", "1:xx", "-1", "1:30:00", "٣")] == [None] * 7


def test_a_place_has_fewer_words_where_there_is_less_room() -> None:
    entries = [Entry("a", "ann", "roaming", "mynet, step 1, event 4"), Entry("b", "bob", "roaming", "9, step 2")]
    narrow, wide = (roster.pane(entries, 0, width, 10, here=True, said="").text() for width in (62, 80))
    assert "mynet  " in narrow and "9, step 2" in narrow and "…" not in narrow.replace("     …", "")
    assert "mynet, step 1, event 4" in wide


def test_the_chosen_one_is_to_be_seen_from_the_other_panes_too() -> None:
    entries = [Entry(name, name, "following") for name in ("ann", "bob")]
    away = roster.pane(entries, 1, 62, 10, here=False, said="")
    assert [away.inks[y][4] == BOLD for y in (2, 3)] == [False, True]


async def test_the_desk_has_the_question_in_full(served: Served) -> None:
    teacher = await served.teacher(120, 40)
    teacher.type("li")
    await teacher.sees("1/11")
    teacher.type("\x0c>")
    await teacher.sees("2/11")
    teacher.type(DESK)
    await teacher.sees("Roster")
    teacher.type("n")
    await teacher.sees("hidden from the class", "asked")
    poll = served.server.room.roll.poll
    assert poll is not None
    words = " ".join(" ".join(line[64:] for line in teacher.text.splitlines()).split())
    assert " ".join(poll.ask.split()) in words
    teacher.type("r")
    await teacher.sees("shown to the class", without="asked")


async def test_what_is_asked_on_the_spot_is_hidden_on_the_stages_until_it_is_revealed(served: Served) -> None:
    teacher = await served.teacher(120, 40)
    teacher.type("n\r")
    await teacher.sees("batch 1 of 9")
    teacher.type(LEAD + "r")  # to the end of backward
    await teacher.sees("leading:")
    mina = await follower(served, "mina", 120, 40)
    await mina.sees("perceptron", "backward", without="Hidden until")
    teacher.type(DESK)
    await teacher.sees("Roster")
    teacher.type("n")
    await mina.sees("What is")
    poll = served.server.room.roll.poll
    assert poll is not None
    await mina.sees("Hidden until")
    teacher.type("r")
    await mina.sees("right", without="Hidden until")


async def test_what_is_asked_on_the_spot_in_a_lesson_is_hidden_there_too(served: Served) -> None:
    teacher = await served.teacher(120, 40)
    teacher.type("la>")
    await teacher.sees("2/11", "What is ȳ[0]?")
    teacher.type(LEAD + ">")
    await teacher.sees("3/11", "leading:")
    await teacher.sees("ȳ = W x", "= [ 3.0 ]")
    mina = await follower(served, "mina", 120, 40)
    await mina.sees("3/11", "= [ 3.0 ]")
    teacher.type(DESK)
    await teacher.sees("Roster")
    teacher.type("n")
    await mina.sees("What is", "answered", without="= [ 3.0 ]")
    lena = await follower(served, "lena", 100, 30)
    await lena.sees("What is", "answered")
    assert "= [ 3.0 ]" not in lena.text
    teacher.type("r")
    await mina.sees("= [ 3.0 ]")


async def test_what_is_picked_is_picked_in_an_app_of_ones_own_and_goes_to_the_class(served: Served) -> None:
    lesson, step = next(
        (lesson, step)
        for lesson in served.server.room.course
        for step in lesson.steps
        if isinstance(step.ask, Predict) and isinstance(step.ask.question, Pick)
    )
    await leading(served)
    mina = await follower(served, "mina", 120, 40)
    room = served.server.room
    room.ask.put(again({"lesson": lesson.id, "step": step.id, "seed": 0}, room.course))
    await mina.sees("answer it in your own app")
    mina.type("\r")
    await mina.sees(step.title, without="following")
    assert isinstance(step.ask, Predict) and isinstance(step.ask.question, Pick)
    app, name = room.seats["mina"].app, step.ask.question.names[0]
    assert app is not None and isinstance(app.screen, Workbench)
    app.call_later(app.screen.select, f"node:{name}" if name in app.screen.session.graph.node else f"var:{name}")
    mina.type("\r")
    await mina.sees("following", "your answer", "sent")
    poll = room.roll.poll
    assert poll is not None and poll.answers["mina"].right
    assert len(room.seats["mina"].app.screen_stack) == 2  # type: ignore[union-attr]
    mina.type("\r")  # it may be changed
    await mina.sees(step.title, without="following")
    mina.type(BACK)
    await mina.sees("following")


async def test_a_question_in_ones_own_app_is_there_again_after_a_restart_and_not_once_it_is_over(
    served: Served,
) -> None:
    course = served.server.room.course
    lesson, step = next(
        (lesson, step)
        for lesson in course
        for step in lesson.steps
        if isinstance(step.ask, Predict) and isinstance(step.ask.question, Pick)
    )
    await leading(served)
    mina = await follower(served, "mina", 120, 40)
    served.server.room.ask.put(again({"lesson": lesson.id, "step": step.id, "seed": 0}, course))
    await mina.sees("answer it in your own app")
    mina.type("\r")
    await mina.sees(step.title, without="following")
    await served.restart()
    mina = await served.again("mina", 120, 40)
    await mina.sees(step.title, without="following")
    mina.type(BACK)
    await mina.sees("following", "answer it in your own app")
    mina.type("\r")
    await mina.sees(step.title, without="following")
    await served.restart()
    served.server.room.ask.reveal()
    mina = await served.again("mina", 120, 40)
    await mina.sees("following", "forward 4 of")
    served.server.room.lead.stop()
    await mina.sees("Home")


async def test_the_key_that_puts_the_way_in_away_does_nothing_else(served: Served) -> None:
    teacher = await leading(served)
    mina = await follower(served, "mina")
    await teacher.sees("mina", "1 here")
    for key in ("x", "\x1b"):
        teacher.type("Q")
        await teacher.sees("class code", without="Roster")
        teacher.type(key)
        await teacher.sees("Roster", "mina")
    assert not mina.closed.is_set()
