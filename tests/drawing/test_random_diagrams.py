"""Block diagrams of random nets: no box, wire or text over another, and no two wires to be taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import check
from readings import Recorded
from strategies import nets, wirings

from bptui.drawing.diagram import lay_out, paint
from bptui.engine.graph import Graph, wire
from bptui.engine.modules import Add, Concatenate, Linear, Max, Multiply, ReLU, SquaredError, Tanh
from bptui.engine.net import Net
from bptui.engine.rewire import Wiring, rewire


@st.composite
def tangles(draw: st.DrawFn) -> Graph:
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


@st.composite
def rewired(draw: st.DrawFn) -> Graph:
    """Random nets of all modules, with shared parameters, several inputs and dead ends, under random knobs."""
    net = draw(nets())
    return rewire(net, draw(wirings(net)))


GRAPHS = st.one_of(tangles(), rewired())
ROOMS = st.sampled_from([(48, 15), (76, 12), (116, 24), (196, 44), (300, 90)])
DIRECTIONS = st.sampled_from([None, True, False])


@settings(derandomize=True)
@given(GRAPHS, ROOMS, DIRECTIONS)
def test_random_diagrams(graph: Graph, room: tuple[int, int], upward: bool | None) -> None:
    layout = lay_out(graph, *room, upward=upward)
    check(layout)
    reading = Recorded(graph, batch=2)
    for cursor in (0, len(graph.events) // 2, len(graph.events) - 1):
        assert paint(layout, reading.at(cursor)).text()


@pytest.mark.slow
@settings(max_examples=4000)
@given(GRAPHS, ROOMS, DIRECTIONS)
def test_many_random_diagrams(graph: Graph, room: tuple[int, int], upward: bool | None) -> None:
    check(lay_out(graph, *room, upward=upward))


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
