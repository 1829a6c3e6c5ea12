"""The labs as they are led: a run, of which the worker's snapshots are shown, and a descent, which is run once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bptui.classroom.lead.shown import Busy, Shown, Where
from bptui.classroom.places import Place
from bptui.classroom.runs import descent_text
from bptui.session.descend.lab import Descent
from bptui.session.experiment import Experiment
from bptui.session.history import Address
from bptui.session.train.field import Fields, Fit
from bptui.session.train.trainer import Snapshot, Trainer
from bptui.session.train.training import Training
from bptui.sources.receipts import to_receipt
from bptui.tui.descend.look import Look
from bptui.tui.descend.panes import DescendPanes
from bptui.tui.descend.screen import Descend
from bptui.tui.train.panes import TrainPanes
from bptui.tui.train.pictures import field_size
from bptui.tui.train.screen import Train

LOOKED = ("focus_on", "row", "measure", "finding", "dialled", "said")  # what is looked at in the train lab


@dataclass(frozen=True, eq=False)
class ShownTrain:
    """A run as its latest snapshot has it, and what is looked at. `trainer` trains it, if anybody does."""

    training: Training
    snapshot: Snapshot
    looked: dict[str, Any]
    trainer: Trainer | None = None
    session = None

    @staticmethod
    def of(screen: Train) -> ShownTrain | None:
        """None while the workbench has the session."""
        if screen.trainer is None or screen.trainer.failed is not None:
            return None
        looked = {name: getattr(screen, name) for name in LOOKED}
        return ShownTrain(screen.training, screen.snapshot, looked, screen.trainer)

    @property
    def going(self) -> bool:
        return self.snapshot.running

    @property
    def seen(self) -> object:
        return id(self.snapshot), repr(self.looked)

    def where(self) -> Where:
        return Where(self.snapshot.experiment.net.name, "train", self.snapshot.step + 1)

    @property
    def done(self) -> object:
        return self.snapshot.branch, self.snapshot.step, len(self.snapshot.edits)

    def goes_on(self, before: Shown) -> bool:
        return isinstance(before, ShownTrain) and before.training.session is self.training.session

    def name(self) -> str:
        return f"run of {self.where()}"

    def mirror(self, busy: Busy) -> TrainMirror:
        return TrainMirror(self)

    def screen(self) -> Train:
        screen = Train(self.training.session)
        screen.training = self.training
        vars(screen).update(self.looked)
        return screen

    def writer(self) -> Callable[[], Place]:
        return lambda: Place(self.receipt(), lab="train")

    def receipt(self) -> str:
        """The run's receipt: a history only grows, so that it can be read while the run goes on. Raises ValueError."""
        s, history = self.snapshot, self.training.session.history
        return to_receipt(history, Address(s.branch, s.step, 0), s.look.parameters)


class TrainMirror(TrainPanes):
    """Somebody's run in another size. The snapshots are theirs; the map is made for the room that there is here."""

    def __init__(self, shown: ShownTrain) -> None:
        super().__init__()
        self._run = shown
        self._fields: tuple[Experiment, Fields] | None = None
        self._made: tuple[Snapshot, tuple[int, int], Snapshot] | None = None

    def takes(self, shown: Shown) -> bool:
        return type(self) is TrainMirror and isinstance(shown, ShownTrain)

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownTrain)
        self.follow_run(shown)

    def follow_run(self, shown: ShownTrain) -> None:
        self._run = shown
        self._paint()

    def _paint(self, *, plots: bool = True) -> None:
        """Whoever trains pauses meanwhile, as for the driver's own screen."""
        trainer = self._run.trainer
        if trainer is not None and self._run.going:
            trainer.hold()
            self.call_after_refresh(trainer.let_go)
        vars(self).update(self._run.looked)
        super()._paint(plots=plots)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot, with a map that fits."""
        theirs, size = self._run.snapshot, field_size(self._boxes["map"])
        if theirs.look.field is None or isinstance(theirs.look.field, Fit):
            return theirs
        if self._made is None or self._made[0] is not theirs or self._made[1] != size:
            if self._fields is None or self._fields[0] is not theirs.experiment:
                self._fields = theirs.experiment, Fields(theirs.experiment)
            field = self._fields[1].make([theirs.look.parameters], size)
            self._made = theirs, size, replace(theirs, look=replace(theirs.look, field=field))
        return self._made[2]


@dataclass(frozen=True, eq=False)
class ShownDescent:
    """A descent, and what is looked at of it."""

    descent: Descent
    look: Look
    letters: tuple[str, ...]
    playing: bool
    seen: object
    session = None

    @staticmethod
    def of(screen: Descend) -> ShownDescent:
        return ShownDescent.at(screen.descent, screen.look, screen.letters, playing=screen.playing)

    @staticmethod
    def at(descent: Descent, look: Look, letters: tuple[str, ...], *, playing: bool = False) -> ShownDescent:
        d, point = descent, look.point
        places = tuple((id(path), d.place(k), path.updates) for k, path in enumerate(d.paths))
        seen = id(d), d.at, d.horizon, d.counting, d.chosen, places, id(d.plane), repr(look), playing
        copied = replace(look, point=None if point is None else replace(point, position=point.position.copy()))
        return ShownDescent(descent, copied, letters, playing, seen)

    @property
    def going(self) -> bool:
        return self.playing or self.descent.reached < self.descent.horizon

    def where(self) -> Where:
        return Where(self.descent.experiment.net.name, "descend", self.descent.place(self.descent.chosen) + 1)

    @property
    def done(self) -> object:
        d = self.descent
        return d.at, d.counting, [id(path) for path in d.paths], id(d.plane)

    def goes_on(self, before: Shown) -> bool:
        return isinstance(before, ShownDescent) and before.descent is self.descent

    def name(self) -> str:
        return f"race on {self.where()}"

    def mirror(self, busy: Busy) -> DescendMirror:
        return DescendMirror(self)

    def screen(self) -> Descend:
        screen = Descend(self.descent.experiment)
        self.give(screen)
        return screen

    def give(self, screen: Descend) -> None:
        """Let a screen go on with this descent, as it is looked at."""
        screen.begin(self.descent)
        point = self.look.point
        screen.look = replace(self.look, point=None if point is None else replace(point))
        screen.letters = self.letters

    def writer(self) -> Callable[[], Place]:
        return lambda: Place(self.receipt(), lab="descend")

    def receipt(self) -> str:
        """Raises ValueError."""
        return descent_text(self.descent)


class DescendMirror(DescendPanes):
    """Somebody's descent in another size: they run it; the surface is evaluated for the room that there is here."""

    def __init__(self, shown: ShownDescent) -> None:
        super().__init__()
        self._take(shown)

    def takes(self, shown: Shown) -> bool:
        return type(self) is DescendMirror and isinstance(shown, ShownDescent)

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownDescent)
        self.follow_descent(shown)

    def follow_descent(self, shown: ShownDescent) -> None:
        if shown.descent is not self.descent:
            self.ground.clear()
        self._take(shown)
        self._wake()

    def _take(self, shown: ShownDescent) -> None:
        self.descent, self.letters, self.playing = shown.descent, shown.letters, shown.playing
        self.look = replace(shown.look)
