"""Knobs that rewire: what is drawn is what is computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from strategies import fill_parameters, samples_for

from bptui.engine.graph import Graph, GraphError
from bptui.engine.modules import Add, Average, CrossEntropy, Dropout, Linear, ReLU, SquaredError
from bptui.engine.net import Net
from bptui.engine.program import Settings
from bptui.engine.rewire import Reduction, Wiring, decayed, rewire
from bptui.engine.tape import Tape

NET = (
    Net("n")
    .input("x", 3)
    .add("m0", Linear(4), "x", "s")
    .add("relu", ReLU(), "s", "z")
    .add("m1", Linear(2), "z", "ybar")
    .target("y", 2)
    .add("cost", SquaredError(), "ybar y", "C")
)


def stepped(graph: Graph, batch: int) -> Tape:
    tape, rng = Tape(graph, Settings(batch=batch, rate=0.0)), np.random.default_rng(3)
    fill_parameters(tape.state, rng)
    tape.step(samples_for(graph, 4, rng), np.arange(batch), 0)
    return tape


@pytest.mark.parametrize(("reduction", "divisor"), [("sum", 1), ("batch", 4), ("elements", 8)])
def test_reductions(reduction: Reduction, divisor: int) -> None:
    graph = rewire(NET, Wiring(batch=4, reduction=reduction))
    summed, reduced = stepped(rewire(NET, Wiring(batch=4, reduction="sum")), 4), stepped(graph, 4)
    assert [n.name for n in graph.nodes if isinstance(n.module, Average)] == (["average"] if divisor > 1 else [])
    values = reduced.program.values
    assert float(values[graph.loss]) == pytest.approx(float(summed.program.values["C"]) / divisor, rel=1e-15)
    np.testing.assert_allclose(
        reduced.state.flat["gradients"] * divisor, summed.state.flat["gradients"], rtol=1e-13, atol=1e-15
    )


def test_one_sample_needs_no_average() -> None:
    assert "average" not in rewire(NET, Wiring(batch=1)).node
    assert "average" in rewire(NET, Wiring(batch=1, reduction="elements")).node


def test_another_cost() -> None:
    graph = rewire(NET, Wiring(cost="absolute"))
    assert graph.node["cost"].module.kind == "AbsoluteError"
    with pytest.raises(GraphError, match="unknown cost 'huber', wants one of squared, absolute"):
        rewire(NET, Wiring(cost="huber"))


def test_another_choice_at_kinks() -> None:
    assert rewire(NET, Wiring()).node["relu"].module is NET.layers[1].module
    plain, other = (rewire(NET, Wiring(kink=kink)) for kink in ("torch", "other"))
    assert [n.name for n in plain.nodes if n.module != other.node[n.name].module] == ["relu"]
    assert other.node["relu"].module == ReLU().otherwise() != ReLU()


def test_dropout_behind_every_hidden_layer() -> None:
    graph = rewire(NET, Wiring(dropout=0.25))
    assert [n.name for n in graph.nodes] == ["m0", "relu", "drop_z", "m1", "cost"]
    assert graph.node["drop_z"].module == Dropout(0.25)
    assert graph.node["m1"].inputs == ("u",)
    shallow = Net("s").input("x", 2).target("y", 2).add("m0", Linear(2), "x", "s").add("c", SquaredError(), "s y", "C")
    with pytest.raises(GraphError, match="no hidden layer"):
        rewire(shallow, Wiring(dropout=0.5))


def test_penalties_add_to_the_loss_and_to_the_gradients() -> None:
    l1, l2 = {"m0.weight": 0.1}, {"m0.weight": 0.2, "m1.bias": 0.3}
    plain = stepped(rewire(NET, Wiring(batch=2)), 2)
    tape = stepped(rewire(NET, Wiring(batch=2, l1=l1, l2=l2)), 2)
    w, b = tape.state.parameters["m0.weight"], tape.state.parameters["m1.bias"]
    extra = 0.1 * np.abs(w).sum() + 0.2 * (w**2).sum() + 0.3 * (b**2).sum()
    loss, plain_loss = (float(t.program.values[t.program.graph.loss]) for t in (tape, plain))
    assert loss == pytest.approx(plain_loss + extra, rel=1e-13)
    added = {n: tape.state.gradients[n] - plain.state.gradients[n] for n in tape.state.gradients}
    np.testing.assert_allclose(added["m0.weight"], 0.1 * np.sign(w) + 0.4 * w, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(added["m1.bias"], 0.6 * b, rtol=1e-12, atol=1e-14)
    assert not added["m1.weight"].any()
    kinds = [n.module.kind for n in tape.program.graph.nodes if n.module.role == "penalty"]
    assert kinds == ["L1", "L2"]


def test_names_of_averages_and_totals() -> None:
    assert rewire(NET, Wiring(batch=2)).loss == "L"
    assert rewire(NET, Wiring(batch=2, l2={"m0.weight": 0.1})).loss == "J"
    assert rewire(NET, Wiring(batch=1, l2={"m0.weight": 0.1})).loss == "L"
    two = NET.add("m2", Linear(2), "x", "S").add("cost2", SquaredError(), "S y", "L")
    graph = rewire(two, Wiring(batch=2, l1={"m0.weight": 0.1}))
    assert [graph.node[name].outputs[0] for name in ("sum of costs", "average", "loss")] == ["SS", "LL", "J"]


def test_names_of_what_is_dropped() -> None:
    net = Net("n").input("x", 3).add("m0", Linear(4), "x", "s1").add("a", ReLU(), "s1", "z1")
    net = net.add("m1", Linear(4), "z1", "u").add("b", ReLU(), "u", "h1").add("m2", Linear(2), "h1", "ybar")
    graph = rewire(net.target("y", 2).add("cost", SquaredError(), "ybar y", "C"), Wiring(dropout=0.5))
    assert [graph.node[name].outputs[0] for name in ("drop_z1", "drop_h1")] == ["u1", "uu1"]


def test_decay_of_weights_and_of_biases_if_asked() -> None:
    assert decayed(NET, 0.1) == {"m0.weight": 0.1, "m1.weight": 0.1}
    assert len(decayed(NET, 0.1, biases=True)) == 4


def test_a_mean_over_elements_of_two_costs_is_each_its_own() -> None:
    net = NET.add("other", Linear(3), "z", "u").target("t", 3).add("cost2", SquaredError(), "u t", "D")
    net = net.add("third", Linear(3), "z", "v").target("k", 3, classes=True).add("cost3", CrossEntropy(), "v k", "E")
    tape = stepped(rewire(net, Wiring(batch=2, reduction="elements")), 2)
    v = tape.program.values
    by_hand = float(v["C"]) / 4 + float(v["D"]) / 6 + float(v["E"]) / 2
    assert float(v[tape.program.graph.loss]) == pytest.approx(by_hand, rel=1e-15)


def test_a_net_that_joins_its_costs_itself_stays_as_it_is() -> None:
    net = NET.add("m2", Linear(2), "x", "u").add("cost2", SquaredError(), "u y", "D").add("sum", Add(), "C D", "L")
    graph = rewire(net, Wiring(batch=3))
    assert graph.loss == "L"
    assert math.isfinite(float(stepped(graph, 3).program.values["L"]))
