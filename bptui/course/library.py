"""The lessons that come with bptui: a folder a language, in the order of their files' names."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bptui.course.document import MAX_BYTES
from bptui.course.format import read
from bptui.course.lesson import Lesson
from bptui.session.names import meant, suggestion

_read = lru_cache(maxsize=64)(read)  # a class asks for each app anew; the bytes say whether a lesson has changed


class UnknownLessonError(ValueError):
    """No lesson has that name. One line."""


def shelf(language: str = "en") -> list[Traversable]:
    """The files of a language's lessons, in order; empty for a language that has none."""
    here = files("bptui")
    folders: list[Traversable] = [here.joinpath("lessons"), Path(__file__).parents[2] / "lessons"]  # wheel, checkout
    found = next((folder.joinpath(language) for folder in folders if folder.joinpath(language).is_dir()), None)
    names = [] if found is None else [file for file in found.iterdir() if file.name.endswith(".md")]
    return sorted(names, key=lambda file: file.name)


def lessons(language: str = "en") -> list[Lesson]:
    """All lessons of a language, in order. Raises LessonError if one is damaged."""
    return [_read(file.read_bytes(), file.name) for file in shelf(language)]


def lesson_in(path: str) -> Lesson:
    """A teacher's lesson in a file. Raises OSError, or LessonError if it is damaged."""
    with Path(path).open("rb") as file:
        return read(file.read(MAX_BYTES + 1), path)


def lesson(name: str, language: str = "en") -> Lesson:
    """A lesson by its id, its number in the course, or its file's name. Raises UnknownLessonError, with the nearest."""
    course = lessons(language)
    names = {found.id: found for found in course}
    names |= {str(number): found for number, found in enumerate(course, 1)}
    names |= {found.path.removesuffix(".md"): found for found in course}
    known = meant(name.removesuffix(".md"), names)
    if known is None:
        near = suggestion(name, names)
        ids = ", ".join(found.id for found in course)
        raise UnknownLessonError(f"unknown lesson {name!r}; {near}{near and ' '}lessons: {ids}")
    return names[known]
