"""Each usual mistake, made by hand on the session's numbers, gets its diagnosis; right answers get none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from lesson_files import SUMS, asked, session

from bptui.course.diagnosis import diagnosed, mistakes
from bptui.course.grade import graded
from bptui.course.quantity import Quantity, looked_up
from bptui.course.sentences import HERE, ON_THE_WAY
from bptui.session.session import Session
from bptui.sources.presets import PRESETS

Numbers = Callable[[str], Any]

CHAIN = 'net = "chain"'
BATCH = 'net = "chain"\nknobs = { batch = 3 }'
SKIP, SWITCH, AVERAGE = 'net = "skip"', 'net = "switch"', 'net = "average"'
DECAY = 'net = "two-layer"\nknobs = { l2 = 0.1 }'
THREE = 'net = "weighted-sum"'
GATE = """net.name = "gate"
net.given = [{ name = "a", shape = [2] }, { name = "b", shape = [2] }, { name = "y", shape = [2], target = true }]
net.layer = [
  { name = "by", module = "Multiply", inputs = ["a", "b"], outputs = ["p"] },
  { name = "cost", module = "SquaredError", inputs = ["p", "y"], outputs = ["C"] },
]
samples = { a = [[0.5, 2.0]], b = [[3.0, -1.5]], y = [[1.0, 1.0]] }
"""
DROP = """net.name = "dropping"
net.given = [{ name = "z", shape = [4] }, { name = "y", shape = [4], target = true }]
net.layer = [
  { name = "drop", module = "Dropout", p = 0.2, inputs = ["z"], outputs = ["u"] },
  { name = "cost", module = "SquaredError", inputs = ["u", "y"], outputs = ["C"] },
]
samples = { z = [[1.6, 2.0, -0.8, 0.5]], y = [[1.0, -1.0, 0.3, 0.7]] }
step = 8
"""
ADD = GATE.replace("Multiply", "Add").replace("gate", "sum")
PRICED = """net.name = "priced"
net.given = [{ name = "x", shape = [2] }, { name = "y", shape = [1], target = true }]
net.layer = [
  { name = "m", module = "Linear", features = 1, bias = false, inputs = ["x"], outputs = ["ybar"] },
  { name = "cost", module = "SquaredError", inputs = ["ybar", "y"], outputs = ["C"] },
]
samples = { x = [[0.0, 0.0]], y = [[0.0]] }
parameters."m.weight" = [[2.0, -0.5]]
knobs = { l1 = 0.1 }
"""
NEAR = PRICED.replace("-0.5", "0.05").replace("l1 = 0.1", "l1 = 1, lr = 0.1")
ADAM = PRICED.replace("l1 = 0.1", 'l2 = 0.1, optimiser = "Adam", lr = 0.1')
BIAS = SUMS.replace("bias = false, ", "") + 'parameters."m.bias" = [0.3, -0.7]'


# what is wrong, the stage, what is asked, the wrong answer from right numbers, and words of what is said
TABLE: list[tuple[str, str, str, Callable[[Numbers], Any], str]] = [
    ("forgot the slope", CHAIN, "grad s", lambda v: v("grad z"), "the slope of h is missing"),
    ("forgot the slope", CHAIN, "grad m0.weight", lambda v: np.outer(v("grad z"), v("value x")), "left out on the way"),
    ("forgot the slope", CHAIN, "grad x", lambda v: v("value m0.weight")[0] * v("grad z"), "left out on the way"),
    (
        "forgot the slope",
        CHAIN,
        "update m0.weight",
        lambda v: v("value m0.weight") - 0.1 * v("grad z") * v("value x"),
        "left out on the way",
    ),
    ("the output for the slope", CHAIN, "grad s", lambda v: v("grad z") * v("value z"), "how high h is"),
    (
        "the output for the slope",
        CHAIN,
        "grad m0.bias",
        lambda v: v("grad z") * v("value z"),
        "How high a curve is, is not how steep",
    ),
    ("W for its transpose", SUMS, "grad z", lambda v: v("value m.weight") @ v("grad s"), "W·dC/ds, not Wᵀ·dC/ds"),
    (
        "W for its transpose",
        SKIP,
        "grad x",
        lambda v: v("value m0.weight") @ v("grad s1") + v("grad s2"),
        "in the place of W₀ᵀ at m0",
    ),
    ("one sum only", SUMS, "grad z", lambda v: v("value m.weight")[1] * v("grad s")[1], "through s[1] alone"),
    ("one sum only", THREE, "grad x", lambda v: 0.6 * v("grad s")[:1] * v("slope h"), "only s[0] sends"),
    ("forgot the weights", THREE, "grad z", lambda v: v("grad s").sum(keepdims=True), "the plain sum of dC/ds"),
    (
        "forgot the input",
        SUMS,
        "grad m.weight",
        lambda v: np.outer(v("grad s"), np.ones(2)),
        "multiplied by the input that it weighs",
    ),
    (
        "forgot the input",
        SUMS,
        "update m.weight",
        lambda v: v("value m.weight") - 0.1 * np.outer(v("grad s"), np.ones(2)),
        "multiplied by the input that it weighs",
    ),
    ("forgot the mask", DROP, "grad z", lambda v: v("grad u"), "the whole gradient through"),
    ("forgot 1/(1 − p)", DROP, "grad z", lambda v: v("grad u") * (v("value u") != 0), "the mask alone"),
    ("one branch only", SKIP, "grad x", lambda v: v("grad x'"), "copy 0 alone"),
    ("one branch only", SKIP, "grad x", lambda v: v("grad x''"), "copy 1 alone"),
    ("one branch only", AVERAGE, "grad m0.weight", lambda v: v("grad m0.weight'"), "copy 0"),
    ("the other side of the max", SWITCH, "grad s0", lambda v: v("grad s1"), "the other input of max"),
    ("the other side of the max", SWITCH, "grad s1", lambda v: v("grad s0"), "the other input of max"),
    ("both sides of the max", SWITCH, "grad s1", lambda v: v("grad z"), "to the winner alone"),
    ("its own factor", GATE, "grad a", lambda v: v("grad p") * v("value a"), "the other factor"),
    ("shared among the addends", ADD, "grad a", lambda v: v("grad p") / 2, "does not divide the gradient"),
    ("forgot the mean", BATCH, "grad s", lambda v: 3 * v("grad s"), "costs of the batch are summed"),
    ("forgot the mean", BATCH, "grad m1.weight", lambda v: 3 * v("grad m1.weight"), "costs of the batch are summed"),
    ("forgot the mean", BATCH, "loss", lambda v: 3 * v("loss"), "costs of the batch are summed"),
    (
        "forgot the mean",
        BATCH,
        "update m1.bias",
        lambda v: v("value m1.bias") - 0.1 * 3 * v("grad m1.bias"),
        "costs of the batch are summed",
    ),
    ("the sum's gradient", AVERAGE, "grad m0.weight", lambda v: 4 * v("grad m0.weight"), "gradient of the sum"),
    ("the sum's gradient", AVERAGE, "grad g1", lambda v: 4 * v("grad g1"), "gradient of the sum"),
    ("forgot the 2", SUMS, "grad s", lambda v: v("value s") - v("value y"), "without the 2 of the square"),
    ("forgot the 2", SUMS, "grad z", lambda v: v("grad z") / 2, "without the 2 of the square"),
    (
        "α for 2α",
        DECAY,
        "grad m1.weight",
        lambda v: v("grad m1.weight") - 0.1 * v("value m1.weight"),
        "with α times the weight",
    ),
    (
        "α for 2α",
        DECAY,
        "update m1.weight",
        lambda v: v("value m1.weight") - 0.1 * (v("grad m1.weight") - 0.1 * v("value m1.weight")),
        "with α times the weight",
    ),
    ("wrong sign", SUMS, "grad z", lambda v: -v("grad z"), "the wrong sign"),
    ("wrong sign", SUMS, "value s", lambda v: -v("value s"), "the wrong sign"),
    ("wrong sign", CHAIN, "jacobian m1", lambda v: -v("jacobian m1"), "the wrong sign"),
    ("wrong sign", SUMS, "move s when z[0] + 0.1", lambda v: -v("move s when z[0] + 0.1"), "the wrong sign"),
    ("value for the gradient", SUMS, "grad z", lambda v: v("value z"), "from the forward pass"),
    ("value for the gradient", SUMS, "grad m.weight", lambda v: v("value m.weight"), "from the forward pass"),
    ("gradient for the value", SUMS, "value s", lambda v: v("grad s"), "from the backward pass"),
    ("forgot the bias", BIAS, "value s", lambda v: v("value m.weight") @ v("value z"), "m adds a bias"),
    ("columns for rows", SUMS, "value s", lambda v: v("value m.weight").T @ v("value z"), "down a column of W"),
    ("before the function", CHAIN, "value z", lambda v: v("value s"), "what comes out of it"),
    ("before the function", DROP, "value u", lambda v: v("value z"), "which goes into drop"),
    ("before the function", AVERAGE, "value L", lambda v: v("value S"), "S, which goes into mean"),
    ("the smaller one", SWITCH, "value z", lambda v: np.minimum(v("value s0"), v("value s1")), "the smaller input"),
    (
        "forgot the rate",
        SUMS,
        "update m.weight",
        lambda v: v("value m.weight") - v("grad m.weight"),
        "learning rate η scales",
    ),
    ("uphill", SUMS, "update m.weight", lambda v: v("value m.weight") + 0.1 * v("grad m.weight"), "up the slope"),
    ("the step alone", SUMS, "update m.weight", lambda v: -0.1 * v("grad m.weight"), "is the step"),
    ("not moved", SUMS, "update m.weight", lambda v: v("value m.weight"), "before the update"),
    ("the nudge itself", SUMS, "move s when z[0] + 0.1", lambda v: np.full(2, 0.1), "the nudge that went in"),
    (
        "the new value",
        SUMS,
        "move s when z[0] + 0.1",
        lambda v: v("value s") + v("move s when z[0] + 0.1"),
        "where it arrives",
    ),
    ("the slope for the move", SUMS, "move s when z[0] + 0.1", lambda v: v("value m.weight")[:, 0], "each unit"),
    ("columns for rows", SUMS, "move s[1] when z[0] + 0.1", lambda v: 0.1 * v("value m.weight")[0, 1], "down a column"),
    ("another nudge", SUMS, "move s[1] when z[0] + 0.1", lambda v: v("move s[1] when z[1] + 0.1"), "z[1] is nudged"),
    ("another entry", SUMS, "move s[1] when z[0] + 0.1", lambda v: v("move s[0] when z[0] + 0.1"), "Asked is Δs[1]"),
    ("the weight for its sign", PRICED, "grad m.weight", lambda v: 0.1 * v("value m.weight"), "as if the penalty"),
    ("stopped at 0", NEAR, "update m.weight[0,1]", lambda v: np.zeros(()), "if the step ended at 0"),
    ("plain descent", ADAM, "update m.weight", lambda v: v("value m.weight") - 0.1 * v("grad m.weight"), "is Adam"),
    ("the height for the slope", CHAIN, "slope h", lambda v: v("value z"), "how high h is there"),
    ("before the function", CHAIN, "slope h", lambda v: v("value s"), "which goes into h"),
    ("rows and columns exchanged", SUMS, "grad m.weight[1,0]", lambda v: v("grad m.weight")[0, 1], "exchanged"),
    ("rows and columns exchanged", SUMS, "jacobian m[0,1]", lambda v: v("jacobian m")[1, 0], "exchanged"),
    ("another entry", SUMS, "grad z[0]", lambda v: v("grad z")[1], "count entries from 0"),
    ("another entry", CHAIN.replace("chain", "two-layer"), "value s1[2]", lambda v: v("value s1")[0], "count entries"),
]


WHOLE: list[tuple[str, str, str, Callable[[Numbers], Any], str]] = [  # mistakes that one entry alone does not show
    (
        "columns for rows, whole",
        SUMS,
        "move s when z[0] + 0.1",
        lambda v: 0.1 * v("value m.weight")[0],
        "look down column 0",
    ),
    ("another order", SUMS, "grad z", lambda v: v("grad z")[::-1], "in another order"),
    ("forgot the sign", PRICED, "grad m.weight", lambda v: np.abs(v("grad m.weight")), "the signs of the weights"),
]


@pytest.mark.parametrize(("name", "stage", "words", "wrong", "said"), WHOLE, ids=[f"{r[0]}: {r[2]}" for r in WHOLE])
def test_a_mistake_in_a_whole_gets_its_diagnosis(
    name: str, stage: str, words: str, wrong: Callable[[Numbers], Any], said: str
) -> None:
    here = session(stage)
    verdict = graded(asked(words), here, typed(wrong(numbers(here))))
    assert not verdict.right
    assert any(said in remark for remark in verdict.remarks), verdict


def test_the_loss_is_not_said_to_be_shared_out() -> None:
    here = session(NEAR)
    verdict = graded(asked("update m.weight[0,1]"), here, "0")
    assert not any("divides the gradient" in remark for remark in verdict.remarks), verdict


def numbers(of: Session) -> Numbers:
    return lambda words: np.asarray(looked_up(Quantity.read(words), of))


def typed(values: Any) -> str:
    return " ".join(repr(float(v)) for v in np.asarray(values).ravel())


@pytest.mark.parametrize(("name", "stage", "words", "wrong", "said"), TABLE, ids=[f"{r[0]}: {r[2]}" for r in TABLE])
def test_each_mistake_gets_its_diagnosis(
    name: str, stage: str, words: str, wrong: Callable[[Numbers], Any], said: str
) -> None:
    here = session(stage)
    values = np.asarray(wrong(numbers(here)))
    questions = [(words, values)]
    whole = Quantity.read(words)
    if whole.index is None and values.ndim:  # the same mistake in one entry of it
        true = np.asarray(looked_up(whole, here))
        for index in np.ndindex(values.shape):
            if abs(values[index] - true[index]) > 0.002:
                questions.append((str(replace(whole, index=index)), values[index]))
    for question, answer in questions:
        verdict = graded(asked(question), here, typed(answer))
        assert not verdict.right, question
        assert any(said in remark for remark in verdict.remarks), (question, answer, verdict)
        right = looked_up(Quantity.read(question), here)
        assert graded(asked(question), here, typed(right)).remarks == ()


def test_every_sentence_is_reached() -> None:
    by_shape = {"a batch axis", "shape turned", "W for its transpose, whole"}
    assert {row[0] for row in (*TABLE, *WHOLE)} == set(HERE) - by_shape
    assert set(ON_THE_WAY) <= set(HERE)


def test_the_gradient_of_the_loss_itself_explains_nothing() -> None:
    assert graded(asked("value C"), session(), "1").remarks == ()


def test_two_mistakes_that_give_one_number_are_both_named() -> None:
    verdict = graded(asked("grad z[0]"), session(), "0.4")
    assert verdict.remarks[0] == "Two mistakes give 0.4 here."
    assert any("the plain sum" in remark for remark in verdict.remarks)
    assert any("s[0] alone" in remark for remark in verdict.remarks)


def test_what_is_said_never_tells_the_answer() -> None:
    here = session()
    for words in ("grad z[0]", "grad s[1]", "value s[0]", "update m.weight[0,0]", "grad m.weight[0,1]"):
        quantity = Quantity.read(words)
        true = looked_up(quantity, here)
        for mistake in mistakes(quantity, here):
            for remark in diagnosed(quantity, here, mistake.values, "THIS").remarks:
                assert f"{float(true):g}".replace("-", "−") not in remark.split()  # type: ignore[arg-type]
                assert "{" not in remark


def test_an_unknown_wrong_answer_is_given_no_reason() -> None:
    assert graded(asked("grad z[0]"), session(), "17.3").remarks == ()


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("mynet", "spiral")])
def test_no_mistake_of_any_net_is_right(name: str) -> None:
    here = session(f'net = "{name}"')
    for variable in here.graph.differentiable:
        for kind in ("grad", "value"):
            quantity = Quantity(kind, variable)
            true = np.asarray(looked_up(quantity, here))
            assert diagnosed(quantity, here, true, "x") == ((), "")
            assert all(not np.array_equal(m.values, true) for m in mistakes(quantity, here))
