"""Runs side by side: the same draws and minibatches, one knob changed, or said to be confounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
from textual.binding import Binding, BindingType

from bptui.drawing import curves
from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, rule, wrap, write
from bptui.drawing.markers import MARKS
from bptui.drawing.numbers import number
from bptui.drawing.scale import Scale
from bptui.engine.notation import epoch_text
from bptui.session.session import Session
from bptui.session.train.contrast import lesson
from bptui.session.train.trainer import EPOCHS, Snapshot, Trainer
from bptui.session.train.training import Training
from bptui.session.train.turns import Turns
from bptui.tui.bars import Key, bar
from bptui.tui.canvas_view import CanvasView
from bptui.tui.pane_screen import PaneScreen
from bptui.tui.placing import Box
from bptui.tui.scrub import scrub, share_at
from bptui.tui.train import pictures, words
from bptui.tui.train.screen import Published

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

PLOTS = 8  # while runs go on, the losses follow every eighth frame
PROBES = 200  # of each run on the way to its goal, about
_KEYS: tuple[Key, ...] = (
    ("space", "run", "flip"),
    ("←→", "scrub", "scrub(1)"),
    ("N", "epoch", "epoch"),
    ("esc", "back", "leave"),
    ("?", "help", "explain"),
)
_HELP = (
    "Two runs, or four, from the same random draws and the same minibatches. What differs between them is named; when "
    "it is one thing, what you see comes from it. When it is more, the comparison is confounded.",
)


class ComparePanes(PaneScreen):
    """Several runs on one screen, as their latest snapshots have them."""

    def __init__(self, labels: Sequence[str], verdict: str) -> None:
        super().__init__()
        self.labels, self.verdict = list(labels), verdict
        self.views = {f"map{k}": CanvasView(ground="surface", id=f"map{k}") for k in range(len(labels))}
        self.views |= {name: CanvasView(ground="surface", id=name) for name in ("loss", "words")}
        self.views |= {name: CanvasView(ground="panel", id=name) for name in ("title", "keys")}
        self.views["scrub"] = CanvasView(id="scrub")
        self._boxes: dict[str, Box] = {}
        self._drawn: dict[int, tuple[Snapshot, Box]] = {}

    @property
    def snapshots(self) -> Sequence[Snapshot]:
        """The runs; none before they have begun."""
        raise NotImplementedError

    def settle(self) -> None:
        room = self.room()
        self._boxes = boxes(room.width, room.height, len(self.labels))
        self._paint()

    def field_sizes(self) -> list[tuple[int, int]]:
        """How large the map of each run is."""
        return [pictures.field_size(_field_box(self._boxes[f"map{k}"])) for k in range(len(self.labels))]

    @property
    def _going(self) -> bool:
        return any(snapshot.running for snapshot in self.snapshots)

    def _paint(self, *, plots: bool = True) -> None:
        """Bring the screen up to date; without `plots`, all but the losses."""
        snapshots = self.snapshots
        if not self._boxes or not snapshots:
            return
        view, box = self.views, self._boxes
        self.stand(box)
        for k, snapshot in enumerate(snapshots):
            former, place_of = self._drawn.get(k, (None, None)), box[f"map{k}"]
            if former[0] is not snapshot or former[1] != place_of:  # the other runs' maps are as they were
                self._drawn[k] = snapshot, place_of
                view[f"map{k}"].show(_map(self.labels[k], k, snapshot, place_of))
        if plots:
            view["loss"].show(_losses(snapshots, box["loss"].width, box["loss"].height))
        view["words"].show(_words(self.verdict, box["words"].width, box["words"].height))
        head = snapshots[0]
        count = f"{len(snapshots)} runs"
        left: list[Piece] = [("bptui  ", BOLD), ("Compare", NOW), ("  ·  ", MUTED), (count, SOFT)]
        state = "running" if self._going else "paused"
        view["title"].show(bar(left, [(state, NOW)], box["title"].width))
        rail = scrub(
            box["scrub"].width,
            f"epoch {epoch_text(head.look.probe.epoch)}",
            f"{words.time_left(snapshots)}of {epoch_text(head.goal / head.steps_an_epoch)}",
            at=head.step / max(1, head.goal),
            done=head.end / max(1, head.goal),
            running=self._going,
        )
        view["scrub"].show(rail)
        self.show_keys(_KEYS)


class Compare(ComparePanes):
    """Runs side by side, each trained by a worker of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "flip", "run or pause all", id="compare.run"),
        Binding("right", "scrub(1)", "an epoch on", id="compare.right"),
        Binding("left", "scrub(-1)", "an epoch back", id="compare.left"),
        Binding("shift+right,ctrl+right", "scrub(10)", "ten epochs on", id="compare.far_right"),
        Binding("shift+left,ctrl+left", "scrub(-10)", "ten epochs back", id="compare.far_left"),
        Binding("N", "epoch", "train to the end of the epoch", id="compare.epoch"),
        Binding("escape,q", "leave", "back", id="compare.leave"),
        Binding("question_mark", "explain", "explain", id="compare.explain"),
    ]

    def __init__(
        self, runs: Sequence[tuple[str, Session]], epochs: int | None = None, verdict: str | None = None
    ) -> None:
        marked = [(MARKS[k % len(MARKS)][1], session.experiment) for k, (_, session) in enumerate(runs)]
        super().__init__([label for label, _ in runs], verdict or lesson(marked))
        self.epochs = epochs or EPOCHS
        every = max(1, self.epochs // PROBES)
        self.trainings = [Training(session, every) for _, session in runs]
        self.trainers: list[Trainer] = []
        self._frames = 0

    @property
    def snapshots(self) -> Sequence[Snapshot]:
        return [trainer.snapshot for trainer in self.trainers]

    def on_mount(self) -> None:
        turns = Turns(slack=max(1, self.epochs // PROBES))
        self.trainers = [
            Trainer(training, lambda: self.post_message(Published()), self.epochs, turns) for training in self.trainings
        ]
        self._draw_to_size()

    def on_unmount(self) -> None:
        for trainer in self.trainers:
            trainer.close()

    def on_published(self) -> None:
        for trainer in self.trainers:
            if trainer.failed is not None:
                raise trainer.failed
        self._frames += 1
        self._paint(plots=not self._going or self._frames % PLOTS == 0)

    def settle(self) -> None:
        super().settle()
        self._draw_to_size()

    def _draw_to_size(self) -> None:
        if self._boxes:
            for trainer, size in zip(self.trainers, self.field_sizes(), strict=False):
                trainer.draw(*size)

    def _paint(self, *, plots: bool = True) -> None:
        for trainer in self.trainers:
            trainer.hold()
            self.call_after_refresh(trainer.let_go)
        super()._paint(plots=plots)

    # -- keys

    def action_flip(self) -> None:
        """Run all, or pause all at the last epoch that every one of them has reached."""
        if self._going:
            common = min(trainer.snapshot.step // trainer.snapshot.steps_an_epoch for trainer in self.trainers)
            for trainer in self.trainers:
                trainer.scrub(common * trainer.snapshot.steps_an_epoch)
        else:
            for trainer in self.trainers:
                trainer.run()

    def action_scrub(self, epochs: int) -> None:
        for trainer in self.trainers:
            trainer.scrub_by(epochs)

    def action_epoch(self) -> None:
        for trainer in self.trainers:
            trainer.epoch()

    def action_leave(self) -> None:
        cast("BptuiApp", self.app).leave(self)

    def action_explain(self) -> None:
        self.explain("Compare", _HELP)

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "scrub":
            self._drag(message.view, message.x)
        elif kind == "key":
            await self.run_action(name)

    def on_canvas_view_dragged(self, message: CanvasView.Dragged) -> None:
        if message.target == "scrub":
            self._drag(message.view, message.x)

    def _drag(self, view: CanvasView, x: int) -> None:
        share = share_at(view.canvas, x)
        for trainer in self.trainers:
            trainer.scrub(round(share * trainer.snapshot.goal))


def boxes(width: int, height: int, runs: int) -> dict[str, Box]:
    """Where the panes stand: the maps in one row, the losses and the verdict below."""
    roomy = width >= 100 and height >= 36
    margin, gutter, gap = (1, 2, 1) if roomy else (0, 1, 0)
    each = (width - 2 * margin - gutter * (runs - 1)) // runs
    top = 1 + gap
    words = 3 if roomy else 2
    below = height - 3 - gap - words
    loss = max(6, min(14, (below - top) * 2 // 5))
    square = (each - 4) // 2 + 4  # rows of a map as wide as its box; the losses take what is left
    loss = max(loss, below - gap - top - square)
    found = {f"map{k}": Box(margin + k * (each + gutter), top, each, below - loss - gap - top) for k in range(runs)}
    return found | {
        "title": Box(0, 0, width, 1),
        "loss": Box(margin, below - loss, width - 2 * margin, loss),
        "words": Box(margin, below + gap, width - 2 * margin, words),
        "scrub": Box(0, height - 2 - gap, width, 1),
        "keys": Box(0, height - 1, width, 1),
    }


def _map(label: str, k: int, snapshot: Snapshot, box: Box) -> Canvas:
    """A run's field under its label, its marker and its scores."""
    canvas = Canvas(box.width, box.height)
    canvas.paste(pictures.field(snapshot, box.width, _field_box(box).height), 0, 0)
    role, marker = MARKS[k % len(MARKS)]
    canvas.paste(rule(box.width, f"{marker} {label}", accent=Ink(role, bold=True)), 0, 0)
    probe = snapshot.look.probe
    score = probe.validation or probe.train
    part = f"{'validation' if probe.validation else 'train'} " if box.width >= 28 else ""
    x = canvas.put(2, box.height - 1, f"{part}{number(score.loss)}", SOFT)
    if score.accuracy is not None:
        canvas.put(x + 2, box.height - 1, f"{100 * score.accuracy:.1f} %", BOLD)
    return canvas


def _field_box(box: Box) -> Box:
    """The part of a map's box over its scores."""
    return box._replace(height=max(1, box.height - 1))


def _losses(snapshots: Sequence[Snapshot], width: int, height: int) -> Canvas:
    """All training losses over epochs, each in its run's colour."""
    canvas = Canvas(width, height)
    canvas.paste(rule(width, "Training loss", right="epochs", accent=BOLD), 0, 0)
    drawn, last = [], 1.0
    for k, s in enumerate(snapshots):
        done = [p for p in s.probes if p.step < s.step] + [s.look.probe]
        drawn.append(curves.racing(k, np.array([p.epoch for p in done]), np.array([p.train.loss for p in done])))
        last = max(last, s.goal / s.steps_an_epoch, done[-1].epoch)
    plot = curves.curve_plot(width - 4, height - 1, drawn, x=Scale(0.0, last), cursor=snapshots[0].look.probe.epoch)
    canvas.paste(plot, 2, 1)
    return canvas


def _words(text: str, width: int, height: int) -> Canvas:
    canvas = Canvas(width, height)
    for y, line in enumerate(wrap(text, width - 4)[:height]):
        write(canvas, 2, y, [(line, Ink("bad", bold=True) if text.startswith("confounded") else BOLD)])
    return canvas
