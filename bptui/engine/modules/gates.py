"""Modules of two inputs in which each decides what the other's gradient is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bptui.engine.buffers import Array, bits
from bptui.engine.module import Entry, Module, Seen, Show, Spec, Term, register, subscript
from bptui.engine.modules.routing import same_specs
from bptui.engine.site import Site, spread


@register
class Multiply(Module):
    """y = x₁ · x₂, entry by entry.

    Shape:
        inputs (*), (*), the same shape; output (*).
    """

    kind = "Multiply"
    short = "Mul"
    inputs = 2
    sign = "⊙"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return (same_specs(inputs),)

    forward_equation = "{y} = {x1} · {x2}"
    forward_label = "{x1}·{x2}"
    saves = "{x1}, {x2}"
    forward_story = "Multiply took the product of {x1} and {x2}, entry by entry: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.multiply, at.inputs[0], at.inputs[1], out=at.y)

    backward_equations = ("d{x1} = d{y} · {x2}", "d{x2} = d{y} · {x1}")
    backward_label = "d{y}·other"
    backward_story = "Multiply gave each input the gradient times the other input."

    def backward(self, at: Site) -> None:
        for dx, other in zip(at.grad_inputs, reversed(at.inputs), strict=True):
            if dx is not None:
                at.call(np.multiply, at.dy, other, out=dx)

    torch = "{x1} * {x2}"
    numpy_forward = ("{y} = {x1} * {x2}",)
    numpy_backward = ("{dx1} = {dy} * {x2}", "{dx2} = {dy} * {x1}")

    about = "Multiply is a gate: each input scales the gradient of the other. Where one is 0, the other gets none."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at, n = subscript(index), seen.names
        term = Term(n["x1"] + at, float(seen.inputs[0][index]), n["x2"] + at, float(seen.inputs[1][index]))
        return Entry(n["y"] + at, f"{n['y']}{at} = {term.left}·{term.right}", float(seen.y[index]), (term,))

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return names[f"x{2 - input}"] + subscript(j)


@register
class Max(Module):
    """y = max(x₁, x₂), entry by entry: a switch. At a tie each input gets half the gradient, as `torch.maximum` does.

    Shape:
        inputs (*), (*), the same shape; output (*).

    Source: NYU DL week 2, basic modules.
    """

    kind = "Max"
    inputs = 2
    sign = "max"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return (same_specs(inputs),)

    forward_equation = "{y} = max({x1}, {x2})"
    forward_label = "max"
    saves = "{x1} > {x2}"
    forward_story = "Max kept the larger of {x1} and {x2}, entry by entry: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.maximum, at.inputs[0], at.inputs[1], out=at.y)

    backward_equations = ("d{x1} = d{y} if {x1} > {x2}, half at tie", "d{x2} = d{y} if {x2} > {x1}, half at tie")
    backward_label = "switch"
    backward_story = "Max sent each entry of d{y} to the input that had won, half to each at a tie, and 0 to the other."

    def backward(self, at: Site) -> None:
        tied, kept = at.like("tied", at.y, dtype=bool), at.like("kept", at.y, dtype=bool)
        share, switch = at.like("share", at.y), bits(at.like("switch", at.y))
        at.call(np.equal, at.inputs[0], at.inputs[1], out=tied)
        at.call(np.multiply, tied, -0.5, out=share)
        at.call(np.add, share, 1.0, out=share)
        for dx, (mine, theirs) in zip(at.grad_inputs, (at.inputs, at.inputs[::-1]), strict=True):
            if dx is not None:
                at.call(np.less, mine, theirs, out=kept)
                at.call(np.logical_not, kept, out=kept)
                at.call(spread, kept, out=switch)
                at.call(np.multiply, at.dy, share, out=dx)
                whole = bits(dx)
                at.call(np.multiply, whole, switch, out=whole)

    torch = "torch.maximum({x1}, {x2})"
    numpy_forward = ("{y} = np.maximum({x1}, {x2})",)
    numpy_backward = (
        "{dx1} = np.where({x1} > {x2}, {dy}, np.where({x1} == {x2}, 0.5 * {dy}, 0))",
        "{dx2} = np.where({x2} > {x1}, {dy}, np.where({x1} == {x2}, 0.5 * {dy}, 0))",
    )

    about = (
        "Max is a switch: the larger input goes through, and backwards the whole gradient goes to that winner. The "
        "loser gets 0, because a small change of it changes nothing."
    )

    def switch(self, inputs: Sequence[Array]) -> Array:
        side: Array = np.sign(inputs[0] - inputs[1])
        return side

    def convention(self) -> str:
        return "At a tie Max has no gradient; like torch.maximum, we give each input half."

    def otherwise(self) -> Module:
        return MaxFirstAtTie()

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at, n = subscript(index), seen.names
        a, b, y = (float(v[index]) for v in (*seen.inputs, seen.y))
        formula = f"{n['y']}{at} = max({n['x1']}{at}, {n['x2']}{at})"
        return Entry(n["y"] + at, formula, y, steps=(f"{n['y']}{at} = max({show(a)}, {show(b)}) = {show(y)}",))


class MaxFirstAtTie(Max):
    """Max with the other choice: at a tie the first input gets the whole gradient."""

    saves = "{x1} ≥ {x2}"
    backward_equations = ("d{x1} = d{y} where {x1} ≥ {x2}, else 0", "d{x2} = d{y} where {x2} > {x1}, else 0")
    backward_story = "Max sent each entry of d{y} to the input that had won, at a tie to {x1}, and 0 to the other."

    def backward(self, at: Site) -> None:
        kept, (first, second) = at.like("kept", at.y, dtype=bool), at.inputs
        for dx, loses, mine, theirs in zip(
            at.grad_inputs, (np.less, np.less_equal), (first, second), (second, first), strict=True
        ):
            if dx is not None:
                switch = bits(dx)
                at.call(loses, mine, theirs, out=kept)
                at.call(np.logical_not, kept, out=kept)
                at.call(spread, kept, out=switch)
                at.call(np.multiply, bits(at.dy), switch, out=switch)

    torch = "torch.where({x1} >= {x2}, {x1}, {x2})"
    numpy_backward = ("{dx1} = np.where({x1} >= {x2}, {dy}, 0)", "{dx2} = np.where({x2} > {x1}, {dy}, 0)")

    def convention(self) -> str:
        return "At a tie Max has no gradient; unlike torch.maximum, we give it all to the first input."
