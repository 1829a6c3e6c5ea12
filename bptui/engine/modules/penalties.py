"""Penalties on parameters: branches of the graph that add to the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bptui.engine.buffers import Array, flat
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, Term, register
from bptui.engine.site import Site


@dataclass(frozen=True)
class Penalty(Module):
    """A scalar function of parameters, each with a rate of its own, not averaged over the batch.

    Shape:
        inputs: parameters of any shape; output ().
    """

    rates: tuple[float, ...] = ()

    inputs = None
    role = "penalty"
    addend: ClassVar[str]  # what one parameter adds, with {x} for it

    program: ClassVar[str]  # the same in NumPy and in PyTorch

    def size(self, w: Array) -> float:
        """What one parameter adds, before its rate."""
        raise NotImplementedError

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        if len(inputs) != len(self.rates):
            raise ShapeError(f"got {len(inputs)} inputs, wants {len(self.rates)}, one for each rate")
        return (Spec((), batched=False),)

    def forward_texts(self, names: Mapping[str, str]) -> str:
        addends = " + ".join(self.addend.format(x=x) for x in names["xs"].split(", "))
        return f"{names['y']} = α ({addends})" if len(self.rates) > 1 else f"{names['y']} = α {addends}"

    def backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        each = self.backward_equations[0]
        return tuple(each.format_map({**names, "x": names[f"x{k + 1}"]}) for k in range(len(self.rates)))

    torch = "{sum}"
    numpy_forward = ("{y} = {sum}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        addends = [self.program.format(x=names[f"x{k}"]) for k in range(1, len(self.rates) + 1)]
        return {"sum": " + ".join(f"{rate!r} * {text}" for rate, text in zip(self.rates, addends, strict=True))}

    def numpy_backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(
            self.numpy_backward[0].format_map(
                {"dx": names[f"dx{k}"], "x": names[f"x{k}"], "dy": names["dy"], "rate": rate}
            )
            for k, rate in enumerate(self.rates, 1)
        )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        names = [seen.names[f"x{k + 1}"] for k in range(len(seen.inputs))]
        terms = tuple(
            Term("α", rate, self.addend.format(x=name), self.size(w))
            for name, w, rate in zip(names, seen.inputs, self.rates, strict=True)
        )
        return Entry(seen.names["y"], self.forward_texts(seen.names), float(seen.y), terms)


@register
class L2Penalty(Penalty):
    """R = Σ α‖W‖², the lecture's form; α equals half of PyTorch's `weight_decay`."""

    kind = "L2"
    addend = "‖{x}‖²"

    def size(self, w: Array) -> float:
        return float((w * w).sum())

    forward_equation = "{y} = α ‖{x}‖²"
    forward_label = "α ‖W‖²"
    saves = "{xs}"
    forward_story = "L2 squared and summed the weights and took α of that: large weights now cost something."

    def forward(self, at: Site) -> None:
        rates = at.buffer("rates", (len(self.rates),), batched=False)
        rates[:] = self.rates
        squares = at.buffer("squares", (len(self.rates),), batched=False)
        for k, w in enumerate(at.inputs):
            at.sum_of_products(w, w, out=squares[k : k + 1].reshape(()))
        at.call(np.dot, squares, rates, out=at.y)

    backward_equations = ("d{x} = 2α · {x} · d{y}",)
    backward_label = "2α · W"
    backward_story = "L2 added 2α times each weight to its gradient: every weight is pulled towards 0."

    def backward(self, at: Site) -> None:
        for w, dw, rate in zip(at.inputs, at.grad_inputs, self.rates, strict=True):
            if dw is not None:
                at.call(np.multiply, w, 2.0 * rate, out=dw)
                at.call(np.multiply, dw, at.dy, out=dw)

    program = "({x}**2).sum()"
    numpy_backward = ("{dx} = 2 * {rate!r} * {x} * {dy}",)

    about = (
        "L2 adds α‖W‖² to the loss, so its gradient 2αW pulls each weight towards 0 in proportion to its size. Under "
        "plain SGD the weight is multiplied by 1 − 2ηα at each step, hence the name weight decay."
    )


@register
class L1Penalty(Penalty):
    """R = Σ α|w|. The subgradient α·sign(w) is 0 at exactly 0; it hovers around 0 and reaches it only by chance."""

    kind = "L1"
    addend = "Σ|{x}|"

    def size(self, w: Array) -> float:
        return float(np.abs(w).sum())

    forward_equation = "{y} = α Σ|{x}|"
    forward_label = "α Σ|W|"
    saves = "sign W"
    forward_story = "L1 summed the sizes of the weights and took α of that: every weight now costs its size."

    def forward(self, at: Site) -> None:
        rates = at.buffer("rates", (len(self.rates),), batched=False)
        rates[:] = self.rates
        sums = at.buffer("sums", (len(self.rates),), batched=False)
        for k, w in enumerate(at.inputs):
            size, ones = at.like(f"size{k}", w), at.like(f"ones{k}", w)
            ones.fill(1.0)
            at.call(np.absolute, w, out=size)
            at.call(np.dot, flat(size), flat(ones), out=sums[k : k + 1].reshape(()))
        at.call(np.dot, sums, rates, out=at.y)

    backward_equations = ("d{x} = α · sign {x} · d{y}",)
    backward_label = "α sign W"
    backward_story = "L1 added α times the sign of each weight to its gradient: all are pulled to 0 equally hard."

    def backward(self, at: Site) -> None:
        for w, dw, rate in zip(at.inputs, at.grad_inputs, self.rates, strict=True):
            if dw is not None:
                at.call(np.sign, w, out=dw)
                at.call(np.multiply, dw, rate, out=dw)
                at.call(np.multiply, dw, at.dy, out=dw)

    program = "abs({x}).sum()"
    numpy_backward = ("{dx} = {rate!r} * np.sign({x}) * {dy}",)

    about = (
        "L1 adds α|w| to the loss. Its pull α·sign(w) is as strong for small weights as for large ones, so small "
        "ones are driven to 0; with plain gradient steps they hover around it, with the proximal step they stay."
    )

    def switch(self, inputs: Sequence[Array]) -> Array:
        side: Array = np.sign(np.concatenate([flat(w) for w in inputs]))
        return side

    def convention(self) -> str:
        return "|w| has no slope at exactly 0; like PyTorch, we take sign(0) = 0."
