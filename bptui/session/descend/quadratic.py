"""A quadratic function from a few of its gradients: exact, up to rounding, wherever it is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array

FLAT = 1e-4  # an eigenvalue this much smaller than the largest may put the stationary point too far away to be exact

Slope = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True, eq=False)
class Quadratic:
    """J(p) = value + gradient·(p − centre) + ½ (p − centre)ᵀ H (p − centre).

    H is given by its `eigenvalues` (D,), ascending, and `eigenvectors` (D, D), one a column. At `centre`, (D,), there
    is no slope left along eigenvectors whose eigenvalues are more than `flat` times the largest.
    """

    centre: Array
    value: float
    gradient: Array
    eigenvalues: Array
    eigenvectors: Array
    flat: float = FLAT

    @property
    def hessian(self) -> Array:
        """H, (D, D)."""
        hessian: Array = self.eigenvectors * self.eigenvalues @ self.eigenvectors.T
        return hessian

    @property
    def curved(self) -> Array:
        """Which eigenvectors J curves along so much that the centre is their stationary point, (D,) of truth values."""
        sizes = np.abs(self.eigenvalues)
        curved: Array = sizes > self.flat * sizes.max(initial=0.0)
        return curved

    @property
    def slopes(self) -> Array:
        """The slope along each eigenvector at the centre, (D,)."""
        slopes: Array = np.where(self.curved, 0.0, self.gradient @ self.eigenvectors)
        return slopes

    def grid(self, axes: tuple[Array, ...], out: Array) -> None:
        """Fill J on a grid of axes (C,) or (C,), (R,): `out` is (R, C), with R = 1 for one axis.

        A sum of squares along the eigenvectors, whose terms don't cancel as those of an expanded polynomial do.
        """
        out.fill(self.value)
        lines = [axis - centre for axis, centre in zip(axes, self.centre, strict=True)]
        terms = zip(self.eigenvalues, self.eigenvectors.T, self.curved, self.slopes, strict=True)
        for size, vector, curved, slope in terms:
            scale = np.sqrt(abs(size) / 2.0) if curved else 1.0
            rise = scale * vector[1] * lines[1] if len(lines) > 1 else np.zeros(1)
            along = np.add.outer(rise, scale * vector[0] * lines[0])
            along *= along if curved else 0.5 * size * along + slope
            (np.subtract if curved and size < 0.0 else np.add)(out, along, out=out)

    def values(self, points: Array) -> Array:
        """J at each row of (n, D)."""
        along = (points - self.centre) @ self.eigenvectors
        values: Array = self.value + (along * (0.5 * self.eigenvalues * along + self.slopes)).sum(axis=1)
        return values

    def stationary(self) -> Array:
        """The point closest to the centre that has no slope along the curved eigenvectors, (D,)."""
        shares = self.gradient @ self.eigenvectors
        steps = np.divide(shares, self.eigenvalues, out=np.zeros_like(shares), where=self.curved)
        point: Array = self.centre - self.eigenvectors @ steps
        return point


@np.errstate(all="ignore")
def quadratic(slope: Slope, near: Array, flat: float = FLAT) -> Quadratic | None:
    """The quadratic function whose value and gradient at a point `slope` returns; None if they overflow.

    Its gradient is affine, so differences over any distance give the Hessian. That is done twice, the second time
    around the stationary point, where there is least to cancel.
    """
    centre, steps = near, np.eye(len(near))
    for _ in range(2):
        value, gradient = slope(centre)
        hessian = np.array([slope(centre + step)[1] - gradient for step in steps])
        if not np.isfinite(hessian).all():
            return None
        found = Quadratic(centre, value, gradient, *np.linalg.eigh((hessian + hessian.T) / 2.0), flat)
        centre = found.stationary()
    return Quadratic(centre, *slope(centre), found.eigenvalues, found.eigenvectors, flat)
