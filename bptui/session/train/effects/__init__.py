"""What a knob does to a run, as numbers measured at the cursor: for each trick of the trade, one quantity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bptui.session.train.effects.effect import Effect, Here
from bptui.session.train.effects.replays import batch, schedule, shuffle
from bptui.session.train.effects.signals import activation, cost, init, normalise
from bptui.session.train.training import Training

__all__ = ["EFFECTS", "Effect", "effect"]

EFFECTS: dict[str, Callable[[Here], Effect | None]] = {
    "shuffle": shuffle,
    "normalise": normalise,
    "init": init,
    "scale": init,
    "schedule": schedule,
    "lr": schedule,
    "batch": batch,
    "activation": activation,
    "cost": cost,
}


def effect(knob: str, training: Training) -> Effect | None:
    """What a knob does here; None for one without such a quantity, or where it says nothing of this net.

    Replays a few training steps aside; the run stays as it is. A few tens of milliseconds on the labs' nets.
    """
    if knob not in EFFECTS:
        return None
    with np.errstate(all="ignore"):
        return EFFECTS[knob](Here(training))
