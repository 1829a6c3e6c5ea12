"""Numbers and tensors as text and cells."""

from __future__ import annotations

import numpy as np
import pytest

from bptui.drawing.canvas import Canvas
from bptui.drawing.numbers import adds_up, brief, column, decimals_of, number
from bptui.drawing.sums import table
from bptui.drawing.tensors import Tensor, bars, bin_of, binned, heat, matrix, shade, tint
from bptui.engine.module import Entry, Term


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (0.5, "0.500"), (-1e-9, "−1.0e−9"), (1e7, "1.0e7"), (np.nan, "NaN"), (-np.inf, "−∞")],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_no_number_is_rounded_to_nothing() -> None:
    assert all(number(value) not in ("0", "0.000", "−0.000") for value in (4e-4, -4e-4, 1e-300))


def test_columns_align_on_the_point() -> None:
    texts = column([1.61, 0.0, -12.5, 2e-9], 2)
    assert len({len(text) for text in texts}) == 1
    assert len({text.find(".") for text in texts if "." in text}) == 1
    assert texts[1].rstrip().endswith("0") and len(texts[1].rstrip()) == texts[0].find(".")


def test_as_few_decimals_as_needed() -> None:
    assert [decimals_of(np.array(v)) for v in ([0.4, -0.5], [1.61], [0.1481], [1.0], [1 / 3, 1234.5])] == [
        1,
        2,
        3,
        1,
        1,
    ]
    assert brief(0.9) == "0.9"


def test_rounded_addends_that_do_not_add_up_are_noticed() -> None:
    assert adds_up([0.1, 0.2], 0.3, 3)
    assert not adds_up([0.647 * 1.61], 1.0413, 3)


def test_matrix_shows_every_number_and_its_sign() -> None:
    values = np.array([[0.4, -0.5], [0.0, 0.25]])
    canvas = matrix(Tensor("W", (2, 2), values))
    assert canvas.text().splitlines() == [" W 2×2", "┌  0.40  −0.50 ┐", "└  0      0.25 ┘"]
    grounds = [canvas.inks[1][3].bg, canvas.inks[1][10].bg, canvas.inks[2][3].bg]
    assert grounds == ["positive~42", "negative~50", "surface"]


def test_lit_cells_keep_their_tint_and_the_others_lose_it() -> None:
    canvas = matrix(Tensor("W", (2, 2), np.ones((2, 2)), lit=(1, None)))
    assert canvas.inks[1][2].bg == "surface" and canvas.inks[2][2].bg == "positive~50"


def test_unknown_values_are_dots() -> None:
    assert matrix(Tensor("x", (2,), None)).text() == " x 2\n┌ · ┐\n└ · ┘"


def test_tints() -> None:
    assert [tint(v, 2.0) for v in (2.0, -2.0, 0.0, np.nan)] == ["positive~50", "negative~50", "surface", "bad~50"]


def test_bins_show_the_entry_largest_in_size() -> None:
    values = np.zeros(600)
    values[333] = -5.0
    small = binned(values, 20)
    assert small.shape == (20,) and small.min() == -5.0
    assert small[bin_of(333, 600, 20)] == -5.0


def test_heat_map_is_two_rows_a_cell_and_ordered_in_lightness() -> None:
    canvas = heat(np.array([[1.0, -1.0], [0.0, 0.5], [1.0, 1.0]]), 80, 10)
    assert (canvas.width, canvas.height) == (2, 2)
    assert canvas.inks[0][0] == (shade(7), shade(0), False)
    assert canvas.inks[1][0].bg is None
    strengths = [int(shade(level).partition("~")[2]) for level in range(1, 8)]
    assert strengths == sorted(strengths)


def test_bars_rise_and_hang() -> None:
    canvas = bars(np.array([7.0, -7.0, 0.0]), 20)
    assert canvas.characters[0][0] == "▇" and canvas.inks[0][0].fg == "positive"
    assert canvas.inks[1][1].bg == "negative"
    assert bars(np.arange(600.0), 20).width == 20


def test_table_sums_what_it_shows() -> None:
    terms = tuple(Term(f"W[0,{j}]", 0.5 * j, f"x[{j}]", -1.0) for j in range(4))
    canvas: Canvas = table(Entry("y[0]", "", -2.0, terms, ("b[0]", 1.0)), 76, 20, 0, "j")
    rows = canvas.text().splitlines()
    assert rows[0].split()[:5] == ["j", "W[0,j]", "x[j]", "product", "so"]
    assert rows[4].split()[:7] == ["3", "1.5", "×", "−1.0", "=", "−1.5", "−3.0"]
    assert rows[5].split()[:3] == ["b[0]", "+1.0", "−2.0"]
    assert rows[6].split() == ["y[0]", "sum", "−2.0"]
    scrolled = table(Entry("y[0]", "", -3.0, terms), 76, 4, 2, "j").text()
    assert "terms 2–3 of 4" in scrolled


def test_a_combining_mark_joins_its_letter_even_at_the_edge() -> None:
    canvas = Canvas(3, 1)
    assert canvas.put(0, 0, "η m\u0302") == 3
    assert canvas.characters[0] == ["η", " ", "m\u0302"]
