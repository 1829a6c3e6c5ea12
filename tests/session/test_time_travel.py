"""Going anywhere and coming back restores every bit."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.data.minibatches import Clock, epoch_order
from bptui.session import history
from bptui.session.actions import (
    ActionError,
    Back,
    Forward,
    Jump,
    NextStep,
    PreviousStep,
    RunToEnd,
    RunToNode,
    SetEntry,
    SetKnob,
    ShowSample,
    SwitchBranch,
    Undo,
)
from bptui.session.experiment import Experiment
from bptui.session.history import RUNNERS, Address
from bptui.session.session import Session
from bptui.sources.presets import PRESETS

KNOBS = [
    {},
    {"optimiser": "Adam", "lr": "0.01"},
    {"optimiser": "nesterov", "schedule": "cosine"},
    {"zero": "off", "lr": "0.001"},
    {"l1": "0.01", "l2": "0.1", "dtype": "float32"},
    {"l1": "0.01", "optimiser": "proximal"},
]


def seen(session: Session) -> list[object]:
    """All that can be seen at the cursor, bit for bit."""
    moment, graph = session.moment(), session.graph
    result: list[object] = [session.address, moment.record.clock, moment.record.indices.tobytes()]
    for name in graph.variables:
        for array in (moment.batch_value(name), moment.batch_gradient(name)):
            result.append(None if array is None else array.tobytes())
    for parameter in graph.parameters:
        result += [slot.tobytes() for slot in moment.slots(parameter.name).values()]
    for node in graph.nodes:
        result += [drawn.tobytes() for drawn in moment.drawn(node.name)]
    return result


def opened(name: str, knobs: dict[str, str]) -> Session:
    session = Session(PRESETS[name])
    for knob, text in knobs.items():
        session.apply(SetKnob(knob, text))
    return session


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("knobs", KNOBS, ids=lambda k: ",".join(k.values()) or "as it comes")
def test_n_forward_and_n_back_restores_every_bit(name: str, knobs: dict[str, str]) -> None:
    session, rnd = opened(name, knobs), random.Random(name)
    for _ in range(3):
        n = rnd.randint(1, 90)
        here = seen(session)
        session.apply(Forward(n))
        there = seen(session)
        session.apply(Back(n))
        assert seen(session) == here
        session.apply(Forward(n))
        assert seen(session) == there


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 10)), min_size=2, max_size=6), st.sampled_from(KNOBS))
def test_what_a_jump_shows_does_not_depend_on_the_way(jumps: list[tuple[int, int]], knobs: dict[str, str]) -> None:
    session, fresh = opened("two-layer", knobs), opened("two-layer", knobs)
    for step, event in jumps:
        session.apply(Jump(step, event))
        session.moment()
    fresh.apply(Jump(*jumps[-1]))
    assert seen(session) == seen(fresh)


def test_thinned_checkpoints_still_restore_every_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COARSE_BUDGET", "FINE_BUDGET"):  # put back afterwards
        monkeypatch.setattr(history, name, getattr(history, name))
    history.hold_at_most(4000, 2000)
    session, reference = opened("two-layer", {}), opened("two-layer", {})
    reference.apply(Jump(333, 4))
    expected = seen(reference)
    session.apply(Jump(3000, 0))
    session.moment()
    branch = session.branches[0]
    assert branch.stride > 16
    assert sum(c.vector.nbytes for c in branch.coarse.values()) <= 4000
    session.apply(Jump(333, 4))
    assert seen(session) == expected


def test_the_same_actions_on_the_same_experiment_show_the_same() -> None:
    actions = [Forward(7), SetKnob("l2", "0.1"), Forward(30), SetEntry("m0.weight", (1, 2), 0.5), Forward(3), Undo()]
    sessions = [Session(PRESETS["two-layer"]) for _ in range(2)]
    for session in sessions:
        for action in actions:
            session.apply(action)
    assert seen(sessions[0]) == seen(sessions[1])
    assert sessions[0].log == actions


def test_a_poked_weight_changes_what_follows_and_not_what_was() -> None:
    session = opened("two-layer", {})
    session.apply(Jump(2, 1))
    before = seen(session)
    session.apply(SetEntry("m0.weight", (0, 0), 5.0))
    assert session.address == Address(1, 2, 1)
    assert session.moment().value("m0.weight")[0, 0] == 5.0  # type: ignore[index]
    session.apply(PreviousStep())
    assert session.moment().value("m0.weight")[0, 0] != 5.0  # type: ignore[index]
    session.apply(Undo())
    assert seen(session) == before
    session.apply(SwitchBranch(1))
    assert session.moment().value("m0.weight")[0, 0] == 5.0  # type: ignore[index]


def test_a_weight_set_after_its_update_is_seen_from_then_on_only() -> None:
    session = opened("two-layer", {})
    last = len(session.graph.events) - 1
    session.apply(Forward(last))
    updated = session.moment().value("m0.weight").copy()  # type: ignore[union-attr]
    session.apply(SetEntry("m0.weight", (0, 0), 5.0))
    assert session.moment().value("m0.weight")[0, 0] == 5.0  # type: ignore[index]
    session.apply(Back(1))
    assert (session.moment().value("m0.weight") == updated).all()
    session.apply(Forward(3))
    assert session.moment().value("m0.weight")[0, 0] == 5.0  # type: ignore[index]


def test_inputs_and_classes_can_be_set() -> None:
    session = opened("two-layer", {})
    session.apply(Forward(4))
    session.apply(SetEntry("x", (2,), -3.0))
    session.apply(SetEntry("y", (), 0.0))
    moment = session.moment()
    assert moment.value("x")[2] == -3.0  # type: ignore[index]
    assert moment.value("y").tolist() == [1.0, 0.0]  # type: ignore[union-attr]


@pytest.mark.parametrize("knob", ["l1", "l2", "dropout"])
def test_a_regulariser_can_be_toggled_at_any_event(knob: str) -> None:
    for event in range(15):
        session = opened("two-layer", {})
        session.apply(Jump(3, event))
        old = session.graph.events[event]
        session.apply(SetKnob(knob, "0.1"))
        new = session.moment().event
        assert (new.phase, new.node) == (old.phase, old.node) or old.node == "average"
        assert session.address.step == 3
        session.apply(SetKnob(knob, "0"))
        assert session.experiment == PRESETS["two-layer"]


def test_changing_the_optimiser_keeps_the_parameters() -> None:
    session = opened("two-layer", {})
    session.apply(Jump(20, 0))
    before = session.moment().value("m1.weight").copy()  # type: ignore[union-attr]
    session.apply(SetKnob("optimiser", "Adam"))
    assert (session.moment().value("m1.weight") == before).all()
    assert session.moment().record.clock.age == 0
    session.apply(NextStep(5))
    assert session.moment().record.clock.age == 5


@pytest.mark.parametrize(("former", "later", "kept"), [("RMSProp", "Adam", False), ("Adam", "AdamW", True)])
def test_an_optimiser_goes_on_with_slots_and_age_together_or_starts_as_new(former: str, later: str, kept: bool) -> None:
    session = opened("two-layer", {"optimiser": former})
    session.apply(Jump(20, 0))
    square = session.moment().slots("m1.weight")["square"].copy()
    session.apply(SetKnob("optimiser", later))
    moment = session.moment()
    assert (moment.slots("m1.weight")["square"] == (square if kept else 0.0)).all()
    assert moment.record.clock.age == (20 if kept else 0)


def test_a_weight_set_after_its_update_stays_set_when_a_knob_of_the_same_step_rewires_the_net() -> None:
    for first, second in (("0", "0.1"), ("0.1", "0")):
        session = opened("two-layer", {"l2": first})
        session.apply(Jump(2, len(session.graph.events) - 1))
        session.apply(SetEntry("m1.bias", (0,), 5.0))
        session.apply(SetKnob("l2", second))
        assert session.moment().event.parameter == "m1.bias"
        assert session.moment().value("m1.bias")[0] == 5.0  # type: ignore[index]
        session.apply(Back())
        assert session.moment().value("m1.bias")[0] != 5.0  # type: ignore[index]


def test_an_input_set_for_a_sample_waits_while_the_batch_is_too_small_for_it() -> None:
    session = opened("dropout", {})
    session.apply(ShowSample(3))
    session.apply(SetEntry("x", (0,), 9.0))
    for batch, expected in (("1", False), ("4", True)):
        session.apply(SetKnob("batch", batch))
        x = session.moment().batch_value("x")
        assert x is not None
        assert bool((x == 9.0).any()) is expected


def test_the_end_of_an_epoch_whose_batch_changes_on_the_way() -> None:
    session = opened("two-layer", {})
    session.apply(Jump(4, 0))
    session.apply(SetKnob("batch", "3"))
    session.apply(Jump(1, 0))
    session.apply(RunToEnd("epoch"))
    assert session.address.step == 5  # steps 0 to 3 take one sample each, 4 takes three, 5 the last one
    session.apply(RunToEnd("epoch"))
    assert session.address.step == 8


@pytest.mark.parametrize("far", [Jump(10**9, 0), Forward(10**9), NextStep(10**9)])
def test_a_jump_that_would_take_minutes_is_refused(far: Jump) -> None:
    session = opened("two-layer", {})
    with pytest.raises(ActionError, match="too far"):
        session.apply(far)
    session.apply(Jump(20_000, 0))
    session.apply(Jump(40_000, 0))


def test_hundreds_of_knobs_keep_few_buffers_and_every_bit() -> None:
    session = opened("two-layer", {})
    screens = [seen(session)]
    for k in range(300):
        session.apply(SetKnob("lr", str(0.001 * (k + 1))))
        session.apply(Forward(k % 3))
        screens.append(seen(session))
    history = session.history
    assert len(history._runners) <= RUNNERS
    history._fine.clear()
    history._fine_bytes = 0
    for number in (300, 170, 1, 299):
        session.apply(SwitchBranch(number))
        address = screens[number][0]
        assert isinstance(address, Address)
        session.apply(Jump(address.step, address.event))
        assert seen(session) == screens[number]


def test_the_seed_begins_the_run_anew() -> None:
    session = opened("mynet", {})
    session.apply(Jump(5, 2))
    session.apply(SetKnob("seed", "9"))
    assert session.address.step == 0
    assert session.message


def test_what_is_to_come_is_not_known() -> None:
    session = opened("two-layer", {})
    moment = session.moment()
    assert moment.value("x") is not None
    assert moment.value("s1") is None
    assert moment.gradient("s1") is None
    session.apply(Forward())
    assert session.moment().value("s1") is not None


def test_runs() -> None:
    session = opened("two-layer", {})
    session.apply(RunToEnd("forward"))
    assert session.moment().event.phase == "cost"
    session.apply(RunToEnd("backward"))
    assert (session.moment().event.phase, session.moment().event.node) == ("backward", "m0")
    session.apply(RunToNode("m1"))
    assert (session.address.step, session.moment().event.node) == (1, "m1")
    session.apply(RunToEnd("epoch"))
    assert (session.address.step, session.address.event) == (7, len(session.graph.events) - 1)
    session.apply(RunToEnd("epoch"))
    assert session.address.step == 15


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Back(), "beginning"),
        (PreviousStep(), "first"),
        (Jump(3, 99), "events 0 to"),
        (SetEntry("s1", (0,), 1.0), "only inputs"),
        (SetEntry("x", (9,), 1.0), "no entry"),
        (SetEntry("y", (), 7.0), "class from 0 to 1"),
        (SetKnob("batch", "99"), "1 to 8"),
        (SetKnob("nothing", "1"), "unknown knob"),
        (Undo(), "nothing to undo"),
        (SwitchBranch(4), "no branch 4"),
        (ShowSample(3), "samples 0 to 0"),
        (RunToNode("m9"), "no module"),
    ],
)
def test_what_cannot_be_done_says_so_in_one_line_and_changes_nothing(action: object, words: str) -> None:
    session = opened("two-layer", {})
    before = seen(session)
    with pytest.raises(ActionError, match=words) as error:
        session.apply(action)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)
    assert seen(session) == before
    assert len(session.branches) == 1
    assert session.log == []


def test_every_epoch_sees_every_sample_once() -> None:
    experiment: Experiment = PRESETS["spiral"].changed(batch=7)
    clock, seen_samples = Clock(), []
    session = Session(experiment)
    while clock.epoch < 2:
        session.apply(Jump(clock.step, 0))
        seen_samples += session.moment().record.indices.tolist()
        clock = clock.after(7, experiment.count)
    assert sorted(seen_samples) == sorted(2 * list(range(experiment.count)))
    assert seen_samples[: experiment.count] == epoch_order(1, 0, experiment.count, True).tolist()
