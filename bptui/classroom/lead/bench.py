"""The workbench as it is led."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bptui.classroom.lead.shown import Busy, Shown, Where
from bptui.classroom.places import Place, receipt_of
from bptui.session.experiment import Experiment
from bptui.session.redo import Work, redo, work_of
from bptui.session.session import Session
from bptui.tui.bars import Key
from bptui.tui.grid import Size
from bptui.tui.hiding import Hidden
from bptui.tui.stage import Stage as Panes
from bptui.tui.view import View
from bptui.tui.workbench import Workbench


@dataclass(frozen=True, eq=False)
class ShownBench:
    """A session, and what is looked at in it. `work` is what was done to it, since a search may have it by now."""

    session: Session
    view: View
    experiment: Experiment
    work: Work
    seen: object
    going = False

    @staticmethod
    def of(screen: Workbench) -> ShownBench | None:
        """None while a search has the session, and before the first frame."""
        if screen.searching or screen.stage is None:
            return None
        return ShownBench.at(screen.session, screen.view)

    @staticmethod
    def at(session: Session, view: View) -> ShownBench:
        seen = id(session), session.address, session.sample, len(session.log), repr(view)
        first = session.history.path(session.address.branch)[0].experiment
        looked = replace(view, problem="")  # what could not be done is told to whoever tried it
        return ShownBench(session, looked, first, work_of(session), seen)

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
        screen = Workbench(self.session)
        screen.view = replace(self.view)
        return screen

    def writer(self) -> Callable[[], Place]:
        return lambda: Place(self.receipt())

    def receipt(self) -> str:
        """The session's receipt, from a session of its own. Raises ValueError."""
        session = Session(self.experiment)
        for _ in redo(session, self.work):  # what cannot be made again is left out
            pass
        return receipt_of(session, self.view)


class BenchMirror(Workbench):
    """Somebody's workbench in another size. It reads their session and does nothing to it."""

    def __init__(self, shown: ShownBench, busy: Busy) -> None:
        super().__init__(shown.session)
        self.view, self._busy = replace(shown.view), busy
        self.veil: Hidden = frozenset()

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
        self.session = session
        if anew:
            self.view = replace(view)
            self.settle()
        else:
            vars(self.view).update(vars(view))
            self.show()

    def new_stage(self) -> Panes:
        """For a part of the terminal: below it are the followers' own rows."""
        room = self.room()
        return Panes(self.session, self.view, Size(room.width, room.height, part=True), self.veil)

    def settle(self) -> None:
        if not self._busy():
            super().settle()

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        """None of them: the keys are the driver's."""
        super().show_keys(())
