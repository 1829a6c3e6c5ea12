"""The descend lab's panes: what they show of a descent, and of what the learner looks at. The race is not run here."""

from __future__ import annotations

from time import perf_counter

from textual.timer import Timer

from bptui.drawing.axes import Frame
from bptui.drawing.canvas import Canvas
from bptui.session.descend.ground import Ground
from bptui.session.descend.lab import Descent
from bptui.session.descend.pulls import Update
from bptui.session.descend.remarks import remarks
from bptui.session.descend.surface import Surface
from bptui.session.descend.whereabouts import View
from bptui.tui.canvas_view import CanvasView
from bptui.tui.descend import knobs, pictures, words
from bptui.tui.descend.boxes import boxes, is_roomy
from bptui.tui.descend.keys import KNOBS, POINT, TIGHT, run_keys
from bptui.tui.descend.look import TABS, Look, Tab
from bptui.tui.descend.point import Crossing, measure
from bptui.tui.pane_screen import PaneScreen
from bptui.tui.placing import Box
from bptui.tui.scrub import scrub

TICK = 1 / 40  # seconds between two slices of work
FRAME = 1 / 20  # seconds between two frames of a race that plays
SELDOM = 1 / 5  # and of one that is only run ahead
SLICE = 0.005  # seconds that each kind of work takes of a tick
_PANES = ("surface", "race", "loss", "step", "knobs")


class DescendPanes(PaneScreen):
    """One descent, as far as it has run. The surface below it, which differs with the size of its pane, is evaluated
    in short slices by a timer that rests when all is done.
    """

    descent: Descent
    letters: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self.playing = False
        self.ground = Ground()
        self._painted = 0.0
        self._timer: Timer | None = None
        self._boxes: dict[str, Box] = {}
        self._measured: tuple[object, Crossing] | None = None
        self.views = {name: CanvasView(ground="surface", id=name) for name in _PANES}
        self.views |= {name: CanvasView(ground="panel", id=name) for name in ("title", "tabs", "keys")}
        self.views["scrub"] = CanvasView(id="scrub")
        self.look = Look(((0.0, 1.0),))

    def on_mount(self) -> None:
        self._timer = self.set_interval(TICK, self._tick, pause=True)

    def on_screen_resume(self) -> None:
        self._wake()

    # -- work, a slice at a time

    @property
    def _rests(self) -> bool:
        """Whether nothing moves but what is worked on."""
        return True

    def _wake(self) -> None:
        """Paint, and go on working until all is done."""
        if not self._boxes or self._timer is None:
            return
        done = self._work(SLICE)
        self._paint()
        if not (self._rests and done):
            self._timer.resume()

    def _tick(self) -> None:
        done = self._work(SLICE)
        due = perf_counter() >= self._painted + (SELDOM if self._rests else FRAME)
        if due:
            self._go_on()
        if due or (done and self._rests):  # while it plays, frames are as far apart as they are to be
            self._paint()
        if done and self._rests and self._timer is not None:
            self._timer.pause()

    def _go_on(self) -> None:
        """Another frame is due."""

    def _work(self, seconds: float | None) -> bool:
        """Evaluate the surface, once what it goes through is known; returns whether that is done."""
        if not (self.descent.plane.whole or self.descent.caught_up(0.0)):
            return False  # the slice goes through a point that is still to be replayed
        self._ask()
        return self.ground.work(seconds)

    def _frame(self) -> Frame:
        box = self._boxes["surface"]
        return self.look.frame(box.width, box.height, self.letters, self.ground.surface)

    def _ask(self) -> None:
        """Ask for the surface of the view, through the chosen racer's point where it is a slice."""
        d, frame = self.descent, self._frame()
        across = 1 if d.plane.dimensions == 2 else 2
        axes = tuple(s.middles(n) for s, n in ((frame.x, across * frame.width), (frame.y, 2 * frame.height)))
        axes = axes[: d.plane.dimensions]
        where = None if d.plane.whole else (d.chosen, d.place(d.chosen), id(d.path))
        key = (id(d), id(d.plane), where, frame.x, frame.y if d.plane.dimensions == 2 else None, frame.width)
        self.ground.ask(key, lambda: Surface(d.objective, d.slice(), axes))

    # -- showing

    def settle(self) -> None:
        room = self.room()
        self._boxes = boxes(room.width, room.height)
        self._wake()

    @property
    def _roomy(self) -> bool:
        room = self.room()
        return is_roomy(room.width, room.height)

    def _shown(self) -> dict[str, Box]:
        shown = dict(self._boxes)
        if not self._roomy:
            tab = "knobs" if self.look.focus == "knobs" else "step" if self.look.point else self.look.tab
            for name in TABS:
                if name != tab:
                    del shown[name]
        return shown

    def _view(self) -> View:
        frame = self._frame()
        if self.descent.plane.dimensions == 1:
            return View((frame.x.low,), (frame.x.high,))
        return View((frame.x.low, frame.y.low), (frame.x.high, frame.y.high))

    def update_shown(self) -> Update | None:
        """The update in view, taken apart; None until it has been replayed."""
        return self.descent.update() if self.descent.caught_up(0.0) else None

    def crossing(self) -> Crossing | None:
        """What is measured at the point; None without one."""
        point = self.look.point
        if point is None:
            return None
        d = self.descent
        plane = self.ground.surface.plane if self.ground.surface is not None else d.plane
        view = self._view()
        key = (*point.position.tolist(), point.along, point.across, point.angle, id(plane), view)
        if self._measured is None or self._measured[0] != key:
            self._measured = key, measure(d.objective, plane, point, view)
        return self._measured[1]

    def _paint(self) -> None:
        if not self._boxes or not self.is_attached:
            return
        d, look, views, box = self.descent, self.look, self.views, self._shown()
        self.stand(box)
        self._painted = perf_counter()
        update, crossing = self.update_shown(), self.crossing()
        found = remarks(d, self._view())
        arrows = None if self.playing else update
        views["title"].show(words.title(d, box["title"].width, playing=self.playing))
        at = box["surface"]
        views["surface"].show(
            pictures.surface(d, look, self.ground.surface, arrows, crossing, self.letters, found, at.width, at.height)
        )
        views["race"].show(words.race(d, box["race"].width, box["race"].height))
        if "tabs" in box:
            tab: Tab = "knobs" if "knobs" in box else "step" if "step" in box else "loss"
            views["tabs"].show(words.tabs(tab, look.point is not None, box["tabs"].width))
        if "loss" in box:
            views["loss"].show(pictures.losses(d, box["loss"].width, box["loss"].height))
        if "step" in box:
            at = box["step"]
            if look.point is not None:
                views["step"].show(words.orthogonality(look.point, crossing, self.letters, at.width, at.height))
            else:
                views["step"].show(words.step(d, update, self.letters, at.width, at.height))
        if "knobs" in box:
            at, focused = box["knobs"], look.focus == "knobs"
            chosen = self._knob() if focused else str(d.chosen)
            views["knobs"].show(knobs.panel(d, self.letters, chosen, at.width, at.height, focused=focused))
        views["scrub"].show(self._rail(box["scrub"].width))
        other = "updates" if d.counting == "evaluations" else "evaluations"
        run = run_keys(other) if self._roomy else TIGHT
        self.show_keys({"run": run, "knobs": KNOBS, "point": POINT}[look.focus])

    def _rail(self, width: int) -> Canvas:
        d = self.descent
        unit = "gradient evals" if d.counting == "evaluations" else "updates"
        at, done = d.at / d.horizon, d.reached / d.horizon
        return scrub(width, f"{d.at:,}", f"{d.horizon:,} {unit}", at=at, done=max(at, done), running=self.playing)

    def _knob(self) -> str:
        found = knobs.names(self.descent)
        self.look.row = min(self.look.row, len(found) - 1)
        return found[self.look.row]
