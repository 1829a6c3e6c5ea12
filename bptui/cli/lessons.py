"""The commands about lessons: to play, print, check and begin them, and what was done in them."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bptui.cli.output import WRONG, BadUse, one_line, print_out
from bptui.cli.screen import on_screen, on_terminal

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.overview import Row
    from bptui.course.progress import Progress


def lesson(args: argparse.Namespace) -> int:
    """Play a lesson, or show the course."""
    if args.lesson is None:
        if not args.plain and on_terminal() and os.environ.get("TERM") != "dumb":
            return on_screen(args, place="course")
        return print_out([_course(_saved()), "\nbptui lesson LESSON --plain plays one.\n"])
    if not args.plain:
        return on_screen(args, lambda: _lesson_named(args.lesson))
    lesson, key = _lesson_named(args.lesson)
    from bptui.course.dialogue import dialogue
    from bptui.course.player import Player
    from bptui.course.progress import Progress, progress_file

    return print_out(dialogue(Player(lesson, Progress(progress_file()), key), _typed()))


def worksheet(args: argparse.Namespace) -> int:
    """Print a lesson's questions for paper."""
    from bptui.course.player import PlayError
    from bptui.course.worksheet import worksheet

    if not (args.seed.isascii() and args.seed.isdecimal() and len(args.seed) < 10):
        raise BadUse(f"--seed: got {args.seed!r}, wants a whole number from 0")
    lesson, _ = _lesson_named(args.lesson)
    try:
        return print_out(list(worksheet(lesson, int(args.seed), args.answers)))
    except PlayError as error:
        raise BadUse(f"{lesson.path}: {error}") from None


def _lesson_named(name: str) -> tuple[Lesson, str]:
    """A lesson of the course, or one in a file, and its name in the progress."""
    from bptui.course.library import lesson, lesson_in
    from bptui.course.problem import LessonError

    try:
        if not (name.endswith(".md") and Path(name).exists()):
            found = lesson(name)
            return found, found.id
        return lesson_in(name), str(Path(name).resolve())
    except OSError as error:
        raise BadUse(f"{name}: {error.strerror}") from None
    except LessonError as error:
        first, *more = error.problems
        raise BadUse(f"{first}{f' (and {len(more)} more: bptui lessons check)' if more else ''}") from None
    except ValueError as error:
        raise BadUse(str(error)) from None


def _typed() -> Iterator[str]:
    """Lines from standard input, each read when all is said."""
    if sys.stdin is None:
        return
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        sys.stdout.flush()
        line = sys.stdin.readline(10_000)
        if not line:
            return
        if not sys.stdin.isatty():  # nobody has pressed Enter on the screen
            sys.stdout.write("\n")
        yield line


def check_lessons(path: Path) -> int:
    """Print what is wrong with lesson files; 1 if there is something."""
    from bptui.course.check import checked

    try:
        problems = [one_line(str(problem)) for problem in checked(path)]
    except OSError as error:
        raise BadUse(f"{error.filename or path}: {error.strerror}") from None
    problems += [] if problems else [f"{path}: {problem}" for problem in _uncatalogued(path)]
    return print_out([f"{line}\n" for line in problems or [f"{path}: no problems"]]) or (WRONG if problems else 0)


def _uncatalogued(path: Path) -> list[str]:
    """Where home would list the lessons in a folder wrongly, if they are those that come with bptui."""
    from bptui.course.library import lessons, shelf
    from bptui.tui.catalogue import Taught, uncatalogued

    ours = {Path(str(file)).resolve().parent for file in shelf()[:1]}
    if not ours & {path.resolve(), *(folder.resolve() for folder in path.glob("*/"))}:
        return []
    return list(uncatalogued([Taught(lesson.id, lesson.title) for lesson in lessons()]))


def new_lesson(path: Path) -> int:
    """Begin a lesson file."""
    from bptui.course.skeleton import new

    try:
        path = path if path.suffix == ".md" else path.with_name(f"{path.name}.md")
        text = new(path.stem.replace("-", " "))
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadUse(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise BadUse(str(error)) from None
    return print_out([f"{path} is written; bptui lessons check {shlex.quote(str(path))} plays it\n"])


def progress(args: argparse.Namespace) -> int:
    """Print, or forget, what was done in the lessons."""
    from bptui.course.overview import as_json

    progress = _saved()
    if args.reset:
        return _forget(progress, args.yes)
    if args.json:
        return print_out([as_json(_rows(progress), progress)])
    return print_out(
        [_course(progress), f"\nKept in {progress.path}.\n" if progress.path else "\nNothing is kept yet.\n"]
    )


def _course(progress: Progress) -> str:
    from bptui.course.overview import as_table

    return as_table(_rows(progress))


def _rows(progress: Progress) -> list[Row]:
    from bptui.course.library import lessons
    from bptui.course.overview import overview

    try:
        return overview(lessons(), progress)
    except ValueError as error:
        raise BadUse(str(error).split("\n")[0]) from None


def _saved() -> Progress:
    """The progress that was saved. A file that does not exist is not begun."""
    from bptui.course.progress import Progress, progress_file

    path = progress_file()
    progress = Progress(path if path is not None and path.exists() else None)
    if progress.notice.startswith("progress is not saved"):
        raise BadUse(progress.notice)
    if progress.notice:
        sys.stderr.write(f"bptui: {one_line(progress.notice)}\n")
    return progress


def _forget(progress: Progress, sure: bool) -> int:
    if progress.path is None:
        return print_out(["There is no progress to forget.\n"])
    if not sure:
        if not on_terminal():
            raise BadUse("progress --reset: asks on a terminal; --yes forgets without asking")
        sys.stdout.write(f"Forget all progress in {progress.path}? Type yes: ")
        sys.stdout.flush()
        if sys.stdin.readline(100).strip().casefold() != "yes":
            return print_out(["Nothing is forgotten.\n"])
    progress.reset()
    if progress.notice:
        raise BadUse(progress.notice)
    return print_out(["All progress is forgotten.\n"])
