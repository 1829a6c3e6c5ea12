"""The kinds of places: which one a screen is in, and which one was written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bptui.classroom.lead.bench import ShownBench
from bptui.classroom.lead.compare import ShownCompare
from bptui.classroom.lead.labs import ShownDescent, ShownTrain
from bptui.classroom.lead.lesson import Inner, ShownLesson
from bptui.classroom.lead.shown import Shown
from bptui.classroom.places import HOME, OnStep, Place, session_of
from bptui.classroom.runs import descent_of, training_of
from bptui.course.grade import Verdict
from bptui.course.lesson import Lesson, Predict
from bptui.course.player import Player, PlayError
from bptui.course.progress import Done, Progress, StepRecord
from bptui.session.descend.lab import Descent
from bptui.session.descend.window import window
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.session.train.trainer import Trainer
from bptui.session.train.training import Training
from bptui.tui.descend.look import Look, letters_of
from bptui.tui.descend.screen import Descend
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.place import Inside
from bptui.tui.source_bench import SourceBench
from bptui.tui.train.compare import Compare
from bptui.tui.train.screen import Train
from bptui.tui.view import View
from bptui.tui.workbench import Workbench

A_WHILE = 0.1  # seconds between two looks at whether to race on
Parts = tuple[Session, View, Source | None] | ShownTrain | Descent | None


def shown_by(screen: Any) -> Shown | None:
    """What a screen shows; None where the class stays where it was: home, maps, dialogues."""
    if isinstance(screen, Lectern | Inside):
        return ShownLesson.of(screen)
    if type(screen) in (Workbench, SourceBench):
        return ShownBench.of(screen)
    if type(screen) is Train:
        return ShownTrain.of(screen)
    if type(screen) is Descend:
        return ShownDescent.of(screen)
    if type(screen) is Compare:
        return ShownCompare.of(screen)
    return None


def unpacked(place: Place, on_step: OnStep = lambda step: None) -> Parts:
    """What takes its time to make of a place: for a thread. `on_step` is told of it now and then, and may raise.

    Raises ValueError.
    """
    if not place.receipt:
        return None
    if place.lab == "train":
        return _run(training_of(place.receipt, on_step))
    if place.lab != "descend":
        return session_of(place.receipt, on_step)
    descent = descent_of(place.receipt)
    _race(descent, on_step)
    return descent


def _race(descent: Descent, on_step: OnStep = lambda step: None) -> None:
    for part in (descent.work, descent.caught_up):
        while not part(A_WHILE):
            on_step(descent.reached)


def _run(training: Training) -> ShownTrain:
    """A run as it stands, with nobody who trains it yet."""
    trainer = Trainer(training)
    trainer.close()
    return ShownTrain(training, trainer.snapshot, {})


def shown_at(place: Place, parts: Parts, course: Sequence[Lesson], play: Callable[[Lesson], Player]) -> Shown | None:
    """A place as it was written down, with what is `unpacked` of it. None for home, and for a lesson that is gone.

    `play` says who plays a lesson. Raises ValueError.
    """
    inner = _inner(parts)
    if not place.lesson:
        return inner
    lesson = next((lesson for lesson in course if lesson.id == place.lesson), None)
    if lesson is None:
        return None
    player = play(lesson)
    _go(player, place)
    if inner is None:
        return lesson_at(player, place)
    if isinstance(inner, ShownBench):
        player.take(inner.session)
    else:
        player.lab = inner.training if isinstance(inner, ShownTrain) else inner.descent
    return _lesson(player, inner, place)


def _lesson(player: Player, inner: Inner | None, place: Place) -> ShownLesson:
    """With the text lying as it did."""
    drawer = place.drawer == "open" if place.drawer else None
    return ShownLesson.at(player, inner, drawer=drawer, turned=place.turned)


def as_it_stood(place: Place, lesson: Lesson) -> Player:
    """Somebody who plays a lesson in which all is over that was so. Raises ValueError."""
    progress = Progress()
    rows = ((name, *row) for name, row in place.states.items())
    noted = {name: StepRecord(Done(done), bool(over), seed, hints) for name, done, over, seed, hints in rows}
    progress.note(lesson.id, noted, place.step)
    player = Player(lesson, progress)
    for k, state in enumerate(player.states):
        if state.over and state.done is Done.DONE:  # which answer was right is not written down
            player.states[k] = replace(state, verdict=Verdict(True, ""))
    return player


def _go(player: Player, place: Place) -> None:
    """To the step of a place, with the numbers that it has there."""
    ids = [step.id for step in player.lesson.steps]
    if place.step in ids and ids.index(place.step) != player.index:
        player.go(ids.index(place.step))
    ask = player.step.ask
    if isinstance(ask, Predict) and ask.reroll is not None and player.state.seed != place.seed:
        player.again(place.seed)


def lesson_at(player: Player, place: Place = HOME) -> ShownLesson:
    """A lesson's step with its stage as new."""
    stage = player.step.stage
    inner: Inner | None = None
    try:
        session = player.session if stage is not None else None
    except PlayError:
        session = None
    if session is not None and stage is not None:
        match stage.lab:
            case "train":
                inner = _run(Training(session))
            case "descend":
                descent = Descent(session.experiment, [session.experiment] if stage.knobs else None)
                descent.step(session.address.step)
                _race(descent)
                inner = _inner(descent)
            case _:
                inner = ShownBench.at(session, View())
    return _lesson(player, inner, place)


def _inner(parts: Parts) -> Inner | None:
    if isinstance(parts, tuple):
        return ShownBench.at(*parts)
    if isinstance(parts, Descent):
        look = Look(window(parts))
        return ShownDescent.at(parts, look, letters_of(parts.plane, parts.objective.graph))
    return parts
