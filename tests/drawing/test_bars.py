"""Bars: plus rises from the zero line, minus hangs from it, and nothing odd stops them."""

from pathlib import Path

import numpy as np
import pytest

from bptui.course.library import shelf
from bptui.drawing.ascii import heat_to_signs, to_ascii
from bptui.drawing.bars import draw_bars, short_number
from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.tensors import binned, heat


def bars(values: list[float], width: int = 5, rows: int = 2) -> Canvas:
    canvas = Canvas(width, rows)
    draw_bars(canvas, 0, 0, width, np.array(values), rows)
    return canvas


def test_signs_stand_on_two_sides_of_the_zero_line() -> None:
    canvas = bars([1.0, -1.0, 0.0])
    assert canvas.text() == "▇   ▁\n  ▁"
    assert canvas.inks[0][0].fg == "positive"
    assert canvas.inks[1][2] == Ink("background", "negative")
    assert canvas.inks[0][4].fg == "muted"


def test_one_row_holds_both_signs() -> None:
    canvas = bars([1.0, -0.5], 3, 1)
    assert canvas.text() == "▇ ▄"


def test_bins_keep_the_entry_largest_in_size() -> None:
    values = np.zeros(600)
    values[123] = -3.0
    assert binned(values, 10).tolist() == [0, 0, -3, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("values", [[np.nan, 1.0], [np.inf, -np.inf], [0.0], [1e-320, 1e300], [np.nan] * 40])
def test_odd_numbers(values: list[float]) -> None:
    assert bars(values).text()


def test_ascii_keeps_the_sign() -> None:
    canvas = bars([1.0, -1.0, 0.25, -0.25, 0.0])
    to_ascii(canvas)
    assert canvas.text().isascii()
    assert canvas.inks[1][1] == Ink("negative")
    assert canvas.characters[0][0] == canvas.characters[1][1] == "#"


def test_heat_maps_keep_the_sign_without_colours() -> None:
    rows = [[1.0, -1.0, 0.0, 0.0, np.nan], [-1.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.5, -0.5, 0.0, 0.0]]
    canvas = heat(np.array(rows), 9, 9)
    heat_to_signs(canvas)
    assert canvas.text() == "+-.+?\n.+-.."


def test_ascii_of_mathematics() -> None:
    canvas = Canvas(20, 1)
    canvas.put(0, 0, "W₀ᵀ·ds₁² − ȳ⊙é 日")
    to_ascii(canvas)
    assert canvas.text() == "W0T*ds12 - Y*e ??"


@pytest.mark.parametrize(("value", "text"), [(0.28731, "0.2873"), (-1.5, "−1.5"), (0.0, "0"), (2e-7, "2.0e−07")])
def test_short_numbers(value: float, text: str) -> None:
    assert short_number(value) == text


@pytest.mark.parametrize("file", shelf(), ids=lambda file: file.name)
def test_all_that_a_lesson_is_written_with_has_a_stand_in(file: Path) -> None:
    written = "".join(sorted({c for c in file.read_text("utf-8") if not c.isascii()}))
    canvas = Canvas(len(written), 1)
    canvas.put(0, 0, written)
    to_ascii(canvas)
    assert "?" not in canvas.text()
