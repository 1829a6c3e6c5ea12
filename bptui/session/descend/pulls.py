"""One update taken apart: the samples picked, what each asks for, and the step that the optimiser makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.module import Module
from bptui.engine.modules.constants import Average
from bptui.engine.modules.costs import AbsoluteError, BinaryCrossEntropy, Cost, CrossEntropy, SquaredError
from bptui.engine.notation import symbol
from bptui.engine.program import Program
from bptui.session.descend.objective import flattened
from bptui.session.descend.race import Path
from bptui.session.experiment import Experiment

RESIDUALS: dict[type[Module], str] = {  # of a prediction {x} and a target {t}: what the cost compares
    SquaredError: "{x} − {t}",
    AbsoluteError: "{x} − {t}",
    BinaryCrossEntropy: "σ({x}) − {t}",
    CrossEntropy: "softmax({x}) − {t}",
}


@dataclass(frozen=True, eq=False)
class Residual:
    """How far off the predictions are: what it is called, and its values (n, *shape), one row a sample."""

    name: str
    values: Array


@dataclass(frozen=True, eq=False)
class Pulls:
    """The gradients of single samples at one parameter vector: `indices` (n,) and `gradients` (n, P)."""

    indices: Array
    gradients: Array
    residual: Residual | None


@dataclass(frozen=True, eq=False)
class Update:
    """An update of a path, as projected on its plane: all but indices and losses are (…, D).

    In a plane of entries the projection of a gradient is its partial derivatives. `pulls` are gradients of single
    samples' losses, (n, D), of the first n of `indices`; `share` times their sum over all samples (1/B for a mean),
    plus `penalty`, is `gradient`: that of the minibatch, as backward made it. `step` is what the optimiser did, so
    `after` = `before` + `step`. `rate` is the learning rate of this update, `losses` are J before and after.
    """

    number: int
    rate: float
    indices: Array
    pulls: Array
    residual: Residual | None
    share: float
    penalty: Array
    gradient: Array
    before: Array
    step: Array
    after: Array
    losses: tuple[float, float]


class SingleSample:
    """The graph of an experiment for one sample at a time, without penalties; bound once."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment.changed(batch=1, l1=0.0, l2=0.0, zero_gradients=True)
        graph = self.experiment.graph
        self.program = Program(graph, self.experiment.settings(1))
        phases = ("forward", "cost", "seed", "backward")
        self._run = [c.bound() for e in graph.events if e.phase in phases for c in self.program.calls[e.index]]
        costs = [node for node in graph.nodes if isinstance(node.module, Cost)]
        self._cost = costs[0] if len(costs) == 1 and type(costs[0].module) in RESIDUALS else None

    @np.errstate(all="ignore")
    def pulls(self, theta: Array, indices: Array, masks: Sequence[Sequence[Array]]) -> Pulls:
        """The gradient of each sample's own loss at θ, (P,). `masks` holds each sample's dropout masks."""
        state = self.program.state
        state.flat["parameters"][:] = theta
        gradients, residuals = np.empty((len(indices), state.size)), []
        for k in range(len(indices)):
            self.program.load(self.experiment.samples, indices[k : k + 1])
            for (_, buffer), mask in zip(self.program.draws, masks[k], strict=True):
                buffer[0] = mask
            for call in self._run:
                call()
            gradients[k] = state.flat["gradients"]
            if self._cost is not None:
                residuals.append(self._residual(self._cost))
        if self._cost is None:
            return Pulls(indices, gradients, None)
        x, t = map(symbol, self._cost.inputs)
        name = RESIDUALS[type(self._cost.module)].format(x=x, t=t)
        return Pulls(indices, gradients, Residual(name, np.array(residuals)))

    def _residual(self, cost: Node) -> Array:
        values, gradients = self.program.values, self.program.gradients
        prediction, target = cost.inputs
        if isinstance(cost.module, SquaredError | AbsoluteError):
            return np.array(values[prediction][0] - values[target][0])
        return np.array(gradients[prediction][0] / gradients[cost.outputs[0]])


class Explainer:
    """Takes updates of a path apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._single = SingleSample(path.racer.experiment)

    def update(self, number: int, at_most: int | None = None) -> Update:
        """The update that leads from place `number` to the next, with the pulls of the first `at_most` samples.

        The path must have got that far. The training step is run again, by the tape.
        """
        path, plane, experiment = self.path, self.path.plane, self.path.racer.experiment
        record = path.session.history.record(0, number)
        program, state = record.program, record.program.state
        theta, after = record.before[: state.size].copy(), state.flat["parameters"].copy()
        shown = record.indices[:at_most]
        masks = [[buffer[k] for _, buffer in program.draws] for k in range(len(shown))]
        pulls = self._single.pulls(theta, shown, masks)
        averaged = any(isinstance(node.module, Average) for node in program.graph.nodes)
        made = [p.name for p in program.graph.parameters if p.name in program.gradients]  # others lead nowhere
        gradient = flattened(state, {name: program.gradients[name] for name in made})
        return Update(
            number,
            experiment.lr * experiment.schedule.factor(number),
            record.indices.copy(),
            plane.along(pulls.gradients),
            pulls.residual,
            1.0 / len(record.indices) if averaged else 1.0,
            plane.along(_penalty(program)),
            plane.along(gradient),
            path.positions[number],
            plane.along(after - theta),
            path.positions[number + 1],
            (float(path.losses[number]), float(path.losses[number + 1])),
        )


def _penalty(program: Program) -> Array:
    """What penalties add to the gradient, (P,): that of the copies of parameters which they read."""
    graph, total = program.graph, np.zeros(program.state.size)
    for node in graph.nodes:
        if node.module.role == "penalty":
            for name in node.inputs:
                total[program.state.place(graph.copy_of.get(name, name))] += program.gradients[name].ravel()
    return total
