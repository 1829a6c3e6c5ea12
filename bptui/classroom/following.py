"""Following: somebody watches the class's stage, steps aside into a copy of their own, drives, and returns."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.message import Message
from textual.screen import Screen

from bptui.classroom.apps import PersonsApp, TeacherApp, WheelApp
from bptui.classroom.lead.shown import Shown
from bptui.classroom.lead.stage import Stage
from bptui.classroom.places import Place
from bptui.classroom.terminal.cells import Frame, Row
from bptui.classroom.terminal.keyboard import Keyboard
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import Painter

if TYPE_CHECKING:
    from bptui.classroom.room import Room
    from bptui.classroom.seat import Seat

log = logging.getLogger("bptui.classroom")


class Follower:
    """What a seat does while it has no need of an app of its own: the part of `Seat` that follows the class."""

    room: Room
    key: str
    name: str
    teacher: bool
    app: PersonsApp | None
    _painter: Painter | None

    def __init__(self) -> None:
        self.wheel: WheelApp | None = None  # while they drive: an app at the class's own place
        self._stage: Stage | None = None  # while they follow
        self._keys: Keyboard | None = None
        self._followed = False  # when the line dropped
        self._aside: asyncio.Task[None] | None = None
        self._wheel_ends: asyncio.Task[None] | None = None

    # -- what the rest of the seat does

    def refresh(self) -> None:
        """Bring size, line and screen up to date."""
        raise NotImplementedError

    def close(self, words: str = "") -> None:
        """End all of it."""
        raise NotImplementedError

    def _start_app(self, begin: Place | None = None) -> None:
        raise NotImplementedError

    def _line(self) -> Row | None:
        raise NotImplementedError

    def _of_app(self, kind: Kind) -> Kind:
        raise NotImplementedError

    def _show(self) -> None:
        raise NotImplementedError

    def _bell(self) -> None:
        raise NotImplementedError

    # -- following

    @property
    def following(self) -> bool:
        return self._stage is not None

    @property
    def present(self) -> bool:
        """Whether they sit at a terminal."""
        return self._painter is not None

    @property
    def own_screen(self) -> Screen[Any] | None:
        """What they have before them in their own app; None while they follow, and where it is in another process."""
        app = self.app
        return app.screen if app is not None and app._screen_stack and not self.following and self.present else None

    def said(self) -> str:
        """What their line says of where they are."""
        lead = self.room.lead
        if self.wheel is not None:
            return "you drive: the class sees what you do     ctrl+r: enough"
        if self is lead.spotlit:
            return "the class sees what you do here     ctrl+r: back to the class"
        if self.teacher:
            return self._said_to_teacher()
        if not self.following:
            where = f", at {lead.place}" if lead.place is not None else ""
            return f"on your own     ctrl+r: back to the class{where}"
        whom = lead.spotlit or lead.driver
        following = f"following {whom.name}" if whom is not None and not whom.teacher else "following"
        if self._aside is not None:
            return "one moment"
        if lead.frozen:
            return f"{following}     all stay together for now   q: leave"
        return f"{following}     enter: try it yourself, from here   q: leave"

    def _said_to_teacher(self) -> str:
        lead = self.room.lead
        if lead.spotlit is not None:
            return f"all see what {lead.spotlit.name} does     ctrl+l: back to the class"
        if lead.student_drives and lead.driver is not None:
            return f"{lead.driver.name} drives     ctrl+l: take the wheel back"
        if not (isinstance(self.app, TeacherApp) and self.app.leading):
            return "ctrl+l: show the class the place that you are in"
        seats = [seat for seat in self.room.seats.values() if not seat.teacher]
        follow = sum(seat.following for seat in seats)
        return f"leading: {follow} follow, {len(seats) - follow} on their own     ctrl+l: stop"

    def belong(self) -> None:
        """Be where one belongs, now that leading has begun or ended, or somebody else drives or is shown."""
        lead = self.room.lead
        if not lead.leading:
            self.roam() if self.following else self.refresh()
        elif self.wheel is not None or self is lead.spotlit:
            self.refresh()
        elif not self.teacher:
            self._refresh_line() if self.following else self.follow()
        elif lead.student_drives or lead.spotlit is not None:
            self.follow()
        else:
            self.roam() if self.following else self.refresh()

    def follow(self) -> None:
        """Watch what the class is shown. What was made since one stepped aside is kept, under a name."""
        lead = self.room.lead
        if self._painter is None or not lead.leading or self.following or self.wheel is not None:
            return
        if self is lead.spotlit:
            lead.spotlight(None)
            return
        if not self.teacher and self.app is not None:
            self.app.keep()
        self._keys = Keyboard(self._pressed, lambda then: then(), lambda: (0, 0))
        self._stage = lead.stage(self._painter.kind)
        self._stage.add(self)
        self.room.counted()

    def show_stage(self, frame: Frame) -> None:
        if self._painter is not None:
            self._painter.show(frame, self._line())

    @property
    def _belongs_on_stage(self) -> bool:
        """Whether they follow when they sit down."""
        lead = self.room.lead
        if not lead.leading or self is lead.spotlit:
            return False
        if self.teacher:
            return lead.student_drives or lead.spotlit is not None
        return self.app is None or self._followed or lead.frozen

    def _refresh_line(self) -> None:
        if self._stage is not None and self._stage.frame is not None:
            self.show_stage(self._stage.frame)

    def _leave_stage(self) -> None:
        stage, self._stage = self._stage, None
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        if self._aside is not None:
            self._aside.cancel()
            self._aside = None
        if stage is not None:
            self.room.lead.leave(self, stage)
            self.room.counted()

    def _pressed(self, event: Message) -> None:
        """A key of somebody who follows."""
        key, lead = event.key if isinstance(event, events.Key) else "", self.room.lead
        if self.teacher:
            if key == "ctrl+l":
                lead.spotlight(None) if lead.spotlit is not None else lead.take_back()
        elif key in ("enter", "ctrl+r") and self._aside is None:
            if lead.frozen:
                self._bell()
            else:
                self._aside = asyncio.create_task(self._step_aside())
                self._refresh_line()
        elif key in ("q", "ctrl+q"):
            self.close(f"Goodbye, {self.name}.")

    async def _step_aside(self) -> None:
        place = await self.room.lead.aside()
        self._aside = None
        self.roam(place)

    def roam(self, place: Place | None = None) -> None:
        """Be on one's own: in the app as it was, or at a place."""
        self._leave_stage()
        if self._painter is None:
            return
        if self.app is None:
            self._start_app(place)
            return
        if place is not None:
            self.app.go(place)
        self.refresh()

    # -- driving

    def drive(self, shown: Shown) -> None:
        """Go on with what the class is shown: from now on it sees what is done here."""
        assert self._painter is not None
        self._leave_stage()
        app = self.wheel = WheelApp(
            self._of_app(self._painter.kind),
            theme=self.room.person(self.key).theme,
            progress=self.room.folder.progress(self.room.person(self.key).id),
            course=self.room.course,
            on_frame=self._show,
            bell=self._bell,
        )
        app.seat, app.begins = cast("Seat", self), shown.screen
        self._wheel_ends = app.start()
        self._wheel_ends.add_done_callback(lambda task: self._wheel_ended(app))

    def _wheel_ended(self, app: WheelApp) -> None:
        app.progress.close()
        if app is self.wheel:  # by a key of their own, or by an error
            self.wheel = None
            self.follow()
            self.room.lead.lost(self)

    async def give_back(self) -> None:
        """Drive no more; returns once nothing of it holds what the class is shown."""
        wheel, ends, self.wheel = self.wheel, self._wheel_ends, None
        if wheel is not None and ends is not None:
            await wheel.at_rest()
            wheel.end()
            await asyncio.wait([ends])
        self.follow()

    async def let_go(self) -> None:
        """The teacher's app leaves what the class is shown to somebody else."""
        if isinstance(self.app, TeacherApp):
            await self.app.let_go()

    def go_on(self, shown: Shown) -> None:
        """And goes on with it."""
        self._leave_stage()
        if isinstance(self.app, TeacherApp):
            self.app.go_on(shown)
            self.refresh()
        elif self._painter is not None:
            self._start_app()
