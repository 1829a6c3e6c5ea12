"""Parameters and samples for a net of the corpus: short decimals, the same here and in PyTorch."""

from __future__ import annotations

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.experiment import Experiment

SAMPLES = 3


def parameters_for(experiment: Experiment) -> dict[str, Array]:
    rng = np.random.default_rng(7)
    return {p.name: np.round(rng.uniform(-1.0, 1.0, p.shape), 3) for p in experiment.graph.parameters}


def samples_for(experiment: Experiment) -> dict[str, Array]:
    rng = np.random.default_rng(8)
    samples: dict[str, Array] = {}
    for given in experiment.net.given:
        if given.classes:
            samples[given.name] = np.eye(given.shape[0])[rng.integers(0, given.shape[0], SAMPLES)]
        else:
            samples[given.name] = np.round(rng.uniform(0.0, 1.0, (SAMPLES, *given.shape)), 3)
    return samples
