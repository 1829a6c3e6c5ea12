"""The apps of those who may drive: the teacher's, and that of a student who has the wheel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from bptui.classroom.apps import PersonsApp
from bptui.classroom.lead.lesson import ShownLesson
from bptui.classroom.lead.shown import Shown
from bptui.tui.home.screen import Home
from bptui.tui.lesson.lectern import Lectern

if TYPE_CHECKING:
    from bptui.classroom.seat import Seat


class DriversApp(PersonsApp):
    """For somebody who may drive: in the class's process, so that what they do is seen at once."""

    @property
    def seat(self) -> Seat:
        return cast("Seat", self.holder)

    def settle(self, then: Callable[[], None]) -> None:
        """What a key has done is the class's, also where nothing else is to be seen after it."""

        def done() -> None:
            self.post_display_hook()
            then()

        super().settle(done)

    def post_display_hook(self) -> None:
        if self._screen_stack:
            self.seat.room.lead.look(self.seat, self.screen)


class WheelApp(DriversApp):
    """For a student who drives, besides their own app: it is at the class's own place, and ends with the driving."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *PersonsApp.BINDINGS,
        Binding("ctrl+r", "quit", "drive no more", id="class.follow", priority=True),
    ]


class TeacherApp(DriversApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        *PersonsApp.BINDINGS,
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
        """Begin with what the class is shown, and lead."""
        self.leading = True
        self.seat.room.lead.begin(self.seat)
        if isinstance(shown, ShownLesson):
            shown.player.progress = self.progress  # it was that of an app which has ended
        self.begin(shown.screen)

    def go_on(self, shown: Shown) -> None:
        """Lead on, with what the class is shown."""
        self.leading = True
        self.call_later(self._open, shown.screen)

    async def leave_place(self) -> None:
        """Go home, and return once nothing here holds what the class is shown."""
        await self.at_rest()
        done = asyncio.get_running_loop().create_future()

        async def leave() -> None:
            try:
                while len(self.screen_stack) > 2:
                    if isinstance(self.screen, Lectern):
                        self.screen.player.leave()
                    await self.pop_screen()
                if not isinstance(self.screen, Home):
                    if isinstance(self.screen, Lectern):
                        self.screen.player.leave()
                    await self.switch_screen(Home())
            finally:
                done.set_result(None)

        if self.call_later(leave):
            await done
