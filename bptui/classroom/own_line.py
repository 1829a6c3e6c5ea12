"""The rows under the stage that are a follower's own: who they are, what they answer, and what is said to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

from textual import events
from textual.message import Message

from bptui.classroom.ask import Ask
from bptui.classroom.polls import Poll
from bptui.classroom.questions import can_be_typed, on_line
from bptui.course.answer import AnswerError
from bptui.course.grade import option_names
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, clipped, length, wrap, write
from bptui.tui.bars import Key, bar, keys

LONGEST = 60  # characters of an answer on the line
BRIEF = 14  # cells of an answer beside another one
GOOD, BAD = Ink("good"), Ink("bad")
State = Literal["following", "roaming", "idle", "leading"]
MARKS: dict[State, tuple[str, Ink]] = {
    "following": ("●", GOOD),
    "roaming": ("◇", Ink("computed")),
    "idle": ("○", MUTED),
    "leading": ("◆", NOW),
}


class OwnLine:
    """What a follower types, and what they are told. `changed` is called when it is to be drawn anew."""

    def __init__(self, ask: Ask, person: str, changed: Callable[[], None]) -> None:
        self._ask, self._person, self._changed = ask, person, changed
        self.typed = self.problem = self.message = ""
        self._typing: int | None = None  # the number of the poll that they are answering
        self._put_off = 0  # the one that they have put off
        self._sending: asyncio.Task[None] | None = None

    @property
    def poll(self) -> Poll | None:
        """The question in front of the class."""
        return self._ask.poll

    @property
    def typing(self) -> bool:
        """Whether keys are an answer now. A question that is new is answered at once, if it can be on a line."""
        poll = self.poll
        if poll is None or not poll.open or self._sending is not None:
            return False
        anew = on_line(poll.form) and self._person not in poll.answers and self._put_off != poll.number
        return anew or poll.number == self._typing

    @property
    def may_answer(self) -> bool:
        """Whether a question waits for an answer, or would take another one."""
        return self.poll is not None and self.poll.open

    @property
    def may_type(self) -> bool:
        """Whether it would take one that is typed on the line."""
        return self.may_answer and self.poll is not None and can_be_typed(self.poll.form)

    @property
    def elsewhere(self) -> bool:
        """Whether the question is one for their own app, though some may be typed as well."""
        return self.may_answer and self.poll is not None and not on_line(self.poll.form)

    @property
    def answered(self) -> bool:
        """Whether they have answered it."""
        return self.poll is not None and self._person in self.poll.answers

    def put_away(self, width: int) -> None:
        """The teacher's words were read, as far as they are in sight on a row of this width."""
        self.message = " ".join(_lines(self.message, width)[1:])

    def press(self, event: Message, width: int) -> bool:
        """Take a key on rows of a width, if it is meant for the line; returns whether it was."""
        if isinstance(event, events.Paste) and self.typing:
            self._type(event.text)
            return True
        if not isinstance(event, events.Key):
            return False
        if self.message and event.key == "escape":
            self.put_away(width)
        elif self.typing:
            self._press(event)
        elif event.key == "a" and self.may_type and self.poll is not None:
            self._typing, self._put_off = self.poll.number, 0
        else:
            return False
        self._changed()
        return True

    def _press(self, event: events.Key) -> None:
        self.problem = ""
        if event.key == "escape":
            poll = self.poll
            self._typing, self._put_off, self.typed = None, poll.number if poll is not None else 0, ""
        elif event.key == "backspace":
            self.typed = self.typed[:-1]
        elif event.key == "enter":
            if self.typed.strip():
                self.send(self.typed)
        elif event.is_printable and event.character:
            self._type(event.character)

    def _type(self, text: str) -> None:
        self.typed = (self.typed + "".join(c for c in text if c.isprintable()))[:LONGEST]

    def send(self, text: str) -> None:
        """Answer the question."""
        if self._sending is None:
            self._sending = asyncio.create_task(self._send(text))

    async def _send(self, text: str) -> None:
        try:
            verdict = await self._ask.answer(self._person, text)
            self.problem = verdict.remarks[0] if verdict.nearly else ""
            if not verdict.nearly:
                self.typed, self._typing = "", None
        except AnswerError as error:
            self.problem = f"The question {error}."
        except ValueError as error:  # it is over, or cannot be kept
            self.problem = f"Not taken: {error}."
        finally:
            self._sending = None
        self._changed()

    def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()

    # -- drawing

    def answer(self) -> list[Piece]:
        """What stands on the line of the question: what is being typed, was sent, or came of it."""
        poll = self.poll
        if poll is None:
            return []
        mine = poll.answers.get(self._person)
        if self._sending is not None:
            return [("sending …", MUTED)]
        if self.typing:
            return [(f"{_label(poll)} ", NOW), (self.typed, BOLD), ("▏", NOW)]
        if mine is not None and poll.open:
            return [("your answer ", SOFT), (clipped(mine.said, 2 * BRIEF), BOLD), ("  sent", SOFT)]
        if mine is not None:
            mark = ("✓", GOOD) if mine.right else ("✕", BAD)
            rest = [] if mine.right else [("   right: ", SOFT), (clipped(poll.solution, BRIEF), BOLD)]
            return [("your answer ", SOFT), (f"{clipped(mine.said, BRIEF)} ", BOLD), mark, *rest]
        if not poll.open:
            return [("right: ", SOFT), (clipped(poll.solution, 2 * BRIEF), BOLD)]
        return [("a question is open", NOW)]


def _label(poll: Poll) -> str:
    if poll.form == "choice":
        return f"one of {', '.join(option_names(poll.options))}:"
    if poll.form == "order":
        return "the order, such as " + " ".join(str(n) for n in range(len(poll.options), 0, -1)) + ":"
    return poll.label or "your answer:"


def two_rows(
    own: OwnLine,
    name: str,
    width: int,
    note: str,
    *,
    hand: bool,
    free: bool = True,
    left: str = "",
    ascii_only: bool = False,
) -> Canvas:
    """The rows of a follower: state and answer, or a note; below, what is said to them, else keys. `free`: they may
    leave the stage. `left` is the time that is left, as text.
    """
    canvas = Canvas(width, 2)
    mark, ink = MARKS["following"]
    state: list[Piece] = [(name, BOLD), (f"   {mark} following   ", ink)]
    answer = [(note, NOW)] if note else own.answer()
    right: list[Piece] = [(f"{left} left   " if left else "", NOW), ("hand up", NOW) if hand else ("hand down", MUTED)]
    fits = length([*state, *answer, *right]) + 6 <= width
    canvas.paste(bar([*state, *answer], right if fits else right[:1], width), 0, 0)
    if own.problem or own.message:
        canvas.paste(_told(own, width), 0, 1)
        return canvas
    aside: tuple[Key, ...] = (("↵", "try it yourself", ""),) if free else ()
    if own.elsewhere:
        aside = (("↵", "answer it in your own app", ""),)
    shown: tuple[Key, ...] = (("h", "hand down" if hand else "raise hand", ""), *aside, ("q", "leave", ""))
    if own.typing:
        shown = (("↵", "send", ""), ("esc", "later", ""))
    elif own.may_type:
        shown = (("a", "change answer" if own.answered else "type the answer", ""), *shown)
    canvas.paste(keys(shown, width, ascii_only=ascii_only), 0, 1)
    return canvas


def one_row(own: OwnLine, name: str, state: State, width: int, notes: Sequence[str]) -> Canvas:
    """The row of somebody in an app of their own, and of the teacher; of the notes, those that have room.

    That a question is open comes after the first note, or the last one of whoever leads and knows of it.
    """
    if own.message:
        return _told(own, width)
    mark, ink = MARKS[state]
    pieces: list[Piece] = [(clipped(name, max(1, width // 9)), BOLD)]
    if state == "roaming":
        pieces.append((f"   {mark} on your own", ink))
    more: list[Piece] = [(f"   {note}", SOFT) for note in notes]
    if own.may_answer:
        more.insert(len(more) if state == "leading" else 1, ("   a question is open", NOW))
    for piece in more:
        if length([*pieces, piece]) <= width - 6:  # between the margins of the bar
            pieces.append(piece)
    return bar(pieces, [], width)


TEACHER, AWAY, ON = "teacher  ", "   esc puts it away", "   esc reads on"


def _lines(words: str, width: int) -> list[str]:
    """The teacher's words as they stand on a row, one after the other."""
    return wrap(words, max(1, width - 4 - cells(TEACHER + AWAY))) or [""]


def _told(own: OwnLine, width: int) -> Canvas:
    """What is said to them: that an answer was none, or the teacher's words."""
    margin = 2 if width >= 60 else 1
    canvas = Canvas(width, 1)
    if own.problem:
        write(canvas, margin, 0, [("! ", BAD), (clipped(own.problem, width - 2 * margin - 2), BOLD)])
    else:
        words, *more = _lines(own.message, width)
        write(canvas, margin, 0, [(TEACHER, NOW), (words, BOLD), (ON if more else AWAY, MUTED)])
    return canvas
