"""Breakpoints, conditions, continuing both ways, and origins: held against a walk by single steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from bptui.data.samples import given_samples
from bptui.engine.buffers import Array
from bptui.engine.module import subscript
from bptui.engine.modules import SquaredError, Tanh
from bptui.engine.net import Net
from bptui.session.actions import (
    ActionError,
    AddCondition,
    AddWatch,
    Continue,
    Forward,
    Jump,
    Origin,
    ReverseContinue,
    SetEntry,
    SetKnob,
    ToggleBreakpoint,
)
from bptui.session.conditions import Condition, Of
from bptui.session.experiment import Experiment
from bptui.session.history import History
from bptui.session.session import Session
from bptui.sources.presets import PRESETS


def places_by_walking(session: Session, condition: Condition, events: int) -> list[tuple[int, int]]:
    found = []
    for _ in range(events):
        session.apply(Forward())
        if condition.met(session.moment()):
            found.append((session.address.step, session.address.event))
    return found


@pytest.mark.parametrize(
    "condition",
    [
        Condition("dead"),
        Condition("dead", "relu1"),
        Condition("all zero", "z1", "value"),
        Condition("below", "s2", "gradient", 0.1),
        Condition("above", "m1.weight", "gradient", 0.5),
        Condition("above", "m1.weight", "value", 1.0),
    ],
    ids=str,
)
def test_continue_stops_where_single_steps_find_it_and_comes_back_the_same_way(condition: Condition) -> None:
    walked = places_by_walking(Session(PRESETS["two-layer"]), condition, 600)
    session, found = Session(PRESETS["two-layer"]), []
    session.apply(AddCondition(condition))
    assert walked
    for _ in walked:
        session.apply(Continue())
        assert session.message
        found.append((session.address.step, session.address.event))
    assert found == walked
    for place in reversed(walked[:-1]):
        session.apply(ReverseContinue())
        assert (session.address.step, session.address.event) == place


def test_breakpoints_stop_forward_and_backward() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(ToggleBreakpoint("relu1"))
    phases = []
    for _ in range(4):
        session.apply(Continue())
        phases.append((session.address.step, session.moment().event.phase))
    assert phases == [(0, "forward"), (0, "backward"), (1, "forward"), (1, "backward")]
    session.apply(ToggleBreakpoint("relu1"))
    with pytest.raises(ActionError, match="nothing to stop at"):
        session.apply(Continue())


def test_not_finite_is_found() -> None:
    session = Session(PRESETS["perceptron"])
    session.apply(SetKnob("lr", "1e9"))
    session.apply(AddCondition(Condition("not finite", of="value")))
    with np.errstate(all="ignore"):
        session.apply(Continue())
        assert session.message == "C is ∞"
        reached = session.address
        session.apply(Origin("m0.weight", (0, 0), "value", "changed"))
    assert session.address.step <= reached.step


def test_saturated_units_are_found() -> None:
    session = Session(PRESETS["chain"])
    session.apply(SetEntry("m0.weight", (0, 0), 40.0))
    session.apply(AddCondition(Condition("saturated")))
    session.apply(Continue())
    assert session.moment().event.node == "h"


def test_the_origin_of_a_zero_is_the_event_that_made_it() -> None:
    session, walked = Session(PRESETS["two-layer"]), None
    former = None
    for _ in range(40 * len(session.graph.events)):
        z1 = session.moment().value("z1")
        if z1 is not None and session.moment().event.node == "relu1" and session.moment().event.phase == "forward":
            if z1[0] == 0.0 and former != 0.0:
                walked = (session.address.step, session.address.event)
            former = float(z1[0])
        session.apply(Forward())
    session.apply(Origin("z1", (0,), "value", "zero"))
    assert (session.address.step, session.address.event) == walked


Walked = list[tuple[tuple[int, int], np.ndarray | None, np.ndarray]]


def all_writes(session: Session, name: str, of: str, events: int) -> Walked:
    """Every (place, former, value) of a quantity, walked through event by event."""
    found: Walked = []
    former = None
    for _ in range(events):
        moment = session.moment()
        values = moment.gradient(name) if of == "gradient" else moment.value(name)
        if values is not None:
            at, value = (session.address.step, session.address.event), np.array(values)
            if former is None or not np.array_equal(former, value, equal_nan=True):
                found.append((at, former, value))
            former = value
        session.apply(Forward())
    return found


@pytest.mark.some(4)
@pytest.mark.parametrize("knob", [None, ("batch", "3"), ("zero", "off"), ("optimiser", "Adam"), ("l2", "0.1")])
@pytest.mark.parametrize(
    ("name", "of"),
    [("s1", "value"), ("m0.weight", "value"), ("m1.bias", "gradient"), ("x", "gradient"), ("z1", "gradient")],
)
def test_origins_are_where_a_walk_by_single_steps_finds_them(name: str, of: Of, knob: tuple[str, str] | None) -> None:
    session = Session(PRESETS["two-layer"])
    if knob is not None:  # a branch in the middle of the way
        session.apply(Jump(90, 3))
        session.apply(SetKnob(*knob))
        session.apply(SetEntry("m0.weight", (0, 1), 0.0))
    session.apply(Jump(0, 0))
    size = sum(len(session.history.owner(session.address.branch, step).experiment.graph.events) for step in range(150))
    walked = all_writes(session, name, of, size)
    reached = session.address
    index = (0,) * len(session.graph.variables[name].shape)
    changes = [place for place, former, value in walked if former is None or former[index] != value[index]]
    session.apply(Origin(name, index, of, "changed"))
    assert (session.address.step, session.address.event) == changes[-1]
    zeros = [(place, (value == 0) & (former != 0 if former is not None else True)) for place, former, value in walked]
    zeros = [(place, became) for place, became in zeros if became.any()]
    session.apply(Jump(reached.step, reached.event))
    if zeros:
        place, became = zeros[-1]
        session.apply(Origin(name, None, of, "zero"))
        assert (session.address.step, session.address.event) == place
        first = tuple(int(i) for i in np.unravel_index(int(np.argmax(became)), became.shape))
        assert subscript(first) in session.message
    else:
        with pytest.raises(ActionError, match="ever became 0"):
            session.apply(Origin(name, None, of, "zero"))


@pytest.mark.parametrize("name", ["two-layer", "average", "dropout", "skip"])
@pytest.mark.parametrize("by_plan", [True, False])
def test_a_sweep_sees_what_single_steps_see(name: str, *, by_plan: bool) -> None:
    session = Session(PRESETS[name])
    session.apply(Jump(20, 0))
    session.apply(SetKnob("l2", "0.1"))
    last, single = session.address.branch, History(PRESETS[name])
    single.branches = session.branches
    wanted = {"m0.weight"} if by_plan else {session.graph.inputs[0].name}
    for step, owner, record in session.history.sweep(last, 7, 40, lambda branch: wanted):
        expected = single.record(last, step)
        assert owner is single.owner(last, step)
        assert record.program.values.keys() == expected.program.values.keys()
        for key, values in expected.program.values.items():
            assert np.array_equal(record.program.values[key], values)
        for key in wanted:
            assert np.array_equal(record.program.gradients[key], expected.program.gradients[key])
        assert np.array_equal(record.program.state.vector, expected.program.state.vector)
        assert np.array_equal(record.before, expected.before)


def test_a_way_can_be_left_and_nothing_has_changed() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(Jump(300, 2))
    session.apply(AddCondition(Condition("above", "m1.weight", "value", 1e9)))
    loss = session.moment().batch_value("s1").copy()

    def leave(step: int) -> None:
        if step < 150:
            raise ActionError(f"left at step {step}")

    session.history.on_step = leave
    with pytest.raises(ActionError, match="left at step"):
        session.apply(ReverseContinue())
    session.history.on_step = lambda step: None
    assert (session.address.step, session.address.event) == (300, 2) and isinstance(session.log[-1], AddCondition)
    assert np.array_equal(session.moment().batch_value("s1"), loss)


def test_a_module_itself_says_when_its_units_are_dead_or_saturated() -> None:
    @dataclass(frozen=True)
    class Clipped(Tanh):
        kind = "Clipped"
        dead = -1
        limits = (-2.0, 2.0)

        def switch(self, inputs: Sequence[Array]) -> Array:
            return np.sign(0.5 - inputs[0])

    net = Net("own").input("x", 1).add("h", Clipped(), "x", "z").target("y", 1).add("cost", SquaredError(), "z y", "C")
    data = given_samples({"x": np.array([[0.1], [np.arctanh(0.5)], [9.0]]), "y": np.zeros((3, 1))})
    session = Session(Experiment(net, data, shuffle=False))
    session.apply(AddCondition(Condition("saturated")))
    with pytest.raises(ActionError, match="nothing stops"):
        session.apply(Continue())
    session.apply(AddCondition(Condition("dead", "h")))
    session.apply(Continue())
    assert session.address.step == 1 and "is dead" in session.message


@pytest.mark.parametrize(("kink", "where"), [("torch", (0, "relu1")), ("other", (1, "relu1"))])
def test_a_unit_at_exactly_0_is_dead_only_if_its_slope_is_0_there(kink: str, where: tuple[int, str]) -> None:
    data = given_samples({"x": np.array([[0.0] * 6, [-1.0] * 6]), "y": np.eye(2)})
    zeros = (("m0.bias", (0.0, 0.0, 0.0)), ("m0.weight", ((0.5,) * 6,) * 3))
    session = Session(PRESETS["two-layer"].changed(data=data, parameters=zeros, lr=0.0, shuffle=False))
    session.apply(SetKnob("kink", kink))
    session.apply(AddCondition(Condition("dead")))
    session.apply(Continue())
    assert (session.address.step, session.moment().event.node) == where


def test_the_origin_of_a_weight_is_its_last_update() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(Jump(9, 3))
    session.apply(Origin("m0.bias", (0,), "value", "changed"))
    event = session.moment().event
    assert (event.phase, event.parameter) == ("update", "m0.bias")
    assert session.address.step <= 8
    session.apply(Jump(9, 3))
    with pytest.raises(ActionError, match="never"):
        session.apply(Origin("m0.bias", (0,), "value", "not finite"))


def test_stops_and_origins_name_entries_as_the_screen_does() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(AddCondition(Condition("above", "s1", "value", 1.0)))
    session.apply(Continue())
    assert session.message == "s₁[0] is 1.61, |s₁| above 1"
    session.apply(Jump(0, 10))
    session.apply(Origin("s1", (1,), "gradient", "zero"))
    assert session.message == "here ds₁[1] became 0, its first value"
    session.apply(Jump(1, 0))
    session.apply(Origin("m0.weight", (0, 1)))
    assert "here W₀[0,1] changed to −" in session.message and ", before it was −" in session.message
    with pytest.raises(ActionError, match=r"W₀\[0,1\] never became 0"):
        session.apply(Origin("m0.weight", (0, 1), "value", "zero"))


def test_a_condition_met_in_a_batch_names_the_sample() -> None:
    session = Session(PRESETS["dropout"])
    session.apply(AddCondition(Condition("above", "s2", "value", 0.0)))
    session.apply(Continue())
    assert session.message.startswith("s₂[0] of sample 1 is")


def test_a_condition_that_cannot_hold_is_refused() -> None:
    session = Session(PRESETS["chain"])
    for condition in (Condition("dead"), Condition("above", "nothing"), Condition("strange")):
        with pytest.raises(ActionError):
            session.apply(AddCondition(condition))
    assert session.conditions == ()


def test_a_copy_of_a_shared_weight_is_stopped_at_and_traced_as_the_weight() -> None:
    session = Session(PRESETS["average"])
    copy = next(iter(session.graph.copy_of))
    session.apply(AddCondition(Condition("above", copy, "value", 0.0)))
    session.apply(Continue())
    assert session.moment().event.parameter == session.graph.copy_of[copy]
    stopped = session.address
    session.apply(Forward(4))
    session.apply(Origin(copy, (0, 0)))
    assert session.address == stopped


def test_a_breakpoint_on_a_module_that_a_knob_took_away_can_still_be_removed() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(SetKnob("l2", "0.1"))
    penalty = next(node.name for node in session.graph.nodes if node.module.role == "penalty")
    session.apply(ToggleBreakpoint(penalty))
    session.apply(SetKnob("l2", "0"))
    session.apply(ToggleBreakpoint(penalty))
    assert not session.breakpoints


@pytest.mark.parametrize(
    "action", [AddWatch("m0.bias", "value", (9,)), Origin("m0.bias", (-1,)), Origin("m0.bias", ())]
)
def test_an_entry_that_does_not_exist_is_refused(action: AddWatch | Origin) -> None:
    session = Session(PRESETS["two-layer"])
    with pytest.raises(ActionError, match="no entry"):
        session.apply(action)
