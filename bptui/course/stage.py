"""From a stage in a file to a session: the experiment with the stage's numbers, at the stage's place."""

from __future__ import annotations

from dataclasses import replace

from bptui.course.lesson import Stage, Values
from bptui.course.place import PlaceError
from bptui.data.samples import Data
from bptui.engine.buffers import Shape
from bptui.engine.net import Net
from bptui.session.actions import ActionError, Jump, ShowSample
from bptui.session.experiment import Experiment
from bptui.session.knobs import turned
from bptui.session.session import Session
from bptui.sources.labs import DESCEND, PRACTICUM, TRAIN, lab
from bptui.sources.presets import preset

MOST_NUMBERS = 2_000_000  # of all variables of one minibatch: an untrusted lesson may not ask for more


class StageError(ValueError):
    """A stage that cannot be set up. One line."""


def experiment_of(stage: Stage) -> Experiment:
    """The experiment of a stage, with its numbers and knobs. Raises StageError."""
    try:
        return _built(stage)
    except ValueError as error:  # of names, knobs, data and nets alike
        raise StageError(str(error)) from None


def _built(stage: Stage) -> Experiment:
    experiment = _named(stage)
    if stage.samples:
        known = experiment.data.given if experiment.data.kind == "given" else ()
        names = {given.name for given in experiment.net.given}
        for name, _ in stage.samples:
            if name not in names:
                raise StageError(f"samples: {name!r} is no input or target (there are {', '.join(sorted(names))})")
        given = dict(known) | dict(stage.samples)
        experiment = experiment.changed(data=replace(Data("given"), given=tuple(given.items())))
    if stage.parameters:
        experiment = experiment.changed(parameters=_together(experiment.parameters, stage.parameters))
    for name, text in stage.knobs:
        experiment = turned(experiment, name, text)
    sizes = (_size(v.shape) * (experiment.batch if v.batched else 1) for v in experiment.graph.variables.values())
    if (total := sum(sizes)) > MOST_NUMBERS:
        raise StageError(f"one minibatch has {total} numbers, wants at most {MOST_NUMBERS}")
    return experiment.validated()


def _together(before: Values, own: Values) -> Values:
    return tuple((dict(before) | dict(own)).items())


def _named(stage: Stage) -> Experiment:
    if isinstance(stage.net, Net):
        return Experiment(stage.net, shuffle=False)
    if stage.lab == "step":
        return preset(stage.net)
    return lab(DESCEND if stage.lab == "descend" else TRAIN | PRACTICUM, stage.net)


def _size(shape: Shape) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size


def opened(stage: Stage) -> Session:
    """A session that stands where the stage says. Raises StageError."""
    session = Session(experiment_of(stage))
    try:
        event = stage.at.event(session.graph) if stage.at else 0
        if stage.step or event:
            session.apply(Jump(stage.step, event))
        if stage.sample:
            session.apply(ShowSample(stage.sample))
    except (ActionError, PlaceError) as error:
        raise StageError(str(error)) from None
    return session
