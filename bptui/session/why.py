"""Why a gradient is what it is: the terms that add up to it, and the paths through the graph that they came by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.engine.graph import Graph, Node
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.actions import ActionError
from bptui.session.moment import Moment
from bptui.session.rehearsal import Rehearsal

MOST_PATHS = 64


@dataclass(frozen=True)
class Part:
    """One addend of a gradient entry: `factor` · `incoming` = `value`, with what each is called."""

    factor_name: str
    factor: float
    incoming_name: str
    incoming: float

    @property
    def value(self) -> float:
        return self.factor * self.incoming


@dataclass(frozen=True)
class Path:
    """One way from an entry to the loss, by the modules on it, and the gradient that came back along it alone."""

    modules: tuple[str, ...]
    value: float


@dataclass(frozen=True)
class Why:
    """A gradient entry taken apart; parts and paths each add up to it, largest first in size.

    Where gradients are not zeroed, one more part is what the steps before left; the paths are this step's alone.
    """

    name: str
    index: tuple[int, ...]
    gradient: float
    parts: tuple[Part, ...]
    paths: tuple[Path, ...]


def why(moment: Moment, name: str, index: tuple[int, ...]) -> Why:
    """Take apart the gradient of one entry, for the sample in view (a parameter's: summed over the batch).

    `paths` is empty where there are more than `MOST_PATHS`. Raises ActionError if the entry has no gradient.
    """
    graph = moment.graph
    if name not in graph.differentiable:
        raise ActionError(f"{name}: the loss has no gradient with respect to it")
    variable = graph.variables[name]
    if len(index) != len(variable.shape) or any(not 0 <= i < n for i, n in zip(index, variable.shape, strict=True)):
        raise ActionError(f"{name} has shape {list(variable.shape)}, no entry {list(index)}")
    rehearsal = Rehearsal(moment)
    place = (moment.sample, *index) if variable.batched else index
    gradient = float(rehearsal.gradients[name][place])
    parts = _parts(rehearsal, name, place, index) if name != graph.loss else []
    if variable.role == "parameter" and not moment.experiment.zero_gradients:
        left = float(moment.gradient_before(name)[index])
        gradient += left
        parts.append(Part("1", 1.0, f"{gradient_symbol(name)}{subscript(index)} before", left))
    paths = [
        Path(tuple(node.name for node, _ in way if not node.collapsed), _along(rehearsal, way, name, place))
        for way in _ways(graph, name)
    ]
    return Why(name, index, gradient, _largest_first(parts), tuple(sorted(paths, key=lambda p: -abs(p.value))))


def _largest_first(parts: list[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: -abs(part.value)))


def _parts(rehearsal: Rehearsal, name: str, place: tuple[int, ...], index: tuple[int, ...]) -> list[Part]:
    """The addends at the one module that reads the variable."""
    node = rehearsal.graph.reader[name]
    if node.collapsed:
        copies = [(copy, float(rehearsal.gradients[copy][place])) for copy in node.outputs]
        return [Part("1", 1.0, gradient_symbol(copy) + subscript(index), value) for copy, value in copies]
    if name in node.parameters.values():
        return _by_sample(rehearsal, node, place)
    names, position = rehearsal.graph.names(node), node.inputs.index(name)
    sample = rehearsal.moment.sample
    parts = []
    for output in node.outputs:
        batched = rehearsal.graph.variables[output].batched
        incoming = rehearsal.gradients[output]
        for i in np.ndindex(rehearsal.graph.variables[output].shape):
            at = (sample, *i) if batched else i
            _only(rehearsal, node, output, at, 1.0)
            factor = float(rehearsal.program.gradients[name][place])
            label = node.module.partial_name(names, position, i, index)
            if factor != 0.0 or i == index:  # an output that this entry does not touch is no part of it
                parts.append(Part(label, factor, gradient_symbol(output) + subscript(i), float(incoming[at])))
    return parts


def _by_sample(rehearsal: Rehearsal, node: Node, place: tuple[int, ...]) -> list[Part]:
    """A Linear's parameter: what each sample of the batch adds, dW[i,j] = Σ dy[i]·x[j] and db[i] = Σ dy[i]."""
    output, x = node.outputs[0], rehearsal.program.values[node.inputs[0]]
    entry = f"{gradient_symbol(output)}[{place[0]}]"
    partner = f"{symbol(node.inputs[0])}[{place[1]}]" if len(place) == 2 else "1"
    parts = []
    for sample, incoming in enumerate(rehearsal.gradients[output]):
        which = f"sample {sample}: " if len(x) > 1 else ""
        factor = float(x[sample, place[1]]) if len(place) == 2 else 1.0
        parts.append(Part(which + partner, factor, entry, float(incoming[place[0]])))
    return parts


def _only(rehearsal: Rehearsal, node: Node, output: str, at: tuple[int, ...], gradient: float) -> None:
    """Run one module backward with a gradient at one place of one output, and 0 everywhere else."""
    for other in node.outputs:
        rehearsal.program.gradients[other].fill(0.0)
    rehearsal.program.gradients[output][at] = gradient
    rehearsal.backward(node)


def _ways(graph: Graph, name: str) -> list[list[tuple[Node, str]]]:
    """All ways from a variable to the loss, each as (module, the output that it leaves by); [] if too many."""
    ways: list[list[tuple[Node, str]]] = []
    stack: list[tuple[str, list[tuple[Node, str]]]] = [(name, [])]
    while stack:
        at, way = stack.pop()
        if at == graph.loss:
            ways.append(way)
            if len(ways) > MOST_PATHS:
                return []
            continue
        node = graph.reader.get(at)
        if node is not None:
            stack += [(output, [*way, (node, output)]) for output in reversed(node.outputs)]
    return ways


def _along(rehearsal: Rehearsal, way: list[tuple[Node, str]], name: str, place: tuple[int, ...]) -> float:
    """The gradient that comes back along one way: at each Duplicate on it, the other copies send nothing."""
    gradients = rehearsal.program.gradients
    gradients[rehearsal.graph.loss][...] = 1.0
    for node, output in reversed(way):
        for other in node.outputs:
            if other != output:
                gradients[other].fill(0.0)
        rehearsal.backward(node)
    return float(gradients[name][place])
