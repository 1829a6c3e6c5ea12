"""Run by test_plot.py in a process of its own, for plotext ends a process that it does not like: any plot at all."""

from __future__ import annotations

import resource
import sys

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bptui.drawing.plot import Series, braille
from bptui.drawing.scale import Scale

MEMORY, SECONDS = 2 << 30, 240

ODD = [0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 1.7e308, 5e-324, -5e-324, 1e-300, np.inf, -np.inf, np.nan]
numbers = st.one_of(st.sampled_from(ODD), st.floats(-2, 2), st.floats())
scales = st.builds(Scale, numbers, numbers, st.booleans())
lists = st.lists(st.tuples(numbers, numbers), max_size=40)
series = st.builds(lambda points, lined: Series(*np.array(points).reshape(-1, 2).T, lined), lists, st.booleans())


@given(st.integers(1, 300), st.integers(1, 100), scales, scales, st.lists(series, max_size=4))
@example(1, 1, Scale(0, 1), Scale(0, 1), [Series(np.array([0.0, 1.0, np.nan]), np.array([0.0, 1e308, 0.0]))])
@example(300, 100, Scale(0, 1), Scale(0, 1), [Series(np.linspace(-9, 9, 2000), np.tile([-1e9, 2.0], 1000))])
def any_plot(width: int, height: int, x: Scale, y: Scale, series: list[Series]) -> None:
    dots = braille(width, height, x, y, series)
    assert dots.patterns.shape == dots.series.shape == (height, width)
    assert dots.patterns.min() >= 0 and dots.patterns.max() < 256
    assert ((dots.series >= 0) == (dots.patterns > 0)).all() and dots.series.max() < len(series)
    for each in series:
        inside = (abs(x.share(each.x) - 0.5) < 0.4999) & (abs(y.share(each.y) - 0.5) < 0.4999)  # the edge is rounding's
        assert dots.patterns.any() or not inside.any()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    checks = list(HealthCheck)
    settings(max_examples=int(sys.argv[1]), deadline=None, database=None, suppress_health_check=checks)(any_plot)()
    print("done")
