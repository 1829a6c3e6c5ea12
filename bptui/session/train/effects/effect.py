"""An effect as plain data, and the place in a run where it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bptui.data.minibatches import Clock
from bptui.engine.buffers import Array
from bptui.session.experiment import Experiment
from bptui.session.runner import Checkpoint, Runner
from bptui.session.train.probe import Probe, Prober
from bptui.session.train.training import Training

MOST_WORK = 4_000_000  # parameters × samples that a replay may pass, about 20 ms


@dataclass(frozen=True)
class Row:
    """A label, and numbers that can be compared with those of the other rows: a few, or a curve."""

    label: str
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Effect:
    """What a knob does: what is measured, the numbers, and one sentence that says them."""

    title: str
    rows: tuple[Row, ...]
    says: str


class Here:
    """A run at its cursor. Everything is a copy, or is run aside."""

    def __init__(self, training: Training) -> None:
        self.experiment, self.step = training.experiment, training.step
        self.history, self.branch = training.session.history, training.branch

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The state at the cursor."""
        return self.checkpoint_at(self.step)

    @property
    def clock(self) -> Clock:
        return self.checkpoint.clock

    @cached_property
    def parameters(self) -> dict[str, Array]:
        """The parameters at the cursor, by name."""
        found = self.history.parameters(self.branch, self.step)[1]
        return {name: values.copy() for name, values in found.items()}

    @cached_property
    def prober(self) -> Prober:
        return Prober(self.experiment)

    @cached_property
    def probe(self) -> Probe:
        return self.prober.probe(self.clock, self.parameters)

    def checkpoint_at(self, step: int) -> Checkpoint:
        """The state at the beginning of a step."""
        record = self.history.record(self.branch, step)
        return Checkpoint(record.clock, record.before.copy())

    def runner(self, experiment: Experiment, start: Checkpoint | None = None) -> Runner:
        """A run of its own from a state, under an experiment with the same parameters and optimiser."""
        runner = Runner(experiment)
        runner.restore(start or self.checkpoint)
        return runner

    def affordable(self, batch: int) -> int:
        """How many training steps with minibatches of this size may be replayed aside."""
        size = sum(values.size for values in self.parameters.values())
        return max(1, min(240, MOST_WORK // (size * batch)))
