"""A receipt told in lines: the edits with what they did, the last step, and the verdict."""

from __future__ import annotations

from pathlib import Path

from bptui.cli import main
from bptui.session.actions import Jump, SetEntry, SetKnob, ToggleBreakpoint
from bptui.session.redo import marks_of
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.sources.receipts import from_receipt, to_receipt
from bptui.sources.replay import replayed


def saved_run() -> str:
    session = Session(PRESETS["two-layer"])
    for action in (
        Jump(2, 3),
        SetKnob("l2", "0.01"),
        Jump(3, 0),
        SetEntry("m0.weight", (0, 1), 0.5),
        ToggleBreakpoint("m1"),
        Jump(4, 3),
    ):
        session.apply(action)
    parameters = session.history.parameters(session.address.branch, 4)[1]
    return to_receipt(session.history, session.address, parameters, marks_of(session))


def cost(*edits: SetKnob) -> float:
    """The cost of the third step, with edits made in it."""
    session = Session(PRESETS["two-layer"])
    session.apply(Jump(2, 3))
    for edit in edits:
        session.apply(edit)
    session.apply(Jump(2, len(session.graph.events) - 1))
    value = session.moment().batch_value(session.graph.loss)
    assert value is not None
    return float(value)


def test_every_edit_is_told_with_what_it_did_to_the_cost() -> None:
    told = "".join(replayed(from_receipt(saved_run())))
    before, after = f"{cost():.4g}", f"{cost(SetKnob('l2', '0.01')):.4g}"
    assert (
        "Edit 1. In step 3, at event 4, forward, m1: the knob l2 was turned to 0.01. "
        f"The cost of that step was {before} without it, and is {after} with it."
    ) in told
    assert "Edit 2. In step 4, at event 1, batch: m0.weight[0, 1] was set to 0.5." in told
    assert "Step 5. Event 4 of 19, forward, m1, Linear." in told and "Event 5 of" not in told
    assert "It stops at m1." in told
    assert told.endswith("Run again, 4 steps: every bit as it was saved.\n")


def test_replay_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(saved_run())
    assert main(["replay", str(path), "--plain"]) == 0
    path.write_text('format = 1\nfrom = "step/two-layer"\n')
    assert main(["replay", str(path), "--plain"]) == 2
    assert main(["replay", str(tmp_path / "none.toml"), "--plain"]) == 2
