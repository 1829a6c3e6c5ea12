"""Cells that are taken, against a set of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bptui.drawing.taken import Taken

rectangles = st.tuples(st.integers(-3, 70), st.integers(0, 6), st.integers(0, 9), st.integers(0, 3))


def cells(left: int, top: int, width: int, height: int) -> set[tuple[int, int]]:
    return {(x, y) for x in range(max(0, left), left + width) for y in range(top, top + height)}


@given(st.lists(rectangles, max_size=6), st.sets(st.tuples(st.integers(0, 70), st.integers(0, 6))), rectangles)
def test_a_rectangle_touches_what_is_taken_of_its_cells(
    some: list[tuple[int, int, int, int]], single: set[tuple[int, int]], asked: tuple[int, int, int, int]
) -> None:
    taken, known = Taken(), set(single)
    for rectangle in some:
        taken.take(*rectangle)
        known |= cells(*rectangle)
    taken.take_cells(single)
    assert taken.touches(*asked) == bool(known & cells(*asked))


def test_a_copy_is_taken_apart() -> None:
    first = Taken()
    first.take(2, 0)
    second = first.copy()
    second.take(5, 0)
    assert second.touches(5, 0) and second.touches(2, 0) and not first.touches(5, 0)
