"""Training and validation samples: disjoint, in order, steady under a change of the share, and normalised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bptui.data.parts import EPSILON, normalised, repeated, split
from bptui.data.samples import Data, given_samples
from bptui.engine.modules import Linear, SquaredError
from bptui.engine.net import Net
from bptui.session.experiment import Experiment
from bptui.sources.nets import PERCEPTRON, SPIRAL

counts, shares, seeds = st.integers(1, 300), st.floats(0, 1, exclude_max=True), st.integers(0, 2**32)
rows = st.integers(1, 40).flatmap(lambda n: arrays(float, (n, 3), elements=st.floats(-1e6, 1e6)))


@given(counts, shares, seeds)
def test_every_sample_is_in_one_part_and_both_keep_their_order(count: int, share: float, seed: int) -> None:
    training, held_out = split({"x": np.arange(count)}, share, seed)
    assert sorted([*training["x"], *held_out["x"]]) == list(range(count))
    assert (np.diff(training["x"]) > 0).all()
    assert (np.diff(held_out["x"]) > 0).all()
    assert len(training["x"]) >= 1
    assert len(held_out["x"]) == min(round(share * count), count - 1)


@given(counts, shares, shares, seeds)
def test_a_larger_share_holds_out_the_same_and_more(count: int, one: float, other: float, seed: int) -> None:
    less, more = (split({"x": np.arange(count)}, share, seed)[1]["x"] for share in sorted((one, other)))
    assert set(less) <= set(more)


def test_variables_are_split_alike_and_at_random() -> None:
    training, held_out = split({"x": np.arange(100), "y": -np.arange(100)}, 0.3, 0)
    assert (training["x"] == -training["y"]).all()
    assert (held_out["x"] == -held_out["y"]).all()
    assert held_out["x"].tolist() != list(range(70, 100))
    assert held_out["x"].tolist() != split({"x": np.arange(100)}, 0.3, 1)[1]["x"].tolist()


@given(rows, rows)
@example(np.array([[1e-8, 0.0, 0.0], [0.0, 0.0, 0.0]]), np.zeros((1, 3)))
def test_training_inputs_have_mean_zero_and_deviation_one(x: np.ndarray, other: np.ndarray) -> None:
    training, held_out = normalised({"x": x, "y": x}, {"x": other, "y": other}, ["x"])
    constant = (x == x[0]).all(axis=0)
    assert (training["x"][:, constant] == 0).all()
    # beyond ε, and beyond what rounding alone makes
    wide = ~constant & (x.std(axis=0) > max(EPSILON, 1e-6 * np.abs(x).max()))
    assert np.allclose(training["x"].mean(axis=0)[wide], 0, atol=1e-7)
    assert np.allclose(training["x"].std(axis=0)[wide], 1)
    assert np.isfinite(training["x"]).all()
    assert np.isfinite(held_out["x"]).all()
    assert (training["y"] == x).all()
    assert (held_out["y"] == other).all()


def test_validation_is_normalised_by_the_training_part() -> None:
    _, held_out = normalised({"x": np.array([[1.0], [3.0]])}, {"x": np.array([[2.0], [5.0]])}, ["x"])
    assert held_out["x"].tolist() == [[0.0], [3.0]]


def test_a_constant_feature_is_only_centred() -> None:
    training, held_out = normalised({"x": np.full((3, 1), 0.1)}, {"x": np.array([[0.1], [2.1]])}, ["x"])
    assert training["x"].ravel().tolist() == [0.0] * 3
    assert held_out["x"].ravel().tolist() == [0.0, 2.0]


@given(counts, st.integers(1, 5))
def test_repeats_come_one_after_the_other(count: int, times: int) -> None:
    x = repeated({"x": np.arange(count)}, times)["x"]
    assert x.tolist() == list(range(count)) * times


def test_a_recipe_splits_normalises_and_repeats() -> None:
    plain = Data("spiral", 300, 0.2, seed=1)
    data = Data("spiral", 300, 0.2, seed=1, validation=0.2, normalise=True, repeat=3)
    training, held_out = data.parts(SPIRAL)
    assert len(training["x"]) == 720
    assert len(held_out["x"]) == 60
    assert np.allclose(training["x"].mean(axis=0), 0)
    assert np.allclose(training["x"].std(axis=0), 1)
    kept, _ = Data("spiral", 300, 0.2, seed=1, validation=0.2).parts(SPIRAL)
    centre, spread = kept["x"].mean(axis=0), kept["x"].std(axis=0)
    assert np.allclose(training["x"][:240] * spread + centre, kept["x"])
    whole = {tuple(row) for row in plain.samples(SPIRAL)["x"]}
    assert {tuple(row) for row in kept["x"]} <= whole


def test_without_a_share_nothing_is_held_out() -> None:
    held_out = Data("spiral", 30).held_out(SPIRAL)
    assert {name: rows.shape for name, rows in held_out.items()} == {"x": (0, 2), "y": (0, 3)}


def test_an_experiment_holds_out_what_its_data_does() -> None:
    experiment = Experiment(PERCEPTRON, Data("teacher", 10, validation=0.4), dtype="float32")
    assert experiment.count == 6
    assert len(experiment.held_out["x"]) == 4
    assert experiment.held_out["x"].dtype == np.float32


def test_of_one_sample_none_is_held_out() -> None:
    data = given_samples({"x": np.ones((1, 2)), "y": np.ones((1, 1))})
    assert len(Experiment(PERCEPTRON, data).changed(data=data).samples["x"]) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Data(validation=1.0), "validation: got 1, wants a share from 0 to below 1"),
        (Data(validation=float("nan")), "validation: got nan"),
        (Data(count=0), "at least one sample"),
        (Data(repeat=0), "repeated at least once"),
        (Data(count=10_001, repeat=1000), "10001000 samples are 20002000 numbers, wants at most 16000000"),
        (Data("given", given=(("x", (1.0,) * 9), ("y", (1.0,) * 9)), repeat=1_000_000), "9000000 samples are 18000000"),
        (Data("given", given=(("x", ()), ("y", ()))), "wants at least one sample"),
    ],
)
def test_a_recipe_out_of_bounds_is_one_clear_line(data: Data, words: str) -> None:
    net = Net("scalar").input("x", ()).add("m0", Linear(1), "x", "s").target("y", ())
    with pytest.raises(ValueError, match=words) as error:
        data.samples(net.add("cost", SquaredError(), "s y", "C"))
    assert "\n" not in str(error.value)
