"""An answer judged by the session's own numbers: right or not, and if not, which usual mistake it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bptui.course.answer import AnswerError, alike, number, shape, tidy, too_short, vector
from bptui.course.diagnosis import diagnosed, shape_mistake
from bptui.course.lesson import Choice, Measured, Ordering, Pick, Predict
from bptui.course.quantity import QuantityError, label, looked_up, shown_value
from bptui.drawing.numbers import MINUS, shape_text
from bptui.engine.buffers import Array
from bptui.engine.notation import symbol
from bptui.engine.random import generator
from bptui.session.names import meant, suggestion
from bptui.session.session import Session


@dataclass(frozen=True)
class Verdict:
    """What came of an answer. `said` is how it was understood; `remarks` say what may have gone wrong.

    `nearly` says that it is right, but rounded too far: no mistake, and no answer yet. `mistake` is the name of the
    usual one that gives just these numbers, if one does.
    """

    right: bool
    said: str
    remarks: tuple[str, ...] = ()
    nearly: bool = False
    mistake: str = ""


def graded(predict: Predict, session: Session | None, text: str, seed: int = 0) -> Verdict:
    """Judge what a learner typed. `seed` is that of `items`, for an ordering. Questions of words need no session.

    Raises AnswerError, one line, for what is no answer of this kind; that is no attempt. Raises QuantityError if the
    session does not have what is asked for.
    """
    match predict.question:
        case Measured() as question:
            return _measured(question, _there(session), text)
        case Choice(options):
            option = options[_chosen(tidy(text), tuple(o.text for o in options))]
            return Verdict(option.right, option.text, () if option.right else (option.why,))
        case Pick() as question:
            return _picked(question, _there(session), text)
        case Ordering() as question:
            return _ordered(question, session, text, seed)


def _there(session: Session | None) -> Session:
    if session is None:
        raise QuantityError("there is no stage to ask about")
    return session


def _measured(question: Measured, session: Session, text: str) -> Verdict:
    true, quantity = looked_up(question.quantity, session), question.quantity
    typed = tidy(text).replace("-", MINUS)
    if isinstance(true, tuple):
        said = shape(text)
        if said == (1,) and true == ():
            said = ()
        remarks = shape_mistake(true, said, session.moment().batch, shape_text(said))
        return Verdict(said == true, shape_text(said), remarks)
    numbers = vector(text, true.size) if true.ndim else (number(text),)
    given: Array = np.array([n.value for n in numbers]).reshape(true.shape)
    if alike(given, true, question.digits):
        return Verdict(True, typed)
    remarks, mistake = diagnosed(quantity, session, given, typed, question.digits)
    if not remarks and too_short(numbers, true, question.digits):
        wanted = f"{question.digits} decimal{'s' * (question.digits != 1)}"
        return Verdict(False, typed, (f"Rounded too far: give {wanted}.",), nearly=True)
    return Verdict(False, typed, remarks, mistake=mistake)


def option_names(options: Sequence[str]) -> tuple[str, ...]:
    """What options are chosen by: 1, 2, 3; but a, b, c where an option is a number itself, lest one means two.

    >>> option_names(["It grows", "It stays"]), option_names(["0", "1", "-1"])
    (('1', '2'), ('a', 'b', 'c'))
    """
    numeric = any(tidy(option).lstrip("+-").replace(".", "").isdecimal() for option in options)
    return tuple(chr(ord("a") + k) if numeric else str(k + 1) for k in range(len(options)))


def _chosen(text: str, options: tuple[str, ...]) -> int:
    """Which option a text names: by its own words, or by its name."""
    words, names = [tidy(option) for option in options], option_names(options)
    known = meant(text, (*words, *names))
    if known is None:
        raise AnswerError(f"wants one of {', '.join(names)}")
    return words.index(known) if known in words else names.index(known)


def _picked(question: Pick, session: Session, text: str) -> Verdict:
    graph = session.graph
    names = {name: name for name in (*graph.node, *graph.variables)}
    names |= {symbol(name): name for name in graph.variables}
    known = meant(tidy(text), names)
    if known is None:
        near = suggestion(tidy(text), names)
        raise AnswerError(f"no module or variable {tidy(text)!r} here{near and '; '}{near}")
    name = names[known]
    why = dict(question.why).get(name)
    return Verdict(name in question.names, symbol(name), () if name in question.names or not why else (why,))


# -- orderings


def items(question: Ordering, session: Session | None, seed: int = 0) -> tuple[str, ...]:
    """What is to be put in order, shuffled: never in the right order."""
    right = _in_order(question, session)
    order = generator(seed, "ordering").permutation(len(right))
    if (order == np.arange(len(right))).all():
        order = order[::-1]
    return tuple(right[k] for k in order)


def _in_order(question: Ordering, session: Session | None) -> tuple[str, ...]:
    if question.items:
        return question.items
    session = _there(session)
    values = [(_single(looked_up(q, session), q), label(q, session.graph)) for q in question.quantities]
    if len({round(value, 9) for value, _ in values}) < len(values):
        raise QuantityError(f"two of {', '.join(name for _, name in values)} are equal: they have no order")
    return tuple(name for _, name in sorted(values))


def _single(value: Array | tuple[int, ...], quantity: object) -> float:
    if isinstance(value, tuple) or value.ndim:
        raise QuantityError(f"{quantity} is no single number, it cannot be put in order")
    return float(value)


def _ordered(question: Ordering, session: Session | None, text: str, seed: int) -> Verdict:
    right, shown = _in_order(question, session), items(question, session, seed)
    parts = tidy(text).replace(",", " ").split()
    numbers = [int(part[:4]) for part in parts if part.isascii() and part.isdecimal()]
    if sorted(numbers) != list(range(1, len(shown) + 1)) or len(parts) != len(numbers):
        raise AnswerError(
            f"wants the numbers 1 to {len(shown)} in their order, such as {' '.join('213'[: len(shown)])}"
        )
    given = tuple(shown[n - 1] for n in numbers)
    said = ", ".join(given)
    if given == right:
        return Verdict(True, said)
    if given == right[::-1]:
        return Verdict(False, said, ("All of it is the other way round.",))
    first = next(k for k, (mine, theirs) in enumerate(zip(given, right, strict=True)) if mine != theirs)
    return Verdict(False, said, (f"The first {first} are in their place; look at what comes next.",) if first else ())


def question_label(predict: Predict, session: Session) -> str:
    """What stands before the place where the answer is typed: `dC/dz[0] =`, or ≈ where it is rounded to the digits
    that are wanted; empty for what is no quantity.
    """
    if not isinstance(predict.question, Measured):
        return ""
    quantity, digits = predict.question.quantity, predict.question.digits
    value = looked_up(quantity, session)
    rounded = not isinstance(value, tuple) and not np.allclose(value, np.round(value, digits), rtol=0.0, atol=1e-9)
    return f"{label(quantity, session.graph)} {'≈' if rounded else '='}"


def answer_text(predict: Predict, session: Session | None) -> str:
    """The right answer as text, for a worksheet's key, and for revealing it."""
    match predict.question:
        case Measured(quantity, digits):
            return shown_value(looked_up(quantity, _there(session)), digits)
        case Choice(options):
            return next(option.text for option in options if option.right)
        case Pick(names):
            return " or ".join(symbol(name) for name in names)
        case Ordering() as question:
            return ", ".join(_in_order(question, session))
