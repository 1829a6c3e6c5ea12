"""What a net says over the plane of its two inputs, or along its only one: decision regions and fitted curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.experiment import Experiment
from bptui.session.train.predict import Predictor

MARGIN = 1.12  # of the samples' reach, for a map
BEYOND = 0.5  # of the samples' range, on either side of a fitted curve: outside the data a fit is a guess


@dataclass(frozen=True)
class Regions:
    """The probability of each class on a grid, (rows, columns, K), the top row first."""

    extent: tuple[float, float, float, float]  # left, right, bottom, top
    probabilities: Array


@dataclass(frozen=True)
class Levels:
    """The one number that a net with two inputs predicts, on a grid, (rows, columns), the top row first."""

    extent: tuple[float, float, float, float]
    values: Array


@dataclass(frozen=True)
class Fit:
    """Fitted curves along the only input: `x` (n,), `curves` (members, n); the first is the run's own."""

    x: Array
    curves: Array
    data: tuple[float, float]  # the range of the training samples

    @property
    def spread(self) -> Array:
        """The standard deviation over the members at each x, (n,)."""
        return np.asarray(self.curves.std(axis=0))

    def spreads(self) -> tuple[float, float]:
        """The mean spread inside the data, and outside it."""
        inside = (self.x >= self.data[0]) & (self.x <= self.data[1])
        return float(self.spread[inside].mean()), float(self.spread[~inside].mean())


Field = Regions | Levels | Fit


class Fields:
    """Makes the field of a net; `kind` is None where there is none: other inputs, or a cost that sees no classes."""

    def __init__(self, experiment: Experiment) -> None:
        inputs = [given for given in experiment.net.given if not given.target]
        targets = [given for given in experiment.net.given if given.target]
        self.kind = _kind([given.shape for given in inputs], [(given.shape, given.classes) for given in targets])
        if self.kind is None:
            return
        self._input = inputs[0].name
        samples = experiment.samples[self._input]
        self._predictor = Predictor(experiment)
        if self.kind == "regions" and not self._predictor.has_probabilities:
            self.kind = None
            return
        self._range = float(samples.min()), float(samples.max())
        self.extent = _extent(samples) if samples.shape[1:] == (2,) else None
        self._grid: tuple[tuple[int, int], Array] | None = None

    def make(self, members: Sequence[Mapping[str, Array]], size: tuple[int, int]) -> Field | None:
        """The field for the parameters of each member, on a grid of columns × rows; only fits use more than one."""
        if self.kind is None:
            return None
        columns, rows = size
        if self.kind == "fit":
            low, high = self._range
            beyond = BEYOND * ((high - low) or 1.0)
            x = np.linspace(low - beyond, high + beyond, columns)
            curves = [self._predictor.scores(member, {self._input: x[:, None]})[:, 0] for member in members]
            return Fit(x, np.stack(curves), self._range)
        assert self.extent is not None
        inputs = {self._input: self._points(columns, rows)}
        if self.kind == "levels":
            return Levels(self.extent, self._predictor.scores(members[0], inputs).reshape(rows, columns))
        probabilities = self._predictor.probabilities(members[0], inputs)
        assert probabilities is not None
        return Regions(self.extent, probabilities.reshape(rows, columns, -1))

    def _points(self, columns: int, rows: int) -> Array:
        """The middles of the grid's cells, (rows·columns, 2), row by row from the top."""
        if self._grid is None or self._grid[0] != (columns, rows):
            assert self.extent is not None
            left, right, bottom, top = self.extent
            x = left + (np.arange(columns) + 0.5) * (right - left) / columns
            y = top - (np.arange(rows) + 0.5) * (top - bottom) / rows
            self._grid = (columns, rows), np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        return self._grid[1]


def _kind(inputs: list[tuple[int, ...]], targets: list[tuple[tuple[int, ...], bool]]) -> str | None:
    match inputs, targets:
        case [[(2,)], [(_, True)]]:
            return "regions"
        case [[(2,)], [((1,), False)]]:
            return "levels"
        case [[(1,)], [((1,), False)]]:
            return "fit"
    return None


def _extent(samples: Array) -> tuple[float, float, float, float]:
    """A square around all samples, (N, 2); around the origin if that is about their middle."""
    low, high = samples.min(axis=0), samples.max(axis=0)
    reach = MARGIN * (float((high - low).max()) / 2 or 1.0)
    middle = (low + high) / 2
    if np.abs(middle).max() < reach / 4:
        middle = np.zeros(2)
        reach = MARGIN * float(np.abs(samples).max())
    return middle[0] - reach, middle[0] + reach, middle[1] - reach, middle[1] + reach
