"""The workbench on a net that was read from a file: breakpoints on its lines, and the file read again when saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from bptui.session import actions as act
from bptui.session.actions import ActionError
from bptui.session.redo import redo, work_of
from bptui.session.source import Source
from bptui.tui.canvas_view import CanvasView
from bptui.tui.panes.source import nodes_at
from bptui.tui.watched import LOOK, Watched
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.sources.opening import Opened

_AT_LINE = re.compile(r"\s*(?:line\s*)?(\d{1,6})\s*")


class SourceBench(Workbench):
    """Steps through a program. `again` reads its file once more, and raises ValueError for what cannot be read."""

    source: Source

    def __init__(self, opened: Opened, source: Source, again: Callable[[], Opened] | None) -> None:
        super().__init__(opened.sessions[0], opened.look)
        self.source, self._again = source, again
        self._file = Watched(Path(source.path))
        self._reading = False

    def on_mount(self) -> None:
        if self._again is not None:
            self.set_interval(LOOK, self.look_at_file)

    # -- lines

    def break_at(self, line: int) -> None:
        """Stop, or stop no longer, at every module that a line calls. Raises ActionError if it calls none."""
        nodes = [node for node in nodes_at(self.source, line) if node in self.session.graph.node]
        if not nodes:
            raise ActionError(f"line {line} of {self._file.path.name} calls no module of this net")
        set_already = set(nodes) <= self.session.breakpoints
        for node in nodes:
            if (node in self.session.breakpoints) == set_already:
                self.session.apply(act.ToggleBreakpoint(node))
        self.show()

    def stop_when(self, text: str) -> None:
        at_line = _AT_LINE.fullmatch(text)
        if at_line is None:
            super().stop_when(text)
        else:
            self.break_at(int(at_line[1]))

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if self.searching or kind not in ("line", "stop"):
            await super().on_canvas_view_clicked(message)
        elif kind == "stop":
            self.break_at(int(name))
        else:
            known = [node for node in nodes_at(self.source, int(name)) if node in self.session.graph.node]
            chosen = (self.view.selected or "").partition(":")[2]
            after = known.index(chosen) + 1 if chosen in known else 0
            self.select(f"node:{known[after % len(known)]}" if known else None)

    # -- the file

    def look_at_file(self) -> None:
        """Read the file again if it was saved since the last look."""
        if not (self._reading or self.searching) and self._file.saved():
            self._reading = True
            self._read()

    @work(thread=True)
    def _read(self) -> None:
        assert self._again is not None
        try:
            found: Opened | str = self._again()
        except ValueError as error:
            found = str(error)
        if self.is_running:
            self.app.call_from_thread(self._take, found)

    def _take(self, found: Opened | str) -> None:
        """Go on with the file as it is now; what the learner did is made again, as far as it fits."""
        self._reading = False
        if isinstance(found, str):
            self._refuse(f"not read again: {found.replace(self.source.path, self._file.path.name)}")
            return
        session = found.sessions[0]
        lost = [f"{place} ({why})" for place, why in redo(session, work_of(self.session))]
        self.session, self.source = session, found.source or self.source
        self.view.dialled, self.view.problem = None, ""
        self.settle()
        self._note(f"{self._file.path.name} was read again" + (f"; left out: {'; '.join(lost)}" if lost else ""))
