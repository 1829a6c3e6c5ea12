"""Worksheets: fresh numbers by seed, every question that can be asked on paper, and a key that is right."""

from __future__ import annotations

import re

import pytest
from lesson_files import SUMS, fence, lesson, step

from bptui.course.format import read
from bptui.course.lesson import Predict
from bptui.course.library import shelf
from bptui.course.player import PlayError
from bptui.course.worksheet import worksheet

STAGE = fence("stage", f'{SUMS}at = "backward cost"\nhide = ["grad z"]')
GRADIENT = fence("predict", 'ask = "What is dC/dz[0]?"\nanswer = "grad z[0]"\ndigits = 3') + fence(
    "explain", "So it is."
)
CHOICE = fence("predict", 'ask = "Which?"\nchoices = [{ text = "this", right = true }, { text = "no", why = "No." }]')
ORDER = fence("predict", 'ask = "Order."\norder = ["one", "two", "three"]')
PICK = fence("predict", 'ask = "Which one keeps s?"\npick = "cost"')
SHAPE = fence("predict", 'ask = "What shape has W?"\nanswer = "shape m.weight"')
TASK = fence("do", 'ask = "Step on."\ncursor = "backward m"\nsolution = ["forward"]')
BIG = fence("stage", 'net = "mynet"\nat = "seed"')
UNSEEN = fence("predict", 'ask = "What is the loss?"\nanswer = "loss"')
COURSE = lesson(
    step(STAGE, GRADIENT, id="gradient"),
    step(CHOICE, id="choice"),
    step(ORDER, id="order"),
    step(PICK, id="pick"),
    step(TASK, id="task"),
    step(SHAPE, id="shape"),
    step(BIG, UNSEEN, id="big"),
)


def sheet(seed: int = 0, answers: bool = False) -> str:
    return "".join(worksheet(COURSE, seed, answers))


def key(text: str) -> list[str]:
    return re.findall(r"^\d+\. \*\*(.*?)\.\*\*", text.split("## Answers")[1], re.MULTILINE)


def test_it_asks_everything_that_can_be_asked_on_paper() -> None:
    text = sheet()
    for part in ("What is dC/dz[0]?", "Which?", "- (1) this", "Order.", "Which one keeps s?", "What shape has W?"):
        assert part in text
    assert "Step on." not in text
    assert "The questions of these steps need the screen: 7." in text
    assert "What is the loss?" not in text


def test_what_is_needed_is_given_and_what_is_asked_is_not() -> None:
    asked = sheet().split("## ")[1:]
    assert "The net: m: Linear, z → s; cost: SquaredError, s, y → C." in asked[0]
    assert "Given: z = [1.0  0.6], y = [−0.5  1.85], W = [0.5  −1.0;  1.5  0.25]." in asked[0]
    assert "Given: z = [1.0  0.6], y = [−0.5  1.85]." in asked[4], "the entries of W would tell its shape"


def test_the_key_comes_only_when_it_is_wanted() -> None:
    assert "Answers" not in sheet()
    assert "−0.2" not in sheet()
    assert key(sheet(answers=True)) == ["−0.2", "this", "one, two, three", "cost", "2×2"]
    assert "1. **−0.2.** So it is." in sheet(answers=True)


@pytest.mark.parametrize("seed", [1, 2, 3, 20261124])
def test_the_key_fits_the_numbers_on_the_sheet(seed: int) -> None:
    """dC/dz[0] = Σᵢ W[i,0] · 2(sᵢ − yᵢ), worked from what is printed."""
    text = sheet(seed, answers=True)
    numbers = re.search(r"Given: z = \[(.*?)\], y = \[(.*?)\], W = \[(.*?)\]\.", text)
    assert numbers
    z, y, w = ([float(n) for n in re.findall(r"-?[\d.]+", group.replace("−", "-"))] for group in numbers.groups())
    s = [w[0] * z[0] + w[1] * z[1], w[2] * z[0] + w[3] * z[1]]
    wanted = w[0] * 2 * (s[0] - y[0]) + w[2] * 2 * (s[1] - y[1])
    assert float(key(text)[0].replace("−", "-")) == pytest.approx(wanted, abs=5e-4)


def test_an_answer_that_is_rounded_says_so() -> None:
    course = lesson(step(fence("stage", 'net = "chain"\nat = "backward cost"'), GRADIENT.replace("z[0]", "s[0]")))
    text = "".join(worksheet(course, 3, answers=True))
    assert re.search(r"dC/ds\[0\] ≈ [\\_]+ \(to 3 decimals\)", text)
    assert key(text)[0].startswith("≈ ")


def test_a_seed_makes_the_same_sheet_and_another_one_another() -> None:
    assert sheet(5, True) == sheet(5, True)
    assert len({sheet(seed).split("\n", 3)[3] for seed in range(5)}) == 5


def test_a_lesson_that_cannot_be_played_says_why() -> None:
    broken = lesson(step(fence("stage", 'net = "no-such-net"'), GRADIENT))
    with pytest.raises(PlayError, match="unknown net 'no-such-net'"):
        list(worksheet(broken, 1))


@pytest.mark.some(5)
@pytest.mark.parametrize("name", [file.name for file in shelf()])
def test_every_lesson_makes_a_sheet(name: str) -> None:
    course = read(next(file for file in shelf() if file.name == name).read_bytes(), name)
    asked = sum(isinstance(one.ask, Predict) for one in course.steps)
    text = "".join(worksheet(course, 7, answers=True))
    left = re.search(r"need the screen: (.*)\.", text)
    assert len(re.findall(r"^## \d+\. ", text, re.MULTILINE)) == asked - (len(left[1].split(",")) if left else 0)
    assert "{{" not in text
