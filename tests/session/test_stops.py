"""Breakpoints, conditions, continuing both ways, and origins: held against a walk by single steps."""

from __future__ import annotations

import numpy as np
import pytest

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
from bptui.session.conditions import Condition
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
        assert "inf" in session.message or "nan" in session.message
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
