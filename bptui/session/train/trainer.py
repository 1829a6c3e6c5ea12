"""The worker: a thread that owns a run while it trains, takes orders at a step's boundary, and publishes snapshots.

While it lives, nobody else touches the session. Screens read `snapshot`, which is never written to again.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bptui.engine.notation import epoch_text
from bptui.session.actions import Action, ActionError
from bptui.session.experiment import Experiment
from bptui.session.history import Branch
from bptui.session.session import Session
from bptui.session.train.doctor import Finding
from bptui.session.train.effects import Effect, effect
from bptui.session.train.probe import Probe
from bptui.session.train.training import Look, Training
from bptui.session.train.turns import Turns

FRAME = 1 / 30  # seconds between two snapshots of a run that is going on
SLICE = 2e-3  # seconds, about, between two looks at the clock and at the orders
LONGEST_HOLD = 0.2  # seconds for which a drawing screen may hold a run up, between two snapshots
EPOCHS = 100  # that a run goes on for, unless it is told otherwise


@dataclass(frozen=True)
class Edit:
    """Where an edit was made in this run, and what it was."""

    step: int
    epoch: float
    text: str


@dataclass(frozen=True)
class Snapshot:
    """A run as it stood at one instant. `end` is the furthest step trained to, `goal` where it will pause.

    `measured` is a knob that was asked for, and what it does: while a run goes on, as it was when that was asked.
    `speed` is in training steps per second, 0 while it pauses. `steps_an_epoch` holds at the cursor.
    """

    experiment: Experiment
    branch: int
    step: int
    end: int
    goal: int
    steps_an_epoch: int
    running: bool
    speed: float
    probes: tuple[Probe, ...]
    edits: tuple[Edit, ...]
    look: Look
    findings: tuple[Finding, ...]
    measured: tuple[str, Effect | None]
    message: str

    @property
    def time_left(self) -> float:
        """Seconds to the goal, at the present speed; infinite without one."""
        return (self.goal - self.step) / self.speed if self.speed else float("inf")


class Trainer:
    """A thread that trains. `published` is called in that thread after each new snapshot.

    The first goal is `epochs` away. Trainers that share `turns` train side by side.
    """

    def __init__(
        self,
        training: Training,
        published: Callable[[], object] = lambda: None,
        epochs: int = EPOCHS,
        turns: Turns | None = None,
    ) -> None:
        self.training = training
        self._published = published
        self._turns = turns or Turns()
        self._orders: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._free = threading.Event()
        self._free.set()
        self._waiting: list[threading.Event] = []  # set once the next snapshot is published
        self._closed = False
        self._running = False
        self._message = ""
        self._asked = ""  # the knob whose effect is wanted
        self._measured: tuple[str, Effect | None] = "", None
        self._measured_at = 0, 0  # branch and step
        self._speed = 0.0
        self._slice = 16  # training steps that take about that long
        self._arrived: Callable[[], str] | None = None  # what to say at the goal of a run that is run again
        self._waits_from = 0.0  # the epoch from which early stopping counts
        self.failed: BaseException | None = None
        self._goal = self._epochs_on(epochs)
        self.snapshot = self._taken()
        self._thread = threading.Thread(target=self._live, name="trainer", daemon=True)
        self._thread.start()

    # -- orders, from any thread; each is carried out at the next step's boundary

    def run(self) -> None:
        """Train on, to the goal; from the goal, for as many epochs again."""
        self._order(self._start)

    def pause(self) -> None:
        """Stop where the run is."""
        self._order(self._stop)

    def step(self, count: int) -> None:
        """Train for some steps and pause."""
        self._order(lambda: self._advance(count))

    def epoch(self) -> None:
        """Train to the end of this epoch and pause."""
        self._order(lambda: self._advance(self._to_next_epoch()))

    def scrub(self, step: int) -> None:
        """Pause, and look at an earlier step, or at a later one that was trained to."""
        self._order(lambda: self._scrub(step))

    def scrub_by(self, epochs: int) -> None:
        """Pause, and look some epochs earlier or later; back, the first stop is the beginning of this epoch."""
        self._order(lambda: self._scrub(self._epochs_away(epochs)))

    def act(self, action: Action) -> None:
        """Do an action of the session's at the cursor; a run that is going on goes on with it."""
        self._order(lambda: self._act(action))

    def repeat(self, arrived: Callable[[], str]) -> None:
        """Run from the beginning to the step where the cursor is, and say there what `arrived` gives.

        Early stopping is not asked: the run went on when it was made.
        """
        self._order(lambda: self._begin_again(arrived))

    def draw(self, columns: int, rows: int) -> None:
        """The size of the field in the snapshots to come."""
        self._order(lambda: self._resize(columns, rows))

    def measure(self, knob: str) -> None:
        """The effect of this knob in the snapshots to come; of none, if empty."""
        self._order(lambda: self._ask(knob))

    def look(self, see: Callable[[Session], object]) -> None:
        """Have the session, its cursor at this run's, looked at in the thread that owns it."""
        self._order(lambda: self._show(see))

    def hold(self) -> None:
        """Train no further until `let_go`: whoever draws has the interpreter for themselves, and is done sooner."""
        self._free.clear()

    def let_go(self) -> None:
        """Train on."""
        self._free.set()

    def wait(self) -> None:
        """Until all orders given so far are carried out and published, or the thread has failed."""
        done = threading.Event()
        self._order(lambda: self._waiting.append(done))
        while not done.wait(0.05) and self._thread.is_alive():
            pass

    def close(self) -> None:
        """Stop, and leave the session to others, its cursor at the beginning of the step that was looked at."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    # -- the thread

    def _order(self, order: Callable[[], None]) -> None:
        with self._wake:
            self._orders.append(order)
            self._wake.notify()

    def _live(self) -> None:
        try:
            while self._obeyed():
                if self._running:
                    if not self._turns.take(self, self.snapshot.look.probe.epoch):
                        continue
                    try:
                        self._train_for(FRAME)
                    finally:
                        self._turns.give()
                self.snapshot = self._taken()
                self._published()
                for done in self._waiting:
                    done.set()
                self._waiting.clear()
        except BaseException as error:  # the screen must hear of it, whatever it is
            self.failed = error
            self._published()
        finally:
            self._turns.leave(self)

    def _obeyed(self) -> bool:
        """Wait for orders, unless the run goes on, and carry them out; False once it is over."""
        with self._wake:
            while not (self._orders or self._running or self._closed):
                self._wake.wait()
            orders, self._orders = self._orders, deque()
        for order in orders:
            try:
                order()
            except ActionError as error:
                self._message = str(error)
        if self._closed:
            self.training.rest()
        return not self._closed

    def _train_for(self, seconds: float) -> None:
        """Train for about so long, and for as long as it was held up at least: a slow screen takes half the time."""
        first, now = self.training.step, time.perf_counter()
        began, held = now, 0.0
        while (
            not (self._orders or self._closed)
            and self.training.step < self._goal
            and now - began < max(seconds, 2 * held)
        ):
            last = now
            if not self._free.is_set() and held < LONGEST_HOLD:
                self._free.wait(LONGEST_HOLD - held)
                last = time.perf_counter()
                held += last - now
            probed = self.training.advance(min(self._slice, self._goal - self.training.step))
            if probed and self._arrived is None and self._stops_early():
                return
            now = time.perf_counter()
            self._slice = max(1, self._slice // 2 if now - last > 2 * SLICE else self._slice + (now - last < SLICE))
        if done := self.training.step - first:  # none, where an order came in between
            speed = done / (now - began)
            self._speed = speed if not self._speed else 0.9 * self._speed + 0.1 * speed
        if self.training.step >= self._goal:
            arrived = self._arrived
            self._stop()
            if arrived is not None:
                self._message = arrived()

    def _taken(self) -> Snapshot:
        training = self.training
        return Snapshot(
            experiment=training.experiment,
            branch=training.branch,
            step=training.step,
            end=training.end,
            goal=max(self._goal, training.step),
            steps_an_epoch=training.steps_an_epoch(),
            running=self._running,
            speed=self._speed,
            probes=training.probes(),
            edits=tuple(_edits(training.path())),
            look=training.look(),
            findings=training.findings(),
            measured=self._effect(),
            message=self._message,
        )

    def _effect(self) -> tuple[str, Effect | None]:
        here = self.training.branch, self.training.step
        if self._asked != self._measured[0] or (here != self._measured_at and not self._running):
            self._measured, self._measured_at = (self._asked, effect(self._asked, self.training)), here
        return self._measured

    def _stops_early(self) -> bool:
        """Pause where early stopping says so; a run that is told to go on waits for as long again."""
        patience = self.training.experiment.patience
        best = self.training.best() if patience else None
        epoch = self.training.probes()[-1].epoch if patience else 0.0
        if best is None or epoch - max(best[1], self._waits_from) < patience:
            return False
        self._stop()
        self._message = f"stopped early: the lowest validation loss, {best[0]:.3g}, was at epoch {epoch_text(best[1])}"
        return True

    # -- what orders do

    def _start(self) -> None:
        if self.training.step >= self._goal:
            self._goal = self.training.step + self._epochs_on(EPOCHS)
        self._running, self._waits_from, self._message = True, self.snapshot.look.probe.epoch, ""

    def _stop(self) -> None:
        self._running, self._speed, self._arrived, self._message = False, 0.0, None, ""
        self._turns.leave(self)

    def _act(self, action: Action) -> None:
        self._message = ""
        self.training.apply(action)
        self._arrived = None

    def _begin_again(self, arrived: Callable[[], str]) -> None:
        training = self.training
        saved = training.step
        self._goal = max(saved, training.path()[-1].start)

        def back() -> str:
            training.go(saved)
            training.rest()
            return arrived()

        if self._goal:
            training.go(0)
            self._running, self._arrived = True, back
        else:
            self._message = arrived()

    def _advance(self, count: int) -> None:
        self._stop()
        goal = self.training.step + count
        while self.training.step < goal:
            self.training.advance(goal - self.training.step)
        self._goal = max(self._goal, goal)

    def _scrub(self, step: int) -> None:
        self._stop()
        self.training.go(step)

    def _show(self, see: Callable[[Session], object]) -> None:
        self.training.rest()
        see(self.training.session)

    def _epochs_away(self, epochs: int) -> int:
        step, each = self.training.step, self.training.steps_an_epoch()
        return max(0, (step // each + epochs + (epochs < 0 < step % each)) * each)

    def _resize(self, columns: int, rows: int) -> None:
        self.training.size = (max(1, columns), max(1, rows))

    def _ask(self, knob: str) -> None:
        self._asked = knob

    def _epochs_on(self, epochs: int) -> int:
        return epochs * self.training.steps_an_epoch()

    def _to_next_epoch(self) -> int:
        clock, _ = self.training.session.history.parameters(self.training.branch, self.training.step)
        experiment = self.training.experiment
        return math.ceil((experiment.count - clock.offset) / experiment.batch)


def _edits(path: Sequence[Branch]) -> Iterator[Edit]:
    """The edits that a run is made of."""
    epoch = 0.0
    for before, b in pairwise(path):
        each = math.ceil(before.experiment.count / before.experiment.batch)
        epoch = 0.0 if b.anew else epoch + (b.start - before.start) / each
        yield Edit(b.start, epoch, str(b.edit))
