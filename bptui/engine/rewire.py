"""Knobs that change the graph, before it is wired: the cost, the choice at kinks, a mean, dropout layers, penalties."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bptui.engine.buffers import Shape
from bptui.engine.graph import Graph, GraphError, wire
from bptui.engine.module import Module
from bptui.engine.modules.constants import Average
from bptui.engine.modules.costs import COSTS, Cost
from bptui.engine.modules.dropout import Dropout
from bptui.engine.modules.linear import Linear
from bptui.engine.modules.penalties import L1Penalty, L2Penalty
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.modules.routing import Add
from bptui.engine.net import Layer, Net

Reduction = Literal["sum", "batch", "elements"]
Kink = Literal["torch", "other"]


@dataclass(frozen=True)
class Wiring:
    """The knobs that rewire a net.

    `cost` replaces every cost module (a name from `COSTS`; None keeps the net's own). `reduction` is the sum, the
    lecture's mean over the batch, or PyTorch's default mean over all elements. `kink` is what modules do exactly at
    their kinks: what PyTorch does, or where there are two choices to show, the other. `l1` and `l2` are the α of each
    parameter by name; a parameter that is missing has none.
    """

    batch: int = 1
    cost: str | None = None
    reduction: Reduction = "batch"
    kink: Kink = "torch"
    dropout: float = 0.0
    l1: Mapping[str, float] = field(default_factory=dict)
    l2: Mapping[str, float] = field(default_factory=dict)


def rewire(net: Net, knobs: Wiring) -> Graph:
    """The graph of a net under these knobs. What is drawn is what is computed.

    Raises GraphError, for instance if there is no hidden layer to drop from, or a shape does not fit.
    """
    layers = list(net.layers)
    if knobs.cost is not None:
        layers = [_with_cost(net, layer, knobs.cost) for layer in layers]
    if knobs.kink == "other":
        layers = [layer._replace(module=layer.module.otherwise()) for layer in layers]
    taken = {given.name for given in net.given} | {name for layer in layers for name in layer.outputs}
    if knobs.dropout > 0.0:
        layers = _with_dropout(layers, knobs.dropout, taken)
    if layers[-1].module.role == "halt":  # there is no cost to average or to add to
        return wire(replace(net, layers=tuple(layers)))
    tail, loss = _average(net, layers, knobs, taken)
    layers += tail
    penalties = [
        Layer(kind.kind, kind(rates=tuple(rates.values())), tuple(rates), (_free(taken, output),))
        for kind, rates, output in ((L1Penalty, knobs.l1, "R1"), (L2Penalty, knobs.l2, "R"))
        if rates
    ]
    if not penalties:
        return wire(replace(net, layers=tuple(layers)))
    joined = Layer("loss", Add(), (loss, *(p.outputs[0] for p in penalties)), (_free(taken, "L", "J"),))
    return wire(replace(net, layers=(*layers, *penalties, joined)))


def _free(taken: set[str], *wanted: str) -> str:
    """The first wanted name that is free, or the last with its letter doubled until it is; it is then taken."""
    found = next((name for name in wanted if name not in taken), wanted[-1])
    while found in taken:
        found = found[0] + found
    taken.add(found)
    return found


def _with_cost(net: Net, layer: Layer, cost: str) -> Layer:
    if not isinstance(layer.module, Cost):
        return layer
    if cost not in COSTS:
        raise GraphError(f"unknown cost {cost!r}, wants one of {', '.join(COSTS)}")
    target = layer.inputs[-1]
    if COSTS[cost].classes and not any(given.classes for given in net.given if given.name == target):
        raise GraphError(f"{layer.name}: {cost} wants a class as target, and {target} is none")
    return layer._replace(module=COSTS[cost]())


def _with_dropout(layers: list[Layer], p: float, taken: set[str]) -> list[Layer]:
    """A Dropout behind every pointwise non-linearity that feeds a Linear: it makes u1 from z1.

    A net with Dropouts of its own keeps them where they are, with this p.
    """
    if any(isinstance(layer.module, Dropout) for layer in layers):
        return [layer._replace(module=Dropout(p)) if isinstance(layer.module, Dropout) else layer for layer in layers]
    hidden = [
        layer.outputs[0]
        for layer in layers
        if isinstance(layer.module, Pointwise)
        and any(isinstance(reader.module, Linear) and layer.outputs[0] in reader.inputs for reader in layers)
    ]
    if not hidden:
        raise GraphError("this net has no hidden layer to drop from")
    dropped = {name: _free(taken, "u" + re.sub(r".*?(\d*)$", r"\1", name)) for name in hidden}
    result: list[Layer] = []
    for layer in layers:
        result.append(layer._replace(inputs=tuple(dropped.get(name, name) for name in layer.inputs)))
        name = layer.outputs[0]
        if name in dropped:
            result.append(Layer(f"drop_{name}", Dropout(p), (name,), (dropped[name],)))
    return result


def _average(net: Net, layers: list[Layer], knobs: Wiring, taken: set[str]) -> tuple[list[Layer], str]:
    """The layers that join the costs into one scalar and average it, and that scalar's name.

    The sum of several costs is S, an average L, as in the lecture.
    """
    read = {name for layer in layers for name in layer.inputs}
    costs = [layer for layer in layers if isinstance(layer.module, Cost)]
    open_ends = [layer.outputs[0] for layer in costs if layer.outputs[0] not in read]
    tail: list[Layer] = []
    if not open_ends:  # the net joins its costs itself
        return tail, layers[-1].outputs[0]
    shapes = {given.name: given.shape for given in net.given}
    entries = {
        layer.outputs[0]: _entries(layer.module, shapes.get(layer.inputs[-1], ()))
        if knobs.reduction == "elements"
        else 1
        for layer in costs
        if layer.outputs[0] in open_ends
    }
    means = knobs.reduction != "sum"
    if means and len(set(entries.values())) > 1:  # each its own mean, before the sum
        for k, end in enumerate(open_ends):
            output = _free(taken, f"L{k + 1}")
            tail.append(Layer(f"average {end}", Average(entries=entries[end]), (end,), (output,)))
        open_ends = [layer.outputs[0] for layer in tail]
        means = False
    loss, count = open_ends[0], min(entries.values())
    if len(open_ends) > 1:
        tail.append(Layer("sum of costs", Add(), tuple(open_ends), (_free(taken, "S"),)))
        loss = tail[-1].outputs[0]
    if means and knobs.batch * count > 1:
        tail.append(Layer("average", Average(entries=count), (loss,), (_free(taken, "L"),)))
        loss = tail[-1].outputs[0]
    return tail, loss


def _entries(cost: Module, shape: Shape) -> int:
    """How many numbers a mean over all elements divides by for each sample; a class counts as one."""
    return 1 if isinstance(cost, Cost) and cost.classes else math.prod(shape)


def decayed(net: Net, rate: float, *, biases: bool = False) -> dict[str, float]:
    """One rate for all weights of a net (and biases, if asked for), as `Wiring` takes it; nothing at rate 0."""
    if not rate:
        return {}
    graph = rewire(net, Wiring())
    return {p.name: rate for p in graph.parameters if biases or not p.name.endswith(".bias")}
