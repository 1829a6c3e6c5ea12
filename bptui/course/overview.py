"""The course with what was done in it: for the map, `bptui progress` and its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from bptui.course.lesson import Lesson
from bptui.course.progress import LessonRecord, Progress
from bptui.drawing.lines import TEXT, length


@dataclass(frozen=True)
class Row:
    """One lesson. `place` is its number in the course, 0 for a teacher's own file; `done` of `steps` steps are done.

    `step` is the id of the step where the learner is, empty if it was never begun, and `at` its number, counted
    from 1, or 0. `seconds` were spent in it.
    """

    place: int
    id: str
    title: str
    done: int
    steps: int
    attempts: int
    right: int
    seconds: float
    step: str
    at: int

    @property
    def finished(self) -> bool:
        """Whether every step is done, in one way or another."""
        return self.done == self.steps


def overview(course: Iterable[Lesson], progress: Progress) -> list[Row]:
    """All lessons of the course, then the teachers' files that were begun."""
    records = progress.lessons()
    rows = [
        _row(place, lesson.id, lesson.title, [step.id for step in lesson.steps], records.pop(lesson.id, LessonRecord()))
        for place, lesson in enumerate(course, 1)
    ]
    return rows + [_row(0, name, name, list(record.steps), record) for name, record in records.items()]


def own(lesson: Lesson, name: str, progress: Progress) -> Row:
    """A teacher's own file, by its name in the progress, with what was done in it."""
    return _row(0, name, lesson.title, [step.id for step in lesson.steps], progress.lesson(name))


def to_go_on(rows: Sequence[Row], last: str = "") -> Row:
    """Where a learner who was in the lesson `last` goes on: in it; once it is finished, in the next one that is not.

    After the last lesson that is the first one left out, and with the whole course finished `last` again.
    """
    left = next((k for k, row in enumerate(rows) if row.id == last), -1)
    ahead = [row for row in (*rows[left + 1 :], *rows) if row.place and not row.finished]
    return rows[left] if left >= 0 and not (rows[left].finished and ahead) else (ahead or rows)[0]


def _row(place: int, name: str, title: str, steps: list[str], record: LessonRecord) -> Row:
    known = [record.steps[step] for step in steps if step in record.steps]
    attempts = [attempt for step in known for attempt in step.attempts]
    return Row(
        place,
        name,
        title,
        sum(step.done > 0 for step in known),
        len(steps),
        len(attempts),
        sum(attempt.right for attempt in attempts),
        sum(step.seconds for step in known),
        record.step,
        steps.index(record.step) + 1 if record.step in steps else 0,
    )


def as_table(rows: Iterable[Row]) -> str:
    """A line a lesson: its name, steps that are done, attempts, and the time that was spent."""
    lines = [("", "lesson", "title", "steps", "right", "time")]
    for row in rows:
        tries = f"{row.right} of {row.attempts}" if row.attempts else ""
        minutes = f"{max(1, round(row.seconds / 60))} min" if row.step else ""
        title = row.title if row.place else "a lesson file"
        lines.append((str(row.place or ""), row.id, title, f"{row.done}/{row.steps}", tries, minutes))
    widths = [max(length([(line[k], TEXT)]) for line in lines) for k in range(6)]
    padded = (map(_padded, line, widths, range(6)) for line in lines)
    return "".join("  ".join(line).rstrip() + "\n" for line in padded)


def _padded(text: str, width: int, column: int) -> str:
    blank = " " * (width - length([(text, TEXT)]))
    return text + blank if column in (1, 2) else blank + text


def as_json(rows: Iterable[Row], progress: Progress) -> str:
    """The same, with every step and every attempt."""
    records = progress.lessons()
    lessons = [
        asdict(row) | {"finished": row.finished, "each": _steps(records.get(row.id, LessonRecord()))} for row in rows
    ]
    return json.dumps({"file": str(progress.path or ""), "lessons": lessons}, ensure_ascii=False, indent=1) + "\n"


def _steps(record: LessonRecord) -> dict[str, dict[str, object]]:
    return {name: asdict(step) | {"done": step.done.name.lower()} for name, step in record.steps.items()}
