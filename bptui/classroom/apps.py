"""The apps of the class's people: bptui, and the few keys that a class adds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from bptui.classroom.lead.kinds import shown_at, shown_by, unpacked
from bptui.classroom.lead.lesson import ShownLesson
from bptui.classroom.lead.shown import Shown
from bptui.classroom.places import Place
from bptui.classroom.terminal.app import DistantApp
from bptui.course.lesson import Lesson
from bptui.course.player import Player
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.classroom.seat import Seat

MOMENT = 0.02  # seconds between two looks at a search that is to end
log = logging.getLogger("bptui.classroom")


class Forks(Provider):
    """The palette's lines for what somebody made while the class went on."""

    def _all(self) -> Iterator[tuple[str, str]]:
        app = cast("PersonsApp", self.app)
        yield from reversed(app.seat.room.person(app.seat.key).forks)

    async def discover(self) -> Hits:
        for name, receipt in self._all():
            yield DiscoveryHit(name, lambda receipt=receipt: self._open(receipt), help="what you did on your own")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, receipt in self._all():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), lambda receipt=receipt: self._open(receipt))

    def _open(self, receipt: str) -> None:
        cast("PersonsApp", self.app).go(fork_place(receipt))


def fork_place(kept: str) -> Place:
    """What was kept of a fork, as a place. Raises ValueError."""
    return Place.from_text(kept) if kept.startswith("{") else Place(kept, copied=True, untouched=True)


class PersonsApp(DistantApp):
    """bptui for one of the class; how they like it is remembered."""

    COMMANDS = {*DistantApp.COMMANDS, Forks}
    seat: Seat
    begin: Place | None = None  # what to begin with, above home
    begins: Callable[[], Screen[None]] | None = None  # or, on what is the class's own
    _copied: tuple[Shown, object] | None = None  # a copy of what the class was shown, and what was done in it at first
    _going: asyncio.Task[None] | None = None
    _keeping: asyncio.Task[None] | None = None

    def first_screen(self) -> Screen[None]:
        if self.begin is not None:
            self.go(self.begin)
            self.begin = None
        if self.begins is not None:
            begins, self.begins = self.begins, None
            self.call_later(lambda: self.push_screen(begins()))
        return super().first_screen()

    def action_next_theme(self) -> None:
        super().action_next_theme()
        self.seat.room.store.publish("theme", self.seat.key, theme=self.paint.theme)

    def post_display_hook(self) -> None:
        if self._screen_stack:
            self.seat.room.lead.look(self.seat, self.screen)

    def player(self, lesson: Lesson, key: str = "") -> Player:
        player = super().player(lesson, key)
        player.last = lambda: self._last(player.key)
        return player

    def _last(self, lesson: str) -> int | None:
        """The last step of a lesson that may be entered here, from 0."""
        bound = self.seat.room.lead.bound() if not self.seat.teacher else None
        return bound[1] if bound is not None and bound[0] == lesson else None

    # -- places

    def go(self, place: Place) -> None:
        """Go on at a place."""
        self._going = asyncio.get_running_loop().create_task(self._go(place))

    async def _go(self, place: Place) -> None:
        try:
            parts = await asyncio.to_thread(unpacked, place)
        except ValueError as error:
            log.warning("a place cannot be gone to: %s", error)
            parts, place = None, Place(lesson=place.lesson, step=place.step, seed=place.seed)

        def arrive() -> None:
            shown = shown_at(place, parts, self.course, self.player)
            if shown is None:
                return
            if place.copied:
                self._copied = shown, shown.done if place.untouched else None
            self.push_screen(shown.screen())

        self.call_later(arrive)

    def keep(self) -> None:
        """Leave the copy of what the class was shown, if it is in sight; what was made of it is kept under a name."""
        (copied, first), self._copied = self._copied or (None, None), None
        screen = self.screen if self._screen_stack else None
        shown = shown_by(screen)
        if copied is None or screen is None or shown is None or not shown.goes_on(copied):
            return
        if shown.done != first:
            self._keeping = asyncio.get_running_loop().create_task(self._keep(shown))
        self.call_later(self._leave_copy, screen)

    async def _keep(self, shown: Shown) -> None:
        try:
            place = await asyncio.to_thread(shown.writer())
            kept = place.to_text() if place.lab or place.lesson else place.receipt
            self.seat.room.store.publish("forked", self.seat.key, name=shown.name(), receipt=kept)
        except ValueError as error:  # numbers that cannot be written, or a closed class
            log.info("what %s made is not kept: %s", self.seat.name, error)

    def _leave_copy(self, screen: Screen[None]) -> None:
        if screen is self.screen:
            self.leave(screen)

    async def at_rest(self) -> None:
        """Until no search goes on in the workbench in sight."""
        while isinstance(self.screen, Workbench) and self.screen.searching:
            self.screen.action_out()
            await asyncio.sleep(MOMENT)


class StudentApp(PersonsApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        *DistantApp.BINDINGS,
        Binding("ctrl+r", "follow", "back to the class", id="class.follow", priority=True),
    ]

    def action_follow(self) -> None:
        self.seat.follow()


class WheelApp(PersonsApp):
    """For a student who drives, besides their own app: it is at the class's own place, and ends with the driving."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DistantApp.BINDINGS,
        Binding("ctrl+r", "quit", "drive no more", id="class.follow", priority=True),
    ]


class TeacherApp(PersonsApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        *DistantApp.BINDINGS,
        Binding("ctrl+l", "lead", "show the class this place, or no longer", id="class.lead", priority=True),
    ]
    leading = False

    def action_lead(self) -> None:
        self.leading = not self.leading
        if self.leading:
            self.seat.room.lead.begin(self.seat, self.screen)
        else:
            self.seat.room.lead.stop()
        self.seat.refresh()

    def takes_up(self, shown: Shown) -> None:
        """Lead from the beginning, with what the class is shown."""
        self.leading, self.begins = True, shown.screen
        self.seat.room.lead.begin(self.seat)
        if isinstance(shown, ShownLesson):
            shown.player.progress = self.progress  # it was that of an app which has ended

    def go_on(self, shown: Shown) -> None:
        """Lead on, with what the class is shown."""
        self.leading = True
        self.call_later(lambda: self.push_screen(shown.screen()))

    async def let_go(self) -> None:
        """Go home, and return once nothing here holds what the class is shown."""
        await self.at_rest()
        done = asyncio.get_running_loop().create_future()

        async def leave() -> None:
            try:
                while len(self.screen_stack) > 2:
                    if isinstance(self.screen, Lectern):
                        self.screen.player.leave()
                    await self.pop_screen()
            finally:
                done.set_result(None)

        if self.call_later(leave):
            await done
