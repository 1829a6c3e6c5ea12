"""Scales and their ticks: round, few, inside the ends, and never an exception."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.drawing.scale import Scale, covering, equal_units, log_rows, tick_texts, ticks

numbers = st.floats() | st.floats(-1e3, 1e3)


@given(numbers, numbers, st.booleans(), st.lists(numbers), st.integers(1, 300), st.integers(1, 12))
def test_any_scale_has_ends_shares_and_ticks(
    low: float, high: float, log: bool, values: list[float], cells: int, apart: int
) -> None:
    scale = Scale(low, high, log)
    assert np.isfinite([scale.low, scale.high]).all() and scale.low < scale.high
    assert scale.share([scale.low, scale.high]) == pytest.approx([0, 1])
    shares = scale.share(values)
    assert shares.shape == (len(values),) and not np.isinf(shares).any()
    found = ticks(scale, cells, apart)
    assert len(found) <= cells // apart * 2.5 + 3
    assert ((scale.share(found) > -1e-6) & (scale.share(found) < 1 + 1e-6)).all()
    assert all(a < b for a, b in pairwise(found))
    assert len(set(tick_texts(found))) == len(found)


@pytest.mark.parametrize(
    ("scale", "cells", "apart", "texts"),
    [
        (Scale(-2.1, 3.4), 66, 9, ["−2", "−1", "0", "1", "2", "3"]),
        (Scale(0, 100), 50, 9, ["0", "20", "40", "60", "80", "100"]),
        (Scale(-0.003, 0.007), 40, 8, ["−0.002", "0", "0.002", "0.004", "0.006"]),
        (Scale(0, 100_000), 36, 9, ["0", "50k", "100k"]),
        (Scale(0, 4_000_000), 40, 8, ["0", "1e6", "2e6", "3e6", "4e6"]),
        (Scale(1234567, 1234569.5), 30, 9, ["1234567", "1234568", "1234569"]),
        (Scale(0, 3), 8, 3, ["0", "2"]),
    ],
)
def test_labels(scale: Scale, cells: int, apart: int, texts: list[str]) -> None:
    assert tick_texts(ticks(scale, cells, apart)) == texts


@given(st.floats(1e-12, 1e12), st.floats(1e-12, 1e12), st.integers(2, 40))
def test_log_axes_have_whole_rows_per_decade_and_ticks_in_their_middles(one: float, other: float, rows: int) -> None:
    scale = log_rows([one, other], rows)
    assert -1e-9 <= float(scale.share(max(one, other))) <= 1 + 1e-9
    decade = rows / np.log10(scale.high / scale.low)
    assert min(abs(decade - round(decade)), abs(1 / decade - round(1 / decade))) < 1e-6
    if decade >= 1:
        assert float(scale.share(min(one, other))) >= -1e-9
    middles = (rows - 0.5) - float(scale.share(10.0 ** round(np.log10(scale.high)))) * rows
    assert decade < 1 or abs(middles - round(middles)) < 1e-6
    where = (1 - scale.share(ticks(scale, rows, 2))) * rows
    assert (np.diff(-np.floor(where)) >= 1).all()  # no two in a row


def test_log_rows_as_in_the_look_book() -> None:
    assert tick_texts(ticks(log_rows([1.2, 0.03], 7), 7, 2)) == ["0.03", "0.1", "0.3", "1"]
    assert tick_texts(ticks(log_rows([1.2, 0.01], 5), 5, 2)) == ["0.01", "0.1", "1"]
    assert tick_texts(ticks(log_rows([0.0, -1.0, np.nan], 5), 5, 2)) == ["0.1", "0.3", "1"]


def test_equal_units_widen_the_narrower_view() -> None:
    x, y = equal_units(Scale(0, 4), Scale(0, 4), 40, 10)
    assert (x.high - x.low) / 40 == (y.high - y.low) / 20
    assert (x, y) == (Scale(-2, 6), Scale(0, 4))


def test_covering_leaves_out_what_is_not_finite() -> None:
    assert covering([1.0, np.nan, 3.0, np.inf], 0.5) == Scale(0, 4)
    assert covering([]) == Scale(0, 1)
    assert covering([2.0]) == Scale(1.5, 2.5)
