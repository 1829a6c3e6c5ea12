"""Receipts: the same run again, bit for bit; and one line for what is none."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.session.actions import (
    ActionError,
    AddCondition,
    AddWatch,
    Jump,
    RunToNode,
    SetEntry,
    SetKnob,
    ShowSample,
    ToggleBreakpoint,
)
from bptui.session.conditions import Condition
from bptui.session.experiment import Experiment
from bptui.session.history import Address
from bptui.session.knobs import turned
from bptui.session.redo import marks_of, redo, work_of
from bptui.session.session import Session
from bptui.session.toml import to_toml
from bptui.session.toml_values import TomlError
from bptui.sources.receipts import KNOWN, Look, from_receipt, run_up, to_receipt

KNOBS = (
    "l2=0.01",
    "l1=0.001",
    "lr=0.2",
    "optimiser=Adam",
    "batch=7",
    "dropout=0.3",
    "momentum=0.9",
    "seed=5",
    "init=he",
    "kink=other",
)


def parameters(session: Session) -> dict[str, np.ndarray]:
    at = session.address
    return {name: values.copy() for name, values in session.history.parameters(at.branch, at.step)[1].items()}


def receipt_of(session: Session) -> str:
    return to_receipt(session.history, session.address, parameters(session))


def edited(session: Session, chance: random.Random) -> None:
    """Some edits at random places, whatever of them can be made."""
    for _ in range(chance.randrange(6)):
        step = max(0, session.address.step + chance.randrange(-5, 40))
        session.apply(
            Jump(
                step, chance.randrange(len(session.history.owner(session.address.branch, step).experiment.graph.events))
            )
        )
        name = chance.choice([*session.graph.variables])
        index = tuple(chance.randrange(n) for n in session.graph.variables[name].shape)
        knob, _, text = chance.choice(KNOBS).partition("=")
        try:
            session.apply(ShowSample(chance.randrange(3)))
            session.apply(chance.choice((SetEntry(name, index, chance.choice((0.5, 1.0))), SetKnob(knob, text))))
        except ActionError:
            continue


@given(
    st.integers(0, 10_000), st.sampled_from(["train/xor", "train/cubic", "step/two-layer", "step/skip", "descend/line"])
)
def test_a_run_comes_back_bit_for_bit_with_its_edits(seed: int, name: str) -> None:
    chance = random.Random(seed)
    session = Session(KNOWN[name])
    edited(session, chance)
    session.apply(Jump(session.address.step + chance.randrange(50), 0))
    receipt = from_receipt(receipt_of(session))
    mine, theirs = (
        session.history.path(session.address.branch),
        receipt.session.history.path(receipt.session.address.branch),
    )
    assert [(b.edit, b.start, b.pokes, b.experiment) for b in mine[1:]] == [
        (b.edit, b.start, b.pokes, b.experiment) for b in theirs[1:]
    ]
    assert mine[0].experiment == theirs[0].experiment
    assert receipt.session.address.step == session.address.step
    assert (
        receipt.arrived()
        == f"run again, {session.address.step} step{'s' * (session.address.step != 1)}: every bit as it was saved"
    )
    saved = parameters(session)
    assert all(np.array_equal(values, saved[key]) for key, values in parameters(receipt.session).items())


@pytest.mark.parametrize("name", KNOWN)
def test_what_comes_with_bptui_takes_a_few_lines(name: str) -> None:
    session = Session(KNOWN[name])
    text = receipt_of(session)
    assert len(text) < 300
    assert from_receipt(text).session.experiment == KNOWN[name]


def test_another_experiment_is_written_out_and_an_experiment_alone_is_a_run_at_its_beginning() -> None:
    experiment = KNOWN["train/xor"].changed(parameters=(("m0.bias", tuple(k / 10 for k in range(16))),))
    receipt = from_receipt(receipt_of(Session(experiment)))
    assert receipt.session.experiment == experiment
    alone = from_receipt(to_toml(experiment))
    assert alone.session.experiment == experiment
    assert alone.session.address == Address(0, 0, 0)
    assert alone.arrived() == ""


def test_a_knob_that_restarts_the_run_leaves_what_was_before_behind() -> None:
    session = Session(KNOWN["train/moons"])
    for action in (
        Jump(30, 0),
        SetKnob("l2", "0.1"),
        SetKnob("seed", "4"),
        Jump(12, 0),
        SetKnob("lr", "0.2"),
        Jump(20, 0),
    ):
        session.apply(action)
    receipt = from_receipt(text := receipt_of(session))
    assert text.count("[[edit]]") == 1
    assert receipt.session.experiment == session.experiment
    assert "every bit" in receipt.arrived()


@pytest.mark.parametrize(("name", "before"), [("step/switch", ()), ("train/linear", (("activation", "relu"),))])
def test_the_choice_at_kinks_is_one_more_setting(name: str, before: tuple[tuple[str, str], ...]) -> None:
    experiment = KNOWN[name]
    for knob, text in before:
        experiment = turned(experiment, knob, text)
    assert "kink" not in receipt_of(Session(experiment))
    experiment = turned(experiment, "kink", "other")
    text = receipt_of(Session(experiment))
    assert f'from = "{name}"' in text and 'kink = "other"' in text
    assert from_receipt(text).session.experiment == experiment


def test_other_numbers_are_said_and_no_failure() -> None:
    session = Session(KNOWN["train/xor"])
    session.apply(Jump(20, 0))
    values = parameters(session)
    for change, wanted in (
        (1e-15, "20 steps: as it was saved to 1e-09, not to the bit; saved with bptui 0.1.0, NumPie"),
        (1e-6, "the numbers differ from those that were saved with bptui 0.1.0, NumPie"),
    ):
        values["m0.bias"][3] += change
        text = to_receipt(session.history, session.address, values).replace("NumPy", "NumPie")
        said = from_receipt(text).arrived()
        assert wanted in said
        assert "\n" not in said


@pytest.mark.slow
def test_a_long_run_is_run_up_to_through_all_its_stretches() -> None:
    session = Session(KNOWN["descend/line"])
    for action in (Jump(15_000, 0), SetKnob("lr", "0.01"), Jump(30_000, 0), SetKnob("batch", "8"), Jump(45_000, 2)):
        session.apply(action)
    run_up(session.history, session.address)
    receipt = from_receipt(receipt_of(session))
    assert receipt.session.address == Address(2, 45_000, 2)
    assert "every bit" in receipt.arrived()


def test_marks_and_what_was_looked_at_come_back() -> None:
    session = Session(KNOWN["step/two-layer"])
    for action in (
        SetKnob("l2", "0.01"),
        Jump(3, 7),
        ToggleBreakpoint("m1"),
        AddCondition(Condition("above", "m0.weight", "gradient", 0.5)),
        AddWatch("s1", "gradient", (2,)),
        AddWatch("z1", "value"),
    ):
        session.apply(action)
    look = Look("grad:s1", (2,), "twiddle", nudge=0.025)
    text = to_receipt(session.history, session.address, parameters(session), marks_of(session), look)
    receipt = from_receipt(text)
    assert (receipt.look, marks_of(receipt.session)) == (look, marks_of(session))
    assert receipt.session.address == session.address
    assert len(text) < 900


def test_work_is_made_again_on_another_net_as_far_as_it_fits() -> None:
    session = Session(KNOWN["step/two-layer"])
    for action in (
        Jump(2, 3),
        SetEntry("m1.bias", (0,), 0.5),
        SetKnob("lr", "0.3"),
        ToggleBreakpoint("m1"),
        ToggleBreakpoint("relu1"),
        AddWatch("m1.bias"),
        RunToNode("m0"),
    ):
        session.apply(action)
    other = Session(KNOWN["step/perceptron"])
    lost = list(redo(other, work_of(session)))
    assert [place for place, _ in lost] == ["edit 1", "marks", "marks", "marks"]
    assert all("m1" in why or "relu1" in why for _, why in lost)
    assert other.experiment.lr == 0.3 and other.address.step == session.address.step
    assert other.graph.events[other.address.event].node == session.graph.events[session.address.event].node == "m0"
    again = Session(KNOWN["step/two-layer"])
    assert list(redo(again, work_of(session))) == []
    assert marks_of(again) == marks_of(session) and again.address == session.address


BEGIN = 'format = 1\nfrom = "train/xor"\n'
EDIT = BEGIN + "[[edit]]\nstep = 1\nevent = 0\n"
AT = "[at]\nstep = 1\nevent = 0\n"
DIGEST = f"digest = '{'0' * 32}'"
WRONG: list[tuple[str, str]] = [
    ("", "format: got None, wants 1"),
    ('format = 2\nfrom = "train/xor"', "a newer one reads this"),
    ("format = 1\nfrom = 3", "from: got 3, wants one of train/spirals"),
    ('format = 1\nfrom = "train/xr"', "did you mean 'train/xor'?"),
    (BEGIN + "seed = 4", "unknown key 'seed'"),
    (BEGIN + "set = 3", "set: got 3, wants a table"),
    (BEGIN + "[set]\nlr = 3", "set.lr: got 3, wants text"),
    (BEGIN + '[set]\nlr = "fast"', "set: lr: got 'fast', wants a number"),
    (BEGIN + '[set]\nbatch = "9999"', "set: batch: got 9999"),
    (BEGIN + "edit = []", "edit: wants tables [[edit]]"),
    (BEGIN + "[[edit]]\n" * 1001, "edit: got 1001, wants at most 1000"),
    (EDIT, "edit 1: knob: got nothing, wants text"),
    (EDIT + 'knob = "l2"', "edit 1: to: got nothing, wants text"),
    (EDIT + 'knob = "l3"\nto = "1"', "edit 1: unknown knob 'l3'"),
    (EDIT + 'knob = "l2"\nto = "1"\nindex = [1]', "edit 1: unknown key 'index'"),
    (EDIT + 'entry = "m0.bias"\nindex = [99]\nto = 1', "edit 1: m0.bias has shape [16], no entry [99]"),
    (EDIT + 'entry = "m0.bias"\nindex = [1]\nto = "1"', "edit 1: to: wants a number"),
    (EDIT + 'entry = "s1"\nindex = [1]\nto = 1', "edit 1: s1: only inputs, targets and parameters"),
    (EDIT + 'entry = "x"\nindex = [1]\nto = 1\nsample = 16', "edit 1: this minibatch has samples 0 to 15"),
    (BEGIN + "[[edit]]\nstep = 1\nevent = 999\nknob='l2'\nto='1'", "edit 1: step 1 has events 0 to"),
    (BEGIN + "[[edit]]\nevent = 0\nknob='l2'\nto='1'", "edit 1: step: got nothing, wants a whole number"),
    (BEGIN + "[at]\nstep = -1\nevent = 0\n" + DIGEST, "at: this is the first minibatch"),
    (BEGIN + "[at]\nstep = 1000001\nevent = 0", "at: step: got 1000001, wants at most 1000000"),
    (BEGIN + AT, "at.digest: got nothing, wants text"),
    (BEGIN + AT + 'digest = "abc"', "at.digest: got 'abc', wants 32 hexadecimal digits"),
    (BEGIN + AT + "branch = 3", "at: unknown key 'branch'"),
    (BEGIN + "[marks]\nbreakpoints = 3", "marks.breakpoints: got 3, wants a list"),
    (BEGIN + "[marks]\nbreakpoints = ['m9']", "marks: no module 'm9' in this net"),
    (BEGIN + "[marks]\nsamples = 3", "marks: unknown key 'samples'; did you mean 'sample'?"),
    (BEGIN + "[[marks.condition]]\nkind = 'odd'", "marks.condition: kind: got 'odd', wants one of not finite"),
    (BEGIN + "[[marks.watch]]\nname = 's9'", "marks: no variable 's9' in this net"),
    (BEGIN + "[look]\npane = 3", "look.pane: got 3, wants text"),
    (BEGIN + "[", "is no TOML"),
]


@pytest.mark.parametrize(("text", "wanted"), WRONG, ids=[wanted for _, wanted in WRONG])
def test_what_is_no_receipt_is_one_line(text: str, wanted: str) -> None:
    with pytest.raises(TomlError) as caught:
        from_receipt(text)
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.data())
def test_no_damage_does_more_than_be_refused(data: st.DataObject) -> None:
    session = Session(KNOWN["train/xor"])
    for action in (Jump(3, 0), SetKnob("l2", "0.1"), SetEntry("x", (1,), 0.5), Jump(9, 0)):
        session.apply(action)
    text = receipt_of(session)
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 12)))
    damaged = text[:start] + data.draw(st.text('0129-.="[]{}\n abxE', max_size=6)) + text[stop:]
    try:
        receipt = from_receipt(damaged)
    except TomlError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(receipt.session.experiment, Experiment)
