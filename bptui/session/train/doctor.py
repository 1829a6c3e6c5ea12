"""The doctor: what is wrong with a run, since when, and by what evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bptui.session.experiment import Experiment
from bptui.session.train.probe import Probe


@dataclass(frozen=True)
class Finding:
    """Something wrong with a run. `step` and `epoch` are its onset.

    `what` says it in a line, with the number; `why` is the evidence. `remedy` is a knob and the value to try instead.
    """

    kind: str
    step: int
    epoch: float
    what: str
    why: str
    remedy: tuple[str, str] | None = None


def diagnose(experiment: Experiment, probes: Sequence[Probe]) -> tuple[Finding, ...]:
    """All that is wrong with a run that was probed, the most pressing first; nothing before the first probe."""
    found = (look(experiment, probes) for look in LOOKS) if probes else ()
    return tuple(finding for finding in found if finding is not None)


def _not_a_number(experiment: Experiment, probes: Sequence[Probe]) -> Finding | None:
    broken = next((p for p in probes if not p.finite), None)
    if broken is None:
        return None
    names = [w.name for w in broken.weights if w.norm != w.norm or w.norm == float("inf")]
    where = f"first in {names[0]}" if names else "first in the loss"
    return Finding("not a number", broken.step, broken.epoch, f"not a number since epoch {broken.epoch:g}", where)


LOOKS: tuple[Callable[[Experiment, Sequence[Probe]], Finding | None], ...] = (_not_a_number,)
