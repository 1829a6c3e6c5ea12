"""One instant of a run: what is known when an event has just happened. All that a view reads."""

from __future__ import annotations

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Event, Graph
from bptui.session.experiment import Experiment
from bptui.session.runner import Record
from bptui.session.written import Written


class Moment:
    """The training step of a record, as far as it is known at event `cursor`; a `Reading` for views.

    Valid until the session moves. `hidden` is what must not be shown yet (see `Reading`).
    """

    def __init__(
        self,
        experiment: Experiment,
        record: Record,
        known: Written,
        cursor: int,
        sample: int = 0,
        hidden: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.experiment, self.record, self.cursor, self.hidden = experiment, record, cursor, hidden
        self.batch = record.program.settings.batch
        self.sample = min(sample, self.batch - 1)
        self._known, self._program = known, record.program

    def without(self, hidden: frozenset[tuple[str, str]]) -> Moment:
        """The same moment for somebody who must not see something yet."""
        if not hidden:
            return self
        return Moment(self.experiment, self.record, self._known, self.cursor, self.sample, hidden)

    @property
    def graph(self) -> Graph:
        return self._program.graph

    @property
    def event(self) -> Event:
        """The event that has just happened."""
        return self.graph.events[self.cursor]

    @property
    def rate(self) -> float:
        """The learning rate η of this step."""
        return self.experiment.lr * self.experiment.schedule.factor(self.record.clock.step)

    @property
    def loss(self) -> float | None:
        """The loss at the end of the graph, once it is computed; a program that stops has none."""
        if self.graph.halts:
            return None
        value = self.batch_value(self.graph.loss)
        return None if value is None else float(value)

    def value(self, name: str) -> Array | None:
        return self._one(name, self.batch_value(name))

    def gradient(self, name: str) -> Array | None:
        return self._one(name, self.batch_gradient(name))

    def batch_value(self, name: str) -> Array | None:
        name = self.graph.copy_of.get(name, name)
        if ("value", name) in self.hidden:
            return None
        updated = self._known.update.get(name)
        if updated is None:
            if self.cursor < self._known.value[name]:
                return None
        elif self.cursor < updated or ("update", name) in self.hidden:
            return self._program.state.view("parameters", name, self.record.before)
        for poke, former in self.record.overwritten:
            if poke.name == name and self.cursor < poke.after:
                return former
        return self._program.values[name]

    def batch_gradient(self, name: str) -> Array | None:
        made = self._known.gradient.get(name)
        if made is None or ("grad", name) in self.hidden:
            return None
        if name not in self._known.update:
            return self._program.gradients[name] if self.cursor >= made else None
        if self.cursor >= made:
            return self._program.state.gradients[name]
        before = self._program.state.view("gradients", name, self.record.before)
        zeroed = self.cursor >= self._known.zero and self.experiment.zero_gradients
        return np.zeros_like(before) if zeroed else before

    def before(self, parameter: str) -> Array:
        return self._program.state.view("parameters", parameter, self.record.before)

    def gradient_before(self, parameter: str) -> Array:
        """A parameter's gradient as it was when this training step began; without zeroing, backward adds to it."""
        return self._program.state.view("gradients", parameter, self.record.before)

    def gradient_made(self, name: str) -> bool:
        """Whether backward has made this gradient in this training step."""
        known = name in self._known.gradient and self.cursor >= self._known.gradient[name]
        return known and ("grad", name) not in self.hidden

    def slots(self, parameter: str) -> dict[str, Array]:
        state = self._program.state
        done = self.cursor >= self._known.update[parameter]
        vector = state.vector if done else self.record.before
        return {name: state.view(name, parameter, vector) for name in self.experiment.optimiser.slots}

    def drawn(self, node: str) -> tuple[Array, ...]:
        """What a module drew by chance in this step (dropout's mask), for this sample."""
        return tuple(buffer[self.sample] for _, buffer in self._program.sites[node].draws)

    def _one(self, name: str, values: Array | None) -> Array | None:
        return values[self.sample] if values is not None and self.graph.variables[name].batched else values
