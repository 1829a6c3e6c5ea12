"""A lesson without a screen: what is said, what can be typed, and that it ends well however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesson_files import SUMS, fence, lesson, step

from bptui.cli import main
from bptui.course.aloud import WIDTH, aloud, paragraphs
from bptui.course.dialogue import dialogue
from bptui.course.format import read
from bptui.course.lesson import Lesson
from bptui.course.library import shelf
from bptui.course.player import Player
from bptui.course.progress import VARIABLE, Done, Progress
from bptui.course.skeleton import new
from bptui.drawing.canvas import cells

GLYPHS = re.compile("[\u2190-\u21ff\u2500-\u28ff\x00-\x09\x0b-\x1f\x7f]")  # arrows, boxes, blocks, marks, braille
STAGE = fence("stage", f'{SUMS}at = "backward cost"\nhide = ["grad z"]')
ASKED = fence("predict", 'ask = "What is dC/dz[0]?"\nanswer = "grad z[0]"\ndigits = 2') + fence("hint", "Column 0.")
TASK = fence("do", 'ask = "Step on."\ncursor = "backward m"\nsolution = ["forward"]') + fence("explain", "It came.")
ORDER = fence("predict", 'ask = "Order them."\norder = ["one", "two", "three"]')
NOTE = fence("note", 'said = "So it is."\nwhere = "a book"\ninstead = "It is not."')
COURSE = lesson(
    step(STAGE, ASKED, NOTE, id="asked"),
    step(fence("stage", 'at = "backward cost"'), TASK, id="task"),
    step(ORDER, id="order"),
    step("", id="recap"),
    step(STAGE, ASKED, id="question"),
)


def said(*lines: str, progress: Progress | None = None, course: Lesson = COURSE) -> str:
    return "".join(dialogue(Player(course, progress or Progress()), iter(lines)))


# -- what is said


def test_one_who_comes_back_is_told_that_the_stage_is_as_they_left_it() -> None:
    text = said("next", "set z[0] = 5", "next", "back", "show z[0]", "reset", "show z[0]")
    left, found = text.split("The stage is as you left it; reset sets it up anew.")
    assert "Step 2 of 5" in left
    assert "z[0] is 5" in found
    assert "z[0] is 1." in found.split("z[0] is 5")[1]


def test_the_numbers_of_a_task_that_was_done_another_day_are_said_again() -> None:
    reached = lesson(step(STAGE, TASK.replace("It came.", "It is {{ grad z[0] }}.")))
    progress = Progress()
    assert "It is minus 0.2." in said("forward", progress=progress, course=reached)
    assert "It is minus 0.2." in said(progress=progress, course=reached)


def test_a_whole_lesson() -> None:
    text = said("0.8", "hint", "-0.2", "", "forward", "", "tell", "", "", "-0.2", "")
    parts = [
        "Lesson: A lesson. 5 steps, about 5 minutes.",
        "Step 1 of 5. A step.",
        "Question: What is dC/dz[0]?",
        "Answer: ",
        "Not yet. 0.8 is row 0 of W times dC/ds",
        "hint gives hint 1 of 1.",
        "Hint 1 of 1: Column 0.",
        "Right.",
        "dC/dz[0] is minus 0.2.",
        'A note. It is often said: "So it is." (a book). It is not.',
        "Step 2 of 5.",
        "To do: Step on.",
        "On the stage: event 6 of 8, backward, cost, SquaredError.",
        "Action: ",
        "On the stage: event 7 of 8, backward, m, Linear.",
        "dz is minus 0.2, minus 0.9.",
        "Done.",
        "It came.",
        "Enter goes on: ",
        "Question: Order them.",
        "Type their numbers in order.",
        "The answer: one, two, three.",
        "This is the end of the lesson. 5 of 5 steps are done.",
    ]
    at = 0
    for part in parts:
        assert part in text[at:], part
        at = text.index(part, at)


def test_a_title_that_asks_ends_with_its_question_mark() -> None:
    asks = lesson(step(id="why").replace("A step", "Why?"))
    assert "Step 1 of 1. Why?\n" in said(course=asks)


def test_what_is_hidden_is_not_said_before_the_answer() -> None:
    looking = ("look", "show grad z", "show grad z[0]", "forward", "where", "look")
    before = said(*looking)
    assert "minus 0.9" not in before
    assert before.count("hidden until you answer") == 6
    assert said("-0.2", *looking).count("minus 0.9") >= 3


def test_a_parameter_may_be_called_by_its_symbol() -> None:
    assert said("show W").count("m.weight") == said("show m.weight").count("m.weight") == 1
    assert "value m.weight[1,0] is 7" in said("set W[1,0] = 7", "show W[1,0]")
    assert "grad C is 1" in said("show grad C")  # a variable's own name comes first


def test_what_is_not_computed_yet_is_not_shown() -> None:
    stage = fence("stage", f'{SUMS}at = "start"')
    text = said("show s", "forward", "show s", course=lesson(step(stage, ORDER)))
    assert "value s is not computed yet at this place; forward goes there." in text
    assert "value s is minus 0.1, 1.65." in text


def test_a_misspelt_command_is_no_attempt() -> None:
    player = Player(COURSE, Progress())
    text = "".join(dialogue(player, iter(["hnit", "1 2", ""])))
    assert "did you mean 'hint'?" in " ".join(text.split())
    assert player.state.attempts == 0


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("map", "1. A step: open, you are here."),
        ("help", "hint: one more hint."),
        ("where", "Step 1 of 5, A step: open. 0 of 5 steps are done."),
        ("go 9", "this lesson has steps 1 to 5."),
        ("go nowhere", "'nowhere' is no place"),
        ("back", "this is the first step."),
        ("back 1", "On the stage: event 5 of 8, seed."),
        ("skip", "This is the test-out: one try, no hints."),
        ("again", "New numbers, seed 1."),
        ("again 7", "New numbers, seed 7."),
        ("again x", "again: got 'x', wants the number of a seed."),
        ("again -1", "wants the number of a seed."),
        ("answer -0.2", "Right."),
        ("set z[0] = 2", "ds is 1.8, 2.6."),
        ("run to q", "no module 'q' in this net."),
        ("show q", "no variable 'q' in this net."),
        ("show", "look lists them."),
        ("forward 99999", "wants a number from 1 to 5000"),
        ("NEXT", "Step 2 of 5."),
    ],
)
def test_what_a_line_brings(line: str, wanted: str) -> None:
    assert wanted not in said()
    assert wanted in " ".join(said(line).split())


def test_after_a_wrong_test_out_back_leads_to_where_one_was() -> None:
    text = said("next", "skip", "7", "back")
    assert text.count("Step 2 of 5.") == 2
    assert "The test-out is over." in text


def test_a_step_that_cannot_be_played_is_said_so_and_passed() -> None:
    broken = lesson(step(fence("stage", 'net = "no-such-net"'), ASKED, id="one"), step("", id="two"))
    text = said("", "next", course=broken)
    assert "unknown net 'no-such-net'" in text
    assert "Step 2 of 2." in text


def test_a_notice_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "progress.sqlite"
    path.write_bytes(b"nonsense")
    text = " ".join(said("hint", "hint", "where", progress=Progress(path)).split())
    assert text.count("the progress file was damaged") == 1


# -- how it reads


@pytest.mark.some(5)
@pytest.mark.parametrize("name", [file.name for file in shelf()])
def test_every_lesson_is_read_without_a_glyph_and_in_short_lines(name: str) -> None:
    course = read(next(file for file in shelf() if file.name == name).read_bytes(), name)
    lines = [line for _ in course.steps for line in ("look", "hint", "tell", "where", "next")]
    text = re.sub("^(Answer|Action|Enter goes on): ", "", said(*lines, course=course), flags=re.MULTILINE)
    assert not GLYPHS.findall(text)
    assert max(map(cells, text.split("\n"))) <= WIDTH
    assert "of " + str(len(course.steps)) + " steps are done" in text


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_text_brings_a_glyph_or_a_control_character(text: str) -> None:
    assert not GLYPHS.findall(paragraphs(text))
    assert "\n" not in aloud(text)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=6))
def test_nothing_that_is_typed_breaks_it(lines: list[str]) -> None:
    text = said(*lines)
    assert not GLYPHS.findall(text)
    assert text.endswith("\n")


def test_wide_letters_count_two_cells() -> None:
    assert max(map(cells, paragraphs("가중합을 거꾸로 지나기 " * 20).split("\n"))) in range(60, WIDTH + 1)


# -- how it ends


def test_it_goes_on_where_it_stopped() -> None:
    progress = Progress()
    assert "Saved: the lesson goes on here the next time." in said("-0.2", "next", "quit", progress=progress)
    text = said(progress=progress)
    assert "It goes on where you stopped." in text
    assert "Step 2 of 5." in text


def test_ctrl_c_is_passed_on_when_all_is_said_and_saved() -> None:
    def typed() -> Iterator[str]:
        yield "next"
        raise KeyboardInterrupt

    progress, text = Progress(), []
    with pytest.raises(KeyboardInterrupt):
        text.extend(dialogue(Player(COURSE, progress), typed()))
    assert "Saved" in text[-1]
    assert progress.lesson("a-lesson").step == "task"


# -- the command


NAME = "through-a-sum"


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "bptui.cli", *words]


def played(path: Path, typed: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {VARIABLE: str(path), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command("lesson", *(words or (NAME, "--plain"))),
        input=typed,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=60,
    )


def test_the_command_ends_with_its_input_and_goes_on_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "progress.sqlite"
    first = played(path, "set z[0] = 2\n\n0.15\n\n")
    assert (first.returncode, first.stderr) == (0, "")
    assert "the change of s[1] is 0.15." in first.stdout
    second = played(path, "map\n")
    assert "Step 3 of 11." in second.stdout
    assert "2. Nudge it: done." in second.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL, and sends no SIGINT")
@pytest.mark.skipif(signal.getsignal(signal.SIGINT) == signal.SIG_IGN, reason="a job in the background ignores it")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_what_was_answered_is_saved_however_it_is_ended(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    path = tmp_path / "progress.sqlite"
    process = subprocess.Popen(
        command("lesson", NAME, "--plain"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {VARIABLE: str(path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("next\n0.15\n")
    process.stdin.flush()
    for line in process.stdout:
        if line == "Right.\n":
            break
    process.send_signal(sent)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, "")
    assert Progress(path).lesson(NAME).steps["nudge"].done == Done.DONE


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "progress.sqlite"
    process = subprocess.Popen(
        command("lesson", NAME, "--plain"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {VARIABLE: str(path)},
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write("next\n")
    process.stdin.flush()
    while process.stdout.readline() != "How far does s[1] move?\n":
        pass
    process.stdout.close()
    process.stdin.write("look\n" * 2000)
    process.stdin.close()
    assert process.stderr is not None
    assert process.wait(60) == 141
    assert process.stderr.read() == ""
    process.stderr.close()
    assert Progress(path).lesson(NAME).step == "nudge"


def test_a_teachers_file_is_played_and_kept_apart(tmp_path: Path) -> None:
    file = tmp_path / "mine.md"
    file.write_text(new("Through a sum"), encoding="utf-8")
    path = tmp_path / "progress.sqlite"
    assert played(path, "next\n", str(file), "--plain").returncode == 0
    assert set(Progress(path).lessons()) == {str(file.resolve())}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("lesson through-a-sum", "not a terminal; --plain plays it in lines"),
        ("lesson through-a-smu --plain", "did you mean 'through-a-sum'?"),
        ("worksheet through-a-smu", "did you mean 'through-a-sum'?"),
        ("worksheet through-a-sum --seed x", "--seed: got 'x', wants a whole number from 0"),
        ("worksheet", "the following arguments are required: LESSON"),
        ("progress --json --reset", "not allowed with argument"),
        ("lesson broken.md --plain", "broken.md: has no steps"),
        ("lesson none.md --plain", "unknown lesson 'none.md'"),
    ],
)
def test_bad_use_is_one_line(
    words: str, wanted: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.sqlite"))
    (tmp_path / "broken.md").write_text("nonsense")
    assert main(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("bptui: ")
    assert captured.err.count("\n") == 1
    assert wanted in captured.err
