"""Turning data, layers and non-linearity: what no longer fits is made to, and all of it can be written down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.data.samples import Data
from bptui.engine.modules import CrossEntropy, SquaredError, Tanh
from bptui.session.actions import SetKnob
from bptui.session.dial import notch
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS, KnobError, turned
from bptui.session.mlp import Mlp, as_mlp, mlp
from bptui.session.session import Session
from bptui.session.toml import from_toml, to_toml
from bptui.session.toml_values import TomlError
from bptui.sources.presets import PRESETS

SPIRALS = Experiment(mlp((2, 16, 16, 3)), Data("spiral", 300, 0.2, validation=0.2), batch=16)
MADE = ("data", "points", "noise", "split", "normalise", "repeat", "data-seed", "hidden", "activation", "classes")


def body(experiment: Experiment) -> Mlp:
    found = as_mlp(experiment.net)
    assert found is not None
    return found


def test_a_perceptron_follows_its_data() -> None:
    moons = turned(SPIRALS, "data", "moons")
    assert body(moons).sizes == (2, 16, 16, 2)
    assert moons.samples["y"].shape == (240, 2)
    cubic = turned(moons, "data", "cubic")
    assert body(cubic) == Mlp((1, 16, 16, 1), "relu", SquaredError())
    blobs = turned(turned(cubic, "data", "blobs"), "classes", "5")
    assert body(blobs) == Mlp((2, 16, 16, 5), "relu", CrossEntropy())
    assert blobs.net.description == "2-16-16-5 with ReLU and cross-entropy"


def test_a_cost_that_wants_classes_does_not_outlive_them() -> None:
    assert turned(turned(SPIRALS, "cost", "cross-entropy"), "data", "cubic").cost is None
    assert turned(turned(SPIRALS, "cost", "squared"), "data", "moons").cost == "squared"


def test_a_net_that_fits_is_left_alone() -> None:
    assert turned(SPIRALS, "data", "circles").net is SPIRALS.net
    with pytest.raises(KnobError, match="moons: wants a net with two inputs and 2 classes as target"):
        turned(PRESETS["skip"], "data", "moons")


def test_given_parameters_stay_only_where_they_fit() -> None:
    net = PRESETS["two-layer"]
    assert turned(net, "activation", "tanh").parameters == net.parameters
    assert turned(net, "hidden", "5").parameters == ()
    assert turned(net, "hidden", "5").initial()["m0.weight"].shape == (5, 6)


def test_hidden_layers_are_typed_as_sizes() -> None:
    assert body(turned(SPIRALS, "hidden", "8")).sizes == (2, 8, 3)
    assert body(turned(SPIRALS, "hidden", "none")).sizes == (2, 3)
    assert KNOBS["hidden"].read(turned(SPIRALS, "hidden", "4-5-6")) == "4-5-6"


def test_the_activation_changes_in_any_net_that_has_one() -> None:
    for name in ("mynet", "chain", "dropout", "skip"):
        changed = turned(PRESETS[name], "activation", "tanh")
        assert any(isinstance(layer.module, Tanh) for layer in changed.net.layers)
        assert KNOBS["activation"].read(changed) == "tanh"
    assert not KNOBS["activation"].applies(PRESETS["perceptron"])


def test_a_full_batch_stays_full_and_another_stays_as_it_is() -> None:
    full = SPIRALS.changed(batch=240)
    assert turned(full, "split", "0.5").batch == 150
    assert turned(full, "data", "moons").batch == 240
    assert turned(full, "repeat", "3").batch == 720
    assert turned(SPIRALS, "split", "0.5").batch == 16
    with pytest.raises(KnobError, match="batch: got 16, wants 1 to 10, the number of samples"):
        turned(SPIRALS, "points", "12")


def test_the_split_moves_no_sample_that_it_need_not() -> None:
    less, more = (turned(SPIRALS, "split", share) for share in ("0.2", "0.4"))
    held = [{tuple(row) for row in experiment.held_out["x"]} for experiment in (less, more)]
    assert held[0] < held[1]
    assert turned(SPIRALS, "seed", "9").samples["x"] is SPIRALS.samples["x"] or np.array_equal(
        turned(SPIRALS, "seed", "9").samples["x"], SPIRALS.samples["x"]
    )


@pytest.mark.parametrize(
    ("knob", "text", "words"),
    [
        ("data", "spirals", "did you mean 'spiral'"),
        ("data", "given", "no samples are given for x, y"),
        ("points", "0", "1 or more"),
        ("points", "100001", "100000 or less"),
        ("noise", "-1", "from 0"),
        ("split", "1", "below 1"),
        ("normalise", "yes", "wants one of on, off"),
        ("repeat", "100000000", "wants at most"),
        ("data-seed", "-1", "0 or more"),
        ("hidden", "0", "1 or more"),
        ("hidden", "16-x", "wants sizes such as 16-16"),
        ("hidden", "513", "512 or less"),
        ("hidden", "-".join("9" * 9), "at most 8"),
        ("hidden", "", "wants sizes such as 16-16"),
        ("classes", "6", "wants one of 2, 3, 4, 5"),
        ("activation", "swish", "wants one of relu"),
    ],
)
def test_a_bad_turn_is_one_clear_line(knob: str, text: str, words: str) -> None:
    with pytest.raises(KnobError, match=words) as error:
        turned(SPIRALS, knob, text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("knob", ["points", "noise", "classes"])
def test_what_decides_nothing_cannot_be_turned(knob: str) -> None:
    with pytest.raises(KnobError, match=f"{knob}: decides nothing for the net two-layer on given data"):
        turned(PRESETS["two-layer"], knob, "3")


@pytest.mark.parametrize("knob", MADE)
def test_an_arrow_turns_each_of_them_and_the_run_starts_anew(knob: str) -> None:
    session = Session(SPIRALS)
    text = notch(SPIRALS, knob, KNOBS[knob].read(SPIRALS), 1)
    assert text != KNOBS[knob].read(SPIRALS)
    session.apply(SetKnob(knob, text))
    assert KNOBS[knob].read(session.experiment) == text
    assert session.message.startswith(knob)
    assert "anew" in session.message


texts = st.one_of(
    st.tuples(st.just("data"), st.sampled_from(KNOBS["data"].choices)),
    st.tuples(st.just("hidden"), st.sampled_from(["none", "1", "3", "2-3"])),
    st.tuples(st.just("activation"), st.sampled_from(KNOBS["activation"].choices)),
    st.tuples(st.just("classes"), st.sampled_from(["2", "3", "5"])),
    st.tuples(st.sampled_from(["points", "repeat"]), st.integers(1, 40).map(str)),
    st.tuples(st.sampled_from(["noise", "split"]), st.floats(0, 1).map(str)),
    st.tuples(st.just("normalise"), st.sampled_from(["on", "off"])),
    st.tuples(st.just("cost"), st.sampled_from(KNOBS["cost"].choices)),
    st.tuples(st.just("data-seed"), st.integers(0, 2**40).map(str)),
)


@given(st.sampled_from([SPIRALS, PRESETS["two-layer"], PRESETS["perceptron"]]), st.lists(texts, max_size=8))
def test_whatever_is_turned_can_be_read_back_and_trains(start: Experiment, turns: list[tuple[str, str]]) -> None:
    experiment = start.changed(batch=1)
    for knob, text in turns:
        try:
            experiment = turned(experiment, knob, text)
        except KnobError as error:
            assert "\n" not in str(error)
    again = from_toml(to_toml(experiment))
    assert again == experiment
    assert all((again.samples[name] == rows).all() for name, rows in experiment.samples.items())
    assert len(experiment.held_out["x"]) + experiment.count // experiment.data.repeat >= 1
    assert Session(experiment).moment().batch == experiment.batch


@pytest.mark.parametrize(
    ("line", "wrong", "words"),
    [
        ("validation = 0.2", "validation = 1.0", "split: got 1"),
        ("validation = 0.2", "validation = -0.1", "split: got -0.1"),
        ("normalise = false", "normalise = 1", "true or false"),
        ("repeat = 1", "repeat = 0", "repeat"),
        ("repeat = 1", "repeat = 1000000", "numbers, wants at most"),
    ],
)
def test_data_out_of_bounds_in_a_file(line: str, wrong: str, words: str) -> None:
    text = to_toml(SPIRALS)
    assert line in text
    with pytest.raises(TomlError, match=words):
        from_toml(text.replace(line, wrong))


def test_a_file_from_before_the_split_still_opens() -> None:
    text = to_toml(SPIRALS)
    for line in ("validation = 0.2\n", "normalise = false\n", "repeat = 1\n"):
        assert line in text
        text = text.replace(line, "")
    assert from_toml(text).data == Data("spiral", 300, 0.2)
