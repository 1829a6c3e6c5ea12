"""Optimisers: each an update bound to flat buffers, entry by entry, with PyTorch's semantics where PyTorch has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from bptui.engine.buffers import Array, aligned
from bptui.engine.site import Call


class Update:
    """The place where an optimiser's calls are bound: a stretch of parameters with its gradient and slots.

    It lies at `place` in the vectors of `flat`, by name, and in those of `scratch`, which are made as they are asked
    for. `rate` is the learning rate η of this step, a 0-d buffer. `clock` holds 0-d buffers that `Optimiser.tick` sets
    before each step.
    """

    def __init__(
        self,
        flat: Mapping[str, Array],
        scratch: dict[str, Array],
        place: slice,
        rate: Array,
        clock: Mapping[str, Array],
    ) -> None:
        self._flat, self._scratch, self._place, self.rate, self.clock = flat, scratch, place, rate, clock
        self.parameter, self.gradient = self.stretch("parameters"), self.stretch("gradients")
        self.calls: list[Call] = []

    def call(self, function: Callable[..., Any], *arguments: Any, out: Array, **keywords: Any) -> None:
        """Bind `function(*arguments, out=out, **keywords)`."""
        self.calls.append(Call(function, arguments, out, keywords))

    def stretch(self, name: str) -> Array:
        """The parameter's stretch of a slot, or of what holds each entry's own rate.

        Those are `decay` for AdamW and `threshold` for the proximal step.
        """
        return self._flat[name][self._place]

    def scratch(self, key: str) -> Array:
        """The parameter's stretch of a named work buffer."""
        if key not in self._scratch:
            whole = self._flat["parameters"]
            self._scratch[key] = aligned(whole.shape, whole.dtype)
        return self._scratch[key][self._place]


@dataclass(frozen=True)
class Optimiser:
    """How parameters move, given their gradients. Learning rate and schedule are the experiment's.

    `slots` names the buffers that it keeps for each parameter (all start at 0).
    """

    kind: ClassVar[str]
    slots: ClassVar[tuple[str, ...]] = ()
    clock: ClassVar[tuple[str, ...]] = ()
    equations: ClassVar[tuple[str, ...]]  # {W} is the parameter, d{W} its gradient
    torch: ClassVar[str]  # PyTorch's class, and its own settings behind {parameters}
    numpy: ClassVar[tuple[str, ...]]  # the same in NumPy: {W}, {dW}, {lr}, {t} from 1, its slots and settings by name
    about: ClassVar[str]

    def __post_init__(self) -> None:
        for name in ("momentum", "alpha", "beta1", "beta2"):
            value = getattr(self, name, 0.0)
            if not 0.0 <= value < 1.0:
                raise ValueError(f"{name}: got {value:g}, wants a number from 0 to below 1")

    def tick(self, step: int, clock: Mapping[str, Array]) -> None:
        """Set the clock's numbers for a step, counted from 0."""

    def update(self, at: Update) -> None:
        """Bind the calls that move `at.parameter` and its slots."""
        raise NotImplementedError

    def torch_text(self, parameters: str, lr: float, decay: str) -> str:
        """The optimiser in PyTorch; `decay` is a last argument, or empty."""
        return self.torch.format_map({**self.settings(), "parameters": parameters, "lr": repr(lr), "decay": decay})

    def settings(self) -> dict[str, Any]:
        """The optimiser's own numbers, as in its constructor, for files."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


class SGD(Optimiser):
    """w ← w − η dw."""

    kind = "SGD"
    equations = ("{W} ← {W} − η d{W}",)
    torch = "SGD({parameters}, lr={lr}{decay})"
    numpy = ("{W} = {W} - {lr} * {dW}",)
    about = "Plain gradient descent: a step against the gradient, η long for a gradient of length 1."

    def update(self, at: Update) -> None:
        step = at.scratch("step")
        at.call(np.multiply, at.gradient, at.rate, out=step)
        at.call(np.subtract, at.parameter, step, out=at.parameter)


@dataclass(frozen=True)
class Momentum(Optimiser):
    """v ← μ v + dw, w ← w − η v: PyTorch's form, in which η multiplies the whole velocity (dampening 0)."""

    momentum: float = 0.9

    kind = "momentum"
    slots = ("velocity",)
    equations = ("v ← μ v + d{W}", "{W} ← {W} − η v")
    torch = "SGD({parameters}, lr={lr}, momentum={momentum}{decay})"
    numpy = ("{velocity} = {momentum} * {velocity} + {dW}", "{W} = {W} - {lr} * {velocity}")
    about = "Momentum keeps a running sum of gradients, so that steps along a valley add up and steps across cancel."

    def update(self, at: Update) -> None:
        step, velocity = at.scratch("step"), at.stretch("velocity")
        at.call(np.multiply, velocity, self.momentum, out=velocity)
        at.call(np.add, velocity, at.gradient, out=velocity)
        at.call(np.multiply, velocity, at.rate, out=step)
        at.call(np.subtract, at.parameter, step, out=at.parameter)


@dataclass(frozen=True)
class Nesterov(Optimiser):
    """v ← μ v + dw, w ← w − η (dw + μ v): PyTorch's form of Nesterov's momentum."""

    momentum: float = 0.9

    kind = "nesterov"
    slots = ("velocity",)
    equations = ("v ← μ v + d{W}", "{W} ← {W} − η (d{W} + μ v)")
    torch = "SGD({parameters}, lr={lr}, momentum={momentum}, nesterov=True{decay})"
    numpy = (
        "{velocity} = {momentum} * {velocity} + {dW}",
        "{W} = {W} - {lr} * ({dW} + {momentum} * {velocity})",
    )

    def torch_text(self, parameters: str, lr: float, decay: str) -> str:
        if not self.momentum:  # then PyTorch refuses it, and it is SGD
            return SGD().torch_text(parameters, lr, decay)
        return super().torch_text(parameters, lr, decay)

    about = "Nesterov's momentum, in PyTorch's form: the step looks one velocity ahead of where the gradient was."

    def update(self, at: Update) -> None:
        step, velocity = at.scratch("step"), at.stretch("velocity")
        at.call(np.multiply, velocity, self.momentum, out=velocity)
        at.call(np.add, velocity, at.gradient, out=velocity)
        at.call(np.multiply, velocity, self.momentum, out=step)
        at.call(np.add, step, at.gradient, out=step)
        at.call(np.multiply, step, at.rate, out=step)
        at.call(np.subtract, at.parameter, step, out=at.parameter)


@dataclass(frozen=True)
class RMSProp(Optimiser):
    """q ← α q + (1 − α) dw², w ← w − η dw / (√q + ε); PyTorch's defaults. Source: Tieleman and Hinton 2012."""

    alpha: float = 0.99
    eps: float = 1e-8

    kind = "RMSProp"
    slots = ("square",)
    equations = ("q ← α q + (1 − α) d{W}²", "{W} ← {W} − η d{W} / (√q + ε)")
    torch = "RMSprop({parameters}, lr={lr}, alpha={alpha}, eps={eps}{decay})"
    numpy = (
        "{square} = {alpha} * {square} + (1 - {alpha}) * {dW} ** 2",
        "{W} = {W} - {lr} * {dW} / (np.sqrt({square}) + {eps})",
    )
    about = "RMSProp divides each step by the recent size of that entry's gradient, so all entries move alike."

    def update(self, at: Update) -> None:
        step, square = at.scratch("step"), at.stretch("square")
        at.call(np.multiply, square, self.alpha, out=square)
        at.call(np.multiply, at.gradient, at.gradient, out=step)
        at.call(np.multiply, step, 1.0 - self.alpha, out=step)
        at.call(np.add, square, step, out=square)
        at.call(np.sqrt, square, out=step)
        at.call(np.add, step, self.eps, out=step)
        at.call(np.divide, at.gradient, step, out=step)
        at.call(np.multiply, step, at.rate, out=step)
        at.call(np.subtract, at.parameter, step, out=at.parameter)


@dataclass(frozen=True)
class Adam(Optimiser):
    """m ← β₁m + (1−β₁)dw, q ← β₂q + (1−β₂)dw², w ← w − η m̂ / (√q̂ + ε); PyTorch's defaults. Source: Kingma and Ba."""

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    kind = "Adam"
    slots = ("mean", "square")
    clock = ("correction1", "root2")
    equations: ClassVar[tuple[str, ...]] = (
        "m ← β₁ m + (1 − β₁) d{W}",
        "q ← β₂ q + (1 − β₂) d{W}²",
        "{W} ← {W} − η m̂ / (√q̂ + ε)",
    )
    torch = "Adam({parameters}, lr={lr}, betas=({beta1}, {beta2}), eps={eps}{decay})"
    numpy: ClassVar[tuple[str, ...]] = (
        "{mean} = {beta1} * {mean} + (1 - {beta1}) * {dW}",
        "{square} = {beta2} * {square} + (1 - {beta2}) * {dW} ** 2",
        "{W} = {W} - {lr} * {mean} / (1 - {beta1} ** {t}) / (np.sqrt({square} / (1 - {beta2} ** {t})) + {eps})",
    )
    about = (
        "Adam follows a running mean of the gradient, divided by its recent size. Both means start at 0; the hats "
        "correct for that in the first steps."
    )

    def tick(self, step: int, clock: Mapping[str, Array]) -> None:
        clock["correction1"][()] = 1.0 - self.beta1 ** (step + 1)
        clock["root2"][()] = (1.0 - self.beta2 ** (step + 1)) ** 0.5

    def update(self, at: Update) -> None:
        step, size = at.scratch("step"), at.scratch("size")
        mean, square = at.stretch("mean"), at.stretch("square")
        at.call(np.multiply, mean, self.beta1, out=mean)
        at.call(np.multiply, at.gradient, 1.0 - self.beta1, out=step)
        at.call(np.add, mean, step, out=mean)
        at.call(np.multiply, square, self.beta2, out=square)
        at.call(np.multiply, at.gradient, at.gradient, out=step)
        at.call(np.multiply, step, 1.0 - self.beta2, out=step)
        at.call(np.add, square, step, out=square)
        at.call(np.sqrt, square, out=size)
        at.call(np.divide, size, at.clock["root2"], out=size)
        at.call(np.add, size, self.eps, out=size)
        at.call(np.divide, mean, at.clock["correction1"], out=step)
        at.call(np.divide, step, size, out=step)
        at.call(np.multiply, step, at.rate, out=step)
        at.call(np.subtract, at.parameter, step, out=at.parameter)


@dataclass(frozen=True)
class AdamW(Adam):
    """w ← w − η λ w first, then Adam's step: decay apart from the gradient. Source: Loshchilov and Hutter 2019."""

    decay: float = 0.01

    kind = "AdamW"
    equations = ("{W} ← {W} − η λ {W}", *Adam.equations)
    torch = "AdamW({parameters}, lr={lr}, betas=({beta1}, {beta2}), eps={eps}{decay})"
    numpy = ("{W} = {W} - {lr} * {decay} * {W}", *Adam.numpy)
    about = "Adam, with weight decay applied to the weight itself instead of to its gradient."

    def update(self, at: Update) -> None:
        shrink = at.scratch("shrink")
        at.call(np.multiply, at.stretch("decay"), at.rate, out=shrink)
        at.call(np.multiply, shrink, at.parameter, out=shrink)
        at.call(np.subtract, at.parameter, shrink, out=at.parameter)
        super().update(at)


class ProximalSGD(Optimiser):
    """w ← soft(w − η dw, η α): a plain step, then every weight moves α η towards 0 and stops there.

    The proximal step for L1: the only one here that makes exact zeros. Source: Parikh and Boyd 2014, section 6.5.2.
    """

    kind = "proximal"
    equations = ("w ← {W} − η d{W}", "{W} ← sign(w) · max(|w| − η α, 0)")
    torch = "SGD({parameters}, lr={lr}{decay})"
    numpy = ("{W} = {W} - {lr} * {dW}", "{W} = np.sign({W}) * np.maximum(np.abs({W}) - {lr} * {threshold}, 0)")
    about = "Plain SGD, then the proximal step of L1: each weight moves ηα towards 0, and stops exactly there."

    def update(self, at: Update) -> None:
        step, size = at.scratch("step"), at.scratch("size")
        at.call(np.multiply, at.gradient, at.rate, out=step)
        at.call(np.subtract, at.parameter, step, out=at.parameter)
        at.call(np.multiply, at.stretch("threshold"), at.rate, out=step)
        at.call(np.absolute, at.parameter, out=size)
        at.call(np.subtract, size, step, out=size)
        at.call(np.maximum, size, 0.0, out=size)
        at.call(np.sign, at.parameter, out=step)
        at.call(np.multiply, step, size, out=at.parameter)


OPTIMISERS: dict[str, type[Optimiser]] = {
    cls.kind: cls for cls in (SGD, Momentum, Nesterov, RMSProp, Adam, AdamW, ProximalSGD)
}
