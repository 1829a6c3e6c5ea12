"""PyTorch's functions of one tensor, in all their forms, and the modules that are the same."""

from __future__ import annotations

from typing import Any

from bptui.engine.module import Module
from bptui.engine.modules import Dropout, LeakyReLU, LogSoftMax, ReLU, Sigmoid, SoftMax, Softplus, Tanh
from bptui.sources.pytorch.library import At, function, layer
from bptui.sources.pytorch.problem import MixesBatchError, Refusal
from bptui.sources.pytorch.shapes import axis, dims_of
from bptui.sources.pytorch.values import Batch, Leaf, Library, Tensor, Unknown, Value

NUMBERS = (int, float)


def tensor(at: At, value: Value, what: str = "input") -> Tensor:
    """The value, which must be a tensor. Raises Refusal."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Unknown):
        raise Refusal(value.line, value.why)
    if isinstance(value, Leaf):
        made = f"nn.{value.kind}"
        raise Refusal(value.line, f"{made}(…) makes a module, which is not called here; {made}()(x) calls it")
    raise Refusal(at.line, f"{what}: wants a tensor that the net computes")


def number(at: At, value: Value, what: str) -> float:
    """The value, which must be a number. Raises Refusal."""
    if isinstance(value, Unknown):
        raise Refusal(value.line, f"{what} is not known: {value.why}")
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        raise Refusal(at.line, f"{what}: wants a number that is known")
    return float(value)


def flag(at: At, value: Value, what: str) -> bool:
    """The value, which must be true or false. Raises Refusal."""
    if not isinstance(value, bool | int):
        raise Refusal(at.line, f"{what}: wants True or False, known without running the file")
    return bool(value)


def pointwise(at: At, module: Module, kind: str, x: Value, inplace: Value = False, letter: str = "z") -> Tensor:
    """A module that keeps the shape; in place, it replaces the tensor."""
    x = tensor(at, x)
    made: Tensor = at.machine.builder.add(at.title(kind), module, (x,), x.dims, at.line, letter=letter)
    if inplace is False or not flag(at, inplace, "inplace"):
        return made
    return replaced(at, x, made)


def replaced(at: At, x: Tensor, made: Tensor) -> Tensor:
    """The tensor itself, which an in-place operation has changed."""
    if x.views:
        raise Refusal(at.line, "an in-place operation on a view is not supported, since it changes other tensors too")
    if at.machine.builder.saved(x.variable):
        raise Refusal(at.line, "backward needs the numbers that this in-place operation overwrites; PyTorch would stop")
    if made.variable.name is None:
        made.variable.name = x.variable.name
    drafts = at.machine.builder.drafts
    if isinstance(drafts[-1].module, LeakyReLU):
        at.machine.builder.overwriting.add(made.variable)
    x.variable, x.origin, x.numbers = made.variable, made.origin, None
    return x


def _as_layer(form: Any, *settings: Value) -> Any:
    """What a module does when it is called: the function, with the settings of the constructor."""
    return lambda at, input: form(at, input, *settings)


@function("relu")
def relu(at: At, input: Value, inplace: Value = False) -> Tensor:
    return pointwise(at, ReLU(), "relu", input, inplace)


@function("relu_")
def relu_(at: At, input: Value) -> Tensor:
    return relu(at, input, True)


@layer("ReLU")
def relu_layer(at: At, inplace: Value = False) -> Leaf:
    return Leaf("ReLU", at.line, _as_layer(relu, inplace))


@function("leaky_relu", forms="F")
def leaky_relu(at: At, input: Value, negative_slope: Value = 0.01, inplace: Value = False) -> Tensor:
    slope = number(at, negative_slope, "negative_slope")
    return pointwise(at, LeakyReLU(slope), "leaky", input, inplace)


@layer("LeakyReLU")
def leaky_relu_layer(at: At, negative_slope: Value = 0.01, inplace: Value = False) -> Leaf:
    return Leaf("LeakyReLU", at.line, _as_layer(leaky_relu, negative_slope, inplace))


@function("sigmoid")
def sigmoid(at: At, input: Value) -> Tensor:
    return pointwise(at, Sigmoid(), "sigmoid", input)


@layer("Sigmoid")
def sigmoid_layer(at: At) -> Leaf:
    return Leaf("Sigmoid", at.line, sigmoid)


@function("tanh")
def tanh(at: At, input: Value) -> Tensor:
    return pointwise(at, Tanh(), "tanh", input)


@layer("Tanh")
def tanh_layer(at: At) -> Leaf:
    return Leaf("Tanh", at.line, tanh)


@function("sigmoid_", "tanh_")
def in_place(at: At, input: Value) -> Tensor:
    raise Refusal(at.line, "this in-place form is not supported; use the one without _")


@function("softplus", forms="F")
def softplus(at: At, input: Value, beta: Value = 1.0, threshold: Value = 20.0) -> Tensor:
    if number(at, beta, "beta") != 1.0 or number(at, threshold, "threshold") < 20.0:
        raise Refusal(at.line, "softplus is supported with beta 1 and threshold 20, PyTorch's defaults")
    return pointwise(at, Softplus(), "softplus", input)


@layer("Softplus")
def softplus_layer(at: At, beta: Value = 1.0, threshold: Value = 20.0) -> Leaf:
    return Leaf("Softplus", at.line, _as_layer(softplus, beta, threshold))


# -- softmax


@function("softmax")
def softmax(at: At, input: Value, dim: Value = None, _stacklevel: Value = 3, dtype: Value = None) -> Tensor:
    return _over_entries(at, SoftMax(), "softmax", "p", input, dim)


@function("log_softmax")
def log_softmax(at: At, input: Value, dim: Value = None, _stacklevel: Value = 3, dtype: Value = None) -> Tensor:
    return _over_entries(at, LogSoftMax(), "logsoftmax", "logp", input, dim)


@layer("Softmax")
def softmax_layer(at: At, dim: Value = None) -> Leaf:
    return Leaf("Softmax", at.line, _as_layer(softmax, dim))


@layer("LogSoftmax")
def log_softmax_layer(at: At, dim: Value = None) -> Leaf:
    return Leaf("LogSoftmax", at.line, _as_layer(log_softmax, dim))


def _over_entries(at: At, module: Module, kind: str, letter: str, input: Value, dim: Value) -> Tensor:
    x = tensor(at, input)
    dims = dims_of(x, at.line)
    if dim is None:  # as PyTorch chooses it, with a warning
        dim = 0 if len(dims) in (0, 1, 3) else 1
    place = axis(dim, len(dims), at.line)
    if isinstance(place, str):
        at.machine.builder.halt(at.title(kind), place, (x,), at.line)
    if isinstance(dims[place], Batch):
        raise MixesBatchError(at.line, f"{kind} over dim 0 compares the samples of the batch; wants dim=1")
    if not x.is_flat or place != len(dims) - 1:
        raise Refusal(at.line, f"{kind} is supported over the entries of one vector a sample, not of {list(x.counts)}")
    made: Tensor = at.machine.builder.add(at.title(kind), module, (x,), dims, at.line, letter=letter)
    return made


# -- dropout


@function("dropout", forms="F torch")
def dropout(at: At, input: Value, p: Value = 0.5, training: Value = None, inplace: Value = False) -> Tensor:
    share = number(at, p, "p")
    if training is None:
        at.machine.builder.warn(f"line {at.line}: dropout without training=self.training drops in evaluation too")
        training = True
    if not flag(at, training, "training"):
        return tensor(at, input)
    if not 0.0 <= share < 1.0:
        raise Refusal(at.line, f"dropout: p is {share:g}, wants a probability from 0 to below 1")
    return pointwise(at, Dropout(share), "dropout", input, inplace, "u")


@layer("Dropout")
def dropout_layer(at: At, p: Value = 0.5, inplace: Value = False) -> Leaf:
    return Leaf("Dropout", at.line, _as_layer(dropout, p, True, inplace))


# -- what changes no number


@layer("Identity")
def identity_layer(at: At, *arguments: Value, **keywords: Value) -> Leaf:
    return Leaf("Identity", at.line, lambda at, input: tensor(at, input))


@function("clone", forms="torch tensor")
def clone(at: At, input: Value, memory_format: Value = None) -> Tensor:
    """A tensor of its own: what is done in place to one is not done to the other."""
    x = tensor(at, input)
    return Tensor(x.variable, x.dims, x.origin)


@function(
    "to", "float", "double", "cuda", "cpu", "type_as", "type", "requires_grad_", "retain_grad", "pin_memory",
    forms="tensor",
)  # fmt: skip
def same(at: At, input: Value, *arguments: Value, **keywords: Value) -> Tensor:
    """The same numbers: on another device, or as other floating-point numbers."""
    for value in (*arguments, *keywords.values()):
        kind = value.name if isinstance(value, Library) else value if isinstance(value, str) else ""
        if kind.startswith("torch.") and kind.removeprefix("torch.") not in FLOATS:
            raise Refusal(at.line, f"{kind} has other numbers than a float, which is not supported")
    return tensor(at, input)


FLOATS = (
    "float", "double", "float32", "float64", "get_default_dtype", "FloatTensor", "DoubleTensor", "device",
    "channels_last", "contiguous_format", "preserve_format",
)  # fmt: skip


@function("contiguous", forms="tensor")
def contiguous(at: At, input: Value, memory_format: Value = None) -> Tensor:
    return tensor(at, input)


@function("detach", "item", "tolist", "numpy", "detach_", "data_ptr", forms="tensor")
def detach(at: At, input: Value) -> Value:
    if at.machine.lenient:
        return Unknown("numbers of a tensor are not known", at.line)
    raise Refusal(at.line, "detach, item and the like take a tensor out of the graph, which is not supported")
