"""Leading: one session for the class, which the teacher drives; stages show it, and anybody can take a copy."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bptui.classroom.places import HOME, Place, receipt_of, session_of
from bptui.classroom.stage import Mirror, Pane, Stage, stage_of
from bptui.classroom.store import Store, StoreError
from bptui.classroom.terminal.kind import Kind
from bptui.session.experiment import Experiment
from bptui.session.redo import Work, redo, work_of
from bptui.session.session import Session
from bptui.tui.view import View
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.classroom.following import Follower

log = logging.getLogger("bptui.classroom")
SELDOM = 1.0  # seconds between two notes of where the class is


class Lead:
    """What the class is shown. `session` is None where nothing is."""

    def __init__(self, store: Store, everybody: Callable[[], None], pane: Pane) -> None:
        self.session: Session | None = None
        self.view = View()
        self._store, self._everybody, self._pane = store, everybody, pane
        self._bench: Workbench | None = None
        self._experiment: Experiment | None = None
        self._work: Work | None = None
        self._copy: tuple[Work, asyncio.Future[str]] | None = None  # one for all who want it
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

    async def place(self) -> Place:
        """Where the class is, to go on from there on one's own."""
        experiment, work, view = self._experiment, self._work, self.view
        assert experiment is not None and work is not None

        def made() -> str:
            session = Session(experiment)
            for _ in redo(session, work):  # what cannot be made again is left out
                pass
            return receipt_of(session, view)

        if self._copy is None or self._copy[0] is not work:
            self._copy = work, asyncio.get_running_loop().run_in_executor(None, made)
        try:
            return Place(await asyncio.shield(self._copy[1]), copied=True, untouched=True)
        except ValueError as error:
            log.info("what is shown cannot be handed on: %s", error)
            return HOME

    def close(self) -> None:
        if self._note is not None:
            self._write()
        if self._note is not None:
            self._note.cancel()
        for stage in self._stages.values():
            stage.close()
        self._stages.clear()
