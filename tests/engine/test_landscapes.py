"""Landscapes: where they are least, how they bend, and that a stair gives no gradient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import work

from bptui.engine.module import ShapeError, Spec
from bptui.engine.modules.landscapes import LANDSCAPES, Landscape, Staircase, Valley, heights

WITH_MINIMA = [name for name, landscape in LANDSCAPES.items() if landscape.minima]


def slope(landscape: Landscape, point: tuple[float, float]) -> np.ndarray:
    return work(landscape, [[point]]).grad_inputs[0][0]


@pytest.mark.parametrize("name", WITH_MINIMA)
def test_a_minimum_is_level_and_nothing_in_the_window_is_lower(name: str) -> None:
    landscape = LANDSCAPES[name]
    (left, right), (low, high) = landscape.window
    grid = np.stack(np.meshgrid(np.linspace(left, right, 101), np.linspace(low, high, 101)), axis=-1).reshape(-1, 2)
    lowest = heights(landscape, grid).min()
    for minimum in landscape.minima:
        assert left <= minimum[0] <= right
        assert low <= minimum[1] <= high
        assert np.abs(slope(landscape, minimum)).max() < 1e-9
        assert heights(landscape, np.array([minimum]))[0] <= lowest + 1e-12


@pytest.mark.parametrize("name", LANDSCAPES)
@given(point=st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
def test_the_hessian_of_a_quadratic_is_how_its_slope_changes(name: str, point: tuple[float, float]) -> None:
    landscape = LANDSCAPES[name]
    hessian = landscape.hessian()
    if hessian is not None:
        change = slope(landscape, point) - slope(landscape, (0.0, 0.0))
        np.testing.assert_allclose(change, hessian @ np.array(point), atol=1e-12)


def test_quadratics_say_so() -> None:
    assert [name for name, landscape in LANDSCAPES.items() if landscape.hessian() is not None] == ["valley", "saddle"]


def test_heights_are_those_of_each_point_alone() -> None:
    points = np.random.default_rng(0).uniform(-3, 3, (20, 2))
    for landscape in LANDSCAPES.values():
        alone = [float(work(landscape, [[point]]).outputs[0]) for point in points]
        assert heights(landscape, points).tolist() == alone


@given(st.tuples(st.floats(-9, 9), st.floats(-9, 9)))
def test_a_stair_is_level_everywhere_even_on_its_edges(point: tuple[float, float]) -> None:
    assert slope(Staircase(), point).tolist() == [0.0, 0.0]
    assert slope(Staircase(), (round(point[0]), round(point[1]))).tolist() == [0.0, 0.0]


def test_the_edge_of_a_stair_is_a_kink_and_its_sides_differ() -> None:
    sides = Staircase().switch([np.array([[-2.0, 1.0], [0.0, 0.5], [1.999, 2.001]])])
    assert sides[0].tolist() == [0.0, 0.0]
    assert sides[1].tolist() == [1.0, 1.0]  # the middle is no edge
    assert sides[2][0] != sides[2][1]


def test_a_valley_is_as_steep_as_it_says() -> None:
    assert slope(Valley(7.0), (1.0, 1.0)).tolist() == [1.0, 7.0]


def test_a_landscape_wants_a_point() -> None:
    with pytest.raises(ShapeError, match=r"got \[3\], wants a point \[2\]"):
        Valley().specs(Spec((3,)))
