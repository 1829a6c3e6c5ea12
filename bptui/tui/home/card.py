"""The pane at the top of home: what is chosen, in a few words, and the one button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, SOFT, TEXT, Piece, fold, length, rule, stack, wrap, write
from bptui.tui.catalogue import LABS, NETS
from bptui.tui.course.marks import minutes_left, plural, step_mark

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson, Step
    from bptui.course.overview import Row
    from bptui.course.progress import StepRecord

_WIDEST, _HIGH = 56, 11  # columns of the words; rows in whose middle a picture stands that needs fewer
TALL = 9  # rows from which there are blank ones, and words on a lesson


@dataclass(frozen=True)
class Card:
    """What is said of one thing. `facts` are labels with a few words each; `verb` stands on the button."""

    pane: str
    title: str
    number: str = ""
    beside: str = ""
    dots: Sequence[Piece] = ()
    step: str = ""
    words: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    verb: str = ""
    note: str = ""


NOTHING = Card("Continue", "")  # as long as nothing is known


def of_lesson(lesson: Lesson, row: Row, steps: Mapping[str, StepRecord], *, goes_on: bool) -> Card:
    """A lesson: where one stopped in it and what waits there, or what it is for."""
    number = str(row.place or "")
    done = [steps[step.id].done if step.id in steps else 0 for step in lesson.steps]
    dots = [step_mark(row, k, each) for k, each in enumerate(done, 1)]
    minutes = plural(minutes_left(lesson, row), "minute")
    if row.finished:
        step, verb, note = f"{row.steps} steps, all done", "look again", ""
        words = [f"{row.right} of {plural(row.attempts, 'answer')} right."] if row.attempts else []
    elif row.at:
        step, verb, note = f"step {row.at} of {row.steps}", "go on", f"about {minutes} left"
        words = [_waiting(lesson.steps[row.at - 1], over=row.step in steps and steps[row.step].over)]
    else:
        step, verb, note = f"{row.steps} steps", "begin", f"about {minutes}"
        words = [f"{goal[0].upper()}{goal[1:]}." for goal in lesson.goals]
    pane = "Continue" if goes_on else "Lesson"
    return Card(pane, lesson.title, number, "", dots, step, words, (), verb, note)


def _waiting(step: Step, *, over: bool) -> str:
    """A step by its title, and what is to be done there."""
    from bptui.course.lesson import Do

    if step.ask is None or over:
        return f"{step.title}."
    return f"{step.title}: {'something to do' if isinstance(step.ask, Do) else 'a prediction'} is waiting."


def of_net(name: str, facts: Sequence[tuple[str, str]]) -> Card:
    """A net: what it is for, and what it is made of."""
    net = next(net for net in NETS if net.name == name)
    words = [f"{net.about[0].upper()}{net.about[1:]}."]
    return Card("Net", name, "", net.outline, (), "", words, facts, "step through", "forwards, and backwards")


def of_lab(place: str, names: Sequence[str]) -> Card:
    """A lab: what it is about, and all that it opens with."""
    lab = next(lab for lab in LABS if lab.place == place)
    facts = [("on", ", ".join(names))] if names else []
    return Card("Lab", lab.title, "", "", (), "", [lab.purpose], facts, "open", "")


def picture_room(width: int, height: int) -> tuple[int, int]:
    """Columns and rows for a block diagram beside the words."""
    return (width - 42, height - 2) if height >= TALL else (width - 28, height - 1)


def draw(card: Card, width: int, height: int, picture: Canvas | None, *, ascii_only: bool) -> Canvas:
    """The pane, with the picture at its right if it fits."""
    canvas = Canvas(width, max(1, height))
    canvas.paste(rule(width, card.pane, accent=BOLD), 0, 0)
    inset, top, gap = (3, 2, 4) if height >= TALL else (2, 1, 2)
    right = inset + min(_WIDEST, width - 2 * inset)
    across, down = picture_room(width, height)
    if picture is not None and picture.width <= across and picture.height <= down:
        right = min(right, width - picture.width - gap - 1)
        x, y = (
            right + (width - right - picture.width) // 2,
            (min(down, max(_HIGH, picture.height)) - picture.height) // 2,
        )
        canvas.paste(picture, x, 1 + y)
    if card.verb:
        canvas.paste(_words(card, right - inset, height - top, ascii_only=ascii_only), inset, top)
    return canvas


def _words(card: Card, width: int, height: int, *, ascii_only: bool) -> Canvas:
    """Title, dots, words, facts and the button below each other; words and facts only where there is room."""
    sections = [_lines(lines, width) for lines in (_title(card, width), _dots(card, width)) if lines]
    button = _button(card, width, ascii_only=ascii_only)
    room = height - button.height - sum(section.height for section in sections)
    if card.dots:  # then the words may go rather than the blank rows
        room -= len(sections) + 1
    words: list[list[Piece]] = []
    for text in card.words:
        lines = wrap(text, width)
        if len(words) + len(lines) <= room:
            words += [[(line, TEXT)] for line in lines]
    facts = [line for fact in card.facts for line in _fact(*fact, width)]
    if len(words) + len(facts) + len(sections) + 1 > room:
        facts = []
    return stack(width, [*sections, *(_lines(lines, width) for lines in (words, facts) if lines), button], height)


def _title(card: Card, width: int) -> list[list[Piece]]:
    number = f"{card.number}  " if card.number else ""
    lines = wrap(card.title, width - len(number))
    titles: list[list[Piece]] = [[(" " * len(number) if k else number, BOLD), (x, BOLD)] for k, x in enumerate(lines)]
    if card.beside and length(titles[-1]) + 2 + cells(card.beside) <= width:
        titles[-1].append((f"  {card.beside}", MUTED))
    return titles


def _dots(card: Card, width: int) -> list[list[Piece]]:
    """The dots, close together if they are many, and the step beside or below them."""
    apart = 2 * len(card.dots) - 1 <= width
    rows = fold([[dot, (" ", TEXT)] if apart else [dot] for dot in card.dots], width + 1, 0) if card.dots else []
    step: Piece = (card.step, MUTED)
    if rows and length([*rows[-1], (" ", TEXT), step]) <= width:
        return [*rows[:-1], [*rows[-1], (" ", TEXT), step]]
    return [*rows, [step]] if rows else []


def _fact(label: str, fact: str, width: int) -> list[list[Piece]]:
    return [[(("" if k else label).ljust(10), MUTED), (line, SOFT)] for k, line in enumerate(wrap(fact, width - 10))]


def _button(card: Card, width: int, *, ascii_only: bool) -> Canvas:
    canvas = Canvas(width, 1)
    x = canvas.put(0, 0, f" {'enter' if ascii_only else '↵'}  {card.verb} ", Ink("ink", "cursor", bold=True))
    canvas.regions.append(Region(0, 0, x, 1, "key:open"))
    if x + 2 + cells(card.note) <= width:
        canvas.put(x + 2, 0, card.note, MUTED)
    return canvas


def _lines(lines: Sequence[Sequence[Piece]], width: int) -> Canvas:
    canvas = Canvas(width, len(lines))
    for y, line in enumerate(lines):
        write(canvas, 0, y, line)
    return canvas
