"""The probes of a run as columns of numbers, and when something began that lasts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.train.facts import Facts
from bptui.session.train.probe import Probe

HOLD = 3  # probes for which something holds before it is said, and is gone before it is taken back


class Chart:
    """A run's probes: `probes` up to the first that is not finite, `broken`, if there is one.

    One number a probe: `loss` of the training samples, `validation` (empty if ever there were none), `epoch`.
    """

    def __init__(self, probes: Sequence[Probe]) -> None:
        whole = next((k for k, probe in enumerate(probes) if not probe.finite), len(probes))
        self.probes = list(probes[:whole])
        self.broken = probes[len(self.probes)] if len(self.probes) < len(probes) else None
        self.loss: Array = np.array([probe.train.loss for probe in self.probes])

    @property
    def now(self) -> Probe:
        """The latest finite probe."""
        return self.probes[-1]

    @property
    def facts(self) -> Facts:
        """Those of the experiment in force at the latest probe."""
        return self.now.facts

    def above(self, share: float) -> list[bool]:
        """At which probes the loss is above a share of the first one."""
        high: list[bool] = (self.loss > share * self.loss[0]).tolist()
        return high

    @cached_property
    def epoch(self) -> Array:
        return np.array([probe.epoch for probe in self.probes])

    @cached_property
    def validation(self) -> Array:
        scores = [probe.validation.loss for probe in self.probes if probe.validation]
        return np.array(scores if len(scores) == len(self.probes) else [])

    @cached_property
    def stretch(self) -> int:
        """The place from which the present experiment has been in force."""
        facts = self.facts
        return next((k + 1 for k in range(len(self.probes) - 2, -1, -1) if self.probes[k].facts is not facts), 0)


def lasting(enter: Sequence[bool], stay: Sequence[bool], hold: int = HOLD) -> int | None:
    """Where a state began that holds now; None if none does.

    It begins with the first of `hold` probes in a row at which `enter`, and is over once not `stay` for HOLD in a row.
    """
    if True not in enter:
        return None
    onset, entered, left = None, 0, 0
    for k, (begins, holds) in enumerate(zip(enter, stay, strict=True)):
        if onset is None:
            entered = entered + 1 if begins else 0
            if entered == hold:
                onset, left = k - hold + 1, 0
        else:
            left = 0 if holds else left + 1
            if left == HOLD:
                onset, entered = None, 0
    return onset
