"""Modules with a constant: they scale or shift their input by it, and average a sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bptui.engine.module import Entry, Module, Seen, Show, Spec, Term, register, subscript
from bptui.engine.site import Site


@register
@dataclass(frozen=True)
class Scale(Module):
    """y = factor · x.

    Shape:
        input (*), output (*).
    """

    factor: float = 1.0

    kind = "Scale"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return inputs

    def constant(self, batch: int) -> float:
        """The number to multiply by for this many samples."""
        return self.factor

    def letter(self) -> str:
        """What the constant is called."""
        return "c"

    forward_equation = "{y} = c · {x}"
    forward_label = "c·{x}"
    forward_story = "Scale multiplied {x} by a constant: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.multiply, at.x, self.constant(at.batch), out=at.y)

    backward_equations = ("d{x} = c · d{y}",)
    backward_label = "c·d{y}"
    backward_story = "Scale multiplied d{y} by the same constant: that is d{x}."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.dy, self.constant(at.batch), out=at.dx)

    torch = "{times}{x}"
    numpy_forward = ("{y} = {times}{x}",)
    numpy_backward = ("{dx} = {times}{dy}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        return {"times": "-" if self.factor == -1.0 else f"{self.factor!r} * "}

    about = "Scale multiplies by a constant, forwards and backwards alike."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at, n = subscript(index), seen.names
        term = Term(self.letter(), self.constant(seen.batch), n["x"] + at, float(seen.x[index]))
        return Entry(n["y"] + at, f"{n['y']}{at} = {term.left}·{term.right}", float(seen.y[index]), (term,))

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return self.letter()


@register
@dataclass(frozen=True)
class Shift(Module):
    """y = x + c.

    Shape:
        input (*), output (*).
    """

    by: float = 0.0

    kind = "Shift"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return inputs

    forward_equation = "{y} = {x} + c"
    forward_label = "{x}+c"
    forward_story = "Shift added a constant to each entry of {x}: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.add, at.x, self.by, out=at.y)

    backward_equations = ("d{x} = d{y}",)
    backward_label = "copy"
    backward_story = "Shift copied d{y}: a constant that is added changes no slope."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.positive, at.dy, out=at.dx)

    torch = "{x}{plus}"
    numpy_forward = ("{y} = {x}{plus}",)
    numpy_backward = ("{dx} = {dy}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        return {"plus": f" - {-self.by!r}" if self.by < 0.0 else f" + {self.by!r}"}

    about = "Shift adds a constant. A change of its input changes the output by just as much, wherever it starts."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at, n = subscript(index), seen.names
        terms = (Term("1", 1.0, n["x"] + at, float(seen.x[index])), Term("1", 1.0, "c", self.by))
        return Entry(n["y"] + at, f"{n['y']}{at} = {n['x']}{at} + c", float(seen.y[index]), terms)

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return "1"


@register
@dataclass(frozen=True)
class Average(Scale):
    """y = x / (B · entries): a sum over a batch of B samples becomes the mean.

    `entries` is 1 for the lecture's mean over samples, and the number of entries of a target for PyTorch's default
    mean over all elements.

    Shape:
        input (), output (): the summed cost of the batch.
    """

    factor: float = 1.0
    entries: int = 1

    kind = "Average"
    title = "average"
    short = "avg"
    forward_equation = "{y} = {x} / B"
    forward_label = "average"
    forward_story = "Average divided the summed cost {x} by how many were summed: that is {y}."
    backward_equations = ("d{x} = d{y} / B",)
    backward_label = "d{y}/B"
    backward_story = "Average divided the gradient by the same number, so every sample pulls with an equal share."
    torch = "{x} / {count}"
    numpy_forward = ("{y} = {x} / {count}",)
    numpy_backward = ("{dx} = {dy} / {count}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        count = names["B"] if self.entries == 1 else f"({self.entries} * {names['B']})"
        return {"count": count if self.factor == 1.0 else f"{count} * {self.factor!r}"}

    about = (
        "Average turns the cost summed over the minibatch into a mean. Backwards it scales every sample's gradient "
        "down alike, so that the step does not grow with the batch."
    )

    def constant(self, batch: int) -> float:
        return self.factor / (batch * self.entries)

    def letter(self) -> str:
        return f"(1/{self._count()})"

    def forward_texts(self, names: Mapping[str, str]) -> str:
        return f"{names['y']} = {names['x']} / {self._count()}"

    def backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        return (f"d{names['x']} = d{names['y']} / {self._count()}",)

    def _count(self) -> str:
        return "B" if self.entries == 1 else f"({self.entries}B)"
