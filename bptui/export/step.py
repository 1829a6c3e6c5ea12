"""The training step that an export writes down: the first one of an experiment, run, with all its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.modules.halt import Halt
from bptui.session.experiment import Experiment
from bptui.session.runner import Runner


class ExportError(ValueError):
    """An experiment that cannot be written in the form that was asked for. One line: what, and why."""


@dataclass(frozen=True)
class TrainingStep:
    """The numbers of one step; batched arrays are (B, *shape).

    `values` are those of all variables but parameters, `gradients` those of every variable that has one, shared ones
    summed. `before` and `after` are the parameters, `masks` what each Dropout drew, by node.
    """

    experiment: Experiment
    values: dict[str, Array]
    gradients: dict[str, Array]
    before: dict[str, Array]
    after: dict[str, Array]
    masks: dict[str, Array]
    batch: int

    @property
    def graph(self) -> Graph:
        return self.experiment.graph


@np.errstate(all="ignore")
def first_step(experiment: Experiment) -> TrainingStep:
    """The first training step. Raises ExportError if there is none, or if one of its numbers is not finite."""
    stop = next((node for node in experiment.graph.nodes if isinstance(node.module, Halt)), None)
    if stop is not None:
        raise ExportError(f"the program stops at {stop.name}: {stop.module.settings()['problem']}")
    runner = Runner(experiment.validated())
    runner.restore(runner.beginning())
    record = runner.record()
    program, graph = record.program, experiment.graph
    step = TrainingStep(
        experiment,
        {name: program.values[name] for name in graph.variables if name not in program.state.parameters},
        {name: program.gradients[name] for name in graph.variables if name in graph.differentiable},
        program.state.views("parameters", record.before),
        dict(program.state.parameters),
        {name: site.draws[0][1] for name, site in program.sites.items() if site.draws},
        program.settings.batch,
    )
    groups = (step.before, step.values, {f"d{name}": array for name, array in step.gradients.items()}, step.after)
    for name, array in (pair for group in groups for pair in group.items()):
        if not np.isfinite(array).all():
            raise ExportError(f"{name} is not finite in the first step: there is no number that a program could check")
    return step
