"""Toy data: points of the plane in classes, and curves with noise. Classes stand in order; shuffling is training's.

Places and noise are drawn apart, so that another noise moves the same points, farther or less far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.net import Given, Net
from bptui.engine.random import generator

Made = tuple[Array, Array]  # inputs (N, features), and class numbers (N,) or values (N, 1)


@dataclass(frozen=True)
class Toy:
    """A data set made from a few numbers. `make` takes the count, the number of classes, the noise and the seed.

    `classes` is the fewest and the most that it can have; None where the target is a number.
    """

    about: str
    make: Callable[[int, int, float, int], Made]
    inputs: int = 2
    classes: tuple[int, int] | None = (2, 2)

    def wants(self) -> str:
        """The nets that it fits, in words."""
        inputs = "two inputs" if self.inputs == 2 else "one input"
        if self.classes is None:
            return f"a net with {inputs} and one number as target"
        low, high = self.classes
        return f"a net with {inputs} and {low if low == high else f'{low} to {high}'} classes as target"

    def places(self, net: Net) -> tuple[Given, Given] | None:
        """The input and the target of a net that it fits; None if it does not."""
        inputs, targets = ([given for given in net.given if given.target == side] for side in (False, True))
        if len(inputs) != 1 or len(targets) != 1 or inputs[0].shape != (self.inputs,):
            return None
        x, y = inputs[0], targets[0]
        if self.classes is None:
            return (x, y) if y.shape == (1,) and not y.classes else None
        count = class_count(y)
        return (x, y) if count is not None and self.classes[0] <= count <= self.classes[1] else None


def class_count(target: Given) -> int | None:
    """How many classes a target can tell apart: two for a single number, 0 or 1; None for several numbers."""
    if target.classes:
        return target.shape[0]
    return 2 if target.shape == (1,) else None


def spiral(count: int, classes: int, noise: float, seed: int) -> Made:
    """X_k(t) = t·(sin, cos)[(2π/K)(2t + k − 1) + noise], 0 ≤ t ≤ 1. Source: NYU DL practicum, spirals."""
    each = max(1, count // classes)
    t = np.tile(np.linspace(0.0, 1.0, each), classes)
    k = np.repeat(np.arange(1, classes + 1), each)
    angle = 2 * np.pi / classes * (2 * t + k - 1) + generator(seed, "spiral").normal(0.0, noise, t.shape)
    return t[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1), k - 1


def moons(count: int, classes: int, noise: float, seed: int) -> Made:
    """Two half circles, one in the other's mouth, around (0, 0). Source: scikit-learn's `make_moons`."""
    k = _in_order(count, classes)
    t = np.pi * _along(k)
    side = 1.0 - 2.0 * k
    points = side[:, None] * np.stack([np.cos(t) - 0.5, np.sin(t) - 0.25], axis=1)
    return points + _noise(points, noise, seed, "moons"), k


def circles(count: int, classes: int, noise: float, seed: int) -> Made:
    """Rings around (0, 0), class 0 the innermost; the outermost has radius 1."""
    k = _in_order(count, classes)
    angle = 2 * np.pi * _along(k, closed=True)
    points = ((k + 1) / classes)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + _noise(points, noise, seed, "circles"), k


def xor(count: int, classes: int, noise: float, seed: int) -> Made:
    """The four quarters of a square: class 0 where both inputs have one sign, class 1 where they differ."""
    k, rng = _in_order(count, classes), generator(seed, "xor")
    first = rng.choice([-1.0, 1.0], count)
    points = rng.uniform(0.1, 1.0, (count, 2)) * np.stack([first, first * (1.0 - 2.0 * k)], axis=1)
    return points + _noise(points, noise, seed, "xor"), k


def blobs(count: int, classes: int, noise: float, seed: int) -> Made:
    """Round clouds with standard deviation `noise`, their centres evenly spaced on a circle of radius 1."""
    k = _in_order(count, classes)
    angle = 2 * np.pi * k / classes
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centres + _noise(centres, noise, seed, "blobs"), k


def linear(count: int, classes: int, noise: float, seed: int) -> Made:
    """Points on both sides of a line through (0, 0), at least 0.15 from it before the noise."""
    k, rng = _in_order(count, classes), generator(seed, "linear")
    angle = rng.uniform(0.0, 2 * np.pi)
    across, along = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    off, on = (2.0 * k - 1.0) * rng.uniform(0.15, 1.0, count), rng.uniform(-1.0, 1.0, count)
    points = off[:, None] * across + on[:, None] * along
    return points + _noise(points, noise, seed, "linear"), k


def cubic(count: int, classes: int, noise: float, seed: int) -> Made:
    """y = x³ + noise, x evenly spaced from −1 to 1. Source: NYU DL practicum, regression."""
    x = np.linspace(-1.0, 1.0, count)[:, None]
    return x, x**3 + _noise(x, noise, seed, "cubic")


def line(count: int, classes: int, noise: float, seed: int) -> Made:
    """y = 1.4 x + 0.35 + noise. x is not centred, which is what tilts the ellipses of equal loss."""
    x = generator(seed, "line").uniform(-0.55, 2.0, (count, 1))
    return x, 1.4 * x + 0.35 + _noise(x, noise, seed, "line")


def _in_order(count: int, classes: int) -> Array:
    """Class numbers in order, as many of each as can be."""
    return np.sort(np.arange(count) % classes)


def _along(k: Array, *, closed: bool = False) -> Array:
    """For each class, numbers evenly spaced from 0 to 1; without the last, if the way is closed."""
    return np.concatenate([np.linspace(0.0, 1.0, n, endpoint=not closed) for n in np.bincount(k)])


def _noise(like: Array, noise: float, seed: int, kind: str) -> Array:
    rows: Array = noise * generator(seed, kind, "noise").standard_normal(like.shape)
    return rows


TOYS: dict[str, Toy] = {
    "spiral": Toy("arms wound into each other", spiral, classes=(2, 5)),
    "moons": Toy("two half moons, one in the other's mouth", moons),
    "circles": Toy("rings around each other", circles, classes=(2, 5)),
    "xor": Toy("four quarters, the opposite ones alike", xor),
    "blobs": Toy("round clouds on a circle", blobs, classes=(2, 5)),
    "linear": Toy("two classes that a line parts", linear),
    "cubic": Toy("y = x³ with noise", cubic, inputs=1, classes=None),
    "line": Toy("y = 1.4 x + 0.35 with noise", line, inputs=1, classes=None),
}
