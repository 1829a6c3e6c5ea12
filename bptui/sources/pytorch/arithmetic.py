"""Arithmetic with tensors: + - * / @ and powers, as modules of the engine."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bptui.engine.module import Module
from bptui.engine.modules import Add, Max, Multiply, Scale, Shift
from bptui.sources.pytorch.linear import times_parameter, with_bias
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.shapes import known, out_of_step
from bptui.sources.pytorch.values import Batch, Parameter, Stack, Tensor, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine

SUPPORTED = "supported are + - * of two tensors of one shape, + - * / with a number, ** 2, and @ with a Linear's weight"


def combined(machine: Machine, op: type[ast.operator], left: Value, right: Value, line: int) -> Value:
    """left op right, where at least one is a tensor. Raises Refusal, and Halted on a mistake with shapes."""
    if op is ast.MatMult:
        return times_parameter(machine, left, right, line)
    if isinstance(left, Parameter) or isinstance(right, Parameter):
        if op is ast.Add:
            return with_bias(machine, left, right, line)
        raise Refusal(line, f"this use of a parameter is not supported; {SUPPORTED}")
    if isinstance(left, Stack) or isinstance(right, Stack):
        raise Refusal(line, "stacked tensors can only be summed or averaged along dim 0")
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        if op is ast.Add:
            return joined(machine, Add(), left, right, line)
        if op is ast.Sub:
            return joined(machine, Add(), left, scaled(machine, right, -1.0, line, "negate"), line)
        if op is ast.Mult:
            return joined(machine, Multiply(), left, right, line)
    elif isinstance(left, Tensor) and _number(right):
        return _with_number(machine, op, left, float(right), line)
    elif isinstance(right, Tensor) and _number(left):
        return _number_with(machine, op, float(left), right, line)
    raise Refusal(line, f"this arithmetic is not supported; {SUPPORTED}")


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, Batch)


def _with_number(machine: Machine, op: type[ast.operator], x: Tensor, number: float, line: int) -> Tensor:
    if op is ast.Add:
        return shifted(machine, x, number, line)
    if op is ast.Sub:
        return shifted(machine, x, -number, line)
    if op is ast.Mult:
        return scaled(machine, x, number, line)
    if op is ast.Div and number != 0.0:
        return scaled(machine, x, 1.0 / number, line)
    if op is ast.Pow and number == 2.0:
        return joined(machine, Multiply(), x, x, line, "square")
    raise Refusal(line, f"this arithmetic is not supported; {SUPPORTED}")


def _number_with(machine: Machine, op: type[ast.operator], number: float, x: Tensor, line: int) -> Tensor:
    if op is ast.Add:
        return shifted(machine, x, number, line)
    if op is ast.Sub:
        return shifted(machine, scaled(machine, x, -1.0, line, "negate"), number, line)
    if op is ast.Mult:
        return scaled(machine, x, number, line)
    raise Refusal(line, f"this arithmetic is not supported; {SUPPORTED}")


NAMES: dict[type[Module], str] = {Add: "add", Multiply: "mul", Max: "max"}


def joined(machine: Machine, module: Module, a: Tensor, b: Tensor, line: int, name: str = "") -> Tensor:
    """A module of two tensors that must have one shape."""
    name = name or NAMES[type(module)]
    a, b = _known_by_the_other(machine, a, b, line)
    if a.dims != b.dims:
        problem = out_of_step(a.counts, b.counts)
        if problem:
            machine.builder.halt(machine.builder.free(name), problem, (a, b), line)
        if a.counts == b.counts:
            raise Refusal(line, "arithmetic of what the net makes with a tensor of the file is not supported")
        raise Refusal(
            line, f"{_shape(a)} and {_shape(b)} are broadcast to one shape by PyTorch, which is not supported"
        )
    if a.variable.shape != b.variable.shape:
        raise Refusal(line, "these tensors were reshaped, which is supported only where they are flattened again")
    return machine.builder.add(machine.builder.free(name), module, (a, b), a.dims, line)


def _known_by_the_other(machine: Machine, a: Tensor, b: Tensor, line: int) -> tuple[Tensor, Tensor]:
    """Two tensors whose shapes are known; where one is not, it must be the other's, if anything is to come of it."""
    if a.dims is None and b.dims is not None:
        known(a, b, "the tensor that it meets", line)
    if b.dims is None and a.dims is not None:
        known(b, a, "the tensor that it meets", line)
    if a.dims is None and b.dims is None and a.origin != b.origin:
        raise Refusal(
            line, f"the shapes of {a.origin} and {b.origin} are not known; --input-shape gives them, in order"
        )
    return a, b


def _shape(x: Tensor) -> str:
    return str(list(x.counts))


def scaled(machine: Machine, x: Tensor, factor: float, line: int, name: str = "scale") -> Tensor:
    return machine.builder.add(machine.builder.free(name), Scale(factor), (x,), x.dims, line)


def shifted(machine: Machine, x: Tensor, number: float, line: int) -> Tensor:
    return machine.builder.add(machine.builder.free("shift"), Shift(number), (x,), x.dims, line)
