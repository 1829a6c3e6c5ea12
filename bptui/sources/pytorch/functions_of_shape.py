"""PyTorch's functions that look at shapes, change them, or sum over them."""

from __future__ import annotations

import math
from dataclasses import replace

from bptui.engine.modules import Concatenate, Flatten, Scale, Sum
from bptui.sources.pytorch.functions_of_one import flag, tensor
from bptui.sources.pytorch.library import At, function, layer
from bptui.sources.pytorch.problem import MixesBatchError, Refusal, ShapeFound
from bptui.sources.pytorch.shapes import FLATTEN_BATCH, axis, dims_of, flattened, reshaped
from bptui.sources.pytorch.values import Batch, Dims, Leaf, Stack, Tensor, Value


@function("size", forms="tensor")
def size(at: At, input: Value, dim: Value = None) -> Value:
    x = tensor(at, input)
    if x.dims is None and dim == 0 and at.machine.builder.batched:
        return Batch(at.machine.builder.batch, at.machine.builder.counted)
    dims = dims_of(x, at.line)
    if dim is None:
        return dims
    place = axis(dim, len(dims), at.line)
    if isinstance(place, str):
        at.machine.builder.halt("size", place, (x,), at.line)
    return dims[place]


@function("dim", "ndimension", forms="tensor")
def dim_(at: At, input: Value) -> Value:
    return len(dims_of(tensor(at, input), at.line))


@function("numel", "nelement", forms="tensor torch")
def numel(at: At, input: Value) -> Value:
    dims = dims_of(tensor(at, input), at.line)
    if any(isinstance(d, Batch) for d in dims):
        raise MixesBatchError(at.line, "the number of entries of a whole batch is not supported")
    return math.prod(d for d in dims if isinstance(d, int))


# -- views


@function("view", "reshape", forms="tensor")
def view(at: At, input: Value, *shape: Value) -> Tensor:
    x = tensor(at, input)
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    if x.dims is None:
        return _of_unknown_shape(at, x, sizes)
    return _viewed(at, x, reshaped(x.dims, sizes, at.line), "view")


@function("reshape", forms="torch")
def reshape(at: At, input: Value, shape: Value) -> Tensor:
    return view(at, input, shape)


def _of_unknown_shape(at: At, x: Tensor, sizes: Value) -> Tensor:
    """A view of an input whose shape is not known: it may tell it, as view(-1, 784), or only make it flat."""
    last = sizes[-1] if sizes else None
    if len(sizes) == 2 and isinstance(last, int) and last > 0 and (sizes[0] == -1 or isinstance(sizes[0], Batch)):
        raise ShapeFound(x.origin, (last,), f"from the view on line {at.line}")
    if len(sizes) == 2 and last == -1 and isinstance(sizes[0], Batch):
        return x
    if tuple(sizes) == (-1,):
        if at.machine.builder.batched:
            raise MixesBatchError(at.line, f"view(-1) {FLATTEN_BATCH}")
        return x
    dims_of(x, at.line)
    return x


@function("flatten", forms="tensor torch")
def flatten(at: At, input: Value, start_dim: Value = 0, end_dim: Value = -1) -> Tensor:
    x = tensor(at, input)
    if x.dims is None and end_dim == -1 and start_dim == at.machine.builder.batched:
        return x  # flat it will be
    if x.dims is None and (start_dim, end_dim) == (0, -1):
        raise MixesBatchError(at.line, f"flatten from dim 0 {FLATTEN_BATCH}")
    dims = dims_of(x, at.line)
    places = [axis(dim, len(dims), at.line) for dim in (start_dim, end_dim)]
    for place in places:
        if isinstance(place, str):
            at.machine.builder.halt(at.title("flatten"), place, (x,), at.line)
    start, end = (place for place in places if isinstance(place, int))
    return _viewed(at, x, flattened(dims, start, end, at.line), "flatten")


@layer("Flatten")
def flatten_layer(at: At, start_dim: Value = 1, end_dim: Value = -1) -> Leaf:
    return Leaf("Flatten", at.line, lambda at, input: flatten(at, input, start_dim, end_dim))


@function("ravel", forms="tensor torch")
def ravel(at: At, input: Value) -> Tensor:
    return flatten(at, input)


def _viewed(at: At, x: Tensor, dims: Dims | str, kind: str, *, flat: bool = True) -> Tensor:
    """The tensor under another shape: a Flatten where one vector a sample comes of it, else only a new view."""
    if isinstance(dims, str):
        at.machine.builder.halt(at.title(kind), dims, (x,), at.line)
    made = Tensor(x.variable, dims, views=True)
    if made.width is not None and (flat or not made.is_flat):
        made = at.machine.builder.add(at.title("flatten"), Flatten(), (x,), dims, at.line, letter="z")
        made.views = True
    x.views = True
    return made


@function("squeeze", forms="tensor torch")
def squeeze(at: At, input: Value, dim: Value = None) -> Tensor:
    x = tensor(at, input)
    dims = dims_of(x, at.line)
    if dim is None:
        if any(isinstance(d, Batch) and d.count == 1 for d in dims):
            at.machine.builder.warn(f"line {at.line}: squeeze() leaves the axis of the batch, as with several samples")
        return _viewed(at, x, tuple(d for d in dims if d != 1), "squeeze", flat=False)
    place = axis(dim, len(dims), at.line)
    if isinstance(place, str):
        at.machine.builder.halt(at.title("squeeze"), place, (x,), at.line)
    return _viewed(at, x, (*dims[:place], *dims[place + 1 :]) if dims[place] == 1 else dims, "squeeze", flat=False)


@function("unsqueeze", forms="tensor torch")
def unsqueeze(at: At, input: Value, dim: Value) -> Tensor:
    x = tensor(at, input)
    dims = dims_of(x, at.line)
    place = axis(dim, len(dims) + 1, at.line)
    if isinstance(place, str):
        at.machine.builder.halt(at.title("unsqueeze"), place, (x,), at.line)
    if place == 0 and x.batched:
        raise MixesBatchError(at.line, "an axis before that of the batch is not supported")
    return _viewed(at, x, (*dims[:place], 1, *dims[place:]), "unsqueeze", flat=False)


# -- sums


@function("sum", forms="tensor torch")
def sum_(
    at: At, input: Value, dim: Value = None, keepdim: Value = False, dtype: Value = None, axis: Value = None
) -> Value:
    return _summed(at, input, dim if axis is None else axis, keepdim, "sum")


@function("mean", forms="tensor torch")
def mean(
    at: At, input: Value, dim: Value = None, keepdim: Value = False, dtype: Value = None, axis: Value = None
) -> Value:
    return _summed(at, input, dim if axis is None else axis, keepdim, "mean")


def _summed(at: At, input: Value, dim: Value, keepdim: Value, kind: str) -> Value:
    if isinstance(input, Stack):
        return _sum_of_stack(at, input, dim, kind)
    x = tensor(at, input)
    dims, kept = dims_of(x, at.line), flag(at, keepdim, "keepdim")
    chosen = tuple(range(len(dims))) if dim is None else tuple(dim) if isinstance(dim, tuple | list) else (dim,)
    places: list[int] = []
    for each in chosen:
        place = axis(each, len(dims), at.line)
        if isinstance(place, str):
            at.machine.builder.halt(at.title(kind), place, (x,), at.line)
        places.append(place)
    if any(isinstance(dims[place], Batch) for place in places if dims):
        raise MixesBatchError(at.line, f"{kind} over dim 0 joins the samples of the batch; wants dim=1")
    if x.variable.shape != (x.sample or (1,)):
        raise Refusal(at.line, f"{kind} of a tensor that was reshaped is not supported")
    if not dims:
        return x
    made_dims = tuple(1 if k in places else d for k, d in enumerate(dims) if kept or k not in places)
    axes = tuple(sorted(place - x.batched for place in set(places)))
    entries = math.prod(x.sample[k] for k in axes)
    made = at.machine.builder.add(at.title("sum"), Sum(axes), (x,), made_dims, at.line)
    if kind == "mean":
        made = at.machine.builder.add(
            at.machine.builder.free("mean"), Scale(1.0 / entries), (made,), made_dims, at.line
        )
    return made


def _sum_of_stack(at: At, stack: Stack, dim: Value, kind: str) -> Tensor:
    from bptui.engine.modules import Add

    if dim != stack.dim:
        raise Refusal(at.line, f"stacked tensors can only be summed or averaged along dim {stack.dim}")
    first = stack.tensors[0]
    if len(stack.tensors) == 1:
        return first
    made: Tensor = at.machine.builder.add(at.title("add"), Add(), stack.tensors, first.dims, at.line)
    if kind == "mean":
        share = Scale(1.0 / len(stack.tensors))
        made = at.machine.builder.add(at.machine.builder.free("mean"), share, (made,), first.dims, at.line)
    return made


# -- several tensors


@function("cat", "concat", "concatenate", forms="torch")
def cat(at: At, tensors: Value, dim: Value = 0, axis: Value = None) -> Tensor:
    from bptui.sources.pytorch.shapes import axis as axis_of

    dim = dim if axis is None else axis
    parts = _parts(at, tensors)
    dims = [dims_of(x, at.line) for x in parts]
    place = axis_of(dim, len(dims[0]), at.line)
    problem = place if isinstance(place, str) else _cat_problem([x.counts for x in parts], place)
    if problem or isinstance(place, str):
        at.machine.builder.halt(at.title("cat"), problem, parts, at.line)
    if isinstance(dims[0][place], Batch):
        raise MixesBatchError(at.line, "cat over dim 0 joins the samples of several batches; wants dim=1")
    if any(len(x.sample) != 1 or x.variable.shape != x.sample for x in parts):
        raise Refusal(at.line, "cat is supported between vectors, one a sample")
    if len(parts) == 1:
        return replace(parts[0])
    joined = (*dims[0][:-1], sum(x.sample[0] for x in parts))
    made: Tensor = at.machine.builder.add(at.title("cat"), Concatenate(), parts, joined, at.line)
    return made


@function("hstack", forms="torch")
def hstack(at: At, tensors: Value) -> Tensor:
    parts = _parts(at, tensors)
    return cat(at, tensors, dim=0 if len(dims_of(parts[0], at.line)) == 1 else 1)


def _cat_problem(shapes: list[tuple[int, ...]], place: int) -> str:
    first = shapes[0]
    for k, shape in enumerate(shapes[1:], 1):
        if len(shape) != len(first):
            return f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
        for d, (m, n) in enumerate(zip(first, shape, strict=True)):
            if d != place and m != n:
                return (
                    f"Sizes of tensors must match except in dimension {place}. Expected size {m} but got size {n} "
                    f"for tensor number {k} in the list."
                )
    return ""


@function("stack", forms="torch")
def stack(at: At, tensors: Value, dim: Value = 0) -> Value:
    parts = _parts(at, tensors)
    first = dims_of(parts[0], at.line)
    for k, x in enumerate(parts):
        if dims_of(x, at.line) != first:
            problem = f"stack expects each tensor to be equal size, but got {list(parts[0].counts)} at entry 0 and "
            at.machine.builder.halt(at.title("stack"), problem + f"{list(x.counts)} at entry {k}", parts, at.line)
    if dim != 0 or any(x.variable.shape != parts[0].variable.shape for x in parts):
        raise Refusal(at.line, "stack is supported along dim 0, for a sum or a mean along it")
    return Stack(tuple(replace(x) for x in parts), 0)  # as they are now: in-place operations come too late for it


def _parts(at: At, tensors: Value) -> list[Tensor]:
    if not isinstance(tensors, tuple | list) or not tensors:
        raise Refusal(at.line, "wants a list or a tuple of tensors")
    return [tensor(at, each) for each in tensors]
