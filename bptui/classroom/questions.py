"""Questions for the class: one of a lesson, or one made on the spot of what is selected in the workbench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptui.classroom.places import receipt_of, session_of
from bptui.course.grade import answer_text, items, question_label
from bptui.course.lesson import Choice, Lesson, Measured, Ordering, Pick, Predict, Step
from bptui.course.player import Player
from bptui.course.prose import filled
from bptui.course.quantity import Quantity, QuantityError, label, looked_up
from bptui.course.reroll import rerolled
from bptui.course.stage import opened
from bptui.course.veil import shows
from bptui.session.session import Session
from bptui.tui.workbench import Workbench


@dataclass(frozen=True)
class Question:
    """A question, the session that it is asked about, and what both can be `made` of again, as JSON has it.

    `seed` is that of a lesson's numbers. `form` is number, choice, order, shape, values or pick.
    """

    predict: Predict
    session: Session | None
    seed: int
    made: Mapping[str, Any]
    form: str

    def words(self) -> dict[str, Any]:
        """What is asked, for the class's log. Raises QuantityError for a question that this session cannot answer."""
        predict, session = self.predict, self.session
        question = predict.question
        options: tuple[str, ...] = ()
        if isinstance(question, Choice):
            options = tuple(option.text for option in question.options)
        elif isinstance(question, Ordering):
            options = items(question, session, self.seed)
        return {
            "ask": filled(predict.ask, session) if session is not None else predict.ask,
            "form": self.form,
            "label": question_label(predict, session) if session is not None else "",
            "options": list(options),
            "solution": answer_text(predict, session),
            "made": dict(self.made),
        }


def of_lesson(player: Player, course: Sequence[Lesson]) -> Question:
    """The question that a player stands at, with its numbers, in a session of its own. Raises ValueError."""
    return again({"lesson": player.lesson.id, "step": player.step.id, "seed": player.state.seed}, course)


def of_selection(bench: Workbench) -> Question:
    """What is selected in a workbench, as it stands: the chosen entry of a gradient or of a value.

    Raises QuantityError where that cannot be asked.
    """
    stage = bench.stage
    if stage is None or bench.searching:
        raise QuantityError("the workbench is at work; try again in a moment")
    name, of = stage.quantity
    if name == stage.graph.loss and of == "gradient":
        raise QuantityError("the cost's own gradient is 1: select something before it")
    quantity = Quantity("grad" if of == "gradient" else "value", name, stage.entry(stage.moment()))
    try:
        receipt = receipt_of(bench.session, bench.view)
    except ValueError as error:
        raise QuantityError(f"this run cannot be asked about: {error}") from None
    return _spoken({"receipt": receipt, "quantity": str(quantity)})


def again(made: Mapping[str, Any], course: Sequence[Lesson]) -> Question:
    """A question from what it was made of. Raises ValueError where that is no more, as after a lesson was changed."""
    if "receipt" in made:
        return _spoken(made)
    lesson = next((lesson for lesson in course if lesson.id == made["lesson"]), None)
    step = next((step for step in lesson.steps if step.id == made["step"]), None) if lesson is not None else None
    if lesson is None or step is None or not isinstance(step.ask, Predict):
        raise QuantityError("the lesson has no such question any more")
    seed, stage = int(made["seed"]), step.stage
    if stage is not None and seed:
        stage = rerolled(step.ask, stage, seed)
    session = opened(stage) if stage is not None else None
    return Question(step.ask, session, seed, dict(made), _form(step.ask, session))


def _spoken(made: Mapping[str, Any]) -> Question:
    session, *_ = session_of(made["receipt"])
    quantity = Quantity.read(made["quantity"])
    name = label(quantity, session.graph)
    true = looked_up(quantity, session)
    if not isinstance(true, tuple) and not np.isfinite(true).all():
        raise QuantityError(f"{name} is not finite here: nobody can work it out")
    predict = Predict(0, f"What is {name}?", Measured(quantity))
    return Question(predict, session, 0, dict(made), _form(predict, session))


def _form(predict: Predict, session: Session | None) -> str:
    match predict.question:
        case Choice():
            return "choice"
        case Ordering():
            return "order"
        case Pick():
            return "pick"
        case Measured(quantity):
            if session is None:
                raise QuantityError("there is no stage to ask about")
            true = looked_up(quantity, session)
            if isinstance(true, tuple):
                return "shape"
            return "number" if true.ndim == 0 else "values"


def on_line(form: str) -> bool:
    """Whether a follower answers on their own line; else their app opens at the question."""
    return form in ("number", "choice", "order", "shape")


def can_be_typed(form: str) -> bool:
    """Whether an answer can be typed at all; what is picked is picked on a diagram."""
    return form != "pick"


def hidden(question: Question) -> frozenset[tuple[str, str]]:
    """Under which kinds and names one would see the answer in the session that is asked about."""
    asked, session = question.predict.question, question.session
    if not isinstance(asked, Measured) or session is None:
        return frozenset()
    return frozenset(shows(asked.quantity, Step("", "", 0, "", None), session))
