"""Initial parameters. Draws are keyed by (seed, parameter): another init rescales, or bends, the very same draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from bptui.engine.buffers import Array, Shape
from bptui.engine.graph import Graph
from bptui.engine.random import NameStream

Std = Callable[[int, int], float]

# std of a weight from the numbers of inputs and outputs of its module
NORMAL: dict[str, Std] = {
    "kaiming": lambda n_in, n_out: math.sqrt(2.0 / n_in),  # He et al. 2015: keeps E[z²] through ReLU
    "xavier": lambda n_in, n_out: math.sqrt(2.0 / (n_in + n_out)),  # Glorot and Bengio 2010
    "lecun": lambda n_in, n_out: math.sqrt(1.0 / n_in),  # LeCun et al. 1998: keeps variances equal
}
KINDS = ("torch", *NORMAL, "normal", "constant", "zeros")


def initial(shape: Shape, kind: str, scale: float, fan_in: int, stream: NameStream, name: str) -> Array:
    """One parameter's first values, float64.

    `kind` is one of `KINDS`. "torch" is `nn.Linear`'s default, uniform within 1/√n_in, biases too. The normal kinds
    draw weights and set biases to 0; `scale` is σ for "normal" and the value for "constant".
    """
    if kind == "torch":
        return _drawn(shape, stream, name) / math.sqrt(fan_in)
    if kind == "zeros" or (len(shape) == 1 and kind != "constant"):
        return np.zeros(shape)
    if kind == "constant":
        return np.full(shape, scale)
    std = scale if kind == "normal" else NORMAL[kind](shape[1], shape[0])
    return _normal(_drawn(shape, stream, name)) * std


def _drawn(shape: Shape, stream: NameStream, name: str) -> Array:
    """What chance says of a parameter: numbers between −1 and 1, the same whatever the kind of init."""
    return stream.of(name).uniform(-1.0, 1.0, shape)


def _normal(uniform: Array) -> Array:
    """Numbers between −1 and 1 as those of a standard normal that are exceeded as rarely: small stays small."""
    shares = np.clip((uniform + 1.0) / 2.0, 1e-300, None)  # exactly −1 has no counterpart
    normal: Array = np.vectorize(NormalDist().inv_cdf, otypes=[float])(shares)
    return normal


def check_kind(kind: str) -> None:
    """Raises ValueError for a kind of init that there is not."""
    if kind not in KINDS:
        raise ValueError(f"unknown init {kind!r}, wants one of {', '.join(KINDS)}")


def initial_parameters(graph: Graph, kind: str, scale: float, seed: int) -> dict[str, Array]:
    """The first values of all parameters of a graph, float64. Raises ValueError for an unknown kind."""
    check_kind(kind)
    result: dict[str, Array] = {}
    stream = NameStream(seed, "uniform")
    for parameter in graph.parameters:
        owner = parameter.name.rpartition(".")[0]
        weight = graph.variables.get(f"{owner}.weight", parameter)
        result[parameter.name] = initial(parameter.shape, kind, scale, weight.shape[-1], stream, parameter.name)
    return result
