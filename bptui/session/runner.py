"""Runs an experiment from any checkpoint: by plan to get somewhere fast, by tape for the step that is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from bptui.data.minibatches import Clock, epoch_order, minibatch
from bptui.engine.buffers import Array
from bptui.engine.plan import Plan
from bptui.engine.program import Program
from bptui.engine.state import State
from bptui.engine.tape import Tape
from bptui.session.experiment import Experiment


@dataclass(frozen=True)
class Checkpoint:
    """All that a training step needs to begin: the clock, and the state as one vector."""

    clock: Clock
    vector: Array


@dataclass(frozen=True)
class Poke:
    """One entry set by hand within a training step, right after event `after` (−1: before the step begins)."""

    after: int
    name: str
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Record:
    """One training step that has run, whole. Valid until its runner runs another.

    `before` is the state that the step began with. `overwritten` holds what a poke replaced: for entries that were
    set in the middle of the step, the array as it had been.
    """

    program: Program
    clock: Clock
    indices: Array
    before: Array
    overwritten: tuple[tuple[Poke, Array], ...] = ()


class Runner:
    """One experiment's state and clock, and the programs for its minibatch sizes."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.state = State(experiment.graph, experiment.optimiser, np.dtype(experiment.dtype))
        self.clock = Clock()
        self._held: Array | None = None  # a checkpoint's vector, as long as it is the state's
        self._plans: dict[int, Plan] = {}
        self._tapes: dict[int, Tape] = {}

    def beginning(self) -> Checkpoint:
        """The checkpoint before the first step."""
        return Checkpoint(Clock(), _beginning(self.experiment))

    def converted(self, former: Runner, checkpoint: Checkpoint) -> Checkpoint:
        """A checkpoint of another experiment on the same net, as this one takes it up.

        Parameters and gradients are kept. The optimiser's slots and its age are kept where the new optimiser goes on
        with just those (Nesterov after momentum, AdamW after Adam); else it starts as new, as in PyTorch. A square
        from RMSProp would be wrong in Adam, whose correction takes it that both means began at 0 with its age.
        """
        old, new = former.state, self.state
        before, after = former.experiment.optimiser, self.experiment.optimiser
        same = (before.slots, before.clock) == (after.slots, after.clock)
        self._held = None
        new.vector.fill(0.0)
        for stretch in ("parameters", "gradients", *(after.slots if same else ())):
            for name, values in old.views(stretch, checkpoint.vector).items():
                new.views(stretch)[name][...] = values
        clock = checkpoint.clock if same else replace(checkpoint.clock, age=0)
        return Checkpoint(clock, new.vector.copy())

    def checkpoint(self) -> Checkpoint:
        """Where this runner stands, as a copy."""
        self._held = self.state.vector.copy()
        return Checkpoint(self.clock, self._held)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Stand where a checkpoint was taken."""
        self.state.vector[:] = self._held = checkpoint.vector
        self.clock = checkpoint.clock

    def indices(self) -> Array:
        """The samples of the step that is about to run."""
        e = self.experiment
        return minibatch(self.clock, e.batch, e.count, e.seed, e.shuffle)

    def train(self, count: int = 1) -> float:
        """Run training steps by the plan and return the last one's loss.

        The clock is kept in plain numbers on the way: a new one at every step is a tenth of a small step's time.
        """
        e, samples, total, loss = self.experiment, self.experiment.samples, self.experiment.count, np.nan
        batch, step, epoch, offset, age = e.batch, self.clock.step, self.clock.epoch, self.clock.offset, self.clock.age
        order = epoch_order(e.seed, epoch, total, e.shuffle)
        self._held = None
        for _ in range(count):
            indices = order[offset : offset + batch]
            loss = self._plan(len(indices)).step(samples, indices, step, age)
            step, age, offset = step + 1, age + 1, offset + batch
            if offset >= total:
                epoch, offset = epoch + 1, 0
                order = epoch_order(e.seed, epoch, total, e.shuffle)
        self.clock = Clock(step, epoch, offset, age)
        return loss

    def planned(self, gradients: Collection[str]) -> Record:
        """Run one training step by the plan and return its record, which lacks the gradients that only reach the data.

        Where `gradients` names one of those, the tape runs instead.
        """
        clock, indices = self.clock, self.indices()
        program = self._plan(len(indices)).program
        if not all(name in program.gradients for name in gradients):
            return self.record()
        self._before[:] = self.state.vector
        self.train()
        return Record(program, clock, indices, self._before)

    def record(self, pokes: Iterable[Poke] = ()) -> Record:
        """Run one training step by the tape, with entries set by hand on the way, and return its record."""
        e, indices = self.experiment, self.indices()
        size = len(indices)
        if size not in self._tapes:
            self._tapes[size] = Tape(e.graph, e.settings(size), self.state)
        tape, clock, overwritten, done = self._tapes[size], self.clock, [], 0
        pokes = sorted((p for p in pokes if self._within(p, size)), key=lambda poke: poke.after)
        for poke in pokes:
            if poke.after < 0:
                self.state.parameters[poke.name][poke.index] = poke.value
                self._held = None
        tape.begin(e.samples, indices, clock.step, clock.age, self._held)
        self._held = None
        for poke in pokes:
            if poke.after >= 0:
                tape.run(done, poke.after + 1)
                done = poke.after + 1
                values = tape.program.values[poke.name]
                overwritten.append((poke, values.copy()))
                values[poke.index] = poke.value
        tape.run(done)
        self.clock = clock.after(e.batch, e.count)
        return Record(tape.program, clock, indices, tape.before, tuple(overwritten))

    @cached_property
    def _before(self) -> Array:
        return np.empty_like(self.state.vector)

    def _plan(self, size: int) -> Plan:
        if size not in self._plans:
            self._plans[size] = Plan(self.experiment.graph, self.experiment.settings(size), self.state)
        return self._plans[size]

    def _within(self, poke: Poke, size: int) -> bool:
        """Whether a minibatch of this size has the entry: the batch may have shrunk since it was set."""
        return not self.experiment.graph.variables[poke.name].batched or poke.index[0] < size


@lru_cache(maxsize=4)
def _beginning(experiment: Experiment) -> Array:
    """The state's vector before the first step, read-only: many sessions of one process may begin with it."""
    state = State(experiment.graph, experiment.optimiser, np.dtype(experiment.dtype))
    for name, values in experiment.initial().items():
        state.parameters[name][...] = values
    state.vector.flags.writeable = False
    return state.vector
