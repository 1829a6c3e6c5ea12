"""Which screen a step of a lesson is played on: the workbench or the lab that its stage names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar

from textual.screen import Screen

from bptui.course.lesson import Measured, Predict, Stage
from bptui.course.player import Player, PlayError
from bptui.session.actions import Jump, ShowSample, SwitchBranch
from bptui.session.session import Session
from bptui.tui.canvas_view import CanvasView
from bptui.tui.grid import Size
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.reveal import revealed
from bptui.tui.placing import Box
from bptui.tui.stage import Stage as Panes
from bptui.tui.view import View
from bptui.tui.workbench import Workbench

_PANES = {"knobs": "knobs", "watches": "watches", "source": "program"}  # of a stage's `show`


def screen_of(player: Player) -> Screen[None]:
    """The screen for the step at which a player stands."""
    stage = player.step.stage
    try:
        session = player.session
    except PlayError:
        return Words(player)
    if stage is None or stage.lab == "step":
        return Bench(player)
    from bptui.tui.lesson.labs import Race, Run  # only now: they load the labs

    return Race(player, session) if stage.lab == "descend" else Run(player, session)


class Bench(Lectern, Workbench):
    """The workbench beside a lesson. The learner does on it what they like; what is asked for is hidden."""

    lab: ClassVar[bool] = False

    def __init__(self, player: Player) -> None:
        super().__init__(player.session)
        self.attend(player)
        self.view = _view(player.step.stage)
        self._shown_panes = True

    def arrive(self) -> None:
        try:
            session, stage = self.player.session, self.player.step.stage
        except PlayError:
            session, stage = None, None
        if session is None or stage is None or stage.lab != "step":
            self.app.switch_screen(screen_of(self.player))
            return
        self.session, self.view, self._placed = session, _view(stage), {}
        self.settle()

    def new_stage(self) -> Panes:
        room = self.room()
        return Panes(self.session, self.view, Size(room.width, room.height, part=True), self.player.veil)

    def show(self) -> None:
        """What was done on the stage may be what the lesson asks for; then nothing is hidden any more."""
        if self.stage is None or self.searching:
            return
        self.acted()
        if self.player.veil != self.stage.hidden:
            self.stage = self.new_stage()
        if self._wants_panes != self._shown_panes:
            self._shown_panes, self._placed = self._wants_panes, {}
        super().show()

    def acted(self) -> None:
        """Something was done on the stage."""
        with suppress(PlayError):  # the stage was led to where the goal has no meaning, as to another net
            self.player.acted()

    @property
    def _wants_panes(self) -> bool:
        """Whether the panes below the diagram are in view: where the stage names them, or the learner asks for them."""
        stage, view = self.player.step.stage, self.view
        named = stage is None or not stage.show or bool({*stage.show} - {"diagram", "timeline"})
        return named or view.selected is not None or view.into or view.pane != "inspector"

    def stand(self, boxes: Mapping[str, Box]) -> None:
        below = () if self._shown_panes else ("main", "tabs", "program", "strip", "knobs", "watches", "divider")
        super().stand({name: box for name, box in boxes.items() if name not in below})

    def stage_enters(self) -> bool:
        return self.view.dialled is not None or (self.asks and self.view.pane in ("knobs", "watches"))

    def pointed(self) -> str:
        return (self.view.selected or "").partition(":")[2]

    def reveal(self) -> None:
        ask = self.player.step.ask
        if not isinstance(ask, Predict):
            return
        asked = (ask.question.quantity,) if isinstance(ask.question, Measured) else ()
        if named := (*asked, *ask.light):
            self._return()
        found = (revealed(quantity, self.session) for quantity in named)
        seen = next(filter(None, found), None)
        if seen is None:
            return
        self.view = seen.view
        if seen.event > self.session.address.event:
            self._apply(Jump(self.session.address.step, seen.event))
        self.settle()

    def _return(self) -> None:
        """To the numbers that the question is about, wherever the learner has gone since and whatever was edited."""
        stage, session = self.player.step.stage, self.session
        assert stage is not None  # a bench has one
        if session.address.branch:
            self._apply(SwitchBranch(0))
        if session.address.step != stage.step:
            self._apply(Jump(stage.step, session.address.event))
        if session.sample != stage.sample:
            self._apply(ShowSample(stage.sample))


class Inside(Workbench):
    """A training step of a lab, opened in the workbench: what the lesson asks for is hidden there too."""

    def __init__(self, player: Player, session: Session) -> None:
        super().__init__(session)
        self.player = player
        self.view.note = "a training step of the lab, node by node; q leads back to the lesson"

    def new_stage(self) -> Panes:
        room = self.room()
        return Panes(self.session, self.view, Size(room.width, room.height), self.player.veil_on(self.session))

    def show(self) -> None:
        if self.stage is not None and not self.searching and self.stage.hidden != self.player.veil_on(self.session):
            self.stage = self.new_stage()
        super().show()

    def on_key(self) -> None:
        self.view.note = ""


def _view(stage: Stage | None) -> View:
    """The pane that a stage names first, beside those that are always there."""
    named = [_PANES[name] for name in (stage.show if stage else ()) if name in _PANES]
    return View(pane=named[0] if named else "inspector")


class Words(Lectern):
    """A step that has no stage, or one that cannot be set up: the text alone."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.views = {}
        self.attend(player)

    def _lesson_boxes(self) -> dict[str, Box]:
        """The text has all rows: there is nothing that it could lie over."""
        boxes = super()._lesson_boxes()
        whole = {"page": Box(0, 1, self.size.width, self.size.height - 2)}
        return boxes | whole if self.has_drawer and "page" in boxes else boxes

    def settle(self) -> None:
        self.stand({})
        self.show_keys(())

    def arrive(self) -> None:
        self.app.switch_screen(screen_of(self.player))

    def action_explain(self) -> None:
        self.explain("Lesson", [])

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "key":
            await self.run_action(name)
