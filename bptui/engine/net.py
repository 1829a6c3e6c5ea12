"""A net as its author declares it: variables and modules by name, in order. Wiring it gives a `Graph`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bptui.engine.buffers import Shape
from bptui.engine.module import Module


class Given(NamedTuple):
    """An observed variable: an input or a target, with its shape for one sample.

    `classes` marks a target that is one class of several; its buffer is one-hot.
    """

    name: str
    shape: Shape
    target: bool = False
    classes: bool = False


class Layer(NamedTuple):
    """One module in a net: what it reads and makes, and whose parameters it uses (its own, or a shared owner's)."""

    name: str
    module: Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shares: str | None = None


@dataclass(frozen=True)
class Net:
    """A declared net: immutable, comparable, and plain enough to be written to a file.

    Methods return a longer net. Layers stand in an order in which they can be computed.
    """

    name: str
    description: str = ""
    given: tuple[Given, ...] = ()
    layers: tuple[Layer, ...] = ()

    def input(self, name: str, shape: Shape | int) -> Net:
        """The net with one more input variable."""
        return replace(self, given=(*self.given, Given(name, _shape(shape))))

    def target(self, name: str, shape: Shape | int, *, classes: bool = False) -> Net:
        """The net with one more target variable; with `classes`, a class of `shape` many."""
        return replace(self, given=(*self.given, Given(name, _shape(shape), target=True, classes=classes)))

    def add(
        self,
        name: str,
        module: Module,
        inputs: str | Sequence[str],
        outputs: str | Sequence[str],
        *,
        shares: str | None = None,
    ) -> Net:
        """The net with one more module. `shares` names an earlier layer whose parameters it uses."""
        layer = Layer(name, module, _names(inputs), _names(outputs), shares)
        return replace(self, layers=(*self.layers, layer))


def _shape(shape: Shape | int) -> Shape:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(names.split()) if isinstance(names, str) else tuple(names)
