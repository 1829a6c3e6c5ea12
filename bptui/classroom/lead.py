"""Leading: one session for the class, which the teacher drives; stages show it, and anybody can take a copy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bptui.classroom.stage import Mirror, Pane, Stage, stage_of
from bptui.classroom.store import Store, StoreError
from bptui.classroom.terminal.kind import Kind
from bptui.session.experiment import Experiment
from bptui.session.redo import Work, marks_of, redo, work_of
from bptui.session.session import Session
from bptui.sources.receipts import Look, from_receipt, run_up, to_receipt
from bptui.tui.view import View
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.classroom.following import Follower

SELDOM = 1.0  # seconds between two notes of where the class is


def receipt_of(session: Session, view: View) -> str:
    """A session where it stands, as text. Raises ValueError where it has numbers that cannot be written."""
    at = session.address
    parameters = session.history.parameters(at.branch, at.step)[1]
    look = Look(**{name: getattr(view, name) for name in vars(Look())})
    return to_receipt(session.history, at, parameters, marks_of(session), look)


def session_of(receipt: str) -> tuple[Session, View]:
    """A session from its receipt, run up to where it stood. Raises ValueError."""
    found = from_receipt(receipt)
    run_up(found.session.history, found.session.address)
    return found.session, View(**vars(found.look)) if found.look is not None else View()


class Lead:
    """What the class is shown. `session` is None where nothing is."""

    def __init__(self, store: Store, everybody: Callable[[], None], pane: Pane) -> None:
        self.session: Session | None = None
        self.view = View()
        self._store, self._everybody, self._pane = store, everybody, pane
        self._bench: Workbench | None = None
        self._experiment: Experiment | None = None
        self._work: Work | None = None
        self._seen: object = None
        self._stages: dict[Kind, Stage] = {}
        self._note: asyncio.TimerHandle | None = None

    def take_up(self, receipt: str) -> None:
        """Go on from what was shown when the server ended. Raises ValueError."""
        session, self.view = session_of(receipt)
        self._set(session)

    def _set(self, session: Session) -> None:
        self.session, self._work = session, work_of(session)
        self._experiment = session.history.path(session.address.branch)[0].experiment

    # -- the teacher's

    def look(self, screen: Any) -> None:
        """Take over what a workbench of the teacher's shows; of any other screen, nothing is shown to the class."""
        if type(screen) is not Workbench or screen.searching or screen.stage is None:
            return
        session, self._bench = screen.session, screen
        seen = id(session), session.address, session.sample, len(session.log), repr(screen.view)
        if seen == self._seen:
            return
        begins, self._seen = self.session is None, seen
        self.view = replace(screen.view)
        self._set(session)
        for stage in self._stages.values():
            stage.follow(session, self.view)
        if self._note is None:
            self._note = asyncio.get_running_loop().call_later(SELDOM, self._write)
        if begins:
            self._everybody()

    def stop(self) -> None:
        """Show nothing any more; whoever followed is on their own."""
        self.session = self._seen = self._bench = self._work = self._experiment = None
        self._write()
        self._everybody()

    def _write(self) -> None:
        if self._note is not None:
            self._note.cancel()
            self._note = None
        if self._busy():
            self._note = asyncio.get_running_loop().call_later(SELDOM, self._write)
            return
        try:
            self._store.publish("led", receipt=receipt_of(self.session, self.view) if self.session is not None else "")
        except (StoreError, ValueError):  # a closed class, or numbers that are not finite: the last note stands
            return

    def _busy(self) -> bool:
        return self._bench is not None and self._bench.searching

    # -- the followers'

    def stage(self, kind: Kind) -> Stage:
        """The stage for a terminal; whoever takes it adds themselves."""
        assert self.session is not None
        wanted = stage_of(kind)
        stage = self._stages.get(wanted)
        if stage is None:
            mirror = Mirror(self.session, self.view, self._busy)
            stage = self._stages[wanted] = Stage(wanted, mirror, self._lost, self._pane)
        return stage

    def repaint(self) -> None:
        """What lies over the stages is another one."""
        for stage in self._stages.values():
            stage.show()

    def leave(self, seat: Follower, stage: Stage) -> None:
        stage.members.discard(seat)
        if not stage.members and self._stages.get(stage.kind) is stage:
            del self._stages[stage.kind]
            stage.close()

    def _lost(self, stage: Stage) -> None:
        self._stages.pop(stage.kind, None)
        for seat in list(stage.members):
            seat.roam()

    async def copy(self) -> Session:
        """A session of one's own, at the point where the class is."""
        experiment, work = self._experiment, self._work
        assert experiment is not None and work is not None

        def made() -> Session:
            session = Session(experiment)
            for _ in redo(session, work):  # what cannot be made again is left out
                pass
            return session

        return await asyncio.to_thread(made)

    def close(self) -> None:
        if self._note is not None:
            self._write()
        if self._note is not None:
            self._note.cancel()
        for stage in self._stages.values():
            stage.close()
        self._stages.clear()
