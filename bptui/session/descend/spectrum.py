"""How a loss curves: its Hessian, and which learning rates plain gradient descent bears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.descend.degree import degrees
from bptui.session.descend.objective import Objective
from bptui.session.descend.quadratic import quadratic

SINGULAR = 1e-12  # eigenvalues this much smaller than the largest are taken as 0
LIMIT = 1000  # parameters; a Hessian costs a gradient or two for each
DIFFERENCE = np.finfo(float).eps ** (1 / 3)  # where truncation and rounding of central differences balance


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The Hessian of J over all parameters.

    `exact` where J is quadratic: then the Hessian is the same everywhere. Else it is local, that of `at`, (P,), by
    differences of the gradient. `minimum` (P,) is the lowest point, if J is quadratic and has one (the one closest
    to where it was looked for, if there are many), `minimum_loss` J there.
    """

    exact: bool
    at: Array
    hessian: Array
    eigenvalues: Array
    eigenvectors: Array
    minimum: Array | None = None
    minimum_loss: float | None = None

    @property
    def lowest(self) -> float:
        """λmin."""
        return float(self.eigenvalues[0])

    @property
    def highest(self) -> float:
        """λmax."""
        return float(self.eigenvalues[-1])

    @property
    def falls(self) -> bool:
        """Whether J falls without end, or curves downwards here, along some direction."""
        return self.lowest < -SINGULAR * float(np.abs(self.eigenvalues).max())

    @property
    def largest_rate(self) -> float:
        """2/λmax: beyond this learning rate plain full-batch gradient descent diverges; inf where λmax ≤ 0."""
        return 2.0 / self.highest if self.highest > 0.0 else float("inf")

    def diverges(self, rate: float) -> bool:
        """Whether plain full-batch gradient descent at this learning rate leaves along some eigenvector.

        Exact where J is quadratic (a start with no share of that eigenvector apart); elsewhere, so near `at`.
        """
        return self.falls or rate > self.largest_rate


def is_quadratic(objective: Objective) -> bool:
    """Whether J is quadratic in all parameters together."""
    graph = objective.graph
    return degrees(graph, [p.name for p in graph.parameters])[graph.loss] <= 2.0


def spectrum(objective: Objective, at: Array) -> Spectrum:
    """The spectrum of J: exact where it is quadratic, else at a point, (P,).

    Raises ValueError if there are too many parameters, or the Hessian overflows.
    """
    if objective.size > LIMIT:
        raise ValueError(f"this net has {objective.size} parameters, wants at most {LIMIT} for a Hessian")
    if not is_quadratic(objective):
        hessian = _local_hessian(objective, at)
        if not np.isfinite(hessian).all():
            raise ValueError("the Hessian is not finite here")
        return Spectrum(False, at, hessian, *np.linalg.eigh(hessian))
    found = quadratic(objective.gradient, at, SINGULAR)
    if found is None:
        raise ValueError("the Hessian is not finite here")
    whole = Spectrum(True, found.centre, found.hessian, found.eigenvalues, found.eigenvectors)
    if whole.falls:
        return whole
    return Spectrum(True, found.centre, found.hessian, found.eigenvalues, found.eigenvectors, found.centre, found.value)


def _local_hessian(objective: Objective, at: Array) -> Array:
    """Central differences of the gradient, made symmetric: (P, P)."""
    rows = np.empty((len(at), len(at)))
    for k in range(len(at)):
        step = np.zeros(len(at))
        step[k] = DIFFERENCE * max(1.0, abs(float(at[k])))
        rows[k] = (objective.gradient(at + step)[1] - objective.gradient(at - step)[1]) / (2.0 * step[k])
    hessian: Array = (rows + rows.T) / 2.0
    return hessian
