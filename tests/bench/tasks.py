"""What every peer trains: a net, its first weights, the data, and the minibatch of each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

RATE = 0.1  # learning rate of plain SGD


@dataclass(frozen=True)
class Task:
    """A fully connected net with softmax and cross-entropy, its mean over a minibatch of `batch` samples, SGD."""

    name: str
    sizes: tuple[int, ...]
    activation: str  # "tanh" or "relu"
    batch: int

    @cached_property
    def weights(self) -> list[tuple[Array, Array]]:
        """(weight (out, in), bias (out,)) of each layer."""
        random = np.random.default_rng(1)
        return [
            (random.standard_normal((out, into)) / into**0.5, 0.1 * random.standard_normal(out))
            for into, out in zip(self.sizes[:-1], self.sizes[1:], strict=True)
        ]

    @cached_property
    def inputs(self) -> Array:
        """The data set, (N, in)."""
        return np.random.default_rng(2).standard_normal((2048, self.sizes[0]))

    @cached_property
    def classes(self) -> Indices:
        """The class of each sample, (N,)."""
        return np.random.default_rng(3).integers(0, self.sizes[-1], len(self.inputs))

    @cached_property
    def one_hot(self) -> Array:
        """The classes as one-hot rows, (N, classes)."""
        return np.eye(self.sizes[-1])[self.classes]

    @cached_property
    def batches(self) -> list[Indices]:
        """64 minibatches, as indices into the data set."""
        random = np.random.default_rng(4)
        return [random.choice(len(self.inputs), self.batch, replace=False) for _ in range(64)]

    def flat(self, layers: Any) -> Array:
        """Weights and biases of all layers as one vector, to compare peers by."""
        return np.concatenate([np.ravel(part) for pair in layers for part in pair])


def toy(batch: int) -> Task:
    """The 2-16-16-2 tanh net."""
    return Task(f"toy, B = {batch}", (2, 16, 16, 2), "tanh", batch)


def mynet(batch: int) -> Task:
    """The lecture's net on 3×10×20 images."""
    return Task(f"mynet, B = {batch}", (600, 60, 40, 10), "relu", batch)


TASKS = (toy(1), toy(16), toy(1000), mynet(1), mynet(32), mynet(256))
