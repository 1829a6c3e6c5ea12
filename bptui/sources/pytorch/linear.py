"""Linear: called as a module, written as F.linear, or as a product with the weight of one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bptui.engine.modules import Linear
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.shapes import wanted
from bptui.sources.pytorch.values import Dims, Leaf, Parameter, Tensor, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine

PRODUCT = "@ is supported between a vector a sample and the weight of a Linear: x @ self.fc.weight.T"


def linear(machine: Machine, leaf: Leaf, x: Tensor, line: int, *, bias: bool, at: int | None = None) -> Tensor:
    """The call of a Linear on a tensor. `at` is the line that it is shown at, if another. Raises Refusal, Halted."""
    assert leaf.features is not None, "only a Linear comes here"
    inputs, outputs, _ = leaf.features
    place = at or line
    if leaf.path is None:
        raise Refusal(
            leaf.line,
            "this Linear is no attribute of the net: PyTorch would not find its parameters. Make it in __init__ as an "
            "attribute or in an nn.ModuleList, not in a plain list or in forward",
        )
    title = leaf.path or "linear"
    wanted(x, (inputs,), f"from the first Linear ({title}, line {leaf.line})")
    dims = x.dims
    assert dims is not None, "just seen"
    problem = "" if dims and dims[-1] == inputs else _problem(x, inputs, outputs)
    if problem:
        given = x.counts[-1] if x.counts else 0
        hint = f"{title} wants {inputs} numbers in the last axis, {given} are given"
        machine.builder.halt(called(leaf), problem, (x,), place, hint)
    if not x.is_flat:
        what = f"a Linear on the last axis of {list(x.counts)} is not supported; wants one vector a sample"
        raise Refusal(line, what)
    shares = leaf.path if leaf.calls else None
    made_dims: Dims = (*dims[:-1], outputs)
    made = machine.builder.add(called(leaf), Linear(outputs, bias), (x,), made_dims, place, letter="s", shares=shares)
    leaf.calls += 1
    leaf.reads |= {"weight", "bias"} if bias else {"weight"}
    return made


def _problem(x: Tensor, inputs: int, outputs: int) -> str:
    counts = x.counts
    if not counts:
        return "both arguments to linear need to be at least 1D, but they are 0D and 2D"
    if counts[-1] != inputs:
        rows = math.prod(counts[:-1])
        return f"mat1 and mat2 shapes cannot be multiplied ({rows}x{counts[-1]} and {inputs}x{outputs})"
    return ""


def called(leaf: Leaf) -> str:
    """The name of the node that this call of a module makes."""
    return f"{leaf.path}" if not leaf.calls else f"{leaf.path}-{leaf.calls + 1}"


def by_function(machine: Machine, x: Tensor, weight: Value, bias: Value, line: int) -> Tensor:
    """F.linear(x, weight, bias) with the parameters of a Linear."""
    if not isinstance(weight, Parameter) or weight.local != "weight" or weight.turned:
        raise Refusal(
            line, "F.linear is supported with the weight of a Linear: F.linear(x, self.fc.weight, self.fc.bias)"
        )
    if bias is not None and not (isinstance(bias, Parameter) and bias.local == "bias" and bias.owner is weight.owner):
        raise Refusal(line, "F.linear is supported with the bias of the Linear that has the weight, or none")
    return linear(machine, weight.owner, x, line, bias=bias is not None)


def times_parameter(machine: Machine, left: Value, right: Value, line: int) -> Tensor:
    """x @ W.T, or W @ x of one sample."""
    if isinstance(left, Tensor) and isinstance(right, Parameter) and right.local == "weight" and right.turned:
        return linear(machine, right.owner, left, line, bias=False)
    weight = isinstance(left, Parameter) and left.local == "weight" and not left.turned
    if weight and isinstance(right, Tensor) and right.dims is not None and len(right.dims) == 1 and not right.batched:
        inputs, outputs, _ = left.owner.features
        if right.counts[0] != inputs:
            problem = f"size mismatch, got input ({outputs}), mat ({outputs}x{inputs}), vec ({right.counts[0]})"
            machine.builder.halt(called(left.owner), problem, (right,), line)
        return linear(machine, left.owner, right, line, bias=False)
    raise Refusal(line, PRODUCT)


def with_bias(machine: Machine, left: Value, right: Value, line: int) -> Tensor:
    """x @ W.T + b: the product that was just taken becomes a Linear with its bias."""
    x, bias = (left, right) if isinstance(right, Parameter) else (right, left)
    last = machine.builder.drafts[-1] if machine.builder.drafts else None
    if not isinstance(x, Tensor) or not isinstance(bias, Parameter) or bias.local != "bias" or last is None:
        raise Refusal(line, f"this use of a parameter is not supported; {PRODUCT}")
    owner = bias.owner.path
    if last.makes is not x.variable or not isinstance(last.module, Linear) or owner not in (last.name, last.shares):
        raise Refusal(line, "a bias is supported right behind the product with the weight of the same Linear")
    if last.module.bias:
        raise Refusal(line, "this bias is added already")
    if last.shares is not None and "bias" not in bias.owner.reads:
        raise Refusal(line, "the first use of this Linear has no bias; wants it there too")
    bias.owner.reads.add("bias")
    return machine.builder.instead(x, Linear(last.module.features, True))
