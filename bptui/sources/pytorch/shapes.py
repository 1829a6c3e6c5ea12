"""Shapes as PyTorch has them: what fits, and what PyTorch says where it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NoReturn

from bptui.engine.buffers import Shape
from bptui.sources.pytorch.problem import MixesBatchError, Refusal, ShapeFound
from bptui.sources.pytorch.values import Batch, Dim, Dims, Tensor, Value

FLATTEN_BATCH = "would join the samples of the batch; x.view(x.size(0), -1) keeps them apart"


def out_of_step(a: Sequence[int], b: Sequence[int]) -> str:
    """What PyTorch says of two shapes that cannot be broadcast to one; empty if they can."""
    rank = max(len(a), len(b))
    wide_a, wide_b = ([1] * (rank - len(shape)) + list(shape) for shape in (a, b))
    for k in reversed(range(rank)):
        m, n = wide_a[k], wide_b[k]
        if m != n and 1 not in (m, n):
            return f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension {k}"
    return ""


def known(x: Tensor, other: Tensor, why: str, line: int) -> NoReturn:
    """Tell the shape of the input that `x` comes from: it is the other tensor's."""
    raise ShapeFound(x.origin, other.sample, f"from {why}, line {line}")


def wanted(x: Tensor, shape: Shape, why: str) -> None:
    """Tell the shape of the input that `x` comes from, if that is not known."""
    if x.dims is None:
        raise ShapeFound(x.origin, shape, why)


def dims_of(x: Tensor, line: int) -> Dims:
    """The shape of a tensor. Raises Refusal if it is not known."""
    if x.dims is None:
        raise Refusal(line, f"the shape of {x.origin} is not known; --input-shape gives it, such as 3,10,20")
    return x.dims


def axis(dim: Value, rank: int, line: int) -> int | str:
    """An axis counted from 0, or what PyTorch says of one that does not exist."""
    if not isinstance(dim, int) or isinstance(dim, bool):
        raise Refusal(line, "dim: wants a whole number that is known")
    rank = max(rank, 1)
    if not -rank <= dim < rank:
        return f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {dim})"
    return dim % rank


def reshaped(dims: Dims, wanted_dims: Sequence[Value], line: int) -> Dims | str:
    """The shape that view or reshape gives, or what PyTorch says where the entries do not fit.

    Raises MixesBatchError where the samples of the batch would be joined.
    """
    batch = dims[0] if dims and isinstance(dims[0], Batch) else None
    sizes: list[Dim] = []
    for size in wanted_dims:
        if not isinstance(size, Batch | int) or isinstance(size, bool):
            raise Refusal(line, "view: wants sizes that are known")
        sizes.append(size)
    if sum(size == -1 for size in sizes) > 1:
        return "only one dimension can be inferred"
    entries = math.prod(_count(d) for d in dims)
    given = math.prod(_count(size) for size in sizes if size != -1)
    text = ", ".join(str(_count(size)) for size in sizes)
    fits = given and entries % given == 0 if -1 in sizes else given == entries
    if not fits:
        return f"shape '[{text}]' is invalid for input of size {entries}"
    if batch is None:
        return tuple(entries // given if size == -1 else size for size in sizes)
    if sizes == [-1] and math.prod(_count(d) for d in dims[1:]) == 1:
        return (batch,)  # one number a sample: none are joined
    return _batched(dims, batch, sizes, line)


def _batched(dims: Dims, batch: Batch, sizes: list[Dim], line: int) -> Dims | str:
    """Sizes that hold the batch: the first axis stays, by name, by number, or by what −1 stands for."""
    sample = math.prod(d for d in dims[1:] if isinstance(d, int))
    first, *rest = sizes or [1]
    numbers = [size for size in rest if isinstance(size, int)]
    if len(numbers) < len(rest):
        raise MixesBatchError(line, "moves the axis of the batch, which is not supported")
    if isinstance(first, Batch) or (batch.known and first == batch.count):
        inner = math.prod(size for size in numbers if size != -1)
        if -1 in rest:
            return (batch, *(sample // inner if size == -1 else size for size in numbers))
        if inner == sample:
            return (batch, *numbers)
    if first == -1 and math.prod(numbers) == sample and rest:
        return (batch, *numbers)
    raise MixesBatchError(line, f"this view {FLATTEN_BATCH}")


def _count(size: Dim) -> int:
    return size.count if isinstance(size, Batch) else size


def flattened(dims: Dims, start: int, end: int, line: int) -> Dims | str:
    """The shape after flatten(start, end), both counted from 0."""
    if start > end:
        return "flatten() has invalid args: start_dim cannot come after end_dim"
    if not dims:
        return (1,)
    part = dims[start : end + 1]
    if len(part) > 1 and isinstance(part[0], Batch):
        raise MixesBatchError(line, f"flatten from dim 0 {FLATTEN_BATCH}")
    if len(part) == 1:
        return dims
    joined = math.prod(d for d in part if isinstance(d, int))
    return (*dims[:start], joined, *dims[end + 1 :])
