"""Whole random graphs: gradients, tape against plan, and the words of errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import batches, fill_parameters, nets, optimisers, samples_for, schedules, seeds, wirings

from bptui.engine.buffers import Array
from bptui.engine.check import check_gradients
from bptui.engine.graph import Graph, GraphError, wire
from bptui.engine.module import Module
from bptui.engine.modules import (
    Add,
    CrossEntropy,
    Duplicate,
    Halt,
    L2Penalty,
    LeakyReLU,
    Linear,
    Max,
    Multiply,
    ReLU,
    SquaredError,
    Tanh,
)
from bptui.engine.net import Net
from bptui.engine.optimisers import OPTIMISERS, AdamW, ProximalSGD
from bptui.engine.plan import Plan
from bptui.engine.program import Settings
from bptui.engine.rewire import Kink, Wiring, rewire
from bptui.engine.tape import Tape

graphs = nets().flatmap(lambda net: wirings(net).map(lambda knobs: (rewire(net, knobs), knobs.batch)))


def ready(graph: Graph, given: Settings, seed: int, count: int = 7) -> tuple[Tape, dict[str, Array]]:
    """A tape with random parameters, and samples for it."""
    rng = np.random.default_rng(seed)
    tape = Tape(graph, given)
    fill_parameters(tape.state, rng)
    return tape, samples_for(graph, count, rng, given.dtype)


@given(graphs, seeds)
def test_every_gradient_of_a_random_graph_is_a_central_difference(case: tuple[Graph, int], seed: int) -> None:
    graph, batch = case
    tape, samples = ready(graph, Settings(batch=batch, seed=seed), seed)
    tape.begin(samples, np.arange(batch), 0)
    for row in check_gradients(tape.program, at_most=20):
        assert row.ok, (row, graph.nodes)


@given(graphs, seeds)
def test_the_gradient_of_all_parameters_is_the_slope_along_a_random_direction(
    case: tuple[Graph, int], seed: int
) -> None:
    graph, batch = case
    tape, samples = ready(graph, Settings(batch=batch, seed=seed, rate=0.0), seed)
    state, indices = tape.state, np.arange(batch)
    start = state.flat["parameters"].copy()
    direction = np.random.default_rng(seed + 1).normal(size=state.size)
    slope, losses, sides = 0.0, [], []
    for h in (1e-6, -1e-6, 0.0):
        state.flat["parameters"][:] = start + h * direction
        losses.append(tape.step(samples, indices, 0))
        sites = ((node.module, tape.program.sites[node.name].inputs) for node in graph.nodes)
        sides.append([side for module, inputs in sites if (side := module.switch(inputs)) is not None])
    assume(all((a == b).all() for a, b in zip(sides[0], sides[1], strict=True)))
    slope = float(state.flat["gradients"] @ direction)
    scale = float(np.abs(state.flat["gradients"]) @ np.abs(direction)) + abs(losses[2])
    assert slope == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-5, abs=1e-7 * (1.0 + scale))


@given(graphs, optimisers, schedules, st.booleans(), st.sampled_from([np.float64, np.float32]), st.booleans(), seeds)
def test_tape_and_plan_are_equal_bit_for_bit(
    case: tuple[Graph, int], optimiser: Any, schedule: Any, zero: bool, dtype: Any, training: bool, seed: int
) -> None:
    graph, batch = case
    weights = {p.name: 0.01 for p in graph.parameters if p.name.endswith("weight")}
    chosen = Settings(
        batch=batch,
        dtype=dtype,
        optimiser=optimiser,
        schedule=schedule,
        rate=0.01,
        seed=seed,
        training=training,
        zero_gradients=zero,
        decay=weights if isinstance(optimiser, AdamW) else {},
        threshold=weights if isinstance(optimiser, ProximalSGD) else {},
    )
    tape, samples = ready(graph, chosen, seed)
    plan = Plan(graph, chosen)
    plan.state.vector[:] = tape.state.vector
    rng = np.random.default_rng(seed)
    for step in range(4):
        indices = rng.integers(0, 7, batch)
        losses = tape.step(samples, indices, step), plan.step(samples, indices, step)
        assume(np.isfinite(losses).all() and np.isfinite(tape.state.vector).all())
        assert losses[0] == losses[1]
        for stretch in tape.state.flat:  # parameters, gradients, and each of the optimiser's slots
            assert (tape.state.flat[stretch] == plan.state.flat[stretch]).all(), (stretch, step)


@given(st.sampled_from(["torch", "other"]), st.booleans(), seeds)
def test_at_kinks_every_entry_is_as_computed_by_hand(kink: Kink, features_first: bool, seed: int) -> None:
    net = Net("kinks").input("x", 3).target("y", 3).add("m", Linear(3, bias=False), "x", "s")
    net = net.add("leaky", LeakyReLU(0.5), "s", "u").add("max", Max(), "u x", "v").add("relu", ReLU(), "v", "z")
    net = net.add("cost", SquaredError(), "z y", "C")
    rng = np.random.default_rng(seed)
    x, w, y = (rng.integers(-1, 2, shape).astype(float) for shape in ((4, 3), (3, 3), (4, 3)))  # 0 and ties abound
    graph = rewire(net, Wiring(batch=4, reduction="sum", kink=kink))
    given = Settings(batch=4, rate=0.25, features_first=features_first)
    tape, plan = Tape(graph, given), Plan(graph, given)
    for state in (tape.state, plan.state):
        state.parameters["m.weight"][...] = w
    samples = {"x": x, "y": y}
    for step in range(2):
        assert tape.step(samples, np.arange(4), step) == plan.step(samples, np.arange(4), step)
        s = x @ w.T
        u = np.where(s > 0, s, 0.5 * s)
        v = np.maximum(u, x)
        dz = 2.0 * (np.maximum(v, 0.0) - y)
        if kink == "torch":
            ds = dz * (v > 0) * ((u > x) + 0.5 * (u == x)) * np.where(s > 0, 1.0, 0.5)
        else:
            ds = dz * (v >= 0) * (u >= x) * np.where(s >= 0, 1.0, 0.5)
        w = w - 0.25 * ds.T @ x
        for state in (tape.state, plan.state):
            assert (state.gradients["m.weight"] == ds.T @ x).all()
            assert (state.parameters["m.weight"] == w).all()


@pytest.mark.parametrize("hidden", [ReLU(), Tanh()])
@pytest.mark.parametrize("batch", [240, 211])
def test_tape_and_plan_are_equal_on_wide_batches_too(hidden: Module, batch: int) -> None:
    wide = (
        Net("wide")
        .input("x", 3)
        .target("y", 3, classes=True)
        .add("m0", Linear(30), "x", "s")
        .add("h", hidden, "s", "z")
    )
    graph = rewire(wide.add("m1", Linear(3), "z", "a").add("cost", CrossEntropy(), "a y", "C"), Wiring(batch=batch))
    tape, samples = ready(graph, Settings(batch=batch), 0, count=300)
    plan = Plan(graph, tape.program.settings)
    turned = Plan(graph, replace(tape.program.settings, features_first=True))
    for other in (plan, turned):
        other.state.vector[:] = tape.state.vector
    for step in range(3):
        indices = np.random.default_rng(step).integers(0, 300, batch)
        losses = [runner.step(samples, indices, step) for runner in (tape, plan, turned)]
        assert losses[0] == losses[1] == pytest.approx(losses[2], rel=1e-12)
        assert (tape.state.vector == plan.state.vector).all()
        np.testing.assert_allclose(turned.state.vector, tape.state.vector, rtol=1e-9, atol=1e-12)


@given(graphs, seeds)
def test_features_first_computes_the_same(case: tuple[Graph, int], seed: int) -> None:
    graph, batch = case
    tape, samples = ready(graph, Settings(batch=batch, seed=seed, rate=0.0), seed)
    plan = Plan(graph, replace(tape.program.settings, features_first=True))
    plan.state.vector[:] = tape.state.vector
    losses = tape.step(samples, np.arange(batch), 0), plan.step(samples, np.arange(batch), 0)
    assert losses[0] == pytest.approx(losses[1], rel=1e-12, abs=1e-12)
    scale = 1.0 + np.abs(tape.state.flat["gradients"]).max()
    np.testing.assert_allclose(
        plan.state.flat["gradients"], tape.state.flat["gradients"], rtol=1e-12, atol=1e-12 * scale
    )


@given(graphs)
def test_every_variable_is_read_once(case: tuple[Graph, int]) -> None:
    graph, _ = case
    reads = [name for node in graph.nodes for name in (*node.inputs, *node.parameters.values())]
    once = [name for name in reads if graph.variables[name].role != "target"]
    assert len(once) == len(set(once))
    made = [name for node in graph.nodes for name in node.outputs]
    assert len(made) == len(set(made))


def net(*layers: tuple[Any, ...]) -> Net:
    """A net with x [3] and y [2], and these layers."""
    result = Net("n").input("x", 3).target("y", 2)
    for layer in layers:
        result = result.add(*layer)
    return result


COST = ("cost", SquaredError(), "ybar y", "C")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (net(("m0", Linear(2), "z", "ybar"), COST), r"m0 \(Linear\): reads 'z', which nothing before it makes"),
        (net(("m0", Linear(4), "x", "ybar"), COST), r"cost \(SquaredError\): got \[4\].*wants.*\[2\]"),
        (net(("m0", Linear(2), "x", "s"), ("a", Add(), "s x", "ybar"), COST), r"a \(Add\): got \[2\] and \[3\]"),
        (net(("m0", Linear(2), "x x", "ybar"), COST), r"m0 \(Linear\): got 2 inputs, wants 1"),
        (net(("m0", Linear(2), "x", "s t"), COST), r"m0 \(Linear\): makes 1 outputs, 2 are named"),
        (net(("a", Add(), "x", "s"), COST), r"a \(Add\): got 1 input, wants at least 2"),
        (net(("d", Duplicate(1), "x", "s"), COST), r"d \(Duplicate\): got 1 for the number of copies"),
        (net(("m0", Linear(2), "x", "ybar"), ("m0", ReLU(), "ybar", "z")), "the name 'm0' is taken"),
        (net(("", Linear(2), "x", "ybar"), COST), r"\(Linear\): wants a name for itself"),
        (Net("n").input("", 2), "an observed variable has no name"),
        (net(("m0", Linear(2), "x", "x")), r"m0 \(Linear\): makes 'x', which exists already"),
        (net(("m0", Linear(2), "x", "ybar")), "n: wants one scalar at its end, the cost; found none"),
        (net(("m0", Linear(2), "x", "ybar"), COST, ("c", SquaredError(), "ybar y", "D")), r"found 2 \(C, D\)"),
        (net(("m0", Linear(3), "x", "s"), ("c", SquaredError(), "s x", "C")), "compares with 'x', wants a target"),
        (net(("p", L2Penalty((0.1, 0.2)), "x", "R")), r"p \(L2\): got 1 inputs, wants 2"),
    ],
)
def test_errors_name_the_module_what_came_and_what_is_wanted(wrong: Net, words: str) -> None:
    with pytest.raises(GraphError, match=words):
        wire(wrong)


def test_sharing_errors() -> None:
    base = net(("m0", Linear(2), "x", "s"))
    with pytest.raises(GraphError, match="shares the parameters of 'm9', which has no weight"):
        wire(base.add("m1", Linear(2), "x", "t", shares="m9"))
    with pytest.raises(GraphError, match=r"shares m0.weight of shape \[2×3\], wants \[4×3\]"):
        wire(base.add("m1", Linear(4), "x", "t", shares="m0"))


def test_a_second_use_becomes_a_duplicate_and_its_gradients_are_summed() -> None:
    graph = wire(
        Net("squares")
        .input("x", 2)
        .target("y", 2)
        .add("m", Multiply(), "x x", "z")
        .add("c", SquaredError(), "z y", "C")
    )
    assert [node.name for node in graph.nodes] == ["dup x", "m", "c"]
    tape = Tape(graph, Settings())
    tape.step({"x": np.array([[3.0, -2.0]]), "y": np.array([[8.0, 1.0]])}, np.arange(1), 0)
    gradients = tape.program.gradients
    assert gradients["x"].tolist() == [[12.0, -24.0]]  # 2(x² − y)·2x
    assert (gradients["x'"] + gradients["x''"] == gradients["x"]).all()


def test_shared_parameters_are_one_and_their_gradients_are_summed() -> None:
    twice = (
        Net("twice")
        .input("x", 2)
        .target("y", 2)
        .add("m0", Linear(2), "x", "s")
        .add("m1", Linear(2), "s", "z", shares="m0")
        .add("c", SquaredError(), "z y", "C")
    )
    graph = wire(twice)
    assert [p.name for p in graph.parameters] == ["m0.weight", "m0.bias"]
    tape, samples = ready(graph, Settings(rate=0.0), 1)
    tape.step(samples, np.arange(1), 0)
    g, v = tape.program.gradients, tape.program.values
    by_hand = np.outer(g["z"][0], v["s"][0]) + np.outer(g["s"][0], v["x"][0])
    np.testing.assert_allclose(g["m0.weight"], by_hand, rtol=1e-14)
    assert not [event for event in graph.events if str(event.node).startswith("share")]


def test_a_shared_parameter_with_a_dead_end() -> None:
    loose = (
        Net("loose")
        .input("x", 2)
        .target("y", 2)
        .add("m0", Linear(2), "x", "s")
        .add("side", Linear(2), "x", "unused", shares="m0")
        .add("c", SquaredError(), "s y", "C")
    )
    tape, samples = ready(wire(loose), Settings(rate=0.0), 1)
    tape.begin(samples, np.arange(1), 0)
    assert all(row.ok for row in check_gradients(tape.program))


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_the_zero_event_really_zeroes_even_nan(kind: str) -> None:
    graph = wire(net(("m0", Linear(2), "x", "ybar"), COST))
    tape, samples = ready(graph, Settings(optimiser=OPTIMISERS[kind]()), 0)
    tape.state.flat["gradients"][:] = np.nan
    tape.begin(samples, np.arange(1), 0)
    (zero,) = (event.index for event in graph.events if event.phase == "zero")
    tape.run(0, zero)
    assert np.isnan(tape.state.flat["gradients"]).all()
    tape.run(zero, zero + 1)
    assert (tape.state.flat["gradients"] == 0.0).all()
    tape.run(zero + 1)
    assert np.isfinite(tape.state.vector).all()


@given(batches, seeds)
def test_without_zeroing_gradients_add_up(batch: int, seed: int) -> None:
    graph = rewire(net(("m0", Linear(2), "x", "ybar"), COST), Wiring(batch=batch, l2={"m0.weight": 0.1}))
    tape, samples = ready(graph, Settings(batch=batch, rate=0.0, zero_gradients=False), seed)
    tape.step(samples, np.arange(batch), 0)
    once = tape.state.flat["gradients"].copy()
    tape.step(samples, np.arange(batch), 1)
    assert (tape.state.flat["gradients"] == once + once).all()


def test_cross_entropy_names_a_vector() -> None:
    image = Net("n").input("x", (2, 2)).target("y", (2, 2), classes=True).add("c", CrossEntropy(), "x y", "C")
    with pytest.raises(GraphError, match=r"c \(CrossEntropy\): got \[2×2\], wants a vector"):
        wire(image)


def test_a_program_that_stops_has_no_cost_and_moves_nothing() -> None:
    net = Net("stops").input("x", 4).add("m0", Linear(3), "x", "s").add("m1", Halt("shapes do not fit"), "s", "error")
    graph = rewire(net, Wiring(batch=2, l1={"m0.weight": 0.1}, l2={"m0.weight": 0.1}))
    assert [event.phase for event in graph.events] == ["batch", "forward", "forward"]
    assert graph.differentiable == frozenset()
    rng = np.random.default_rng(0)
    samples = {"x": rng.normal(size=(2, 4))}
    settings = Settings(batch=2, optimiser=AdamW(), decay={"m0.weight": 0.5})
    for run in (Tape(graph, settings), Plan(graph, settings)):
        run.state.flat["parameters"][:] = before = rng.normal(size=run.state.size)
        run.step(samples, np.arange(2), 0)
        assert (run.state.flat["parameters"] == before).all()
    with pytest.raises(ValueError, match="stops with an error before there is a cost"):
        check_gradients(Tape(graph, Settings(batch=2)).program)
