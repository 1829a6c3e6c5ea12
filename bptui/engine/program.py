"""A graph bound to buffers: for every event, the NumPy calls that do it. Tape and plan both run these.

Within one training step every buffer is filled by exactly one event (only the state changes more often), so the
buffers of a finished step are its record, and what is known at an event is what the events up to it have filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from bptui.engine.buffers import Array, new_buffer
from bptui.engine.graph import Event, Graph, Node
from bptui.engine.optimisers import SGD, Optimiser, Update
from bptui.engine.schedules import Constant, Schedule
from bptui.engine.site import Call, Site
from bptui.engine.state import State


@dataclass(frozen=True)
class Settings:
    """What a program needs to know beside its graph.

    `rate` is the base learning rate η. `zero_gradients` off means that backward adds to the old gradients, as in a
    PyTorch loop that forgets `zero_grad()`. `decay` and `threshold` are per-parameter rates (AdamW, proximal L1).
    `features_first` lays the batch axis last in memory; it is faster for wide batches, and not bit-equal.
    """

    batch: int = 1
    dtype: Any = np.float64
    optimiser: Optimiser = field(default_factory=SGD)
    rate: float = 0.1
    schedule: Schedule = field(default_factory=Constant)
    seed: int = 0
    training: bool = True
    zero_gradients: bool = True
    decay: Mapping[str, float] = field(default_factory=dict)
    threshold: Mapping[str, float] = field(default_factory=dict)
    features_first: bool = False


class Feed:
    """How samples get into the buffer of an input or a target.

    `buffer` is contiguous, and `axis` counts its samples. A data set is taken to stay as it is: features-first, its
    turned copy is made once.
    """

    def __init__(self, buffer: Array) -> None:
        self.axis = 0 if buffer.flags.c_contiguous else buffer.ndim - 1
        self.buffer = np.moveaxis(buffer, 0, self.axis)
        self._rows = self._turned = np.empty(0)

    def turned(self, rows: Array) -> Array:
        """A data set, (N, *shape), laid out as the buffer is."""
        if self.axis == 0:
            return rows
        if rows is not self._rows:
            self._rows, self._turned = rows, np.ascontiguousarray(np.moveaxis(rows, 0, -1))
        return self._turned


class Program:
    """All buffers of one graph for one batch size, and the calls of each event, bound to them.

    `values` and `gradients` map variable names to buffers: (B, *shape) if batched, else (*shape). Buffers of
    parameters and of their gradients are views of `state`. Without `data_gradients`, the gradients that only reach
    inputs are left out.
    """

    def __init__(
        self, graph: Graph, settings: Settings, state: State | None = None, *, data_gradients: bool = True
    ) -> None:
        self.graph, self.settings = graph, settings
        self.state = state or State(graph, settings.optimiser, settings.dtype)
        self.values: dict[str, Array] = dict(self.state.parameters)
        self.gradients: dict[str, Array] = {}
        self.sites: dict[str, Site] = {}
        self.rate = np.array(settings.rate, settings.dtype)
        self.clock = {name: np.zeros((), settings.dtype) for name in settings.optimiser.clock}
        self._wanted = graph.differentiable if data_gradients else self._from_parameters()
        given = [variable.name for variable in (*graph.inputs, *graph.targets)]
        for name in given:
            self.values[name] = self._new(name)
        for node in graph.nodes:
            self._place_values(node)
        for node in reversed(graph.nodes):
            self._place_gradients(node)
        self.draws: list[tuple[Callable[[int], None], Array]] = []
        self._scratch: dict[str, Array] = {}
        forward, backward = {}, {}
        for node in graph.nodes:
            site = self.sites[node.name]
            node.module.forward(site)
            forward[node.name], site.calls = site.calls, []
            if graph.reached(node):
                node.module.backward(site)
            if not settings.zero_gradients:
                site.calls += self._accumulation(node)
            backward[node.name], site.calls = site.calls, []
            self.draws += site.draws
        self.calls = self._by_event(forward, backward)
        self.feeds = {name: Feed(self.values[name]) for name in given}
        self.prepares = bool(self.draws or self.clock or type(settings.schedule) is not Constant)

    # -- running

    def begin_step(self, step: int, age: int | None = None) -> None:
        """Set what depends on the step alone: the learning rate, the optimiser's clock, dropout's masks.

        `age` counts the steps of this optimiser, where it was changed in the middle of a run.
        """
        settings = self.settings
        if type(settings.schedule) is not Constant:
            self.rate[()] = settings.rate * settings.schedule.factor(step)
        if self.clock:
            settings.optimiser.tick(step if age is None else age, self.clock)
        for draw, _ in self.draws:
            draw(step)

    def load(self, samples: Mapping[str, Array], indices: Array) -> None:
        """Fill the buffers of inputs and targets with the samples of a minibatch, (N, *shape) by name."""
        for name, feed in self.feeds.items():
            feed.turned(samples[name]).take(indices, feed.axis, feed.buffer, "clip")

    # -- binding

    def _from_parameters(self) -> frozenset[str]:
        """Differentiable variables that depend on a parameter: all that training needs."""
        after = {p.name for p in self.graph.parameters}
        for node in self.graph.nodes:
            if after & {*node.inputs, *node.parameters.values()}:
                after |= set(node.outputs)
        return self.graph.differentiable & after

    def _new(self, name: str) -> Array:
        variable, settings = self.graph.variables[name], self.settings
        batch = settings.batch if variable.batched else None
        return new_buffer(variable.shape, batch, settings.dtype, settings.features_first)

    def _place_values(self, node: Node) -> None:
        settings, values = self.settings, self.values
        inputs = [values[name] for name in node.inputs]
        for name in node.outputs:
            view = inputs[0] if node.collapsed else node.module.alias(inputs[0])
            values[name] = self._new(name) if view is None else view
        self.sites[node.name] = Site(
            node.name,
            settings.batch,
            self.rate.dtype,
            inputs,
            [values[name] for name in node.outputs],
            parameters={local: values[name] for local, name in node.parameters.items()},
            training=settings.training,
            seed=settings.seed,
            features_first=settings.features_first,
        )

    def _place_gradients(self, node: Node) -> None:
        site, gradients = self.sites[node.name], self.gradients
        for name in node.outputs:
            if name not in gradients:
                gradients[name] = self._new(name)
        site.grad_outputs = tuple([gradients[name] for name in node.outputs])
        for k, name in enumerate(node.inputs):
            if name in self._wanted:
                gradients[name] = self._new_gradient(name, node, k)
        site.grad_inputs = tuple([gradients.get(name) for name in node.inputs])
        for name in node.parameters.values():
            gradients[name] = self._new_gradient(name, node, None)
        site.grad_parameters = {local: gradients[name] for local, name in node.parameters.items()}

    def _new_gradient(self, name: str, node: Node, position: int | None) -> Array:
        if name in self.state.gradients and self.settings.zero_gradients:
            return self.state.gradients[name]
        renamed = None if position is None else node.module.alias(self.values[name])
        if renamed is not None:  # the input's gradient is a view of the output's, with the input's shape
            dy = self.gradients[node.outputs[0]]
            if dy.flags.c_contiguous:
                return dy.reshape(self.values[name].shape)
            return np.moveaxis(dy.T.reshape(*self.values[name].shape[1:], dy.shape[0]), -1, 0)
        return self._new(name)

    def _accumulation(self, node: Node) -> list[Call]:
        """Without zeroing, the calls that add this node's parameter gradients to the old ones."""
        made = [n for n in (*node.inputs, *node.parameters.values()) if n in self.state.gradients and n in self._wanted]
        totals = self.state.gradients
        return [Call(np.add, (totals[name], self.gradients[name]), totals[name], {}) for name in made]

    def update_calls(self, place: slice) -> list[Call]:
        """The calls that move one stretch of the flat parameter vector."""
        at = Update(self._flat, self._scratch, place, self.rate, self.clock)
        self.settings.optimiser.update(at)
        return at.calls

    @cached_property
    def _flat(self) -> dict[str, Array]:
        """The vectors that an update reads and writes."""
        settings = self.settings
        rates = {"decay": self._rates(settings.decay), "threshold": self._rates(settings.threshold)}
        return self.state.flat | rates

    def _rates(self, by_name: Mapping[str, float]) -> Array:
        if not any(by_name.values()):  # of no entry: nothing as large as the parameters is made for that
            return np.broadcast_to(np.zeros((), self.settings.dtype), self.state.size)
        rates = np.zeros(self.state.size, self.settings.dtype)
        for name, rate in by_name.items():
            rates[self.state.place(name)] = rate
        return rates

    def _by_event(self, forward: dict[str, list[Call]], backward: dict[str, list[Call]]) -> list[list[Call]]:
        """The calls of each event; a collapsed Duplicate's sum rides with the event that makes its last addend."""
        graph = self.graph
        calls = [self._of_event(event, forward, backward) for event in graph.events]
        for node in graph.nodes:
            if node.collapsed:
                last = graph.summed(node)
                if last >= 0:
                    calls[last] += backward[node.name]
        return calls

    def _of_event(self, event: Event, forward: dict[str, list[Call]], backward: dict[str, list[Call]]) -> list[Call]:
        if event.node is not None:
            return (backward if event.phase == "backward" else forward)[event.node]
        if event.parameter is not None:
            return self.update_calls(self.state.place(event.parameter))
        if event.phase == "zero" and self.settings.zero_gradients:
            return [Call(np.positive, (np.zeros((), self.settings.dtype),), self.state.flat["gradients"], {})]
        if event.phase == "seed":
            seed = self.gradients.setdefault(self.graph.loss, self._new(self.graph.loss))
            return [Call(np.positive, (np.ones((), self.settings.dtype),), seed, {})]
        return []
