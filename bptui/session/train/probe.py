"""What is measured of a run at one instant: losses, accuracies, and each layer's weights, gradients and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite, sqrt
from typing import Any

import numpy as np

from bptui.data.minibatches import Clock
from bptui.engine.buffers import Array
from bptui.engine.graph import Graph, Node
from bptui.engine.jacobian import response
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.program import Program
from bptui.engine.site import Site
from bptui.session.experiment import Experiment
from bptui.session.train.facts import Facts, facts
from bptui.session.train.predict import evaluated

FLAT = 0.04  # of a non-linearity's steepest slope: below that a unit counts as saturated


@dataclass(frozen=True)
class Score:
    """How well a set of samples is met. `loss` is the mean cost, penalties left out; no accuracy without classes."""

    loss: float
    accuracy: float | None


@dataclass(frozen=True)
class Weights:
    """One weight or bias: its norm, its gradient's norm over the whole training set, and its entries at exactly 0."""

    name: str
    norm: float
    gradient: float
    zeros: int
    size: int

    @property
    def rms(self) -> float:
        """The root mean square of the gradient's entries."""
        return self.gradient / sqrt(self.size)

    @property
    def relative(self) -> float:
        """The gradient's norm in norms of the weight itself."""
        return self.gradient / self.norm if self.norm else 0.0


@dataclass(frozen=True)
class Units:
    """The units of one non-linearity, over the whole training set.

    `dead` are those whose slope is 0 for every sample. `saturated` is the share of (sample, unit) pairs whose slope is
    below 4 % of the steepest one. `mean_square` is E[z²]. `kind` is that of the non-linearity, `bounded` whether it has
    limits; its inputs are made by the module `maker`.
    """

    name: str
    kind: str
    bounded: bool
    maker: str
    size: int
    dead: tuple[int, ...]
    saturated: float
    mean_square: float


@dataclass(frozen=True)
class Probe:
    """A run at the beginning of a training step. `epoch` counts with its fraction.

    `spread` is how far the scores of any training sample are from the first one's, at most. `lean` is the gradient of
    the last layer's biases (K,): how much the mean probability of a class exceeds its share; empty without classes.
    `facts` are those of the experiment that was in force.
    """

    step: int
    epoch: float
    train: Score
    validation: Score | None
    weights: tuple[Weights, ...]
    units: tuple[Units, ...]
    spread: float
    lean: tuple[float, ...]
    facts: Facts = field(compare=False, repr=False)

    @cached_property
    def squares(self) -> float:
        """‖w‖² of all weights, biases left out."""
        return sum(w.norm**2 for w in self.weights if not w.name.endswith(".bias"))

    @property
    def gradient(self) -> float:
        """The norm of the whole gradient."""
        return float(np.sqrt(sum(w.gradient**2 for w in self.weights)))

    @cached_property
    def finite(self) -> bool:
        """Whether loss and weights are all numbers."""
        return isfinite(self.train.loss) and all(isfinite(w.norm) for w in self.weights)

    @cached_property
    def matrices(self) -> tuple[Weights, ...]:
        """The weights from the first layer to the last, biases left out."""
        return tuple(w for w in self.weights if w.name.endswith(".weight"))

    @cached_property
    def passed(self) -> float:
        """How much of the last layer's gradient the first one gets, by the root mean square of an entry."""
        if len(self.matrices) < 2 or not self.matrices[-1].gradient:
            return 1.0
        return self.matrices[0].rms / self.matrices[-1].rms

    @cached_property
    def heaviest(self) -> Weights | None:
        """The weights whose gradient is largest beside themselves."""
        return max(self.matrices, key=lambda w: w.relative, default=None)


class Prober:
    """Measures an experiment's run, given its parameters; each set of samples passes the net as one batch."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._train = _Pass(experiment, experiment.samples, backward=True)
        held_out = experiment.held_out
        some = len(next(iter(held_out.values()))) > 0
        self._validation = _Pass(experiment, held_out, backward=False) if some else None
        self._slopes = [
            _Slope(node, self._train.graph, self._train.program)
            for node in self._train.graph.nodes
            if isinstance(node.module, Pointwise)
        ]
        self.facts = facts(experiment, self._train.graph, self._train.prediction)

    @property
    def gradients(self) -> dict[str, Array]:
        """The gradients of the latest probe, over the whole training set; valid until the next."""
        return self._train.program.state.gradients

    def predictions(self) -> tuple[Array, Array]:
        """The predicted class of each training and each validation sample at the latest probe; empty without any."""
        return self._train.predicted(), self._validation.predicted() if self._validation else np.empty(0, int)

    def probe(self, clock: Clock, parameters: Mapping[str, Array]) -> Probe:
        """Measure the run where it stands. `parameters` by name, as the run has them."""
        with np.errstate(all="ignore"):
            train = self._train.score(parameters)
            validation = self._validation.score(parameters) if self._validation else None
            weights = tuple(self._weights(name, values) for name, values in parameters.items())
            units = tuple(slope.units() for slope in self._slopes)
            spread = self._train.spread()
        epoch = clock.epoch + clock.offset / self._experiment.count
        bias = self.facts.last_bias if self.facts.shares else None
        lean = tuple((self.gradients[bias] * self._train.share).tolist()) if bias else ()
        return Probe(clock.step, epoch, train, validation, weights, units, spread, lean, self.facts)

    def _weights(self, name: str, values: Array) -> Weights:
        gradient = self.gradients[name]
        return Weights(name, _norm(values), _norm(gradient), values.size - int(np.count_nonzero(values)), values.size)


class _Pass:
    """A set of samples on its way through a net, whole."""

    def __init__(self, experiment: Experiment, samples: Mapping[str, Array], *, backward: bool) -> None:
        self.count = len(next(iter(samples.values())))
        plain = evaluated(experiment, self.count)
        self.graph: Graph = plain.graph
        self.program = program = Program(self.graph, plain.settings(self.count), data_gradients=False)
        self.program.load(samples, np.arange(self.count))
        phases = ("forward", "cost", "seed", "backward") if backward else ("forward", "cost")
        wanted = [event.index for event in self.graph.events if event.phase in phases]
        self._calls = [call.bound() for index in wanted for call in program.calls[index]]
        cost = next(node for node in self.graph.nodes if isinstance(node.module, Cost))
        assert isinstance(cost.module, Cost)
        self.prediction = cost.inputs[0]
        self._scores = program.values[self.prediction]
        target = program.values[cost.inputs[1]] if len(cost.inputs) > 1 else None
        knows = cost.module.probabilities(self._scores[:1]) is not None
        self._classes = target.argmax(axis=1) if knows and target is not None else None
        self.share = 1.0 / self.count if experiment.reduction == "sum" else 1.0

    def score(self, parameters: Mapping[str, Array]) -> Score:
        for name, values in parameters.items():
            self.program.state.parameters[name][...] = values
        for call in self._calls:
            call()
        loss = float(self.program.values[self.graph.loss]) * self.share
        return Score(loss, None if self._classes is None else float((self.predicted() == self._classes).mean()))

    def spread(self) -> float:
        """How far the scores of any sample are from the first one's, at most."""
        return float(np.abs(self._scores - self._scores[0]).max())

    def predicted(self) -> Array:
        """The class with the largest score for each sample, (N,); empty if the target is no class."""
        return np.empty(0, int) if self._classes is None else self._scores.argmax(axis=1)


class _Slope:
    """The slopes of one non-linearity: what its own backward makes of ones."""

    def __init__(self, node: Node, graph: Graph, program: Program) -> None:
        forward = program.sites[node.name]
        self._y = forward.y
        maker = graph.variables[node.inputs[0]].maker or node.inputs[0]
        self._named = node.name, node.module.title or node.module.kind, node.module.limits is not None, maker
        x = forward.x
        site = Site(node.name, len(x), x.dtype, [x], [forward.y])
        self._slope = np.zeros_like(x)
        site.grad_inputs, site.grad_outputs = (self._slope,), (np.ones_like(x),)
        node.module.forward(site)  # only to make what it saves; y holds the same afterwards
        node.module.backward(site)
        self._calls: list[Callable[[], Any]] = [call.bound() for call in site.calls]
        self._steepest = _steepest(node)

    def units(self) -> Units:
        for call in self._calls:
            call()
        slopes = np.abs(self._slope.reshape(len(self._slope), -1))
        dead = np.flatnonzero(~slopes.any(axis=0))
        flat = float((slopes < FLAT * self._steepest).mean())
        y = self._y.ravel()
        return Units(*self._named, slopes.shape[1], tuple(dead.tolist()), flat, float(y.dot(y)) / y.size)


def _steepest(node: Node) -> float:
    """The steepest slope of a non-linearity, by trying a range of inputs."""
    return float(np.abs(response(node.module, np.linspace(-8.0, 8.0, 161))[1]).max())


def _norm(values: Array) -> float:
    flat = values.ravel()
    return float(np.sqrt(flat.dot(flat)))
