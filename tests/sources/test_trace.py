"""A walk in print: the same as a session's, complete, valid, and readable."""

import json
import re
from typing import Any

import numpy as np
import pytest

from bptui.data.samples import nested
from bptui.engine.module import REGISTRY
from bptui.engine.modules import Linear
from bptui.session.actions import Forward
from bptui.session.experiment import Experiment
from bptui.session.knobs import turned
from bptui.session.session import Session
from bptui.sources.narration import described, narrated_trace, said, spoken
from bptui.sources.presets import PRESETS
from bptui.sources.trace import json_trace, stops
from bptui.sources.worked import worked_trace

WRITERS = [json_trace, narrated_trace, worked_trace]
FIELDS = ["net", "seed", "parameters", "inputs", "target", "events", "cost", "gradients"]


def traced(experiment: Experiment, steps: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(json_trace(experiment, steps)))
    return found


@pytest.mark.parametrize("name", PRESETS)
def test_the_walk_is_the_sessions(name: str) -> None:
    experiment = PRESETS[name].changed(batch=min(2, PRESETS[name].count))
    session = Session(experiment)
    for stop in stops(experiment, 3):
        moment = session.moment()
        assert (session.address.step, session.address.event) == (stop.step, stop.event.index)
        for made, values in stop.values.items():
            if not experiment.graph.variables[made].classes:
                assert (moment.batch_value(made) == values).all()
        for made, values in stop.gradients.items():
            assert (moment.batch_gradient(made) == values).all()
        session.apply(Forward(1))


@pytest.mark.parametrize("name", PRESETS)
def test_every_value_and_gradient_stands_at_one_event(name: str) -> None:
    graph, trace = PRESETS[name].graph, traced(PRESETS[name])
    assert list(trace) == FIELDS
    assert trace["net"] == name
    events = trace["events"]
    assert [event["index"] for event in events] == list(range(len(graph.events)))
    assert [event["phase"] for event in events] == [event.phase for event in graph.events]
    made = [key for event in events if event["phase"] != "update" for key in event["values"]]
    assert sorted(made) == sorted(v for v in graph.variables if v not in graph.copy_of and "." not in v)
    reached = [key for event in events if event["phase"] != "zero" for key in event["gradients"]]
    assert sorted(reached) == sorted(graph.differentiable)
    moved = [key for event in events if event["phase"] == "update" for key in event["values"]]
    assert moved == [p.name for p in graph.parameters]


def test_the_last_gradients_are_sums_over_shared_ones() -> None:
    trace = traced(PRESETS["average"])
    found = {key: np.array(g) for event in trace["events"] for key, g in event["gradients"].items() if "'" in key}
    copies = [gradient for key, gradient in found.items() if key.startswith("m0.weight")]
    assert len(copies) == 4
    np.testing.assert_allclose(sum(copies), trace["gradients"]["m0.weight"], rtol=1e-12)
    assert list(trace["gradients"]) == [*trace["inputs"], *trace["parameters"]]


def test_several_steps_go_on_where_the_first_ended() -> None:
    trace = traced(PRESETS["two-layer"], 2)
    steps = [event["step"] for event in trace["events"]]
    count = len(PRESETS["two-layer"].graph.events)
    assert steps == [0] * count + [1] * count
    first = {k: v for e in trace["events"][:count] if e["phase"] == "update" for k, v in e["values"].items()}
    assert trace["parameters"] != first
    after = [e["values"] for e in traced(PRESETS["two-layer"].changed(batch=8), 3)["events"] if e["phase"] == "batch"]
    assert [len(values["y"]) for values in after] == [8, 8, 8]


def test_what_is_told_of_a_step_is_that_steps() -> None:
    one, three = traced(PRESETS["two-layer"]), traced(PRESETS["two-layer"], 3)
    assert "steps" not in one
    assert three | {"events": one["events"]} == one | {"steps": three["steps"]}
    for k, step in enumerate(three["steps"]):
        events = [event for event in three["events"] if event["step"] == k]
        values = {name: value for event in events for name, value in event["values"].items()}
        gradients = {name: value for event in events for name, value in event["gradients"].items()}
        assert step["inputs"] == {"x": values["x"]} and step["target"] == values["y"] and step["cost"] == values["C"]
        assert step["gradients"] == {name: gradients[name] for name in step["gradients"]}


def test_the_last_minibatch_of_an_epoch_may_be_smaller() -> None:
    sizes = [len(s.values["y"]) for s in stops(PRESETS["two-layer"].changed(batch=3), 4) if s.event.phase == "batch"]
    assert sizes == [3, 3, 2, 3]


def test_numbers_that_are_not_finite_are_text() -> None:
    experiment = PRESETS["two-layer"].changed(lr=1e308, cost="squared")
    text = "".join(json_trace(experiment, 4))

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    trace = json.loads(text, parse_constant=refuse)
    assert {"NaN", "Infinity"} & set(re.findall('"(NaN|Infinity|-Infinity)"', text))
    assert trace["steps"][-1]["cost"] in ("NaN", "Infinity")
    assert "not a number" in "".join(narrated_trace(experiment, 4))
    assert "nan" in "".join(worked_trace(experiment, 4))


@pytest.mark.some(5)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("mynet", "spiral")])
@pytest.mark.parametrize("value", [1e300, -1e160, 800.0, 1e-320])
def test_weights_beyond_all_measure_neither_warn_nor_fail(writer: Any, name: str, value: float) -> None:
    experiment = PRESETS[name].changed(l1=1e3, l2=1e3)
    weights = {key: nested(np.full_like(array, value)) for key, array in experiment.initial().items()}
    assert "".join(writer(experiment.changed(parameters=tuple(weights.items())), 2))


def test_gradients_that_pile_up() -> None:
    experiment = turned(PRESETS["perceptron"], "zero", "off")
    first, second = traced(experiment, 1), traced(experiment, 2)
    alone = traced(experiment.changed(zero_gradients=True), 1)
    assert first["gradients"]["m0.bias"] == alone["gradients"]["m0.bias"]
    zero = next(event for event in second["events"] if event["phase"] == "zero")
    assert zero["gradients"] == {}
    assert zero["equation"] is None
    assert "new ones add up" in "".join(narrated_trace(experiment))


@pytest.mark.some(5)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("knobs", [{}, {"l1": 0.1, "l2": 0.1, "batch": 2}])
def test_every_net_can_be_written(writer: Any, name: str, knobs: dict[str, Any]) -> None:
    if PRESETS[name].count < knobs.get("batch", 1):
        knobs = knobs | {"batch": 1}
    text = "".join(writer(PRESETS[name].changed(**knobs), 2))
    assert text.endswith("\n")
    assert "{" not in text or writer is json_trace
    if writer is narrated_trace:  # nothing that a screen reader stumbles over
        assert text.isascii()
        assert all(line.strip() == line for line in text.splitlines())


def test_text_says_each_event_in_order() -> None:
    text = "".join(narrated_trace(PRESETS["two-layer"]))
    assert "Step 1. Event 4 of 15, forward, m1, Linear.\ns2 = W1 z1 + b1.\n" in text
    heads = re.findall(r"^Step 1\. Event (\d+) of 15", text, re.MULTILINE)
    assert heads == [str(k + 1) for k in range(15)]


def test_a_large_array_is_summarised_and_says_so() -> None:
    words = described(np.arange(36_000.0).reshape(60, 600))
    assert words.startswith("60 by 600 numbers, of which the first are 0, 1, 2, 3, 4;")
    assert "the largest 3.6 times 10 to the 4" in words
    assert "1 are not finite" in described(np.array([np.nan, *range(20)]))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.148, "0.148"),
        (-0.457, "minus 0.457"),
        (-0.0, "0"),
        (1e-9, "1 times 10 to the minus 9"),
        (float("nan"), "not a number"),
        (float("-inf"), "minus infinity"),
    ],
)
def test_numbers_in_words(value: float, words: str) -> None:
    assert said(value) == words


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_equation_can_be_said(kind: str) -> None:
    module = REGISTRY[kind]
    for text in (module.forward_equation, *module.backward_equations, module.forward_story, module.backward_story):
        assert spoken(text).isascii(), text


def test_greek_letters_and_sums_are_words() -> None:
    assert spoken("Look at η. Is δ ≈ 0.5, η ≥ .5?") == "Look at eta. Is delta about 0.5, eta at least .5?"
    assert spoken("(1/P) Σₚ Lₚ").startswith("(1 divided by P) the sum over p of L")


def test_a_kink_is_mentioned_when_one_sits_on_it() -> None:
    switch = PRESETS["switch"].changed(shuffle=False)
    text = "".join(narrated_trace(switch, 3))
    assert "tie" in text.lower() or "equal" in text.lower()


def test_markdown_puts_the_numbers_in() -> None:
    text = "".join(worked_trace(PRESETS["perceptron"]))
    assert "= 0.5·1 + (−0.3)·2 + 0.2 = 0.1" in text
    assert "| dW₀ (m0.weight) | 0 | 1 |" in text
    assert "### 2. Forward: m0 (Linear)" in text


def test_a_parameter_that_the_loss_does_not_depend_on_has_no_gradient() -> None:
    experiment = PRESETS["perceptron"]
    net = experiment.net.add("aside", Linear(1), "x", "u")
    trace = traced(experiment.changed(net=net))
    assert "aside.weight" in trace["parameters"]
    assert "aside.weight" not in trace["gradients"]
    assert "aside" not in [event["module"] for event in trace["events"] if event["phase"] == "backward"]
