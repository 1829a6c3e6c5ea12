"""Losses and accuracies that lessons tell: of the stage as it stands, and of runs that are on record."""

from __future__ import annotations

import re

import pytest
from lesson_files import session

from bptui.course.lesson import Choice, Predict
from bptui.course.library import lesson, lessons, shelf
from bptui.course.prose import filled
from bptui.course.quantity import Quantity, QuantityError, label, looked_up
from bptui.course.runs import RAN, trained
from bptui.session.actions import NextStep
from bptui.session.train.training import Training

BLOBS = 'net = "blobs"\nlab = "train"\nknobs = { optimiser = "SGD", lr = 0.3 }'


def test_scores_are_those_of_the_train_lab_at_the_cursor() -> None:
    here = session(BLOBS)
    here.apply(NextStep(24))
    probe = Training(here).look().probe
    assert probe.validation is not None
    assert probe.train.accuracy is not None
    assert looked_up(Quantity.read("training loss"), here) == pytest.approx(probe.train.loss)
    assert looked_up(Quantity.read("validation loss"), here) == pytest.approx(probe.validation.loss)
    text = filled("{{ training accuracy }} and {{ validation accuracy }}", here)
    wanted = (f"{100 * (score.accuracy or 0):.1f}\N{NO-BREAK SPACE}%" for score in (probe.train, probe.validation))
    assert text == " and ".join(wanted)
    assert looked_up(Quantity.read("validation accuracy"), here) == pytest.approx(
        100 * (probe.validation.accuracy or 0)
    )
    assert label(Quantity.read("validation accuracy"), here.graph) == "validation accuracy in %"


def test_a_penalty_is_no_part_of_the_training_loss() -> None:
    plain, priced = session(BLOBS), session(BLOBS.replace("lr = 0.3", "lr = 0.3, l2 = 0.1"))
    losses = [float(looked_up(Quantity.read("training loss"), here)) for here in (plain, priced)]
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("training", "wants loss or accuracy behind training"),
        ("training speed", "wants loss or accuracy behind training"),
        ("validation loss of relu-sgd after 1000", "wants loss or accuracy behind validation"),
        ("training loss of relu-sdg after 1000", "no run 'relu-sdg after 1000' is on record in bptui/course/runs.py"),
        ("training accuracy", "there are no classes"),
        ("validation loss", "no samples are held out"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(words: str, wanted: str) -> None:
    with pytest.raises(QuantityError, match=re.escape(wanted)):
        looked_up(Quantity.read(words), session())


def test_a_quantity_is_written_as_it_is_read() -> None:
    for words in ("training accuracy", "validation loss", "training loss of relu-sgd with lr=1 after 200"):
        assert str(Quantity.read(words)) == words


def test_every_run_on_record_is_told_somewhere() -> None:
    texts = "".join(file.read_text(encoding="utf-8") for file in shelf())
    assert [name for name in RAN if f" of {name} }}}}" not in texts] == []


def test_no_accuracy_is_typed_in_what_is_told_of_a_run() -> None:
    """Choices are about numbers, and a course that is not ours has its own."""
    for course in lessons():
        for step in course.steps:
            explain = step.ask.explain if step.ask else ""
            assert not re.search(r"\d %", explain), (course.id, step.id)


def test_the_right_choice_is_nearest_to_the_run_on_record() -> None:
    ask = lesson("spirals").step("fourth").ask
    assert isinstance(ask, Predict)
    assert isinstance(ask.question, Choice)
    told = 100 * (RAN["relu-sgd after 1000"].accuracy or 0)
    numbers = {option: re.search(r"(\d+) %", option.text) for option in ask.question.options}
    nearest = min((abs(int(m[1]) - told), option.right) for option, m in numbers.items() if m)
    assert nearest[1]


@pytest.mark.slow
@pytest.mark.parametrize("words", RAN)
def test_a_run_on_record_is_what_training_gives(words: str) -> None:
    found, kept = trained(words), RAN[words]
    assert found.loss == pytest.approx(kept.loss, abs=2e-3)
    assert found.accuracy == pytest.approx(kept.accuracy, abs=2e-3)
