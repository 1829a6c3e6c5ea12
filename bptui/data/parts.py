"""A data set in two parts, for training and validation, and both normalised by the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.random import generator

EPSILON = 1e-8  # the least that a feature is divided by
Samples = dict[str, Array]  # by variable, (N, *shape)


def split(samples: Mapping[str, Array], share: float, seed: int) -> tuple[Samples, Samples]:
    """Samples for training and samples held out, each in the order in which they stood.

    Which ones are held out is drawn once for a seed: a larger share holds out the same and more. At least one is
    left for training.
    """
    count = len(next(iter(samples.values())))
    size = min(round(share * count), count - 1)
    held = np.zeros(count, bool)
    if size > 0:
        held[generator(seed, "validation").permutation(count)[:size]] = True
    training, held_out = ({name: rows[part] for name, rows in samples.items()} for part in (~held, held))
    return training, held_out


def normalised(training: Samples, held_out: Samples, inputs: Iterable[str]) -> tuple[Samples, Samples]:
    """Both parts with x′ = (x − mean) / max(std, ε) for each feature of the inputs, by the training part alone.

    A feature that never changes is only centred, lest another value held out becomes huge.
    """
    training, held_out = dict(training), dict(held_out)
    for name in inputs:
        rows = training[name]
        constant = (rows == rows[0]).all(axis=0)
        mean = np.where(constant, rows[0], rows.mean(axis=0))  # a mean of equal numbers may be off by a rounding
        spread = np.maximum(np.where(constant, 1.0, rows.std(axis=0)), EPSILON)
        training[name], held_out[name] = ((part[name] - mean) / spread for part in (training, held_out))
    return training, held_out


def repeated(samples: Samples, times: int) -> Samples:
    """All samples, again and again."""
    return {name: np.concatenate([rows] * times) for name, rows in samples.items()}
