"""Block diagrams: nothing overlaps, every wire joins two boxes, twins line up, and pictures stay as they were."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import Recorded

from bptui.drawing.diagram import Layout, cursor_box, lay_out, paint
from bptui.drawing.wires import E, N, S, W
from bptui.engine.graph import Graph, GraphError, wire
from bptui.engine.modules import Add, Concatenate, Linear, Max, Multiply, ReLU, SquaredError, Tanh
from bptui.engine.net import Net
from bptui.engine.rewire import Wiring, decayed, rewire
from bptui.sources.nets import NETS

GOLDEN = Path(__file__).parent / "golden"
ROOMS = [(76, 8), (116, 24), (196, 44)]
VARIANTS = ["plain", "batch", "l2", "l1", "both", "dropout"]


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


def check(layout: Layout) -> None:
    """All that holds of every layout."""
    boxes = {key: (x, y, x + w, y + h) for key, (x, y, w, h) in layout.placing.boxes.items()}
    for a, b in combinations(boxes.values(), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], "boxes overlap"
    for left, top, right, bottom in boxes.values():
        assert left >= 0 and top >= 0 and right <= layout.width and bottom <= layout.height

    def inside(key: str, x: int, y: int) -> bool:
        left, top, right, bottom = boxes[key]
        return left <= x < right and top <= y < bottom

    steps = {N: (0, -1), E: (1, 0), S: (0, 1), W: (-1, 0)}
    heads = dict(zip("▲▶▼◀", (N, E, S, W), strict=True))
    for wire_ in layout.placing.wires:
        x, y = wire_.head
        dx, dy = steps[heads[wire_.glyph]]
        assert inside(wire_.link.target, x + dx, y + dy), f"{wire_.link} ends off its box"
        assert not any(inside(key, *cell) for cell in wire_.cells for key in boxes), f"{wire_.link} crosses a box"
        ends = []
        for (cx, cy), bits in wire_.cells.items():
            assert 0 <= cx < layout.width and 0 <= cy < layout.height
            for bit, (sx, sy) in steps.items():
                if bits & bit and (cx + sx, cy + sy) not in wire_.cells:
                    ends.append((cx + sx, cy + sy))
        assert any(inside(wire_.link.source, *end) for end in ends), f"{wire_.link} starts off its box"


def check_tracks(layout: Layout) -> None:
    """Wires that have nothing to do with each other only cross. In rare random graphs they still share a stretch."""
    for crossing in layout.crossings.values():
        for (i, one), (j, other) in combinations(crossing, 2):
            mine, its = layout.placing.wires[i].link, layout.placing.wires[j].link
            related = mine.source == its.source or mine.target == its.target
            assert related or {one, other} == {N | S, E | W}, f"{mine} and {its} share a stretch"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", NETS)
def test_preset_layouts(name: str, variant: str) -> None:
    try:
        graph = rewired(name, variant)
    except GraphError:
        pytest.skip("the net has no layer to drop from")
    for width, height in ROOMS:
        for upward in (None, False, True):
            layout = lay_out(graph, width, height, upward=upward)
            check(layout)
            check_tracks(layout)
            assert upward is None or layout.size.upward == upward
    assert lay_out(graph, 76, 8).width <= 100


@pytest.mark.parametrize("name", NETS)
def test_paint_at_every_event(name: str) -> None:
    reading = Recorded(rewired(name, "both"), batch=4)
    for width, height in ROOMS:
        layout = lay_out(reading.graph, width, height)
        plain = None
        for event in reading.graph.events:
            canvas = paint(layout, reading.at(event.index), selected="node:m0", breakpoints={"back:m0"})
            assert (canvas.width, canvas.height) == (layout.width, layout.height)
            region = cursor_box(layout, event)
            assert region.target in layout.placing.boxes
            assert paint(layout, reading, ascii=True).text().isascii()
            targets = {r.target for r in canvas.regions}
            assert {f"node:{n.name}" for n in reading.graph.nodes if not n.collapsed} <= targets
            places = {r for r in canvas.regions if r.target in layout.placing.boxes}
            plain = plain or places
            assert {r for r in places if r.height == layout.size.rows} >= {layout.box(k) for k in layout.placing.boxes}


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
        ("switch", "switch", "plain", (116, 36), None, 4),
        ("mynet-upward", "mynet", "plain", (46, 30), None, 4),
        ("skip-l2-upward", "skip", "l2", (76, 30), True, 14),
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


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Random nets: any wiring of vectors of one length, one or two costs, perhaps a penalty."""
    net, made = Net("random").input("x0", 3), ["x0"]
    if draw(st.booleans()):
        net, made = net.input("x1", 3), [*made, "x1"]
    for k in range(draw(st.integers(1, 9))):
        pick = st.sampled_from(made)
        module = draw(st.sampled_from([Linear(3), ReLU(), Tanh(), Add(), Max(), Multiply(), "cat"]))
        wanted = 1 if isinstance(module, Linear | ReLU | Tanh) else 2
        inputs = [draw(pick) for _ in range(wanted)]
        if module == "cat":
            net = net.add(f"n{k}", Concatenate(), inputs, f"c{k}").add(f"l{k}", Linear(3), f"c{k}", f"v{k}")
        else:
            net = net.add(f"n{k}", module, inputs, f"v{k}")  # type: ignore[arg-type]
        made.append(f"v{k}")
    read = {name for layer in net.layers for name in layer.inputs}
    ends = [name for name in made if name not in read] or [made[-1]]
    end = ends[0]
    if len(ends) > 1:
        net, end = net.add("join", Add(), ends, "joined"), "joined"
    net = net.target("y", 3).add("cost", SquaredError(), [end, "y"], "C")
    if draw(st.booleans()):
        net = net.target("u", 3).add("cost2", SquaredError(), [draw(st.sampled_from(made)), "u"], "C2")
    weights = [f"{layer.name}.weight" for layer in net.layers if isinstance(layer.module, Linear)]
    penalised = {weight: 0.1 for weight in weights if draw(st.booleans())}
    return rewire(net, Wiring(batch=draw(st.integers(1, 2)), l2=penalised, l1=penalised if draw(st.booleans()) else {}))


SIZES = st.sampled_from([(60, 10), (76, 8), (116, 24), (196, 44), (300, 90)]), st.sampled_from([None, True, False])


@settings(max_examples=60, derandomize=True)
@given(graphs(), *SIZES)
def test_random_graphs(graph: Graph, room: tuple[int, int], upward: bool | None) -> None:
    check_tracks(look(graph, room, upward))


@pytest.mark.slow
@settings(max_examples=1500)
@given(graphs(), *SIZES)
def test_many_random_graphs(graph: Graph, room: tuple[int, int], upward: bool | None) -> None:
    look(graph, room, upward)


def look(graph: Graph, room: tuple[int, int], upward: bool | None) -> Layout:
    """Lay a graph out, check the layout and paint it at three instants."""
    layout = lay_out(graph, *room, upward=upward)
    check(layout)
    reading = Recorded(graph, batch=2)
    for cursor in (0, len(graph.events) // 2, len(graph.events) - 1):
        assert paint(layout, reading.at(cursor)).text()
    return layout


def test_sums_of_neighbours_leave_room_for_a_wire_between() -> None:
    net = Net("n").input("x", 3).input("u", 3)
    for k in range(3):
        net = net.add(f"m{k}", Linear(3), "x", f"v{k}")
    net = net.add("a", ReLU(), "x", "v3").add("b", ReLU(), "u", "v4").add("join", Add(), "v0 v1 v2 v3 v4", "z")
    rates = {"m1.weight": 0.1, "m2.weight": 0.1}
    graph = rewire(net.target("y", 3).add("cost", SquaredError(), "z y", "C"), Wiring(l1=rates, l2=rates))
    check(lay_out(graph, 300, 90))


@pytest.mark.parametrize("room", [(76, 30), (116, 40), (300, 90)])
@pytest.mark.parametrize("upward", [True, False])
def test_wires_that_change_places_share_no_stretch(room: tuple[int, int], upward: bool) -> None:
    net = Net("n").input("x", 3).input("u", 3).add("a", Tanh(), "x", "p").add("b", Tanh(), "u", "q")
    net = net.add("m", Max(), "p q", "v").add("n", Multiply(), "q p", "w").add("join", Add(), "v w", "z")
    check(lay_out(wire(net.target("y", 3).add("cost", SquaredError(), "z y", "C")), *room, upward=upward))


@pytest.mark.parametrize(
    ("name", "variant"), [("skip", "l2"), ("two-layer", "l2"), ("two-layer", "l1"), ("switch", "plain")]
)
def test_normal_boxes_in_what_a_common_terminal_leaves(name: str, variant: str) -> None:
    layout = lay_out(rewired(name, variant), 116, 24)
    assert layout.size.rows == 3 and layout.height <= 24


def test_a_bias_that_is_missing_leaves_no_plus() -> None:
    net = Net("n").input("x", 2).add("m0", Linear(1, bias=False), "x", "s").target("y", 1)
    graph = wire(net.add("cost", SquaredError(), "s y", "C"))
    assert "W₀x " in paint(lay_out(graph, 116, 24), Recorded(graph)).text()
