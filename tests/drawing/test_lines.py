"""Lines of text: nothing is lost, nothing is too wide, whatever the width; and a lesson's Markdown as lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.drawing.lines import BOLD, SOFT, TEXT, length, parted
from bptui.drawing.markdown import CODE, FORMULA, markdown

PIECES = st.lists(st.tuples(st.text("ab 각", max_size=9), st.sampled_from([TEXT, BOLD, SOFT])), max_size=6)


@given(PIECES, st.integers(-3, 12))
def test_parted_lines_fit_and_lose_nothing(pieces: list, width: int) -> None:
    lines = parted(pieces, width)
    assert all(length(line) <= max(2, width) for line in lines)
    inks = [(c, ink) for text, ink in pieces for c in text if c != " "]
    assert [(c, ink) for line in lines for text, ink in line for c in text if c != " "] == inks


@given(PIECES)
def test_parted_breaks_between_words_where_they_fit(pieces: list) -> None:
    text = "".join(text for text, _ in pieces)
    lines = ["".join(text for text, _ in line) for line in parted(pieces, 200)]
    assert " ".join(lines) == " ".join(text.split())


def texts(source: str, width: int = 30) -> list[str]:
    return ["".join(text for text, _ in line) for line in markdown(source, width)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("One\nline.\n\nAnother.", ["One line.", "", "Another."]),
        ("- a\n  - b\n- c\n\nafter", ["· a", "  · b", "· c", "", "after"]),
        ("3. a\n4. b", ["3. a", "4. b"]),
        ("-\n\nafter", ["", "after"]),
        ("before\n\n```\n  s = W·x\nz\n```", ["before", "", "    s = W·x", "  z"]),
        ("[words](http://x) <b>", ["words <b>"]),
        ("", []),
    ],
)
def test_markdown_is_lines(source: str, wanted: list[str]) -> None:
    assert texts(source) == wanted


def test_what_is_too_long_goes_on_in_the_next_line() -> None:
    assert texts("- one two three", 9) == ["· one two", "  three"]
    assert texts("```\ns = a + b + c\n```", 11) == ["  s = a +", "    b + c"]


def test_emphasis_code_and_formulas_have_inks_of_their_own() -> None:
    assert markdown("a **b** `c`", 30) == [[("a", TEXT), (" b", BOLD), (" c", CODE)]]
    assert markdown("```\nd\n```", 30) == [[("  d", FORMULA)]]
