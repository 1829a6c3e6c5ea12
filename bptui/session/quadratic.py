"""A quadratic function from a few of its gradients: exact, up to rounding, wherever it is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bptui.engine.module import Array

SINGULAR = 1e-12  # eigenvalues this much smaller than the largest are taken as 0

Slope = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True, eq=False)
class Quadratic:
    """J(p) = value + gradient·(p − centre) + ½ (p − centre)ᵀ hessian (p − centre).

    `centre` (D,) is a stationary point if there is one: then `gradient` (D,) is 0 up to rounding.
    """

    centre: Array
    value: float
    gradient: Array
    hessian: Array

    @cached_property
    def _axes(self) -> tuple[Array, Array]:
        values, vectors = np.linalg.eigh(self.hessian)
        return values, vectors

    @property
    def eigenvalues(self) -> Array:
        """(D,), ascending."""
        return self._axes[0]

    @property
    def eigenvectors(self) -> Array:
        """(D, D), one a column, in the order of the eigenvalues."""
        return self._axes[1]

    def grid(self, axes: tuple[Array, ...]) -> Array:
        """J on a grid: of axes (C,) or (C,), (R,), shape (C,) or (R, C).

        A sum over the eigenvectors, whose terms don't cancel as those of an expanded polynomial do.
        """
        losses: Array = np.array(self.value)
        slopes = self.gradient @ self.eigenvectors
        for eigenvalue, vector, slope in zip(self.eigenvalues, self.eigenvectors.T, slopes, strict=True):
            along = vector[0] * (axes[0] - self.centre[0])
            if len(axes) > 1:
                along = np.add.outer(vector[1] * (axes[1] - self.centre[1]), along)
            term = along * (0.5 * eigenvalue)
            term += slope
            term *= along
            losses = losses + term
        return losses

    def values(self, points: Array) -> Array:
        """J at each row of (n, D)."""
        along = (points - self.centre) @ self.eigenvectors
        values: Array = self.value + (along * (0.5 * self.eigenvalues * along + self.gradient @ self.eigenvectors)).sum(
            1
        )
        return values


def quadratic(slope: Slope, dimensions: int, near: Array | None = None) -> Quadratic:
    """The quadratic function whose value and gradient at a point `slope` returns.

    Its gradient is affine, so differences over any distance give the Hessian. That is done twice, the second time
    around the stationary point, where there is least to cancel.
    """
    centre = np.zeros(dimensions) if near is None else near.copy()
    hessian = np.zeros((dimensions, dimensions))
    for _ in range(2):
        _, gradient = slope(centre)
        for k in range(dimensions):
            hessian[:, k] = slope(centre + np.eye(dimensions)[k])[1] - gradient
        hessian = (hessian + hessian.T) / 2.0
        centre = centre - np.linalg.pinv(hessian, rcond=SINGULAR, hermitian=True) @ gradient
    value, gradient = slope(centre)
    return Quadratic(centre, value, gradient, hessian)
