"""The workbench on a net that was read from a file: breakpoints on its lines, and the file read again when saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from bptui.session import actions as act
from bptui.session.actions import Action, ActionError
from bptui.session.source import Source
from bptui.tui.canvas_view import CanvasView
from bptui.tui.explain import paragraphs
from bptui.tui.panes.source import Reading, line_of, nodes_at
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
        self._file_name = Path(source.path).name
        self._file = Watched(Path(source.path)) if again is not None else None
        self._reading = False
        self.below, self.stale = 0, ""

    def on_mount(self) -> None:
        if self._again is not None:
            self.set_interval(LOOK, self.look_at_file)

    def travel(self, action: Action) -> None:
        self.below = 0  # the line at work comes into sight
        super().travel(action)

    def show(self) -> None:
        if self.stage is not None:
            self.stage.reading = Reading(self.below, self.stale)
        super().show()

    def action_explain(self) -> None:
        """As the workbench, and all that was decided in reading the file."""
        pane = "source" if self.view.pane == "program" else self.view.pane
        title, words = paragraphs(self._stage.graph, self._stage.target, pane)
        self.explain(title, [*words, *(f"In {self._file_name}: {text}." for text in self.source.said)])

    def action_scroll_main(self, by: int) -> None:
        if self.view.pane == "program":
            self._scroll_source(10 * by)
        else:
            super().action_scroll_main(by)

    def _scroll_source(self, by: int) -> None:
        at = line_of(self.source, self._stage.moment())
        count = len(self.source.text.splitlines())
        self.below = max(1 - at, min(count - at, self.below + by))
        self.show()

    def on_canvas_view_wheeled(self, message: CanvasView.Wheeled) -> None:
        shown = "program" if "program" in self._stage.boxes else "main"
        if message.view is self.views[shown] and (shown == "program" or self.view.pane == "program"):
            self._scroll_source(3 * message.turn)
        else:
            super().on_canvas_view_wheeled(message)

    # -- lines

    def break_at(self, line: int) -> None:
        """Stop, or stop no longer, at every module that a line calls. Raises ActionError if it calls none."""
        nodes = [node for node in nodes_at(self.source, line) if node in self.session.graph.node]
        if not nodes:
            raise ActionError(f"line {line} of {self._file_name} calls no module of this net")
        set_already = set(nodes) <= self.session.breakpoints
        for node in nodes:
            if (node in self.session.breakpoints) == set_already:
                self.session.apply(act.ToggleBreakpoint(node))
        self._note(f"line {line} {'stops the run no longer' if set_already else 'stops the run'}: {', '.join(nodes)}")

    stop_hint = "line 14, not finite, all zero, above 5, dead, saturated"

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
            try:
                self.break_at(int(name))
            except ActionError as error:  # a knob may have taken its module away
                self._refuse(str(error))
        else:
            known = [node for node in nodes_at(self.source, int(name)) if node in self.session.graph.node]
            chosen = (self.view.selected or "").partition(":")[2]
            after = known.index(chosen) + 1 if chosen in known else 0
            self.select(f"node:{known[after % len(known)]}" if known else None)

    # -- the file

    def look_at_file(self) -> None:
        """Read the file again if it was saved since the last look; if it is gone, say so."""
        if self._file is None or self._reading or self.searching:
            return
        if self._file.saved():
            self._reading = True
            self._read()
        elif self._file.gone and not self.stale:
            self.stale = f"{self._file_name} is gone; this is what it was"
            self._refuse(self.stale)

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
        if self.searching:  # until it has arrived, its thread alone may touch the session
            self.set_timer(LOOK, partial(self._take, found))
            return
        from bptui.session.redo import redo, work_of  # only now, as all that is not in the first frame

        self._reading = False
        if isinstance(found, str):
            self.stale = f"not read again: {found.replace(self.source.path, self._file_name)}"
            self._refuse(self.stale)
            return
        self.stale = ""
        session = found.sessions[0]
        lost = [f"{place} ({why})" for place, why in redo(session, work_of(self.session))]
        self.session, self.source = session, found.source or self.source
        self.view.dialled, self.view.problem = None, ""
        self.settle()
        told = [self.source.first] * bool(self.source.warnings) + [f"left out: {'; '.join(lost)}"] * bool(lost)
        self._note("; ".join((f"{self._file_name} was read again", *told)))
