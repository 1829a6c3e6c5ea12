"""A class in session: its store, its people's seats, and what they share."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Sequence

from bptui.classroom.folder import Folder
from bptui.classroom.lead import Lead
from bptui.classroom.limits import Limits
from bptui.classroom.people import Person, Roll, key_of
from bptui.classroom.seat import Client, Seat
from bptui.classroom.store import Store
from bptui.classroom.terminal.kind import Kind
from bptui.course.lesson import Lesson
from bptui.course.library import lessons

log = logging.getLogger("bptui.classroom")
ROUND = 30.0  # seconds between two looks at who is idle, and at what is left of those who have gone
FEW, MANY = 20, 50  # apps: while few live, memory is cleared at once; else, a second's pause is put off


class Room:
    """The class. `seats` are by the names of those who sit there."""

    def __init__(self, folder: Folder, store: Store, limits: Limits) -> None:
        self.folder, self.store, self.limits = folder, store, limits
        self.seats: dict[str, Seat] = {}
        self.ended = 0  # apps since memory was cleared
        self.lead = Lead(store, self._everybody, self._moved)
        self.course: Sequence[Lesson] = lessons()
        self._round = asyncio.get_running_loop().call_later(ROUND, self._go_round)

    @property
    def roll(self) -> Roll:
        return self.store.snapshot()[1]

    def person(self, key: str) -> Person:
        return self.roll.people[key]

    def sit(self, person: Person, client: Client, kind: Kind, *, teacher: bool) -> Seat:
        """Give somebody their seat: the one where their app waits, or a new one."""
        key = key_of(person.name)
        seat = self.seats.get(key)
        if seat is None:
            seat = self.seats[key] = Seat(self, person, teacher=teacher)
        seat.attach(client, kind)
        self.store.publish("came", key)
        log.info("%s is here (%d)", seat.name, len(self.seats))
        return seat

    def leave(self, seat: Seat) -> None:
        """A seat is free again."""
        if self.seats.get(seat.key) is seat:
            del self.seats[seat.key]
            self.store.publish("left", seat.key)
            log.info("%s has left (%d)", seat.name, len(self.seats))

    def _everybody(self) -> None:
        """Leading begins or ends, or somebody else drives: each is where they belong, or sees it on their line."""
        for seat in list(self.seats.values()):
            seat.belong()

    def _moved(self) -> None:
        """The class is somewhere else: who is on their own sees it on their line."""
        for seat in self.seats.values():
            if not seat.following:
                seat.refresh()

    def counted(self) -> None:
        """Somebody else follows, or no longer: the teacher's line says how many."""
        for seat in self.seats.values():
            if seat.teacher:
                seat.refresh()

    def _go_round(self) -> None:
        self._round.cancel()
        loop = asyncio.get_running_loop()
        for seat in list(self.seats.values()):
            if seat.client is not None and loop.time() - seat.touched > self.limits.idle:
                seat.close("Nobody has touched a key for a long time.")
        live = sum(seat.app is not None for seat in self.seats.values())
        if self.ended >= (1 if live < FEW else MANY):
            self.ended = 0
            gc.collect()  # an app is a knot of references, and the collector rests else, for it holds everybody up
        self._round = loop.call_later(ROUND, self._go_round)

    async def close(self) -> None:
        """Send everybody home, and write what is to be written."""
        self._round.cancel()
        for seat in list(self.seats.values()):
            seat.close("The class is closed for now. The same line brings you back.")
        await self.lead.close()
        await self.store.close()
