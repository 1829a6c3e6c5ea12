"""The doctor: what is wrong with a run, since when, and by what evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bptui.session.train.doctor.chart import Chart
from bptui.session.train.doctor.finding import Finding
from bptui.session.train.doctor.layers import dead, exploding, saturated, vanishing
from bptui.session.train.doctor.losses import diverging, not_a_number, overfitting, too_slow
from bptui.session.train.doctor.penalty import too_early
from bptui.session.train.doctor.samples import not_normalised, unshuffled
from bptui.session.train.probe import Probe

__all__ = ["KINDS", "Finding", "diagnose"]

LOOKS: dict[str, Callable[[Chart], Finding | None]] = {  # the most pressing first
    "not a number": not_a_number,
    "diverging": diverging,
    "exploding gradients": exploding,
    "α too early": too_early,
    "unshuffled classes": unshuffled,
    "dead ReLU units": dead,
    "vanishing gradients": vanishing,
    "saturated units": saturated,
    "inputs not normalised": not_normalised,
    "learning rate too low": too_slow,
    "overfitting": overfitting,
}
KINDS = tuple(LOOKS)
LOST = ("not a number", "diverging")
CAUSES = {  # what explains a finding, so that it need not be said as well
    "exploding gradients": LOST,
    "vanishing gradients": (*LOST, "α too early", "dead ReLU units"),
    "saturated units": LOST,
    "overfitting": LOST,
}


def diagnose(probes: Sequence[Probe]) -> tuple[Finding, ...]:
    """All that is wrong with a run that was probed, the most pressing first; nothing before the first probe.

    Most looks want a state to hold for a few probes, and to be gone for as long before they take a finding back: what
    is said stays while the run goes on.
    """
    if not probes:
        return ()
    chart = Chart(probes)
    looked = (look(chart) for look in (LOOKS.values() if chart.probes else (not_a_number,)))
    found = [finding for finding in looked if finding is not None]
    return tuple(finding for finding in found if not any(_explains(other, finding) for other in found))


def _explains(cause: Finding, finding: Finding) -> bool:
    return cause.kind in CAUSES.get(finding.kind, ()) and (cause.kind not in LOST or cause.step <= finding.step)
