"""The apps of the class's people: bptui, and the few keys that a class adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from bptui.classroom.terminal.app import DistantApp
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.classroom.seat import Seat
    from bptui.session.session import Session


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
        cast("PersonsApp", self.app).seat.open_fork(receipt)


class PersonsApp(DistantApp):
    """bptui for one of the class; how they like it is remembered."""

    COMMANDS = {*DistantApp.COMMANDS, Forks}
    seat: Seat
    begin: Session | None = None  # what to begin with, above home

    def first_screen(self) -> Screen[None]:
        if self.begin is not None:
            self.call_later(self.open_session, self.begin)
            self.begin = None
        return super().first_screen()

    def action_next_theme(self) -> None:
        super().action_next_theme()
        self.seat.room.store.publish("theme", self.seat.key, theme=self.paint.theme)

    def bench(self) -> Workbench | None:
        """The workbench in sight, if one is."""
        return self.screen if type(self.screen) is Workbench else None


class StudentApp(PersonsApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        *DistantApp.BINDINGS,
        Binding("ctrl+r", "follow", "back to the class", id="class.follow", priority=True),
    ]

    def action_follow(self) -> None:
        self.seat.follow()


class TeacherApp(PersonsApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        *DistantApp.BINDINGS,
        Binding("ctrl+l", "lead", "show the class this workbench, or no longer", id="class.lead", priority=True),
    ]
    leading = False

    def action_lead(self) -> None:
        self.leading = not self.leading
        if self.leading:
            self.seat.room.lead.look(self.screen)
        else:
            self.seat.room.lead.stop()
        self.seat.refresh()

    def post_display_hook(self) -> None:
        if self.leading:
            self.seat.room.lead.look(self.screen)
