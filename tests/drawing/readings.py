"""Readings for tests: one recorded training step, seen at any event, with what is not known yet kept back."""

from __future__ import annotations

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph, wire
from bptui.engine.initialisation import initial_parameters
from bptui.engine.net import Net
from bptui.engine.optimisers import SGD, Optimiser
from bptui.engine.program import Settings
from bptui.engine.tape import Tape


class Recorded:
    """A finished training step of a net on random samples, read as if the cursor stood at one of its events."""

    def __init__(
        self,
        net: Net | Graph,
        *,
        batch: int = 1,
        sample: int = 0,
        cursor: int = 0,
        optimiser: Optimiser | None = None,
        parameters: dict[str, object] | None = None,
        given: dict[str, object] | None = None,
        seed: int = 7,
        hidden: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.graph = net if isinstance(net, Graph) else wire(net)
        self.batch, self.sample, self.cursor, self.hidden = batch, sample, cursor, hidden
        self._tape = Tape(self.graph, Settings(batch=batch, optimiser=optimiser or SGD(), seed=seed))
        state = self._tape.state
        for name, values in {**initial_parameters(self.graph, "torch", 1.0, seed), **(parameters or {})}.items():
            state.parameters[name][...] = values
        chance = np.random.default_rng(seed)
        samples = {v.name: chance.normal(size=(batch, *v.shape)).round(1) for v in self.graph.inputs}
        for v in self.graph.targets:
            samples[v.name] = chance.normal(size=(batch, *v.shape)).round(1)
            if v.classes:
                samples[v.name] = np.eye(v.shape[0])[chance.integers(v.shape[0], size=batch)]
        samples |= {name: np.asarray(values, float) for name, values in (given or {}).items()}
        self._tape.step(samples, np.arange(batch), 0)
        self._made = {v.name: -1 for v in self.graph.parameters} | dict.fromkeys(samples, 0)
        self._reached = {self.graph.loss: next(e.index for e in self.graph.events if e.phase == "seed")}
        for event in self.graph.events:
            if event.node is None:
                continue
            node = self.graph.node[event.node]
            if event.phase == "backward":
                self._reached |= dict.fromkeys((*node.inputs, *node.parameters.values()), event.index)
            else:
                self._made |= dict.fromkeys(node.outputs, event.index)
        for copy, original in self.graph.copy_of.items():
            self._made[copy] = -1
            self._reached[original] = max(self._reached.get(original, 0), self._reached.get(copy, 0))
        self._moved = {e.parameter: e.index for e in self.graph.events if e.parameter}

    def at(self, cursor: int) -> Recorded:
        """This reading, moved."""
        self.cursor = cursor
        return self

    def _of_sample(self, name: str, whole: Array | None) -> Array | None:
        if whole is None or not self.graph.variables[name].batched:
            return whole
        return whole[self.sample]

    def value(self, name: str) -> Array | None:
        return self._of_sample(name, self.batch_value(name))

    def gradient(self, name: str) -> Array | None:
        return self._of_sample(name, self.batch_gradient(name))

    def batch_value(self, name: str) -> Array | None:
        if self._made[name] > self.cursor:
            return None
        original = self.graph.copy_of.get(name, name)
        if original in self._moved and self._moved[original] > self.cursor:
            return self.before(original)
        return self._tape.program.values[name]

    def batch_gradient(self, name: str) -> Array | None:
        return self._tape.program.gradients.get(name) if self._reached.get(name, 1 << 30) <= self.cursor else None

    def before(self, parameter: str) -> Array:
        return self._tape.state.views("parameters", self._tape.before)[parameter]

    def slots(self, parameter: str) -> dict[str, Array]:
        slots = self._tape.program.settings.optimiser.slots
        return {slot: self._tape.state.view(slot, parameter) for slot in slots}

    def drawn(self, node: str) -> tuple[Array, ...]:
        site = self._tape.program.sites[node]
        return tuple(fills[self.sample] for _, fills in site.draws)
