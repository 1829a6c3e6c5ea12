"""The loss of an experiment as a function of its parameters: J(θ) over all training samples, by the engine's calls."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bptui.data.samples import nested
from bptui.engine.buffers import Array
from bptui.engine.optimisers import SGD
from bptui.engine.program import Program
from bptui.engine.state import State
from bptui.session.experiment import Experiment


class Objective:
    """J(θ) and its gradient; θ is the vector of all parameters, (P,), in the graph's order.

    J is what full-batch training minimises: the cost of all training samples with the experiment's reduction, plus
    its penalties, in float64. Dropout is off, as in evaluation. Under the proximal optimiser L1 counts too. It has one
    set of buffers: to be asked from one thread at a time.

    Raises ValueError if the experiment cannot be run.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment.changed(
            batch=experiment.count,
            optimiser=SGD(),
            dropout=0.0,
            training=False,
            zero_gradients=True,
            dtype="float64",
            layout="rows",
        ).validated()
        self.graph, self.count = self.experiment.graph, self.experiment.count
        self.program = Program(self.graph, self.experiment.settings(self.count), data_gradients=False)
        self.program.load(self.experiment.samples, np.arange(self.count))
        self.size = self.program.state.size
        self.start = flattened(self.program.state, self.experiment.initial())
        self._theta = self.program.state.flat["parameters"]
        self._loss = self.program.values[self.graph.loss]
        penalties = [node for node in self.graph.nodes if node.module.role == "penalty"]
        self._penalties = [self.program.values[name] for node in penalties for name in node.outputs]
        names = {node.name for node in penalties}
        self._forward = self._bound("forward", "cost")
        self._backward = self._bound("seed", "backward")
        self._penalise = self._bound("forward", "cost", only=names)

    @np.errstate(all="ignore")
    def value(self, theta: Array) -> float:
        """J at θ, (P,). What overflows is inf or NaN."""
        self.run(theta)
        return float(self._loss)

    @np.errstate(all="ignore")
    def values(self, thetas: Array) -> Array:
        """J at each row of (n, P)."""
        losses = np.empty(len(thetas))
        for k, theta in enumerate(thetas):
            self.run(theta)
            losses[k] = self._loss
        return losses

    @np.errstate(all="ignore")
    def gradient(self, theta: Array) -> tuple[float, Array]:
        """J and ∂J/∂θ, (P,), at θ."""
        self.run(theta)
        for call in self._backward:
            call()
        return float(self._loss), self.program.state.flat["gradients"].copy()

    @np.errstate(all="ignore")
    def penalty(self, theta: Array) -> float:
        """What the penalties alone add to J at θ."""
        self._theta[:] = theta
        for call in self._penalise:
            call()
        return float(sum(self._penalties))

    def run(self, theta: Array) -> None:
        """Run the forward pass at θ: `program.values` then holds every variable, for all samples."""
        self._theta[:] = theta
        for call in self._forward:
            call()

    def _bound(self, *phases: str, only: set[str] | None = None) -> list[partial[Any]]:
        events = [e for e in self.graph.events if e.phase in phases and (only is None or e.node in only)]
        return [call.bound() for event in events for call in self.program.calls[event.index]]


def flattened(state: State, parameters: dict[str, Array]) -> Array:
    """Parameters by name as one vector, (P,); 0 for those left out."""
    theta = np.zeros(state.size)
    for name, values in parameters.items():
        theta[state.place(name)] = values.ravel()
    return theta


def begun_at(experiment: Experiment, theta: Array) -> Experiment:
    """The same experiment with θ, (P,), as its first parameters."""
    parameters, start = [], 0
    for parameter in experiment.graph.parameters:
        size = int(np.prod(parameter.shape))
        parameters.append((parameter.name, nested(theta[start : start + size].reshape(parameter.shape))))
        start += size
    return replace(experiment, parameters=tuple(parameters))
