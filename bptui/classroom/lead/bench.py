"""The workbench as it is led."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from textual.screen import Screen

from bptui.classroom.lead.shown import Busy, Shown, Where
from bptui.classroom.places import Place, receipt_of
from bptui.session.experiment import Experiment
from bptui.session.redo import Work, redo, work_of
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.sources.opening import Opened
from bptui.tui.bars import Key
from bptui.tui.grid import Size
from bptui.tui.hiding import Hidden
from bptui.tui.panes.source import AT_WORK, Reading
from bptui.tui.source_bench import SourceBench
from bptui.tui.stage import Stage as Panes
from bptui.tui.view import View
from bptui.tui.workbench import Workbench


@dataclass(frozen=True, eq=False)
class ShownBench:
    """A session, and what is looked at in it. `work` is what was done to it, since a search may have it by now.

    A net that was read from a `source` has that beside it, with a `reading` of it.
    """

    session: Session
    view: View
    experiment: Experiment
    work: Work
    seen: object
    source: Source | None = None
    reading: Reading = AT_WORK
    going = False

    @staticmethod
    def of(screen: Workbench) -> ShownBench | None:
        """None while a search has the session, and before the first frame."""
        if screen.searching or screen.stage is None:
            return None
        return ShownBench.at(screen.session, screen.view, screen.source, screen.stage.reading)

    @staticmethod
    def at(session: Session, view: View, source: Source | None = None, reading: Reading = AT_WORK) -> ShownBench:
        seen = id(session), session.address, session.sample, len(session.log), repr(view), id(source), reading
        first = session.history.path(session.address.branch)[0].experiment
        looked = replace(view, problem="")  # what could not be done is told to whoever tried it
        return ShownBench(session, looked, first, work_of(session), seen, source, reading)

    def where(self) -> Where:
        at = self.work.at
        return Where(self.experiment.net.name, "step", at.step + 1, event=at.event + 1)

    @property
    def done(self) -> object:
        return len(self.session.log)

    def goes_on(self, before: Shown) -> bool:
        return isinstance(before, ShownBench) and before.session is self.session

    def name(self) -> str:
        return f"{self.where()}, branch {self.session.address.branch}"

    def mirror(self, busy: Busy) -> BenchMirror:
        return BenchMirror(self, busy)

    def screen(self) -> Workbench:
        source = self.source
        screen = Workbench(self.session) if source is None else SourceBench(Opened((self.session,)), source, None)
        screen.view = replace(self.view)
        return screen

    def onto(self, screen: Screen[Any]) -> bool:
        """Go on as `screen` does, on a screen that somebody has left, if it is a workbench that this fits."""
        if self.source is not None or type(screen) is not Workbench or screen.searching or screen.stage is None:
            return False
        screen.take(self.session, replace(self.view))
        return True

    def writer(self) -> Callable[[], Place]:
        return lambda: Place(self.receipt())

    def receipt(self) -> str:
        """The session's receipt, from a session of its own. Raises ValueError."""
        session = Session(self.experiment)
        for _ in redo(session, self.work):  # what cannot be made again is left out
            pass
        return receipt_of(session, self.view, self.source)


class BenchMirror(Workbench):
    """Somebody's workbench in another size. It reads their session and does nothing to it."""

    veil: Hidden = frozenset()  # what the class is asked for
    _reading = AT_WORK

    def __init__(self, shown: ShownBench, busy: Busy) -> None:
        super().__init__(shown.session)
        self.view, self._busy = replace(shown.view), busy
        self.source, self._reading = shown.source, shown.reading

    def hide(self, veil: Hidden) -> None:
        """What must not be seen, as long as the class is asked for it."""
        self.veil = veil
        self.settle()

    def takes(self, shown: Shown) -> bool:
        return type(self) is BenchMirror and isinstance(shown, ShownBench)

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownBench)
        self.follow_bench(shown)

    def follow_bench(self, shown: ShownBench) -> None:
        session, view = shown.session, shown.view
        anew = session is not self.session or view.upward != self.view.upward or self.stage is None
        anew = anew or shown.source is not self.source
        self.session, self.source, self._reading = session, shown.source, shown.reading
        if anew:
            self.view = replace(view)
            self.settle()
        else:
            vars(self.view).update(vars(view))
            self.show()

    def new_stage(self) -> Panes:
        """For a part of the terminal: below it are the followers' own rows."""
        room = self.room()
        return Panes(self.session, self.view, Size(room.width, room.height, part=True), self.veil, source=self.source)

    def settle(self) -> None:
        if not self._busy():
            super().settle()

    def show(self) -> None:
        if self.stage is not None:
            self.stage.reading = self._reading
        super().show()

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        """None of them: the keys are the driver's."""
        super().show_keys(())
