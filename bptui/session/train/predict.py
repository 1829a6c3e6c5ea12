"""What a net makes of any inputs, in evaluation mode: for decision boundaries, fitted curves and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.modules.costs import Cost
from bptui.engine.optimisers import SGD
from bptui.engine.program import Program
from bptui.session.experiment import Experiment

CHUNK = 1024  # samples that pass through the net at once: their activations stay in the cache


def evaluated(experiment: Experiment, batch: int) -> Experiment:
    """The same net with nothing but its costs: no penalties, no dropout, no optimiser's slots; `batch` samples at once.

    A Dropout that is a part of the net stays, in evaluation mode, where it changes nothing.
    """
    return experiment.changed(batch=batch, l1=0.0, l2=0.0, dropout=0.0, optimiser=SGD(), training=False)


class Predictor:
    """Predictions of one net for any number of samples. The prediction is what its (first) cost compares with y.

    It runs features first: the entries of one unit then lie side by side, which a few inputs and classes need to be
    quick. The numbers may differ from the tape's in the last bit.
    """

    def __init__(self, experiment: Experiment) -> None:
        plain = evaluated(experiment, CHUNK).changed(layout="features")
        graph = plain.graph
        self._program = Program(graph, plain.settings(CHUNK), data_gradients=False)
        cost = next(node for node in graph.nodes if isinstance(node.module, Cost))
        assert isinstance(cost.module, Cost)
        self._cost, self._prediction = cost.module, self._program.values[cost.inputs[0]]
        made = [event.index for event in graph.events if event.phase == "forward"]
        self._calls = [call.bound() for index in made for call in self._program.calls[index]]

    @property
    def has_probabilities(self) -> bool:
        """Whether the cost reads ȳ as classes."""
        return self._cost.probabilities(self._prediction[:1]) is not None

    def scores(self, parameters: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """The predictions ȳ, (N, *shape), for inputs of N samples by name."""
        return self._swept(parameters, inputs, lambda scores: scores)

    def probabilities(self, parameters: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array | None:
        """The probability of each class, (N, K), by the cost's own reading of ȳ; None if the target is no class."""
        if not self.has_probabilities:
            return None
        return self._swept(parameters, inputs, self._cost.probabilities)

    def _swept(
        self, parameters: Mapping[str, Array], inputs: Mapping[str, Array], read: Callable[[Array], Array | None]
    ) -> Array:
        program, prediction = self._program, self._prediction
        for name, values in parameters.items():
            program.state.parameters[name][...] = values
        count = len(next(iter(inputs.values())))
        swept = np.empty((count, *prediction.shape[1:]), prediction.dtype)
        with np.errstate(all="ignore"):
            for start in range(0, count, CHUNK):
                size = min(CHUNK, count - start)
                for name, rows in inputs.items():
                    program.values[name][:size] = rows[start : start + size]
                for call in self._calls:
                    call()
                swept[start : start + size] = read(prediction[:size])
        return swept
