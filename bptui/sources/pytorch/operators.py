"""Operators: between constants within bounds, between tensors as modules."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch import arithmetic, later, methods
from bptui.sources.pytorch.library import METHODS, At, bind
from bptui.sources.pytorch.limits import ENTRIES, WHOLE
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import (
    Batch,
    Container,
    Instance,
    Later,
    Library,
    Method,
    Parameter,
    Stack,
    Tensor,
    Unknown,
    Value,
    is_module,
    is_vague,
)

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine

OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
    ast.BitOr: ("|", operator.or_),
    ast.BitAnd: ("&", operator.and_),
    ast.BitXor: ("^", operator.xor),
}
SHIFTS = (ast.LShift, ast.RShift)
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
SYMBOLIC = (Tensor, Parameter, Stack)


def binary(machine: Machine, op: type[ast.operator], left: Value, right: Value, line: int) -> Value:
    """left op right. Raises Refusal."""
    if machine.lenient and op in OPERATORS and _is_followed(left, right):
        found = later.joined(op, OPERATORS[op][0], left, right, line)
        return found or Unknown("this is not followed", line)
    for value in (left, right):
        if isinstance(value, Unknown):
            if not machine.lenient and (isinstance(left, SYMBOLIC) or isinstance(right, SYMBOLIC)):
                raise Refusal(value.line, value.why)
            return value
    if isinstance(left, SYMBOLIC) or isinstance(right, SYMBOLIC):
        return arithmetic.combined(machine, op, left, right, line)
    if op in SHIFTS or op not in OPERATORS:
        return machine.unknown(line, "this operator is not understood")
    sign, function = OPERATORS[op]
    if isinstance(left, Batch) or isinstance(right, Batch):
        return machine.unknown(line, f"{sign} with the size of the batch is not understood")
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _numbers(machine, sign, function, left, right, line)
    if op is ast.Add and type(left) is type(right) and isinstance(left, str | list | tuple):
        return left + right if len(left) + len(right) <= ENTRIES else _long(line)
    if op is ast.Mult:
        for many, times in ((left, right), (right, left)):
            if isinstance(many, str | list | tuple) and isinstance(times, int):
                return many * times if len(many) * times <= ENTRIES else _long(line)
    if op is ast.Mod and isinstance(left, str):
        return _formatted(machine, left, right, line)
    if isinstance(left, dict) and isinstance(right, dict) and op is ast.BitOr:
        return left | right
    return machine.unknown(line, f"{sign} between these is not understood")


def _is_followed(*values: Value) -> bool:
    return any(isinstance(later.followed(value), Later) for value in values)


def _numbers(machine: Machine, sign: str, function: Any, a: float, b: float, line: int) -> Value:
    if sign == "**" and isinstance(a, int) and isinstance(b, int) and (abs(b) > 64 or abs(a) > 1 << 20):
        return machine.unknown(line, "a power as large as this is not computed")
    try:
        result = function(a, b)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Refusal(line, f"{sign} of these numbers: {error}") from None
    if isinstance(result, complex) or (isinstance(result, int) and abs(result) > WHOLE):
        return machine.unknown(line, "a number as large as this is not computed")
    return result


def _formatted(machine: Machine, text: str, value: Value, line: int) -> Value:
    """'fc%d' % i, without widths."""
    values = value if isinstance(value, tuple) else (value,)
    plain = re.fullmatch(r"[^%]*(%[ds][^%]*)*", text) and all(isinstance(each, int | str) for each in values)
    if not plain or text.count("%") != len(values) or len(text) + sum(len(str(v)) for v in values) > ENTRIES:
        return machine.unknown(line, "this text is not understood")
    try:
        return text % values
    except TypeError as error:
        raise Refusal(line, str(error)) from None


def _long(line: int) -> Value:
    raise Refusal(line, f"makes more than {ENTRIES} entries")


def compare(machine: Machine, op: type[ast.cmpop], left: Value, right: Value, line: int) -> bool | Unknown:
    """A comparison. Unknown where it depends on the data, or on what only running tells."""
    if is_vague(left) or is_vague(right):
        found = next((value for value in (left, right) if isinstance(value, Unknown)), None)
        return found or Unknown("a comparison with this is not known without running the file", line)
    if op in (ast.Is, ast.IsNot):
        for value in (left, right):
            if isinstance(value, Unknown):
                return value
        if any(isinstance(value, str | int | float | tuple) and not isinstance(value, bool) for value in (left, right)):
            if left is not None and right is not None:
                return Unknown("`is` between numbers or texts is not understood", line)
            return op is ast.IsNot
        same = left is right or (isinstance(left, Library) and left == right)
        return same if op is ast.Is else not same
    for value in (left, right):
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Tensor | Stack | Parameter):
            return Unknown("a branch that depends on the data is not supported", line)
    if isinstance(left, Batch) or isinstance(right, Batch):
        if op in (ast.Eq, ast.NotEq) and left == right:
            return op is ast.Eq
        return Unknown("a branch that depends on the size of the batch is not supported", line)
    if op in (ast.In, ast.NotIn):
        if isinstance(right, Container):
            right = list(right.items) if right.kind == "ModuleDict" else list(right.items.values())
        if not isinstance(right, list | tuple | dict | str | set | range):
            return Unknown("`in` this is not understood", line)
        if isinstance(right, str) and not isinstance(left, str):
            return Unknown("`in` this is not understood", line)
        inside = (
            any(left is each or _equal(left, each) for each in right) if not isinstance(right, str) else (left in right)
        )
        return inside if op is ast.In else not inside
    if op in (ast.Eq, ast.NotEq):
        return _equal(left, right) if op is ast.Eq else not _equal(left, right)
    try:
        return bool(COMPARISONS[op](left, right))
    except TypeError:
        return Unknown("this comparison is not understood", line)


def _equal(a: Value, b: Value) -> bool:
    if is_module(a) or is_module(b) or isinstance(a, Instance) or isinstance(b, Instance):
        return a is b
    return bool(a == b)


def subscript(machine: Machine, value: Value, index: Value, line: int) -> Value:
    """value[index]. Raises Refusal."""
    for part in (value, index):
        if isinstance(part, Unknown):
            if isinstance(value, Tensor) and not machine.lenient:
                raise Refusal(part.line, part.why)
            return part
    if isinstance(value, Method) and isinstance(value.this, Tensor) and value.name == "shape":
        return bind(METHODS["size"], "shape", At(machine, line), (value.this, index), {})
    if isinstance(value, Instance) and isinstance(value.names.get("*"), Container):
        value = value.names["*"]
    if isinstance(value, Later):
        return later.entry(value, index, line)
    if isinstance(value, Container):
        return _of_container(machine, value, index, line)
    if isinstance(value, Tensor):
        if machine.lenient:
            return Unknown("an entry of a tensor is not known", line)
        raise Refusal(line, "indexing a tensor is not supported")
    if isinstance(value, dict):
        if not isinstance(index, str | int | float | bool | tuple | type(None)) or index not in value:
            raise Refusal(line, f"there is no entry {index!r:.40}")
        return value[index]
    if isinstance(value, list | tuple | str | range) and isinstance(index, int | slice):
        try:
            return value[index]
        except (IndexError, ValueError, TypeError) as error:
            raise Refusal(line, str(error)) from None
    if isinstance(value, Library):
        return value  # a type such as list[int]
    if methods.of_net(value):
        return Method(value, "[]")
    return machine.unknown(line, "an entry of this is not understood")


def _of_container(machine: Machine, value: Container, index: Value, line: int) -> Value:
    modules = list(value.items.values())
    if isinstance(index, slice):
        names = list(value.items)[index]
        kept = names if value.kind == "Sequential" else [str(k) for k in range(len(names))]
        return Container(value.kind, line, dict(zip(kept, modules[index], strict=True)))
    if isinstance(index, str) and index in value.items:
        return value.items[index]
    if isinstance(index, int) and value.kind != "ModuleDict" and -len(modules) <= index < len(modules):
        return modules[index]
    raise Refusal(line, f"there is no module {index!r:.40} in this {value.kind}, which has {len(modules)}")
