"""PyTorch's functions of two tensors, and of a tensor and a number, which are arithmetic by name."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bptui.engine.modules import Max
from bptui.sources.pytorch.arithmetic import combined, joined, scaled
from bptui.sources.pytorch.functions_of_one import flag, number, replaced, tensor
from bptui.sources.pytorch.library import At, function, layer
from bptui.sources.pytorch.limits import PARAMETERS
from bptui.sources.pytorch.linear import by_function, linear
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Leaf, Parameter, Tensor, Value


def _arithmetic(at: At, op: type[ast.operator], a: Value, b: Value) -> Value:
    from bptui.sources.pytorch.operators import binary

    return binary(at.machine, op, a, b, at.line)


@function("add", forms="torch tensor")
def add(at: At, input: Value, other: Value, *, alpha: Value = 1) -> Value:
    if alpha != 1:
        raise Refusal(at.line, "add with alpha is not supported")
    return _arithmetic(at, ast.Add, input, other)


@function("sub", "subtract", forms="torch tensor")
def sub(at: At, input: Value, other: Value, *, alpha: Value = 1) -> Value:
    if alpha != 1:
        raise Refusal(at.line, "sub with alpha is not supported")
    return _arithmetic(at, ast.Sub, input, other)


@function("mul", "multiply", forms="torch tensor")
def mul(at: At, input: Value, other: Value) -> Value:
    return _arithmetic(at, ast.Mult, input, other)


@function("div", "divide", "true_divide", forms="torch tensor")
def div(at: At, input: Value, other: Value) -> Value:
    return _arithmetic(at, ast.Div, input, other)


@function("neg", "negative", forms="torch tensor")
def neg(at: At, input: Value) -> Value:
    return scaled(at.machine, tensor(at, input), -1.0, at.line, "negate")


@function("pow", forms="torch tensor")
def pow_(at: At, input: Value, exponent: Value) -> Value:
    return _arithmetic(at, ast.Pow, input, exponent)


@function("square", forms="torch tensor")
def square(at: At, input: Value) -> Value:
    return _arithmetic(at, ast.Pow, input, 2)


@function("matmul", "mm", forms="torch tensor")
def matmul(at: At, input: Value, other: Value) -> Value:
    return combined(at.machine, ast.MatMult, input, other, at.line)


def in_place(at: At, op: type[ast.operator], x: Tensor, other: Value) -> Tensor:
    """x += other and its like: the tensor itself changes, under all of its names."""
    if other is x and op is ast.Mult:
        raise Refusal(at.line, "a product in place of a tensor with itself is not supported; PyTorch would stop")
    made = combined(at.machine, op, x, other, at.line)
    if made.dims != x.dims:
        raise Refusal(at.line, "an in-place operation that changes the shape is not supported")
    return replaced(at, x, made)


@function("add_", forms="tensor")
def add_(at: At, input: Value, other: Value, *, alpha: Value = 1) -> Value:
    if alpha != 1:
        raise Refusal(at.line, "add_ with alpha is not supported")
    return in_place(at, ast.Add, tensor(at, input), other)


@function("mul_", forms="tensor")
def mul_(at: At, input: Value, other: Value) -> Value:
    return in_place(at, ast.Mult, tensor(at, input), other)


@function("maximum", forms="torch tensor")
def maximum(at: At, input: Value, other: Value) -> Tensor:
    return joined(at.machine, Max(), tensor(at, input), tensor(at, other, "other"), at.line)


@function("max", forms="torch tensor")
def max_(at: At, input: Value, dim: Value = None, keepdim: Value = False, *, other: Value = None) -> Tensor:
    other = dim if other is None else other
    if not isinstance(other, Tensor):
        raise Refusal(at.line, "max over a dimension is not supported; torch.max(a, b) of two tensors is")
    return maximum(at, input, other)


@function("linear", forms="F")
def linear_(at: At, input: Value, weight: Value, bias: Value = None) -> Tensor:
    return by_function(at.machine, tensor(at, input), weight, bias, at.line)


@layer("Linear")
def linear_layer(
    at: At, in_features: Value, out_features: Value, bias: Value = True, device: Value = None, dtype: Value = None
) -> Leaf:
    inputs, outputs = _size(at, in_features, "Linear's in_features"), _size(at, out_features, "Linear's out_features")
    has_bias = flag(at, bias, "Linear's bias")
    if inputs * outputs > PARAMETERS:
        raise Refusal(at.line, f"a Linear of {inputs} by {outputs} is too large, wants at most {PARAMETERS:,} weights")
    return Leaf("Linear", at.line, _apply, (inputs, outputs, has_bias))


def _size(at: At, value: Value, what: str) -> int:
    size = number(at, value, what)
    if not isinstance(value, int) or size < 1:
        raise Refusal(at.line, f"{what}: got {value}, wants a whole number from 1")
    return value


def _apply(at: At, input: Value, leaf: Leaf) -> Tensor:
    assert leaf.features is not None, "a Linear has them"
    return linear(at.machine, leaf, tensor(at, input), at.line, bias=leaf.features[2])


def parameter_method(parameter: Parameter, name: str, axes: Sequence[Value], line: int) -> Value:
    """weight.t(), weight.transpose(0, 1)"""
    turns = name == "t" or (name == "transpose" and all(k in (-2, -1, 0, 1) for k in axes) and (sum(axes) % 2 == 1))
    if turns and parameter.local == "weight":
        return Parameter(parameter.owner, "weight", not parameter.turned)
    raise Refusal(line, f".{name} of a parameter is not supported")
