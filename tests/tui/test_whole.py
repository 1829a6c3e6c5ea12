"""Nothing is cut: whatever a pane writes stands whole on its canvas, or the pane scrolls and its bar hides nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bptui.drawing import story
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.session.actions import AddCondition, AddWatch, Jump, SetEntry, SetKnob, ToggleBreakpoint
from bptui.session.conditions import Condition
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.tui.grid import LEAST, Size
from bptui.tui.stage import Stage
from bptui.tui.view import PANES, View

SIZES = [Size(80, 24), Size(100, 30), Size(120, 40), Size(200, 60)]
THINNED = [12, pytest.param(1, marks=pytest.mark.slow)]  # of all stages, a twelfth by turns; where there is time, all


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was written beyond the right edge of a canvas, or outside its rows."""
    found: list[str] = []
    put = Canvas.put

    def watched(self: Canvas, x: int, y: int, text: str, ink: Ink = Ink()) -> int:  # noqa: B008 (immutable)
        shown = text.rstrip()
        if shown and not (0 <= y < self.height and x >= 0 and x + cells(shown) <= self.width):
            found.append(f"{text!r} at {x}, {y} of {self.width}×{self.height}")
        return put(self, x, y, text, ink)

    monkeypatch.setattr(Canvas, "put", watched)
    yield found


def assert_nothing_cut(stage: Stage, cut: list[str]) -> None:
    view, moment = stage.view, stage.session.moment()
    for pane in (*(pane for pane in PANES if pane != "knobs"), "into"):
        view.pane, view.into = ("inspector", True) if pane == "into" else (pane, False)
        boxes = stage.boxes = stage.arranged()
        cut.clear()
        drawn = stage._main(moment, boxes["main"], stage._comparison())
        where = f"{pane} of {stage.target} at {stage.size}, {boxes['main']}"
        assert not cut, f"{where}: {cut}"
        assert drawn.width == boxes["main"].width, where
        if drawn.height > boxes["main"].height:
            assert {row[-1] for row in drawn.characters} <= {" ", "─"}, f"{where}: under the scroll bar"


def stages(session: Session) -> list[Stage]:
    return [Stage(session, View(upward=upward), size) for size in SIZES for upward in (None, True, False)]


@pytest.mark.some(5)
@pytest.mark.parametrize("share", THINNED)
@pytest.mark.parametrize("name", PRESETS)
def test_nothing_is_cut(name: str, share: int, cut: list[str]) -> None:
    session = Session(PRESETS[name])
    shown = stages(session)
    for event in session.graph.events:
        session.apply(Jump(0, event.index))
        for stage in shown[event.index % share :: share]:
            assert_nothing_cut(stage, cut)


@pytest.mark.some(4)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", [1e-12, 1e30, -1e300, float("nan"), float("inf")])
@pytest.mark.parametrize("share", THINNED)
@pytest.mark.parametrize("name", ["two-layer", "skip", "mynet"])
def test_extreme_numbers_are_not_cut(name: str, share: int, value: float, cut: list[str]) -> None:
    session = Session(PRESETS[name])
    parameter = session.graph.parameters[0]
    session.apply(SetEntry(parameter.name, (0,) * len(parameter.shape), value))
    shown = stages(session)
    for k, phase in enumerate(("forward", "cost", "backward", "update")):
        event = [event.index for event in session.graph.events if event.phase == phase][-1]
        session.apply(Jump(0, event))
        for stage in shown[3 * k % share :: share]:  # one of each size
            assert_nothing_cut(stage, cut)


def test_long_rows_of_watches_wrap(cut: list[str]) -> None:
    session = Session(PRESETS["mynet"])
    session.apply(AddWatch("m0.weight", "gradient", (12, 345)))
    session.apply(AddCondition(Condition("above", "m0.weight", "gradient", 0.001)))
    session.apply(ToggleBreakpoint("relu1"))
    session.apply(SetKnob("optimiser", "momentum"))
    session.apply(SetKnob("lr", "0.012345678"))
    for stage in stages(session):
        assert_nothing_cut(stage, cut)


@pytest.mark.parametrize("name", PRESETS)
def test_the_inspector_keeps_rows_beside_any_diagram(name: str) -> None:
    for stage in stages(Session(PRESETS[name])):
        assert stage.boxes["main"].height >= LEAST, (stage.size, stage.view.upward)


@pytest.mark.parametrize("name", PRESETS)
def test_every_story_is_a_sentence_at_80_columns(name: str) -> None:
    session = Session(PRESETS[name])
    for event in session.graph.events:
        session.apply(Jump(0, event.index))
        assert story.now(session.moment(), SIZES[0].stage - 6).endswith(".")
