"""A copy of one training step in which numbers may be changed freely: for twiddling and for taking gradients apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.program import Program
from bptui.session.moment import Moment


class Rehearsal:
    """The whole training step that a moment belongs to, in buffers of its own, as its forward pass saw it."""

    def __init__(self, moment: Moment) -> None:
        self.moment, self.graph = moment, moment.graph
        source = moment.record.program
        settings = replace(source.settings, zero_gradients=True)
        self.program = Program(self.graph, settings)
        self.program.state.vector[: self.program.state.size] = moment.record.before[: self.program.state.size]
        for name in (*(v.name for v in self.graph.inputs), *(v.name for v in self.graph.targets)):
            self.program.values[name][...] = source.values[name]
        for (_, mine), (_, drawn) in zip(self.program.draws, source.draws, strict=True):
            mine[...] = drawn
        self._bound = cache(self._bind_backward)
        self._events = {e.node: e.index for e in self.graph.events if e.phase in ("forward", "cost")}
        for node in self.graph.nodes:
            self.forward(node)
        self.program.gradients[self.graph.loss][...] = 1.0
        for node in reversed(self.graph.nodes):
            if self.graph.differentiable & set(node.outputs):
                self.backward(node)
        self.gradients = {name: values.copy() for name, values in self.program.gradients.items()}

    def forward(self, node: Node) -> None:
        """Compute a module's outputs from what its inputs hold now."""
        if not node.collapsed:
            for call in self.program.calls[self._events[node.name]]:
                call.bound()()

    def backward(self, node: Node) -> None:
        """Compute the gradients of a module's inputs and parameters from what its outputs' gradients hold now."""
        for run in self._bound(node.name):
            run()

    def _bind_backward(self, name: str) -> list[Callable[[], Any]]:
        site = self.program.sites[name]
        site.calls = []
        self.graph.node[name].module.backward(site)
        return [call.bound() for call in site.calls]

    def downstream(self, name: str) -> list[Node]:
        """The modules on the ways from a variable or parameter to the loss, in order."""
        touched, result = {name}, []
        for node in self.graph.nodes:
            if touched & {*node.inputs, *node.parameters.values()} and self.graph.differentiable & {*node.outputs}:
                touched |= set(node.outputs)
                result.append(node)
        return result

    def tangents(self, name: str, direction: Array) -> dict[str, Array]:
        """The linear prediction of every variable downstream: the Jacobians along the way, times a direction.

        `direction` has the shape of the variable's buffer, (B, *shape) or (*shape).
        """
        known: dict[str, Array] = {name: direction}
        for node in self.downstream(name):
            known |= self._through(node, known)
        return known

    def _through(self, node: Node, known: Mapping[str, Array]) -> dict[str, Array]:
        """The tangents of a module's outputs from those of its inputs and parameters."""
        if node.collapsed:
            return dict.fromkeys(node.outputs, known[node.inputs[0]])
        renamed = node.module.alias(known[node.inputs[0]]) if node.inputs[0] in known else None
        if renamed is not None:
            return {node.outputs[0]: renamed}
        result = {}
        gradients = self.program.gradients
        moving = [name for name in node.inputs if name in known]
        for output in node.outputs:
            variable = self.graph.variables[output]
            tangent = self._through_parameters(node, output, known)
            for other in node.outputs:
                gradients[other].fill(0.0)
            for place in np.ndindex(variable.shape) if moving else ():
                at = (slice(None), *place) if variable.batched else place  # samples do not meet: all at once
                gradients[output][at] = 1.0
                self.backward(node)
                gradients[output][at] = 0.0
                for moved in moving:
                    products = gradients[moved] * known[moved]
                    tangent[at] += (
                        products.reshape(len(products), -1).sum(axis=1) if variable.batched else products.sum()
                    )
            result[output] = tangent
        return result

    def _through_parameters(self, node: Node, output: str, known: Mapping[str, Array]) -> Array:
        """What the parameters' tangents add to an output's: a module is linear in its parameters, so it says itself."""
        values = self.program.values
        if not known.keys() & node.parameters.values():
            return np.zeros_like(values[output])
        names = (output, *node.parameters.values())
        kept = {name: values[name].copy() for name in names}
        for name in node.parameters.values():
            values[name][...] = known.get(name, 0.0)
        self.forward(node)
        tangent = values[output].copy()
        for name in names:
            values[name][...] = kept[name]
        return tangent
