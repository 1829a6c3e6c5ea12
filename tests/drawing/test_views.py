"""Inspector, step-into, Jacobian view, timeline and story: at every event of every net, at every width."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pytest
from readings import Recorded

from bptui.drawing import story
from bptui.drawing.canvas import Canvas, cells
from bptui.drawing.diagram import lay_out, paint
from bptui.drawing.equations import backward_entry, forward_entry
from bptui.drawing.events import Step
from bptui.drawing.inspector import inspect, node_title
from bptui.drawing.into import into, place_of
from bptui.drawing.jacobians import jacobian
from bptui.drawing.large import large
from bptui.drawing.tensors import Tensor
from bptui.drawing.timeline import SOFT, timeline
from bptui.engine.buffers import Shape
from bptui.engine.jacobian import response
from bptui.engine.module import REGISTRY, Entry, Module, Spec
from bptui.engine.modules import Linear, SquaredError
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.net import Net
from bptui.engine.optimisers import OPTIMISERS, SGD
from bptui.engine.rewire import Wiring, decayed, rewire
from bptui.engine.site import Site
from bptui.sources.nets import MYNET, NETS, TWO_LAYER

SIZES = ((40, 4), (76, 12), (120, 30), (196, 45))
SMALL = [name for name in NETS if name not in ("mynet", "spiral")]
THINNED = [3, pytest.param(1, marks=pytest.mark.slow)]  # of what is many, a third by turns; where there is time, all

# the net of the look book's pictures, with its numbers
PARAMETERS = {
    "m0.weight": [[0.5, -0.3, 0.1, 0.4, -0.6, 0.2], [-0.7, 0.2, 0.4, -0.3, 0.5, 0.6], [0.3, 0.6, -0.2, 0.1, -0.4, 0.8]],
    "m0.bias": [0.1, -0.2, 0.1],
    "m1.weight": [[0.4, -0.5, -0.8], [-0.6, 0.3, 0.7]],
    "m1.bias": [0.2, -0.1],
}
GIVEN = {"x": [[0.9, -0.4, 0.2, 1.0, -0.7, 0.5]], "y": [[0.0, 1.0]]}


def pictured(cursor: int) -> Recorded:
    return Recorded(TWO_LAYER, parameters=dict(PARAMETERS), given=dict(GIVEN), cursor=cursor)


def assert_whole(canvas: Canvas, width: int, height: int) -> None:
    """Nothing is outside: rows are as wide as said, regions lie within."""
    assert canvas.width == width
    assert canvas.height >= height
    assert all(cells("".join(row)) == width for row in canvas.characters)
    for r in canvas.regions:
        assert r.left >= 0 and r.left + r.width <= canvas.width and r.top >= 0 and r.top + r.height <= canvas.height


def targets(reading: Recorded) -> list[str]:
    graph = reading.graph
    found = [f"event:{event.index}" for event in graph.events] + [f"param:{p.name}" for p in graph.parameters]
    found += [f"node:{node.name}" for node in graph.nodes] + [f"back:{node.name}" for node in graph.nodes]
    return found + [f"{kind}:{name}" for name in graph.variables for kind in ("var", "grad")]


def entry_of(reading: Recorded, target: str) -> tuple[int, ...]:
    place = place_of(reading.graph, target)
    return (0,) * len(reading.graph.variables[place.name].shape) if place else ()


@pytest.mark.some(3)
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("name", SMALL)
def test_every_event_at_every_width(name: str, thinned: int) -> None:
    reading = Recorded(NETS[name], batch=2, sample=1)
    step = Step((3, 1), 8, SGD(), 0.1)
    for event in reading.graph.events:
        reading.at(event.index)
        target = f"event:{event.index}"
        for width, height in SIZES[event.index % thinned :: thinned]:
            assert_whole(inspect(reading, target, width, height, step=step), width, height)
            assert_whole(jacobian(reading, target, width, height), width, height)
            drawn = into(reading, target, entry_of(reading, target), width, height)
            assert_whole(drawn, width, height)
            assert event.node is None or height < 30 or drawn.height == height


@pytest.mark.parametrize("name", ["mynet", "spiral"])
def test_every_event_of_large_nets(name: str) -> None:
    reading = Recorded(NETS[name])
    for event in reading.graph.events:
        reading.at(event.index)
        for width, height in ((40, 10), (76, 24)):
            assert_whole(inspect(reading, f"event:{event.index}", width, height), width, height)


@pytest.mark.some(5)
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_every_target_whether_known_or_not(name: str, share: float, thinned: int) -> None:
    reading = Recorded(NETS[name])
    reading.at(int(share * (len(reading.graph.events) - 1)))
    for target in targets(reading)[reading.cursor % thinned :: thinned]:
        assert_whole(inspect(reading, target, 60, 16), 60, 16)
        assert_whole(inspect(reading, target, 80, 9, headed=False), 80, 9)
        assert_whole(jacobian(reading, target, 60, 16), 60, 16)
        assert_whole(into(reading, target, entry_of(reading, target), 60, 20), 60, 20)


def test_a_title_says_a_name_once() -> None:
    graph = rewire(TWO_LAYER, Wiring(batch=2, l2=decayed(TWO_LAYER, 0.01)))
    titles = {node.name: node_title(node) for node in graph.nodes if not node.collapsed}
    assert titles == {
        "m0": "Linear m0",
        "relu1": "ReLU",
        "m1": "Linear m1",
        "cost": "cross-entropy",
        "average": "average",
        "L2": "L2",
        "loss": "Add loss",
    }


def test_nothing_is_shown_before_it_is_known() -> None:
    reading = pictured(2)
    assert "0.148" not in inspect(reading, "node:m1", 76, 12).text()
    assert "·  ·  ·" in inspect(reading, "back:m1", 76, 12).text()
    assert "0.647" not in inspect(reading, "grad:s2", 76, 12).text()


def test_forward_as_in_the_look_book() -> None:
    text = inspect(pictured(3), "node:m1", 76, 12).text()
    for line in (
        " s₂ = W₁ z₁ + b₁    [2] = [2×3][3] + [2]",
        " ┌  0.4  −0.5  −0.8 ┐ · ┌ 1.61 ┐ + ┌  0.2 ┐ = ┌  0.148 ┐",
        " └ −0.6   0.3   0.7 ┘   │ 0    │   └ −0.1 ┘   └ −0.457 ┘",
        " s₂[0] = 0.4·1.61 − 0.5·0 − 0.8·0.87 + 0.2 = 0.148",
        " s₂[1] = −0.6·1.61 + 0.3·0 + 0.7·0.87 − 0.1 = −0.457",
        "ReLU made z₁[1] 0.",
    ):
        assert line in text


def test_backward_as_in_the_look_book() -> None:
    text = inspect(pictured(8), "back:m1", 76, 12).text()
    for line in (
        "dz₁ = W₁ᵀ ds₂    [3] = [3×2][2]",
        "dW₁ = ds₂ z₁ᵀ    [2×3] = [2][3]ᵀ",
        "┌ 0.647 ┐ = ┌ 0.647 ┐    ┌ 1.041  0      0.563 ┐ ┌ 0.647 ┐",
        "└−0.647 ┘   │−0.517 │    └−1.041  0     −0.563 ┘ └−0.647 ┘",
        " dz₁[0] = 0.4·0.647 − 0.6·(−0.647) = 0.647",
        " = 0.6468·1.61 = 1.0413",
        "is 0 because z₁[1] is 0.",
    ):
        assert line in text


def test_into_as_in_the_look_book() -> None:
    text = into(pictured(1), "node:m0", (1,), 116, 24).text()
    for line in (
        "─ into m0  forward › s₁[1] ─",
        " │ −0.7   0.2   0.4  −0.3   0.5   0.6 │   │ −0.4 │   │ −0.2 │   │ −1.18 │ ◀ s₁[1]",
        "−0.7  ×   0.9  =    −0.63    −0.63",
        "0.6  ×   0.5  =    +0.30    −0.98",
        "−0.20    −1.18",
        "Two terms carry it: j = 0",
        "sets z₁[1] to 0",
    ):
        assert line in text


def test_large_matrix_is_a_picture_with_a_summary() -> None:
    reading = Recorded(MYNET, cursor=4)
    text = inspect(reading, "node:m1", 70, 30).text()
    w, y = reading.value("m1.weight"), reading.value("s2")
    assert w is not None and y is not None
    row = int(np.argmax(np.abs(y)))
    assert f"row {row}, worked out below" in text
    assert f"s₂[{row}] = " in text and f"{np.linalg.norm(w):.3f}" in text
    assert text.count("▀") > 500


class Wrong(Recorded):
    """A reading in which one gradient is off by a hundredth."""

    def batch_gradient(self, name: str) -> np.ndarray | None:
        right = super().batch_gradient(name)
        return right + 0.01 if right is not None and name == "z1" else right


@dataclass(frozen=True)
class Cube(Pointwise):
    """A module that no view knows."""

    kind, scalar, forward_label, about = "Cube", "({x})³", "{x}³", ""
    forward_story = "Cube took {x} to the third power: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.power, at.x, 3.0, out=at.y)

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.x, at.x, out=at.dx)
            at.call(np.multiply, at.dx, 3.0, out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)


@dataclass(frozen=True)
class Gain(Module):
    """Another one, with a parameter: a factor for each entry."""

    kind, forward_label, backward_label, about, saves = "Gain", "{g}⊙{x}", "{g}⊙d{y}", "", "{x}"
    forward_equation, backward_equations = "{y} = {g} ⊙ {x}", ("d{x} = {g} ⊙ d{y}", "d{g} = {x} ⊙ d{y}")
    forward_story, backward_story = "Gain made {y}.", "Gain made d{x} and d{g}."

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return inputs

    def parameters(self, *inputs: Spec) -> dict[str, Shape]:
        return {"g": inputs[0].shape}

    def forward(self, at: Site) -> None:
        at.call(np.multiply, at.x, at.parameters["g"], out=at.y)

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.dy, at.parameters["g"], out=at.dx)
        products = at.like("products", at.x)
        at.call(np.multiply, at.x, at.dy, out=products)
        at.sum_over_batch(products, out=at.grad_parameters["g"])


@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("batch", [1, 3])
def test_a_module_that_no_view_knows_is_shown_all_the_same(batch: int, thinned: int) -> None:
    net = Net("new").input("x", 3).add("gain", Gain(), "x", "s").add("cube", Cube(), "s", "z").target("y", 3)
    reading = Recorded(net.add("cost", SquaredError(), "z y", "C"), batch=batch)
    for event in reading.graph.events:
        reading.at(event.index)
        for target in targets(reading)[event.index % thinned :: thinned]:
            assert_whole(inspect(reading, target, 76, 16), 76, 16)
            assert_whole(jacobian(reading, target, 76, 16), 76, 16)
            assert_whole(into(reading, target, entry_of(reading, target), 76, 16), 76, 16)
        assert story.now(reading, 76) and story.next(reading, 76)
        assert paint(lay_out(reading.graph, 116, 24), reading).text()
    entry = backward_entry(reading, reading.graph.node["gain"], "gain.g", (1,))
    assert entry is not None and entry.result == reading.gradient("gain.g")[1]  # type: ignore[index]
    assert not entry.terms if batch > 1 else total(entry) == pytest.approx(entry.result)


@pytest.mark.parametrize("kind", [k for k in REGISTRY.values() if issubclass(k, Pointwise)])
def test_a_slope_is_that_of_a_small_step(kind: type[Pointwise]) -> None:
    x = np.array([-30.0, -4.0, -0.3, 0.2, 1.0, 5.0])
    made, slope = response(kind(), x)
    (low, _), (high, _) = response(kind(), x - 1e-6), response(kind(), x + 1e-6)
    assert (low <= made).all() and slope == pytest.approx((high - low) / 2e-6, abs=1e-6)


def test_a_wrong_number_shows() -> None:
    right = pictured(8)
    wrong = Wrong(TWO_LAYER, parameters=dict(PARAMETERS), given=dict(GIVEN), cursor=8)
    for view in (inspect, jacobian):
        assert view(right, "back:m1", 76, 12).text() != view(wrong, "back:m1", 76, 12).text()
    entry = backward_entry(wrong, wrong.graph.node["m1"], "z1", (0,))
    assert entry is not None
    assert not np.isclose(total(entry), entry.result)


def total(entry: Entry) -> float:
    return sum(term.product for term in entry.terms) + (entry.bias[1] if entry.bias else 0.0)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("batch", [1, 3])
def test_worked_sums_are_the_engines_numbers(name: str, batch: int) -> None:
    reading = Recorded(NETS[name], batch=batch, sample=batch - 1)
    reading.at(len(reading.graph.events) - 1)
    for node in reading.graph.nodes:
        if node.collapsed:
            continue
        for k, made in enumerate(node.outputs):
            value = reading.value(made)
            assert value is not None
            for index in islice(np.ndindex(value.shape), 6):
                entry = forward_entry(reading, node, k, index)
                assert entry is not None
                if node.module.role == "function" or batch == 1:
                    assert entry.result == pytest.approx(float(value[index]), abs=1e-12)
                if entry.terms:
                    assert total(entry) == pytest.approx(entry.result, abs=1e-12)
        for read in (*node.inputs, *node.parameters.values()):
            gradient = reading.gradient(read)
            if gradient is None:
                continue
            for index in islice(np.ndindex(gradient.shape), 6):
                entry = backward_entry(reading, node, read, index)
                assert entry is not None and entry.result == gradient[index]
                if entry.terms:
                    assert total(entry) == pytest.approx(entry.result, abs=1e-12)


def test_penalties_and_shared_weights() -> None:
    rates = decayed(TWO_LAYER, 0.01)
    graph = rewire(TWO_LAYER, Wiring(batch=2, l2=rates, l1=rates, dropout=0.5))
    reading = Recorded(graph, batch=2)
    for event in graph.events:
        reading.at(event.index)
        for width, height in SIZES:
            assert_whole(inspect(reading, f"event:{event.index}", width, height), width, height)
        assert story.now(reading, 100) and story.next(reading, 100)
    node = graph.node["L2"]
    entry = forward_entry(reading, node, 0, ())
    assert entry is not None and total(entry) == pytest.approx(float(reading.value("R")))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_updates_say_what_moved(kind: str) -> None:
    optimiser = OPTIMISERS[kind]()
    reading = Recorded(TWO_LAYER, optimiser=optimiser)
    reading.at(len(reading.graph.events) - 1)
    after = reading.value("m1.bias")
    assert after is not None
    text = inspect(reading, "param:m1.bias", 76, 12, entry=(1,), step=Step((0,), 8, optimiser, 0.1)).text()
    line = next(line for line in text.splitlines() if line.startswith(" b₁[1] ← "))
    assert float(line.rpartition("= ")[2].replace("−", "-")) == pytest.approx(after[1], abs=6e-5)


def test_conventions_at_a_kink_are_said() -> None:
    given = {"x": [np.zeros(6)], "y": [[0.0, 1.0]]}
    parameters = {**PARAMETERS, "m0.bias": [0.0, 0.0, 1.0]}
    reading = Recorded(TWO_LAYER, parameters=parameters, given=given, cursor=2)
    text = " ".join(inspect(reading, "node:relu1", 76, 12).text().split())
    assert "ReLU′(0) = 0" in text


def test_what_is_not_finite_is_said() -> None:
    given = {"x": [[np.nan, 1, 1, 1, 1, 1]], "y": [[0.0, 1.0]]}
    reading = Recorded(TWO_LAYER, parameters=dict(PARAMETERS), given=given)
    reading.at(1)
    assert "s₁ holds NaN." in inspect(reading, "node:m0", 76, 14).text()
    for event in reading.graph.events:
        reading.at(event.index)
        target = f"event:{event.index}"
        assert_whole(inspect(reading, target, 76, 12), 76, 12)
        assert_whole(into(reading, target, entry_of(reading, target), 120, 24), 120, 24)
        assert_whole(jacobian(reading, target, 76, 12), 76, 12)


@pytest.mark.parametrize(("weights", "told"), [((0.1, 0.2, -0.3), True), ((1e-20, 2e-20, 1e-20), False)])
def test_what_rounding_leaves_of_a_sum_is_told_from_a_small_sum(weights: tuple[float, ...], told: bool) -> None:
    net = Net("sum").input("x", 3).add("m", Linear(1, bias=False), "x", "s").target("y", 1)
    net = net.add("cost", SquaredError(), "s y", "C")
    reading = Recorded(net, parameters={"m.weight": [weights]}, given={"x": [[1.0, 1.0, 1.0]]}, cursor=1)
    made = reading.value("s")
    assert made is not None and 0 < abs(made[0]) < 1e-15
    assert ("The terms of s[0] cancel" in inspect(reading, "node:m", 100, 20).text()) == told


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("width", [1, 20, 40, 76, 116, 196])
@pytest.mark.parametrize("names", [True, False])
def test_timeline_fits_and_holds_the_cursor(name: str, width: int, names: bool) -> None:
    graph = Recorded(NETS[name]).graph
    for cursor in (0, len(graph.events) // 2, len(graph.events) - 1):
        canvas = timeline(graph, cursor, {2}, width, names=names)
        assert_whole(canvas, width, 2)
        assert canvas.text().count("◆") == 1 or width == 1
        assert f"event:{cursor}" in {region.target for region in canvas.regions}
    wide = timeline(graph, 0, (), 4 * len(graph.events) + 200, names=names)
    assert [region.target for region in wide.regions] == [f"event:{event.index}" for event in graph.events]


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("width", [16, 34, 68, 110])
def test_the_story_fits_and_cuts_no_word(name: str, width: int) -> None:
    reading = Recorded(NETS[name])
    for event in reading.graph.events:
        reading.at(event.index)
        for tell in (story.now, story.next):
            whole, text = tell(reading, 500), tell(reading, width)
            assert cells(text) <= width
            assert text.endswith((".", "…"))
            assert whole.endswith(".")
            if text != whole:
                kept = text.removesuffix(" …").removesuffix(".")
                assert whole.startswith(kept) and not whole[len(kept)].isalnum()


def test_the_story_inside_a_module() -> None:
    reading = pictured(9)
    assert story.inside(reading, "node:m0", (1,), 90) == "inside m0: s₁[1] is row 1 of W₀ times x, plus b₀[1]."
    assert story.inside(reading, "back:m1", (0,), 90) == "inside m1: dz₁[0] is column 0 of W₁ times ds₂."
    assert story.inside(reading, "grad:m1.weight", (0, 2), 90) == "inside m1: dW₁[0,2] is ds₂[0] times z₁[2]."
    for target in targets(reading):
        assert cells(story.inside(reading, target, entry_of(reading, target), 30)) <= 30


def test_the_proximal_l1_is_drawn_at_the_update() -> None:
    graph = Recorded(NETS["two-layer"]).graph
    for width in range(40, 160):
        bands = timeline(graph, 0, (), width, names=False, soft=True).text().splitlines()[0]
        assert any(bands.endswith(f"update {text}") for text in SOFT) or not bands.endswith("L1"), bands
        assert "L1" not in timeline(graph, 0, (), width, names=False).text()
    assert "update + L1: W ← soft(W, ηα)" in timeline(graph, 0, (), 120, names=True, soft=True).text()


def test_a_vector_beside_a_narrow_heat_map_stands_clear_of_the_legend() -> None:
    matrix, vector = np.linspace(-1, 1, 16 * 16).reshape(16, 16), np.linspace(-1, 1, 16)
    drawn = large([], [Tensor("dW", (16, 16), matrix), Tensor("db", (16,), vector)], None, 60, 20)[1]
    title, first = drawn.text().splitlines()[:2]
    assert re.fullmatch(r"dW 16×16   − █+ \+   +db", title)
    assert len(first) >= title.index("db")


def test_stepping_into_max_backwards_marks_the_entry_that_is_worked_out() -> None:
    reading = Recorded(NETS["switch"])
    event = next(e for e in reading.graph.events if e.phase == "backward" and e.node == "max")
    for k in range(3):
        text = into(reading.at(event.index), f"event:{event.index}", (k,), 110, 20).text()
        assert f"◀ ds₀[{k}]" in text and "◀ ds₁" not in text
