"""Evidence that takes the run itself, not only its probes: the curvature at an onset, the first number that broke."""

from __future__ import annotations

from dataclasses import replace

from bptui.engine.notation import numeral
from bptui.session.conditions import Condition, Stops
from bptui.session.descend.objective import Objective, flattened
from bptui.session.history import Address, History
from bptui.session.knobs import number_text
from bptui.session.search import FORWARD_LIMIT, forward_to_stop
from bptui.session.train.doctor.curvature import bearable, highest_curvature
from bptui.session.train.doctor.finding import Finding, rate_below

NOT_FINITE = Stops(frozenset(), (Condition("not finite", of="value"), Condition("not finite", of="gradient")))


class Evidence:
    """Adds to findings what the run itself says. Each place is looked into once: that replays training steps."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._broken: dict[tuple[int, int], Finding] = {}
        self._curvatures: dict[tuple[int, int], float] = {}

    def examined(self, finding: Finding, branch: int, before: int) -> Finding:
        """A finding with its evidence. `before` is the step of the last finite probe."""
        if finding.kind == "diverging":
            return self._too_fast(finding, branch, finding.step)
        if finding.kind == "learning rate too low":
            return self._too_slow(finding, branch)
        if finding.kind != "not a number":
            return finding
        key = branch, finding.step
        if key not in self._broken:
            found = self._first_broken(finding, branch, before)
            rate, most, _ = self._rates(branch, before)
            self._broken[key] = self._too_fast(found, branch, before) if most is not None and rate > most else found
        return self._broken[key]

    def _first_broken(self, finding: Finding, branch: int, before: int) -> Finding:
        """The finding at the very event that made the first number which is not finite."""
        history = self._history
        for start in range(before, finding.step + 1, FORWARD_LIMIT):
            hit = forward_to_stop(history, Address(branch, start, -1), NOT_FINITE)
            if hit is not None:
                at, reason = hit
                event = history.owner(branch, at.step).experiment.graph.events[at.event]
                maker = event.node or event.parameter
                where = f"first in {maker}{'' if maker == event.phase else f', {event.phase}'}, training step {at.step}"
                epoch = history.parameters(branch, at.step)[0].epoch
                return replace(finding, step=at.step, epoch=epoch, what=f"not a number: {reason}", why=where)
        return finding

    def _too_fast(self, finding: Finding, branch: int, step: int) -> Finding:
        """The finding with the learning rate held against what the curvature at a step bears."""
        rate, most, curvature = self._rates(branch, step)
        if not 0.0 < curvature < float("inf"):
            return finding
        steepest = f"λmax = {numeral(curvature, 3)} at step {step}"
        optimiser = self._history.owner(branch, step).experiment.optimiser
        if most is None:
            plain = f"plain SGD bears η up to {numeral(2 / curvature, 2)}"
            return replace(finding, why=f"{optimiser.kind} with η {number_text(rate)}; {steepest}: {plain}")
        bound = f"{'2(1 + β)' if getattr(optimiser, 'momentum', 0.0) else '2'}/λmax = {numeral(most, 2)}"
        if rate <= most:
            why = f"η {number_text(rate)} is below {bound}, {steepest}: it grew steeper on the way"
            return replace(finding, why=why)
        why = f"η {number_text(rate)} is over {bound}, {steepest}"
        if finding.kind == "not a number":
            why = f"{finding.why}; {why}"
        return replace(finding, why=why, remedy=("lr", rate_below(most / 2)))

    def _too_slow(self, finding: Finding, branch: int) -> Finding:
        """The finding with the learning rate that the curvature bears, a quarter of it as remedy."""
        _, most, curvature = self._rates(branch, finding.step)
        if most is None:
            return finding
        bears = f"λmax = {numeral(curvature, 3)} bears η up to {numeral(most, 2)}"
        return replace(finding, why=f"{finding.why}; {bears}", remedy=("lr", rate_below(most / 4)))

    def _rates(self, branch: int, step: int) -> tuple[float, float | None, float]:
        """The learning rate at a step, the largest that its optimiser bears (None if that is not known), and λmax."""
        experiment = self._history.owner(branch, step).experiment
        if (branch, step) not in self._curvatures:
            objective = Objective(experiment)
            theta = flattened(objective.program.state, self._history.parameters(branch, step)[1])
            self._curvatures[branch, step] = highest_curvature(objective, theta)
        curvature = self._curvatures[branch, step]
        rate = experiment.lr * experiment.schedule.factor(step)
        return rate, bearable(experiment.optimiser, curvature), curvature
