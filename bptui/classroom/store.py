"""What a class remembers: a log of events that is only ever added to, but where somebody is forgotten. Who is in the
class is read off it.

`Store` is the one interface; `Memory` forgets, `sqlite.py` does not. tests/classroom/test_store.py holds every
implementation to the same contract.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bptui.classroom.people import Roll

FORGOTTEN = "forgotten"  # the kind of what is left of an event of somebody who was forgotten: its number
RECENT = 4096  # events that are kept in memory for subscribers that are a little behind


class StoreError(ValueError):
    """A class that cannot be read or written. One line."""


@dataclass(frozen=True)
class Event:
    """Something that happened. `number` counts from 1 without gaps; `body` is JSON; `time` is UTC, ISO 8601.

    Whom it is about stands in `person` alone, never in another one's body: so that they can be forgotten.
    """

    number: int
    kind: str
    person: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    time: str = ""


class Store(Protocol):
    """The events of one class."""

    def publish(self, kind: str, person: str = "", /, **body: Any) -> Event:
        """Add an event. Subscribers and `snapshot` have it at once; it is on disk within moments."""

    async def record(self, kind: str, person: str = "", /, **body: Any) -> Event:
        """Add an event, and return when it would survive the end of the process. Raises StoreError if it would not."""

    def subscribe(self, after: int = 0) -> AsyncIterator[Event]:
        """All events after a number, those that are still to come too, in their order; ends with the store."""

    def snapshot(self) -> tuple[int, Roll]:
        """The number of the last event, and the class as it stands after it."""

    async def forget(self, person: str) -> int:
        """Delete what is known of somebody, for good, and return how many events that were.

        Each leaves an empty one with its number, of the kind `FORGOTTEN`. For a class that nobody is in: whoever
        subscribes may have seen what is deleted here. Raises StoreError.
        """

    async def close(self) -> None:
        """Write what is still to be written, and end all subscriptions."""


class Memory:
    """A store that forgets with the process; the common part of all stores. `kept` events come from an earlier one."""

    def __init__(self, kept: Sequence[Event] = ()) -> None:
        self._roll = Roll()
        self._number = 0
        self._recent: deque[Event] = deque(maxlen=RECENT)
        self._news = asyncio.Event()
        self._closed = False
        for event in kept:
            self._take(event)

    def _take(self, event: Event) -> None:
        self._number = event.number
        self._recent.append(event)
        self._roll = self._roll.after(event.kind, event.person, event.body, event.time)

    def publish(self, kind: str, person: str = "", /, **body: Any) -> Event:
        self._must_be_open()
        event = Event(self._number + 1, kind, person, body, datetime.now(UTC).isoformat(timespec="milliseconds"))
        self._take(event)
        self._keep(event)
        self._wake()
        return event

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreError("the class is closed")

    async def record(self, kind: str, person: str = "", /, **body: Any) -> Event:
        return self.publish(kind, person, **body)

    async def forget(self, person: str) -> int:
        self._must_be_open()
        found = await self._delete(person)
        self._recent = deque((_emptied(e) if e.person == person else e for e in self._recent), maxlen=RECENT)
        self._roll = self._roll.without(person)
        return found

    async def _delete(self, person: str) -> int:
        """Delete somebody's events where they are kept, and count them."""
        return sum(event.person == person for event in self._recent)

    def _keep(self, event: Event) -> None:
        """Nothing is kept here."""

    def _earlier(self, after: int) -> list[Event]:
        """Events after a number that are no longer in memory, the first ones first; some of them are enough."""
        return []

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def subscribe(self, after: int = 0) -> AsyncIterator[Event]:
        while True:
            news = self._news
            if self._recent and self._recent[0].number <= after + 1:
                found = [event for event in self._recent if event.number > after]
            else:
                found = self._earlier(after) or list(self._recent)
            for event in found:
                after = event.number
                yield event
            if not found and after >= self._number:
                if self._closed:
                    return
                await news.wait()

    def snapshot(self) -> tuple[int, Roll]:
        return self._number, self._roll

    async def close(self) -> None:
        self._closed = True
        self._wake()


def _emptied(event: Event) -> Event:
    return Event(event.number, FORGOTTEN)
