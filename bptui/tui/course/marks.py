"""How far one is, as home and the course map say it: ● done, ◉ here, ○ to come, and ◌ for a step that was skipped."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import TYPE_CHECKING

from bptui.drawing.canvas import Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.overview import Row

DONE: Piece = ("●", Ink("good"))
TO_COME: Piece = ("○", MUTED)
_STEPS: dict[int, Piece] = {0: TO_COME, 1: ("◌", SOFT), 2: ("●", SOFT), 3: DONE}  # open, skipped, told, done


def mark(row: Row | None, *, here: bool = False) -> Piece:
    """One cell for a lesson, `here` if it is chosen; blank as long as nothing is known."""
    if row is None:
        return (" ", TEXT)
    return DONE if row.finished else ("◉", NOW if here else BOLD) if row.at else TO_COME


def said(row: Row | None, *, here: bool = False) -> Piece:
    """What stands behind the mark: `done`, the number of the step where one is, or nothing."""
    if row is None or not (row.finished or row.at):
        return ("", MUTED)
    return ("done", MUTED) if row.finished else (f"{row.at}/{row.steps}", NOW if here else TEXT)


def step_mark(row: Row, number: int, done: int, here: Ink = NOW) -> Piece:
    """One cell for a step, by its number from 1 and by how it was done."""
    return ("◉", here) if number == row.at and not row.finished else _STEPS[done]


def tally(rows: Iterable[Row], *, steps: bool) -> str:
    """How much of the course is done, in lessons and perhaps in steps; nothing as long as it is not known."""
    course = [row for row in rows if row.place]
    finished = sum(row.finished for row in course)
    if steps and course:
        return f"{finished} done, {sum(row.done for row in course)} of {sum(row.steps for row in course)} steps"
    return f"{finished} of {len(course)} done" if course else ""


def minutes_left(lesson: Lesson, row: Row) -> int:
    """About how long the steps that are not done take, if each takes the same."""
    return ceil(lesson.minutes * (row.steps - row.done) / row.steps)


def plural(count: int, noun: str) -> str:
    """`1 minute`, `2 minutes`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
