"""What a lesson hides is hidden on the stage: at every event, in every pane, in every lesson."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bptui.course.lesson import Lesson, Predict
from bptui.course.library import lesson, lessons
from bptui.course.player import Player
from bptui.course.progress import Progress
from bptui.session.actions import Jump
from bptui.tui.grid import Size
from bptui.tui.lesson.reveal import revealed
from bptui.tui.selection import targets
from bptui.tui.stage import HIDDEN, Stage
from bptui.tui.view import PANES, View

COURSE = lessons()


def players(lesson: Lesson) -> Iterator[Player]:
    """The lesson at each step that asks for something on the workbench."""
    player = Player(lesson, Progress())
    for index, step in enumerate(lesson.steps):
        if step.stage is not None and step.stage.lab == "step" and isinstance(step.ask, Predict):
            player.go(index)
            yield player


@pytest.mark.slow
@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.id)
def test_what_is_asked_for_is_nowhere_on_the_stage(lesson: Lesson) -> None:
    for player in players(lesson):
        session, veil = player.session, player.veil
        stage = Stage(session, View(), Size(68, 38, part=True), veil)
        last = len(session.graph.events) - 1
        for event in dict.fromkeys((session.address.event, last)):
            session.apply(Jump(session.address.step, event))
            moment = stage.moment()
            for kind, name in veil:
                if kind == "value" and name in session.graph.variables:
                    assert moment.value(name) is None
                if kind == "grad":
                    assert not moment.gradient_made(name)
            seen = targets(session.graph) if veil else []
            for pane in PANES:
                for target in seen[:: max(1, len(seen) // 6)]:
                    stage.view.pane, stage.view.selected = pane, target
                    for inside in (False, True)[: 1 + (pane == "inspector")]:
                        stage.view.into, stage.view.entry = inside, None
                        stage.paint()


def test_a_nudge_does_not_tell_the_gradient_that_is_asked_for() -> None:
    player = Player(lesson("through-a-sum"), Progress())
    player.go(next(k for k, step in enumerate(player.lesson.steps) if step.id == "other"))
    stage = Stage(player.session, View("var:z", (1,), pane="twiddle"), Size(80, 24), player.veil)
    assert HIDDEN in stage.paint()["main"].text()
    stage.view.selected = "var:s"
    assert "moved by" in stage.paint()["main"].text()


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.id)
def test_what_was_asked_for_is_shown_once_it_is_told(lesson: Lesson) -> None:
    for player in players(lesson):
        player.tell()
        assert not player.veil
        quantity = getattr(getattr(player.step.ask, "question", None), "quantity", None)
        seen = quantity and revealed(quantity, player.session)
        if seen:
            player.session.apply(Jump(player.session.address.step, max(player.session.address.event, seen.event)))
            shown = Stage(player.session, seen.view, Size(68, 38, part=True), player.veil).paint()
            assert "Hidden until" not in shown["main"].text()
