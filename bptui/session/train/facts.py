"""What an experiment is like before any of it runs: how its inputs lie, and in which order its classes come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.session.experiment import Experiment

FEW = 8  # samples, below which nothing is said of how they lie


@dataclass(frozen=True)
class Feature:
    """One input over the training samples: its name with its index, its mean and its standard deviation."""

    name: str
    mean: float
    std: float


@dataclass(frozen=True, eq=False)
class Facts:
    """What decides a run, and is true at each of its steps.

    `pure` is the mean share of the most frequent class in a minibatch, samples taken as they stand, `shares` (K,) the
    share of each class among all; None and empty where the target is no class. `features` that never change are left
    out, and so are those of inputs with more than one axis.
    """

    experiment: Experiment
    features: tuple[Feature, ...]
    pure: float | None
    shares: tuple[float, ...]
    last_bias: str | None

    @property
    def penalised(self) -> bool:
        """Whether anything pulls the weights towards 0."""
        e = self.experiment
        return bool(e.l1 or e.l2 or getattr(e.optimiser, "decay", 0.0))


def facts(experiment: Experiment, graph: Graph, prediction: str) -> Facts:
    """What an experiment is like. `prediction` is the variable that its cost compares with the target."""
    classes = _classes(experiment)
    pure, shares = None, ()
    if classes is not None:
        counts = np.bincount(classes)
        shares = tuple((counts / len(classes)).tolist())
        pure = _purity(classes, experiment.batch)
    maker = graph.variables[prediction].maker
    bias = f"{maker}.bias"
    known = {p.name: p.shape for p in graph.parameters}
    last = bias if known.get(bias) == graph.variables[prediction].shape else None
    return Facts(experiment, _features(experiment), pure, shares, last)


def _features(experiment: Experiment) -> tuple[Feature, ...]:
    found = []
    for given in experiment.net.given:
        rows = experiment.samples[given.name]
        if given.target or len(given.shape) != 1 or len(rows) < FEW:
            continue
        for k, (mean, std) in enumerate(zip(rows.mean(axis=0).tolist(), rows.std(axis=0).tolist(), strict=True)):
            if std > 1e-12 * abs(mean):
                found.append(Feature(f"{given.name}[{k}]", mean, std))
    return tuple(found)


def _classes(experiment: Experiment) -> Array | None:
    """The class of each training sample as they stand, (N,); None without classes."""
    target = next((given for given in experiment.net.given if given.target and given.classes), None)
    return None if target is None else np.asarray(experiment.samples[target.name].argmax(axis=-1))


def _purity(classes: Array, batch: int) -> float:
    parts = [classes[start : start + batch] for start in range(0, len(classes), batch)]
    return float(np.mean([np.bincount(part).max() / len(part) for part in parts]))
