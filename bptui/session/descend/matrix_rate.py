"""A learning rate that is a matrix: which way it turns the step, and what that does to the loss to first order."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from bptui.engine.buffers import Array


@dataclass(frozen=True, eq=False)
class MatrixStep:
    """The step −M g, (2,), and the change of the loss to first order, −gᵀ M g, which is never above 0."""

    step: Array
    change: float


def rate_matrix(along: float, across: float, degrees: float) -> Array:
    """The symmetric matrix with rate `along` in the direction at so many degrees to the first axis, `across` it else.

    Raises ValueError if a rate is negative.
    """
    if along < 0.0 or across < 0.0:
        raise ValueError(f"rates {along:g} and {across:g}: wants none below 0, or a step could go uphill")
    turn = radians(degrees)
    axes = np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
    matrix: Array = axes @ np.diag([along, across]) @ axes.T
    return matrix


def matrix_step(matrix: Array, gradient: Array) -> MatrixStep:
    """The step of a matrix of rates, (2, 2), at a gradient, (2,).

    Raises ValueError unless the matrix is symmetric and positive semi-definite.
    """
    rounding = 1e-12 * float(np.abs(matrix).max()) + np.finfo(float).tiny
    if not (np.abs(matrix - matrix.T) <= rounding).all():
        raise ValueError("the matrix is not symmetric")
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -rounding:
        raise ValueError(f"the matrix has the eigenvalue {values[0]:g}, wants none below 0, or a step could go uphill")
    rates, shares = np.maximum(values, 0.0), vectors.T @ gradient
    return MatrixStep(-vectors @ (rates * shares), -float(rates @ shares**2))
