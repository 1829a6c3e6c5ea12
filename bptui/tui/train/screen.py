"""The train lab: a run, its decision boundary, its losses, its regularisers, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.message import Message

from bptui.session import actions as act
from bptui.session.dial import notch
from bptui.session.history import Address
from bptui.session.knobs import KnobError, turned
from bptui.session.session import Session
from bptui.session.train.table import as_csv
from bptui.session.train.trainer import EPOCHS, Snapshot, Trainer
from bptui.session.train.training import Training, replica
from bptui.tui.canvas_view import CanvasView
from bptui.tui.panes import knobs
from bptui.tui.prompt import Prompt
from bptui.tui.scrub import share_at
from bptui.tui.train import pictures, words
from bptui.tui.train.boxes import boxes
from bptui.tui.train.help import HELP
from bptui.tui.train.keys import BINDINGS
from bptui.tui.train.panes import TrainPanes

if TYPE_CHECKING:
    from bptui.sources.receipts import Receipt
    from bptui.tui.app import BptuiApp

PLOTS = 3  # while a run goes on, plots follow every third frame: what moves most is the map


class Published(Message):
    """A worker has a new snapshot; several that wait count as one."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Published)


class Train(TrainPanes):
    """One run on the screen. The worker owns the session; keys are orders to it, and it publishes snapshots."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, session: Session, said: str = "", receipt: Receipt | None = None) -> None:
        super().__init__()
        self.training = Training(session)
        self._receipt = receipt
        self.trainer: Trainer | None = None
        self.said = said
        self._frames = 0

    # -- the worker

    def on_screen_resume(self) -> None:
        """Take the session over: at first, and when the workbench gives it back."""
        if self.trainer is None and self.is_current:
            self.training.resume()
            self.trainer = Trainer(self.training, lambda: self.post_message(Published()))
            self.measured = ""
            self._draw_to_size()
            if self._receipt is not None:
                self.trainer.repeat(self._receipt.arrived)
                self._receipt = None

    def on_unmount(self) -> None:
        self._release()

    def _release(self) -> None:
        if self.trainer is not None:
            self.trainer.close()
            self.trainer = None

    def on_published(self) -> None:
        if self.trainer is None:  # the worker's last word, come after it was let go
            return
        if self.trainer.failed is not None:
            raise self.trainer.failed
        self._frames += 1
        self._paint(plots=not self.snapshot.running or self._frames % PLOTS == 0)

    @property
    def snapshot(self) -> Snapshot:
        assert self.trainer is not None
        return self.trainer.snapshot

    # -- showing

    def settle(self) -> None:
        room = self.room()
        self._boxes = boxes(room.width, room.height)
        self._draw_to_size()
        self._paint()

    def _paint(self, *, plots: bool = True) -> None:
        """As far as there is a worker; it pauses meanwhile."""
        if not self._boxes or self.trainer is None:
            return
        self.trainer.hold()
        self.call_after_refresh(self.trainer.let_go)
        self._measure()
        super()._paint(plots=plots)

    def _draw_to_size(self) -> None:
        if self._boxes and self.trainer is not None:
            self.trainer.draw(*pictures.field_size(self._boxes["map"]))

    def _measure(self) -> None:
        """Have the worker measure the chosen knob's effect, while knobs are in view."""
        knob = self._knob() if self.focus_on == "knobs" else ""
        if knob != self.measured and self.trainer is not None:
            self.measured = knob
            self.trainer.measure(knob)

    # -- the run

    @property
    def _orders(self) -> Trainer:
        assert self.trainer is not None
        self.said = ""
        return self.trainer

    def action_flip(self) -> None:
        if self.focus_on == "run":
            self._orders.pause() if self.snapshot.running else self._orders.run()
        else:
            name, self.dialled = self._knob(), None
            text = self._toggled(name)
            self._type_knob(name) if text is None else self._orders.act(act.SetKnob(name, text))

    def action_right(self) -> None:
        self._turn(1) if self.focus_on != "run" else self.action_scrub(1)

    def action_left(self) -> None:
        self._turn(-1) if self.focus_on != "run" else self.action_scrub(-1)

    def action_scrub(self, epochs: int) -> None:
        """Scrub by epochs; beyond what was trained there is nothing to see yet."""
        self._orders.scrub_by(epochs)

    def action_ends(self, share: int) -> None:
        self._orders.scrub(self.snapshot.end if share else 0)

    def action_batch(self) -> None:
        self._orders.step(1)

    def action_epoch(self) -> None:
        self._orders.epoch()

    def action_onset(self) -> None:
        """Jump to where the finding in view began; from there, on to the next finding."""
        s = self.snapshot
        if not s.findings:
            self._say("the doctor has found nothing")
            return
        if s.step == s.findings[self.finding].step:
            self.finding = (self.finding + 1) % len(s.findings)
        self._orders.scrub(s.findings[self.finding].step)

    def action_undo(self) -> None:
        if self.dialled is not None:
            self.action_out()
        else:
            self._orders.act(act.Undo())

    # -- knobs and rates

    def action_choose(self) -> None:
        self._set_dialled()
        self.focus_on = "rates" if self.focus_on == "run" else "run"
        self.row = 0
        if self.focus_on == "rates" and not self._roomy:
            self.measure = 0
        self._paint()

    def action_knobs(self) -> None:
        self._set_dialled()
        self.focus_on = "run" if self.focus_on == "knobs" else "knobs"
        self.row = 0
        self._paint()

    def action_out(self) -> None:
        if self.dialled is not None:
            self.dialled = None
        elif self.focus_on != "run":
            self.focus_on = "run"
        else:
            self.measure = 0
        self.said = ""
        self._paint()

    def action_row(self, by: int) -> None:
        if self.focus_on == "run":
            self.action_choose()
            return
        self._set_dialled()
        self.row = max(0, min(len(self._rows()) - 1, self.row + by))
        self._paint()

    def _toggled(self, name: str) -> str | None:
        if name == "patience":
            return "0" if self.snapshot.experiment.patience else words.PATIENCE
        return knobs.toggled(self.snapshot.experiment, name)

    def _turn(self, by: int) -> None:
        """Dial the chosen knob; it is set once, at the end: each edit is a branch."""
        name, experiment = self._knob(), self.snapshot.experiment
        now = knobs.reading(experiment, name)
        text = notch(experiment, name, self.dialled or now, by)
        self.dialled = None if text == now else text
        self._paint()

    def _set_dialled(self) -> None:
        text, self.dialled = self.dialled, None
        if text is not None:
            self._orders.act(act.SetKnob(self._knob(), text))

    def _type_knob(self, name: str) -> None:
        value = knobs.reading(self.snapshot.experiment, name)
        self._ask(name, value, "", lambda text: self._orders.act(act.SetKnob(name, text)))

    def _ask(self, label: str, value: str, hint: str, then: Callable[[str], object]) -> None:
        def answered(text: str | None) -> None:
            if text:
                then(text)

        box, room = self._boxes["scrub"], self.room()
        self.app.push_screen(Prompt(label, value, hint, box.moved(room.x, room.y)._replace(height=1)), answered)

    def _say(self, text: str) -> None:
        self.said = text
        self._paint()

    # -- panes and places

    def action_measures(self) -> None:
        self._set_dialled()
        self.focus_on = "run"
        self.measure = (self.measure + 1) % (len(pictures.MEASURES) + (not self._roomy))
        self._paint()

    def action_enter(self) -> None:
        if self.dialled is not None:
            self._set_dialled()
            self._paint()
        elif self.focus_on == "knobs" or self.focus_on == "rates":
            self._type_knob(self._knob())
        else:
            self._open_step()

    def _open_step(self) -> None:
        """The very training step in the workbench, node by node; leaving it comes back here."""
        self._release()
        self.open_session(self.training.session)

    def action_compare(self) -> None:
        self._ask("compare with", "", "one knob changed, such as l2=0.01 or optimiser=SGD", self._compare)

    def _compare(self, text: str) -> None:
        """This run beside another from the same draws; `start` is this one with all its edits from the start."""
        from bptui.tui.train.compare import Compare

        s = self.snapshot
        if text == "start":
            label, other = "so from the start", s.experiment
            edits = [edit for edit in s.edits if edit.step]
            if not edits:
                self._say("no knob was turned after the start")
                return
            verdict = words.started_late(edits)
            epochs = max(EPOCHS, 2 * math.ceil(edits[-1].epoch))
        else:
            label, verdict, epochs = text, None, EPOCHS
            try:
                other = turned(s.experiment, *_knob_and_value(text))
            except KnobError as error:
                self._say(str(error))
                return
        self._release()
        mine = replica(self.training.session)
        self.app.push_screen(Compare([("this run", mine), (label, Session(other))], epochs, verdict))

    def action_remedy(self) -> None:
        s = self.snapshot
        remedy = s.findings[self.finding].remedy if s.findings else None
        if remedy is None:
            self._say("the doctor has nothing to try here")
        else:
            self._compare("=".join(remedy))

    def action_export(self) -> None:
        self._ask(
            "export to", "", "a file: .txt or .svg (the screen), .csv (its numbers), .toml (the run)", self._export
        )

    def _export(self, path: str) -> None:
        if path.endswith(".toml"):
            self._save(path)
            return
        try:
            Path(path).expanduser().write_text(self._exported(Path(path).suffix), encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._say(f"{path}: {reason}")
        else:
            self._say(f"written to {path}")

    def action_save(self) -> None:
        from bptui.tui.saving import unused

        self._ask("save this run as", unused(self.snapshot.experiment.net.name), "a new file", self._save)

    def _save(self, path: str) -> None:
        from bptui.tui.saving import saved

        try:
            self._say(saved(path, self.receipt(), "train"))
        except ValueError as error:
            self._say(str(error))

    def receipt(self) -> str:
        """The run up to the epoch in view."""
        from bptui.sources.receipts import to_receipt

        s = self.snapshot
        return to_receipt(self.training.session.history, Address(s.branch, s.step, 0), s.look.parameters)

    def _exported(self, kind: str) -> str:
        """The screen or its numbers as a file of some kind holds them. Raises ValueError for another kind."""
        if kind == ".csv":
            return as_csv(self.snapshot.probes)
        if kind == ".svg":
            return self.app.export_screenshot()
        if kind == ".txt":
            return "\n".join(view.canvas.text() for view in self.views.values() if view.display) + "\n"
        raise ValueError(f"got {kind or 'no ending'}, wants .txt, .svg, .csv or .toml")

    def action_explain(self) -> None:
        title, paragraphs = HELP[self.focus_on]
        if self.focus_on == "run" and self.snapshot.findings:
            finding = self.snapshot.findings[self.finding]
            paragraphs = (f"The doctor: {finding.what}; {finding.why}.", *paragraphs)
        self.explain(title, paragraphs)

    def action_leave(self) -> None:
        cast("BptuiApp", self.app).leave(self)

    # -- the mouse

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "scrub":
            self._drag(message.view, message.x)
        elif kind == "regulariser":
            self._set_dialled()
            self.focus_on, self.row = "rates", words.REGULARISERS.index(name)
            self.action_flip()
        elif kind == "knob":
            self.row = knobs.names(self.snapshot.experiment).index(name)
            self.action_flip()
        elif kind == "key":
            await self.run_action(name)

    def on_canvas_view_dragged(self, message: CanvasView.Dragged) -> None:
        if message.target == "scrub":
            self._drag(message.view, message.x)

    def _drag(self, view: CanvasView, x: int) -> None:
        self._orders.scrub(round(share_at(view.canvas, x) * self.snapshot.goal))


def _knob_and_value(text: str) -> tuple[str, str]:
    knob, _, value = text.partition("=")
    return knob.strip(), value.strip()
