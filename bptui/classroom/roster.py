"""Who is in the class: what each does, how they answer, and who asks for the teacher."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bptui.classroom.own_line import State
from bptui.classroom.people import STAFF
from bptui.classroom.polls import Answer

if TYPE_CHECKING:
    from bptui.classroom.room import Room

IDLE = 120.0  # seconds without a key after which somebody is thought to be away


@dataclass(frozen=True)
class Entry:
    """One of the class, at this moment. `at` says where they are, in words; `hand` since when it is up, in seconds."""

    key: str
    name: str
    state: State
    at: str = ""
    right: int = 0
    wrong: int = 0
    answer: Answer | None = None
    hand: float | None = None


def roster(room: Room) -> list[Entry]:
    """All who sit at a terminal and learn, by name."""
    roll, now, clock = room.roll, datetime.now(UTC), asyncio.get_running_loop().time()
    poll, found = roll.poll, []
    for seat in room.students:
        person = roll.people.get(seat.key)
        if person is None:
            continue
        quiet = clock - seat.touched
        state, at = seat.state, "with you" if seat.following else seat.where
        if quiet > IDLE:
            state, at = "idle", f"for {minutes(quiet)}"
        right, wrong = roll.tally(seat.key)
        answer = poll.answers.get(seat.key) if poll is not None else None
        since = (now - datetime.fromisoformat(person.hand)).total_seconds() if person.hand else None
        found.append(Entry(seat.key, seat.name, state, at, right, wrong, answer, since))
    return sorted(found, key=lambda entry: entry.name.casefold())


def minutes(seconds: float) -> str:
    """A time that has passed, roughly."""
    return f"{int(seconds)} s" if seconds < 60 else f"{int(seconds // 60)} min"


SORTS: dict[str, Callable[[Entry], tuple[object, ...]]] = {
    "name": lambda e: (),
    "hand": lambda e: (e.hand is None, -(e.hand or 0.0)),
    "state": lambda e: (("following", "leading", "roaming", "idle").index(e.state),),
    "wrong": lambda e: (-e.wrong, e.right),
    "answer": lambda e: (e.answer is None, e.answer is not None and e.answer.right, e.answer.said if e.answer else ""),
}


def chosen(entries: Sequence[Entry], sort: str, words: str) -> list[Entry]:
    """The entries in an order, by name where that leaves it open, that have some words in what is shown of them."""
    wanted = words.casefold().split()
    kept = [e for e in entries if all(word in _shown(e) for word in wanted)]
    return sorted(kept, key=SORTS[sort])


def _shown(entry: Entry) -> str:
    answer = entry.answer
    verdict = "no answer" if answer is None else f"{answer.said} {'right' if answer.right else 'wrong'} {answer.group}"
    return f"{entry.name} {entry.state} {entry.at} {verdict} {'hand' if entry.hand is not None else ''}".casefold()


def as_csv(room: Room) -> str:
    """Everybody of the class, absent ones too, with every answer; for a spreadsheet, in which no text is a formula."""
    roll = room.roll
    here = {entry.key: entry for entry in roster(room)}
    polls = roll.polls
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["name", "here", "state", "at", "right", "wrong", *(_plain(poll.ask) for poll in polls)])
    for key, person in sorted(roll.people.items()):
        if key in STAFF:
            continue
        entry, (right, wrong) = here.get(key), roll.tally(key)
        answers = [poll.answers[key].said if key in poll.answers else "" for poll in polls]
        place = ["yes", entry.state, entry.at] if entry is not None else ["no", "", ""]
        table.writerow([_plain(person.name), *map(_plain, place), right, wrong, *map(_plain, answers)])
    return file.getvalue()


def _plain(text: str) -> str:
    """A spreadsheet takes what begins so for a formula; numbers are none."""
    if text[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return text
    try:
        float(text.replace(",", "."))
    except ValueError:
        return f"'{text}"
    return text
