"""Everything that decides a run: net, data, seed, init, cost, optimiser, batch, schedule, regularisers. Frozen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from bptui.data.samples import Data, Nested
from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.initialisation import check_kind, initial_parameters
from bptui.engine.net import Net
from bptui.engine.optimisers import SGD, Optimiser, ProximalSGD
from bptui.engine.program import Settings
from bptui.engine.rewire import Kink, Reduction, Wiring, decayed, rewire
from bptui.engine.schedules import Constant, Schedule
from bptui.session.written import Written, written


@dataclass(frozen=True)
class Experiment:
    """A run, before it is run. Equal experiments give equal numbers, bit for bit with the same NumPy and CPU kernels.

    `l1` and `l2` are α; both act on weights, and on biases too if `decay_biases`. Under the proximal optimiser, L1
    is a part of the update and no branch of the graph. `parameters` holds initial values that `init` does not draw;
    where they are `all_drawn`, they are put aside. `patience` is for early stopping: the epochs without a lower
    validation loss after which a run that is watched pauses; 0 is never.
    """

    net: Net
    data: Data = field(default_factory=Data)
    seed: int = 0
    init: str = "torch"
    scale: float = 1.0
    parameters: tuple[tuple[str, Nested], ...] = ()
    all_drawn: bool = False
    cost: str | None = None
    reduction: Reduction = "batch"
    kink: Kink = "torch"
    optimiser: Optimiser = field(default_factory=SGD)
    lr: float = 0.1
    schedule: Schedule = field(default_factory=Constant)
    batch: int = 1
    shuffle: bool = True
    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    patience: int = 0
    decay_biases: bool = False
    zero_gradients: bool = True
    training: bool = True
    dtype: Literal["float64", "float32"] = "float64"
    layout: Literal["rows", "features"] = "rows"

    @cached_property
    def graph(self) -> Graph:
        """The net under these knobs, wired. Raises GraphError if they do not fit."""
        proximal = isinstance(self.optimiser, ProximalSGD)
        wiring = Wiring(
            batch=self.batch,
            cost=self.cost,
            reduction=self.reduction,
            kink=self.kink,
            dropout=self.dropout,
            l1={} if proximal else decayed(self.net, self.l1, biases=self.decay_biases),
            l2=decayed(self.net, self.l2, biases=self.decay_biases),
        )
        return rewire(self.net, wiring)

    @cached_property
    def written(self) -> Written:
        """When each quantity of the graph comes about."""
        return written(self.graph)

    @cached_property
    def samples(self) -> dict[str, Array]:
        """Inputs and targets to train on, (N, *shape) by name. Raises ValueError if the data do not fit the net."""
        return _parts(self.data, self.net, self.dtype)[0]

    @cached_property
    def held_out(self) -> dict[str, Array]:
        """Inputs and targets for validation, as `samples`; N may be 0."""
        return _parts(self.data, self.net, self.dtype)[1]

    @property
    def count(self) -> int:
        """The number of samples to train on."""
        return len(next(iter(self.samples.values())))

    def settings(self, batch: int) -> Settings:
        """What the engine needs to run minibatches of this size."""
        decaying = decayed(self.net, getattr(self.optimiser, "decay", 0.0), biases=True)
        return Settings(
            batch=batch,
            dtype=np.dtype(self.dtype),
            optimiser=self.optimiser,
            rate=self.lr,
            schedule=self.schedule,
            seed=self.seed,
            training=self.training,
            zero_gradients=self.zero_gradients,
            decay=decaying,
            threshold=self.thresholds,
            features_first=self.layout == "features",
        )

    def optimiser_of(self, parameter: str) -> Optimiser:
        """What moves this parameter: where L1 leaves it alone, proximal is plain gradient descent."""
        proximal = isinstance(self.optimiser, ProximalSGD)
        return SGD() if proximal and not self.thresholds.get(parameter) else self.optimiser

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """α of L1 by parameter, as the proximal optimiser applies it."""
        return decayed(self.net, self.l1, biases=self.decay_biases)

    def initial(self) -> dict[str, Array]:
        """The parameters before the first step. Raises ValueError if given ones do not fit."""
        given = self._given()
        drawn = initial_parameters(self.graph, self.init, self.scale, self.seed)
        return drawn if self.all_drawn else drawn | given

    def _given(self) -> dict[str, Array]:
        """The parameters that `init` does not draw. Raises ValueError if they do not fit."""
        shapes = {parameter.name: parameter.shape for parameter in self.graph.parameters}
        given: dict[str, Array] = {}
        for name, values in self.parameters:
            if name not in shapes:
                raise ValueError(f"{name}: no such parameter; this net has {', '.join(shapes)}")
            array = np.asarray(values, float)
            if array.shape != shapes[name]:
                raise ValueError(f"{name}: got shape {list(array.shape)}, wants {list(shapes[name])}")
            given[name] = array
        return given

    def validated(self) -> Experiment:
        """The experiment itself, once everything that can be wrong has been tried. Raises ValueError, one line."""
        if not 1 <= self.batch <= self.count:
            raise ValueError(f"batch: got {self.batch}, wants 1 to {self.count}, the number of samples")
        check_kind(self.init)
        self._given()
        self.settings(self.batch)
        return self

    def changed(self, **changes: Any) -> Experiment:
        """A copy with other values."""
        return replace(self, **changes)


@lru_cache(maxsize=8)
def _parts(data: Data, net: Net, dtype: str) -> tuple[dict[str, Array], dict[str, Array]]:
    training, held_out = (
        {name: np.ascontiguousarray(rows, dtype) for name, rows in part.items()} for part in data.parts(net)
    )
    return training, held_out
