"""Data sets, made from a few numbers: inputs and targets of a net as arrays with one row a sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptui.data.parts import Samples, normalised, repeated, split
from bptui.data.toys import TOYS, class_count
from bptui.engine.buffers import Array, Shape
from bptui.engine.net import Given, Net
from bptui.engine.random import generator

Nested = float | tuple["Nested", ...]

MOST = 16_000_000  # numbers in one data set


@dataclass(frozen=True)
class Data:
    """A recipe for samples. It fits any net; the same recipe always gives the same samples.

    Kinds: "given" (samples typed in, by variable), "prototypes" (each class a picture, plus noise), "teacher"
    (targets from a fixed random function of the inputs, plus noise), and the toys: "spiral", "moons", "circles",
    "xor", "blobs", "linear" (classes), "cubic", "line" (numbers). `count` samples are made; the share `validation` of
    them is held out, and the others stand `repeat` times. Normalising is by those that are not held out.
    """

    kind: str = "teacher"
    count: int = 8
    noise: float = 0.1
    seed: int = 0
    given: tuple[tuple[str, Nested], ...] = ()
    validation: float = 0.0
    normalise: bool = False
    repeat: int = 1

    def samples(self, net: Net) -> Samples:
        """All inputs and targets to train on by name, (N, *shape), float64; classes are one-hot.

        Raises ValueError if the samples do not fit the net.
        """
        return self.parts(net)[0]

    def held_out(self, net: Net) -> Samples:
        """The samples for validation, as `samples`; N may be 0."""
        return self.parts(net)[1]

    def parts(self, net: Net) -> tuple[Samples, Samples]:
        """Training and validation samples. Raises ValueError if they do not fit the net."""
        if self.kind not in KINDS:
            raise ValueError(f"unknown data {self.kind!r}, wants one of {', '.join(KINDS)}")
        if not 0.0 <= self.validation < 1.0:
            raise ValueError(f"validation: got {self.validation:g}, wants a share from 0 to below 1")
        if min(self.count, self.repeat) < 1:
            raise ValueError("data: wants at least one sample, repeated at least once")
        if self.kind != "given":
            self._refuse_many(self.count, net)
        made = KINDS[self.kind](self, net)
        self._refuse_many(len(next(iter(made.values()))), net)
        training, held_out = split(made, self.validation, self.seed)
        if self.normalise:
            inputs = [given.name for given in net.given if not given.target]
            training, held_out = normalised(training, held_out, inputs)
        return repeated(training, self.repeat), held_out

    def _refuse_many(self, count: int, net: Net) -> None:
        numbers = count * self.repeat * sum(math.prod(given.shape) for given in net.given)
        if numbers > MOST:
            raise ValueError(f"data: {count * self.repeat} samples are {numbers} numbers, wants at most {MOST}")


def as_samples(given: Given, rows: Any) -> Array:
    """Rows typed in or read from a file as an array (N, *shape) for one variable; class numbers become one-hot.

    Raises ValueError that names the variable, what came and what is wanted.
    """
    try:
        array = np.asarray(rows, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{given.name}: wants numbers in rows of equal length") from None
    if given.classes and array.ndim == 1:
        return one_hot(given, array)
    if array.shape[1:] != given.shape:
        raise ValueError(f"{given.name}: got samples of shape {list(array.shape[1:])}, wants {list(given.shape)}")
    return array


def one_hot(given: Given, classes: Array) -> Array:
    """Class numbers (N,) as one-hot rows (N, K). Raises ValueError for a number that is no class."""
    count = given.shape[0]
    whole = classes.astype(int)
    if not (np.equal(whole, classes).all() and (whole >= 0).all() and (whole < count).all()):
        raise ValueError(f"{given.name}: wants class numbers from 0 to {count - 1}")
    rows: Array = np.eye(count)[whole]
    return rows


def _given(data: Data, net: Net) -> dict[str, Array]:
    typed = dict(data.given)
    missing = [given.name for given in net.given if given.name not in typed]
    if missing:
        raise ValueError(f"no samples are given for {', '.join(missing)}")
    samples = {given.name: as_samples(given, typed[given.name]) for given in net.given}
    if len({len(rows) for rows in samples.values()}) > 1:
        raise ValueError("wants as many samples of each variable")
    if not len(next(iter(samples.values()))):
        raise ValueError("wants at least one sample")
    return samples


def _prototypes(data: Data, net: Net) -> dict[str, Array]:
    target = next((given for given in net.given if given.target and given.classes), None)
    if target is None:
        raise ValueError("prototypes: wants a net with a class as target")
    rng = generator(data.seed, "prototypes")
    classes = rng.permutation(np.arange(data.count) % target.shape[0])
    samples: dict[str, Array] = {target.name: one_hot(target, classes)}
    for given in net.given:
        if not given.target:
            pictures = np.stack([_blob(rng, given.shape) for _ in range(target.shape[0])])
            noise = rng.normal(0.0, data.noise, (data.count, *given.shape))
            samples[given.name] = np.clip(pictures[classes] + noise, 0.0, 1.0)
    return samples


def _blob(rng: np.random.Generator, shape: Shape) -> Array:
    """A picture of one soft bright spot, between 0 and 1, somewhere in an array of any shape."""
    axes = np.meshgrid(*(np.linspace(0.0, 1.0, n) for n in shape), indexing="ij")
    squares = [((axis - rng.uniform(0.2, 0.8)) / rng.uniform(0.2, 0.6)) ** 2 for axis in axes]
    picture: Array = np.exp(-np.sum(squares, axis=0))
    return picture


def _teacher(data: Data, net: Net) -> dict[str, Array]:
    rng = generator(data.seed, "teacher")
    samples = {
        given.name: rng.uniform(-1.0, 1.0, (data.count, *given.shape)) for given in net.given if not given.target
    }
    seen = np.concatenate([rows.reshape(data.count, -1) for rows in samples.values()], axis=1)
    for given in net.given:
        if given.target:
            size = int(np.prod(given.shape))
            scores = seen @ rng.normal(0.0, 1.0, (seen.shape[1], size)) + rng.normal(
                0.0, data.noise, (data.count, size)
            )
            rows = one_hot(given, scores.argmax(axis=1)) if given.classes else scores
            samples[given.name] = rows.reshape(data.count, *given.shape)
    return samples


def _toy(data: Data, net: Net) -> dict[str, Array]:
    toy = TOYS[data.kind]
    places = toy.places(net)
    if places is None:
        raise ValueError(f"{data.kind}: wants {toy.wants()}")
    x, y = places
    points, answers = toy.make(data.count, class_count(y) or 1, data.noise, data.seed)
    if y.classes:
        return {x.name: points, y.name: one_hot(y, answers)}
    return {x.name: points, y.name: answers.reshape(-1, 1).astype(float)}


KINDS = {"given": _given, "prototypes": _prototypes, "teacher": _teacher, **dict.fromkeys(TOYS, _toy)}


def given_samples(samples: Mapping[str, Array]) -> Data:
    """A recipe that is the samples themselves."""
    count = len(next(iter(samples.values())))
    return Data("given", count, 0.0, 0, tuple((name, nested(rows)) for name, rows in samples.items()))


def nested(values: Any) -> Nested:
    """An array as tuples of floats: immutable, comparable, exact."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    return tuple(nested(v) for v in values) if isinstance(values, list | tuple) else float(values)
