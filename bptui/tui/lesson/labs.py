"""The labs beside a lesson: a run, or a race, in which something is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from textual.message import Message

from bptui.course.lesson import Do, Step
from bptui.course.player import Player, PlayError
from bptui.drawing.canvas import Canvas
from bptui.drawing.inspector import HIDDEN
from bptui.drawing.lines import SOFT
from bptui.session.descend.lab import Descent
from bptui.session.session import Session
from bptui.session.train.training import Training
from bptui.tui.canvas_view import CanvasView
from bptui.tui.descend.screen import Descend
from bptui.tui.hiding import hides_shapes
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.place import Inside, screen_of
from bptui.tui.placing import Box
from bptui.tui.train.help import HELP
from bptui.tui.train.screen import Train

UNTOLD = ("title", "scrub", "keys")  # panes that tell nothing of a run but how far it is; the first one tells shapes
SELDOM = 0.5  # seconds between two looks at a run that goes on


class Arrived(Message):
    """What was to be done in a step is reached; `explain` is what to say of it."""

    def __init__(self, step: Step, explain: str) -> None:
        super().__init__()
        self.step, self.explain = step, explain


class Laboratory(Lectern):
    """What both labs have in common: the goal is looked at wherever the learner comes to."""

    _looked_at: object = None
    _looked = 0.0

    def attend(self, player: Player) -> None:
        super().attend(player)
        self.views["veil"] = CanvasView(ground="surface", id="veil")

    def stand(self, boxes: Mapping[str, Box]) -> None:
        """Where something is hidden, all panes with numbers of the run are: any of them may tell it."""
        if self.veiled:
            untold = UNTOLD[hides_shapes(self.player.veil) :]
            told = [box for name, box in boxes.items() if name not in untold]
            boxes = {name: box for name, box in boxes.items() if name in untold} | {"veil": _round(told)}
            self.views["veil"].show(_veil(boxes["veil"]))
        super().stand(boxes)

    @property
    def veiled(self) -> bool:
        """Whether something must not be seen yet."""
        return self._attended and bool(self.player.hidden)

    def refused(self) -> bool:
        """Whether a key would show what is hidden; then that is said."""
        if self.veiled:
            self._say("hidden until you answer")
        return self.veiled

    def open_session(self, session: Session) -> None:
        self.app.push_screen(Inside(self.player, session))

    def enters(self) -> bool:
        """Who presses enter to go on is not taken out of the lesson."""
        if isinstance(self.player.step.ask, Do) and not self.player.state.over and not self.stage_enters():
            self._say("this is to be done on the stage first; > goes on without it")
            return True
        return super().enters()

    def action_export(self) -> None:
        if not self.refused():
            super().action_export()  # type: ignore[misc]  # both labs have it

    def worked(self) -> None:
        self.player.lab = self.kept()

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind not in ("", "option") and not name.startswith("lesson_"):
            self.worked()

    def kept(self) -> object:
        """What a learner who comes back finds as it was."""
        raise NotImplementedError

    def arrive(self) -> None:
        self.app.switch_screen(screen_of(self.player))

    def _look(self, place: object, *, going: bool, see: Callable[[], object]) -> None:
        """Look at another place, seldom while the lab goes on; never at the same one twice."""
        wanted = isinstance(self.player.step.ask, Do) and not self.player.state.over
        if wanted and place != self._looked_at and not (going and monotonic() < self._looked + SELDOM):
            self._looked_at, self._looked = place, monotonic()
            see()

    def seen(self, session: Session) -> None:
        """Look at a session, in whichever thread owns it."""
        step = self.player.step
        try:
            explain = self.player.reached_in(session)
        except PlayError:  # the lab was led to where the goal has no meaning, as to another net
            return
        if explain is not None:
            self.post_message(Arrived(step, explain))

    def on_arrived(self, message: Arrived) -> None:
        if message.step is not self.player.step:  # the learner has gone on meanwhile
            return
        self.player.reach(message.explain)
        self._read_told()
        self.settle()


class Run(Laboratory, Train):
    """The train lab."""

    def __init__(self, player: Player, session: Session) -> None:
        super().__init__(session)
        if isinstance(player.lab, Training):
            self.training = player.lab
        self.attend(player)

    def kept(self) -> Training:
        return self.training

    def arrive(self) -> None:
        self._release()  # before another screen takes the session over
        super().arrive()

    def action_lesson_map(self) -> None:
        self._release()
        super().action_lesson_map()

    def _compare(self, text: str) -> None:
        if not self.refused():
            super()._compare(text)

    def action_explain(self) -> None:
        if self.veiled:  # the doctor's findings have numbers
            self.explain(*HELP[self.focus_on])
        else:
            super().action_explain()

    def stage_enters(self) -> bool:
        return self.dialled is not None or (self.asks and self.focus_on != "run")

    def on_published(self) -> None:
        trainer = self.trainer
        if trainer is not None and trainer.failed is None:
            s = trainer.snapshot
            place = s.branch, s.step, len(s.edits)
            self._look(place, going=s.running, see=lambda: trainer.look(self.seen))


class Race(Laboratory, Descend):
    """The descend lab, at the session's step. A stage that turns knobs has its own experiment as the only racer."""

    def __init__(self, player: Player, session: Session) -> None:
        super().__init__(session.experiment)
        self.attend(player)
        if isinstance(player.lab, Descent):
            self.begin(player.lab)
            return
        if player.step.stage is not None and player.step.stage.knobs:
            self.begin(Descent(session.experiment, [session.experiment]))
        self.descent.step(session.address.step)

    def kept(self) -> Descent:
        return self.descent

    def begin(self, descent: Descent) -> None:
        super().begin(descent)
        if self._attended and self.player.lab is not None:  # another surface
            self.player.lab = descent

    def stage_enters(self) -> bool:
        return self.asks and self.look.focus == "knobs"

    def _paint(self) -> None:
        super()._paint()
        d = self.descent
        place = d.chosen, d.place(d.chosen), id(d.path)
        self._look(place, going=self.playing, see=lambda: self.seen(d.path.open(d.place(d.chosen))))


def _round(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of these."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _veil(box: Box) -> Canvas:
    canvas = Canvas(max(1, box.width), max(1, box.height))
    canvas.put(3, min(1, canvas.height - 1), HIDDEN, SOFT)
    return canvas
