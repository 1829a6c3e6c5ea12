"""Knobs by name and as text."""

from __future__ import annotations

import pytest

from bptui.engine.modules import CrossEntropy, Dropout, L1Penalty, L2Penalty
from bptui.session.knobs import KNOBS, KnobError, turned
from bptui.sources.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_every_knob_reads_back_what_it_was_turned_to(name: str) -> None:
    experiment = PRESETS[name]
    for knob in KNOBS.values():
        text = knob.read(experiment)
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
        ("optimiser", "adam", "did you mean 'Adam'"),
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
