"""Lessons for tests, made from a few lines."""

from __future__ import annotations

from bptui.course.format import read
from bptui.course.lesson import Lesson, Measured, Predict, Stage
from bptui.course.quantity import Quantity
from bptui.course.stage import opened
from bptui.session.session import Session

FRONT = '+++\nid = "a-lesson"\ntitle = "A lesson"\ngoals = ["one"]\nminutes = 5\n+++\n'
SUMS = """net.name = "sums"
net.given = [{ name = "z", shape = [2] }, { name = "y", shape = [2], target = true }]
net.layer = [
  { name = "m", module = "Linear", features = 2, bias = false, inputs = ["z"], outputs = ["s"] },
  { name = "cost", module = "SquaredError", inputs = ["s", "y"], outputs = ["C"] },
]
samples.z = [[1.0, 0.6]]
samples.y = [[-0.5, 1.85]]
parameters."m.weight" = [[0.5, -1.0], [1.5, 0.25]]
"""


def fence(word: str, body: str) -> str:
    return f"```{word}\n{body.strip()}\n```\n"


def step(*fences: str, id: str = "first") -> str:
    return f"## A step {{#{id}}}\n\nSome words.\n\n" + "\n".join(fences)


def lesson(*steps: str) -> Lesson:
    return read((FRONT + "\n".join(steps)).encode(), "x.md")


def stage(text: str = SUMS) -> Stage:
    found = lesson(step(fence("stage", text))).steps[0].stage
    assert found is not None
    return found


def session(text: str = SUMS) -> Session:
    return opened(stage(text))


def asked(words: str, digits: int = 3) -> Predict:
    return Predict(1, "?", Measured(Quantity.read(words), digits))
