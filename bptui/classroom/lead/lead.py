"""Leading: what the class is shown, who drives, and how far the others may go by themselves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, cast

from bptui.classroom.lead.kinds import as_it_stood, shown_at, shown_by, unpacked
from bptui.classroom.lead.lesson import ShownLesson
from bptui.classroom.lead.shown import Shown, Where
from bptui.classroom.lead.stage import Pane, Stage
from bptui.classroom.lead.stages import Stages
from bptui.classroom.places import HOME, OnStep, Place, Within
from bptui.classroom.store import Store, StoreError
from bptui.classroom.terminal.kind import Kind
from bptui.course.lesson import Lesson, Predict
from bptui.course.player import PlayError
from bptui.session.session import Session
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from textual.screen import Screen

    from bptui.classroom.drivers import DriversApp
    from bptui.classroom.following import Follower
    from bptui.classroom.seat import Seat

SELDOM = 1.0  # seconds between two notes of where the class is
SPOT = 3.0  # seconds in which what somebody does is made again; the class waits for no more of it
PATIENCE = 5.0  # seconds to wait at the end for what is still under way
log = logging.getLogger("bptui.classroom")


class LeadError(ValueError):
    """What cannot be done with the class now. One line."""


class Lead:
    """What the class is shown: nothing, until the teacher leads.

    `everybody` is told where leading begins or ends, or where somebody else drives or is shown, and whether all are to
    follow now; `moved` where the class is somewhere else, or may go farther; `handed` where somebody who steps aside
    begins from now on.
    """

    def __init__(
        self,
        store: Store,
        course: Sequence[Lesson],
        everybody: Callable[[bool], None],
        moved: Callable[[], None] = lambda: None,
        pane: Pane = lambda width, most: None,
        handed: Callable[[Place], None] = lambda place: None,
    ) -> None:
        self.deadline: float | None = None  # of a countdown, by the clock of the loop
        self._course, self._store, self._pane = course, store, pane
        self._tell_everybody, self._moved, self._handed = everybody, moved, handed
        self._class: Shown | None = None
        self._spot: Shown | None = None  # what somebody does on their own, while all see it
        self._teacher: Follower | None = None  # while she leads
        self._driver: Follower | None = None  # a student who has the wheel
        self._spotlit: Follower | None = None
        self.unseen = ""  # why what they do cannot be shown
        self._saw: Place | None = None  # what they did last, until it is shown
        self._screen: Screen[Any] | None = None  # of whoever drives, as it was last looked at
        self._where: Where | None = None
        self.stages = Stages(self._new_stage)
        self._written: tuple[Shown, asyncio.Future[Place]] | None = None  # one for all who want it
        self._passing = asyncio.Lock()  # the wheel
        self._tasks: set[asyncio.Task[None]] = set()
        self._note: asyncio.TimerHandle | None = None
        self._tell: asyncio.TimerHandle | None = None
        self._unsaved = False

    async def take_up(self, place: Place) -> None:
        """Go on from what was shown when the server ended. Raises ValueError."""
        self._class = await self._made_again(place)
        if self._class is not None:
            self._where = self._class.where()
            self._handed(await self.aside())

    # -- what is led

    @property
    def leading(self) -> bool:
        """Whether there is something to follow."""
        return self._showing is not None

    @property
    def _showing(self) -> Shown | None:
        return self._spot or self._class

    @property
    def led(self) -> Shown | None:
        """The class's own place, also while somebody else's is shown."""
        return self._class

    @property
    def session(self) -> Session | None:
        """The session that the class is shown; None where nothing is led, in a lab, or in a lesson without stage."""
        return self._class.session if self._class is not None else None

    @property
    def place(self) -> Where | None:
        """Where the class is."""
        return self._where

    @property
    def driver(self) -> Seat | None:
        """Who drives: the teacher, or the student who has the wheel; None where nobody is there who does."""
        return cast("Seat | None", self._driver or self._teacher)

    @property
    def spotlit(self) -> Seat | None:
        """Whose own session all see."""
        return cast("Seat | None", self._spotlit)

    @property
    def student_drives(self) -> bool:
        return self._driver is not None

    def look(self, seat: Follower, screen: Screen[Any]) -> None:
        """Take over what the screen of somebody shows, if it is theirs that the class sees."""
        if seat is (self._driver or self._teacher):
            self._look_at_class(screen)

    def begin(self, seat: Follower, screen: Screen[Any] | None = None) -> None:
        """The teacher leads from now on."""
        self._teacher = seat
        if screen is not None:
            self.look(seat, screen)

    def _look_at_class(self, screen: Screen[Any]) -> None:
        shown = shown_by(screen)
        if shown is None or (self._class is not None and shown.seen == self._class.seen):
            return
        begins, self._class, self._screen = self._class is None, shown, screen
        if self._spot is None:
            self.stages.follow(shown)
        self._unsaved = True
        self._write_soon()
        self._tell_place(shown.where())
        if begins:
            self._everybody(True)

    def _tell_place(self, where: Where) -> None:
        """Tell of another lesson or net at once, of another step of it soon."""
        before, self._where = self._where, where
        if before is None or (before.title, before.kind, before.steps and before.step) != (
            where.title,
            where.kind,
            where.steps and where.step,
        ):
            self._moved()
        elif before != where and self._tell is None:
            self._tell = asyncio.get_running_loop().call_later(SELDOM, self._told)

    def _told(self) -> None:
        self._tell = None
        self._moved()

    def stop(self) -> None:
        """Show nothing any more; whoever followed is on their own."""
        self.end_spotlight()
        driver, self._driver = self._driver, None
        if driver is not None:
            self._start(driver.give_back())
        self._class = self._screen = self._where = self._teacher = None
        self._unsaved = True
        self._write()
        self._everybody(False)
        self._moved()

    # -- what is kept

    def _write_soon(self) -> None:
        if self._note is None:
            self._note = asyncio.get_running_loop().call_later(SELDOM, self._write)

    def _write(self) -> None:
        if self._note is not None:
            self._note.cancel()
            self._note = None
        if self._class is not None and self._class.going:  # it will be written where it comes to rest
            self._write_soon()
        elif self._unsaved:
            self._unsaved = False
            self._start(self._publish())

    async def _publish(self) -> None:
        try:
            self._store.publish("led", **(asdict(await self.written()) if self._class is not None else {}))
            self._handed(await self.aside() if self._class is not None else HOME)
        except (StoreError, ValueError) as error:  # a closed class, or numbers that are not finite: the last one stands
            log.info("where the class is cannot be kept: %s", error)

    async def written(self) -> Place:
        """Where the class is, for going on from there. Raises ValueError where that cannot be written down."""
        shown = self._class
        assert shown is not None
        if self._written is None or self._written[0] is not shown:
            self._written = shown, asyncio.ensure_future(asyncio.to_thread(shown.writer()))
            self._written[1].add_done_callback(lambda future: future.exception())  # it may be that nobody waits
        return await asyncio.shield(self._written[1])

    async def aside(self) -> Place:
        """Where the class is, for somebody to go on from there on their own; home, where it cannot be handed on."""
        try:
            return replace(await self.written(), states={}, copied=True, untouched=True)
        except ValueError as error:
            log.info("what is shown cannot be handed on: %s", error)
            return HOME

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- the wheel

    def hand_to(self, seat: Follower) -> None:
        """Give somebody the wheel: what they do is what the class sees. Raises LeadError."""
        if self._class is None:
            raise LeadError("nothing is shown to the class that somebody could drive")
        if seat.role != "student" or not seat.present:
            raise LeadError(f"{seat.name} is not there to drive")
        self._start(self._pass_to(seat))

    def take_back(self) -> None:
        """The wheel is the teacher's again, with all that was done meanwhile."""
        if self._driver is not None:
            self._start(self._pass_to(None))

    def lost(self, seat: Follower) -> None:
        """Somebody is not there any more, or has enough of it."""
        if seat is self._driver:
            self.take_back()
        if seat is self._spotlit:
            self.end_spotlight()
        if seat is self._teacher:
            self._teacher = self._screen = None  # what she leads stays where it is; her app is let go of
            if self._lesson is not None:
                self._lesson.player.last = lambda: None

    async def _pass_to(self, seat: Follower | None) -> None:
        """Let go of the place in one app, then go on with it in the other: nobody shares a session with anybody."""
        async with self._passing:
            if self._class is None or (seat is not None and not seat.present):
                return
            if seat is self._spotlit:
                self.end_spotlight()
            giver, self._driver = self._driver, seat
            if giver is not None:
                await giver.give_back()
            elif self._teacher is not None:
                await self._teacher.leave_place()
            if self._class is None:  # meanwhile she has stopped
                return
            if seat is not None:
                seat.drive(self._class)
            elif self._teacher is not None:
                self._teacher.go_on(self._class)
            self._everybody(False)

    # -- the spotlight

    def spotlight(self, seat: Follower | None) -> None:
        """Let all see what somebody does on their own, or the class's place again. Raises LeadError."""
        if seat is not None and (seat.own is None or seat.following or seat.role != "student" or not seat.present):
            raise LeadError(f"{seat.name} is not on their own: there is nothing of theirs to be seen")
        self.end_spotlight()
        if seat is not None and seat.own is not None:
            self._spotlit = seat
            seat.own.be_seen(True)
            self._everybody(False)

    def end_spotlight(self) -> None:
        """Show the class's place again, where it stands."""
        seat, self._spotlit = self._spotlit, None
        if seat is None:
            return
        if seat.own is not None:
            seat.own.be_seen(False)
        self._spot = self._saw = None
        self.unseen = ""
        if self._class is not None:
            self.stages.follow(self._class)
        self._everybody(False)

    def saw(self, seat: Follower, place: Place) -> None:
        """Somebody on their own does this."""
        if seat is self._spotlit:
            looks, self._saw = self._saw is not None, place
            if not looks:
                self._start(self._look_at_spot(seat))

    async def _look_at_spot(self, seat: Follower) -> None:
        """Make again what they do, the latest of it, as fast as that can be made.

        In this process, for the stages draw from it; their own app had it in a worker, which keeps a net and a text
        within bounds. What is left to bound here is the time: runs are as long as somebody likes.
        """
        place = None
        while self._spotlit is seat and self._saw is not None and place is not self._saw:
            place = self._saw
            try:
                shown = await self._made_again(place, Within(SPOT))
            except ValueError as error:
                log.info("what %s does cannot be shown: %s", seat.name, error)
                self._say_unseen(seat, str(error))
                continue
            self._say_unseen(seat, "")
            if self._spotlit is seat and shown is not None:
                begins, self._spot = not self.leading, shown
                self.stages.follow(shown)
                if begins:
                    self._everybody(True)
        if self._spotlit is seat:
            self._saw = None

    def _say_unseen(self, seat: Follower, why: str) -> None:
        if seat is self._spotlit and why != self.unseen:
            self.unseen = why
            self._everybody(False)

    async def _made_again(self, place: Place, on_step: OnStep = lambda step: None) -> Shown | None:
        parts = await asyncio.to_thread(unpacked, place, on_step)
        return shown_at(place, parts, self._course, lambda lesson: as_it_stood(place, lesson))

    # -- how far the others may go

    @property
    def frozen(self) -> bool:
        """Whether everybody stays with the class."""
        return self._store.snapshot()[1].frozen

    def freeze(self, on: bool) -> None:
        """Let nobody leave the stage, and bring back who has; or let them."""
        self._store.publish("frozen", on=on)
        self._everybody(on)
        self._moved()

    @property
    def last_allowed(self) -> int | None:
        """The last step of the class's lesson that students may enter on their own, from 1; None for any."""
        lesson, last = self._store.snapshot()[1].allowed
        return last if self._lesson is not None and self._lesson.player.key == lesson and last else None

    def allow_to(self, step: int | None) -> None:
        """Set it. Raises LeadError outside of a lesson."""
        if self._lesson is None:
            raise LeadError("the class is in no lesson")
        self._store.publish("allowed", lesson=self._lesson.player.key, last=step or 0)
        self._moved()

    @property
    def bound(self) -> tuple[str, int] | None:
        """The class's lesson and the last of its steps, from 0, that may be entered: where the class is, one may be."""
        last, lesson = self.last_allowed, self._lesson
        return None if last is None or lesson is None else (lesson.player.key, max(last - 1, lesson.index))

    def countdown(self, seconds: float | None) -> None:
        """Let something end so many seconds from now; None: nothing ends."""
        self.deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        self._moved()

    # -- what the desk does at the driver's screen

    @property
    def _lesson(self) -> ShownLesson | None:
        return self._class if isinstance(self._class, ShownLesson) else None

    @property
    def asks(self) -> bool:
        """Whether the class's lesson stands at a question that is open."""
        player = self._lesson.player if self._lesson is not None else None
        return player is not None and isinstance(player.step.ask, Predict) and not player.state.over

    def reveal(self) -> None:
        """Tell the answer to the question in front of the class."""
        app, screen = self._app, self.screen
        if app is not None and isinstance(screen, Lectern):
            app.call_later(screen.action_lesson_tell)
        elif self.asks and self._lesson is not None:  # nobody drives
            with suppress(PlayError):  # the stage cannot be made any more
                self._lesson.player.tell()
            self._class = shown = ShownLesson.at(self._lesson.player, self._lesson.inner)
            if self._spot is None:
                self.stages.follow(shown)

    def step(self, by: int) -> None:
        """What ← and → do at the driver's screen; in a lesson, a step of it."""
        app, screen = self._app, self.screen
        if app is None or screen is None:
            return
        if isinstance(screen, Lectern):
            deed: Callable[[], object] = screen.action_lesson_next if by > 0 else screen.action_lesson_back
            app.call_later(deed)
        else:
            names = {"Workbench": ("step", "back"), "Inside": ("step", "back"), "Train": ("right", "left")}
            forward, back = names.get(type(screen).__name__, ("arrow(1, 0)", "arrow(-1, 0)"))
            app.call_later(screen.run_action, forward if by > 0 else back)

    @property
    def _app(self) -> DriversApp | None:
        """The app of whoever drives. A screen would name the app in which it is asked, which may be the desk's."""
        if self._driver is not None:
            return self._driver.wheel
        own = self._teacher.own if self._teacher is not None else None
        return cast("DriversApp", own) if own is not None else None

    @property
    def screen(self) -> Screen[Any] | None:
        """The screen of whoever drives, while it is the class's place."""
        app, screen = self._app, self._screen
        return screen if app is not None and app.screen_stack and app.screen is screen else None

    def _busy(self) -> bool:
        return isinstance(self._screen, Workbench) and self._screen.searching

    # -- the followers and their stages

    def _everybody(self, all_follow: bool) -> None:
        """Each is where they belong; where nothing is shown any more, no stage stands on for whoever comes back."""
        self._tell_everybody(all_follow)
        if not self.leading:
            self.stages.clear()

    def _new_stage(self, kind: Kind) -> Stage:
        assert self._showing is not None
        among = self.stages.__len__
        return Stage(kind, self._showing, self._busy, self._lost, self._pane, self.stages.veil, among)

    def _lost(self, stage: Stage) -> None:
        self.stages.forget(stage)
        for seat in list(stage.members):
            seat.roam()

    async def close(self) -> None:
        for handle in (self._note, self._tell):
            if handle is not None:
                handle.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)
        if self._unsaved:
            await self._publish()
        self.stages.close()
