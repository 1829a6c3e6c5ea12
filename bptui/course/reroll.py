"""New numbers for the same question: small decimals that can be worked by head, and no accidents.

What a question turns on stays: which ReLU units are on, which input a max chooses. What must not happen: a tie, a 0
where there was none, in the answer or in anything that is told of it, an answer that a usual mistake gives too. Where
it can be had, answers and what is told are exact in the digits that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bptui.course.answer import alike
from bptui.course.diagnosis import mistakes
from bptui.course.lesson import Measured, Ordering, Predict, Stage, Values
from bptui.course.prose import quantities
from bptui.course.quantity import Quantity, QuantityError, ahead, looked_up
from bptui.course.stage import StageError, experiment_of, opened
from bptui.data.samples import Nested
from bptui.engine.buffers import Array
from bptui.engine.random import generator
from bptui.session.session import Session

TRIES = 400
MORE = 60  # tries for exact numbers, once there are some that are not
FINE = 20  # tries with all sizes; then every other one has coarser ones, whose products have fewer decimals
WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
ENTRIES = tuple(tenth / 10 for tenth in range(1, 21))
COARSE = (0.5, 1.0, 1.5, 2.0)
DECIMALS = 3  # of what is told in sentences
SMALLEST, LARGEST = 0.01, 100.0  # of an answer, and of what is told
NOTHING = 1e-12
APART = 0.05  # of two values that are put in order


class RerollError(ValueError):
    """A question that finds no new numbers. One line."""


def rerolled(predict: Predict, stage: Stage, seed: int) -> Stage:
    """The stage with other numbers, the same for the same seed; seed 0 is the stage itself. Raises RerollError."""
    if seed == 0:
        return stage
    if predict.reroll is None:
        raise RerollError("this question has no other numbers")
    samples, parameters = _numbers(predict, stage)
    first = opened(stage)
    kinks, aim = _kinks(first), _aim(predict, stage, first)
    rounded, last = None, TRIES
    for attempt in range(TRIES):
        if attempt == last:
            break
        draw = generator(seed, "reroll", step=attempt)
        entries, weights = (COARSE, COARSE) if attempt > FINE and attempt % 2 else (ENTRIES, WEIGHTS)
        tried = replace(
            stage,
            samples=_together(stage.samples, [(name, _drawn(values, draw, entries)) for name, values in samples]),
            parameters=_together(
                stage.parameters, [(name, _drawn(values, draw, weights)) for name, values in parameters]
            ),
        )
        try:
            session = opened(tried)
            if not (_same_side(kinks, _kinks(session)) and _good(predict, session, aim)):
                continue
            if _exact(predict, session, aim):
                return tried
        except (StageError, QuantityError):
            continue
        if rounded is None:
            rounded, last = tried, attempt + MORE
    if rounded is not None:
        return rounded
    raise RerollError(f"found no other numbers in {TRIES} tries that keep the question what it is")


def _numbers(predict: Predict, stage: Stage) -> tuple[Values, Values]:
    """The samples and the parameters that get new numbers. The other ones stay as they are in the experiment."""
    experiment = experiment_of(stage)
    known = experiment.data.given if experiment.data.kind == "given" else ()
    classes = {given.name for given in experiment.net.given if given.classes}
    samples = tuple((name, values) for name, values in known if name not in classes)
    wanted = predict.reroll or tuple(name for name, _ in (*samples, *experiment.parameters))
    there = {name for name, _ in (*samples, *experiment.parameters)}
    for name in wanted:
        if name not in there:
            raise RerollError(f"reroll: {name!r} has no numbers that were typed in (there are {', '.join(there)})")
    chosen = tuple(pair for pair in samples if pair[0] in wanted)
    parameters = tuple(pair for pair in experiment.parameters if pair[0] in wanted)
    if not chosen and not parameters:
        raise RerollError("no numbers were typed in that could be drawn anew")
    return chosen, parameters


def _drawn(values: Nested, draw: np.random.Generator, sizes: tuple[float, ...]) -> Nested:
    """Numbers in the same nesting: a size from the list, with a sign by chance; a 0 stays one."""
    if isinstance(values, tuple):
        return tuple(_drawn(value, draw, sizes) for value in values)
    return 0.0 if values == 0.0 else float(draw.choice(sizes)) * float(draw.choice((-1.0, 1.0)))


def _together(before: Values, drawn: Sequence[tuple[str, Nested]]) -> Values:
    return tuple((dict(before) | dict(drawn)).items())


def _kinks(session: Session) -> list[Array]:
    """On which side of its kinks each module stands: −1, 1, or 0 on one."""
    moment, sides = ahead(session), []
    for node in session.graph.nodes:
        inputs = [moment.batch_value(name) for name in node.inputs]
        known = [values for values in inputs if values is not None]
        side = node.module.switch(known) if len(known) == len(inputs) else None
        if side is not None:
            sides.append(np.sign(side))
    return sides


def _same_side(wanted: list[Array], found: list[Array]) -> bool:
    """Whether each entry is where it was, and none is on a kink, wherever it was."""
    pairs = zip(wanted, found, strict=True)
    return all(bool(new.all() and ((old == new) | (old == 0)).all()) for old, new in pairs)


@dataclass(frozen=True)
class _Aim:
    """What the first numbers were like, of the answer and of all that is told: by quantity, with the decimals that are
    shown, which entries are not 0, and whether all are exact.
    """

    told: tuple[tuple[Quantity, int, Array, bool], ...]


def _aim(predict: Predict, stage: Stage, session: Session) -> _Aim:
    texts = (predict.ask, *predict.hints, predict.explain)
    named = dict.fromkeys((*(q for text in texts for q in quantities(text)), *stage.hide, *predict.light), DECIMALS)
    if isinstance(predict.question, Measured):
        named[predict.question.quantity] = predict.question.digits
    told = []
    for quantity, digits in named.items():
        value = np.asarray(looked_up(quantity, session), float)
        told.append((quantity, digits, np.abs(value) > NOTHING, _is_exact(value, digits)))
    return _Aim(tuple(told))


def _is_exact(value: Array, digits: int) -> bool:
    return bool(np.allclose(value, np.round(value, digits), rtol=0.0, atol=1e-9))


def _exact(predict: Predict, session: Session, aim: _Aim) -> bool:
    """Whether all is exact in the digits that are shown, as far as it was at first."""
    wanted = ((quantity, digits) for quantity, digits, _, exact in aim.told if exact)
    return all(_is_exact(np.asarray(looked_up(quantity, session), float), digits) for quantity, digits in wanted)


def _good(predict: Predict, session: Session, aim: _Aim) -> bool:
    """Whether these numbers make a question with one right answer, which no usual mistake gives."""
    for quantity, _, alive, exact in aim.told:
        value = np.asarray(looked_up(quantity, session), float)
        if not np.isfinite(value).all() or np.abs(value).max(initial=0.0) > LARGEST:
            return False
        if (alive & (np.abs(value) < (SMALLEST if exact else NOTHING))).any():
            return False
    if isinstance(predict.question, Ordering):
        values = [float(np.asarray(looked_up(quantity, session))) for quantity in predict.question.quantities]
        return min(np.diff(sorted(values)), default=0.0) > APART
    assert isinstance(predict.question, Measured)
    quantity, digits = predict.question.quantity, predict.question.digits
    value = np.asarray(looked_up(quantity, session), float)
    alive, exact = next((alive, exact) for told, _, alive, exact in aim.told if told == quantity)
    if (np.where(alive, np.abs(value) < SMALLEST, np.abs(value) > NOTHING)).any():
        return False
    if exact and not _is_exact(value, DECIMALS):
        return False
    return not any(alike(m.values, value, digits) for m in mistakes(quantity, session))
