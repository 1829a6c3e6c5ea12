"""The adapter to plotext: dot for dot, clipped, split at gaps, and never an abort."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.drawing.plot import Dots, Series, braille
from bptui.drawing.scale import Scale

HERE = Path(__file__)


def lit(dots: Dots) -> set[tuple[int, int]]:
    """Column and row of every dot, from the lower left."""
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]  # across and down, by bit
    rows = len(dots.patterns)
    return {
        (2 * x + across, 4 * (rows - y) - 1 - down)
        for (y, x), pattern in np.ndenumerate(dots.patterns)
        for bit, (across, down) in enumerate(places)
        if pattern >> bit & 1
    }


def plot(columns: int, rows: int, points: list[tuple[float, float]], *, lined: bool = True) -> set[tuple[int, int]]:
    """The dots of points given in dots: (0, 0) is the middle of the lower left one."""
    x, y = np.array(points, float).reshape(-1, 2).T
    scales = Scale(-0.5, 2 * columns - 0.5), Scale(-0.5, 4 * rows - 0.5)
    return lit(braille(columns, rows, *scales, [Series(x, y, lined)]))


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (1, 3), (4, 1), (7, 5)])
def test_every_dot_is_where_its_point_is(columns: int, rows: int) -> None:
    for x in range(2 * columns):
        for y in range(4 * rows):
            assert plot(columns, rows, [(x, y)], lined=False) == plot(columns, rows, [(x, y)]) == {(x, y)}


@given(st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), min_size=2, max_size=12))
def test_lines_go_from_point_to_point(points: list[tuple[int, int]]) -> None:
    found = plot(20, 10, points)
    for (x, y), (x2, y2) in pairwise(points):
        length = max(abs(x2 - x), abs(y2 - y), 1)
        for k in range(length + 1):  # within one dot of the straight line, all along it
            at = x + (x2 - x) * k / length, y + (y2 - y) * k / length
            assert any(abs(a - at[0]) <= 1 and abs(b - at[1]) <= 1 for a, b in found)
    assert set(points) <= found


def test_a_line_stops_at_a_gap() -> None:
    gap = (np.nan, 3.0)
    assert plot(10, 5, [(0, 0), (4, 0), gap, (9, 9), gap, (15, 3), (15, 8)]) == (
        {(x, 0) for x in range(5)} | {(9, 9)} | {(15, y) for y in range(3, 9)}
    )
    assert plot(10, 5, [(0, 0), (np.inf, 0), (4, 4)]) == {(0, 0), (4, 4)}


def test_what_leaves_the_plot_is_clipped() -> None:
    assert plot(4, 2, [(-100, -100), (100, 100)]) == {(k, k) for k in range(8)}
    assert plot(4, 2, [(3, 4), (3, 1e300)]) == {(3, y) for y in range(4, 8)}
    assert plot(4, 2, [(-5, 20), (20, 20)]) == plot(4, 2, [(-5, 1), (-1, 1)]) == set()
    assert plot(4, 2, [(-5, 1), (20, 1)]) == {(x, 1) for x in range(8)}
    assert plot(4, 2, [(-5, 1), (20, 1)], lined=False) == set()


@pytest.mark.parametrize("size", [(0, 3), (-2, 3), (4, 0), (4, -1)])
def test_a_plot_without_cells_is_empty(size: tuple[int, int]) -> None:
    x = np.array([0.0, 1.0])
    assert braille(*size, Scale(0, 1), Scale(0, 1), [Series(x, x), Series(x, x, False)]).patterns.size == 0


def test_the_last_series_owns_a_cell_and_dots_add_up() -> None:
    x = np.array([0.0, 1.0])
    dots = braille(6, 2, Scale(0, 1), Scale(0, 1), [Series(x, x * 0), Series(x, x), Series(x[:1], x[:1] + 1, False)])
    assert dots.series[0, 0] == 2 and dots.series[1, 0] == 1 and dots.series[1, 5] == 0
    assert lit(dots) >= lit(braille(6, 2, Scale(0, 1), Scale(0, 1), [Series(x, x)]))


def test_a_log_axis_keeps_zero_on_its_floor() -> None:
    dots = braille(4, 3, Scale(0, 3), Scale(0.01, 1, log=True), [Series(np.arange(4.0), np.array([1, 0.1, 0, -1]))])
    assert {y for x, y in lit(dots) if x == 7} == {0}


@pytest.mark.parametrize("examples", [40, pytest.param(3000, marks=pytest.mark.slow)])
def test_never_an_abort(examples: int) -> None:
    command = [sys.executable, str(HERE.with_name("any_plot.py")), str(examples)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=HERE.parents[2])
    assert (ended.returncode, ended.stdout.strip()) == (0, "done"), ended.stderr[-3000:]


def test_only_the_adapter_imports_plotext_and_only_to_draw() -> None:
    code = "import sys, bptui.drawing.curves, bptui.drawing.boundary; sys.exit('plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
