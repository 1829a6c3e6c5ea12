"""A large diagram, painted where it is looked at: there it is the whole one, cell by cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import Recorded

from bptui.drawing import diagram
from bptui.drawing.canvas import Canvas, Ink, Lazy, Region, part, runs
from bptui.drawing.diagram import lay_out, paint, picture
from bptui.engine.rewire import Wiring, decayed, rewire
from bptui.sources.nets import NETS

GRAPHS = {name: rewire(net, Wiring(l2=decayed(net, 0.1))) for name, net in NETS.items()}
READINGS = {name: Recorded(graph) for name, graph in GRAPHS.items()}


@given(
    st.sampled_from(sorted(GRAPHS)),
    st.sampled_from([(40, 10), (76, 20), (120, 30)]),
    st.booleans(),
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 120)), min_size=1, max_size=4),
    st.tuples(st.integers(1, 60), st.integers(1, 20)),
)
def test_a_part_looks_as_it_does_in_the_whole(
    name: str,
    room: tuple[int, int],
    upward: bool,
    cursor: int,
    corners: list[tuple[int, int]],
    size: tuple[int, int],
) -> None:
    graph = GRAPHS[name]
    layout = lay_out(graph, *room, upward=upward)
    reading = READINGS[name].at(cursor % len(graph.events))
    selected = next(iter(layout.placing.boxes))
    whole = paint(layout, reading, selected=selected)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagram, "LARGE", 0)
        lazy = picture(layout, reading, selected=selected)
    assert isinstance(lazy, Lazy)
    for left, top in corners:
        window = Region(left % layout.width, top % layout.height, *size, "").within(layout.width, layout.height)
        lazy.reach(window)
        assert not lazy.reach(window)
        across = slice(window.left, window.left + window.width)
        for y in range(window.top, window.top + window.height):
            assert lazy.characters[y][across] == whole.characters[y][across]
            assert lazy.inks[y][across] == whole.inks[y][across]
            for x in range(across.start, across.stop):
                assert lazy.target_at(x, y) == whole.target_at(x, y)


@given(st.text("ab 宽한", max_size=12), st.integers(0, 14), st.integers(0, 14))
def test_a_row_is_cut_to_cells(text: str, left: int, right: int) -> None:
    canvas = Canvas(14, 1)
    canvas.put(0, 0, text, Ink("soft"))
    characters, inks = part(canvas.characters[0], canvas.inks[0], left, max(left, right))
    cut = "".join(run for run, _ in runs(characters, inks))
    wanted = ""
    for x in range(left, max(left, right)):
        whole = canvas.characters[0][x]
        halved = (whole == "" and x == left) or (x + 1 == max(left, right) < 14 and canvas.characters[0][x + 1] == "")
        wanted += " " if halved else whole
    assert cut == wanted
