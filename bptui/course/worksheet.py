"""A lesson's questions on paper: Markdown, with fresh numbers by seed, and the key if it is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from math import prod

from bptui.course.grade import option_names
from bptui.course.lesson import Choice, Lesson, Measured, Ordering, Pick, Predict, Question
from bptui.course.player import Player, PlayError
from bptui.course.progress import Progress
from bptui.course.prose import slots
from bptui.course.quantity import SCORES, shown_value
from bptui.engine.notation import symbol
from bptui.session.session import Session

MOST = 40  # numbers of a net that are copied onto paper
BLANK = "\\_" * 12
_WITHOUT_NUMBERS = ("shape", "parameters", "knob")


def worksheet(lesson: Lesson, seed: int, answers: bool = False) -> Iterator[str]:
    """The sheet in pieces of Markdown: every question that can be asked on paper, and the answers after them.

    With seed 0 the numbers are the lesson's own. A question without new numbers keeps those it has. Raises PlayError
    if a step cannot be played.
    """
    player = Player(lesson, Progress())
    yield f"# {lesson.title}\n\nSeed {seed}. Numbers are rounded to 3 decimals, indices count from 0.\n\n"
    yield f"Name: {BLANK * 2}\n"
    key, number, left = [], 0, []
    for index, step in enumerate(lesson.steps):
        if not isinstance(step.ask, Predict):
            continue
        player.go(index)
        with suppress(PlayError):  # it has no other numbers
            player.again(seed)
        if not _on_paper(step.ask, player):
            left.append(str(index + 1))
            continue
        number += 1
        yield f"\n## {number}. {step.title}\n\n" + "\n\n".join(_question(step.ask, player)) + "\n"
        player.tell()
        explained = player.explain.replace("\n", " ")
        about = "≈ " if player.label.endswith("≈") else ""
        key.append(f"{number}. **{about}{player.solved.removesuffix('.')}.** {explained}".rstrip())
    if left:
        yield f"\nThe questions of these steps need the screen: {', '.join(left)}.\n"
    if answers:
        yield "\n## Answers\n\n" + "\n".join(key) + "\n"


def _on_paper(ask: Predict, player: Player) -> bool:
    """Whether a question can be answered from what is written: its own numbers, or those of a net small enough."""
    match ask.question:
        case Measured(quantity) if quantity.kind in SCORES:
            return False
        case Measured(quantity) if quantity.kind not in _WITHOUT_NUMBERS:
            return bool(slots(ask.ask)) or _small(player.session)
        case Ordering(quantities=quantities) if quantities:
            return bool(slots(ask.ask)) or _small(player.session)
    return True


def _small(session: Session) -> bool:
    """Whether all that comes from outside fits on a line or two, and the net has not been trained on the way."""
    graph, batch = session.graph, session.moment().batch
    outside = (*graph.inputs, *graph.targets, *graph.parameters)
    return session.address.step == 0 and sum(prod(v.shape) * (batch if v.batched else 1) for v in outside) <= MOST


def _question(ask: Predict, player: Player) -> Iterator[str]:
    yield player.text
    if player.step.stage is not None and _small(player.session):
        yield _net(player.session)
        yield _given(player)
    yield f"**{player.ask}**"
    options = player.options
    if options:
        names = option_names(options) if isinstance(ask.question, Choice) else map(str, range(1, len(options) + 1))
        yield "\n".join(f"- ({name}) {option}" for name, option in zip(names, options, strict=True))
    rounded = isinstance(ask.question, Measured) and player.label.endswith("≈")
    to = f" (to {ask.question.digits} decimals)" if rounded and isinstance(ask.question, Measured) else ""
    yield f"{player.label or _wanted(ask.question)} {BLANK}{to}"


def _wanted(question: Question) -> str:
    match question:
        case Ordering():
            return "Their order:"
        case Pick():
            return "A module or a variable:"
    return "Answer:"


def _net(session: Session) -> str:
    """The wiring in a line: m: Linear, z → s; cost: SquaredError, s, y → C."""
    parts = []
    for node in session.graph.nodes:
        if not node.collapsed:
            reads, makes = (", ".join(map(symbol, names)) for names in (node.inputs, node.outputs))
            parts.append(f"{node.name}: {node.module.kind}, {reads} → {makes}")
    return f"The net: {'; '.join(parts)}."


def _given(player: Player) -> str:
    """The numbers that come from outside, but for what is asked."""
    session = player.session
    graph, moment = session.graph, session.moment()
    texts = []
    for variable in (*graph.inputs, *graph.targets, *graph.parameters):
        values = moment.batch_value(variable.name)
        if values is None or player.hides("value", variable.name) or player.hides("shape", variable.name):
            continue
        values = values[0] if variable.batched and len(values) == 1 else values
        texts.append(f"{symbol(variable.name)} = {shown_value(values)}")
    return f"Given: {', '.join(texts)}."
