"""Schedules: the learning rate as a function of the training step, as factors of a base rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True)
class Schedule:
    """A factor on the learning rate for each training step, counted from 0."""

    kind: ClassVar[str]
    equation: ClassVar[str]
    torch: ClassVar[str] = ""  # PyTorch's class, behind {optimiser} its settings; empty where there is none to step

    def factor(self, step: int) -> float:
        """What to multiply the base rate by at this step."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """The schedule's own numbers, as in its constructor, for files."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


class Constant(Schedule):
    """η(t) = η."""

    kind = "constant"
    equation = "η(t) = η"

    def factor(self, step: int) -> float:
        return 1.0


@dataclass(frozen=True)
class Step(Schedule):
    """η(t) = η γ^⌊t/every⌋; PyTorch's `StepLR`."""

    every: int = 100
    gamma: float = 0.1

    def __post_init__(self) -> None:
        _refuse_growth(self.gamma)

    kind = "step"
    equation = "η(t) = η γ^⌊t/n⌋"
    torch = "StepLR({optimiser}, step_size={every}, gamma={gamma})"

    def factor(self, step: int) -> float:
        return float(self.gamma ** (step // self.every))


@dataclass(frozen=True)
class Exponential(Schedule):
    """η(t) = η γ^t; PyTorch's `ExponentialLR`."""

    gamma: float = 0.99

    def __post_init__(self) -> None:
        _refuse_growth(self.gamma)

    kind = "exponential"
    equation = "η(t) = η γ^t"
    torch = "ExponentialLR({optimiser}, gamma={gamma})"

    def factor(self, step: int) -> float:
        return float(self.gamma**step)


@dataclass(frozen=True)
class Cosine(Schedule):
    """η(t) = η (1 + cos(π t/total)) / 2 down to 0, then 0; PyTorch's `CosineAnnealingLR` up to `total`."""

    total: int = 1000

    kind = "cosine"
    equation = "η(t) = η (1 + cos(π t/T)) / 2"
    torch = "CosineAnnealingLR({optimiser}, T_max={total})  # up to step {total}: bptui's rate then stays at 0"

    def factor(self, step: int) -> float:
        return 0.5 * (1.0 + math.cos(math.pi * min(step, self.total) / self.total))


@dataclass(frozen=True)
class Inverse(Schedule):
    """η(t) = η / (1 + t/τ): the classic 1/t of stochastic approximation. Source: Robbins and Monro 1951."""

    tau: float = 100.0

    def __post_init__(self) -> None:
        if not self.tau > 0.0:
            raise ValueError(f"tau: got {self.tau:g}, wants a number above 0")

    kind = "1/t"
    equation = "η(t) = η / (1 + t/τ)"
    torch = "LambdaLR({optimiser}, lambda step: 1 / (1 + step / {tau}))"

    def factor(self, step: int) -> float:
        return 1.0 / (1.0 + step / self.tau)


def _refuse_growth(gamma: float) -> None:
    if not 0.0 <= gamma <= 1.0:
        raise ValueError(f"gamma: got {gamma:g}, wants a number from 0 to 1, so that the rate falls")


SCHEDULES: dict[str, type[Schedule]] = {cls.kind: cls for cls in (Constant, Step, Exponential, Cosine, Inverse)}
