"""The tape: one training step, event by event, every value kept. For stepping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.program import Program, Settings
from bptui.engine.state import State


class Tape:
    """Runs a graph one event at a time.

    After a step, `program` holds its record, and `before` the state that it began with.
    """

    def __init__(self, graph: Graph, settings: Settings, state: State | None = None) -> None:
        self.program = Program(graph, settings, state, data_gradients=True)
        self._events: list[list[Callable[[], Any]]] = [[c.bound() for c in calls] for calls in self.program.calls]

    @property
    def state(self) -> State:
        return self.program.state

    @cached_property
    def _own(self) -> Array:
        return np.empty_like(self.state.vector)

    def begin(
        self,
        samples: Mapping[str, Array],
        indices: Array,
        step: int,
        age: int | None = None,
        before: Array | None = None,
    ) -> None:
        """Start a training step: keep the state, and pick the minibatch.

        `before` is a copy of the state's vector, where there is one already that nobody writes to.
        """
        if before is None:
            before = self._own
            before[:] = self.state.vector
        self.before: Array = before
        self.program.begin_step(step, age)
        self.program.load(samples, indices)

    def run(self, start: int = 0, stop: int | None = None) -> None:
        """Run the events from `start` up to `stop` (not included; None runs to the end of the step)."""
        for calls in self._events[start:stop]:
            for call in calls:
                call()

    def step(self, samples: Mapping[str, Array], indices: Array, step: int, age: int | None = None) -> float:
        """Run one whole training step and return its loss."""
        self.begin(samples, indices, step, age)
        self.run()
        return float(self.program.values[self.program.graph.loss])
