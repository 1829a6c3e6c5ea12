"""The place where a program stops with an error: nothing is computed there, and nothing comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, register, subscript
from bptui.engine.site import Site


@register
@dataclass(frozen=True)
class Halt(Module):
    """The end of a run that PyTorch would refuse to go on with. `problem` is what it would say, `hint` what is meant.

    A graph that ends in one has no cost and no backward pass; its output is only there to be pointed at.

    Shape:
        inputs (*), output (), which is NaN.
    """

    problem: str = ""
    reads: int = 1
    hint: str = ""

    kind = "Halt"
    title: ClassVar[str] = "stops here"
    short = "stop"
    inputs = None
    role = "halt"

    def __post_init__(self) -> None:
        said, hint = (text.replace("{", "{{").replace("}", "}}") for text in (self.problem, self.hint))
        story = f"{said.removesuffix('.')}: PyTorch stops here. {hint}."
        object.__setattr__(self, "forward_story", story.removesuffix(" ."))
        object.__setattr__(self, "forward_equation", said)

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        if len(inputs) != self.reads:
            raise ShapeError(f"got {len(inputs)} inputs, wants {self.reads}")
        return (Spec((), batched=False),)

    forward_equation = ""
    forward_label = "stop"
    forward_story = ""

    def forward(self, at: Site) -> None:
        at.y.fill(np.nan)

    backward_equations: ClassVar[tuple[str, ...]] = ()
    backward_label = ""
    backward_story = "No gradient comes back from a program that stops."

    def backward(self, at: Site) -> None:
        """Nothing comes back."""

    about = "Here the shapes do not fit, so PyTorch stops with an error. What was computed before it is there to see."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        return Entry(seen.names["y"] + subscript(index), self.problem, float("nan"))
