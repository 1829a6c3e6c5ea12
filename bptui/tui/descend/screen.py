"""The descend lab: a loss surface, a race over it, and one update taken apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
from textual.binding import BindingType

from bptui.drawing.canvas import Canvas
from bptui.session.descend.lab import Descent
from bptui.session.descend.lineup import next_rate
from bptui.session.descend.window import window
from bptui.session.experiment import Experiment
from bptui.tui.canvas_view import CanvasView
from bptui.tui.descend import knobs, turning, words
from bptui.tui.descend.help import HELP
from bptui.tui.descend.keys import BINDINGS
from bptui.tui.descend.look import TABS, Tab, letters_of
from bptui.tui.descend.panes import FRAME, DescendPanes
from bptui.tui.descend.point import RATES, TURN, Point
from bptui.tui.prompt import Prompt
from bptui.tui.scrub import share_at

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

LASTS = 8.0  # seconds that a race takes to play


class Descend(DescendPanes):
    """One descent on the screen. Work is done in short slices by a timer, which rests when all is done."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self._owed = self._last = 0.0  # what a race that plays is behind the clock, in its own count, and since when
        self.begin(Descent(experiment))

    def begin(self, descent: Descent) -> None:
        """Show another descent."""
        self.descent = descent
        self.letters = letters_of(descent.plane, descent.objective.graph)
        look = self.look
        look.window, look.point = window(descent), None
        if look.focus == "point":
            look.focus = "run"
        self.playing = False
        self.ground.clear()

    # -- work, a slice at a time

    @property
    def _rests(self) -> bool:
        return not self.playing

    def _go_on(self) -> None:
        if self.playing:
            self._play_on()

    def _work(self, seconds: float | None) -> bool:
        """Run the race, replay what is to be taken apart, evaluate the surface; returns whether all is done."""
        ran = self.descent.work(seconds)
        caught_up = self.descent.caught_up(seconds)
        return super()._work(seconds) and ran and caught_up

    def finish(self) -> None:
        """Do all the work that is left, without a pause."""
        self._work(None)
        self._paint()

    def _play_on(self) -> None:
        now = perf_counter()
        d = self.descent
        self._owed += min(now - self._last, 4 * FRAME) * d.horizon / LASTS
        self._last = now
        whole = int(self._owed)
        self._owed -= whole
        d.go_to(max(d.at, min(d.at + whole, d.reached)))
        self.playing = d.at < d.horizon

    # -- the race

    def action_play(self) -> None:
        d = self.descent
        self.look.said = ""
        self.playing = not self.playing
        if self.playing and d.at >= d.horizon:
            d.horizon *= 2
        self._last, self._owed = perf_counter(), 0.0
        self._wake()

    def action_arrow(self, across: int, up: int) -> None:
        """Scrub, turn a knob, or move the point; up and down choose a racer or a knob."""
        self.look.said = ""
        if self.look.focus == "point":
            self._move_point(across, up)
        elif across and self.look.focus == "knobs":
            self._try(lambda: turning.turn(self, self._knob(), across))
        elif across:
            self.playing = False
            self.descent.step(across)
        else:
            self._choose(-up)
        self._wake()

    def _choose(self, by: int) -> None:
        look, d = self.look, self.descent
        if look.focus == "knobs":
            look.row = max(0, min(len(knobs.names(d)) - 1, look.row + by))
            if look.row < len(d.racers):
                d.chosen = look.row
        else:
            d.chosen = max(0, min(len(d.racers) - 1, d.chosen + by))

    def action_ends(self, end: int) -> None:
        self.playing = False
        self.descent.go_to(self.descent.horizon if end else 0)
        self._wake()

    def action_count(self) -> None:
        self.descent.count_by("updates" if self.descent.counting == "evaluations" else "evaluations")
        self._wake()

    def action_arrows(self) -> None:
        self.look.arrows = not self.look.arrows
        self._wake()

    # -- racers and knobs

    def action_choose(self) -> None:
        look = self.look
        if look.focus == "point" and look.point is not None:
            look.point.rate = RATES[(RATES.index(look.point.rate) + 1) % len(RATES)]
        elif look.focus == "knobs":
            look.focus = "run"
        else:
            look.focus, look.row = "knobs", self.descent.chosen
        self._wake()

    def action_turn(self, knob: str) -> None:
        self._try(lambda: turning.turn_racer(self.descent, knob))
        self._wake()

    def action_add(self) -> None:
        self._try(self.descent.add)
        self.look.row = self.descent.chosen
        self._wake()

    def action_remove(self) -> None:
        self._try(self.descent.remove)
        self.look.row = self.descent.chosen
        self._wake()

    def action_surface(self, by: int) -> None:
        self._try(lambda: turning.turn(self, "surface", by))
        self._wake()

    def action_view(self) -> None:
        self._try(lambda: turning.turn(self, "view", 1))
        self._wake()

    def _try(self, deed: Callable[[], object]) -> None:
        """Do something that may be refused; then that is said."""
        self.look.said = ""
        try:
            deed()
        except ValueError as error:
            self.look.said = str(error)

    def _ask_for(self, label: str, value: str, hint: str, then: Callable[[str], object]) -> None:
        def answered(text: str | None) -> None:
            if text:
                self._try(lambda: then(text))
                self._wake()

        box, room = self._boxes["scrub"], self.room()
        self.app.push_screen(Prompt(label, value, hint, box.moved(room.x, room.y)._replace(height=1)), answered)

    # -- the view

    def action_grow(self, by: int) -> None:
        point = self.look.point
        if self.look.focus == "point" and point is not None:
            if point.rate == "angle":
                point.angle = (point.angle + by * TURN) % 180.0
            else:
                setattr(point, point.rate, next_rate(getattr(point, point.rate), by))
        else:
            self.look.zoom(0.8 if by > 0 else 1.25)
        self._wake()

    def action_fit(self) -> None:
        self.look.window = window(self.descent)
        self._wake()

    def action_tab(self) -> None:
        self.look.focus = "run" if self.look.focus == "knobs" else self.look.focus
        self.look.tab = TABS[(TABS.index(self.look.tab) + 1) % len(TABS)]
        self._wake()

    def action_orthogonality(self) -> None:
        look, d = self.look, self.descent
        look.said = ""
        if look.point is not None:
            look.point, look.focus = None, "run"
        elif d.plane.dimensions == 1:
            look.said = "one parameter has no contours: the tangent of the curve stands at the chosen racer"
        else:
            self.playing = False
            rate = d.racers[d.chosen].lr
            here = d.path.positions[d.place(d.chosen)]
            look.point = Point(self._inside(here), rate, rate)
            look.focus = "point"
        self._wake()

    def _inside(self, position: np.ndarray) -> np.ndarray:
        """The nearest position in view; the middle for one that is not finite."""
        view = self._view()
        low, high = np.array(view.low), np.array(view.high)
        whole = np.isfinite(position).all()
        found: np.ndarray = np.clip(position, low, high) if whole else (low + high) / 2
        return found

    def _move_point(self, across: int, up: int) -> None:
        """By a column, or half a row: the same length."""
        frame, point = self._frame(), self.look.point
        assert point is not None
        unit = (frame.x.high - frame.x.low) / frame.width
        point.position = self._inside(point.position + unit * np.array([across, up], float))

    # -- other places

    def action_enter(self) -> None:
        if self.look.focus == "knobs":
            self._ask_for(*turning.prompt(self.descent, self.letters, self._knob()), self._typed)
        elif not self.descent.caught_up(0.0):
            self.look.said = "replaying up to here: one moment"
        else:
            self.playing = False
            self.open_session(self.descent.open())
            return
        self._wake()

    def _typed(self, text: str) -> None:
        turning.typed(self, self._knob(), text)

    def action_export(self) -> None:
        hint = "a file: .txt or .svg (the screen), .csv (all places), .toml (the racer)"
        self._ask_for("export to", "", hint, self._export)

    def _export(self, path: str) -> None:
        try:
            Path(path).expanduser().write_text(self._exported(Path(path).suffix), encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.look.said = f"{path}: {reason}"
        else:
            self.look.said = f"written to {path}"

    def _exported(self, kind: str) -> str:
        """The screen or the race as a file of some kind holds it. Raises ValueError for another kind."""
        if kind == ".csv":
            return words.as_csv(self.descent)
        if kind == ".toml":
            from bptui.session.toml import to_toml  # only now: it loads a library that nothing else needs

            return to_toml(self.descent.path.racer.experiment)
        if kind == ".svg":
            return self.app.export_screenshot()
        if kind == ".txt":
            page = Canvas(*self.room()[2:])
            for name, box in self._shown().items():
                page.paste(self.views[name].canvas, box.x, box.y)
            return page.text() + "\n"
        raise ValueError(f"got {kind or 'no ending'}, wants .txt, .svg, .csv or .toml")

    def action_out(self) -> None:
        look = self.look
        look.said = ""
        look.point, look.focus = None, "run"
        self._wake()

    def action_explain(self) -> None:
        self.explain(*HELP[self.look.focus])

    def action_leave(self) -> None:
        cast("BptuiApp", self.app).leave(self)

    # -- the mouse

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "key":
            await self.run_action(name)
            return
        if kind in ("scrub", "surface"):
            self._drag(message.view, kind, message.x, message.y)
        elif kind == "racer":
            self.descent.chosen = int(name)
        elif kind == "tab":
            self.look.tab = cast("Tab", name)
            self.look.focus = "knobs" if name == "knobs" else "run"
            self.look.point = self.look.point if name == "step" else None
        elif kind == "knob":
            self.look.focus, self.look.row = "knobs", knobs.names(self.descent).index(name)
            self.look.point = None
            if name.isdecimal():
                self.descent.chosen = int(name)
        self._wake()

    def on_canvas_view_dragged(self, message: CanvasView.Dragged) -> None:
        self._drag(message.view, message.target or "", message.x, message.y)
        self._wake()

    def _drag(self, view: CanvasView, target: str, x: int, y: int) -> None:
        if target == "scrub":
            self.playing = False
            self.descent.go_to(round(share_at(view.canvas, x) * self.descent.horizon))
        elif target == "surface" and self.look.point is not None:
            frame = self._frame()
            at = (x - frame.left + 0.5) / frame.width, 1 - (y - frame.top + 0.5) / frame.height
            self.look.point.position = self._inside(np.array([frame.x.value(at[0]), frame.y.value(at[1])]))
