"""What training carries from one step to the next, as one flat vector: a checkpoint is one copy."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

from bptui.engine.buffers import CACHE_LINE, Array, aligned
from bptui.engine.graph import Graph
from bptui.engine.optimisers import Optimiser


class State:
    """Parameters, their gradients, and the optimiser's slots, each a stretch of `vector`; views by name.

    Everything is 0 at first. Shapes are the parameters'; the order is the graph's. Each stretch begins at a cache
    line, so a few unused entries may stand between them.
    """

    def __init__(self, graph: Graph, optimiser: Optimiser, dtype: Any = np.float64) -> None:
        sizes = [math.prod(p.shape) for p in graph.parameters]
        self.size = sum(sizes)
        stretches = ("parameters", "gradients", *optimiser.slots)
        entries = CACHE_LINE // np.dtype(dtype).itemsize
        self._span = math.ceil(self.size / entries) * entries
        self.vector = aligned((self._span * len(stretches),), dtype)
        self.flat = {name: self._stretch(self.vector, k) for k, name in enumerate(stretches)}
        self._places = {}
        start = 0
        for parameter, size in zip(graph.parameters, sizes, strict=True):
            self._places[parameter.name] = (slice(start, start + size), parameter.shape)
            start += size

    @cached_property
    def parameters(self) -> dict[str, Array]:
        """The parameters by name."""
        return self.views("parameters")

    @cached_property
    def gradients(self) -> dict[str, Array]:
        """The parameters' gradients by name."""
        return self.views("gradients")

    def views(self, stretch: str, vector: Array | None = None) -> dict[str, Array]:
        """One stretch by parameter name, from this state or from a copy of its vector."""
        whole = self._stretch(self.vector if vector is None else vector, list(self.flat).index(stretch))
        return {name: whole[place].reshape(shape) for name, (place, shape) in self._places.items()}

    def view(self, stretch: str, parameter: str, vector: Array | None = None) -> Array:
        """One parameter's entries of a stretch, from this state or from a copy of its vector."""
        whole = self._stretch(self.vector if vector is None else vector, list(self.flat).index(stretch))
        place, shape = self._places[parameter]
        return whole[place].reshape(shape)

    def _stretch(self, vector: Array, k: int) -> Array:
        return vector[k * self._span : k * self._span + self.size]

    def place(self, parameter: str) -> slice:
        """Where a parameter lies in each stretch."""
        return self._places[parameter][0]
