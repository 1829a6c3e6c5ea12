"""What repeating the same samples costs: the gradient evaluations that two paths need for the same loss."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.session.descend.race import Path


@dataclass(frozen=True)
class Spending:
    """The gradient evaluations of single samples that two paths needed until J was first as low as `loss`."""

    loss: float
    evaluations: tuple[int, int]

    @property
    def ratio(self) -> float:
        """How many times as much the first path spent as the second."""
        return self.evaluations[0] / self.evaluations[1]


def spending(one: Path, other: Path, loss: float | None = None) -> Spending | None:
    """Compare two paths at a loss, or at the lowest that both have reached; None if one is not, or never was, above it.

    Whole updates are counted: a full-batch path is down to a loss only once every sample has been evaluated.
    """
    wanted = max(float(one.losses.min()), float(other.losses.min())) if loss is None else loss
    spent = one.evaluations_to(wanted), other.evaluations_to(wanted)
    return Spending(wanted, (spent[0], spent[1])) if spent[0] and spent[1] else None
