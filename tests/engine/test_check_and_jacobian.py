"""The gradient check finds what is wrong; the local Jacobian is that of what was computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from sites import work
from strategies import fill_parameters, modules, nets, off_zero, samples_for, seeds

from bptui.engine.buffers import Array
from bptui.engine.check import Row, check_gradients
from bptui.engine.graph import Graph, wire
from bptui.engine.jacobian import JacobianError, local_jacobian
from bptui.engine.module import Module, Spec
from bptui.engine.modules import Dropout, Flatten, Linear, ReLU, SquaredError, Tanh
from bptui.engine.net import Net
from bptui.engine.program import Settings
from bptui.engine.rewire import Wiring, decayed, rewire
from bptui.engine.site import Site
from bptui.engine.tape import Tape
from bptui.sources.nets import NETS

NET = (
    Net("n")
    .input("x", (2, 2))
    .add("flat", Flatten(), "x", "z0")
    .add("m0", Linear(3), "z0", "s")
    .add("relu", ReLU(), "s", "z")
    .add("drop", Dropout(0.5), "z", "d")
    .add("m1", Linear(2), "d", "u")
    .add("h", Tanh(), "u", "ybar")
    .target("y", 2)
    .add("cost", SquaredError(), "ybar y", "C")
)


class Still:
    """A reading of sample 1 of a finished step, as the session gives it."""

    def __init__(self, tape: Tape, sample: int = 1) -> None:
        self.tape, self.sample, self.graph = tape, sample, tape.program.graph
        self.cursor, self.batch = len(self.graph.events) - 1, tape.program.settings.batch

    def _one(self, name: str, array: Array) -> Array:
        return array[self.sample] if self.graph.variables[name].batched else array

    def value(self, name: str) -> Array | None:
        return self._one(name, self.tape.program.values[name])

    def gradient(self, name: str) -> Array | None:
        return self._one(name, self.tape.program.gradients[name])

    def batch_value(self, name: str) -> Array | None:
        return self.tape.program.values[name]

    def batch_gradient(self, name: str) -> Array | None:
        return self.tape.program.gradients[name]

    def before(self, parameter: str) -> Array:
        return self.tape.state.views("parameters", self.tape.before)[parameter]

    def slots(self, parameter: str) -> dict[str, Array]:
        return {}

    def drawn(self, node: str) -> tuple[Array, ...]:
        return tuple(buffer[self.sample] for _, buffer in self.tape.program.sites[node].draws)


def begun(graph: Graph, batch: int = 2, seed: int = 0, **knobs: Any) -> Tape:
    tape, rng = Tape(graph, Settings(batch=batch, seed=seed, **knobs)), np.random.default_rng(seed)
    fill_parameters(tape.state, rng)
    tape.begin(samples_for(graph, batch, rng), np.arange(batch), 0)
    return tape


def test_every_entry_of_every_variable_is_checked() -> None:
    tape = begun(rewire(NET, Wiring(batch=2, l1={"m0.weight": 0.1}, l2={"m0.weight": 0.1})))
    before = tape.state.flat["parameters"].copy()
    rows = {row.name: row for row in check_gradients(tape.program)}
    graph = tape.program.graph
    assert set(rows) == {name for name in graph.differentiable if name not in graph.copy_of}
    assert {"x", "z0", "s", "d", "m0.weight", "m1.bias", "C", "L", graph.loss} <= set(rows)
    assert all(row.ok and row.entries + row.kinks == row.size for row in rows.values())
    assert rows["x"].shape == (2, 2, 2)
    assert (tape.state.flat["parameters"] == before).all()


def test_a_check_of_some_entries_says_so() -> None:
    rows = check_gradients(begun(wire(NET)).program, at_most=3)
    (row,) = (row for row in rows if row.name == "m0.weight")
    assert (row.entries + row.kinks, row.size) == (3, 12)


def wrong_sign(site: Site) -> None:
    site.call(np.negative, site.dy, out=site.dx)


def one_entry_off(site: Site) -> None:
    honest(site)
    site.call(np.multiply, site.dx[1:, 1:], 1.001, out=site.dx[1:, 1:])  # type: ignore[index]


def not_a_number(site: Site) -> None:
    honest(site)
    site.call(np.multiply, site.dx[1:, :1], np.nan, out=site.dx[1:, :1])  # type: ignore[index]


honest = Tanh().backward


@pytest.mark.parametrize("wrong", [wrong_sign, one_entry_off, not_a_number])
def test_a_wrong_backward_is_found_where_it_is(wrong: Callable[[Site], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tanh, "backward", lambda self, site: wrong(site))
    rows = {row.name: row for row in check_gradients(begun(wire(NET)).program)}
    assert not rows["u"].ok
    assert rows["u"].worst == {"one_entry_off": (1, 1), "not_a_number": (1, 0)}.get(wrong.__name__, rows["u"].worst)
    assert rows["ybar"].ok and rows["C"].ok


def test_a_wrong_parameter_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    backward = Linear.backward

    def forgets_the_batch(self: Linear, site: Site) -> None:
        backward(self, site)
        site.call(np.positive, site.dy[0], out=site.grad_parameters["bias"])

    monkeypatch.setattr(Linear, "backward", forgets_the_batch)
    wrong = {row.name for row in check_gradients(begun(wire(NET)).program) if not row.ok}
    assert wrong == {"m0.bias", "m1.bias"}


def test_entries_at_a_kink_are_listed_not_failed() -> None:
    net = Net("k").input("x", 3).add("relu", ReLU(), "x", "z").target("y", 3).add("c", SquaredError(), "z y", "C")
    tape = Tape(wire(net), Settings())
    tape.begin({"x": np.array([[0.0, 1e-9, 2.0]]), "y": np.ones((1, 3))}, np.arange(1), 0)
    rows = {row.name: row for row in check_gradients(tape.program)}
    assert rows["x"] == Row("x", (1, 3), 3, 1, 2, rows["x"].error, (0, 2), True)
    assert rows["z"].kinks == 0


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n == "mynet" else ()) for n in NETS])
def test_every_net_that_comes_with_it_is_right(name: str) -> None:
    rates = decayed(NETS[name], 0.01)
    graph = rewire(NETS[name], Wiring(batch=3, reduction="elements", l1=rates, l2=rates))
    rows = check_gradients(begun(graph, batch=3).program)
    assert all(row.ok and row.entries + row.kinks == row.size for row in rows)


def test_float32_is_refused() -> None:
    with pytest.raises(ValueError, match="float64 only, not in float32"):
        check_gradients(begun(wire(NET), dtype=np.float32).program)


@given(nets(), seeds)
def test_chain_rule_through_local_jacobians(net: Net, seed: int) -> None:
    """A node's input gradient is the row of output gradients times its Jacobian: [1×d_g][d_g×d_f]."""
    graph = rewire(net, Wiring(batch=2))
    tape = begun(graph, seed=seed)
    tape.run()
    still, gradients = Still(tape), tape.program.gradients
    for node in graph.nodes:
        if node.collapsed or not graph.differentiable & set(node.outputs):
            continue
        for name in (*node.inputs, *node.parameters.values()):
            if graph.variables[name].role == "target":
                continue
            if name in node.parameters.values():  # summed over the samples
                stills: tuple[Still, ...] = (Still(tape, 0), Still(tape, 1))
            else:
                stills = (still,)
            total = sum(
                np.ravel(s.gradient(y)) @ local_jacobian(s, node.name, name, k)
                for s in stills
                for k, y in enumerate(node.outputs)
            )
            wanted = np.ravel(gradients[name] if len(stills) == 2 else still.gradient(name))
            np.testing.assert_allclose(total, wanted, rtol=1e-10, atol=1e-12)


@given(modules(), seeds)
def test_columns_are_central_differences(case: tuple[Module, tuple[tuple[int, ...], ...]], seed: int) -> None:
    module, shapes = case
    if isinstance(module, Dropout) or module.kind in ("Duplicate", "Max"):
        return  # the chain rule above covers them
    net = Net("one")
    for k, shape in enumerate(shapes):
        net = net.input(f"x{k}", shape)
    net = net.add("m", module, [f"x{k}" for k in range(len(shapes))], "z")
    spec = wire_shape(net)
    graph = wire(net.target("y", spec).add("c", SquaredError(), "z y", "C"))
    tape, rng = begun(graph, seed=seed), np.random.default_rng(seed)
    for v in graph.inputs:
        tape.program.values[v.name][...] = off_zero(rng, (2, *v.shape))
    tape.run()
    still = Still(tape)
    xs = [np.array(still.value(f"x{k}"))[None] for k in range(len(shapes))]
    parameters = {local: still.before(name) for local, name in graph.node["m"].parameters.items()}
    jacobian = local_jacobian(still, "m", "x0")
    for j in range(xs[0].size):
        step = np.zeros_like(xs[0])
        step.flat[j] = 1e-6
        above, below = (work(module, [xs[0] + s, *xs[1:]], None, parameters).outputs[0] for s in (step, -step))
        np.testing.assert_allclose(jacobian[:, j], (above - below).ravel() / 2e-6, rtol=1e-6, atol=1e-8)


def wire_shape(net: Net) -> tuple[int, ...]:
    """The shape of the last layer's output."""
    given = {v.name: v.shape for v in net.given}
    layer = net.layers[-1]
    return layer.module.specs(*(Spec(given[name]) for name in layer.inputs))[0].shape


def test_dropouts_jacobian_is_that_of_the_mask_that_was_used() -> None:
    tape = begun(wire(NET), seed=5)
    tape.run()
    mask = tape.program.sites["drop"].buffer("mask", ())
    assert (local_jacobian(Still(tape), "drop", "z") == np.diag(mask[1])).all()
    evaluated = begun(wire(NET), training=False)
    evaluated.run()
    assert (local_jacobian(Still(evaluated), "drop", "z") == np.eye(3)).all()


def test_the_jacobian_is_of_the_parameters_before_the_update() -> None:
    tape = begun(wire(NET))
    weight = tape.state.parameters["m0.weight"].copy()
    tape.run()
    assert (tape.state.parameters["m0.weight"] != weight).any()
    assert (local_jacobian(Still(tape), "m0", "z0") == weight).all()


def test_a_dead_end_has_a_jacobian_too() -> None:
    tape = begun(wire(NET.add("side", Linear(2), "z", "unused")))
    tape.run()
    assert (local_jacobian(Still(tape), "side", "z''") == tape.state.parameters["side.weight"]).all()


def test_what_has_no_jacobian_is_refused_in_one_line() -> None:
    tape = begun(
        wire(
            Net("wide")
            .input("x", 600)
            .add("m0", Linear(60), "x", "s")
            .target("y", 60)
            .add("c", SquaredError(), "s y", "C")
        )
    )
    tape.run()
    still = Still(tape)
    assert local_jacobian(still, "m0", "x").shape == (60, 600)
    with pytest.raises(JacobianError, match=r"∂s/∂W₀ is 60×36000, more than 250,000 entries"):
        local_jacobian(still, "m0", "m0.weight")
    with pytest.raises(JacobianError, match="y is a target"):
        local_jacobian(still, "c", "y")
    with pytest.raises(JacobianError, match="m0 does not read 'y'"):
        local_jacobian(still, "m0", "y")
    still.value = lambda name: None  # type: ignore[method-assign]
    with pytest.raises(JacobianError, match="x has not been computed yet"):
        local_jacobian(still, "m0", "x")
