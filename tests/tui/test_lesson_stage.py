"""What a lesson hides is hidden on the stage: at every event, in every pane, in every lesson."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bptui.course.format import read
from bptui.course.lesson import Lesson, Predict
from bptui.course.library import lesson, lessons
from bptui.course.player import Player
from bptui.course.progress import Progress
from bptui.course.quantity import Quantity, looked_up
from bptui.session.actions import AddWatch, Jump, Origin, SetKnob, SwitchBranch
from bptui.tui.grid import Size
from bptui.tui.hiding import Hidden
from bptui.tui.lesson.reveal import revealed
from bptui.tui.selection import targets
from bptui.tui.stage import HIDDEN, Stage
from bptui.tui.view import View

COURSE = lessons()


def players(lesson: Lesson) -> Iterator[Player]:
    """The lesson at each step that asks for something on the workbench."""
    player = Player(lesson, Progress())
    for index, step in enumerate(lesson.steps):
        if step.stage is not None and step.stage.lab == "step" and isinstance(step.ask, Predict):
            player.go(index)
            yield player


ODD = """+++
id = "odd"
title = "Odd"
goals = ["one"]
minutes = 5
+++

## Odd {#odd}

Words.

```stage
net.name = "odd"
net.given = [{ name = "x", shape = [2] }, { name = "y", shape = [2], target = true }]
net.layer = [
  { name = "m0", module = "Linear", features = 3, bias = false, inputs = ["x"], outputs = ["s1"] },
  { name = "h", module = "Tanh", inputs = ["s1"], outputs = ["z1"] },
  { name = "m1", module = "Linear", features = 2, bias = false, inputs = ["z1"], outputs = ["s2"] },
  { name = "cost", module = "SquaredError", inputs = ["s2", "y"], outputs = ["C"] },
]
samples.x = [[0.7313, -1.1917], [0.3371, 0.5519]]
samples.y = [[-0.6231, 0.8573], [0.1373, -0.4217]]
parameters."m0.weight" = [[0.3171, -0.2337], [0.5719, 0.2593], [-0.6143, 0.4729]]
parameters."m1.weight" = [[0.8219, -0.3167, 0.6491], [-0.7537, 0.4951, 0.2873]]
knobs.lr = 0.0731
```

```predict
ask = "What?"
answer = "ANSWER"
```
"""


def asked(answer: str) -> Player:
    """A question on a net whose numbers are all different, where the learner has made a branch and watches."""
    player = Player(read(ODD.replace("ANSWER", answer).encode(), "odd.md"), Progress())
    quantity, session = Quantity.read(answer), player.session
    session.apply(SetKnob("lr", "0.08"))
    session.apply(SwitchBranch(0))
    if quantity.name in session.graph.variables:
        session.apply(AddWatch(quantity.name, "gradient" if quantity.kind == "grad" else "value", None))
    return player


def painted(player: Player, veil: Hidden) -> Iterator[str]:
    """All that the workbench shows at all kinds of events, in this training step and the next."""
    session = player.session
    view = View()
    stage = Stage(session, view, Size(68, 38, part=True), veil)
    forward, last = max(e.index for e in session.graph.events if e.phase == "cost"), len(session.graph.events) - 1
    ways = [(None, pane, False) for pane in ("program", "knobs", "watches")]
    seen = ("inspector", False), ("inspector", True), ("jacobian", False), ("why", False), ("twiddle", False)
    ways += [(target, *way) for target in (None, *targets(session.graph)) for way in seen]
    for at, event in ((0, forward), (0, last), (1, 0)):
        session.apply(Jump(at, event))
        stage.hidden = player.veil if veil else veil
        for view.selected, view.pane, view.into in ways:
            entry = (0, 0) if (view.selected or "").startswith("param") else (0,)
            view.entry = entry if view.into or view.pane in ("why", "twiddle") else None
            yield from (canvas.text() for canvas in stage.paint().values())
    if veil:
        for name, kind in ((name, kind) for kind, name in veil if kind in ("value", "grad")):
            session.apply(Jump(0, last))
            session.apply(Origin(name, None, "gradient" if kind == "grad" else "value", "changed"))
            yield stage.paint()["story"].text()


@pytest.mark.some(5)
@pytest.mark.parametrize(
    "answer",
    [
        "value z1[0]",
        "value s2[0]",
        "loss",
        "grad z1[0]",
        "grad s2[0]",
        "grad m1.weight[0,0]",
        "update m1.weight[0,0]",
        "slope h[0]",
        "jacobian h[0,0]",
        "move C when z1[0] + 0.1",
    ],
)
def test_the_number_that_is_asked_for_is_nowhere(answer: str) -> None:
    player = asked(answer)
    value = abs(float(looked_up(Quantity.read(answer), Player(player.lesson, Progress()).session)))
    number = re.compile(rf"{f'{value:.9f}'[:5]}|{value:.3f}".replace(".", "[.]"))
    assert any(number.search(text) for text in painted(player, frozenset()))
    assert not list(filter(number.search, painted(player, player.veil)))


def test_a_shape_that_is_asked_for_is_nowhere() -> None:
    player = asked("shape m1.weight")
    shapes = ("2×3", "3×2", "2-3-2", "[3]")
    assert any(shape in text for shape in shapes for text in painted(player, frozenset()))
    assert not any(shape in text for shape in shapes for text in painted(player, player.veil))


def test_nothing_is_said_of_an_update_that_is_hidden() -> None:
    player = asked("update m1.weight[0,0]")
    last = len(player.session.graph.events) - 1
    player.session.apply(Jump(0, last))
    story = Stage(player.session, View(), Size(118, 38, part=True), player.veil).paint()["story"].text()
    assert "moved" in story
    assert "no entry moved more" not in story


@pytest.mark.slow
@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.id)
def test_the_course_hides_what_it_asks_for(lesson: Lesson) -> None:
    for player in players(lesson):
        session, veil = player.session, player.veil
        session.apply(Jump(session.address.step, len(session.graph.events) - 1))
        moment = session.moment().without(veil)
        for kind, name in veil:
            if kind == "value" and name in session.graph.variables:
                assert moment.value(name) is None
            if kind == "grad":
                assert not moment.gradient_made(name)


def test_a_nudge_does_not_tell_the_gradient_that_is_asked_for() -> None:
    player = Player(lesson("through-a-sum"), Progress())
    player.go(next(k for k, step in enumerate(player.lesson.steps) if step.id == "other"))
    stage = Stage(player.session, View("var:z", (1,), pane="twiddle"), Size(80, 24), player.veil)
    assert HIDDEN in stage.paint()["main"].text()
    stage.view.selected = "var:s"
    assert "moved by" in stage.paint()["main"].text()


@pytest.mark.some(5)
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
