"""Knobs that change the graph: another cost, a mean, dropout layers, penalty branches. All before wiring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bptui.engine.graph import Graph, GraphError, wire
from bptui.engine.module import Module, Shape
from bptui.engine.modules.costs import COSTS, Cost
from bptui.engine.modules.dropout import Dropout
from bptui.engine.modules.linear import Linear
from bptui.engine.modules.penalties import L1Penalty, L2Penalty
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.modules.routing import Add, Average
from bptui.engine.net import Layer, Net

Reduction = Literal["sum", "batch", "elements"]


@dataclass(frozen=True)
class Wiring:
    """The knobs that rewire a net.

    `cost` replaces every cost module (a name from `COSTS`; None keeps the net's own). `reduction` is the sum, the
    lecture's mean over the batch, or PyTorch's default mean over all elements. `l1` and `l2` are the α of each
    parameter by name; a parameter that is missing has none.
    """

    batch: int = 1
    cost: str | None = None
    reduction: Reduction = "batch"
    dropout: float = 0.0
    l1: Mapping[str, float] = field(default_factory=dict)
    l2: Mapping[str, float] = field(default_factory=dict)


def rewire(net: Net, knobs: Wiring) -> Graph:
    """The graph of a net under these knobs. What is drawn is what is computed.

    Raises GraphError, for instance if there is no hidden layer to drop from, or a shape does not fit.
    """
    layers = [_with_cost(net, layer, knobs.cost) for layer in net.layers]
    if knobs.dropout > 0.0:
        layers = _with_dropout(layers, knobs.dropout)
    tail, loss = _average(net, layers, knobs)
    layers += tail
    penalties = [
        Layer(kind.kind, kind(rates=tuple(rates.values())), tuple(rates), (output,))
        for kind, rates, output in ((L1Penalty, knobs.l1, "R1"), (L2Penalty, knobs.l2, "R"))
        if rates
    ]
    if not penalties:
        return wire(replace(net, layers=tuple(layers)))
    total = "J" if any("L" in layer.outputs for layer in layers) else "L"
    joined = Layer("loss", Add(), (loss, *(p.outputs[0] for p in penalties)), (total,))
    return wire(replace(net, layers=(*layers, *penalties, joined)))


def _with_cost(net: Net, layer: Layer, cost: str | None) -> Layer:
    if cost is None or not isinstance(layer.module, Cost):
        return layer
    if cost not in COSTS:
        raise GraphError(f"unknown cost {cost!r}, wants one of {', '.join(COSTS)}")
    target = layer.inputs[-1]
    if COSTS[cost].classes and not any(given.classes for given in net.given if given.name == target):
        raise GraphError(f"{layer.name}: {cost} wants a class as target, and {target} is none")
    return replace(layer, module=COSTS[cost]())


def _with_dropout(layers: list[Layer], p: float) -> list[Layer]:
    """A Dropout behind every pointwise non-linearity that feeds a Linear."""
    hidden = {
        layer.outputs[0]
        for layer in layers
        if isinstance(layer.module, Pointwise)
        and any(isinstance(reader.module, Linear) and layer.outputs[0] in reader.inputs for reader in layers)
    }
    if not hidden:
        raise GraphError("dropout: this net has no hidden layer to drop from")
    result: list[Layer] = []
    for layer in layers:
        inputs = tuple(f"{name}_drop" if name in hidden else name for name in layer.inputs)
        result.append(replace(layer, inputs=inputs))
        if layer.outputs[0] in hidden:
            name = layer.outputs[0]
            result.append(Layer(f"drop_{name}", Dropout(p), (name,), (f"{name}_drop",)))
    return result


def _average(net: Net, layers: list[Layer], knobs: Wiring) -> tuple[list[Layer], str]:
    """The layers that join the costs into one scalar and average it, and that scalar's name."""
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
        for end in open_ends:
            tail.append(Layer(f"average {end}", Average(entries=entries[end]), (end,), (f"{end}_mean",)))
        open_ends = [f"{end}_mean" for end in open_ends]
        means = False
    loss, count = open_ends[0], min(entries.values())
    if len(open_ends) > 1:
        tail.append(Layer("sum of costs", Add(), tuple(open_ends), ("C_sum",)))
        loss = "C_sum"
    if means and knobs.batch * count > 1:
        tail.append(Layer("average", Average(entries=count), (loss,), ("C_mean",)))
        loss = "C_mean"
    return tail, loss


def _entries(cost: Module, shape: Shape) -> int:
    """How many numbers a mean over all elements divides by for each sample; a class counts as one."""
    return 1 if isinstance(cost, Cost) and cost.classes else math.prod(shape)


def decayed(net: Net, rate: float, *, biases: bool = False) -> dict[str, float]:
    """One rate for all weights of a net (and biases, if asked for), as `Wiring` takes it."""
    graph = wire(net)
    return {p.name: rate for p in graph.parameters if biases or not p.name.endswith(".bias")}
