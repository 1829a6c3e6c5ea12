"""Runs side by side: the same draws and minibatches, one knob changed, or said to be confounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

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
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.placing import Box, place
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


class Compare(Screen[None]):
    """Several runs on one screen, each trained by a worker of its own."""

    AUTO_FOCUS = None
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
        super().__init__()
        self.epochs = epochs or EPOCHS
        self.labels = [label for label, _ in runs]
        self.sessions = [session for _, session in runs]
        self.trainers: list[Trainer] = []
        marked = [(MARKS[k % len(MARKS)][1], session.experiment) for k, (_, session) in enumerate(runs)]
        self.verdict = verdict or lesson(marked)
        self.views = {f"map{k}": CanvasView(ground="surface", id=f"map{k}") for k in range(len(runs))}
        self.views |= {name: CanvasView(ground="surface", id=name) for name in ("loss", "words")}
        self.views |= {name: CanvasView(ground="panel", id=name) for name in ("title", "keys")}
        self.views["scrub"] = CanvasView(id="scrub")
        self._boxes: dict[str, Box] = {}
        self._drawn: dict[int, tuple[Snapshot, Box]] = {}
        self._frames = 0

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    def on_mount(self) -> None:
        every = max(1, self.epochs // PROBES)
        turns = Turns(slack=every)
        self.trainers = [
            Trainer(Training(session, every), lambda: self.post_message(Published()), self.epochs, turns)
            for session in self.sessions
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

    def on_resize(self, event: events.Resize) -> None:
        self._boxes = boxes(event.size.width, event.size.height, len(self.labels))
        self._draw_to_size()
        self._paint()

    def _draw_to_size(self) -> None:
        for k, trainer in enumerate(self.trainers):
            if self._boxes:
                trainer.draw(*pictures.field_size(_field_box(self._boxes[f"map{k}"])))

    # -- keys

    @property
    def _going(self) -> bool:
        return any(trainer.snapshot.running for trainer in self.trainers)

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
        from bptui.tui.explain import Explanation

        app = cast("BptuiApp", self.app)
        app.push_screen(Explanation("Compare", _HELP, (*self.BINDINGS, *app.BINDINGS), ascii_only=app.ascii_only))

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

    # -- painting

    def _paint(self, *, plots: bool = True) -> None:
        """Bring the screen up to date; without `plots`, all but the losses."""
        if not self._boxes or not self.trainers:
            return
        for trainer in self.trainers:
            trainer.hold()
            self.call_after_refresh(trainer.let_go)
        view, box = self.views, self._boxes
        place(view, box)
        snapshots = [trainer.snapshot for trainer in self.trainers]
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
        view["keys"].show(keys(_KEYS, box["keys"].width, ascii_only=cast("BptuiApp", self.app).ascii_only))


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
