"""Stages, quantities, actions by words, and what a `do` wants, on real sessions."""

from __future__ import annotations

import numpy as np
import pytest
from lesson_files import SUMS, fence, lesson, session, stage, step

from bptui.course.check import played
from bptui.course.goal import GoalError, reached, training_loss, weights_at_zero
from bptui.course.lesson import Do
from bptui.course.moves import MoveError, done, move
from bptui.course.place import Place, PlaceError
from bptui.course.prose import filled
from bptui.course.quantity import KINDS, Quantity, QuantityError, label, looked_up, shown_value
from bptui.course.stage import StageError, opened
from bptui.session.actions import ActionError
from bptui.session.descend.objective import Objective
from bptui.session.twiddle import twiddle

W = np.array([[0.5, -1.0], [1.5, 0.25]])
Z, Y = np.array([1.0, 0.6]), np.array([-0.5, 1.85])
DS = 2 * (W @ Z - Y)

QUANTITIES = [
    ("value z", Z, "z"),
    ("value s[1]", (W @ Z)[1], "s[1]"),
    ("value m.weight[1,0]", 1.5, "W[1,0]"),
    ("grad s", DS, "dC/ds"),
    ("grad z[0]", (W.T @ DS)[0], "dC/dz[0]"),
    ("grad m.weight", np.outer(DS, Z), "dC/dW"),
    ("update m.weight[0,1]", -1.0 - 0.1 * np.outer(DS, Z)[0, 1], "new W[0,1]"),
    ("loss", ((W @ Z - Y) ** 2).sum(), "C"),
    ("jacobian m", W, "∂s/∂z"),
    ("jacobian m[1,0]", 1.5, "∂s[1]/∂z[0]"),
    ("jacobian m by m.weight[1,2]", 1.0, "∂s[1]/∂W[2]"),
    ("move s[1] when z[0] + 0.1", 0.15, "Δs[1]"),
    ("move s when z[0] - 0.1", np.array([-0.05, -0.15]), "Δs"),
    ("knob lr", 0.1, "lr"),
    ("parameters", 4.0, "parameters"),
]


@pytest.mark.parametrize(("words", "value", "name"), QUANTITIES, ids=[q[0] for q in QUANTITIES])
def test_quantities_are_the_sessions_wherever_the_cursor_is(words: str, value: object, name: str) -> None:
    for at in ("start", "seed", "end of backward"):
        here = session(SUMS + f'at = "{at}"')
        quantity = Quantity.read(words)
        np.testing.assert_allclose(np.asarray(looked_up(quantity, here)), value, atol=1e-12)
        assert label(quantity, here.graph) == name
        assert Quantity.read(str(quantity)) == quantity


def test_shapes_slopes_and_moves_of_deeper_nets() -> None:
    here = session('net = "two-layer"\nsample = 2\nknobs.batch = 4')
    assert looked_up(Quantity.read("shape m1.weight"), here) == (2, 3)
    assert looked_up(Quantity.read("shape jacobian m1 by m1.weight"), here) == (2, 6)
    slopes = looked_up(Quantity.read("slope relu1"), here)
    np.testing.assert_array_equal(slopes, (looked_up(Quantity.read("value s1"), here) > np.zeros(3)).astype(float))
    moved = looked_up(Quantity.read("move L when x[1] + 0.25"), here)
    assert float(np.asarray(moved)) == twiddle(here.moment(), "x", (1,), 0.25).actual
    assert shown_value(looked_up(Quantity.read("shape m1.weight"), here)) == "2×3"


def test_a_parameter_has_the_value_of_the_cursor_and_its_update_the_next() -> None:
    quantity, new = Quantity.read("value m.weight"), Quantity.read("update m.weight")
    before, after = session(SUMS), session(SUMS + 'at = "end"')
    np.testing.assert_array_equal(looked_up(quantity, before), W)
    np.testing.assert_array_equal(looked_up(quantity, after), looked_up(new, before))
    assert not np.array_equal(looked_up(quantity, after), W)


BAD = [
    ("weight z", "'weight z' is no quantity"),
    ("valu z", "did you mean 'value'?"),
    ("grad", "wants a name"),
    ("grad z[", "wants a name"),
    ("grad z[a]", "wants a name"),
    ("grad z[-1]", "wants a name"),
    ("loss z", "loss stands alone"),
    ("move s z[0] + 1", "wants `move C when z[0] + 0.1`"),
    ("move s when z[0] + 0", "moves nothing"),
    ("value " + "z" * 500, "wants at most"),
]
MISSING = [
    ("grad q", "no variable 'q'"),
    ("grad zz", "did you mean 'z'?"),
    ("grad z[2]", "there is no entry [2]"),
    ("grad z[0,0]", "there is no entry [0, 0]"),
    ("grad y", "no gradient goes to y"),
    ("update z", "z is no parameter"),
    ("slope m", "no one slope"),
    ("slope h", "no module 'h'"),
    ("jacobian m by y", "m does not read 'y'"),
    ("jacobian mm", "did you mean 'm'?"),
    ("move z when z[0] + 1", "z does not depend on z"),
    ("move s when z[9] + 1", "no entry [9]"),
    ("knob lrr", "did you mean 'lr'?"),
    ("knob optimiser", "the knob optimiser is no number"),
]


@pytest.mark.parametrize(("words", "wanted"), BAD)
def test_words_that_are_no_quantity(words: str, wanted: str) -> None:
    with pytest.raises(QuantityError) as caught:
        Quantity.read(words)
    assert wanted in str(caught.value)


@pytest.mark.parametrize(("words", "wanted"), MISSING)
def test_quantities_that_a_session_does_not_have(words: str, wanted: str) -> None:
    with pytest.raises(QuantityError) as caught:
        looked_up(Quantity.read(words), session())
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


def test_prose_gets_the_sessions_numbers() -> None:
    assert filled("s[0] is {{ value s[0] }}, dC/ds {{grad s}}.", session()) == "s[0] is −0.1, dC/ds [0.8  −0.4]."


# -- stages


def test_a_stage_is_set_up_as_it_says() -> None:
    here = session('net = "two-layer"\nknobs = { lr = 0.5, batch = 2 }\nat = "backward relu1"\nstep = 3\nsample = 1')
    event = here.graph.events[here.address.event]
    assert (event.phase, event.node, here.address.step, here.sample) == ("backward", "relu1", 3, 1)
    assert (here.experiment.lr, here.experiment.batch) == (0.5, 2)
    assert len(here.branches) == 1  # the knobs are no edit that a learner could undo


@pytest.mark.parametrize(
    "text",
    ['net = "valley"\nlab = "descend"\nstep = 20', 'net = "spirals"\nlab = "train"\nknobs.hidden = "8"\nstep = 30'],
)
def test_labs_are_stages_too(text: str) -> None:
    here = session(text)
    assert training_loss(here) < training_loss(session(text.replace("step = ", "step = 0 # ")))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('net = "two-layr"', "did you mean 'two-layer'?"),
        ('net = "valey"\nlab = "descend"', "did you mean 'valley'?"),
        ('net = "chain"\nknobs.lrr = 1', "unknown knob 'lrr'"),
        ('net = "chain"\nat = "backward q"', "this net has no backward q"),
        ('net = "chain"\nsample = 3', "this minibatch has samples 0 to 0"),
        ('net = "chain"\nsamples.q = [[1]]', "'q' is no input or target"),
        ('net = "chain"\nsamples.x = [[1, 2]]', "x: got samples of shape [2], wants [1]"),
        ('net = "chain"\nparameters."m0.weight" = [[1, 2]]', "m0.weight: got shape [1, 2]"),
        ('net = "mynet"\nknobs = { points = 10000, batch = 10000 }', "wants at most 2000000"),
    ],
)
def test_stages_that_cannot_be_set_up(text: str, wanted: str) -> None:
    found = stage(text)
    with pytest.raises(StageError) as caught:
        opened(found)
    assert wanted in str(caught.value)


# -- doing


MOVES = ["forward", "forward 3", "back 2", "next step 10", "previous step", "go backward m", "go start", "run to m",
         "run to end of forward", "run to end of epoch", "set z[0] = -0.5", "set m.weight[1, 0] = 2", "knob lr = 0.5",
         "sample 0", "undo", "break m", "continue", "reverse continue"]  # fmt: skip


@pytest.mark.parametrize("words", MOVES)
def test_actions_by_words(words: str) -> None:
    here = session(SUMS + "step = 12\nat = 'forward m'")
    if words == "undo":
        done("knob lr = 0.2", here)
    if "continue" in words:
        done("break m", here)
    done(words, here)
    assert len(here.log) >= 2


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("jump", "'jump' is no action"),
        ("forward 0", "from 1 to 5000"),
        ("forward 9999", "from 1 to 5000"),
        ("forwrd", "did you mean 'forward'?"),
        ("set z = 1", "is no action"),
        ("set z[0] = import", "is no action"),
        ("set z[0] = 1e9", "is no action"),
        ("sample x", "is no action"),
        ("set z[0] 2", "wants words such as set z[0] = 0.5"),
        ("knob lr", "wants words such as knob lr = 0.05"),
        ("", "is no action"),
    ],
)
def test_words_that_are_no_action(words: str, wanted: str) -> None:
    with pytest.raises(MoveError) as caught:
        move(words)
    assert wanted in str(caught.value)


def test_an_action_that_cannot_be_done_says_so() -> None:
    with pytest.raises(PlaceError, match="did you mean"):
        done("go backward cos", session())
    with pytest.raises(ActionError, match="no module 'q'"):
        done("run to q", session())


def test_places_are_events() -> None:
    graph = session('net = "chain"').graph
    wanted = {"start": 0, "end of forward": 4, "cost": 4, "forward h": 2, "seed": 6, "backward h": 9, "end": 14}
    assert {text: Place.read(text).event(graph) for text in wanted} == wanted
    assert graph.events[Place.read("update m1.bias").event(graph)].parameter == "m1.bias"


TRAIN = 'net = "linear"\nlab = "train"\nknobs = { hidden = "4" }'
PROX = 'net = "linear"\nlab = "train"\nknobs = { hidden = "4", optimiser = "proximal", l1 = 0.05, lr = 0.1 }'
GOALS = [
    (SUMS, 'cursor = "backward m"', ["go backward m"]),
    (SUMS, "step = 3", ["next step 3"]),
    (SUMS, 'breakpoint = "m"', ["break m"]),
    (SUMS, 'hit = "m"', ["break m", "continue"]),
    (SUMS, "loss_below = 0.01", ["next step 30"]),
    (SUMS, "loss_above = 10", ["knob lr = 2", "next step 5"]),
    (SUMS, "knobs = { lr = 0.5, optimiser = 'Adam' }", ["knob lr = 0.5", "knob optimiser = adam"]),
    (SUMS, 'set = "z[1]"', ["set z[1] = 3"]),
    (SUMS, 'above = { "value s[0]" = 1.0 }', ["set z[0] = 4"]),
    (SUMS, 'below = { "grad z[0]" = -1 }', ["set y[1] = 4"]),
    ('net = "two-layer"\nknobs.batch = 3', "sample = 2", ["sample 2"]),
    (TRAIN, "loss_below = 0.3", ["next step 100"]),
    (PROX, "zeros = 3", ["next step 200"]),
]


@pytest.mark.parametrize(("text", "goal", "solution"), GOALS, ids=[g[1] for g in GOALS])
def test_goals_are_reached_by_their_solutions_alone(text: str, goal: str, solution: list[str]) -> None:
    found = lesson(step(fence("stage", text), fence("do", f'ask = "?"\n{goal}\nsolution = {solution}')))
    ask = found.steps[0].ask
    assert isinstance(ask, Do)
    assert found.steps[0].stage is not None
    here = opened(found.steps[0].stage)
    assert not reached(ask.goal, here)
    for words in solution:
        done(words, here)
    assert reached(ask.goal, here)
    assert [p for p in played(found) if "recap" not in p.message] == []


def test_every_condition_must_hold() -> None:
    found = lesson(
        step(fence("stage", SUMS), fence("do", 'ask = "?"\nstep = 2\nbreakpoint = "m"\nsolution = ["next step 2"]'))
    )
    assert "do: its own solution does not reach it" in [p.message for p in played(found)]
    with pytest.raises(GoalError, match="no module 'q'"):
        broken = lesson(step(fence("stage", SUMS), fence("do", 'ask = "?"\nhit = "q"\nsolution = ["undo"]')))
        assert isinstance(broken.steps[0].ask, Do)
        reached(broken.steps[0].ask.goal, session())


def test_the_loss_of_a_goal_is_that_of_all_samples() -> None:
    here = session(TRAIN)
    objective = Objective(here.experiment)
    assert training_loss(here) == objective.value(objective.start)
    assert weights_at_zero(here) == 0


def test_kinds_are_documented() -> None:
    import bptui.course.quantity as module

    assert all(f"\n{kind} " in str(module.__doc__) for kind in KINDS)
