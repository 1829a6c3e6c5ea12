"""What a view may ask of one instant of a run. The session answers; nothing that draws holds numbers of its own."""

from __future__ import annotations

from typing import Protocol

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph


class Reading(Protocol):
    """One instant: the training step's values as far as they are known when event `cursor` has just happened.

    Batched variables are given for one sample, number `sample` of `batch`; the others whole.
    """

    @property
    def graph(self) -> Graph: ...

    @property
    def cursor(self) -> int:
        """The index in `graph.events` of the event that has just happened."""

    @property
    def sample(self) -> int: ...

    @property
    def batch(self) -> int: ...

    @property
    def hidden(self) -> frozenset[tuple[str, str]]:
        """What must not be shown yet, by kind and name, such as `("grad", "z")`. As if nothing had computed it."""

    def value(self, name: str) -> Array | None:
        """A variable's or parameter's value; None if nothing has computed it yet."""

    def gradient(self, name: str) -> Array | None:
        """The gradient of the loss; None if backward has not reached it yet. A parameter's is summed over the batch."""

    def batch_value(self, name: str) -> Array | None:
        """A variable's value for all samples, (B, *shape); whole if it is not batched."""

    def batch_gradient(self, name: str) -> Array | None:
        """A variable's gradient for all samples, (B, *shape); whole if it is not batched."""

    def before(self, parameter: str) -> Array:
        """A parameter as it was when this training step began."""

    def slots(self, parameter: str) -> dict[str, Array]:
        """The optimiser's buffers of a parameter at this instant, by name."""

    def drawn(self, node: str) -> tuple[Array, ...]:
        """What a module drew by chance in this training step (dropout's mask), for this sample."""
