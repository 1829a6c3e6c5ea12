"""Multi-layer perceptrons: linear modules in a row with one non-linearity between. Built, recognised, rebuilt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bptui.engine.module import Module
from bptui.engine.modules import CrossEntropy, LeakyReLU, Linear, ReLU, Sigmoid, Softplus, Tanh
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.net import Layer, Net

NONE = "none"  # the activation of a net whose linear modules follow each other directly
ACTIVATIONS: dict[str, Pointwise] = {
    "relu": ReLU(),
    "leaky": LeakyReLU(),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
    "softplus": Softplus(),
}


@dataclass(frozen=True)
class Mlp:
    """What decides a multi-layer perceptron. `sizes` begins with the inputs and ends with the outputs."""

    sizes: tuple[int, ...]
    activation: str = "relu"
    cost: Cost = field(default_factory=CrossEntropy)
    x: str = "x"
    y: str = "y"

    def net(self, name: str = "mlp", description: str = "") -> Net:
        """The net, its modules m0, relu1, m1, …, its variables s1, z1, s2, …; described by its sizes if by nothing."""
        net = Net(name, description or self.outline()).input(self.x, self.sizes[0])
        reads, last = self.x, len(self.sizes) - 1
        for k, size in enumerate(self.sizes[1:], 1):
            makes = "ybar" if k == last and not self.cost.classes else f"s{k}"
            net = net.add(f"m{k - 1}", Linear(size), reads, makes)
            if k < last and self.activation != NONE:
                net = net.add(f"{self.activation}{k}", ACTIVATIONS[self.activation], makes, f"z{k}")
                makes = f"z{k}"
            reads = makes
        net = net.target(self.y, self.sizes[-1], classes=self.cost.classes)
        return net.add("cost", self.cost, f"{reads} {self.y}", "C")

    def outline(self) -> str:
        """Sizes, non-linearity and cost in words.

        >>> Mlp((2, 16, 16, 3)).outline()
        '2-16-16-3 with ReLU and cross-entropy'
        """
        sizes = "-".join(map(str, self.sizes))
        between = [ACTIVATIONS[self.activation].kind] if self.activation != NONE and len(self.sizes) > 2 else []
        return f"{sizes} with {' and '.join([*between, self.cost.title])}"


def mlp(
    sizes: Sequence[int],
    activation: str = "relu",
    cost: Cost | None = None,
    *,
    name: str = "mlp",
    description: str = "",
) -> Net:
    """A multi-layer perceptron. The cost decides what the target is: a class for cross-entropy (the default), else
    numbers.

    Raises ValueError for an unknown activation or a size below 1.
    """
    if activation not in (*ACTIVATIONS, NONE):
        raise ValueError(f"unknown activation {activation!r}, wants one of {', '.join((*ACTIVATIONS, NONE))}")
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes: got {list(sizes)}, wants two or more numbers from 1")
    return Mlp(tuple(sizes), activation, cost or CrossEntropy()).net(name, description)


def as_mlp(net: Net) -> Mlp | None:
    """What decides the net, if it is a multi-layer perceptron on one vector, whatever its names; None if it is not."""
    inputs, targets = ([given for given in net.given if given.target == side] for side in (False, True))
    if len(inputs) != 1 or len(targets) != 1 or len(inputs[0].shape) != 1 or not net.layers:
        return None
    reads, linear, between = inputs[0].name, list[Linear](), list[str]()
    *body, last = net.layers
    for k, layer in enumerate(body):
        if layer.inputs != (reads,) or layer.shares is not None:
            return None
        if isinstance(layer.module, Linear) and layer.module.bias:
            linear.append(layer.module)
        elif k and isinstance(body[k - 1].module, Linear) and layer.module in ACTIVATIONS.values():
            between.append(activation_of(layer.module))
        else:
            return None
        reads = layer.outputs[0]
    cost = last.module
    if not linear or not isinstance(body[-1].module, Linear) or not isinstance(cost, Cost):
        return None
    if last.inputs != (reads, targets[0].name) or cost.classes != targets[0].classes:
        return None
    if len(between) not in (0, len(linear) - 1) or len(set(between)) > 1:
        return None
    sizes = (inputs[0].shape[0], *(module.features for module in linear))
    activation = between[0] if between else NONE
    return Mlp(sizes, activation, cost, inputs[0].name, targets[0].name)


def activation_of(module: Module) -> str:
    """The name of a non-linearity, as in `ACTIVATIONS`."""
    return next(name for name, known in ACTIVATIONS.items() if type(known) is type(module))


def activation_name(net: Net) -> str:
    """The name of a net's first non-linearity, or "none"."""
    found = (layer.module for layer in net.layers if isinstance(layer.module, Pointwise))
    return next((activation_of(module) for module in found), NONE)


def can_activate(net: Net) -> bool:
    """Whether the net has a non-linearity, or a place for one."""
    body = as_mlp(net)
    return activation_name(net) != NONE or (body is not None and len(body.sizes) > 2)


def with_activation(net: Net, name: str) -> Net:
    """The net with another non-linearity in the place of all that it has.

    Taking it away, or putting it where there is none, is for a multi-layer perceptron alone: ValueError else.
    """
    if NONE not in (activation_name(net), name):
        return replace(net, layers=tuple(_swapped(net, k, name) for k in range(len(net.layers))))
    body = as_mlp(net)
    if body is None or len(body.sizes) < 3:
        raise ValueError("activation: this net has no layers in a row between which one could stand")
    return replace(body, activation=name).net(net.name)


def _swapped(net: Net, k: int, name: str) -> Layer:
    layer = net.layers[k]
    if not isinstance(layer.module, Pointwise):
        return layer
    called = re.fullmatch(rf"{activation_of(layer.module)}(\d*)", layer.name)
    renamed = f"{name}{called[1]}" if called else layer.name
    taken = renamed in {other.name for other in net.layers}
    return layer._replace(module=ACTIVATIONS[name], name=layer.name if taken else renamed)
