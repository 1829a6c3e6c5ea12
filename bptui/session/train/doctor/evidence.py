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
    """Adds to findings what the run itself says. Each is looked into once: that replays training steps."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: dict[tuple[int, str, int], Finding] = {}

    def examined(self, finding: Finding, branch: int, before: int) -> Finding:
        """A finding with its evidence. `before` is the step of the last finite probe."""
        if finding.kind not in ("not a number", "diverging"):
            return finding
        key = branch, finding.kind, finding.step
        if key not in self._known:
            self._known[key] = _examined(finding, self._history, branch, before)
        known = self._known[key]
        return known if finding.kind == "not a number" else replace(known, what=finding.what)


def _examined(finding: Finding, history: History, branch: int, before: int) -> Finding:
    if finding.kind == "not a number":
        broken = _first_broken(finding, history, branch, before)
        return _too_fast(broken, history, branch, before, or_else=broken)
    return _too_fast(finding, history, branch, finding.step, or_else=finding)


def _first_broken(finding: Finding, history: History, branch: int, before: int) -> Finding:
    """The finding at the very event that made the first number which is not finite."""
    for start in range(before, finding.step + 1, FORWARD_LIMIT):
        hit = forward_to_stop(history, Address(branch, start, -1), NOT_FINITE)
        if hit is not None:
            at, reason = hit
            experiment = history.owner(branch, at.step).experiment
            event = experiment.graph.events[at.event]
            epoch = round(history.parameters(branch, at.step)[0].epoch, 3)
            maker = event.node or event.parameter
            where = f"first in {maker}{'' if maker == event.phase else f', {event.phase}'}, training step {at.step}"
            return replace(finding, step=at.step, epoch=epoch, what=f"not a number: {reason}", why=where)
    return finding


def _too_fast(finding: Finding, history: History, branch: int, step: int, *, or_else: Finding) -> Finding:
    """The finding with the learning rate held against the curvature at a step, where that explains it."""
    experiment = history.owner(branch, step).experiment
    clock, parameters = history.parameters(branch, step)
    objective = Objective(experiment)
    curvature = highest_curvature(objective, flattened(objective.program.state, parameters))
    if not 0.0 < curvature < float("inf"):
        return or_else
    rate, optimiser = experiment.lr * experiment.schedule.factor(clock.step), experiment.optimiser
    most = bearable(optimiser, curvature)
    steepest = f"λmax = {numeral(curvature, 3)} at step {step}"
    if most is None:
        if finding.kind == "not a number":
            return or_else
        plain = f"plain SGD bears η up to {numeral(2 / curvature, 2)}"
        why = f"{optimiser.kind} with η {number_text(rate)}; {steepest}: {plain}"
        return replace(finding, why=why)
    bound = "2(1 + β)/λmax" if getattr(optimiser, "momentum", 0.0) else "2/λmax"
    if rate <= most:
        if finding.kind == "not a number":
            return or_else
        why = f"η {number_text(rate)} is below {bound} = {numeral(most, 2)}, {steepest}: it grew steeper on the way"
        return replace(finding, why=why)
    why = f"η {number_text(rate)} is over {bound} = {numeral(most, 2)}, {steepest}"
    if finding.kind == "not a number":
        why = f"{finding.why}; {why}"
    return replace(finding, why=why, remedy=("lr", rate_below(most / 2)))
