"""What learners type: right answers in every usual form pass, others do not, and nothing is evaluated."""

from __future__ import annotations

import numpy as np
import pytest
from lesson_files import asked, session

from bptui.course.answer import AnswerError, alike, number, shape, vector
from bptui.course.grade import answer_text, graded, items, option_names
from bptui.course.lesson import Choice, Option, Ordering, Pick, Predict
from bptui.course.quantity import Quantity

NUMBERS = [
    ("0.75", 0.75),
    (".75", 0.75),
    ("0,75", 0.75),
    ("3/4", 0.75),
    (" 3 / 4 ", 0.75),
    ("7.5e-1", 0.75),
    ("75E-2", 0.75),
    ("-0.5", -0.5),
    ("−0.5", -0.5),
    ("–0.5", -0.5),
    ("+0.5", 0.5),
    ("-1/2", -0.5),
    ("−1/−2", 0.5),
    ("½", 0.5),
    ("1e-3", 0.001),
    ("1e−3", 0.001),
    ("2.0e−7", 2e-7),
    ("5.", 5.0),
    ("０．７５", 0.75),
    ("0", 0.0),
    ("-0", 0.0),
]
NO_NUMBERS = [
    "",
    "a",
    "1+1",
    "2**9",
    "__import__('os')",
    "1/0",
    "1e999",
    "nan",
    "inf",
    "1 2",
    "1.2.3",
    "1,2,3",
    "0x10",
    "1_0",
    "9" * 500,
    "٣٫٤",
    "1e",
    "e5",
    "--1",
    "3/4/5",
    "0.5/2",
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers_in_their_usual_forms(text: str, value: float) -> None:
    assert number(text).value == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(AnswerError):
        number(text)


VECTORS = [
    "0.5 -1.25",
    "0.5, -1.25",
    "[0.5, −1.25]",
    "(0.5; -1.25)",
    "0,5; -1,25",
    "0,5 -1,25",
    "1/2 -5/4",
    "[0.5,-1.25]",
    "1 / 2  -1.25",
    "0.5,-1.25",
    "[0.5\t−1.25]",
]


@pytest.mark.parametrize("text", VECTORS)
def test_vectors_in_their_usual_forms(text: str) -> None:
    assert [n.value for n in vector(text, 2)] == [0.5, -1.25]


@pytest.mark.parametrize("text", ["0.5", "1 2 3", "a b", "", "1;;2"])
def test_what_is_no_vector_of_two(text: str) -> None:
    with pytest.raises(AnswerError, match="wants 2 numbers"):
        vector(text, 2)


@pytest.mark.parametrize("text", ["2×3", "2x3", "2 X 3", "[2, 3]", "(2,3)", "2 3", "2*3"])
def test_shapes_in_their_usual_forms(text: str) -> None:
    assert shape(text) == (2, 3)


@pytest.mark.parametrize("text", ["a", "2.5×3", "-1×2", "2×3×" * 9, "٢×٣", "9" * 30])
def test_what_is_no_shape(text: str) -> None:
    with pytest.raises(AnswerError):
        shape(text)


ROUNDINGS = [
    (0.19661, 3, 0.197, True),
    (0.19661, 3, 0.1966, True),
    (0.19661, 3, 0.196, False),
    (0.19661, 2, 0.2, True),
    (0.5, 3, 0.50055, False),
    (0.5, 3, 0.5004, True),
    (0.125, 2, 0.12, True),
    (0.125, 2, 0.13, True),
    (0.8, 3, 0.84, False),
    (0.8, 2, 0.84, False),
    (0.0, 3, 0.0004, False),
    (0.0, 3, 0.0, True),
    (0.00021, 3, 2.1e-4, True),
    (0.00021, 3, 0.0, False),
    (0.00021, 3, 2.4e-4, False),
    (1234.567, 3, 1234.6, True),
    (1234.567, 3, 1230, False),
    (-0.2, 2, 0.2, False),
    (1e-17, 3, 0.0, True),
    (7.0, 0, 7.4, True),
]


@pytest.mark.parametrize(("true", "digits", "given", "right"), ROUNDINGS)
def test_rounding_to_the_shown_digits(true: float, digits: int, given: float, right: bool) -> None:
    assert alike(np.array(given), np.array(true), digits) is right


@pytest.mark.parametrize("text", ["-0.2", "−0,2", "-1/5", "-2e-1", "−0.20"])
def test_the_right_answer_passes_in_every_form(text: str) -> None:
    verdict = graded(asked("grad z[0]"), session(), text)
    assert verdict.right
    assert verdict.remarks == ()


def test_a_shown_answer_counts_as_right() -> None:
    for words in (
        "grad z",
        "grad m.weight",
        "value s[1]",
        "loss",
        "shape m.weight",
        "shape C",
        "jacobian m",
        "update m.weight",
    ):
        predict = asked(words)
        assert graded(predict, session(), answer_text(predict, session())).right, words


def test_rounded_too_far_is_no_mistake_and_no_answer() -> None:
    verdict = graded(asked("grad x[0]"), session('net = "chain"'), "-0.03")
    assert not verdict.right
    assert verdict.nearly
    assert verdict.remarks == ("Rounded too far: give 3 decimals.",)
    assert not graded(asked("grad x[0]"), session('net = "chain"'), "0").nearly


def test_shapes_are_told_what_is_wrong() -> None:
    predict = asked("shape m0.weight")
    stage = session('net = "two-layer"\nknobs.batch = 4')
    assert graded(predict, stage, "3×6").right
    assert "exchanged" in graded(predict, stage, "6×3").remarks[0]
    assert "batch" in graded(asked("shape s1"), stage, "4×3").remarks[0]


def test_choices_by_name_and_by_words() -> None:
    predict = Predict(1, "?", Choice((Option("It grows", why="No."), Option("It stays", right=True))))
    for text in ("2", "it stays", " It  stays "):
        assert graded(predict, session(), text).right
        assert graded(predict, None, text).right
    assert graded(predict, session(), "1").remarks == ("No.",)
    for text in ("3", "0", "b", "", "٢"):
        with pytest.raises(AnswerError, match="wants one of 1, 2"):
            graded(predict, session(), text)


def test_an_option_that_is_a_number_is_never_taken_for_another_ones_name() -> None:
    predict = Predict(1, "?", Choice((Option("0", why="a"), Option("1", why="b"), Option("2", right=True))))
    assert option_names(["0", "1", "2"]) == ("a", "b", "c")
    for text, right in (("2", True), ("c", True), ("1", False), ("b", False)):
        assert graded(predict, None, text).right is right


def test_boxes_by_name_and_by_symbol() -> None:
    predict = Predict(1, "?", Pick(("s1",), (("z1", "That comes after."),)))
    stage = session('net = "two-layer"')
    assert graded(predict, stage, "s₁").right
    assert graded(predict, stage, "S1").right
    assert graded(predict, stage, "z1").remarks == ("That comes after.",)
    with pytest.raises(AnswerError, match="did you mean 'relu1'"):
        graded(predict, stage, "relu")


def test_orders_are_shuffled_and_judged() -> None:
    question = Ordering(("zero", "one", "two", "three"))
    predict = Predict(1, "?", question)
    for seed in range(20):
        shown = items(question, session(), seed)
        assert sorted(shown) == sorted(question.items)
        assert shown != question.items
        right = " ".join(str(shown.index(item) + 1) for item in question.items)
        assert graded(predict, session(), right, seed).right
        assert not graded(predict, session(), "1 2 3 4", seed).right
    with pytest.raises(AnswerError):
        graded(predict, session(), "1 1 2 3")


def test_an_order_by_value_is_the_sessions() -> None:
    question = Ordering((), (Quantity.read("grad z[0]"), Quantity.read("grad z[1]")))  # −0.2 and −0.9
    assert items(question, session()) == ("dC/dz[0]", "dC/dz[1]")  # shown the wrong way round
    assert graded(Predict(1, "?", question), session(), "2 1").right
