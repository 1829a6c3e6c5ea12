"""What a learner made of a session, apart from its numbers: written down, and made again on another session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bptui.engine.graph import Graph
from bptui.session.actions import (
    Action,
    ActionError,
    AddCondition,
    AddWatch,
    Edit,
    Jump,
    NextStep,
    SetEntry,
    ShowSample,
    ToggleBreakpoint,
)
from bptui.session.conditions import Condition
from bptui.session.history import History
from bptui.session.session import FAR, Session, counterpart


@dataclass(frozen=True)
class Stop:
    """A place in time: a training step, and an event as `graph` counts them, or, without it, as the session does."""

    step: int
    event: int
    graph: Graph | None = None


@dataclass(frozen=True)
class Made:
    """One edit, where it was made; `sample` is the one that it was about, if it was about one."""

    at: Stop
    edit: Edit
    sample: int | None = None


@dataclass(frozen=True)
class Marks:
    """What is stopped at and kept in view, and the sample of the minibatch that is shown."""

    breakpoints: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    watches: tuple[AddWatch, ...] = ()
    sample: int = 0


NONE = Marks()


@dataclass(frozen=True)
class Work:
    """The edits of one branch in their order, the cursor, and the marks."""

    edits: tuple[Made, ...]
    at: Stop
    marks: Marks = NONE


def marks_of(session: Session) -> Marks:
    """The marks as they stand."""
    return Marks(tuple(sorted(session.breakpoints)), session.conditions, session.watches, session.sample)


def edits_of(history: History, branch: int) -> list[Made]:
    """The edits that led to a branch, the first one first."""
    found = []
    before, *path = history.path(branch)
    for after in path:
        at, edit, graph = after.made_at, after.edit, before.experiment.graph
        assert at is not None and edit is not None
        own = isinstance(edit, SetEntry) and graph.variables[edit.name].batched
        found.append(Made(Stop(at.step, at.event, graph), edit, after.pokes[-1].index[0] if own else None))
        before = after
    return found


def work_of(session: Session) -> Work:
    """All of it, on the branch of the cursor."""
    at = Stop(session.address.step, session.address.event, session.graph)
    return Work(tuple(edits_of(session.history, session.address.branch)), at, marks_of(session))


def redo(session: Session, work: Work) -> Iterator[tuple[str, str]]:
    """Make it again on a session at its beginning. Nothing is run but where another sample than the first is shown.

    What cannot be made here is left out and yielded: which it was (`edit 2`, `at`, `marks`), and why, in one line.
    """
    for k, made in enumerate(work.edits, start=1):
        yield from _tried(session, f"edit {k}", _making(session, made))
    yield from _tried(session, "at", _way(session, work.at))
    marks = work.marks
    for mark in (
        *(ToggleBreakpoint(node) for node in marks.breakpoints),
        *(AddCondition(condition) for condition in marks.conditions),
        *marks.watches,
        *([ShowSample(marks.sample)] if marks.sample else ()),
    ):
        yield from _tried(session, "marks", [mark])


def _making(session: Session, made: Made) -> Iterator[Action]:
    yield from _way(session, made.at)
    if made.sample is not None:
        yield ShowSample(made.sample)
    yield made.edit


def _way(session: Session, stop: Stop) -> Iterator[Action]:
    """The moves to a stop; the event is looked up once the session is near."""
    while stop.step > session.address.step + FAR:
        yield NextStep(FAR)
    graph = session.history.owner(session.address.branch, max(0, stop.step)).experiment.graph
    yield Jump(stop.step, stop.event if stop.graph is None else counterpart(stop.graph, stop.event, graph))


def _tried(session: Session, place: str, actions: Iterable[Action]) -> Iterator[tuple[str, str]]:
    try:
        for action in actions:
            session.apply(action)
    except ActionError as error:
        yield place, str(error)
