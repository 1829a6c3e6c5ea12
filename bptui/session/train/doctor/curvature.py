"""The steepest curvature of a loss at a point, without its Hessian: power iteration on differences of gradients."""

from __future__ import annotations

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.optimisers import SGD, Momentum, Optimiser, ProximalSGD
from bptui.engine.random import generator
from bptui.session.descend.objective import Objective

ROUNDS = 80  # at most
SETTLED = 1e-4  # between two rounds, of λ: then it is taken as found
NUDGE = 1e-8  # of ‖θ‖, for differences of gradients: small, lest it crosses the kink of a ReLU
ASIDE = 1e-4  # of ‖θ‖, by which the point is moved: a ReLU may have its kink right there


def highest_curvature(objective: Objective, theta: Array) -> float:
    """λmax of the Hessian of J at θ, (P,), or as good as there; NaN where gradients overflow."""
    aside = generator(0, "aside").standard_normal(len(theta))
    theta = theta + ASIDE * max(1.0, float(np.linalg.norm(theta))) / np.linalg.norm(aside) * aside
    found = _dominant(objective, theta, 0.0)
    return found if not found < 0.0 else _dominant(objective, theta, -found) + found


def bearable(optimiser: Optimiser, curvature: float) -> float | None:
    """The learning rate beyond which full-batch steps diverge along the steepest direction; None if it sets none.

    2/λ for gradient descent, 2(1 + β)/λ with momentum. Source: Polyak 1964.
    """
    if curvature > 0.0 and isinstance(optimiser, SGD | ProximalSGD | Momentum):
        return 2.0 * (1.0 + getattr(optimiser, "momentum", 0.0)) / curvature
    return None


def _dominant(objective: Objective, theta: Array, shift: float) -> float:
    """The eigenvalue of the Hessian + shift·I that is largest in size."""
    direction = generator(0, "curvature").standard_normal(len(theta))
    direction /= np.linalg.norm(direction)
    nudge = NUDGE * max(1.0, float(np.linalg.norm(theta)))
    former, value = np.inf, np.nan
    with np.errstate(all="ignore"):
        for _ in range(ROUNDS):
            ahead, behind = (objective.gradient(theta + side * nudge * direction)[1] for side in (1.0, -1.0))
            turned = (ahead - behind) / (2.0 * nudge) + shift * direction
            value, size = float(direction @ turned), float(np.linalg.norm(turned))
            if not 0.0 < size < np.inf or abs(value - former) <= SETTLED * abs(value):
                break
            former, direction = value, turned / size
    return value
