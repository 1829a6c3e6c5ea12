"""The train lab's panes: what they show of a run, and of what the learner looks at. Nothing here trains."""

from __future__ import annotations

from typing import Literal

from bptui.drawing.canvas import Canvas
from bptui.engine.notation import epoch_text
from bptui.session.train.trainer import Snapshot
from bptui.tui.canvas_view import CanvasView
from bptui.tui.pane_screen import PaneScreen
from bptui.tui.panes import knobs
from bptui.tui.placing import Box
from bptui.tui.scrub import scrub
from bptui.tui.train import pictures, words
from bptui.tui.train.boxes import ROOMY, boxes
from bptui.tui.train.effects import effect_pane
from bptui.tui.train.keys import DIAL, KNOBS, RATES, RUN

Focus = Literal["run", "rates", "knobs"]
HALVED = 20  # rows from which the list of knobs always leaves half of its pane to what they do
_NAMES = ("map", "loss", "measures", "regularisers", "doctor")


class TrainPanes(PaneScreen):
    """A run as its latest snapshot has it.

    `row` is the chosen knob or rate, `dialled` what the arrows have turned it to; `measure` and `finding` are those in
    view; `said` is why the last key could not be obeyed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.focus_on: Focus = "run"
        self.row = self.measure = self.finding = 0
        self.dialled: str | None = None
        self.said = ""
        self._boxes: dict[str, Box] = {}
        self.views = {name: CanvasView(ground="surface", id=name) for name in _NAMES}
        self.views |= {name: CanvasView(ground="panel", id=name) for name in ("title", "keys")}
        self.views["scrub"] = CanvasView(id="scrub")

    @property
    def snapshot(self) -> Snapshot:
        raise NotImplementedError

    def settle(self) -> None:
        room = self.room()
        self._boxes = boxes(room.width, room.height)
        self._paint()

    @property
    def _roomy(self) -> bool:
        room = self.room()
        return room.width >= ROOMY[0] and room.height >= ROOMY[1]

    def _shown(self) -> dict[str, Box]:
        """The panes that are in view: where it is tight, measures or loss and regularisers; knobs over all three."""
        shown = dict(self._boxes)
        right = [shown[name] for name in ("loss", "regularisers")]
        if self.focus_on == "knobs":
            del shown["loss"], shown["regularisers"]
            shown["measures"] = Box(right[0].x, right[0].y, right[0].width, right[1].y + right[1].height - right[0].y)
        elif not self._roomy:
            for name in ("loss", "regularisers") if self.measure else ("measures",):
                del shown[name]
        return shown

    def _paint(self, *, plots: bool = True) -> None:
        """Bring the screen up to date; without `plots`, all but the losses and the measures."""
        if not self._boxes:
            return
        s, view, box = self.snapshot, self.views, self._shown()
        self.stand(box)
        view["title"].show(words.title(s, box["title"].width))
        view["map"].show(pictures.field(s, box["map"].width, box["map"].height))
        if "loss" in box and plots:
            view["loss"].show(pictures.losses(s, s.findings, box["loss"].width, box["loss"].height))
            chosen = self.row if self.focus_on == "rates" else None
            rates = words.regularisers(s, box["regularisers"].width, box["regularisers"].height, chosen, self.dialled)
            view["regularisers"].show(rates)
        if self.focus_on == "knobs":
            view["measures"].show(self._knob_panel(box["measures"]))
        elif "measures" in box and plots:
            measure = self.measure if self._roomy else self.measure - 1
            if self.focus_on == "rates":  # a regulariser that is switched rewires the net
                measure = pictures.MEASURES.index("net")
            view["measures"].show(pictures.measure(s, measure, box["measures"].width, box["measures"].height))
        self.finding = min(self.finding, max(0, len(s.findings) - 1))
        message = s.message or self.said
        view["doctor"].show(words.doctor(s.findings, self.finding, message, box["doctor"].width, box["doctor"].height))
        view["scrub"].show(self._scrub(box["scrub"].width))
        shown = {"run": RUN, "rates": RATES, "knobs": KNOBS}[self.focus_on]
        self.show_keys(shown if self.dialled is None else DIAL)

    def _knob_panel(self, box: Box) -> Canvas:
        """The knobs, and in the lower half what the chosen one does; where it is tight, as far as there is room."""
        experiment, (name, effect) = self.snapshot.experiment, self.snapshot.measured
        half = box.height // 2
        below = effect_pane(effect, box.width, half) if effect is not None and name == self._knob() else None
        under = half if box.height >= HALVED else below.height + 1 if below else 0
        canvas = Canvas(box.width, box.height)
        above = box.height - under
        canvas.paste(knobs.panel(experiment, box.width, above, self.row, dialled=self.dialled), 0, 0)
        if below is not None:
            canvas.paste(below, 0, above + (under > below.height))
        return canvas

    def _scrub(self, width: int) -> Canvas:
        s = self.snapshot
        goal = max(1, s.goal)
        return scrub(
            width,
            f"epoch {epoch_text(s.look.probe.epoch)}",
            f"{words.time_left([s])}of {epoch_text(s.goal / s.steps_an_epoch)}",
            at=s.step / goal,
            done=s.end / goal,
            marks=[finding.step / goal for finding in s.findings],
            running=s.running,
        )

    def _rows(self) -> list[str]:
        return list(words.REGULARISERS) if self.focus_on == "rates" else knobs.names(self.snapshot.experiment)

    def _knob(self) -> str:
        rows = self._rows()
        self.row = min(self.row, len(rows) - 1)
        return rows[self.row]
