"""The panes of the course map: the lessons by chapters, and the steps of the one that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bptui.course.progress import Done, StepRecord
from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, rule, stack, wrap, write, written
from bptui.tui.catalogue import CHAPTERS
from bptui.tui.course.marks import mark, minutes_left, plural, said, step_mark
from bptui.tui.placing import Box

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.overview import Row

ROOMY = (100, 30)  # columns and rows from which there are margins, blank rows, and numbers beside the lessons
_SIGNS = 7  # columns of a mark and of what is said behind it
_WORDS = {Done.OPEN: "", Done.SKIPPED: "skipped", Done.SHOWN: "told", Done.DONE: "done"}


class Entry(NamedTuple):
    """A lesson in the list: its name in the progress, its number in the course or 0, and its title."""

    name: str
    number: int
    title: str


def entries(rows: Mapping[str, Row]) -> list[tuple[str, list[Entry]]]:
    """The lessons by chapters; teachers' own files, called by their files' names, at the end."""
    number = count(1)
    found = [(title, [Entry(id, next(number), name) for id, name in lessons]) for title, lessons in CHAPTERS]
    own = [Entry(name, 0, Path(name).name) for name, row in rows.items() if not row.place]
    return [*found, *([("In files", own)] if own else [])]


def boxes(width: int, height: int, rows: Mapping[str, Row], notice: str) -> dict[str, Box]:
    """Each pane's box in a terminal of this size. The list takes the columns that its titles ask for, if it can."""
    roomy = width >= ROOMY[0] and height >= ROOMY[1]
    margin, gutter, top = (1, 2, 2) if roomy else (0, 1, 1)
    longest = max(cells(entry.title) for _, lessons in entries(rows) for entry in lessons)
    left = min(longest + (3 + 4 + 1 + _SIGNS + 2 if roomy else 2 + 2 + 1 + 1), width * 9 // 20)
    notices = min(len(wrap(notice, width - 6)), max(0, height - 8))
    bottom = height - 1 - (1 if roomy else 0)
    tall = max(1, bottom - top - notices)
    x = margin + left + gutter
    return {
        "title": Box(0, 0, width, 1),
        "lessons": Box(margin, top, left, tall),
        "steps": Box(x, top, max(0, width - margin - x), tall),
        "notice": Box(0, top + tall, width, notices),
        "keys": Box(0, height - 1, width, 1),
    }


def lessons(width: int, height: int, rows: Mapping[str, Row], chosen: str, *, here: bool) -> Canvas:
    """The lessons one below the other; `here` if one chooses among them now. What is narrow has no numbers."""
    roomy = width >= 40
    inset, before, behind = (3, 4, 1 + _SIGNS) if roomy else (2, 2, 0)
    grouped = entries(rows)
    room = width - inset - before - behind - 1
    lines = {entry.name: wrap(entry.title, room) for _, group in grouped for entry in group}
    blank = roomy and height >= sum(map(len, lines.values())) + 3 * len(grouped) + 1
    tall = roomy + sum(map(len, lines.values())) + len(grouped) * (1 + 2 * blank)
    canvas = Canvas(width, max(height, tall))
    if roomy:
        canvas.paste(rule(width, "Lessons", accent=BOLD), 0, 0)
    y = roomy + blank
    for heading, group in grouped:
        if roomy:
            canvas.put(inset, y, heading, Ink("soft", bold=True))
        else:
            canvas.paste(rule(width, heading, accent=BOLD), 0, y)
        y += 1
        for entry in group:
            row, title = rows.get(entry.name), lines[entry.name]
            known = row is not None and (row.finished or row.at > 0)
            ink = TEXT if known else SOFT
            if entry.name == chosen:
                ink = NOW if here else BOLD
                canvas.fill(inset - 1, y, width - inset, len(title), "selection" if here else "panel")
            lit = here and entry.name == chosen
            for k, line in enumerate(title):
                canvas.put(inset + before, y + k, line, ink)
            if roomy:
                canvas.put(inset, y, f"{entry.number or '':>2}", MUTED)
                write(canvas, width - 2 - _SIGNS, y, [mark(row, here=lit), (" ", TEXT), said(row, here=lit)])
            else:
                write(canvas, inset, y, [mark(row, here=lit)])
            canvas.regions.append(Region(inset - 1, y, width - inset, len(title), f"lesson:{entry.name}"))
            y += len(title)
        y += blank
    return canvas


def steps(
    width: int,
    height: int,
    lesson: Lesson,
    row: Row,
    records: Mapping[str, StepRecord],
    needed: Sequence[Row],
    chosen: int | None,
) -> Canvas:
    """A lesson: what it is for, what it needs, how it went, and its steps; `chosen` is one of them, from 0."""
    inset = 2 if width >= 60 else 1
    room = width - inset - 1  # with a blank column at either side
    head = f"{row.place}  {lesson.title}" if row.place else lesson.title
    fits = cells(head) + 4 <= width
    title = [] if fits else [*wrap(head, room - 2), ""]
    goals = [wrap(f"{goal[0].upper()}{goal[1:]}.", room - 2) for goal in lesson.goals]
    sections = [
        written([*([(line, BOLD)] for line in title), *([(line, TEXT)] for goal in goals for line in goal)], room),
        written(_facts(lesson, row, needed), room),
        _table(lesson, row, records, chosen, room),
    ]
    tall = sum(section.height for section in sections)
    blank = height >= tall + 4
    canvas = Canvas(width, max(height, tall + 1))
    canvas.paste(rule(width, head if fits else "Lesson", right=plural(lesson.minutes, "minute"), accent=BOLD), 0, 0)
    canvas.paste(stack(room, sections, canvas.height - 1 - blank), inset, 1 + blank)
    return canvas


def _facts(lesson: Lesson, row: Row, needed: Sequence[Row]) -> list[list[Piece]]:
    """What the lesson stands on, and how it went so far; a label before each."""
    facts = [[("" if k else "needs", MUTED), mark(other), (f" {other.title}", SOFT)] for k, other in enumerate(needed)]
    if row.attempts:
        facts.append([("answers", MUTED), (f"{row.right} of {row.attempts} right", SOFT)])
    if row.at:
        left = "" if row.finished else f", about {minutes_left(lesson, row)} min left"
        facts.append([("time", MUTED), (f"{_minutes(row.seconds)}{left}", SOFT)])
    return [[(label.ljust(9), ink), *words] for (label, ink), *words in facts]


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60))} min"


def _table(lesson: Lesson, row: Row, records: Mapping[str, StepRecord], chosen: int | None, width: int) -> Canvas:
    """The steps in rows: mark, number, title, how it was done, right answers, time; what does not fit is left out."""
    table = [_cells(lesson.steps[k].title, records.get(lesson.steps[k].id, StepRecord()), k) for k in range(row.steps)]
    longest = [max(cells(line[k]) for line in table) for k in range(5)]
    for left_out in ((), (4,), (3, 4), (0, 3, 4)):
        shown = [k for k in range(5) if longest[k] and k not in left_out]
        if 4 + sum(longest[k] for k in shown) + 2 * (len(shown) - 1) <= width:
            break
    else:
        longest[1] = width - 4 - sum(longest[k] + 2 for k in shown if k != 1)
    titles = [wrap(line[1], max(1, longest[1])) for line in table]
    canvas = Canvas(width, sum(map(len, titles)))
    y = 0
    for k, (line, title) in enumerate(zip(table, titles, strict=True)):
        lit, id = k == chosen, lesson.steps[k].id
        done = records[id].done if id in records else Done.OPEN
        if lit:
            canvas.fill(0, y, width, len(title), "selection")
        x = write(canvas, 1, y, [step_mark(row, k + 1, done, NOW if lit else BOLD), (" ", TEXT)])
        for column in shown:
            ink = NOW if lit else MUTED if column != 1 else TEXT if done or k + 1 == row.at else SOFT
            for down, part in enumerate(title if column == 1 else [line[column]]):
                gap = longest[column] - cells(part) if column in (0, 3, 4) else 0
                canvas.put(x + gap, y + down, part, ink)
            x += longest[column] + 2
        canvas.regions.append(Region(0, y, width, len(title), f"step:{k}"))
        y += len(title)
    return canvas


def _cells(title: str, record: StepRecord, number: int) -> tuple[str, str, str, str, str]:
    """A step's row of the table, in words."""
    tries, right = len(record.attempts), sum(attempt.right for attempt in record.attempts)
    answers = f"{right} of {tries} right" if tries else ""
    return f"{number + 1}", title, _WORDS[record.done], answers, _minutes(record.seconds) if record.seconds else ""
