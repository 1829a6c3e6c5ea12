"""Questions put to the class, as its events keep them: what was asked, who answered what, and how answers group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True)
class Answer:
    """The last answer of somebody. `said` is how it was understood; `group` is the usual mistake that it equals, or for
    what is no number the answer itself.
    """

    text: str
    right: bool
    said: str
    group: str = ""


@dataclass(frozen=True)
class Poll:
    """One question. `ask` is what is asked, `form` how it is answered (see `questions.py`), `label` what stands before
    the place for the answer, `solution` the right answer, `made` what the question is made of. `answers` are by
    people's keys. A poll that is `revealed` shows its answers to all, and takes no more; one that has `ended` is not in
    front of the class any more.
    """

    number: int
    ask: str
    form: str
    label: str = ""
    options: tuple[str, ...] = ()
    solution: str = ""
    made: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    revealed: bool = False
    ended: bool = False

    @property
    def open(self) -> bool:
        """Whether it takes answers."""
        return not (self.revealed or self.ended)

    def after(self, kind: str, person: str, body: Mapping[str, Any]) -> Poll:
        """The poll after one of its events."""
        match kind:
            case "answered":
                answer = Answer(body["text"], body["right"], body["said"], body["group"])
                return replace(self, answers=MappingProxyType({**self.answers, person: answer}))
            case "revealed":
                return replace(self, revealed=True)
            case "ended":
                return replace(self, ended=True)
        return self

    def without(self, person: str) -> Poll:
        """The poll as if somebody had not answered."""
        left = {key: answer for key, answer in self.answers.items() if key != person}
        return replace(self, answers=MappingProxyType(left))


def asked(number: int, body: Mapping[str, Any]) -> Poll:
    """A poll by the event that began it."""
    words = {name: body[name] for name in ("ask", "form", "label", "solution")}
    return Poll(number, **words, options=tuple(body["options"]), made=MappingProxyType(dict(body["made"])))


@dataclass(frozen=True)
class Group:
    """Those who answered alike. `said` are their answers, the most frequent first; `mistake` is theirs, if known."""

    verdict: Literal["right", "mistake", "unknown"]
    said: tuple[str, ...]
    mistake: str
    people: tuple[str, ...]


def groups(poll: Poll) -> list[Group]:
    """The answers by what they have in common: the right ones, each mistake from the most frequent on, and the rest."""
    found: dict[tuple[int, str], dict[str, Answer]] = {}
    for person, answer in poll.answers.items():
        rank = 0 if answer.right else 1 if answer.group else 2
        found.setdefault((rank, "" if answer.right else answer.group), {})[person] = answer
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    verdicts: tuple[Literal["right", "mistake", "unknown"], ...] = ("right", "mistake", "unknown")
    return [
        Group(
            verdicts[rank],
            tuple(text for text, _ in Counter(a.said for a in answers.values()).most_common()),
            name,
            tuple(answers),
        )
        for (rank, name), answers in ordered
    ]
