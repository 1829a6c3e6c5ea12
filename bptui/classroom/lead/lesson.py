"""A lesson as it is led, on the driver's own player: its page, its question, and the stage beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, cast

from bptui.classroom.lead.bench import BenchMirror, ShownBench
from bptui.classroom.lead.labs import DescendMirror, ShownDescent, ShownTrain, TrainMirror
from bptui.classroom.lead.shown import Busy, Mirror, Shown, Where
from bptui.classroom.places import Place
from bptui.course.player import Player
from bptui.course.state import State, record_of
from bptui.session.session import Session
from bptui.tui.grid import Size
from bptui.tui.hiding import Hidden
from bptui.tui.lesson.labs import Laboratory, Race, Run
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.parts import Answer
from bptui.tui.lesson.place import Bench, Inside, Words, screen_of
from bptui.tui.stage import Stage as Panes

Inner = ShownBench | ShownTrain | ShownDescent


@dataclass(frozen=True, eq=False)
class ShownLesson:
    """A player where it stands, and the stage beside the text, if there is one. `drawer` says whether the text lies
    open over the stage, None where it has a column of its own; `turned` pages of it were read on. `inside` says that
    the stage is a training step of a lab, opened in the workbench, without the text.
    """

    player: Player
    index: int
    inner: Inner | None
    seen: object
    drawer: bool | None = None
    turned: int = 0
    inside: bool = False

    @staticmethod
    def of(screen: Lectern | Inside) -> ShownLesson | None:
        """None where the stage has nothing to show yet, or a search has its session."""
        inner: Inner | None
        match screen:
            case Bench() | Inside():
                inner = ShownBench.of(screen)
            case Run():
                inner = ShownTrain.of(screen)
            case Race():
                inner = ShownDescent.of(screen)
            case _:
                inner = None
        if inner is None and not isinstance(screen, Words):
            return None
        if isinstance(screen, Inside):
            return ShownLesson.at(screen.player, inner, inside=True)
        drawer = screen.drawer if screen.has_drawer else None
        return ShownLesson.at(screen.player, inner, drawer=drawer, turned=screen.turned)

    @staticmethod
    def at(
        player: Player, inner: Inner | None, *, drawer: bool | None = None, turned: int = 0, inside: bool = False
    ) -> ShownLesson:
        stage = inner.seen if inner is not None else None
        seen = id(player), player.index, player.state, player.testing, player.forgotten, drawer, turned, inside, stage
        return ShownLesson(player, player.index, inner, seen, drawer, turned, inside)

    @property
    def session(self) -> Session | None:
        return self.inner.session if self.inner is not None else None

    @property
    def going(self) -> bool:
        return self.inner is not None and self.inner.going

    def where(self) -> Where:
        lesson = self.player.lesson
        number = Path(lesson.path).name.partition("-")[0]
        title = f"{int(number)}  {lesson.title}" if number.isdecimal() and len(number) < 4 else lesson.title
        return Where(title, "lesson", self.index + 1, len(lesson.steps))

    @property
    def done(self) -> object:
        return self.index, self.inner.done if self.inner is not None else None

    def goes_on(self, before: Shown) -> bool:
        return isinstance(before, ShownLesson) and before.player is self.player

    def name(self) -> str:
        return str(self.where())

    def mirror(self, busy: Busy) -> Mirror:
        match self.inner:
            case ShownBench() if self.inside:
                return InsideMirror(self, busy)
            case ShownBench():
                return BenchBeside(self, busy)
            case ShownTrain():
                return RunBeside(self)
            case ShownDescent():
                return RaceBeside(self)
        return WordsMirror(self)

    def screen(self) -> Lectern:
        player = self.player
        if isinstance(self.inner, ShownTrain):
            player.lab = self.inner.training
        elif isinstance(self.inner, ShownDescent):
            player.lab = self.inner.descent
        screen = screen_of(player)
        assert isinstance(screen, Lectern)
        if isinstance(screen, Bench) and isinstance(self.inner, ShownBench) and not self.inside:
            screen.view = replace(self.inner.view)
        elif isinstance(screen, Race) and isinstance(self.inner, ShownDescent):
            self.inner.give(screen)
        elif isinstance(screen, Run) and isinstance(self.inner, ShownTrain):
            vars(screen).update(self.inner.looked)
        return screen

    def writer(self) -> Callable[[], Place]:
        player = self.player
        states = {
            step.id: list(astuple(record_of(state)))[:4]
            for step, state in zip(player.lesson.steps, player.states, strict=True)
            if state != State()
        }
        lab = player.step.stage.lab if player.step.stage is not None else ""
        drawer = "" if self.drawer is None else "open" if self.drawer else "closed"
        place = Place("", lab, player.key, player.step.id, player.state.seed, states, drawer, self.turned)
        inner = None if self.inside else self.inner

        def written() -> Place:
            try:
                return replace(place, receipt=inner.receipt() if inner is not None else "")
            except ValueError:  # then the step begins as new
                return place

        return written


class _Watched:
    """A player as those see it who watch: what was answered is nobody's business until it is over, and what the class
    is asked for beside the lesson, `also`, is hidden too.
    """

    def __init__(self, player: Player, also: Callable[[], Hidden]) -> None:
        self._player, self._also = player, also

    def __getattr__(self, name: str) -> Any:
        return getattr(self._player, name)

    @property
    def veil(self) -> Hidden:
        return self._player.veil | self._also()

    @property
    def state(self) -> State:
        state = self._player.state
        return state if state.over else replace(state, verdict=None, attempts=0)


class Onlooking(Lectern):
    """A lesson's screen on somebody's player, that does nothing to it. What they type is not shown."""

    has_keys = False
    veil: Hidden = frozenset()

    def look_at(self, shown: ShownLesson) -> None:
        """Be ready to show this. Before `attend`."""
        self._led = shown

    def attend(self, player: Player) -> None:
        super().attend(cast("Player", player if isinstance(player, _Watched) else self._watched(player)))
        self.answer = Answer()
        if self._led.drawer is not None:
            self.drawer = self._led.drawer

    def _watched(self, player: Player) -> _Watched:
        return _Watched(player, lambda: self.veil)

    def stands_for(self, shown: Shown) -> bool:
        """Whether it is the same lesson, at the same step where that has another stage."""
        return (
            isinstance(shown, ShownLesson)
            and shown.player.lesson is self._led.player.lesson
            and not shown.inside
            and type(shown.inner) is type(self._led.inner)
        )

    def read_along(self, shown: ShownLesson) -> None:
        """Open or close the text as the driver does; beside a text that is always open, as its news come and go."""
        before, self._led = self._led, shown
        if shown.player is not before.player:
            self.player = cast("Player", self._watched(shown.player))
        state, index = self.player.state, self.player.index
        if shown.drawer is not None:
            self.drawer = shown.drawer
        elif (index, state) != self._stood:
            self.drawer = True
        elif shown.inner is not None and before.inner is not None and shown.inner.seen != before.inner.seen:
            self.drawer = False
        if index != self._stood[0]:
            before = replace(before, turned=0)
        for _ in range(abs(shown.turned - before.turned)):
            self.scrolls(1 if shown.turned > before.turned else -1)

    def acted(self) -> None:
        """What the driver does is judged where they do it."""

    def _work_out(self) -> None:
        """As is done where they are."""


class BenchBeside(Onlooking, BenchMirror, Bench):
    """The workbench beside a lesson."""

    def __init__(self, shown: ShownLesson, busy: Busy) -> None:
        assert isinstance(shown.inner, ShownBench)
        self._busy = busy
        self.look_at(shown)
        Bench.__init__(self, shown.player)
        self.session, self.view = shown.inner.session, replace(shown.inner.view)

    def takes(self, shown: Shown) -> bool:
        return self.stands_for(shown)

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownLesson) and isinstance(shown.inner, ShownBench)
        turned = shown.index != self._led.index
        self.read_along(shown)
        if turned:  # another diagram, and a text that wants another room
            self.stage = None
        self.follow_bench(shown.inner)
        self.show_lesson()

    def new_stage(self) -> Panes:
        return Bench.new_stage(self)

    def show_keys(self, shown: Any) -> None:
        Lectern.show_keys(self, ())


class RunBeside(Onlooking, TrainMirror, Laboratory):
    """The train lab beside a lesson."""

    def __init__(self, shown: ShownLesson) -> None:
        assert isinstance(shown.inner, ShownTrain)
        TrainMirror.__init__(self, shown.inner)
        self.look_at(shown)
        self.attend(shown.player)

    def takes(self, shown: Shown) -> bool:
        return self.stands_for(shown) and cast("ShownLesson", shown).index == self._led.index

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownLesson) and isinstance(shown.inner, ShownTrain)
        self.read_along(shown)
        self.follow_run(shown.inner)
        self.show_lesson()


class RaceBeside(Onlooking, DescendMirror, Laboratory):
    """The descend lab beside a lesson."""

    def __init__(self, shown: ShownLesson) -> None:
        assert isinstance(shown.inner, ShownDescent)
        DescendMirror.__init__(self, shown.inner)
        self.look_at(shown)
        self.attend(shown.player)

    def takes(self, shown: Shown) -> bool:
        return self.stands_for(shown) and cast("ShownLesson", shown).index == self._led.index

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownLesson) and isinstance(shown.inner, ShownDescent)
        self.read_along(shown)
        self.follow_descent(shown.inner)
        self.show_lesson()


class WordsMirror(Onlooking, Words):
    """A step without a stage."""

    def __init__(self, shown: ShownLesson) -> None:
        self.look_at(shown)
        super().__init__(shown.player)

    def takes(self, shown: Shown) -> bool:
        return self.stands_for(shown)

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownLesson)
        self.read_along(shown)
        self.show_lesson()


class InsideMirror(BenchMirror):
    """A training step of a lesson's lab, in the workbench; what is asked for is hidden there too."""

    def __init__(self, shown: ShownLesson, busy: Busy) -> None:
        assert isinstance(shown.inner, ShownBench)
        super().__init__(shown.inner, busy)
        self.player = shown.player

    def takes(self, shown: Shown) -> bool:
        return isinstance(shown, ShownLesson) and shown.inside and shown.player is self.player

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownLesson) and isinstance(shown.inner, ShownBench)
        self.follow_bench(shown.inner)

    @property
    def _hidden(self) -> Hidden:
        return self.player.veil_on(self.session) | self.veil

    def new_stage(self) -> Panes:
        room = self.room()
        return Panes(self.session, self.view, Size(room.width, room.height, part=True), self._hidden)

    def show(self) -> None:
        if self.stage is not None and not self.searching and self.stage.hidden != self._hidden:
            self.stage = self.new_stage()
        super().show()
