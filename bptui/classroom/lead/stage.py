"""A stage: what the class is shown, drawn once for all followers whose terminals are alike."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from bptui.classroom.lead.bench import BenchMirror
from bptui.classroom.lead.shown import Busy, Mirror, Shown
from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.canvases import rows
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.kind import Kind
from bptui.course.progress import Progress
from bptui.drawing.canvas import Canvas
from bptui.tui.hiding import Hidden

if TYPE_CHECKING:
    from bptui.classroom.following import Follower

SIZES = ((160, 48), (140, 42), (120, 40), (100, 30), (80, 24))  # with the rows that are the followers' own
OWN = 2  # of those
Pane = Callable[[int, int], Canvas | None]
FRAME, SELDOM = 1 / 20, 1 / 2  # seconds, at the least and at the most, between two frames of what moves by itself
SHARE = 0.4  # of the time, at the most, that such frames take of all stages together
log = logging.getLogger("bptui.classroom")


def stage_of(kind: Kind) -> Kind:
    """The stage for a terminal: the largest that fits, or the smallest one, of which a part is seen."""
    width, height = next(((w, h) for w, h in SIZES if w <= kind.width and h <= kind.height), SIZES[-1])
    return replace(kind, width=width, height=height)


def _none(width: int, most: int) -> Canvas | None:
    return None


class _StageApp(DistantApp):
    mirror: Mirror

    def first_screen(self) -> Screen[None]:
        return cast("Screen[None]", self.mirror)


class Stage:
    """One app for all followers with the same canvas, colours and glyphs. `lost` is told if it fails.

    `pane` says, for a width and a height, what lies over the lower rows, if anything does; `among` how many stages
    there are.
    """

    def __init__(
        self,
        kind: Kind,
        shown: Shown,
        busy: Busy,
        lost: Callable[[Stage], None],
        pane: Pane = _none,
        veil: Hidden = frozenset(),
        among: Callable[[], int] = lambda: 1,
    ) -> None:
        self.kind = kind
        self.members: set[Follower] = set()
        self._busy, self._among = busy, among
        self._app = _StageApp(replace(kind, height=kind.height - OWN + 1), progress=Progress(), on_frame=self._show)
        self._veil = veil
        self._mirror = self._app.mirror = self._mirror_of(shown)
        self._pane = pane
        self._drawn: Frame | None = None
        self._frame: Frame | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._pending: Shown | None = None
        self._waits: asyncio.TimerHandle | None = None
        self._next = 0.0  # when the next frame of what moves by itself may be drawn
        self._app.start().add_done_callback(lambda task: self._ended(task, lost))

    def _mirror_of(self, shown: Shown) -> Mirror:
        mirror = shown.mirror(self._busy)
        if isinstance(mirror, BenchMirror):
            mirror.veil = self._veil
        return mirror

    def hide(self, veil: Hidden) -> None:
        """What must not be seen, as long as the class is asked for it."""
        self._veil = veil
        if isinstance(self._mirror, BenchMirror) and self._mirror.veil != veil:
            self._app.call_later(self._mirror.hide, veil)

    def follow(self, shown: Shown) -> None:
        """Draw what is shown now; of several moves that come before it is drawn, the last one."""
        waiting, self._pending = self._pending is not None, shown
        wait = self._next - self._loop.time() if shown.going else 0.0
        if waiting and (self._waits is None or wait > 0):
            return
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None
        if wait > 0:
            self._waits = self._loop.call_later(wait, self._soon)
        else:
            self._soon()

    def _soon(self) -> None:
        self._waits = None
        self._app.call_later(self._draw)

    def _draw(self) -> None:
        shown, self._pending = self._pending, None
        screen = cast("Screen[None]", self._mirror)
        if shown is None:
            return
        if not self._mirror.takes(shown):
            self._mirror = self._mirror_of(shown)
            self._app.switch_screen(cast("Screen[None]", self._mirror))
        elif screen.is_mounted:
            began = self._loop.time()
            self._mirror.follow(shown)
            now = self._loop.time()
            self._next = now + min(SELDOM, max(FRAME, (now - began) * self._among() / SHARE))
        else:  # it will, once it stands
            self._pending = shown
            self._waits = self._loop.call_later(FRAME, self._soon)

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
        if self._waits is not None:
            self._waits.cancel()
        self._app.end()
