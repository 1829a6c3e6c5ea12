"""A stage: what the teacher shows, drawn once for all followers whose terminals are alike."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.canvases import rows
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.kind import Kind
from bptui.course.progress import Progress
from bptui.drawing.canvas import Canvas
from bptui.session.session import Session
from bptui.tui.bars import Key
from bptui.tui.grid import Size
from bptui.tui.stage import Stage as Panes
from bptui.tui.view import View
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.classroom.following import Follower

SIZES = ((160, 48), (140, 42), (120, 40), (100, 30), (80, 24))  # with the rows that are the followers' own
OWN = 2  # of those
Pane = Callable[[int, int], Canvas | None]
log = logging.getLogger("bptui.classroom")


def stage_of(kind: Kind) -> Kind:
    """The stage for a terminal: the largest that fits, or the smallest one, of which a part is seen."""
    width, height = next(((w, h) for w, h in SIZES if w <= kind.width and h <= kind.height), SIZES[-1])
    return replace(kind, width=width, height=height)


class Mirror(Workbench):
    """The teacher's workbench in another size. It reads her session and does nothing to it.

    `busy` says that a search has the session to itself: then what stands here stays.
    """

    def __init__(self, session: Session, view: View, busy: Callable[[], bool]) -> None:
        super().__init__(session)
        self.view, self._busy = replace(view), busy

    def follow(self, session: Session, view: View) -> None:
        """Show what the teacher's workbench shows now."""
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
        return Panes(self.session, self.view, Size(room.width, room.height, part=True))

    def settle(self) -> None:
        if not self._busy():
            super().settle()

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        """None of them: the keys are the teacher's."""
        super().show_keys(())


def _none(width: int, most: int) -> Canvas | None:
    return None


class _StageApp(DistantApp):
    mirror: Mirror

    def first_screen(self) -> Screen[None]:
        return self.mirror


class Stage:
    """One app for all followers with the same canvas, colours and glyphs. `lost` is told if it fails.

    `pane` says, for a width and a height, what lies over the lower rows, if anything does.
    """

    def __init__(self, kind: Kind, mirror: Mirror, lost: Callable[[Stage], None], pane: Pane = _none) -> None:
        self.kind = kind
        self.members: set[Follower] = set()
        self._mirror = mirror
        self._app = _StageApp(replace(kind, height=kind.height - OWN + 1), progress=Progress(), on_frame=self._show)
        self._app.mirror = mirror
        self._pane = pane
        self._drawn: Frame | None = None
        self._frame: Frame | None = None
        self._closed = False
        self._pending: tuple[Session, View] | None = None
        self._app.start().add_done_callback(lambda task: self._ended(task, lost))

    def follow(self, session: Session, view: View) -> None:
        """Draw what is shown now; of several moves that come before it is drawn, the last one."""
        waiting, self._pending = self._pending is not None, (session, view)
        if not waiting:
            self._app.call_later(self._draw)

    def _draw(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None and self._mirror.is_mounted:
            self._mirror.follow(*pending)

    def add(self, seat: Follower) -> None:
        """Let somebody see it, from now on."""
        self.members.add(seat)
        if self._frame is not None:
            seat.show_stage(self._frame)

    def _show(self) -> None:
        self._drawn = self._app.frame()
        self.show()

    def show(self) -> None:
        """Show what the app has drawn, without its row of keys, and what lies over it."""
        if self._drawn is None:
            return
        width, height = self.kind.width, self.kind.height - OWN
        pane = self._pane(width, height // 2)
        over = rows(pane, self.kind, self._app.paint.theme, "surface") if pane is not None else ()
        self._frame = self._drawn.cropped(width, height).over(over)
        for seat in self.members:
            seat.show_stage(self._frame)

    def _ended(self, task: asyncio.Task[Any], lost: Callable[[Stage], None]) -> None:
        if not self._closed:
            log.error("a stage has failed: %s", "" if task.cancelled() else task.exception())
            lost(self)

    def close(self) -> None:
        self._closed = True
        self._app.end()
