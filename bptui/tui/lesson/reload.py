"""A lesson file of the learner's own: whether it was saved since, and what is in it now."""

from __future__ import annotations

from pathlib import Path

from bptui.course.document import MAX_BYTES
from bptui.course.format import read
from bptui.course.lesson import Lesson
from bptui.course.problem import LessonError


class File:
    """The file behind a lesson's name in the progress; a lesson of the course has none."""

    def __init__(self, key: str) -> None:
        path = Path(key)
        self.path = path
        self.own = path.is_absolute() and path.suffix == ".md"
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self.path.stat() if self.own else None
        except OSError:
            return 0, 0
        return (status.st_mtime_ns, status.st_size) if status else (0, 0)

    def changed(self) -> Lesson | str | None:
        """The lesson as it was saved since the last look, or the first thing that is wrong with it; None if it is as
        it was, or away for the moment, as while an editor replaces it.
        """
        stamp = self._stamp()
        if stamp in (self._seen, (0, 0)):
            return None
        self._seen = stamp
        try:
            with self.path.open("rb") as file:
                return read(file.read(MAX_BYTES + 1), self.path.name)
        except OSError as error:
            return f"{self.path}: {error.strerror}"
        except LessonError as error:
            first, *more = error.problems
            return f"{first}{f' (and {len(more)} more)' if more else ''}"
