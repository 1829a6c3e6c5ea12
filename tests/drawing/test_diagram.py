"""Block diagrams: nothing overlaps, every wire joins two boxes, twins line up, and pictures stay as they were."""

from __future__ import annotations

import os
import re
from itertools import product
from pathlib import Path

import pytest
from layouts import check
from readings import Recorded

from bptui.drawing.diagram import cursor_box, lay_out, outline, paint
from bptui.drawing.parts import sketch
from bptui.engine.graph import Graph, GraphError, wire
from bptui.engine.modules import Linear, SquaredError
from bptui.engine.net import Net
from bptui.engine.rewire import Wiring, decayed, rewire
from bptui.sources.nets import NETS

GOLDEN = Path(__file__).parent / "golden"
ROOMS = [(76, 8), (116, 24), (196, 44)]
VARIANTS = ["plain", "batch", "l2", "l1", "both", "dropout"]
THINNED = [3, pytest.param(1, marks=pytest.mark.slow)]  # of what is many, a third by turns; where there is time, all


def rewired(name: str, variant: str) -> Graph:
    net = NETS[name]
    weights = decayed(net, 0.01)
    knobs = {
        "plain": Wiring(),
        "batch": Wiring(batch=4),
        "l2": Wiring(l2=weights),
        "l1": Wiring(l1=weights),
        "both": Wiring(batch=4, l1=weights, l2=weights),
        "dropout": Wiring(dropout=0.5),
    }
    return rewire(net, knobs[variant])


@pytest.mark.some(3)
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", NETS)
def test_preset_layouts(name: str, variant: str, thinned: int) -> None:
    try:
        graph = rewired(name, variant)
    except GraphError:
        pytest.skip("the net has no layer to drop from")
    for (width, height), upward in list(product(ROOMS, (None, False, True)))[len(graph.nodes) % thinned :: thinned]:
        layout = lay_out(graph, width, height, upward=upward)
        check(layout)
        assert upward is None or layout.size.upward == upward
    low = lay_out(graph, 76, 12)  # a terminal of 80 columns; what goes bottom-up leaves 28 to the inspector
    assert low.size.upward or low.width <= 76
    assert lay_out(graph, 48, 15, upward=True).width <= 48


@pytest.mark.parametrize("name", NETS)
def test_the_outline_shows_both_networks_in_the_room_there_is(name: str) -> None:
    graph = rewired(name, "plain")
    heights = []
    for width, height in [(52, 7), (76, 9), (130, 16), (200, 40)]:
        drawn = outline(graph, width, height)
        if drawn is None:
            continue
        assert drawn.width <= width and drawn.height <= height
        shown = drawn.text()
        for key, part in sketch(graph).parts.items():
            assert part.text in shown or part.short in shown or part.tiny in shown, key
        assert not {"╌", "╎"} & set(shown) and not {"cursor"} & {ink.fg for row in drawn.inks for ink in row}
        heights.append(drawn.height)
    assert heights and heights[-1] == max(heights)


@pytest.mark.some(5)
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("name", NETS)
def test_paint_at_every_event(name: str, thinned: int) -> None:
    reading = Recorded(rewired(name, "both"), batch=4)
    for k, (width, height) in enumerate(ROOMS):
        layout = lay_out(reading.graph, width, height)
        for event in reading.graph.events[k % thinned :: thinned]:
            canvas = paint(layout, reading.at(event.index), selected="node:m0", breakpoints={"back:m0"})
            assert (canvas.width, canvas.height) == (layout.width, layout.height)
            region = cursor_box(layout, event)
            assert region.target in layout.placing.boxes
            assert paint(layout, reading, ascii=True).text().isascii()
            targets = {r.target for r in canvas.regions}
            assert {f"node:{n.name}" for n in reading.graph.nodes if not n.collapsed} <= targets
            places = {r for r in canvas.regions if r.target in layout.placing.boxes}
            assert places >= {layout.box(key) for key in layout.placing.boxes}


@pytest.mark.parametrize("name", NETS)
def test_marks_of_what_is_hidden_stand_clear_of_words(name: str) -> None:
    graph = rewired(name, "plain")
    reading = Recorded(graph, hidden=frozenset(("grad", variable) for variable in graph.variables))
    for width, height in ROOMS:
        text = paint(lay_out(graph, width, height), reading).text()
        assert "?" in text and not re.search(r"\w\?|\?\w", text)


@pytest.mark.parametrize("name", ["perceptron", "chain", "two-layer", "mynet", "spiral", "dropout", "logsoftmax"])
@pytest.mark.parametrize("upward", [False, True])
def test_twins_line_up_in_chains(name: str, upward: bool) -> None:
    layout = lay_out(rewired(name, "plain"), 300, 60, upward=upward)
    for key in layout.placing.boxes:
        kind, _, rest = key.partition(":")
        twin = {"node": "back:", "var": "grad:"}.get(kind, "") + rest
        if twin in layout.placing.boxes:
            here, there = layout.box(key), layout.box(twin)
            if upward:
                assert here.top == there.top and here.left + here.width < there.left
            else:
                assert (here.left, here.width) == (there.left, there.width) and here.top + here.height < there.top


def test_regions_find_what_is_clicked() -> None:
    reading = Recorded(rewired("two-layer", "plain"))
    canvas = paint(lay_out(reading.graph, 116, 24), reading.at(len(reading.graph.events) - 1))
    lines = canvas.text().splitlines()
    for text, target in [("W₀x+b₀", "node:m0"), ("W₁ᵀ ds₂", "back:m1"), (" s₁ ", "var:s1"), (" dz₁ ", "grad:z1")]:
        y = next(k for k, line in enumerate(lines) if text in line)
        assert canvas.target_at(lines[y].index(text) + 1, y) == target
    row = next(k for k, line in enumerate(lines) if "dW₀" in line)
    assert canvas.target_at(lines[row].index("dW₀"), row) == "param:m0.weight"
    assert canvas.target_at(lines[row].index("db₁"), row) == "param:m1.bias"


def test_gradients_of_parameters_show_once_backward_makes_them() -> None:
    reading = Recorded(rewired("two-layer", "plain"))
    layout = lay_out(reading.graph, 116, 24)
    slots = {slot.name: slot for slot in layout.notes.values if slot.target.startswith("param:")}
    assert set(slots) == set(reading.graph.node["m0"].parameters.values()) | {"m1.weight", "m1.bias"}
    made = {slot.name: layout.sketch.parts[slot.key].event for slot in slots.values()}
    for event in reading.graph.events:
        canvas = paint(layout, reading.at(event.index))
        for name, slot in slots.items():
            rows = canvas.characters[slot.top : slot.top + layout.size.bars]
            shown = any(set(row[slot.left : slot.left + slot.width]) - {" "} for row in rows)
            assert shown == (event.index >= made[name])


def test_in_ascii_what_is_to_come_is_told_from_what_is_done() -> None:
    reading = Recorded(NETS["two-layer"])
    layout = lay_out(reading.graph, 116, 24)
    drawn = [paint(layout, reading.at(at), ascii=True).text() for at in (0, len(reading.graph.events) - 1)]
    assert "+.....+" in drawn[0] and "...>" in drawn[0]
    assert not any(mark in drawn[1] for mark in ("+.....+", "...>", "<..."))
    assert all("+=====+" in text for text in drawn)  # what was observed


def test_only_colours_and_dashes_move() -> None:
    """Stepping never moves a box or a wire: solid and heavy lines apart, the characters stay."""
    same = str.maketrans("╌╎╍╏━┃┗┛┏┓┣┫┳┻╋", "─│─│─│╰╯╭╮├┤┬┴┼")
    reading = Recorded(rewired("skip", "l2"))
    layout = lay_out(reading.graph, 116, 24)
    pictures = [paint(layout, reading.at(e.index)) for e in reading.graph.events]
    for canvas in pictures:
        for key in layout.placing.boxes:
            box = layout.box(key)
            for y in range(box.top, box.top + box.height):
                row = ["".join(c.characters[y][box.left : box.left + box.width]) for c in (canvas, pictures[-1])]
                assert row[0].translate(same) == row[1].translate(same)


@pytest.mark.parametrize(
    ("picture", "name", "variant", "room", "upward", "at"),
    [
        ("two-layer-forward", "two-layer", "plain", (116, 24), None, 3),
        ("two-layer-backward", "two-layer", "plain", (116, 24), None, 8),
        ("two-layer-compact", "two-layer", "plain", (76, 8), None, 8),
        ("skip-l2", "skip", "l2", (116, 24), None, 14),
        ("two-layer-both", "two-layer", "both", (116, 24), None, 14),
        ("switch", "switch", "plain", (116, 36), None, 4),
        ("switch-l2", "switch", "l2", (116, 24), None, 12),
        ("mynet-upward", "mynet", "plain", (46, 30), None, 4),
        ("skip-l2-upward", "skip", "l2", (76, 30), True, 14),
        ("two-layer-both-upward", "two-layer", "both", (48, 15), True, 14),
        ("average-compact", "average", "plain", (76, 30), None, 9),
    ],
)
def test_pictures(picture: str, name: str, variant: str, room: tuple[int, int], upward: bool | None, at: int) -> None:
    """Plain-text pictures; to renew them after a wanted change, run with RENEW_GOLDEN=1 and look at the difference."""
    reading = Recorded(rewired(name, variant))
    text = paint(lay_out(reading.graph, *room, upward=upward), reading.at(at)).text() + "\n"
    path = GOLDEN / f"{picture}.txt"
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("skip", "l2"),
        ("two-layer", "l2"),
        ("two-layer", "l1"),
        ("two-layer", "both"),
        ("switch", "plain"),
        ("switch", "l2"),
    ],
)
def test_normal_boxes_in_what_a_common_terminal_leaves(name: str, variant: str) -> None:
    layout = lay_out(rewired(name, variant), 116, 24)
    assert layout.size.rows == 3 and layout.height <= 24


def test_a_bias_that_is_missing_leaves_no_plus() -> None:
    net = Net("n").input("x", 2).add("m0", Linear(1, bias=False), "x", "s").target("y", 1)
    graph = wire(net.add("cost", SquaredError(), "s y", "C"))
    assert "W₀x " in paint(lay_out(graph, 116, 24), Recorded(graph)).text()


@pytest.mark.parametrize("room", ROOMS, ids=str)
@pytest.mark.parametrize("name", ["two-layer", "mynet"])
def test_the_selected_box_is_told_without_colours(name: str, room: tuple[int, int]) -> None:
    reading = Recorded(NETS[name])
    layout = lay_out(reading.graph, *room)
    for key in ("node:m0", "var:x", "back:m0"):
        box = layout.box(key)
        for ascii_only, pointers in ((False, ("▸◂", "«»")), (True, ("><", "<>"))):
            canvas = paint(layout, reading.at(3), selected=key, ascii=ascii_only)
            middle = canvas.characters[box.top + box.height // 2][box.left : box.left + box.width]
            assert any(pair[0] in middle[:2] and pair[1] in middle[-2:] for pair in pointers), (key, middle)
