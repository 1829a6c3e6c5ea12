"""Knobs by name and as text."""

from __future__ import annotations

import numpy as np
import pytest

from bptui.engine.modules import CrossEntropy, Dropout, L1Penalty, L2Penalty
from bptui.session.dial import notch
from bptui.session.knobs import KNOBS, KnobError, setting_names, turned
from bptui.sources.presets import PRESETS, preset
from bptui.sources.trace import stops


@pytest.mark.parametrize("name", PRESETS)
def test_every_knob_reads_back_what_it_was_turned_to(name: str) -> None:
    experiment = PRESETS[name]
    for knob in KNOBS.values():
        text = knob.read(experiment)
        if not knob.applies(experiment):
            with pytest.raises(KnobError, match="decides nothing"):
                turned(experiment, knob.name, text)
            continue
        same = turned(experiment, knob.name, text) if knob.name not in ("cost", "init") else experiment
        assert knob.read(same) == text
        for choice in knob.choices or ():
            try:
                assert knob.read(turned(experiment, knob.name, choice)) == choice
            except KnobError as error:
                assert "\n" not in str(error)


def test_regularisers_rewire_the_graph() -> None:
    plain = PRESETS["two-layer"]
    for knob, module in (("l1", L1Penalty), ("l2", L2Penalty), ("dropout", Dropout)):
        kinds = {type(node.module) for node in turned(plain, knob, "0.1").graph.nodes}
        assert module in kinds
        assert module not in {type(node.module) for node in plain.graph.nodes}


def test_the_proximal_step_takes_l1_out_of_the_graph() -> None:
    experiment = turned(turned(PRESETS["two-layer"], "l1", "0.1"), "optimiser", "proximal")
    assert L1Penalty not in {type(node.module) for node in experiment.graph.nodes}
    assert experiment.settings(1).threshold == {"m0.weight": 0.1, "m1.weight": 0.1}


def test_the_cost_can_be_replaced() -> None:
    experiment = turned(PRESETS["softmax"], "cost", "cross-entropy")
    assert isinstance(experiment.graph.node["cost"].module, CrossEntropy)


@pytest.mark.parametrize(
    ("knob", "text", "words"),
    [
        ("l2", "x", "wants a number"),
        ("l2", "-1", "from 0"),
        ("l2", "nan", "from 0"),
        ("lr", "inf", "from 0"),
        ("dropout", "1", "below 1"),
        ("batch", "0", "1 or more"),
        ("batch", "9", "1 to 8"),
        ("batch", "1.5", "whole number"),
        ("optimiser", "adem", "did you mean 'Adam'"),
        ("learning", "1", "unknown knob"),
        ("momentum", "0.5", "unknown knob"),
    ],
)
def test_a_bad_turn_is_one_clear_line(knob: str, text: str, words: str) -> None:
    with pytest.raises(KnobError, match=words) as error:
        turned(PRESETS["two-layer"], knob, text)
    assert "\n" not in str(error.value)


def test_an_optimisers_own_numbers_are_knobs_too() -> None:
    experiment = turned(PRESETS["two-layer"], "optimiser", "momentum")
    assert turned(experiment, "momentum", "0.5").optimiser.settings() == {"momentum": 0.5}


def test_a_count_that_no_float_can_hold_is_refused() -> None:
    cosine = turned(PRESETS["two-layer"], "schedule", "cosine")
    with pytest.raises(KnobError, match="or less"):
        turned(cosine, "total", "9" * 400)


@pytest.mark.parametrize(
    ("knob", "text", "read"),
    [("optimiser", "adam", "Adam"), ("COST", "Squared", "squared"), ("L2", "0.1", "0.1"), ("Init", "ZEROS", "zeros")],
)
def test_names_are_understood_in_any_case(knob: str, text: str, read: str) -> None:
    assert KNOBS[knob.lower()].read(turned(PRESETS["two-layer"], knob, text)) == read
    assert preset("Two-Layer") is PRESETS["two-layer"]


def test_parameters_that_came_with_a_net_are_given_and_can_be_given_again() -> None:
    given = PRESETS["two-layer"]
    drawn = turned(given, "init", "torch")
    assert KNOBS["init"].read(given) == "given" and KNOBS["init"].read(drawn) == "torch"
    assert not np.array_equal(drawn.initial()["m0.weight"], given.initial()["m0.weight"])
    again = turned(drawn, "init", "given")
    assert all(np.array_equal(again.initial()[name], values) for name, values in given.initial().items())
    assert KNOBS["init"].read(PRESETS["mynet"]) == "torch"
    with pytest.raises(KnobError, match="no parameters came with this net"):
        turned(PRESETS["mynet"], "init", "given")


def dialled(net: str, knob: str, by: int, notches: int, *turns: tuple[str, str]) -> list[str]:
    experiment = PRESETS[net]
    for name, text in turns:
        experiment = turned(experiment, name, text)
    text = KNOBS[knob].read(experiment) if knob in KNOBS else str(getattr(experiment.optimiser, knob))
    seen = []
    for _ in range(notches):
        text = notch(experiment, knob, text, by)
        seen.append(text)
    return seen


def test_rates_go_by_1_2_5_and_penalties_down_to_0() -> None:
    assert dialled("two-layer", "lr", 1, 4) == ["0.2", "0.5", "1", "2"]
    assert dialled("two-layer", "lr", -1, 3, ("lr", "0.3")) == ["0.2", "0.1", "0.05"]
    assert dialled("two-layer", "l2", 1, 3) == ["1e-05", "2e-05", "5e-05"]
    assert dialled("two-layer", "l2", -1, 3, ("l2", "2e-05")) == ["1e-05", "0", "0"]
    assert dialled("two-layer", "momentum", 1, 2, ("optimiser", "momentum")) == ["0.95", "0.98"]


def test_counts_go_by_ones_within_what_is_allowed() -> None:
    assert dialled("two-layer", "batch", 1, 9)[-3:] == ["8", "8", "8"]
    assert dialled("two-layer", "batch", -1, 1) == ["1"]
    assert dialled("two-layer", "seed", -1, 4) == ["2", "1", "0", "0"]


def test_choices_go_round_and_what_would_be_refused_is_passed_over() -> None:
    assert "given" not in dialled("mynet", "init", 1, 8)
    assert dialled("two-layer", "init", 1, 8).count("given") == 1
    assert dialled("two-layer", "shuffle", 1, 2) == ["off", "on"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_notch_of_every_knob_can_be_set(name: str) -> None:
    experiment = turned(turned(PRESETS[name], "optimiser", "AdamW"), "schedule", "step")
    parts = setting_names(experiment)
    for knob in (*KNOBS, *parts):
        text = KNOBS[knob].read(experiment) if knob in KNOBS else str(getattr(getattr(experiment, parts[knob]), knob))
        for by in (-1, 1):
            other = notch(experiment, knob, text, by)
            assert other == text or turned(experiment, knob, other) != experiment


def test_proximal_is_plain_descent_where_l1_does_not_act() -> None:
    experiment = turned(turned(PRESETS["two-layer"], "optimiser", "proximal"), "l1", "0.1")
    assert experiment.optimiser_of("m0.weight").kind == "proximal"
    assert experiment.optimiser_of("m0.bias").kind == "SGD"
    assert turned(experiment, "biases", "on").optimiser_of("m0.bias").kind == "proximal"
    assert turned(experiment, "l1", "0").optimiser_of("m0.weight").kind == "SGD"
    bias = next(stop for stop in stops(experiment) if stop.event.parameter == "m0.bias")
    assert bias.equation == "b₀ ← b₀ − η db₀"


def test_the_choice_at_kinks_is_a_knob_only_where_there_are_two() -> None:
    with_one = {name for name, experiment in PRESETS.items() if KNOBS["kink"].applies(experiment)}
    kinked = {
        name
        for name, experiment in PRESETS.items()
        if any(layer.module.kind in ("ReLU", "LeakyReLU", "Max") for layer in experiment.net.layers)
    }
    assert with_one == kinked and 0 < len(kinked) < len(PRESETS)
