"""The experiments that come with bptui: each net with its data and its first knobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from bptui.data.samples import Data, Nested
from bptui.engine.buffers import Shape
from bptui.engine.graph import Node
from bptui.session.experiment import Experiment
from bptui.session.names import meant, suggestion
from bptui.sources.nets import (
    AVERAGE,
    CHAIN,
    DROPOUT,
    LOGSOFTMAX,
    MYNET,
    PERCEPTRON,
    SKIP,
    SOFTMAX,
    SPIRAL,
    SWITCH,
    TWO_LAYER,
    WEIGHTED_SUM,
)


class UnknownNetError(ValueError):
    """No preset has that name; the message says which there are."""


def _pairs(**values: Nested) -> tuple[tuple[str, Nested], ...]:
    """Parameters by name, `m0_weight` for `m0.weight`."""
    return tuple((name.replace("_", "."), value) for name, value in values.items())


def _samples(**values: Nested) -> Data:
    return Data("given", given=tuple(values.items()))


# Eight samples of one decimal; the numbers of W and b are short too, so that every product can be checked by head.
_TWO_LAYER_X = (
    (0.3, 0.8, -0.5, -0.1, 0.6, -0.9),
    (-0.6, 0.1, 0.7, 0.4, -0.2, 0.3),
    (0.9, -0.4, 0.2, 1.0, -0.7, 0.5),
    (-0.2, -0.7, 0.4, 0.3, 0.8, 0.1),
    (0.5, 0.2, -0.8, 0.6, 0.4, -0.3),
    (-0.9, 0.6, 0.1, -0.5, 0.3, 0.7),
    (0.1, -0.3, 0.9, -0.8, -0.4, 0.2),
    (0.7, 0.5, -0.1, 0.2, -0.6, -0.8),
)

_CONFIDENT = _pairs(
    m0_weight=((2.0, -1.0, 0.5, 1.5), (-1.5, 0.5, 1.0, -0.5), (0.5, 1.0, -0.5, -1.0)),
    m0_bias=(0.5, 0.0, -0.5),
)
_CONFIDENT_DATA = _samples(
    x=((1.5, -0.5, 0.5, 1.0), (-0.5, 1.0, 0.5, -1.0), (0.5, 0.5, -1.0, 0.5), (-1.0, 0.5, 1.5, 0.5)),
    y=(1.0, 2.0, 0.0, 1.0),
)

DEEP = 8  # sizes from which not all are told

PRESETS: dict[str, Experiment] = {
    experiment.net.name: experiment
    for experiment in (
        Experiment(
            PERCEPTRON,
            _samples(x=((1.0, 2.0), (0.5, -1.0), (-1.5, 0.5), (2.0, 1.0)), y=((1.0,), (-0.5,), (0.5,), (2.0,))),
            parameters=_pairs(m0_weight=((0.5, -0.3),), m0_bias=(0.2,)),
            shuffle=False,
        ),
        Experiment(
            CHAIN,
            _samples(x=((2.0,), (-1.0,), (0.5,)), y=((1.0,), (0.0,), (0.5,))),
            parameters=_pairs(m0_weight=((1.5,),), m0_bias=(-0.5,), m1_weight=((0.8,),), m1_bias=(0.1,)),
            shuffle=False,
        ),
        Experiment(
            WEIGHTED_SUM,
            _samples(x=((0.8,), (-0.5,)), y=((0.5, -0.5, 1.0), (-0.2, 0.4, 0.1))),
            parameters=_pairs(m0_weight=((0.6,), (-0.9,), (1.2,))),
            shuffle=False,
        ),
        Experiment(
            TWO_LAYER,
            _samples(x=_TWO_LAYER_X, y=(0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0)),
            seed=3,
            parameters=_pairs(
                m0_weight=(
                    (0.5, -0.3, 0.1, 0.4, -0.6, 0.2),
                    (-0.7, 0.2, 0.4, -0.3, 0.5, 0.6),
                    (0.3, 0.6, -0.2, 0.1, -0.4, 0.8),
                ),
                m0_bias=(0.1, -0.2, 0.1),
                m1_weight=((0.4, -0.5, -0.8), (-0.6, 0.3, 0.7)),
                m1_bias=(0.2, -0.1),
            ),
        ),
        Experiment(MYNET, Data("prototypes", 256, 0.3), seed=1, lr=0.05),
        Experiment(
            SKIP,
            _samples(
                x=((0.5, -0.8, 1.0), (1.0, 0.2, -0.6), (-0.4, 0.9, 0.3)),
                y=((1.0, 0.0, 0.5), (0.5, 0.5, 0.0), (0.0, 1.0, 0.5)),
            ),
            parameters=_pairs(
                m0_weight=((0.6, -0.4, 0.2), (0.3, 0.8, -0.2), (-0.7, 0.1, 0.5)), m0_bias=(0.1, 0.0, -0.1)
            ),
            shuffle=False,
        ),
        Experiment(
            SWITCH,
            _samples(x=((1.0, -0.5), (-0.6, 0.8), (0.4, 0.4)), y=((1.0, 0.0, 0.5), (0.2, 0.6, 0.0), (0.5, 0.5, 0.5))),
            parameters=_pairs(
                m0_weight=((0.8, -0.2), (-0.4, 0.6), (0.5, 0.5)),
                m0_bias=(0.0, 0.1, 0.0),
                m1_weight=((-0.3, 0.9), (0.7, -0.1), (0.5, 0.5)),
                m1_bias=(0.1, 0.0, 0.0),
            ),
            shuffle=False,
        ),
        Experiment(LOGSOFTMAX, _CONFIDENT_DATA, parameters=_CONFIDENT, shuffle=False),
        Experiment(SOFTMAX, _CONFIDENT_DATA, parameters=_CONFIDENT, shuffle=False),
        Experiment(DROPOUT, Data("teacher", 8, 0.1, seed=3), seed=3, batch=4, init="kaiming", dropout=0.5),
        Experiment(
            AVERAGE,
            _samples(
                x0=((1.0, 0.5),),
                y0=((1.0,),),
                x1=((-0.5, 1.0),),
                y1=((0.0,),),
                x2=((0.8, -1.0),),
                y2=((0.5,),),
                x3=((-1.0, -0.4),),
                y3=((-1.0,),),
            ),
            parameters=_pairs(m0_weight=((0.4, -0.2),), m0_bias=(0.1,)),
            reduction="sum",
        ),
        Experiment(SPIRAL, Data("spiral", 300, 0.2, seed=1), seed=1, lr=1.0, batch=30),
    )
}


def preset(name: str) -> Experiment:
    """An experiment by its net's name, in any case. Raises UnknownNetError, with the nearest name."""
    known = meant(name, PRESETS)
    if known is None:
        near = suggestion(name, PRESETS)
        raise UnknownNetError(f"unknown net {name!r}; {near}{near and ' '}nets: {', '.join(PRESETS)}")
    return PRESETS[known]


def outline(experiment: Experiment) -> str:
    """A net's sizes in a few characters, such as 600-60-40-10; of a deep net, the first and the last ones."""
    graph = experiment.graph
    first = list(islice(_owners(graph.nodes), DEEP))  # of a deep net, not all nodes are gone through
    if len(first) == DEEP:
        first[1:] = ["", next(_owners(reversed(graph.nodes)))]
    names = [experiment.net.given[0].name, *first]
    return "-".join(str(_size(graph.variables[name].shape)) if name else "…" for name in names)


def _owners(nodes: Iterable[Node]) -> Iterator[str]:
    """What is made by nodes that have parameters."""
    return (node.outputs[0] for node in nodes if node.parameters and "copy" not in node.name)


def _size(shape: Shape) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size
