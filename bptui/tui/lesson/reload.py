"""A lesson file of the learner's own: whether it was saved since, and what is in it now."""

from __future__ import annotations

from pathlib import Path

from bptui.course.document import MAX_BYTES
from bptui.course.format import read
from bptui.course.lesson import Lesson
from bptui.course.problem import LessonError
from bptui.tui.watched import Watched


class File:
    """The file behind a lesson's name in the progress; a lesson of the course has none."""

    def __init__(self, key: str) -> None:
        self.path = Path(key)
        self.own = self.path.is_absolute() and self.path.suffix == ".md"
        self._watched = Watched(self.path)

    def changed(self) -> Lesson | str | None:
        """The lesson as it was saved since the last look, or the first thing that is wrong with it; None if it is as
        it was, or away for the moment.
        """
        if not (self.own and self._watched.saved()):
            return None
        try:
            with self.path.open("rb") as file:
                return read(file.read(MAX_BYTES + 1), self.path.name)
        except OSError as error:
            return f"{self.path}: {error.strerror}"
        except LessonError as error:
            first, *more = error.problems
            return f"{first}{f' (and {len(more)} more)' if more else ''}"
