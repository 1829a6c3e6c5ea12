"""Following: somebody watches the class's stage, steps aside into a copy of their own, and returns."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.message import Message

from bptui.classroom.drivers import TeacherApp, WheelApp
from bptui.classroom.lead.shown import Shown
from bptui.classroom.lead.stage import Stage
from bptui.classroom.own import Bound, Own
from bptui.classroom.own_line import OwnLine
from bptui.classroom.people import Role
from bptui.classroom.places import HOME, Place
from bptui.classroom.polls import Poll
from bptui.classroom.terminal.cells import Frame, Row
from bptui.classroom.terminal.keyboard import Keyboard
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import Painter

if TYPE_CHECKING:
    from bptui.classroom.room import Room
    from bptui.classroom.seat import Seat

ROOMY = 100  # columns from which a row has room for where the class is, in full
TURNS = {"f2": "colours", "f3": "glyphs"}


class Follower:
    """What a seat does while it has no need of an app: the part of `Seat` that follows the class."""

    room: Room
    key: str
    name: str
    role: Role
    line: OwnLine
    own: Own | None
    at_desk: bool
    _painter: Painter | None

    def __init__(self) -> None:
        self._stage: Stage | None = None  # while they follow
        self._keys: Keyboard | None = None
        self._aside: asyncio.Task[None] | None = None
        self._refused = False  # whether they wanted to leave a stage that nobody may leave
        self._steps_aside = False  # until the app shows what they step aside to
        self._to_question = False  # whether that is the question in front of the class
        self._followed = False  # when the line dropped
        self.wheel: WheelApp | None = None  # while they drive: an app at the class's own place

    # -- what the rest of the seat does

    def refresh(self) -> None:
        """Bring size, line and screen up to date."""
        raise NotImplementedError

    def close(self, words: str = "") -> None:
        """End all of it."""
        raise NotImplementedError

    def _start_app(self, begin: Place | None = None) -> None:
        raise NotImplementedError

    def _expect_app(self) -> None:
        raise NotImplementedError

    def _hide(self) -> None:
        raise NotImplementedError

    def _of_app(self, kind: Kind) -> Kind:
        raise NotImplementedError

    def turned(self, what: str) -> None:
        """Other `colours` or other `glyphs`."""
        raise NotImplementedError

    def turn_hand(self) -> None:
        """Ask for the teacher, or no longer."""
        raise NotImplementedError

    def _rows(self) -> tuple[Row, ...]:
        raise NotImplementedError

    # -- following

    @property
    def following(self) -> bool:
        return self._stage is not None

    def said(self) -> tuple[str, ...]:
        """What their row says beside where they are, the most needed first."""
        lead = self.room.lead
        if self.role == "teacher":
            return self._said_to_teacher()
        if self.wheel is not None:
            return ("you drive: the class sees what you do   ctrl+r: enough",)
        if self is lead.spotlit:
            return ("all see what you do   ctrl+r: back to the class",)
        if not self.following:
            hand = "hand down" if self.room.person(self.key).hand else "raise hand"
            left = [f"{self.room.left} left"] if self.room.left else []
            roomy = self._painter is None or self._painter.kind.width >= ROOMY
            at = f"it is at {lead.place if roomy or lead.place is None else lead.place.brief}"
            return "ctrl+r: back to the class", *left, at, f"ctrl+g: {hand}"
        if self._steps_aside:
            return ("one moment",)
        if lead.frozen and self._refused:
            return ("all stay together for now",)
        whom = lead.spotlit or lead.driver
        if self.line.poll is not None:
            return ()
        return (f"what {whom.name} does",) if whom is not None and whom.role == "student" else ()

    def _said_to_teacher(self) -> tuple[str, ...]:
        lead = self.room.lead
        if lead.spotlit is not None:
            spot = f"all see what {lead.spotlit.name} does"
            if lead.unseen:
                spot = f"what {lead.spotlit.name} does cannot be shown: {lead.unseen}"
            return spot, "ctrl+d: desk", "ctrl+l: back to the class"
        if lead.student_drives and lead.driver is not None:
            return f"{lead.driver.name} drives", "ctrl+d: desk", "ctrl+l: take the wheel back"
        if not (isinstance(self.own, TeacherApp) and self.own.leading):
            return "ctrl+l: show the class the place that you are in", "ctrl+d: desk"
        seats = self.room.students
        follow = sum(seat.following for seat in seats)
        return f"leading: {follow} follow, {len(seats) - follow} on their own", "ctrl+d: desk", "ctrl+l: stop"

    def follow(self) -> None:
        """Watch what the class is shown. What was made since one stepped aside is kept, under a name."""
        lead = self.room.lead
        if self._painter is None or not lead.leading or self.following or self.wheel is not None:
            return
        if self is lead.spotlit:
            lead.end_spotlight()
        self._hide()
        if self.own is not None:
            self.own.keep()
        self._note_aside(False)
        self._refused = lead.frozen  # then they are told why they are here
        self._keys = Keyboard(self._pressed, lambda then: then(), lambda: (0, 0))
        self._stage = lead.stages.take(self._painter.kind)
        self._painter.lines = self._rows()
        self._stage.add(self)
        self.room.counted()
        self._expect_app()

    def show_stage(self, frame: Frame) -> None:
        if self._painter is not None and not self.at_desk:
            self._painter.show(frame)

    def _leave_stage(self) -> None:
        stage, self._stage = self._stage, None
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        self._steps_aside = False
        if self._aside is not None:
            self._aside.cancel()
            self._aside = None
        if stage is not None:
            self.room.lead.stages.leave(self, stage)
            self.room.counted()

    def _pressed(self, event: Message) -> None:
        """A key of somebody who follows."""
        key = event.key if isinstance(event, events.Key) else ""
        if key in TURNS:
            self.turned(TURNS[key])
        elif self.role == "projector":
            if key == "q":
                self.close()
        elif self.role == "teacher":
            if key == "ctrl+l":
                self.room.lead.end_spotlight() if self.room.lead.spotlit else self.room.lead.take_back()
        elif self._painter is not None and self.line.press(event, self._painter.kind.width):
            return
        elif key == "h":
            self.turn_hand()
        elif key == "enter" and self.line.elsewhere:
            self._open_question()
        elif key in ("enter", "ctrl+r") and self.room.lead.frozen:
            self._refused = True
            self.refresh()
        elif key in ("enter", "ctrl+r"):
            self._go_aside(self.room.lead.aside())
        elif key in ("q", "ctrl+q"):
            self.close(f"Goodbye, {self.name}.")

    def _open_question(self) -> None:
        """Answer in an app of their own what is in front of the class."""
        poll = self.line.poll
        assert poll is not None

        async def asked() -> Place:
            return _question(poll)

        self._go_aside(asked(), to_question=True)

    def _back_to_question(self) -> None:
        """If they were about to answer in their own app when the server ended, they are again."""
        poll, bookmark = self.line.poll, self.room.folder.bookmark(self.room.person(self.key).id)
        was = bookmark.asked()
        if was is None or self.own is not None:
            return
        if self.following and self.line.elsewhere and poll is not None and was == _question(poll):
            self._open_question()
        else:
            bookmark.drop()  # the question is over

    def _go_aside(self, to: Coroutine[Any, Any, Place], *, to_question: bool = False) -> None:
        """The stage stays in sight until the app has something to show."""
        if self._steps_aside:
            to.close()
            return
        self._steps_aside, self._to_question = True, to_question
        self.refresh()
        self._aside = asyncio.create_task(self._step_aside(to))

    async def _step_aside(self, to: Coroutine[Any, Any, Place]) -> None:
        place = await to
        self._aside = None
        if self.own is None:
            self._start_app(place)
        else:
            self.own.go(place)

    def arrived(self) -> None:
        """What the app was told to begin or go on with is in sight."""
        if self._steps_aside and self._aside is None:
            self._note_aside(not self._to_question)
            self.roam()

    def _note_aside(self, on: bool) -> None:
        """So that they are where they were after a restart of the server too."""
        if self.role == "student" and self.room.person(self.key).aside != on:
            self.room.store.publish("aside", self.key, on=on)

    @property
    def present(self) -> bool:
        """Whether they sit at a terminal."""
        return self._painter is not None

    @property
    def _belongs_on_stage(self) -> bool:
        """Whether they follow when they sit down."""
        lead = self.room.lead
        if not lead.leading or self is lead.spotlit:
            return False
        if self.role == "teacher":
            return lead.student_drives or lead.spotlit is not None
        left = self.own is None and not self.room.person(self.key).aside
        return left or self._followed or lead.frozen

    def belong(self, *, all_follow: bool) -> None:
        """Be where one belongs, now that leading has begun or ended, or somebody else drives or is shown."""
        lead = self.room.lead
        away = lead.student_drives or lead.spotlit is not None
        stays = lead.leading and (self.role != "teacher" or away)
        if self.following and not stays:
            self.roam()
        elif stays and (all_follow or self.role != "student") and self is not lead.spotlit:
            self.follow()
        self.refresh()

    def limit(self, bound: Bound | None) -> None:
        """Let them go no farther in a lesson than to a step."""
        if self.own is not None and self.role == "student":
            self.own.limit(bound)

    def seen(self, place: Place) -> None:
        """They do this, while all watch."""
        self.room.lead.saw(self, place)

    # -- driving

    def drive(self, shown: Shown) -> None:
        """Go on with what the class is shown: from now on it sees what is done here."""
        assert self._painter is not None
        self._leave_stage()
        self._hide()
        folder, person = self.room.folder, self.room.person(self.key)
        app = self.wheel = WheelApp(
            self._of_app(self._painter.kind),
            cast("Seat", self),
            theme=person.theme,
            progress=folder.progress(person.id),
            course=self.room.course,
        )
        app.begin(shown.screen)
        self.refresh()

    def _drives_no_more(self) -> None:
        """They have left by a key of their own, or by an error."""
        self.wheel = None
        self.follow()
        self.room.lead.lost(self)

    async def give_back(self) -> None:
        """Drive no more; returns once nothing of it holds what the class is shown."""
        wheel = self.wheel
        if wheel is not None:
            await wheel.at_rest()
            self.wheel = None
            wheel.end()
            await wheel.over.wait()
        self.follow()

    async def leave_place(self) -> None:
        """The teacher's app leaves what the class is shown to somebody else."""
        if isinstance(self.own, TeacherApp):
            await self.own.leave_place()

    def go_on(self, shown: Shown) -> None:
        """And goes on with it."""
        if isinstance(self.own, TeacherApp):
            self.own.go_on(shown)
        self.roam()

    # -- on one's own

    def roam(self) -> None:
        """Be on one's own, in the app as it is."""
        self._leave_stage()
        if self._painter is None:
            return
        if self.own is None and self.role != "projector":
            self._start_app()
        self.refresh()


def _question(poll: Poll) -> Place:
    """Where the question in front of the class is answered."""
    return replace(HOME, asked=True, **poll.made)
