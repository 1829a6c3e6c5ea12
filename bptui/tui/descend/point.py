"""Orthogonality: a point that is moved over the contours, and the directions that meet there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.descend.contour import Meeting, Tangent, contour, meeting, tangent
from bptui.session.descend.matrix_rate import MatrixStep, matrix_step, rate_matrix
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import Plane
from bptui.session.descend.whereabouts import View

Rate = Literal["along", "across", "angle"]
RATES: tuple[Rate, ...] = ("along", "across", "angle")
TURN = 15.0  # degrees that an arrow turns the matrix by
FINE, STEPS = 1e-3, 60  # of the view's width: the tangent's circle; vertices of the contour across the view
MOST = 240  # vertices to a side


@dataclass
class Point:
    """A position, (2,), and η as a matrix: `along` at `angle` degrees to the first axis, `across` at right angles."""

    position: Array
    along: float
    across: float
    angle: float = 0.0
    rate: Rate = "along"

    @property
    def matrix(self) -> Array:
        """η, (2, 2)."""
        return rate_matrix(self.along, self.across, self.angle)

    @property
    def turned(self) -> bool:
        """Whether η is more than a number."""
        return self.along != self.across


@dataclass(frozen=True, eq=False)
class Crossing:
    """What is measured at a point: the contour from loss values alone, the gradient from backward, and the step."""

    position: Array
    loss: float
    gradient: Array
    tangent: Tangent
    angle: Meeting | None
    contour: Array
    step: MatrixStep
    step_angle: Meeting | None
    after: float


def measure(objective: Objective, plane: Plane, point: Point, view: View) -> Crossing:
    """All that the pane shows of a point."""
    low, high = np.array(view.low), np.array(view.high)
    width = float(high[0] - low[0])

    def level(position: Array) -> float:
        return objective.value(plane.at(position))

    def inside(position: Array) -> bool:
        return bool(((position >= low) & (position <= high)).all())

    loss, full = objective.gradient(plane.at(point.position))
    gradient = plane.partials(full)
    chord = tangent(level, point.position, FINE * width)
    line = contour(level, point.position, width / STEPS, inside, MOST)
    step = matrix_step(point.matrix, gradient)
    angle = step_angle = None
    if chord.direction is not None:
        angle = meeting(gradient, chord.direction)
        step_angle = meeting(step.step, chord.direction)
    after = level(point.position + step.step)
    return Crossing(point.position.copy(), loss, gradient, chord, angle, line, step, step_angle, after)
