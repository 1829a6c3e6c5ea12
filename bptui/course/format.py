"""The lesson format: a file's bytes → `Lesson`, or all its problems. The vocabulary is closed; see `skeleton`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bptui.course.directives import do, note, predict, stage
from bptui.course.document import Block, Document, Report, Section, decoded, split
from bptui.course.lesson import Do, Lesson, Note, Predict, Stage, Step
from bptui.course.problem import LessonError, Problem
from bptui.course.prose import misread
from bptui.course.table import Table
from bptui.session.names import suggestion

WORDS = ("stage", "predict", "do", "hint", "explain", "note")
MAX_PROSE, MAX_HINTS, MAX_NOTES = 4000, 5, 3

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def read(data: bytes, path: str) -> Lesson:
    """The lesson in a file's bytes; `path` is what its errors call it.

    Raises LessonError with every problem, in the order of the lines. No bytes raise anything else.
    """
    problems: list[Problem] = []

    def report(line: int, message: str) -> None:
        problems.append(Problem(path, line, message))

    text = decoded(data, report)
    lesson = None if text is None else _lesson(split(text, report), path, report)
    if problems or lesson is None:
        raise LessonError(problems)
    return lesson


def _lesson(document: Document, path: str, report: Report) -> Lesson:
    front = Table(document.front, report, "front matter")
    lesson = Lesson(
        path,
        front.text("id", most=60),
        front.text("title", most=80),
        front.texts("goals"),
        front.whole("minutes", 1, 60),
        front.texts("needs", ()),
        (),
    )
    front.close()
    for name, key in ((lesson.id, "id"), *((need, "needs") for need in lesson.needs)):
        if name and not _ID.fullmatch(name):
            front.wrong(key, f"got {name!r}, wants small letters, digits and hyphens")
    steps: list[Step] = []
    held: Stage | None = None
    for section in document.sections:
        if section.id and not _ID.fullmatch(section.id):
            report(section.line, f"the id {section.id!r} wants small letters, digits and hyphens")
        if section.id in {step.id for step in steps}:
            report(section.line, f"the id {section.id!r} is taken by an earlier step")
        step = _step(section, held, report)
        held = step.stage
        steps.append(step)
    return replace(lesson, steps=tuple(steps))


def _step(section: Section, held: Stage | None, report: Report) -> Step:
    if not section.title:
        report(section.line, "the step has no title")
    text: list[str] = []
    ask: Predict | Do | None = None
    notes: list[Note] = []
    stage_of: list[Stage] = []
    whole = section.whole
    for block in section.blocks:
        match block.word:
            case None:
                text.append(_prose(block, report))
            case "":
                text.append("```\n" + _prose(block, report) + "\n```")
            case "stage":
                _once(stage_of, block, report)
                stage_of.append(stage(block, stage_of[0] if stage_of else held, report))
            case "predict" | "do":
                if ask is not None:
                    report(block.line - 1, "a step asks for one thing; begin another step")
                ask = (predict if block.word == "predict" else do)(block, report)
            case "hint" | "explain":
                ask = _joined(ask, block, whole, report)
            case "note":
                notes.append(note(block, report))
            case word:
                near = suggestion(word, WORDS)
                expected = near or f"wants one of {', '.join(WORDS)}"
                report(block.line - 1, f"unknown directive {word[:40]!r}, {expected}")
                whole = False
    if len(notes) > MAX_NOTES:
        report(notes[MAX_NOTES].line, f"is note {MAX_NOTES + 1} of this step, wants at most {MAX_NOTES}")
    if not text:
        report(section.line, "the step says nothing; it wants a sentence")
    here = stage_of[0] if stage_of else held
    return Step(section.id, section.title, section.line, "\n\n".join(text), here, ask, tuple(notes))


def _once(found: Iterable[object], block: Block, report: Report) -> None:
    if list(found):
        report(block.line - 1, f"is the second {block.word} of this step, wants one")


def _joined(ask: Predict | Do | None, block: Block, whole: bool, report: Report) -> Predict | Do | None:
    """What is asked, with one more hint or its explanation. Where a fence got lost, it may have been what is asked."""
    said = _prose(block, report).strip()
    if ask is None:
        if whole:
            report(block.line - 1, f"the {block.word} wants a predict or a do before it")
        return None
    if not said:
        report(block.line - 1, f"the {block.word} is empty")
    if block.word == "explain":
        if ask.explain:
            report(block.line - 1, "is the second explain of this step, wants one")
        return replace(ask, explain=said)
    if len(ask.hints) == MAX_HINTS:
        report(block.line - 1, f"is hint {MAX_HINTS + 1}, wants at most {MAX_HINTS}")
    return replace(ask, hints=(*ask.hints, said))


def _prose(block: Block, report: Report) -> str:
    """A block of Markdown; what stands in braces has to be a quantity."""
    if len(block.text) > MAX_PROSE:
        report(block.line, f"has {len(block.text)} characters, wants at most {MAX_PROSE} in one piece")
    for line, problem in misread(block.text):
        report(block.line + line, problem)
    return block.text.strip("\n")
