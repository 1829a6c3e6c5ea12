"""Contours traced on loss values: tangents against gradients, degenerate places, and rates that are matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from descents import landscape, line, logistic, two_layer, unit
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import seeds

from bptui.engine.modules import ReLU, Tanh
from bptui.engine.modules.landscapes import Himmelblau, Rosenbrock, Saddle, Staircase, Valley
from bptui.session.descend.contour import contour, meeting, tangent
from bptui.session.descend.matrix_rate import matrix_step, rate_matrix
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import usual_plane
from bptui.session.descend.spectrum import spectrum
from bptui.session.experiment import Experiment

SMOOTH = {
    "line": line(),
    "logistic": logistic(l2=0.05),
    "tanh unit": unit(Tanh()),
    "two layers": two_layer(),
    "Rosenbrock": landscape(Rosenbrock()),
    "Himmelblau": landscape(Himmelblau()),
    "valley": landscape(Valley()),
}
coordinates = st.floats(-2.0, 2.0)


def levels(experiment: Experiment) -> tuple[Callable[[np.ndarray], float], Callable[[np.ndarray], np.ndarray]]:
    """The loss and its partial derivatives at a position."""
    objective = Objective(experiment)
    plane = usual_plane(objective.graph, objective.start)
    return (
        lambda position: objective.value(plane.at(position)),
        lambda position: plane.partials(objective.gradient(plane.at(position))[1]),
    )


@pytest.mark.parametrize("name", SMOOTH)
@given(a=coordinates, b=coordinates)
def test_the_gradient_is_orthogonal_to_the_contour(name: str, a: float, b: float) -> None:
    level, slope = levels(SMOOTH[name])
    point = np.array([a, b])
    gradient = slope(point)
    assume(np.hypot(*gradient) > 0.3)
    radius = 1e-3
    curvature = max(np.hypot(*(slope(point + d) - gradient)) / radius for d in radius * np.array([(1, 0), (0, 1)]))
    assume(curvature * radius < 0.1 * np.hypot(*gradient))  # else the circle is no small one
    found = tangent(level, point, radius)
    assert found.direction is not None, found.reason
    assert found.ends is not None
    met = meeting(found.direction, gradient)
    assert met is not None
    assert met.angle == pytest.approx(90.0, abs=0.5)
    assert np.hypot(*found.direction) == pytest.approx(1.0)
    np.testing.assert_allclose(np.hypot(*(found.ends - point).T), radius)
    for end in found.ends:
        assert level(end) == pytest.approx(level(point), rel=1e-9)


def test_the_tangent_asks_for_values_only_and_gets_finer_with_the_circle() -> None:
    level, slope = levels(SMOOTH["Rosenbrock"])
    point = np.array([-0.7, 0.9])
    errors = []
    for radius in (0.1, 0.01, 0.001):
        found = tangent(level, point, radius)
        assert found.direction is not None
        met = meeting(found.direction, slope(point))
        assert met is not None
        errors.append(abs(met.angle - 90.0))
    assert errors[0] > 20 * errors[1] > 400 * errors[2]


@pytest.mark.parametrize(
    ("level", "point", "reason"),
    [
        (levels(landscape(Staircase()))[0], (0.31, 0.42), "flat here"),
        (lambda p: float(p @ p), (0.0, 0.0), "rises to every side"),
        (lambda p: -float(p @ p), (0.0, 0.0), "falls to every side"),
        (levels(landscape(Saddle()))[0], (0.0, 0.0), "as at a saddle"),
        (lambda p: max(0.0, float(p[0])), (0.0, 0.0), "beside a flat piece"),
        (lambda p: float("nan"), (0.0, 0.0), "not finite"),
        (lambda p: float("inf") if p[0] > 0 else float(p[1]), (0.0, 0.0), "not finite"),
    ],
)
def test_where_there_is_no_one_tangent_it_says_why(
    level: Callable[[np.ndarray], float], point: tuple[float, float], reason: str
) -> None:
    found = tangent(level, np.array(point), 1e-3)
    assert found.direction is None
    assert found.ends is None
    assert reason in found.reason
    assert contour(level, np.array(point), 1e-2, lambda p: True).shape == (0, 2)


def test_at_a_minimum_there_is_no_tangent() -> None:
    objective = Objective(line())
    plane = usual_plane(objective.graph, objective.start)
    lowest = spectrum(objective, objective.start).minimum
    assert lowest is not None
    found = tangent(lambda p: objective.value(plane.at(p)), plane.project(lowest), 1e-3)
    assert found.direction is None
    assert "rises to every side" in found.reason


def test_a_closed_contour_comes_round() -> None:
    level, _ = levels(SMOOTH["line"])
    objective = Objective(line())
    lowest = spectrum(objective, objective.start).minimum
    assert lowest is not None
    start = lowest + np.array([0.8, 0.3])
    found = contour(level, start, 0.05, lambda p: True)
    np.testing.assert_array_equal(found[0], start)
    np.testing.assert_array_equal(found[-1], start)
    for place in found:
        assert level(place) == pytest.approx(level(start), rel=1e-5)
    lengths = np.hypot(*np.diff(found, axis=0).T)
    np.testing.assert_allclose(lengths[:-1], 0.05)
    angles = np.unwrap(np.arctan2(*(found - lowest).T[::-1]))
    assert abs(angles[-1] - angles[0]) == pytest.approx(2 * np.pi)


def test_an_open_contour_ends_at_the_edges_of_the_view() -> None:
    level, _ = levels(SMOOTH["logistic"])
    found = contour(level, np.array([0.2, 0.5]), 0.05, lambda p: bool(np.abs(p).max() <= 2.0))
    outside = np.abs(found).max(axis=1) > 2.0
    assert outside.tolist() == [True, *[False] * (len(found) - 2), True]
    short = contour(level, np.array([0.2, 0.5]), 0.05, lambda p: True, at_most=5)
    assert len(short) == 11


def test_a_contour_follows_a_kink() -> None:
    level, _ = levels(unit(ReLU(), l1=0.2))
    found = contour(level, np.array([0.7, 0.9]), 0.02, lambda p: bool(np.abs(p).max() <= 2.0))
    assert len(found) > 20
    for place in found:
        assert level(place) == pytest.approx(level(found[0]), rel=1e-4)


def test_vectors_without_a_direction_meet_at_no_angle() -> None:
    assert meeting(np.zeros(2), np.ones(2)) is None
    assert meeting(np.array([np.inf, 0.0]), np.ones(2)) is None
    met = meeting(np.array([2.0, 0.0]), np.array([1.0, 1.0]))
    assert met is not None
    assert (met.dot, met.angle) == (2.0, pytest.approx(45.0))
    opposite = meeting(np.array([1e-200, 0.0]), np.array([-1.0, 0.0]))
    assert opposite is not None
    assert opposite.angle == 180.0


# -- η as a matrix


@given(st.floats(0.0, 2.0), st.floats(0.0, 2.0), st.floats(-360.0, 360.0), seeds)
def test_a_matrix_of_rates_never_goes_uphill(along: float, across: float, degrees: float, seed: int) -> None:
    gradient = np.random.default_rng(seed).normal(size=2)
    matrix = rate_matrix(along, across, degrees)
    found = matrix_step(matrix, gradient)
    np.testing.assert_allclose(found.step, -matrix @ gradient, atol=1e-12)
    assert found.change == pytest.approx(float(found.step @ gradient), abs=1e-12)
    assert found.change <= 0.0


def test_equal_rates_are_plain_descent_and_unequal_ones_are_not_orthogonal() -> None:
    level, slope = levels(SMOOTH["valley"])
    point = np.array([0.9, 0.6])
    along = tangent(level, point, 1e-3).direction
    assert along is not None
    plain = meeting(along, matrix_step(rate_matrix(0.1, 0.1, 30.0), slope(point)).step)
    turned = meeting(along, matrix_step(rate_matrix(0.1, 0.01, 30.0), slope(point)).step)
    assert plain is not None
    assert turned is not None
    assert plain.angle == pytest.approx(90.0, abs=1e-3)
    assert abs(turned.angle - 90.0) > 1.0


def test_the_inverse_hessian_goes_to_the_minimum_at_once() -> None:
    objective = Objective(line())
    found = spectrum(objective, objective.start)
    assert found.minimum is not None
    gradient = objective.gradient(objective.start)[1]
    step = matrix_step(np.linalg.inv(found.hessian), gradient).step
    np.testing.assert_allclose(objective.start + step, found.minimum, rtol=1e-9)


@pytest.mark.parametrize("matrix", [np.array([[1.0, 0.5], [0.0, 1.0]]), np.diag([1.0, -0.1])])
def test_what_is_no_matrix_of_rates_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"symmetric|eigenvalue"):
        matrix_step(matrix, np.ones(2))
    with pytest.raises(ValueError, match="below 0"):
        rate_matrix(-0.1, 0.1, 0.0)
