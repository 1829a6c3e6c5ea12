"""Multi-layer perceptrons: built with the names that nets have, recognised, and rebuilt."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.engine.graph import wire
from bptui.engine.modules import Linear, SquaredError, Tanh
from bptui.engine.net import Net
from bptui.session.experiment import Experiment
from bptui.session.mlp import ACTIVATIONS, NONE, activation_name, as_mlp, mlp, with_activation
from bptui.sources.nets import CHAIN, MYNET, NETS, PERCEPTRON, SPIRAL, SWITCH, TWO_LAYER

sizes = st.lists(st.integers(1, 9), min_size=3, max_size=5).map(tuple)
activations = st.sampled_from([*ACTIVATIONS, NONE])


def test_it_has_the_modules_and_names_of_the_nets_that_come_with_bptui() -> None:
    assert mlp((6, 3, 2)).layers == TWO_LAYER.layers
    assert mlp((2, 100, 3)).layers == SPIRAL.layers
    assert mlp((2, 100, 3)).given == SPIRAL.given
    assert [layer.module for layer in mlp((2, 1), cost=SquaredError()).layers] == [
        layer.module for layer in PERCEPTRON.layers
    ]


@given(sizes, activations, st.sampled_from([None, SquaredError()]))
def test_what_was_built_is_recognised_and_rebuilt(sizes: tuple[int, ...], activation: str, cost: SquaredError) -> None:
    net = mlp(sizes, activation, cost, name="any")
    body = as_mlp(net)
    assert body is not None
    assert (body.sizes, body.activation) == (sizes, activation)
    assert body.net("any") == net
    assert [p.shape for p in wire(net).parameters][::2] == [(n, m) for m, n in pairwise(sizes)]


def test_only_layers_in_a_row_are_one() -> None:
    assert {name for name, net in NETS.items() if as_mlp(net)} == {
        "perceptron",
        "chain",
        "two-layer",
        "dropout",
        "spiral",
    }
    mixed = Net("mixed").input("x", 1).add("m0", Linear(2), "x", "s1").add("h", Tanh(), "s1", "z1")
    mixed = mixed.add("g", Tanh(), "z1", "z2").add("m1", Linear(1), "z2", "ybar").target("y", 1)
    assert as_mlp(mixed.add("cost", SquaredError(), "ybar y", "C")) is None


@given(sizes, activations, activations)
def test_another_activation_is_as_if_built_with_it(sizes: tuple[int, ...], one: str, other: str) -> None:
    changed = with_activation(mlp(sizes, one), other)
    assert activation_name(changed) == other
    assert changed.layers == mlp(sizes, other).layers


def test_in_any_other_net_activations_are_swapped_where_they_stand() -> None:
    swapped = with_activation(MYNET, "tanh")
    assert [layer.name for layer in swapped.layers] == ["flatten", "m0", "tanh1", "m1", "tanh2", "m2", "cost"]
    assert with_activation(CHAIN, "relu").layers[1].name == "h"
    for net, name in ((MYNET, NONE), (SWITCH, "relu"), (PERCEPTRON, "relu")):
        with pytest.raises(ValueError, match="activation"):
            with_activation(net, name)


def test_without_an_activation_the_net_is_one_linear_map() -> None:
    experiment = Experiment(mlp((2, 5, 3), NONE))
    w = experiment.initial()
    product = w["m1.weight"] @ w["m0.weight"]
    assert product.shape == (3, 2)
    assert np.linalg.matrix_rank(product) == 2


def test_sizes_and_activation_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown activation 'swish'"):
        mlp((1, 1), "swish")
    with pytest.raises(ValueError, match="sizes"):
        mlp((2, 0, 1))
