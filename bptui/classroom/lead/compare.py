"""Runs side by side as they are led. Who steps aside goes on with the first of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bptui.classroom.lead.labs import ShownTrain
from bptui.classroom.lead.shown import Busy, Shown, Where
from bptui.classroom.places import Place
from bptui.session.train.field import Fields, Fit
from bptui.session.train.trainer import Snapshot
from bptui.tui.bars import Key
from bptui.tui.train.compare import Compare, ComparePanes


@dataclass(frozen=True, eq=False)
class ShownCompare:
    """Several runs as their latest snapshots have them; their trainers are those of the screen."""

    runs: tuple[ShownTrain, ...]
    labels: tuple[str, ...]
    verdict: str
    epochs: int
    session = None

    @staticmethod
    def of(screen: Compare) -> ShownCompare | None:
        """None before the runs have begun."""
        if not screen.trainers or any(trainer.failed is not None for trainer in screen.trainers):
            return None
        runs = (ShownTrain(t.training, t.snapshot, {}, t) for t in screen.trainers)
        return ShownCompare(tuple(runs), tuple(screen.labels), screen.verdict, screen.epochs)

    @property
    def going(self) -> bool:
        return any(run.going for run in self.runs)

    @property
    def seen(self) -> object:
        return tuple(id(run.snapshot) for run in self.runs)

    def where(self) -> Where:
        return self.runs[0].where()

    @property
    def done(self) -> object:
        return self.runs[0].done

    def goes_on(self, before: Shown) -> bool:
        return self.runs[0].goes_on(before)

    def name(self) -> str:
        return self.runs[0].name()

    def mirror(self, busy: Busy) -> CompareMirror:
        return CompareMirror(self)

    def screen(self) -> Compare:
        runs = [(label, run.training.session) for label, run in zip(self.labels, self.runs, strict=True)]
        screen = Compare(runs, self.epochs, self.verdict)
        screen.trainings = [run.training for run in self.runs]
        return screen

    def writer(self) -> Callable[[], Place]:
        return self.runs[0].writer()


class CompareMirror(ComparePanes):
    """Somebody's runs in another size. The snapshots are theirs; the maps are made for the room that there is here."""

    def __init__(self, shown: ShownCompare) -> None:
        super().__init__(shown.labels, shown.verdict)
        self._led = shown
        self._fields = [Fields(run.snapshot.experiment) for run in shown.runs]
        self._made: dict[int, tuple[Snapshot, tuple[int, int], Snapshot]] = {}

    def takes(self, shown: Shown) -> bool:
        return isinstance(shown, ShownCompare) and [run.training for run in shown.runs] == [
            run.training for run in self._led.runs
        ]

    def follow(self, shown: Shown) -> None:
        assert isinstance(shown, ShownCompare)
        self._led = shown
        self._paint()

    def _paint(self, *, plots: bool = True) -> None:
        """Whoever trains pauses meanwhile, as for the driver's own screen."""
        for run in self._led.runs:
            if run.trainer is not None and run.going:
                run.trainer.hold()
                self.call_after_refresh(run.trainer.let_go)
        super()._paint(plots=plots)

    @property
    def snapshots(self) -> Sequence[Snapshot]:
        """The snapshots, with maps that fit."""
        if not self._boxes:
            return [run.snapshot for run in self._led.runs]
        sizes = self.field_sizes()
        return [self._fitting(k, run.snapshot, sizes[k]) for k, run in enumerate(self._led.runs)]

    def _fitting(self, k: int, theirs: Snapshot, size: tuple[int, int]) -> Snapshot:
        if theirs.look.field is None or isinstance(theirs.look.field, Fit):
            return theirs
        made = self._made.get(k)
        if made is None or made[0] is not theirs or made[1] != size:
            field = self._fields[k].make([theirs.look.parameters], size)
            made = self._made[k] = theirs, size, replace(theirs, look=replace(theirs.look, field=field))
        return made[2]

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        """None of them: the keys are the driver's."""
        super().show_keys(())
