"""`bptui lessons check`: every error of a file, then the lesson is played, step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from bptui.course.document import MAX_BYTES
from bptui.course.format import read
from bptui.course.goal import GoalError, reached
from bptui.course.grade import answer_text, graded, items
from bptui.course.lesson import Choice, Do, Lesson, Measured, Ordering, Pick, Predict, Step
from bptui.course.library import lessons as course
from bptui.course.moves import MoveError, done
from bptui.course.place import PlaceError
from bptui.course.problem import LessonError, Problem
from bptui.course.prose import quantities
from bptui.course.quantity import QuantityError, looked_up
from bptui.course.reroll import RerollError, rerolled
from bptui.course.stage import StageError, opened
from bptui.session.actions import ActionError
from bptui.session.names import suggestion
from bptui.session.session import Session

RECAP = "recap"
MODEL = "en"  # the language that the others follow
SEEDS = (1, 2, 3)  # of the new numbers that each question is tried with
MOST_FILES = 500
STAGE, HIDE = "stage: ", "hide: "  # begin what is wrong with one
OWN = "its own answer"
KEYS = {"answer: ": "answer", OWN: "answer", "pick: ": "pick", "solution: ": "solution", HIDE: "hide"}

_Wrong = (StageError, QuantityError, PlaceError, GoalError, MoveError, ActionError, RerollError)


def checked(path: Path) -> list[Problem]:
    """All problems of a lesson file, of a folder of lessons, or of a folder of languages. Raises OSError."""
    if not path.is_dir():
        lesson, problems = _file(path)
        return problems + (
            _unknown_needs(lesson, {*_ids_beside(path), *(each.id for each in course())}) if lesson else []
        )
    languages = sorted(folder for folder in path.iterdir() if folder.is_dir() and any(folder.glob("*.md")))
    if not languages:
        return _folder(path)[1]
    found = {folder.name: _folder(folder) for folder in languages}
    problems = [problem for _, wrong in found.values() for problem in wrong]
    for name, (lessons, _) in found.items():
        if name != MODEL and MODEL in found:
            problems += _translated(found[MODEL][0], lessons, str(path / name))
    return problems


def _file(path: Path) -> tuple[Lesson | None, list[Problem]]:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    try:
        lesson = read(data, str(path))
    except LessonError as error:
        return None, list(error.problems)
    return lesson, played(lesson)


def _folder(folder: Path) -> tuple[list[Lesson], list[Problem]]:
    """The lessons of one language, in order, and their problems."""
    files = sorted(folder.glob("*.md"))
    if not files:
        return [], [Problem(str(folder), 0, "holds no lessons; wants files such as 01-name.md")]
    if len(files) > MOST_FILES:
        return [], [Problem(str(folder), 0, f"holds {len(files)} files, wants at most {MOST_FILES}")]
    found = [_file(path) for path in files]
    lessons = [lesson for lesson, _ in found if lesson]
    problems = [problem for _, wrong in found for problem in wrong]
    before: list[str] = []
    for lesson in lessons:
        if lesson.id in before:
            problems.append(Problem(lesson.path, 1, f"the id {lesson.id!r} is taken by an earlier lesson"))
        if len(lessons) == len(files):
            problems += _unknown_needs(lesson, before)
        before.append(lesson.id)
    return lessons, problems


def _unknown_needs(lesson: Lesson, known: Collection[str]) -> list[Problem]:
    """What a lesson builds on and nobody has: neither the lessons before it nor, of a file alone, the course."""
    rows = Path(lesson.path).read_text(encoding="utf-8").splitlines()
    line = next((k for k, row in enumerate(rows, start=1) if row.lstrip().startswith("needs")), 1)
    nears = {need: suggestion(need, known) for need in lesson.needs if need not in known}
    return [
        Problem(lesson.path, line, f"needs {need!r}, which is no earlier lesson{near and ', '}{near}")
        for need, near in nears.items()
    ]


def _ids_beside(path: Path) -> Iterator[str]:
    """The ids of the other lessons in a file's folder."""
    for other in sorted(path.parent.glob("*.md"))[:MOST_FILES]:
        if other != path:
            with suppress(LessonError, OSError), other.open("rb") as file:
                yield read(file.read(MAX_BYTES + 1), str(other)).id


def _translated(model: list[Lesson], lessons: list[Lesson], folder: str) -> list[Problem]:
    """Where a language differs from the model: in lessons, steps, or what they ask."""
    theirs = {lesson.id: lesson for lesson in lessons}
    problems = [Problem(folder, 0, f"lacks the lesson {m.id!r}") for m in model if m.id not in theirs]
    known = {lesson.id: lesson for lesson in model}
    for lesson in lessons:
        if lesson.id not in known:
            problems.append(Problem(lesson.path, 1, f"the lesson {lesson.id!r} is not in {MODEL}"))
            continue
        mine, other = [s.id for s in known[lesson.id].steps], [s.id for s in lesson.steps]
        if mine != other:
            problems.append(Problem(lesson.path, 1, f"has the steps {', '.join(other)}, wants {', '.join(mine)}"))
            continue
        for step, same in zip(known[lesson.id].steps, lesson.steps, strict=True):
            if _asked(step) != _asked(same):
                message = f"the step {same.id!r} asks for something else than in {MODEL}"
                problems.append(Problem(lesson.path, same.line, message))
    return problems


def _asked(step: Step) -> object:
    """What a step asks for, whatever its language."""
    match step.ask:
        case Predict(question=Measured() as question):
            return question
        case Predict(question=Choice(options)):
            return tuple(option.right for option in options)
        case Predict(question=Pick(names)):
            return names
        case Predict(question=Ordering(quantities=named) as question):
            return named or len(question.items)
        case Do(goal=goal, solution=solution):
            return goal, solution
    return None


# -- playing


def played(lesson: Lesson) -> list[Problem]:
    """What goes wrong when a lesson is played: each step is reached, each answer given, each `do` done."""
    problems = [Problem(lesson.path, line, message) for line, message in _ending(lesson)]
    rows = Path(lesson.path).read_text(encoding="utf-8").splitlines() if Path(lesson.path).is_file() else []
    said: set[str] = set()
    for step in lesson.steps:
        for line, text in _step(step):
            if text in said:  # of a step that goes on from a stage
                continue
            problems.append(Problem(lesson.path, _line_of_key(rows, line, text), text))
            if text.startswith((STAGE, HIDE)):
                said |= {text, text.removeprefix(HIDE)}  # whoever asks on that stage stumbles over it too
    return problems


def _line_of_key(rows: list[str], fence: int, message: str) -> int:
    """The line of the key that a message is about, in the block that a line opens; that line, if it is about none."""
    key = next((key for begins, key in KEYS.items() if message.startswith(begins)), None)
    for number, row in enumerate(rows[fence:], start=fence + 1):
        if key is None or row.startswith(("```", "~~~")):
            break
        if row.partition("=")[0].strip() == key:
            return number
    return fence


def _ending(lesson: Lesson) -> Iterator[tuple[int, str]]:
    *_, last = lesson.steps
    if RECAP not in {step.id for step in lesson.steps}:
        yield last.line, f"the lesson has no step {{#{RECAP}}}; it ends with a recap and a question"
    elif len(lesson.steps) < 2 or lesson.steps[-2].id != RECAP or not isinstance(last.ask, Predict):
        yield last.line, f"the last step wants a predict, and {{#{RECAP}}} before it"


def _step(step: Step) -> Iterator[tuple[int, str]]:
    if step.stage is None:
        if any(quantities(text) for _, text in _texts(step)) or isinstance(step.ask, Do):
            yield step.line, "the step names what is on a stage, and there is none yet"
        if isinstance(step.ask, Predict):
            yield from _predict(step, step.ask, None)
        return
    try:
        session = opened(step.stage)
    except StageError as error:
        yield step.stage.line, f"{STAGE}{error}"
        return
    for line, text in _texts(step):
        for quantity in quantities(text):
            try:
                looked_up(quantity, session)
            except QuantityError as error:
                yield line, f"{{{{ {quantity} }}}}: {error}"
    for hidden in step.stage.hide:
        try:
            looked_up(hidden, session)
        except QuantityError as error:
            yield step.stage.line, f"{HIDE}{error}"
    if isinstance(step.ask, Predict):
        yield from _predict(step, step.ask, session)
    elif isinstance(step.ask, Do):
        yield from _do(step, step.ask, session)


def _texts(step: Step) -> Iterator[tuple[int, str]]:
    yield step.line, step.text
    if step.ask is not None:
        for text in (step.ask.ask, *step.ask.hints, step.ask.explain):
            yield step.ask.line, text


def _predict(step: Step, ask: Predict, session: Session | None) -> Iterator[tuple[int, str]]:
    """The answer can be computed, is found right, is not given away, and new numbers can be drawn."""
    if isinstance(ask.question, Pick) and (step.stage is None or step.stage.lab != "step"):
        where = "no stage" if step.stage is None else f"the stage of a lab ({step.stage.lab})"
        yield ask.line, f"pick: wants the workbench's diagram to select on, and here is {where}; ask by choices"
        return
    try:
        answer = answer_text(ask, session)
        match ask.question:
            case Measured(quantity) if session is not None:
                value = looked_up(quantity, session)
                if not isinstance(value, tuple) and not np.isfinite(value).all():
                    yield ask.line, f"answer: {quantity} is not finite"
                    return
                if quantity in [q for text in (step.text, ask.ask, *ask.hints) for q in quantities(text)]:
                    yield ask.line, f"the text tells {quantity}, which is asked for"
            case Pick(names, why) if session is not None:
                for name in (*names, *(name for name, _ in why)):
                    if name not in session.graph.node and name not in session.graph.variables:
                        near = suggestion(name, (*session.graph.node, *session.graph.variables))
                        yield ask.line, f"pick: no module or variable {name!r} in this net{near and '; '}{near}"
            case Ordering() as question:
                items(question, session)
            case _:
                pass
        if not isinstance(ask.question, Ordering | Pick) and not graded(ask, session, answer).right:
            yield ask.line, f"{OWN} as it is shown, {answer}, does not count as right"
        if session is None or step.stage is None:
            return
        for lit in ask.light:
            looked_up(lit, session)
        for seed in SEEDS if ask.reroll is not None else ():
            opened(rerolled(ask, step.stage, seed))
    except _Wrong as error:
        yield ask.line, str(error)


def _do(step: Step, ask: Do, session: Session) -> Iterator[tuple[int, str]]:
    try:
        if reached(ask.goal, session):
            yield ask.line, "do: holds already, before anything is done"
        for words in ask.solution:
            try:
                done(words, session)
            except (MoveError, PlaceError, ActionError) as error:
                yield ask.line, f"solution: {words!r}: {error}"
                return
        if not reached(ask.goal, session):
            yield ask.line, "do: its own solution does not reach it"
    except _Wrong as error:
        yield ask.line, f"do: {error}"
