"""Random numbers hang on what they are for, never on what was drawn before; and names look as in the lecture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import seeds

from bptui.engine.graph import wire
from bptui.engine.initialisation import KINDS, initial, initial_parameters
from bptui.engine.modules import Linear, ReLU, SquaredError
from bptui.engine.net import Net
from bptui.engine.notation import copy_name, gradient_symbol, symbol
from bptui.engine.random import NameStream, StepStream, generator
from bptui.engine.rewire import Wiring, rewire

NET = (
    Net("n")
    .input("x", 50)
    .add("m0", Linear(400), "x", "s")
    .add("relu", ReLU(), "s", "z")
    .add("m1", Linear(2), "z", "ybar")
    .target("y", 2)
    .add("cost", SquaredError(), "ybar y", "C")
)


@given(seeds, st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_step_draws_the_same_whenever_it_is_visited(seed: int, steps: list[int]) -> None:
    stream, out = StepStream(seed, "dropout", "drop"), np.empty((3, 7))
    for step in steps:
        stream.uniform(step, out)
        np.testing.assert_array_equal(out, generator(seed, "dropout", "drop", step).random((3, 7)))


@given(seeds, st.lists(st.sampled_from(["a", "m0.weight", "ö", ""]), min_size=1, max_size=8))
def test_a_name_draws_the_same_whatever_was_drawn_before(seed: int, names: list[str]) -> None:
    stream = NameStream(seed, "uniform")
    for name in names:
        np.testing.assert_array_equal(stream.of(name).uniform(size=7), generator(seed, "uniform", name).uniform(size=7))


def test_purposes_names_seeds_and_steps_draw_apart() -> None:
    keys = [(0, "dropout", "a", 0), (0, "shuffle", "a", 0), (0, "dropout", "b", 0), (1, "dropout", "a", 0)]
    keys.append((0, "dropout", "a", 1))
    assert len({float(generator(*key).random()) for key in keys}) == len(keys)


def test_dropout_on_changes_no_other_draw() -> None:
    plain, noisy = (initial_parameters(rewire(NET, Wiring(dropout=p)), "torch", 1.0, 4) for p in (0.0, 0.5))
    assert plain.keys() == noisy.keys()
    assert all((plain[name] == noisy[name]).all() for name in plain)


@pytest.mark.parametrize(
    ("kind", "std"),
    [("kaiming", (2 / 50) ** 0.5), ("xavier", (2 / 450) ** 0.5), ("lecun", (1 / 50) ** 0.5), ("normal", 0.3)],
)
def test_normal_inits(kind: str, std: float) -> None:
    first = initial_parameters(wire(NET), kind, 0.3, 0)
    assert first["m0.weight"].std() == pytest.approx(std, rel=0.03)
    assert not first["m0.bias"].any()


def test_other_inits() -> None:
    torch = initial_parameters(wire(NET), "torch", 1.0, 0)
    for name in ("m0.weight", "m0.bias"):  # both uniform within 1/√50
        assert 0.95 < np.abs(torch[name]).max() * 50**0.5 <= 1.0
    assert (initial_parameters(wire(NET), "constant", 0.7, 0)["m1.bias"] == 0.7).all()
    assert not initial_parameters(wire(NET), "zeros", 1.0, 0)["m1.weight"].any()
    with pytest.raises(ValueError, match=f"unknown init 'he', wants one of {KINDS[0]}"):
        initial_parameters(wire(NET), "he", 1.0, 0)


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("x", "x"),
        ("s12", "s₁₂"),
        ("m0.weight", "W₀"),
        ("m13.bias", "b₁₃"),
        ("fc.weight", "W"),
        ("ybar", "ȳ"),
        ("ybar2", "ȳ₂"),
        ("x'''", "x‴"),
        ("x'4", "x′₄"),
        ("m0.weight'", "W₀′"),
    ],
)
def test_symbols(name: str, looks: str) -> None:
    assert symbol(name) == looks
    assert gradient_symbol(name) == "d" + looks


def test_copies_have_names_apart() -> None:
    names = [copy_name("x", k) for k in range(12)]
    assert names[:4] == ["x'", "x''", "x'''", "x'4"]
    assert len({symbol(name) for name in names}) == 12


def test_another_init_keeps_the_order_of_the_draws() -> None:
    """Runs from two inits differ in scale and shape of the distribution, never in who drew what."""
    stream, kinds = NameStream(7, "uniform"), ("torch", "kaiming", "normal")
    draws = {kind: initial((40, 30), kind, 0.3, 30, stream, "m0.weight") for kind in kinds}
    orders = [np.argsort(draw.ravel()) for draw in draws.values()]
    assert all(np.array_equal(order, orders[0]) for order in orders)
    assert np.allclose(draws["kaiming"] / np.sqrt(2 / 30), draws["normal"] / 0.3, rtol=1e-12)
