"""Non-linear functions that act on each entry by itself: z = h(s), so dC/ds = dC/dz · h′(s)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bptui.engine.buffers import Array, bits
from bptui.engine.module import Entry, Module, Seen, Show, Spec, register, subscript
from bptui.engine.site import Site, spread


class Pointwise(Module):
    """A function of each entry by itself.

    Shape:
        input (*), output (*), the same shape.
    """

    scalar: ClassVar[str]  # the function of one entry, with {x} for it

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return inputs

    forward_equation = "{y} = {m}({x})"
    backward_equations = ("d{x} = d{y} · h′({x})",)
    backward_label = "d{y}·h′"
    backward_story = "{m} multiplies each entry of d{y} by its own slope h′: that is d{x}."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        x, y, at = seen.names["x"], seen.names["y"], subscript(index)
        numbers = f"{self.scalar.format(x=show(float(seen.x[index])))} = {show(float(seen.y[index]))}"
        return Entry(
            y + at, f"{y}{at} = {self.scalar.format(x=x + at)}", float(seen.y[index]), steps=(f"{y}{at} = {numbers}",)
        )

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return f"h′({names['x']}{subscript(j)})"


@register
class ReLU(Pointwise):
    """y = max(0, x). At exactly 0 the derivative is taken as 0, as PyTorch does."""

    kind = "ReLU"
    dead = 0
    scalar = "max(0, {x})"
    forward_equation = "{y} = max(0, {x})"
    forward_label = "ReLU {x}"
    saves = "{x} > 0"
    forward_story = "ReLU kept the positive entries of {x} and set the others to 0: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.maximum, at.x, 0.0, out=at.y)

    backward_equations = ("d{x} = d{y} where {x} > 0, else 0",)
    backward_story = "ReLU let d{y} through where {x} > 0 and stopped it elsewhere: that is d{x}."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            # seen as whole numbers, |y| is 0 or at least 1: cut to 1, it is the switch; faster than booleans
            switch, ones = bits(at.dx), bits(at.like("ones", at.dx))
            ones.fill(1)
            at.call(np.absolute, at.y, out=at.dx)
            at.call(np.minimum, switch, ones, out=switch)
            at.call(np.multiply, bits(at.dy), switch, out=switch)

    torch = "nn.ReLU()"
    numpy_forward = ("{y} = np.maximum({x}, 0)",)
    numpy_backward = ("{dx} = np.where({x} > 0, {dy}, 0)",)

    about = (
        "ReLU passes what is positive and zeroes the rest. Its slope is 1 or 0, so backwards it is a set of switches: "
        "the gradient goes through where the input was positive, and stops elsewhere. A unit that is 0 for every "
        "sample gets no gradient at all; it is called dead."
    )

    def switch(self, inputs: Sequence[Array]) -> Array:
        side: Array = np.sign(inputs[0])
        return side

    def convention(self) -> str:
        return "ReLU has no slope at exactly 0; like PyTorch, we take ReLU′(0) = 0."

    def otherwise(self) -> Module:
        return ReLUOneAtZero()


class ReLUOneAtZero(ReLU):
    """ReLU with the other choice: at exactly 0 the derivative is taken as 1."""

    dead = -1
    saves = "{x} ≥ 0"
    backward_equations = ("d{x} = d{y} where {x} ≥ 0, else 0",)
    backward_story = "ReLU let d{y} through where {x} ≥ 0 and stopped it elsewhere: that is d{x}."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            kept, switch = at.like("kept", at.x, dtype=bool), bits(at.dx)
            at.call(np.less, at.x, 0.0, out=kept)
            at.call(np.logical_not, kept, out=kept)  # not below, rather than above: a NaN lets all through
            at.call(spread, kept, out=switch)
            at.call(np.multiply, bits(at.dy), switch, out=switch)

    torch = "torch.where({x} >= 0, {x}, 0.0)"
    numpy_backward = ("{dx} = np.where({x} >= 0, {dy}, 0)",)

    def convention(self) -> str:
        return "ReLU has no slope at exactly 0; unlike PyTorch, we take ReLU′(0) = 1."


@register
@dataclass(frozen=True)
class LeakyReLU(Pointwise):
    """y = x where x > 0, else slope·x. At exactly 0 the derivative is `slope`, as PyTorch does."""

    slope: float = 0.01
    positive: ClassVar[np.ufunc] = np.greater  # what tells the side whose slope is 1

    kind = "LeakyReLU"
    short = "leaky"
    scalar = "leaky({x})"
    forward_equation = "{y} = {x} where {x} > 0, else slope·{x}"
    forward_label = "leaky {x}"
    saves = "{x} > 0"
    forward_story = "LeakyReLU kept the positive entries of {x} and shrank the others: that is {y}."

    def forward(self, at: Site) -> None:
        factor, positive = at.like("factor", at.x), at.like("positive", at.x, dtype=bool)
        ones = at.like("all ones", at.x)
        ones.fill(1.0)
        at.call(self.positive, at.x, 0.0, out=positive)
        at.call(np.multiply, ones, self.slope, out=factor)
        at.call(np.positive, ones, out=factor, where=positive)  # exactly 1, which no sum of fractions promises
        at.call(np.multiply, at.x, factor, out=at.y)

    backward_equations = ("d{x} = d{y} where {x} > 0, else slope·d{y}",)
    backward_story = "LeakyReLU let d{y} through where {x} > 0 and only a little of it elsewhere: that is d{x}."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.dy, at.like("factor", at.x), out=at.dx)

    torch = "nn.LeakyReLU({slope})"
    numpy_forward = ("{y} = np.where({x} > 0, {x}, {slope} * {x})",)
    numpy_backward = ("{dx} = np.where({x} > 0, {dy}, {slope} * {dy})",)

    about = (
        "LeakyReLU is ReLU with a small slope on the negative side. No unit is ever quite dead: a little gradient "
        "comes back even where the input was negative."
    )

    def switch(self, inputs: Sequence[Array]) -> Array:
        side: Array = np.sign(inputs[0])
        return side

    def convention(self) -> str:
        return "LeakyReLU has no single slope at exactly 0; like PyTorch, we take the negative side's."

    def otherwise(self) -> Module:
        return LeakyReLUOneAtZero(self.slope)


class LeakyReLUOneAtZero(LeakyReLU):
    """LeakyReLU with the other choice: at exactly 0 the derivative is 1."""

    positive = np.greater_equal
    saves = "{x} ≥ 0"
    backward_equations = ("d{x} = d{y} where {x} ≥ 0, else slope·d{y}",)
    backward_story = "LeakyReLU let d{y} through where {x} ≥ 0 and only a little of it elsewhere: that is d{x}."

    torch = "torch.where({x} >= 0, {x}, {slope} * {x})"
    numpy_forward = ("{y} = np.where({x} >= 0, {x}, {slope} * {x})",)
    numpy_backward = ("{dx} = np.where({x} >= 0, {dy}, {slope} * {dy})",)

    def convention(self) -> str:
        return "LeakyReLU has no single slope at exactly 0; unlike PyTorch, we take the positive side's: 1."


@register
class Sigmoid(Pointwise):
    """y = 1 / (1 + e^−x), computed without overflow for any x."""

    kind = "Sigmoid"
    short = "σ"
    limits = (0.0, 1.0)
    scalar = "σ({x})"
    forward_equation = "{y} = 1 / (1 + e^−{x})"
    forward_label = "σ {x}"
    saves = "{y}"
    forward_story = "Sigmoid squeezed each entry of {x} between 0 and 1: that is {y}."

    def forward(self, at: Site) -> None:
        # e^min(x,0) / (1 + e^−|x|): both exponents are never positive
        below = at.like("below", at.x)
        at.call(np.absolute, at.x, out=below)
        at.call(np.negative, below, out=below)
        at.call(np.exp, below, out=below)
        at.call(np.add, below, 1.0, out=below)
        at.call(np.minimum, at.x, 0.0, out=at.y)
        at.call(np.exp, at.y, out=at.y)
        at.call(np.divide, at.y, below, out=at.y)

    backward_equations = ("d{x} = d{y} · {y}·(1 − {y})",)

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.subtract, 1.0, at.y, out=at.dx)
            at.call(np.multiply, at.dx, at.y, out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)

    torch = "nn.Sigmoid()"
    numpy_forward = ("{y} = np.exp(np.minimum({x}, 0)) / (1 + np.exp(-np.abs({x})))",)
    numpy_backward = ("{dx} = {dy} * {y} * (1 - {y})",)

    about = (
        "The sigmoid squeezes any number between 0 and 1. Its slope y·(1 − y) is at most a quarter, and almost 0 at "
        "both ends: a saturated unit hands nearly no gradient back."
    )


@register
class Tanh(Pointwise):
    """y = tanh x."""

    kind = "Tanh"
    title = "tanh"
    short = "tanh"
    limits = (-1.0, 1.0)
    scalar = "tanh({x})"
    forward_equation = "{y} = tanh {x}"
    forward_label = "tanh {x}"
    saves = "{y}"
    forward_story = "tanh squeezed each entry of {x} between −1 and 1: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.tanh, at.x, out=at.y)

    backward_equations = ("d{x} = d{y} · (1 − {y}²)",)

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.y, at.y, out=at.dx)
            at.call(np.subtract, 1.0, at.dx, out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)

    torch = "nn.Tanh()"
    numpy_forward = ("{y} = np.tanh({x})",)
    numpy_backward = ("{dx} = {dy} * (1 - {y}**2)",)

    about = (
        "tanh squeezes any number between −1 and 1. Its slope 1 − y² is 1 in the middle and almost 0 at both ends: a "
        "saturated unit hands nearly no gradient back."
    )


@register
class Softplus(Pointwise):
    """y = log(1 + e^x), and simply x above PyTorch's threshold of 20, where the two agree to 2·10⁻⁹."""

    kind = "Softplus"
    short = "soft+"
    threshold: ClassVar[float] = 20.0
    scalar = "log(1 + e^{x})"
    forward_equation = "{y} = log(1 + e^{x})"
    forward_label = "softplus"
    saves = "{y}"
    forward_story = "Softplus bent each entry of {x} smoothly towards 0 below and x above: that is {y}."

    def forward(self, at: Site) -> None:
        linear = at.like("linear", at.x, dtype=bool)
        at.call(np.greater, at.x, self.threshold, out=linear)
        at.call(np.minimum, at.x, self.threshold, out=at.y)
        at.call(np.exp, at.y, out=at.y)
        at.call(np.log1p, at.y, out=at.y)
        at.call(np.positive, at.x, out=at.y, where=linear)

    backward_equations = ("d{x} = d{y} · σ({x})",)

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            # σ(x) = 1 − e^−y for y = log(1 + e^x): nothing overflows, and no digit is lost where y is small
            at.call(np.negative, at.y, out=at.dx)
            at.call(np.expm1, at.dx, out=at.dx)
            at.call(np.negative, at.dx, out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)
            at.call(np.positive, at.dy, out=at.dx, where=at.like("linear", at.x))

    torch = "nn.Softplus()"
    numpy_forward = ("{y} = np.where({x} > 20, {x}, np.log1p(np.exp(np.minimum({x}, 20))))",)
    numpy_backward = ("{dx} = np.where({x} > 20, {dy}, -np.expm1(-{y}) * {dy})",)

    about = (
        "Softplus is a smooth ReLU. Its slope is the sigmoid of its input, so it never stops the gradient entirely. "
        "Above 20 it is the input itself, as in PyTorch."
    )

    def switch(self, inputs: Sequence[Array]) -> Array:
        side: Array = np.sign(inputs[0] - self.threshold)
        return side

    def convention(self) -> str:
        return "Softplus switches to y = x above 20, as PyTorch does; at 20 it still uses the logarithm."
