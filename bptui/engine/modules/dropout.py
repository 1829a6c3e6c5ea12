"""Dropout: noise as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bptui.engine.module import Entry, Module, Seen, Show, Spec, Term, copied, register, subscript
from bptui.engine.random import StepStream
from bptui.engine.site import Site


@register
@dataclass(frozen=True)
class Dropout(Module):
    """y = x · mask / (1 − p) in training, y = x in evaluation ("inverted" dropout, as in PyTorch).

    Each entry of each sample is zeroed with probability p, drawn anew at every training step from the experiment's
    seed, this module's name and the step: nothing else that is random changes when dropout is switched on.

    Shape:
        input (*), output (*).

    Source: NYU DL week 2, backprop in practice (which zeroes half, without scaling); Srivastava et al. 2014.
    """

    p: float = 0.5

    kind = "Dropout"
    short = "drop"

    def __post_init__(self) -> None:
        if not 0.0 <= self.p < 1.0:
            raise ValueError(f"dropout's p is {self.p}, wants a probability below 1")

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return inputs

    forward_equation = "{y} = {x} · mask / (1 − p)"
    forward_label = "dropout"
    saves = "mask"
    forward_story = "Dropout zeroed some entries of {x} by chance and scaled the rest up: that is {y}."

    def forward(self, at: Site) -> None:
        if not at.training:
            at.call(np.positive, at.x, out=at.y)
            return
        mask = at.like("mask", at.x)
        stream, uniform = StepStream(at.seed, "dropout", at.name), np.empty(at.x.shape)
        keep, factor = np.empty(at.x.shape, bool), 1.0 / (1.0 - self.p)

        def draw(step: int) -> None:
            stream.uniform(step, uniform)
            np.greater_equal(uniform, self.p, out=keep)
            np.multiply(keep, factor, out=mask)

        at.before_each_step(draw, fills=mask)
        at.call(np.multiply, at.x, mask, out=at.y)

    backward_equations = ("d{x} = d{y} · mask / (1 − p)",)
    backward_label = "d{y}·mask"
    backward_story = "Dropout multiplied d{y} by the same mask: what was dropped gets no gradient."

    def backward(self, at: Site) -> None:
        if at.dx is None:
            return
        if at.training:
            at.call(np.multiply, at.dy, at.like("mask", at.x), out=at.dx)
        else:
            at.call(np.positive, at.dy, out=at.dx)

    torch = "nn.Dropout({p})"
    numpy_forward = ("{y} = {x}{masked}",)
    numpy_backward = ("{dx} = {dy}{masked}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        masked = f" * {names['mask']}" if "mask" in names else ""  # in evaluation there is none
        return {**super().own_names(names), "masked": masked}

    about = (
        "Dropout zeroes entries by chance, anew for each sample and step, and scales the others up by 1/(1 − p) so "
        "that the mean stays. No unit can rely on another one being there. In evaluation it does nothing."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at, n = subscript(index), seen.names
        if not seen.drawn:  # in evaluation
            return copied(n["y"] + at, n["x"] + at, float(seen.x[index]))
        term = Term(n["x"] + at, float(seen.x[index]), "mask" + at, float(seen.drawn[0][index]))
        return Entry(n["y"] + at, f"{n['y']}{at} = {n['x']}{at} · mask{at}", float(seen.y[index]), (term,))

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return "mask" + subscript(j)
