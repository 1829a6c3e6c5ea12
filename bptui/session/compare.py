"""Two branches side by side, at the same training step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.session.history import Address, History
from bptui.session.search import moment_at


@dataclass(frozen=True)
class Comparison:
    """The losses of one training step in two branches, and each parameter's largest difference after it.

    A parameter that only one of them has, or that has another shape there, is left out.
    """

    step: int
    losses: tuple[float, float]
    parameters: dict[str, float]


def compare(history: History, one: int, other: int, step: int) -> Comparison:
    """Compare two branches at the end of a training step."""
    losses, parameters = [], []
    for branch in (one, other):
        end = len(history.owner(branch, step).experiment.graph.events) - 1
        moment = moment_at(history, Address(branch, step, end))
        losses.append(float(moment.loss or 0.0))
        parameters.append(
            {p.name: moment.record.program.state.parameters[p.name].copy() for p in moment.graph.parameters}
        )
    first, second = parameters
    alike = [name for name in first if name in second and first[name].shape == second[name].shape]
    largest = {name: float(np.max(np.abs(first[name] - second[name]))) for name in alike}
    return Comparison(step, (losses[0], losses[1]), largest)
