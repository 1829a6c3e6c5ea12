"""The question in front of the class, in somebody's own app: for what is picked on a diagram, or has many numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from bptui.course.grade import graded
from bptui.course.lesson import Lesson, Predict
from bptui.course.player import Player
from bptui.course.progress import Progress
from bptui.course.scene import PlayError, Solved, plainly

SENT = "Sent. How the class answered is seen once the teacher reveals it."
LATER = "The class is asked this: wait until the teacher reveals it."


class Asked(Player):
    """One step of a lesson, with the class's numbers. The answer goes to the class and is not judged here.

    Raises KeyError for a step that the lesson does not have.
    """

    def __init__(self, lesson: Lesson, step: str, seed: int, answered: Callable[[str], None]) -> None:
        super().__init__(replace(lesson, steps=(lesson.step(step),)), Progress())
        self._answered = answered
        if seed:
            self.again(seed)

    def answer(self, text: str) -> NoReturn:
        """Raises AnswerError for what is none of this kind; else PlayError, which says that it was sent."""
        ask = self.step.ask
        if not isinstance(ask, Predict):
            raise PlayError("nothing is asked here")
        with plainly():
            graded(ask, self._scene.asked, text, self.state.seed)
        self._answered(text)
        raise PlayError(SENT)

    def hint(self) -> NoReturn:
        raise PlayError(LATER)

    def tell(self, solved: Solved | None = None) -> NoReturn:
        raise PlayError(LATER)

    def test_out(self) -> NoReturn:
        raise PlayError(LATER)
