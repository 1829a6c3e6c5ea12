"""New numbers, the same question."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from lesson_files import SUMS, asked, session, stage

from bptui.course.answer import alike
from bptui.course.diagnosis import mistakes
from bptui.course.grade import question_label
from bptui.course.lesson import Lesson, Measured, Predict
from bptui.course.library import lessons
from bptui.course.prose import quantities
from bptui.course.quantity import Quantity, looked_up
from bptui.course.reroll import RerollError, rerolled
from bptui.course.stage import opened

ASKS = [
    (SUMS, "grad z[0]"),
    (SUMS, "grad z"),
    (SUMS, "update m.weight[0,1]"),
    (SUMS, "move s[1] when z[0] + 0.1"),
    ('net = "chain"', "grad s[0]"),
    ('net = "two-layer"', "grad m0.weight[2,0]"),
    ('net = "switch"', "grad s0"),
    ('net = "skip"', "grad x[0]"),
]


@pytest.mark.some(2)
@pytest.mark.parametrize(("text", "words"), ASKS, ids=[a[1] for a in ASKS])
def test_new_numbers_keep_the_question_and_are_no_accident(text: str, words: str) -> None:
    first, predict, quantity = stage(text), asked(words, 2), Quantity.read(words)
    answers = []
    for seed in range(1, 6):
        new = rerolled(predict, first, seed)
        assert new == rerolled(predict, first, seed)
        assert (new.net, new.at, new.knobs) == (first.net, first.at, first.knobs)
        here, old = opened(new), opened(first)
        value = np.asarray(looked_up(quantity, here))
        assert not any(alike(m.values, value, 2) for m in mistakes(quantity, here))
        for name in ("relu1", "relu", "max"):
            if name in here.graph.node:  # the same units are on
                inputs = here.graph.node[name].inputs
                was, now = ([np.asarray(looked_up(Quantity("value", x), s)) for x in inputs] for s in (old, here))
                module = here.graph.node[name].module
                sides, others = module.switch(was), module.switch(now)
                assert sides is not None
                assert others is not None
                assert others.all()
                assert ((sides == others) | (sides == 0)).all()
        answers.append(tuple(value.ravel().round(6)))
    assert len(set(answers)) >= 3


def test_numbers_can_be_worked_by_head() -> None:
    for seed in range(1, 20):
        new = rerolled(asked("grad z[0]"), stage(), seed)
        numbers = [v for _, values in (*new.samples, *new.parameters) for v in np.ravel(np.array(values))]
        assert all(v != 0 and abs(v) <= 2 and round(v * 20, 6) == round(v * 20) for v in numbers)


@pytest.mark.some(5)
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.id)
def test_in_the_course_nothing_becomes_0_and_answers_are_as_exact_as_they_were(lesson: Lesson) -> None:
    for step in lesson.steps:
        ask, stage = step.ask, step.stage
        if not isinstance(ask, Predict) or not isinstance(ask.question, Measured) or ask.reroll is None or not stage:
            continue
        answer, digits = ask.question.quantity, ask.question.digits
        told = {answer, *ask.light, *(q for text in (ask.ask, ask.explain) for q in quantities(text))}
        first = opened(stage)
        for seed in (1, 3, 10):
            new = opened(rerolled(ask, stage, seed))
            for quantity in told:
                was, now = (np.asarray(looked_up(quantity, session), float) for session in (first, new))
                assert not (now == 0)[was != 0].any(), (step.id, seed, str(quantity))
            was, now = (np.asarray(looked_up(answer, session), float) for session in (first, new))
            if np.allclose(was, was.round(digits), atol=1e-9):
                assert np.allclose(now, now.round(digits), atol=1e-9), (step.id, seed, now)


def test_an_answer_that_is_rounded_says_so() -> None:
    exact, rounded = session(SUMS), session('net = "chain"')
    assert question_label(asked("grad z[0]", 2), exact) == "dC/dz[0] ="
    assert question_label(asked("grad s[0]", 2), rounded) == "dC/ds[0] ≈"
    assert question_label(asked("shape m.weight"), exact) == "shape of W ="


def test_only_what_is_named_gets_new_numbers() -> None:
    first = stage()
    new = rerolled(replace(asked("grad z[0]"), reroll=("m.weight",)), first, 1)
    assert dict(new.samples) == dict(first.samples)
    assert new.parameters != first.parameters


def test_seed_0_is_the_stage_itself_and_some_questions_have_no_other_numbers() -> None:
    first = stage()
    assert rerolled(asked("grad z[0]"), first, 0) is first
    with pytest.raises(RerollError, match="no other numbers"):
        rerolled(replace(asked("grad z[0]"), reroll=None), first, 1)
    with pytest.raises(RerollError, match="'q' has no numbers"):
        rerolled(replace(asked("grad z[0]"), reroll=("q",)), first, 1)
    with pytest.raises(RerollError, match="no numbers were typed in"):
        rerolled(Predict(1, "?", Measured(Quantity.read("loss"))), stage('net = "mynet"'), 1)
