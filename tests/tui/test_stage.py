"""The workbench's canvases without a terminal: every event of every net, every pane, whatever the numbers are."""

from __future__ import annotations

import pytest

from bptui.session.actions import AddWatch, Forward, Jump, SetKnob, ToggleBreakpoint
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.tui.grid import Size
from bptui.tui.selection import targets
from bptui.tui.stage import Stage
from bptui.tui.view import PANES, View

SIZES = [Size(40, 10), Size(80, 24), Size(120, 40), Size(200, 60)]
THINNED = [3, pytest.param(1, marks=pytest.mark.slow)]  # of sizes and panes, a third by turns; where there is time, all


def check(stage: Stage) -> None:
    """Paint; panes that do not scroll fill their boxes."""
    shown = stage.paint()
    assert set(shown) <= set(stage.boxes)
    for name in ("title", "story", "timeline"):
        assert (shown[name].width, shown[name].height) <= (stage.boxes[name].width, max(3, stage.boxes[name].height))
    assert shown["main"].width == max(1, stage.boxes["main"].width)


@pytest.mark.some(5)
@pytest.mark.parametrize("share", THINNED)
@pytest.mark.parametrize("name", PRESETS)
def test_every_event_can_be_shown(name: str, share: int) -> None:
    session, view = Session(PRESETS[name]), View()
    stages = [Stage(session, view, size) for size in SIZES]
    for event in range(len(session.graph.events)):
        session.apply(Jump(1, event))
        for stage in stages[event % share :: share]:
            check(stage)


@pytest.mark.some(5)
@pytest.mark.parametrize("share", [7, pytest.param(1, marks=pytest.mark.slow)])  # of the targets
@pytest.mark.parametrize("name", PRESETS)
def test_every_target_in_every_pane(name: str, share: int) -> None:
    session, view = Session(PRESETS[name]), View()
    stage = Stage(session, view, SIZES[2])
    events = len(session.graph.events)
    for k, event in enumerate((0, events // 2, events - 1)):
        session.apply(Jump(0, event))
        for target in targets(session.graph)[k % share :: share]:
            for pane in (*PANES, "into"):
                view.selected, view.entry = target, None
                view.pane, view.into = ("inspector", True) if pane == "into" else (pane, False)
                check(stage)


@pytest.mark.some(5)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("share", THINNED)
@pytest.mark.parametrize("name", PRESETS)
def test_numbers_that_overflow_are_shown(name: str, share: int) -> None:
    session, view = Session(PRESETS[name]), View()
    session.apply(SetKnob("lr", "1e200"))
    stage = Stage(session, view, SIZES[1])
    for step in (1, 3):
        session.apply(Jump(step, 0))
        for k in range(len(session.graph.events) - 1):
            session.apply(Forward())
            for pane in (*PANES, "into")[(k + step) % share :: share]:
                view.pane, view.into = ("inspector", True) if pane == "into" else (pane, False)
                check(stage)


@pytest.mark.some(5)
@pytest.mark.parametrize(
    ("knob", "text"),
    [
        ("l1", "0.01"),
        ("l2", "0.1"),
        ("dropout", "0.5"),
        ("optimiser", "Adam"),
        ("dtype", "float32"),
        ("zero", "off"),
        ("batch", "2"),
        ("schedule", "cosine"),
    ],
)
@pytest.mark.parametrize("share", THINNED)
def test_every_knob_rewires_what_is_shown(knob: str, text: str, share: int) -> None:
    for name in ("two-layer", "skip", "mynet"):
        session, view = Session(PRESETS[name]), View(pane="watches")
        stages = [Stage(session, view, size) for size in SIZES[1:]]
        session.apply(Jump(1, 3))
        if (knob, name) == ("dropout", "skip"):
            continue  # it has no hidden layer
        session.apply(SetKnob(knob, text))
        for k in range(len(session.graph.events)):
            session.apply(Forward())
            for stage in stages[k % share :: share]:
                check(stage)


@pytest.mark.parametrize("name", PRESETS)
def test_the_third_column_always_shows_the_main_knobs(name: str) -> None:
    session = Session(PRESETS[name])
    for knob in ("l1", "l2"):
        session.apply(SetKnob(knob, "0.01"))
    shown = Stage(session, View(), SIZES[-1]).paint()
    text = (shown.get("knobs") or shown["strip"]).text()
    assert all(word in text for word in ("L1", "L2", "dropout", "lr", "batch", "optimiser", "cost"))


def test_branches_of_other_sizes_are_compared_all_the_same() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(SetKnob("hidden", "4"))
    text = Stage(session, View(pane="watches"), SIZES[2]).paint()["main"].text()
    assert "cost of this step: branch 1" in text and "most apart: b₁" in text


def test_a_watched_entry_may_go_away() -> None:
    session = Session(PRESETS["two-layer"])
    session.apply(AddWatch("m0.weight", "value", (2, 0)))
    session.apply(SetKnob("hidden", "2"))
    assert "not in this net" in Stage(session, View(pane="watches"), SIZES[2]).paint()["main"].text()


def test_the_last_branch_stays_chosen_when_a_row_above_it_goes() -> None:
    session, view = Session(PRESETS["two-layer"]), View(pane="watches", row=2)
    session.apply(ToggleBreakpoint("m0"))
    session.apply(SetKnob("lr", "0.5"))
    stage = Stage(session, view, SIZES[2])
    check(stage)
    session.apply(ToggleBreakpoint("m0"))
    check(stage)
    assert view.row == 1
