"""The apps of the class's people: bptui, and the few keys that a class adds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from bptui.classroom.asked import Asked
from bptui.classroom.lead.bench import ShownBench
from bptui.classroom.lead.kinds import Parts, shown_at, shown_by, unpacked
from bptui.classroom.lead.shown import Shown
from bptui.classroom.own import Bound, Holder
from bptui.classroom.places import HOME, Bookmark, Place, receipt_of
from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.kind import Kind, looks
from bptui.sources.opening import Opened, of_receipt
from bptui.sources.receipts import from_receipt
from bptui.tui.app import PLACES
from bptui.tui.home.screen import Home
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.place import screen_of
from bptui.tui.train.screen import Train
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.player import Player
    from bptui.course.progress import Attempt, Progress

SELDOM = 5.0  # seconds between two notes of where somebody is
WATCH = 0.1  # seconds between two looks at what somebody does whom all watch
MOMENT = 0.02  # seconds between two looks at a search that is to end
log = logging.getLogger("bptui.classroom")


class Forks(Provider):
    """The palette's lines for what somebody made while the class went on."""

    def _all(self) -> Iterator[tuple[int, str]]:
        yield from reversed(list(enumerate(cast("PersonsApp", self.app).holder.forks())))

    async def discover(self) -> Hits:
        for number, name in self._all():
            yield DiscoveryHit(name, lambda number=number: self._open(number), help="what you did on your own")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for number, name in self._all():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), lambda number=number: self._open(number))

    def _open(self, number: int) -> None:
        cast("PersonsApp", self.app).holder.open_fork(number)


LOOKS = (
    Binding("f2", "turn_looks('colours')", "more or fewer colours", id="class.colours"),
    Binding("f3", "turn_looks('glyphs')", "plain ASCII, or all glyphs", id="class.glyphs"),
)


class PersonsApp(DistantApp):
    """bptui for one of the class. Their progress is its own to close; their place is noted as they go."""

    COMMANDS = {*DistantApp.COMMANDS, Forks}
    BINDINGS: ClassVar[list[BindingType]] = [*DistantApp.BINDINGS, *LOOKS]

    def __init__(
        self,
        kind: Kind,
        holder: Holder,
        *,
        theme: str,
        progress: Progress,
        course: Sequence[Lesson],
        bookmark: Bookmark | None = None,
    ) -> None:
        super().__init__(
            kind,
            theme=theme,
            progress=progress,
            course=course,
            on_frame=self._drawn,
            bell=lambda: self.holder.ring(),
            on_copy=lambda text: self.holder.copied(text),
        )
        self.holder, self.bookmark = holder, bookmark
        self.in_sight = self.told_to_end = False
        self.over = asyncio.Event()
        self._begins: Place | Callable[[], Screen[None]] | None = None
        self._goal: object = None  # until it is in sight
        self._here = asyncio.Event()
        self._moved_in = False
        self._vacant = True  # what is in sight, if anything is, gives way to what comes next
        self._stands_at: Place | None = None  # where it is for nobody yet
        self._copied: tuple[Shown, object] | None = None  # what they took from the class, and what was done in it then
        self._bound: Bound | None = None
        self._is_seen = False
        self._telling: asyncio.TimerHandle | None = None
        self._told: object = None  # of what they do
        self._tasks: set[asyncio.Task[None]] = set()
        self._going: asyncio.Task[None] | None = None
        self._note: asyncio.TimerHandle | None = None
        self._noted: object = None
        self._told_where = ""
        progress.on_attempt = self._tried

    # -- from outside

    def begin(self, at: Place | Callable[[], Screen[None]] | None = None) -> None:
        """Start, at a place, or with a screen that is made then; without either, where they were."""
        self._begins = self._goal = at or self._where_they_were()
        self._moved_in = True
        self.start().add_done_callback(self._over)

    def stand_by(self, at: Place | None) -> None:
        """Start, for nobody yet, where somebody may soon want to be."""
        self._begins = at
        self.start().add_done_callback(self._over)

    async def move_along(self, to: Place, patience: float) -> None:
        """Stand by somewhere else."""
        if not self._moved_in and to != self._stands_at:
            self._here.clear()
            self.go(to)
            await self.settled(patience)

    def move_in(self, holder: Holder, progress: Progress, bookmark: Bookmark, kind: Kind, at: Place | None) -> None:
        """Be somebody's from now on, at a place or where they were; what they see comes later."""
        self.progress.close()
        self.holder, self.progress, self.bookmark = holder, progress, bookmark
        self._noted, self._told_where = None, ""
        progress.on_attempt = self._tried
        if kind != self.kind:
            self.resized(kind)
        self._moved_in = True
        self._here.clear()
        self._goal = at = at or self._where_they_were()
        if self._screen_stack:
            self.call_later(self.go, at)
        else:  # it is about to start
            self._begins = at

    async def settled(self, patience: float) -> None:
        """Wait until what was begun is in sight, or too long has passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._here.wait()

    def end(self) -> None:
        self.note_place()
        self.told_to_end = True
        super().end()

    def show(self, kind: Kind) -> None:
        self.in_sight = True
        alike = looks(kind) == looks(self.kind)
        if kind != self.kind:
            self.resized(kind)
        if self._vacant and self._goal is None:
            self.go(HOME)
        elif alike:  # else what was drawn is not for this terminal
            self._drawn()

    def hide(self) -> None:
        self.in_sight = False
        self.drop_keys()

    def go(self, place: Place) -> None:
        self._goal = place
        self._going = asyncio.get_running_loop().create_task(self._go(place))

    def keep(self) -> None:
        (copied, first), self._copied = self._copied or (None, None), None
        screen = self.screen if self._screen_stack else None
        if isinstance(screen, Lectern) and isinstance(screen.player, Asked):
            self._leave_copy(screen)
            return
        shown = shown_by(screen)
        if copied is None or screen is None or shown is None or not shown.goes_on(copied):
            return
        if shown.done != first:
            self._begin(self._keep(shown))
        self._leave_copy(screen)

    async def _keep(self, shown: Shown) -> None:
        try:
            self.holder.kept(shown.name(), (await asyncio.to_thread(shown.writer())).to_kept())
        except ValueError as error:
            log.info("what somebody made is not kept: %s", error)

    def _leave_copy(self, screen: Screen[Any]) -> None:
        """Go back to what was there before; where nothing was, the screen serves again for what comes next."""
        if len(self.screen_stack) > 2:
            self.call_later(self._leave_top, screen)
        else:
            self._vacant = True
            self.note_place()
            if isinstance(screen, Workbench):
                screen.session.history.let_go()

    def _leave_top(self, screen: Screen[Any]) -> None:
        if screen is self.screen:
            self.leave(screen)

    def limit(self, bound: Bound | None) -> None:
        self._bound = bound

    def be_seen(self, on: bool) -> None:
        self._is_seen, self._told = on, None
        self._look_soon()

    async def at_rest(self) -> None:
        """Until no search goes on in the workbench in sight."""
        while self._screen_stack and isinstance(self.screen, Workbench) and self.screen.searching:
            self.screen.action_out()
            await asyncio.sleep(MOMENT)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- going somewhere

    def first_screen(self) -> Screen[None] | None:
        """Home, for those alone who begin there; what they type is for home as soon as there is a keyboard."""
        begins, self._begins = self._begins, None
        if begins == HOME:
            self.call_later(self._arrived, HOME)
            return Home()
        if isinstance(begins, Place):
            self.go(begins)
        elif begins is not None:
            self.call_later(self._open, begins)
        elif not self._moved_in:
            self._here.set()
        return None

    def _where_they_were(self) -> Place:
        return self.bookmark.take() if self.bookmark is not None else HOME

    async def _go(self, place: Place) -> None:
        """What takes its time comes first; by then they may be to go somewhere else."""
        if self._vacant and place.receipt and place == self._stands_at:
            self.call_later(self._if_wanted, self._arrived, place)
        elif place.asked:
            self.call_later(self._if_wanted, self._ask, place)
        elif place.receipt and not (place.lesson or place.lab or place.copied):
            await self._go_on(place)
        else:
            parts: Parts = None
            try:
                parts = await asyncio.to_thread(unpacked, place) if place.receipt else None
            except ValueError as error:
                log.warning("a place cannot be gone to: %s", error)
            self.call_later(self._if_wanted, self._arrive, place, parts)

    def _if_wanted(self, arrive: Callable[..., None], place: Place, *more: Any) -> None:
        if place is self._goal:
            arrive(place, *more)

    def _ask(self, place: Place) -> None:
        """Put the question to them that is in front of the class."""
        lesson = next((lesson for lesson in self.course if lesson.id == place.lesson), None)
        if lesson is None:
            self._stay(place)
            return
        player = Asked(lesson, place.step, place.seed, self.holder.answered)
        self._open(lambda: screen_of(player))

    async def _go_on(self, place: Place) -> None:
        """With work of their own, as it is opened anywhere."""
        try:
            opened, at = await asyncio.to_thread(_read, place.receipt)
        except ValueError as error:
            log.warning("a place cannot be gone to: %s", error)
            self.call_later(self._if_wanted, self._stay, place)
        else:
            self.call_later(self._if_wanted, self._open_at, place, opened, at)

    def _open_at(self, place: Place, opened: Opened, at: str) -> None:
        self._open(lambda: PLACES[at](replace(opened, said="")), place)

    def _arrive(self, place: Place, parts: Parts) -> None:
        try:
            shown = shown_at(place, parts, self.course, self.player)
        except ValueError as error:
            log.warning("a place cannot be gone to: %s", error)
            shown = None
        if shown is None:
            self._stay(place)
            return
        if place.copied:
            self._copied = shown, shown.done if place.untouched else None
        if self._vacant and isinstance(shown, ShownBench) and shown.onto(self.screen):
            self._arrived(place)
        else:
            self._open(shown.screen, place)

    def _stay(self, place: Place) -> None:
        """Where they are; that is home, if they are nowhere yet."""
        if not self._vacant:
            self._arrived(place)
        elif isinstance(self.screen, Home):
            self.screen.on_screen_resume()  # its progress may be another one
            self._arrived(place)
        else:
            self._open(Home, place)

    def _open(self, screen: Callable[[], Screen[None]], place: Place | None = None) -> None:
        if self._vacant and len(self.screen_stack) > 1:
            self.switch_screen(screen())
        else:
            self.push_screen(screen())
        self._arrived(place)

    def player(self, lesson: Lesson, key: str = "") -> Player:
        player = super().player(lesson, key)
        player.last = lambda: self._last(player.key)
        return player

    def _last(self, lesson: str) -> int | None:
        """The last step of a lesson that may be entered here, from 0."""
        return self._bound[1] if self._bound is not None and self._bound[0] == lesson else None

    def _arrived(self, place: Place | None = None) -> None:
        """What they go to is about to be in sight."""
        self._goal, self._vacant = None, not self._moved_in
        self._stands_at = place if self._vacant else None
        if self._screen_stack:
            self.screen.call_after_refresh(self._in_place, place)

    def _in_place(self, place: Place | None) -> None:
        if self._goal is not None:  # they are to go somewhere else by now
            return
        self._here.set()
        if self._moved_in:
            self.holder.arrived()
            self.note_place(place)

    # -- what the holder hears

    def _drawn(self) -> None:
        if self.in_sight:
            self.holder.draw(self.frame())
        if self._note is None and self.bookmark is not None:
            self._note = asyncio.get_running_loop().call_later(SELDOM, self.note_place)
        self._look_soon()

    def _look_soon(self) -> None:
        if self._is_seen and self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(WATCH, lambda: self._begin(self._look()))

    async def _look(self) -> None:
        """Tell what they do, if that is something else by now."""
        shown = shown_by(self.screen) if self._screen_stack else None
        anew = shown is not None and shown.seen != self._told
        if shown is not None and anew:
            self._told = shown.seen
            with suppress(ValueError):
                place = await asyncio.to_thread(shown.writer())
                if self._is_seen:
                    self.holder.seen(place)
        self._telling = None
        if anew:  # meanwhile they may have done more
            self._look_soon()

    def _tried(self, lesson: str, step: str, attempt: Attempt) -> None:
        self.holder.tried(lesson, step, right=attempt.right)

    def note_place(self, place: Place | None = None) -> None:
        """Write down where they are, if that is somewhere else by now. At `place` they have just arrived."""
        if self._note is not None:
            self._note.cancel()
            self._note = None
        if self.bookmark is None or not self._screen_stack:
            return
        self._tell_where()
        screens = [screen for screen in self.screen_stack if _is_place(screen)] if not self._vacant else []
        seen = _seen(screens[-1]) if screens else None
        if seen == self._noted:
            return
        self._noted = seen
        if screens and _is_searching(screens[-1]):
            self._noted = None
            return
        if place is not None and place.receipt and not place.lesson:
            self.bookmark.put(place)
        else:
            self.bookmark.put(self._place_of(screens[-1]) if screens else HOME)

    def _tell_where(self) -> None:
        """Tell the holder where they are, if that is somewhere else by now."""
        if any(map(_is_searching, self.screen_stack)):
            return
        shown = next(filter(None, map(shown_by, reversed(self.screen_stack))), None) if not self._vacant else None
        where = shown.where().brief if shown is not None else "home"
        if where != self._told_where:
            self._told_where = where
            self.holder.moved(where)

    def _place_of(self, screen: Screen[None]) -> Place:
        if isinstance(screen, Lectern):
            player = screen.player
            if isinstance(player, Asked):
                return replace(HOME, asked=True, lesson=player.lesson.id, step=player.step.id, seed=player.state.seed)
            return Place(lesson=player.key)
        assert isinstance(screen, Workbench | Train)
        taken, first = self._copied or (None, None)
        shown = shown_by(screen)
        copied = shown is not None and taken is not None and shown.goes_on(taken)
        untouched = copied and shown is not None and shown.done == first
        try:
            if isinstance(screen, Workbench):
                return Place(receipt_of(screen.session, screen.view, screen.source), copied=copied, untouched=untouched)
            return Place(screen.receipt(), "train" if copied else "", copied=copied, untouched=untouched)
        except ValueError:  # numbers that are not finite
            return HOME

    def _over(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an app failed: %s", type(error).__name__)
            self.failed = True
        for handle in (self._note, self._telling):
            if handle is not None:
                handle.cancel()
        if self._going is not None:
            self._going.cancel()
        self._here.set()
        self.over.set()
        self.progress.close()
        if self.bookmark is not None and not self.told_to_end:
            self.bookmark.drop()  # they left by a key, or it failed there
        self.holder.ended(self, failed=self.failed)

    def action_turn_looks(self, what: str) -> None:
        self.holder.turned(what)

    def action_next_theme(self) -> None:
        super().action_next_theme()
        self.holder.themed(self.paint.theme)


def _read(receipt: str) -> tuple[Opened, str]:
    return of_receipt("a place", from_receipt(receipt))


def _is_place(screen: Screen[Any]) -> bool:
    lab = isinstance(screen, Train) and screen.trainer is not None
    return lab or isinstance(screen, Workbench | Lectern)


def _seen(screen: Screen[None]) -> object:
    """What makes one place of a screen another one."""
    if isinstance(screen, Lectern):
        return screen.player.key, screen.player.index
    if isinstance(screen, Train):
        s = screen.snapshot
        return id(screen.training), s.branch, s.step, len(s.edits)
    assert isinstance(screen, Workbench)
    session = screen.session
    return id(session), session.address, session.sample, len(session.log), repr(screen.view)


def _is_searching(screen: Screen[Any]) -> bool:
    """Whether a workbench's session is another thread's."""
    return isinstance(screen, Workbench) and screen.searching


class StudentApp(PersonsApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        *PersonsApp.BINDINGS,
        Binding("ctrl+r", "follow", "back to the class", id="class.follow", priority=True),
    ]

    def action_follow(self) -> None:
        self.holder.follow()
