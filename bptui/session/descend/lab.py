"""One descent: a model, racers that all begin at one start, and the instant of the race that is looked at."""

from __future__ import annotations

from time import perf_counter
from typing import Literal

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.descend.lineup import MOST, called, usual_racers
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import Plane, usual_plane
from bptui.session.descend.pulls import Explainer, Update
from bptui.session.descend.race import Path, Racer, race
from bptui.session.descend.redundancy import Spending, spending
from bptui.session.descend.spectrum import Spectrum, is_quadratic, spectrum
from bptui.session.experiment import Experiment
from bptui.session.session import Session

Counting = Literal["evaluations", "updates"]

SLICE = 16  # updates between two looks at the clock
CATCH_UP = 256  # updates that are replayed between two such looks, for an update to be taken apart
SHOWN = 12  # samples of an update whose pulls are computed
SMALL = 24  # parameters up to which λmax is computed at every place, where it differs from place to place
ROUNDED = 1e-12  # of a coordinate
LEFT = 0.01  # of the way down to the minimum, when two racers' spending is compared
EPOCHS = 8  # that a race goes for at first
LONE = 400  # updates that it goes for at first, with one sample


class Descent:
    """All state of the lab; views read it. `at` and `horizon` are gradient evaluations or updates, by `counting`.
    Without `racers` there are the usual ones.

    Nothing here waits: `work` runs the racers, and replays what is to be taken apart, a little at a time.

    Raises ValueError if the experiment cannot be run.
    """

    def __init__(self, experiment: Experiment, racers: list[Experiment] | None = None) -> None:
        self.experiment = experiment
        self.objective = Objective(experiment)
        self.start = self.objective.start.copy()
        self.plane = usual_plane(self.objective.graph, self.start, experiment.seed)
        self.quadratic = is_quadratic(self.objective)
        self.view_seed = experiment.seed  # of the directions in view, where they are random
        self.racers = usual_racers(experiment, self.objective) if racers is None else racers
        self.chosen = min(1, len(self.racers) - 1) if experiment.count > 1 else 0
        self.counting: Counting = "evaluations"
        self.at, self.horizon = 0, LONE if experiment.count == 1 else EPOCHS * experiment.count
        self.paths = [self._run(racer) for racer in self.racers]
        self._explainers: dict[int, Explainer] = {}
        self._taken_apart: tuple[int, int, Update] | None = None
        self._spectrum: tuple[object, Spectrum | None] | None = None

    # -- racers

    def _run(self, experiment: Experiment) -> Path:
        (path,) = race((Racer(called(experiment), experiment),), self.start, self.objective, self.plane)
        return path

    def set_racer(self, number: int, experiment: Experiment) -> None:
        """Change what a racer does; it runs anew. Raises ValueError if it cannot."""
        self.paths[number] = self._run(experiment)
        self.racers[number] = experiment
        self._forget()

    def add(self) -> None:
        """One more racer, as the chosen one, which it becomes. Raises ValueError where all markers are in use."""
        if len(self.racers) >= MOST:
            raise ValueError(f"{MOST} racers are as many as there are markers")
        self.racers.append(self.racers[self.chosen])
        self.paths.append(self._run(self.racers[-1]))
        self.chosen = len(self.racers) - 1

    def remove(self) -> None:
        """Take the chosen racer out. Raises ValueError if it is the last."""
        if len(self.racers) == 1:
            raise ValueError("one racer must stay")
        del self.racers[self.chosen], self.paths[self.chosen]
        self.chosen = min(self.chosen, len(self.racers) - 1)
        self._forget()

    @property
    def start_position(self) -> Array:
        """Where all racers begin on the plane in view, (D,); what rounding leaves of a 0 is 0."""
        position = self.plane.project(self.start)
        return np.where(np.abs(position) < ROUNDED, 0.0, position)

    def begin_at(self, position: Array) -> None:
        """Let all racers begin at a position of the plane, (D,)."""
        self.start = self.plane.at(position)
        self._rerun()

    def look_along(self, plane: Plane) -> None:
        """Look at the race on another plane."""
        self.plane = plane
        self._rerun()

    def _rerun(self) -> None:
        self.paths = [self._run(racer) for racer in self.racers]
        self._forget()

    def _forget(self) -> None:
        self._explainers.clear()
        self._taken_apart = self._spectrum = None

    # -- the instant

    @property
    def path(self) -> Path:
        """The chosen racer's path."""
        return self.paths[self.chosen]

    def place(self, number: int) -> int:
        """The last place of a racer that the instant allows, as far as it has run."""
        path = self.paths[number]
        return min(path.updates, self._updates(number, self.at))

    def _updates(self, number: int, at: int) -> int:
        """How many updates of a racer an instant stands for."""
        if self.counting == "updates":
            return at
        count, batch = self.experiment.count, self.racers[number].batch
        return at // count * -(-count // batch) + at % count // batch

    def instant(self, number: int, place: int) -> int:
        """The instant at which a racer comes to a place."""
        if self.counting == "updates":
            return place
        count, batch = self.experiment.count, self.racers[number].batch
        each = -(-count // batch)
        return place // each * count + min(place % each * batch, count)

    def count_by(self, counting: Counting) -> None:
        """Count otherwise; the chosen racer stays where it is."""
        if counting == self.counting:
            return
        place, furthest = self.place(self.chosen), self._updates(self.chosen, self.horizon)
        self.counting = counting
        self.at, self.horizon = (self.instant(self.chosen, n) for n in (place, max(1, furthest)))

    def step(self, by: int) -> None:
        """Go on by updates of the chosen racer; beyond the horizon, that moves on."""
        self.go_to(self.instant(self.chosen, max(0, self._updates(self.chosen, self.at) + by)))

    def go_to(self, at: int) -> None:
        """Look at another instant."""
        self.at = max(0, at)
        while self.at > self.horizon:
            self.horizon *= 2

    # -- running

    def work(self, seconds: float | None) -> bool:
        """Run racers to the horizon for about so long, or to the end; returns whether all are there."""
        limit = np.inf if seconds is None else perf_counter() + seconds
        while True:
            late = False
            for number, path in enumerate(self.paths):
                goal = self._updates(number, self.horizon)
                if path.updates < goal and not path.ended:
                    path.extend(min(goal, path.updates + SLICE))
                    late = True
            if not late or perf_counter() >= limit:
                return not late

    def caught_up(self, seconds: float | None) -> bool:
        """Replay the chosen racer towards its place for about so long; returns whether it is there."""
        limit = np.inf if seconds is None else perf_counter() + seconds
        history, goal = self.path.session.history, self.place(self.chosen)
        while history.furthest + CATCH_UP < goal:
            if perf_counter() >= limit:
                return False
            history.train(0, history.furthest, CATCH_UP)
        return True

    @property
    def reached(self) -> int:
        """The last instant for which all racers have run; the horizon, once they are there."""
        known = [self.instant(k, p.updates + 1) - 1 for k, p in enumerate(self.paths) if not p.ended]
        return min([self.horizon, *known])

    # -- what is known

    def positions(self, number: int) -> Array:
        """Where a racer has been up to the instant, (n, D)."""
        return self.paths[number].positions[: self.place(number) + 1]

    def vector(self) -> Array:
        """All parameters of the chosen racer at the instant, (P,)."""
        place = self.place(self.chosen)
        if self.plane.whole:
            return self.plane.at(self.path.positions[place])
        return self.path.vector(place)

    def slice(self) -> Plane:
        """The plane in view: parallel to the one that was chosen, through the chosen racer's point."""
        return self.plane if self.plane.whole else self.plane.through(self.vector())

    @property
    def update_number(self) -> int:
        """The chosen racer's update that led to the instant; at the start, the first one."""
        return max(0, self.place(self.chosen) - 1)

    def update(self) -> Update | None:
        """That update, taken apart; None where it has not been run."""
        number = self.update_number
        if number >= self.path.updates:
            return None
        if self._taken_apart is None or self._taken_apart[:2] != (self.chosen, number):
            if self.chosen not in self._explainers:
                self._explainers[self.chosen] = Explainer(self.path)
            self._taken_apart = (self.chosen, number, self._explainers[self.chosen].update(number, SHOWN))
        return self._taken_apart[2]

    def open(self) -> Session:
        """A session of the chosen racer's run, standing before that update."""
        return self.path.open(self.update_number)

    def spectrum(self) -> Spectrum | None:
        """How J curves: everywhere, where it is quadratic; else at the chosen racer's point. None for large nets."""
        key = None if self.quadratic else (self.chosen, self.place(self.chosen))
        if self._spectrum is None or self._spectrum[0] != key:
            self._spectrum = key, self._curvature()
        return self._spectrum[1]

    def _curvature(self) -> Spectrum | None:
        if not self.quadratic and self.objective.size > SMALL:
            return None
        try:
            return spectrum(self.objective, self.start if self.quadratic else self.vector())
        except ValueError:
            return None

    def spending(self) -> tuple[int, int, Spending] | None:
        """The first full-batch racer, the racer with the smallest batch, and what both spent for the same loss.

        Where the minimum is known, that is the loss with a hundredth of the way left; else the lowest of both.
        """
        count = self.experiment.count
        full = next((k for k, racer in enumerate(self.racers) if racer.batch == count), None)
        small = min(range(len(self.racers)), key=lambda k: self.racers[k].batch)
        if full is None or self.racers[small].batch == count:
            return None
        known = self.spectrum() if self.quadratic else None
        loss = None
        if known is not None and known.minimum_loss is not None:
            loss = known.minimum_loss + LEFT * (float(self.path.losses[0]) - known.minimum_loss)
        found = spending(self.paths[full], self.paths[small], loss)
        return None if found is None else (full, small, found)
