"""The progress file: nothing is lost to `kill -9`, to a second bptui, to damage, or to a newer bptui."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bptui.cli import main
from bptui.course.library import lesson
from bptui.course.overview import Row, to_go_on
from bptui.course.progress import (
    SCHEMA,
    VARIABLE,
    Attempt,
    Done,
    LessonRecord,
    Progress,
    StepRecord,
    progress_file,
)

DONE = StepRecord(Done.DONE, over=True, seed=3, hints=1, seconds=2.5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "progress.sqlite"


def written(path: Path) -> None:
    """A file with one step done and one begun."""
    progress = Progress(path)
    progress.note("a-lesson", {"first": DONE}, "second", Attempt(3, "0.5", True, "2026-01-02T03:04:05+00:00"))
    progress.note("a-lesson", {"second": StepRecord(hints=2)}, "second")
    assert progress.notice == ""
    progress.close()


def test_what_was_noted_is_there_the_next_time(path: Path) -> None:
    written(path)
    found = Progress(path).lessons()
    attempt = Attempt(3, "0.5", True, "2026-01-02T03:04:05+00:00")
    first = StepRecord(Done.DONE, True, 3, 1, 2.5, (attempt,))
    assert found == {"a-lesson": LessonRecord("second", {"first": first, "second": StepRecord(hints=2)})}


def test_time_adds_up_and_what_is_done_stays_done(path: Path) -> None:
    progress = Progress(path)
    progress.note("a-lesson", {"first": DONE}, "first")
    progress.note("a-lesson", {"first": StepRecord(Done.OPEN, over=False, seed=4, seconds=1.0)}, "first")
    assert progress.lesson("a-lesson").steps["first"] == StepRecord(Done.DONE, False, 4, 0, 3.5)


def test_where_nothing_is_new_only_the_time_is_written(path: Path) -> None:
    progress = Progress(path)
    progress.note("a-lesson", {"first": StepRecord(Done.DONE, True, 3, 2, 2.5)}, "first")
    progress.note("a-lesson", {"first": StepRecord(seconds=1.0)}, "second", same=["first"])
    assert progress.lesson("a-lesson").steps["first"] == StepRecord(Done.DONE, True, 3, 2, 3.5)


def test_with_the_same_numbers_what_is_over_stays_over(path: Path) -> None:
    progress = Progress(path)
    progress.note("a-lesson", {"first": StepRecord(Done.DONE, True, 3, 2)}, "first")
    progress.note("a-lesson", {"first": StepRecord(Done.OPEN, False, 3, 1)}, "first")
    assert progress.lesson("a-lesson").steps["first"] == StepRecord(Done.DONE, True, 3, 2)


def test_reset_forgets_everything(path: Path) -> None:
    written(path)
    progress = Progress(path)
    progress.reset()
    assert progress.lessons() == {} == Progress(path).lessons()


def test_without_a_file_all_is_kept_in_memory() -> None:
    progress = Progress(None)
    progress.note("a-lesson", {"first": DONE}, "first")
    assert progress.lesson("a-lesson").step == "first"
    assert progress.notice == ""


def test_looking_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "progress.sqlite"
    looking, other = Progress(path), Progress(path)
    assert looking.lessons() == {}
    looking.reset()
    assert list(tmp_path.iterdir()) == []
    other.note("a-lesson", {"first": DONE}, "first")
    assert path.exists()
    assert looking.lesson("a-lesson").step == "first", "begun by another bptui meanwhile"
    assert looking.notice == ""


def test_a_file_that_cannot_be_begun_is_said_so_when_something_is_to_be_kept(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    progress = Progress(tmp_path / "data" / "progress.sqlite")
    progress.note("a-lesson", {"first": DONE}, "first")
    assert "progress is not saved" in progress.notice
    assert progress.lesson("a-lesson").step == "first"


# -- where it lies


@pytest.mark.parametrize(
    ("platform", "env", "wanted"),
    [
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/bptui/progress.sqlite"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/me/.local/share/bptui/progress.sqlite"),
        ("linux", {}, "/home/me/.local/share/bptui/progress.sqlite"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/me/Library/Application Support/bptui/progress.sqlite"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/bptui/progress.sqlite"),
        ("win32", {}, "/home/me/AppData/Local/bptui/progress.sqlite"),
        ("linux", {VARIABLE: "/tmp/here.sqlite", "XDG_DATA_HOME": "/data"}, "/tmp/here.sqlite"),
    ],
)
def test_it_lies_in_the_platforms_folder(
    platform: str, env: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    assert progress_file(env, platform) == Path(wanted)


def test_without_a_home_there_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    assert progress_file({}, "linux") is None


# -- kill -9

WRITER = """
import sys
from pathlib import Path
from bptui.course.progress import *
progress = Progress(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])):
    step = StepRecord(Done.DONE, over=True, seed=number, seconds=1.0)
    steps = {f"s{number}": step, "all": StepRecord(seconds=1.0)}
    progress.note("a-lesson", steps, f"s{number}", Attempt(number, "1", True))
    assert not progress.notice, progress.notice
    print(number, flush=True)
"""


def writer(path: Path, first: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first), str(count)], stdout=subprocess.PIPE, text=True
    )


def noted(path: Path) -> set[int]:
    """The numbers of the notes in a file; each is there altogether or not at all."""
    progress = Progress(path)
    assert progress.notice == ""
    steps = dict(progress.lesson("a-lesson").steps)
    total = steps.pop("all", StepRecord()).seconds
    assert total == len(steps)
    for name, step in steps.items():
        assert (name, len(step.attempts)) == (f"s{step.seed}", 1)
    return {step.seed for step in steps.values()}


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("after", [1, 2, 7])
def test_kill_9_between_or_within_notes_loses_none_that_was_made(path: Path, after: int) -> None:
    process = writer(path, 0, 100_000)
    assert process.stdout is not None
    for _ in range(after):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    said = set(range(last + 1)) | set(map(int, rest))
    assert said <= noted(path)
    assert len(noted(path)) <= len(said) + 1  # the one that was written, but not said


KILLED_WITHIN = """
import os, signal, sys
from pathlib import Path
from bptui.course import progress as module
from bptui.course.progress import *
progress = Progress(Path(sys.argv[1]))
progress._file.execute("PRAGMA cache_spill = 1")
progress._file.execute("PRAGMA cache_size = 1")
many = {f"t{n}": StepRecord(Done.DONE, seconds=1.0) for n in range(int(sys.argv[2]))}
left = [len(many)]
def killed(statement):
    if "INSERT INTO step" in statement:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
progress._file.set_trace_callback(killed)
progress.note("a-lesson", many, "t0")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_kill_9_in_the_middle_of_a_note_leaves_the_file_as_it_was(path: Path) -> None:
    written(path)
    before = Progress(path).lessons()
    size = path.stat().st_size
    process = subprocess.run([sys.executable, "-c", KILLED_WITHIN, str(path), "3000"], timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert path.stat().st_size > size, "a part of the note was in the file already"
    progress = Progress(path)
    assert progress.lessons() == before
    assert progress.notice == ""


def test_two_at_once_lose_nothing(path: Path) -> None:
    both = [writer(path, 0, 60), writer(path, 1000, 60)]
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert noted(path) == {*range(60), *range(1000, 1060)}


# -- damage


def spoiled(folder: Path, data: bytes) -> Path:
    path = folder / "progress.sqlite"
    path.write_bytes(data)
    return path


def test_a_damaged_file_is_set_aside_and_said_so(tmp_path: Path) -> None:
    path = spoiled(tmp_path, b"not a database, and never was one")
    progress = Progress(path)
    progress.note("a-lesson", {"first": DONE}, "first")
    (aside,) = tmp_path.glob("progress-damaged-*.sqlite")
    assert aside.read_bytes() == b"not a database, and never was one"
    assert progress.notice == f"the progress file was damaged; it is kept as {aside}, and a new one begun"
    again = Progress(path)
    assert again.lesson("a-lesson").step == "first"
    assert again.notice == ""


def test_a_second_damaged_file_does_not_take_the_firsts_name(tmp_path: Path) -> None:
    for data in (b"the first one", b"the second one"):
        Progress(spoiled(tmp_path, data)).close()
    kept = {file.read_bytes() for file in tmp_path.glob("progress-damaged-*.sqlite")}
    assert kept == {b"the first one", b"the second one"}


def test_two_that_find_damage_at_once_set_one_file_aside(tmp_path: Path) -> None:
    path = spoiled(tmp_path, b"x" * 5000)
    both = [writer(path, 0, 5), writer(path, 1000, 5)]
    for process in both:
        process.communicate(timeout=60)
    assert len(list(tmp_path.glob("progress-damaged-*"))) == 1


def test_another_programs_database_is_no_progress_file(tmp_path: Path) -> None:
    path = tmp_path / "progress.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE lesson (id TEXT)")
    other.close()
    assert "was damaged" in Progress(path).notice


@cache
def sound() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress.sqlite"
        written(path)
        return path.read_bytes()


def kept_or_set_aside(data: bytes) -> None:
    """Open a file with these bytes, and use it: it works, or the bytes are kept elsewhere, or nobody touches them."""
    with tempfile.TemporaryDirectory() as folder:
        path = spoiled(Path(folder), data)
        progress = Progress(path)
        before = progress.lessons()
        progress.note("another", {"first": DONE}, "first")
        if "is kept as" in progress.notice:
            (aside,) = Path(folder).glob("progress-damaged-*.sqlite")
            assert aside.read_bytes() == data
            assert before == {}
        elif "is not saved" in progress.notice:
            assert path.read_bytes() == data
        else:
            assert set(Progress(path).lessons()) == {*before, "another"}
        progress.close()


@given(st.binary(max_size=200))
@example(b"SQLite format 3\0")
@example(b"")
def test_any_bytes_are_kept(data: bytes) -> None:
    kept_or_set_aside(data)


@given(st.data())
def test_any_damage_to_a_sound_file_is_survived(data: st.DataObject) -> None:
    whole = sound()
    spots = data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8))
    spots += data.draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 255)), max_size=2))  # in the header
    length = data.draw(st.sampled_from([len(whole), len(whole) - 1, len(whole) // 2, 4096, 100, 20]))
    mutated = bytearray(whole)
    for place, byte in spots:
        mutated[place] = byte
    kept_or_set_aside(bytes(mutated[:length]))


def test_a_file_that_has_lost_a_table_is_damaged(path: Path) -> None:
    written(path)
    with sqlite3.connect(path) as file:
        file.execute("DROP TABLE attempt")
    file.close()
    assert "was damaged" in Progress(path).notice


def test_a_newer_file_is_left_alone(path: Path) -> None:
    written(path)
    with sqlite3.connect(path) as file:
        file.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    file.close()
    before = path.read_bytes()
    progress = Progress(path)
    progress.note("a-lesson", {"first": DONE}, "first")
    assert progress.notice == (
        f"progress is not saved: {path} is of a newer bptui (its schema is {SCHEMA + 1}, this bptui knows {SCHEMA})"
    )
    assert progress.lesson("a-lesson").step == "first", "in memory, the lesson goes on"
    assert path.read_bytes() == before


# -- no room, no right


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        progress = Progress(tmp_path / "bptui" / "progress.sqlite")
        assert progress.notice.startswith("progress is not saved: ")
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    progress = Progress(tmp_path / "data" / "progress.sqlite")
    progress.note("a-lesson", {"first": DONE}, "first")
    assert progress.notice.startswith("progress is not saved: ")
    assert "\n" not in progress.notice
    assert progress.lesson("a-lesson").step == "first"


def test_a_file_that_cannot_be_written_to_is_read_and_said_so(path: Path) -> None:
    written(path)
    progress = Progress(path)
    progress._file.execute("PRAGMA query_only = 1")
    progress.note("a-lesson", {"first": DONE}, "first")
    assert progress.notice == f"progress is not saved: {path}: attempt to write a readonly database"
    assert progress.lesson("a-lesson").step == "second"


LIMITED = """
import resource, sys
from pathlib import Path
from bptui.course.progress import *
progress = Progress(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (Path(sys.argv[1]).stat().st_size,) * 2)
progress.note("a-lesson", {f"s{n}": StepRecord(Done.DONE) for n in range(2000)}, "first")
print(progress.notice)
print(sorted(progress.lesson("a-lesson").steps))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of files")
def test_a_file_that_may_not_grow_is_one_line_and_stays_whole(path: Path) -> None:
    written(path)
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, timeout=60)
    notice, steps, _ = done.stdout.split("\n")
    assert (notice.startswith(f"progress is not saved: {path}: "), done.stderr) == (True, "")
    assert steps == "['first', 'second']"
    assert Progress(path).notice == ""


def test_a_full_disk_is_one_line_and_what_was_there_stays(path: Path) -> None:
    written(path)
    progress = Progress(path)
    before = progress.lessons()
    pages = progress._file.execute("PRAGMA page_count").fetchone()[0]
    progress._file.execute(f"PRAGMA max_page_count = {pages}")
    progress.note("a-lesson", {f"s{n}": DONE for n in range(2000)}, "first")
    assert progress.notice == f"progress is not saved: {path}: database or disk is full"
    assert progress.lessons() == before == Progress(path).lessons()


# -- the command


def shown(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["progress", *words]) == code
    captured = capsys.readouterr()
    assert (captured.err == "") is (code == 0)
    return captured.out if code == 0 else captured.err


@pytest.fixture
def saved(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(path))
    progress = Progress(path)
    step = StepRecord(Done.DONE, over=True, seconds=600.0)
    progress.note("through-a-sum", {"nudge": step}, "column", Attempt(2, "0.1", False))
    progress.note("through-a-sum", {"nudge": StepRecord(seed=2)}, "column", Attempt(2, "0.15", True))
    progress.note("/home/me/mine.md", {"one": StepRecord(Done.SHOWN)}, "one")
    progress.close()
    return path


def test_the_table_says_what_was_done(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys).split("\n")
    (line,) = (line for line in lines if "through-a-sum" in line)
    assert line.split()[1:] == ["through-a-sum", "Through", "a", "weighted", "sum", "1/11", "1", "of", "2", "10", "min"]
    assert any(line.split() == ["/home/me/mine.md", "a", "lesson", "file", "1/1", "1", "min"] for line in lines)
    untouched = lesson("through-a-function")
    words = ["through-a-function", *untouched.title.split(), f"0/{len(untouched.steps)}"]
    assert any(line.split()[1:] == words for line in lines)


def test_the_json_holds_every_attempt(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(capsys, "--json"))
    assert found["file"] == str(saved)
    (lesson,) = (lesson for lesson in found["lessons"] if lesson["id"] == "through-a-sum")
    assert (lesson["done"], lesson["steps"], lesson["step"], lesson["finished"]) == (1, 11, "column", False)
    step = lesson["each"]["nudge"]
    assert (step["done"], step["seed"], step["seconds"]) == ("done", 2, 600.0)
    assert [(a["seed"], a["answer"], a["right"]) for a in step["attempts"]] == [(2, "0.1", False), (2, "0.15", True)]


def test_the_lesson_that_was_left_last_stands_at_the_end(path: Path) -> None:
    progress = Progress(path)
    for name in ("one", "two", "one"):
        progress.note(name, {"first": DONE}, "first")
    progress.close()
    assert list(Progress(path).lessons()) == ["two", "one"]


ROWS = [Row(k + 1, "abcd"[k], "", (3, 1, 3, 0)[k], 3, 0, 0, 0.0, "", 0) for k in range(4)]
OWN = Row(0, "/mine.md", "Mine", 1, 2, 0, 0, 0.0, "s", 1)


@pytest.mark.parametrize(
    ("rows", "last", "wanted"),
    [
        (ROWS, "", "b"),
        (ROWS, "b", "b"),
        (ROWS, "d", "d"),
        (ROWS, "a", "b"),
        (ROWS, "c", "d"),
        (ROWS[:3], "c", "b"),
        (ROWS, "gone", "b"),
        ([ROWS[0], ROWS[2]], "a", "a"),
        ([ROWS[0], ROWS[2]], "", "a"),
        ([*ROWS, OWN], "/mine.md", "/mine.md"),
        ([*ROWS, OWN], "c", "d"),
        ([*ROWS, replace(OWN, done=2)], "/mine.md", "b"),
        ([ROWS[0], OWN], "a", "a"),
    ],
)
def test_one_goes_on_where_one_stopped_or_at_what_is_next(rows: list[Row], last: str, wanted: str) -> None:
    assert to_go_on(rows, last).id == wanted


def test_reset_is_refused_without_a_terminal(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--yes forgets without asking" in shown(capsys, "--reset", code=2)
    assert Progress(saved).lessons()
    assert "forgotten" in shown(capsys, "--reset", "--yes")
    assert not Progress(saved).lessons()


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminal")
@pytest.mark.parametrize(("typed", "left"), [("yes\n", False), ("\n", True), ("no\n", True)])
def test_reset_asks_on_a_terminal(saved: Path, typed: str, left: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bptui.cli", "progress", "--reset"], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    asked = b""
    while b"Type yes: " not in asked:
        asked += os.read(ours, 1000)
    os.write(ours, typed.encode())
    assert process.wait(60) == 0
    os.close(ours)
    assert bool(Progress(saved).lessons()) is left


def test_looking_begins_no_file(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(path))
    assert "Nothing is kept yet." in shown(capsys)
    assert "no progress to forget" in shown(capsys, "--reset")
    assert not path.parent.exists()
