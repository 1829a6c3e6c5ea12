"""Actions in a lesson's words, for the solution of a `do`: a closed list, each one action of the session.

forward, forward 3, back, back 2, next step, next step 10, previous step
go backward h            to a place of this training step (see `place`)
run to m0, run to end of forward, run to end of backward, run to end of epoch
set z[0] = 0.5, knob lr = 0.05, sample 1, undo
break m0, continue, reverse continue
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bptui.course.place import Place
from bptui.session.actions import (
    Action,
    Back,
    Continue,
    Forward,
    Jump,
    NextStep,
    PreviousStep,
    ReverseContinue,
    RunToEnd,
    RunToNode,
    SetEntry,
    SetKnob,
    ShowSample,
    ToggleBreakpoint,
    Undo,
)
from bptui.session.names import suggestion
from bptui.session.session import Session

MOST_STEPS = 5000  # training steps that one action of a lesson may run


class MoveError(ValueError):
    """Words for no action. One line."""


_COUNTED = re.compile(r"(?P<what>forward|back|next step|previous step)(?: (?P<n>\d{1,5}))?")
_SET = re.compile(r"set (?P<name>[^\W\d][\w.-]*)\[(?P<index>[\d, ]{0,40})\] ?= ?(?P<value>[+-]?\d{1,9}(?:\.\d{1,9})?)")
_KNOB = re.compile(r"knob (?P<name>[\w-]{1,40}) ?= ?(?P<text>\S{1,60})")
_WORDS = (
    "forward", "back", "next step", "previous step", "go", "run to", "run to end of", "set", "knob", "sample", "undo",
    "break", "continue", "reverse continue",
)  # fmt: skip
_FORMS = {"set": "set z[0] = 0.5", "knob": "knob lr = 0.05", "sample": "sample 1", "break": "break m"}
_PLAIN: dict[str, Action] = {"undo": Undo(), "continue": Continue(), "reverse continue": ReverseContinue()}
_MANY: dict[str, Callable[[int], Action]] = {
    "forward": Forward,
    "back": Back,
    "next step": NextStep,
    "previous step": PreviousStep,
}


def move(text: str) -> Action | Place:
    """The action that words name; a place for `go`, whose event only a graph knows.

    Raises MoveError, and PlaceError for `go` to no place.
    """
    words = " ".join(text.split())
    if words in _PLAIN:
        return _PLAIN[words]
    if match := _COUNTED.fullmatch(words):
        count = int(match["n"] or 1)
        if not 1 <= count <= MOST_STEPS:
            raise MoveError(f"{text!r}: wants a number from 1 to {MOST_STEPS}")
        return _MANY[match["what"]](count)
    if match := _SET.fullmatch(words):
        parts = [part.strip() for part in match["index"].split(",") if part.strip()]
        if not all(part.isdecimal() and len(part) < 7 for part in parts):
            raise MoveError(f"{text!r}: wants an index of whole numbers, such as z[0]")
        return SetEntry(match["name"], tuple(map(int, parts)), float(match["value"]))
    if match := _KNOB.fullmatch(words):
        return SetKnob(match["name"], match["text"])
    first, _, rest = words.partition(" ")
    if first == "go":
        return Place.read(rest)
    if words.startswith("run to "):
        return _run_to(words.removeprefix("run to "))
    if first == "break" and rest:
        return ToggleBreakpoint(rest)
    if first == "sample" and rest.isdecimal() and len(rest) < 7:
        return ShowSample(int(rest))
    if first in _FORMS:
        raise MoveError(f"{text!r} is no action, wants words such as {_FORMS[first]}")
    near = suggestion(words, _WORDS) or suggestion(first, _WORDS)
    raise MoveError(f"{text!r} is no action, wants one of {', '.join(_WORDS)}{near and '; '}{near}")


def _run_to(where: str) -> Action:
    match where:
        case "end of forward":
            return RunToEnd("forward")
        case "end of backward":
            return RunToEnd("backward")
        case "end of epoch":
            return RunToEnd("epoch")
        case _:
            return RunToNode(where)


def done(text: str, session: Session) -> None:
    """Do one action in a session. Raises MoveError, PlaceError or ActionError, each one line."""
    action = move(text)
    if isinstance(action, Place):
        action = Jump(session.address.step, action.event(session.graph))
    session.apply(action)
