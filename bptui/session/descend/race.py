"""A race: several experiments from one start, each a path over the loss surface that goes on as far as it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bptui.data.minibatches import Clock, minibatch
from bptui.engine.buffers import Array
from bptui.session.actions import Jump, SwitchBranch
from bptui.session.descend.objective import Objective, begun_at
from bptui.session.descend.plane import Plane
from bptui.session.descend.quadratic import quadratic
from bptui.session.descend.spectrum import is_quadratic
from bptui.session.experiment import Experiment
from bptui.session.runner import Runner
from bptui.session.session import FAR, Session

CHUNK = 1 << 16  # numbers of the parameter vectors that are kept until they are projected


@dataclass(frozen=True)
class Racer:
    """One competitor. It moves all parameters of its experiment, whatever plane is in view."""

    label: str
    experiment: Experiment


class Path:
    """Where a racer has been: places 0 (the start) to `updates`, after each update one.

    The path is the run of the racer's experiment, by the same runner as in the workbench. It ends where a parameter
    is no longer finite: `ended`.
    """

    def __init__(self, racer: Racer, objective: Objective, plane: Plane) -> None:
        self.racer, self.objective, self.plane = racer, objective, plane
        self.updates, self.ended = 0, False
        self._runner = Runner(racer.experiment)
        self._runner.restore(self._runner.beginning())
        self._positions = np.empty((64, plane.dimensions))
        self._losses = np.empty(64)
        self._quadratic = quadratic(objective.gradient, objective.start) if is_quadratic(objective) else None
        theta = self._theta()[None]
        self._positions[:1], self._losses[:1] = plane.project(theta), self._losses_at(theta)
        self._session: Session | None = None

    # -- one entry a place

    @property
    def positions(self) -> Array:
        """Positions on the plane, (updates + 1, D): projections, where the plane is not all of parameter space."""
        return self._positions[: self.updates + 1]

    @property
    def losses(self) -> Array:
        """J over all training samples at each place, (updates + 1,)."""
        return self._losses[: self.updates + 1]

    @property
    def evaluations(self) -> Array:
        """How many gradients of single samples have been computed up to each place, (updates + 1,)."""
        e = self.racer.experiment
        spent: Array = evaluations_after(np.arange(self.updates + 1), e.batch, e.count)
        return spent

    def indices(self, update: int) -> Array:
        """The samples that an update sees; update 0 leads from place 0 to place 1."""
        e = self.racer.experiment
        epoch, within = divmod(update, -(-e.count // e.batch))
        return minibatch(Clock(update, epoch, within * e.batch), e.batch, e.count, e.seed, e.shuffle)

    # -- running

    def extend(self, updates: int) -> None:
        """Run until this many updates are done, or the path ends."""
        size = self._runner.state.size
        while self.updates < updates and not self.ended:
            self._run(min(updates - self.updates, max(1, CHUNK // size)))

    def extend_to(self, evaluations: int) -> None:
        """Run until this many gradient evaluations are spent, or the path ends."""
        e = self.racer.experiment
        while not self.ended and (spent := int(evaluations_after(self.updates, e.batch, e.count))) < evaluations:
            self.extend(self.updates + -(-(evaluations - spent) // e.batch))

    @np.errstate(all="ignore")  # a path that diverges is shown, not warned about
    def _run(self, updates: int) -> None:
        runner, start = self._runner, self.updates + 1
        flat = runner.state.flat["parameters"]
        thetas = np.empty((updates, runner.state.size))
        for k in range(updates):
            runner.train()
            thetas[k] = flat
        broken = np.flatnonzero(~np.isfinite(thetas).all(axis=1))
        if len(broken):
            self.ended, updates = True, int(broken[0]) + 1
        self._make_room(start + updates)
        here = slice(start, start + updates)
        self._positions[here] = self.plane.project(thetas[:updates])
        self._losses[here] = self._losses_at(thetas[:updates])
        self.updates += updates

    def _make_room(self, places: int) -> None:
        while len(self._losses) < places:
            self._positions, self._losses = (np.concatenate([a, a]) for a in (self._positions, self._losses))

    def _theta(self) -> Array:
        return self._runner.state.flat["parameters"].astype(float)

    def _losses_at(self, thetas: Array) -> Array:
        return self.objective.values(thetas) if self._quadratic is None else self._quadratic.values(thetas)

    # -- looking up

    def place_at(self, evaluations: int) -> int:
        """The last place that these gradient evaluations suffice for."""
        return int(np.searchsorted(self.evaluations, evaluations, side="right")) - 1

    def evaluations_to(self, loss: float) -> int | None:
        """The gradient evaluations spent when J was first this low; None if it has not been."""
        reached = np.flatnonzero(self.losses <= loss)
        return int(self.evaluations[reached[0]]) if len(reached) else None

    @property
    def still(self) -> bool:
        """Whether no update has moved it, as where the gradient is 0."""
        return self.updates > 0 and bool((self.positions == self.positions[0]).all())

    @property
    def session(self) -> Session:
        """A session of the very experiment, for going into a training step. What is edited there leaves the path."""
        if self._session is None:
            self._session = Session(self.racer.experiment)
        return self._session

    def open(self, place: int) -> Session:
        """The session, standing before the update that leads on from a place."""
        session = self.session
        if session.address.branch != 0:
            session.apply(SwitchBranch(0))
        while session.address.step + FAR < place:
            session.apply(Jump(session.address.step + FAR, 0))
        session.apply(Jump(place, 0))
        return session

    def vector(self, place: int) -> Array:
        """All parameters at a place, (P,), by replay."""
        record = self.session.history.record(0, place)
        vector: Array = record.before[: self._runner.state.size].astype(float)
        return vector


def race(racers: tuple[Racer, ...], start: Array, objective: Objective, plane: Plane) -> tuple[Path, ...]:
    """The paths of racers that all begin at a parameter vector, (P,), on the surface of one objective.

    Raises ValueError if an experiment cannot be run.
    """
    begun = [Racer(racer.label, begun_at(racer.experiment, start).validated()) for racer in racers]
    return tuple(Path(racer, objective, plane) for racer in begun)


def evaluations_after(updates: Any, batch: int, count: int) -> Any:
    """The gradients of single samples that so many updates take; an epoch's last minibatch may be smaller."""
    each = -(-count // batch)
    return updates // each * count + updates % each * batch
