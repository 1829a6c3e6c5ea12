"""Which samples a training step sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.random import generator


@dataclass(frozen=True)
class Clock:
    """Where training stands when a step begins. All count from 0.

    `offset` is the number of samples of this epoch already used; `age` counts the steps of the present optimiser.
    """

    step: int = 0
    epoch: int = 0
    offset: int = 0
    age: int = 0

    def after(self, batch: int, count: int) -> Clock:
        """The clock of the next step, with minibatches of `batch` out of `count` samples."""
        offset = self.offset + batch
        if offset >= count:
            return Clock(self.step + 1, self.epoch + 1, 0, self.age + 1)
        return Clock(self.step + 1, self.epoch, offset, self.age + 1)


@lru_cache(maxsize=64)
def epoch_order(seed: int, epoch: int, count: int, shuffle: bool) -> Array:
    """The order of the samples in one epoch: a permutation keyed by seed and epoch, or as they stand."""
    order = generator(seed, "shuffle", step=epoch).permutation(count) if shuffle else np.arange(count)
    order.flags.writeable = False
    return order


def minibatch(clock: Clock, batch: int, count: int, seed: int, shuffle: bool) -> Array:
    """The indices of a step's samples; the last minibatch of an epoch may be smaller."""
    return epoch_order(seed, clock.epoch, count, shuffle)[clock.offset : clock.offset + batch]
