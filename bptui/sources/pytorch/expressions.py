"""What the expressions of the file stand for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch import arithmetic, builtins, comprehensions, operators
from bptui.sources.pytorch.calls import call_node
from bptui.sources.pytorch.functions import made_function, own_name
from bptui.sources.pytorch.later import negated
from bptui.sources.pytorch.limits import ENTRIES
from bptui.sources.pytorch.problem import MixesBatchError, Refusal
from bptui.sources.pytorch.reading import Numbers
from bptui.sources.pytorch.values import (
    ALL,
    Batch,
    Class,
    Container,
    Function,
    Instance,
    Later,
    Leaf,
    Library,
    Method,
    Parameter,
    Stack,
    Super,
    Tensor,
    Unknown,
    Value,
    is_module,
    is_vague,
)

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine, Scope

BOUNDED = frozenset({ast.Constant, ast.Name, ast.Attribute, ast.Subscript, Numbers})  # seen before, or in the file
COLLECTIONS = (list, tuple, dict)
CONSTANTS = (int, float, str, bool, bytes, type(None), type(Ellipsis))


def evaluate(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """The value of an expression, which is counted. Raises Refusal."""
    machine.count()
    kind = type(node)
    found = _EVALUATE.get(kind)
    if found is None:
        raise Refusal(node.lineno, f"{_words(node)} is not understood")
    machine.depth += 1
    try:
        value = found(machine, node, scope)
    finally:
        machine.depth -= 1
    if kind not in BOUNDED and isinstance(value, COLLECTIONS):
        _refuse_large(machine, value, node.lineno)
    return value


def _refuse_large(machine: Machine, value: Value, line: int) -> None:
    """A list of lists may hold far more than its length tells; what copies or compares it would never end."""
    waiting, count = [value], 0
    while waiting:
        here = waiting.pop()
        inside = here.values() if isinstance(here, dict) else here
        count += len(inside)
        if count > ENTRIES:
            raise Refusal(line, f"makes more than {ENTRIES:,} entries")
        waiting += [each for each in inside if isinstance(each, COLLECTIONS)]
    machine.effort.count_entries(count, line)


def _words(node: ast.expr) -> str:
    text = ast.unparse(node).replace("\n", " ")
    return text if len(text) <= 40 else text[:39] + "…"


def _constant(machine: Machine, node: Any, scope: Scope) -> Value:
    if not isinstance(node.value, CONSTANTS):
        return machine.unknown(node.lineno, f"{_words(node)} is no number that is used here")
    return node.value


def _name(machine: Machine, node: Any, scope: Scope) -> Value:
    found = scope.find(node.id)
    if found is not None:
        return found.names[node.id]
    if node.id in BUILTINS:
        return Library(f"builtins.{node.id}")
    if machine.lenient:
        return Unknown(f"{node.id} is not known", node.lineno)
    method = scope.function.node if scope.function is not None else None
    if node.id == "self" and isinstance(method, ast.FunctionDef):
        names = ", ".join(["self", *(a.arg for a in method.args.args)])
        raise Refusal(method.lineno, f"{method.name} has no self: def {method.name}({names})")
    raise Refusal(node.lineno, f"{node.id} is not defined")


BUILTINS = {*builtins.KNOWN, "super", "property", "staticmethod", "object"}


def _attribute(machine: Machine, node: Any, scope: Scope) -> Value:
    return attribute(machine, machine.evaluate(node.value, scope), own_name(node.attr, scope), node.lineno)


def attribute(machine: Machine, value: Value, name: str, line: int) -> Value:
    """An attribute of a value. Raises Refusal."""
    if isinstance(value, Library):
        return Library(f"{value.name}.{name}")
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Instance):
        return _of_instance(machine, value, name, line)
    if isinstance(value, Super):
        found = value.this.cls.find(name, after=value.owner)
        if found is None:
            return Method(value, name)
        return _bound(found[0], found[1], value.this)
    if isinstance(value, Class):
        found = value.find(name)
        if found is not None:
            return found[0]
        return Library(f"{value.root.name}.{name}") if value.root else machine.unknown(line, f"{name} is not known")
    if isinstance(value, Container) and name in value.items and name not in MODULE_METHODS:
        return value.items[name]
    if isinstance(value, Leaf):
        return _of_leaf(machine, value, name, line)
    if isinstance(value, Parameter):
        if name in ("T", "mT") and value.local == "weight":
            return replace(value, turned=not value.turned)
        return Method(value, name)
    if isinstance(value, Tensor):
        return _of_tensor(machine, value, name, line)
    return Method(value, name)


def _of_instance(machine: Machine, value: Instance, name: str, line: int) -> Value:
    if name in value.names:
        return value.names[name]
    if ALL in value.names and name in value.names[ALL].items:  # of a class that derives from Sequential
        return value.names[ALL].items[name]
    if name == "training" and value.cls.is_module:
        machine.builder.say(f"line {line}: self.training is true: what is drawn is the net in training")
        return True
    if name in ("__class__",):
        return value.cls
    found = value.cls.find(name)
    if found is not None:
        return _bound(found[0], found[1], value, machine)
    if value.cls.is_module and name in MODULE_METHODS:
        return Method(value, name)
    if machine.lenient:
        return Unknown(f"{name} is not known", line)
    raise Refusal(line, f"{value.cls.node.name} has no attribute {name}")


MODULE_METHODS = {
    "add_module", "append", "apply", "children", "cpu", "cuda", "double", "eval", "extend", "float", "forward",
    "half", "insert", "items", "keys", "load_state_dict", "modules", "named_children", "named_modules",
    "named_parameters", "parameters", "register_buffer", "register_module", "register_parameter",
    "requires_grad_", "state_dict", "to", "train", "type", "values", "zero_grad",
}  # fmt: skip


def _bound(found: Value, owner: Class, this: Instance, machine: Machine | None = None) -> Value:
    if isinstance(found, Library) and found.name.startswith("torch.nn.functional."):
        raise Refusal(this.line, f"{found.name} in the body of a class becomes a method, which gets self first")
    if not isinstance(found, Function):
        return found
    if isinstance(found.node, ast.Lambda):
        return replace(found, owner=owner, this=this)
    kinds = {d.id for d in found.node.decorator_list if isinstance(d, ast.Name)}
    if "staticmethod" in kinds:
        return found
    if "classmethod" in kinds:
        return replace(found, owner=owner, this=this.cls)
    bound = replace(found, owner=owner, this=this)
    if "property" in kinds and machine is not None:
        return machine.call(bound, (), {}, found.node.lineno)
    return bound


def _of_leaf(machine: Machine, value: Leaf, name: str, line: int) -> Value:
    if value.features is not None:
        inputs, outputs, bias = value.features
        if name in ("in_features", "out_features"):
            return inputs if name == "in_features" else outputs
        if name == "bias" and not bias:
            return None
        if name in ("weight", "bias"):
            return Parameter(value, name)
    return Method(value, name)


def _of_tensor(machine: Machine, value: Tensor, name: str, line: int) -> Value:
    if name == "shape":
        return Method(value, name) if value.dims is None else value.dims
    if name == "ndim":
        return len(_dims(value, line))
    if name in ("device", "dtype", "is_cuda", "requires_grad", "names", "layout"):
        return machine.unknown(line, f"{name} of a tensor is not known")
    if name in ("T", "mT", "H", "data", "grad", "real", "imag"):
        return machine.unknown(line, f".{name} of a tensor is not understood")
    return Method(value, name)


def _dims(value: Tensor, line: int) -> Value:
    if value.dims is None:
        raise Refusal(line, f"the shape of {value.origin} is not known; --input-shape gives it, such as 3,10,20")
    return value.dims


def _tuple(machine: Machine, node: Any, scope: Scope) -> Value:
    return tuple(_items(machine, node.elts, scope))


def _list(machine: Machine, node: Any, scope: Scope) -> Value:
    return _items(machine, node.elts, scope)


def _numbers(machine: Machine, node: Any, scope: Scope) -> Value:
    return _copied(node.value)


def _copied(numbers: list[Any]) -> list[Any]:
    return [_copied(each) if isinstance(each, list) else each for each in numbers]


def _items(machine: Machine, nodes: list[ast.expr], scope: Scope) -> list[Value]:
    items: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            items += comprehensions.iterated(machine, machine.evaluate(node.value, scope), node.lineno)
        else:
            items.append(machine.evaluate(node, scope))
    return items


def _dict(machine: Machine, node: Any, scope: Scope) -> Value:
    result: dict[Value, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        made = machine.evaluate(value, scope)
        if key is None:
            if not isinstance(made, dict):
                return machine.unknown(node.lineno, "** of this is not understood")
            result |= made
            continue
        name = machine.evaluate(key, scope)
        if not isinstance(name, str | int | float | bool | tuple | type(None)):
            return machine.unknown(node.lineno, f"{_words(key)} as a key is not understood")
        result[name] = made
    return result


def _text(machine: Machine, node: Any, scope: Scope) -> Value:
    """An f-string."""
    parts: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        value = machine.evaluate(part.value, scope)
        if not isinstance(value, str | int | float | bool) or part.format_spec is not None or part.conversion != -1:
            return machine.unknown(node.lineno, f"{_words(node)} is not understood")
        parts.append(str(value))
    text = "".join(parts)
    return text if len(text) <= ENTRIES else machine.unknown(node.lineno, "this text is too long")


def _binary(machine: Machine, node: Any, scope: Scope) -> Value:
    left, right = machine.evaluate(node.left, scope), machine.evaluate(node.right, scope)
    return operators.binary(machine, type(node.op), left, right, node.lineno)


def _unary(machine: Machine, node: Any, scope: Scope) -> Value:
    value = machine.evaluate(node.operand, scope)
    if isinstance(node.op, ast.Not):
        known = truth(machine, value, node.lineno)
        return known if isinstance(known, Unknown) else not known
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Later):
        return (
            negated(value, node.lineno)
            if isinstance(node.op, ast.USub)
            else machine.unknown(node.lineno, "not followed")
        )
    if isinstance(value, Tensor) and isinstance(node.op, ast.USub | ast.UAdd):
        if isinstance(node.op, ast.UAdd):
            return value
        return arithmetic.scaled(machine, value, -1.0, node.lineno, "negate")
    if isinstance(value, int | float):
        if isinstance(node.op, ast.USub):
            return -value
        if isinstance(node.op, ast.UAdd):
            return +value
        if isinstance(node.op, ast.Invert) and isinstance(value, int):
            return ~value
    return machine.unknown(node.lineno, f"{_words(node)} is not understood")


def _boolean(machine: Machine, node: Any, scope: Scope) -> Value:
    wanted = isinstance(node.op, ast.Or)
    value: Value = not wanted
    for part in node.values:
        value = machine.evaluate(part, scope)
        known = truth(machine, value, node.lineno)
        if isinstance(known, Unknown):
            return known
        if known is wanted:
            return value
    return value


def truth(machine: Machine, value: Value, line: int) -> bool | Unknown:
    """Whether a value counts as true; Unknown where that depends on the data."""
    if isinstance(value, Unknown):
        return value
    if is_vague(value):
        return Unknown("a branch on this is not known without running the file", line)
    if isinstance(value, Tensor | Stack):
        return Unknown("a branch that depends on the data is not supported", line)
    if isinstance(value, Batch):
        return True
    if isinstance(value, Container):
        return bool(value.items)
    return bool(value) if isinstance(value, (*CONSTANTS, tuple, list, dict, set, range)) else True


def condition(machine: Machine, test: ast.expr, scope: Scope) -> bool | Unknown:
    """Whether a test of the file is true; Unknown where that depends on the data."""
    try:
        return truth(machine, machine.evaluate(test, scope), test.lineno)
    except MixesBatchError as mixed:
        methods = {part.attr for part in ast.walk(test) if isinstance(part, ast.Attribute)}
        if methods & OF_ALL:  # one number of all samples
            raise Refusal(mixed.line, "a branch that depends on the data is not supported") from None
        raise


OF_ALL = {"sum", "mean", "norm", "max", "min", "any", "all", "item"}


def _compare(machine: Machine, node: Any, scope: Scope) -> Value:
    left = machine.evaluate(node.left, scope)
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = machine.evaluate(part, scope)
        result = operators.compare(machine, type(op), left, right, node.lineno)
        if isinstance(result, Unknown) or not result:
            return result
        left = right
    return True


def _choice(machine: Machine, node: Any, scope: Scope) -> Value:
    known = condition(machine, node.test, scope)
    if isinstance(known, Unknown):
        if not machine.lenient:
            return known
        for part in (node.body, node.orelse):
            machine.evaluate(part, scope)
        return known
    return machine.evaluate(node.body if known else node.orelse, scope)


def _subscript(machine: Machine, node: Any, scope: Scope) -> Value:
    value = machine.evaluate(node.value, scope)
    index = machine.evaluate(node.slice, scope)
    return operators.subscript(machine, value, index, node.lineno)


def _slice(machine: Machine, node: Any, scope: Scope) -> Value:
    ends = [None if part is None else machine.evaluate(part, scope) for part in (node.lower, node.upper, node.step)]
    unknown = next((end for end in ends if not isinstance(end, int | None)), None)
    return slice(*ends) if unknown is None else machine.unknown(node.lineno, "this slice is not understood")


def _named(machine: Machine, node: Any, scope: Scope) -> Value:
    from bptui.sources.pytorch.statements import assign

    value = machine.evaluate(node.value, scope)
    assign(machine, node.target, value, scope)
    return value


_EVALUATE: dict[type[ast.expr], Callable[[Machine, Any, Scope], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Tuple: _tuple,
    ast.List: _list,
    Numbers: _numbers,
    ast.Dict: _dict,
    ast.JoinedStr: _text,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.Call: call_node,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Lambda: made_function,
    ast.NamedExpr: _named,
    ast.ListComp: comprehensions.listed,
    ast.GeneratorExp: comprehensions.listed,
    ast.DictComp: comprehensions.mapped,
}

__all__ = ["attribute", "evaluate", "is_module", "truth"]
