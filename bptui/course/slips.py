"""Mistakes made at one module on the way back: the engine's backward pass, with that one module wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.modules import (
    Add,
    Average,
    Dropout,
    Duplicate,
    L1Penalty,
    L2Penalty,
    Linear,
    Max,
    Multiply,
    Scale,
    SquaredError,
)
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.site import Site
from bptui.session.rehearsal import Rehearsal

Patch = Callable[[Site], None]  # spoils the gradients that a module's backward has just made


@dataclass(frozen=True)
class Slip:
    """One mistake at one module. `name` finds its sentence; `branch` says which branch or sum was taken."""

    name: str
    node: Node
    patch: Patch
    branch: int = 0


def slips(node: Node) -> Iterator[Slip]:
    """The usual mistakes that can be made at a module."""
    match node.module:
        case Pointwise():
            yield Slip("forgot the slope", node, _past)
            yield Slip("the output for the slope", node, _times_output)
        case Linear():
            yield Slip("W for its transpose", node, _transposed)
            yield Slip("forgot the weights", node, _without_weights)
            yield Slip("forgot the input", node, _without_input)
            features = node.module.features
            for k in range(features if 1 < features <= 8 else 0):
                yield Slip("one sum only", node, _one_sum(k), k)
        case Duplicate():
            for k in range(len(node.outputs)):
                yield Slip("one branch only", node, _one_branch(k), k)
        case Max():
            yield Slip("the other side of the max", node, _swapped)
            yield Slip("both sides of the max", node, _past)
        case Multiply():
            yield Slip("its own factor", node, _swapped)
        case Add() if len(node.inputs) > 1:
            yield Slip("shared among the addends", node, _shared)
        case Average():
            yield Slip("forgot the mean", node, _past)
        case Scale():
            yield Slip("the sum's gradient", node, _past)
        case Dropout():
            yield Slip("forgot the mask", node, _past)
            yield Slip("forgot 1/(1 − p)", node, _unscaled(1.0 - node.module.p))
        case SquaredError():
            yield Slip("forgot the 2", node, _half)
        case L2Penalty():
            yield Slip("α for 2α", node, _half)
        case L1Penalty():
            yield Slip("forgot the sign", node, _size)
            yield Slip("the weight for its sign", node, _times_weight)
        case _:
            pass


def spoiled(rehearsal: Rehearsal, slip: Slip | None) -> dict[str, Array]:
    """All gradients, (B, *shape) or (*shape) by name, with one module's backward wrong."""
    graph, program = rehearsal.graph, rehearsal.program
    program.gradients[graph.loss][...] = 1.0
    for node in reversed(graph.nodes):
        if graph.differentiable & set(node.outputs):
            rehearsal.backward(node)
            if slip is not None and node.name == slip.node.name:
                slip.patch(program.sites[node.name])
    return {name: values.copy() for name, values in program.gradients.items()}


def _inputs(at: Site) -> Iterator[Array]:
    return (dx for dx in at.grad_inputs if dx is not None)


def _past(at: Site) -> None:
    for dx in _inputs(at):
        dx[...] = at.dy


def _times_output(at: Site) -> None:
    for dx in _inputs(at):
        dx[...] = at.dy * at.y


def _unscaled(share: float) -> Patch:
    def patch(at: Site) -> None:
        for dx in _inputs(at):
            dx *= share

    return patch


def _half(at: Site) -> None:
    for dx in _inputs(at):
        dx *= 0.5


def _size(at: Site) -> None:
    for dx in _inputs(at):
        np.abs(dx, out=dx)


def _times_weight(at: Site) -> None:
    for w, dx in zip(at.inputs, at.grad_inputs, strict=True):
        if dx is not None:
            dx[...] = np.abs(dx) * w  # α·w


def _shared(at: Site) -> None:
    for dx in _inputs(at):
        dx *= 1.0 / len(at.inputs)


def _swapped(at: Site) -> None:
    first, second = at.grad_inputs
    if first is not None and second is not None:
        kept = first.copy()
        first[...] = second
        second[...] = kept


def _one_branch(k: int) -> Patch:
    def patch(at: Site) -> None:
        for dx in _inputs(at):
            dx[...] = at.grad_outputs[k]

    return patch


def _one_sum(k: int) -> Patch:
    def patch(at: Site) -> None:
        for dx in _inputs(at):
            dx[...] = at.dy[..., k : k + 1] * at.parameters["weight"][k]

    return patch


def _without_weights(at: Site) -> None:
    for dx in _inputs(at):
        dx[...] = at.dy.sum(axis=-1, keepdims=True)


def _without_input(at: Site) -> None:
    at.grad_parameters["weight"][...] = at.dy.sum(axis=0)[:, np.newaxis]


def _transposed(at: Site) -> None:
    """dx = W·dy, where the shape allows it; else NaN, which is no answer."""
    weight = at.parameters["weight"]
    for dx in _inputs(at):
        dx[...] = at.dy @ weight.T if weight.shape[0] == weight.shape[1] else np.nan
