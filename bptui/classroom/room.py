"""A class in session: its store, its people's seats, and what they share."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
from collections.abc import Sequence

from bptui.classroom.ask import Ask
from bptui.classroom.folder import Folder
from bptui.classroom.joining import Join
from bptui.classroom.lead import Lead
from bptui.classroom.limits import Limits
from bptui.classroom.people import Person, Role, Roll, key_of
from bptui.classroom.places import Place
from bptui.classroom.poll_pane import pane
from bptui.classroom.questions import hidden
from bptui.classroom.seat import Client, Seat
from bptui.classroom.store import Store
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.workers.crew import Crew
from bptui.course.lesson import Lesson
from bptui.course.library import lessons
from bptui.drawing.canvas import Canvas

log = logging.getLogger("bptui.classroom")
SOON = 0.1  # seconds in which answers are gathered
OVER = 10.0  # seconds for which a countdown stands at 0
ROUND = 30.0  # seconds between two looks at who is idle, and at what is left of those who have gone
NEW = 20_000  # objects that were made since the collector has looked: it would come when it holds up the most
FEW, MANY = 20, 50  # apps: while few live, memory is cleared at once; else, a second's pause is put off


class Room:
    """The class. `seats` are by the names of those who sit there."""

    def __init__(self, folder: Folder, store: Store, limits: Limits, crew: Crew | None = None) -> None:
        self.folder, self.store, self.limits, self.crew = folder, store, limits, crew
        self.seats: dict[str, Seat] = {}
        self.join: Join | None = None  # once it is served
        self.began = asyncio.get_running_loop().time()
        self.news: tuple[str, float] | None = None  # what the teacher is told of, and when that was
        self.ended = 0  # apps since memory was cleared
        self._telling: asyncio.TimerHandle | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._counting: asyncio.TimerHandle | None = None
        self.course: Sequence[Lesson] = lessons()
        self.lead = Lead(store, self.course, self._everybody, self._moved, self._pane, self._handed)
        self.ask = Ask(store, self.course, self._asked, self._answered)
        self._asked()  # the one of before the server ended
        self._round = asyncio.get_running_loop().call_later(ROUND, self._go_round)

    @property
    def roll(self) -> Roll:
        return self.store.snapshot()[1]

    def person(self, key: str) -> Person:
        return self.roll.people[key]

    def sit(self, person: Person, client: Client, kind: Kind, *, role: Role) -> Seat:
        """Give somebody their seat: the one where their app waits, or a new one."""
        key = key_of(person.name)
        seat = self.seats.get(key)
        if seat is None:
            seat = self.seats[key] = Seat(self, person, role)
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

    def _everybody(self, all_follow: bool) -> None:
        """Leading begins or ends, or somebody else drives: each is where they belong, or sees it on their row."""
        for seat in list(self.seats.values()):
            seat.belong(all_follow=all_follow)

    def _moved(self) -> None:
        """The class is somewhere else, or may go farther: who is on their own hears of it."""
        bound = self.lead.bound
        for seat in self.seats.values():
            seat.limit(bound)  # an app that is out of sight too: it is what they step aside to
            if not seat.following:
                seat.refresh()
        if self._ticking is None and self.lead.deadline is not None:
            self._tick()

    def _handed(self, place: Place) -> None:
        """Whoever steps aside begins there."""
        if self.crew is not None:
            self.crew.stand_by(place)

    def _tick(self) -> None:
        """A countdown goes on: the question shows it, or else everybody's rows."""
        loop, deadline = asyncio.get_running_loop(), self.lead.deadline
        if deadline is not None and loop.time() > deadline + OVER:
            deadline = self.lead.deadline = None
        self._ticking = loop.call_later(1.0, self._tick) if deadline is not None else None
        if self.roll.poll is not None:
            self.lead.stages.repaint()
        for seat in list(self.seats.values()):
            seat.refresh()

    def tell_teacher(self, words: str) -> None:
        """Let the desk say something."""
        self.news = words, asyncio.get_running_loop().time()

    @property
    def left(self) -> str:
        """The time that is left of a countdown, as text; empty where there is none."""
        deadline = self.lead.deadline
        if deadline is None:
            return ""
        seconds = max(0, math.ceil(deadline - asyncio.get_running_loop().time()))
        return f"{seconds // 60}:{seconds % 60:02}"

    def counted(self) -> None:
        """Somebody else follows, or no longer, or raised a hand: the teacher's row and the projector's say so soon."""
        if not self._counting:
            self._counting = asyncio.get_running_loop().call_later(SOON, self._count)

    def _count(self) -> None:
        self._counting = None
        for seat in list(self.seats.values()):
            if seat.role != "student":
                seat.refresh()

    @property
    def students(self) -> list[Seat]:
        """Those who sit at a terminal and learn."""
        return [seat for seat in self.seats.values() if seat.role == "student" and seat.client is not None]

    def _pane(self, width: int, most: int) -> Canvas | None:
        poll = self.roll.poll
        return pane(poll, len(self.students), width, most, self.left) if poll is not None else None

    def _asked(self) -> None:
        """The question is another one, or is revealed: everybody's rows are, and what the stages hide."""
        question = self.ask.question
        self.lead.stages.hide(hidden(question) if question is not None else frozenset())
        self.lead.stages.repaint()
        for seat in list(self.seats.values()):
            seat.refresh()

    def _answered(self) -> None:
        """There is an answer more; several at a time are shown once."""
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(SOON, self._count_answers)

    def _count_answers(self) -> None:
        self._telling = None
        self.lead.stages.repaint()

    def _go_round(self) -> None:
        self._round.cancel()
        loop = asyncio.get_running_loop()
        for seat in list(self.seats.values()):
            if seat.client is not None and loop.time() - seat.touched > self.limits.idle:
                seat.close("Nobody has touched a key for a long time.")
        live = sum(seat.own is not None for seat in self.seats.values())
        if self.ended >= (1 if live < FEW else MANY):
            self.ended = 0
            gc.collect()  # an app is a knot of references, and the collector rests else, for it holds everybody up
        elif gc.get_count()[0] > NEW:
            gc.collect(1)
        self._round = loop.call_later(ROUND, self._go_round)

    async def close(self) -> None:
        """Send everybody home, and write what is to be written."""
        self._round.cancel()
        for timer in (self._telling, self._counting, self._ticking):
            if timer is not None:
                timer.cancel()
        for seat in list(self.seats.values()):
            seat.close("The class is closed for now. The same line brings you back.")
        try:
            await self.lead.close()
            if self.crew is not None:
                await self.crew.close()
        finally:
            await self.store.close()
