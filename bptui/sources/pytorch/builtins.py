"""Python's own functions, and the few of its library that constructors use."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.comprehensions import Lazy, iterated
from bptui.sources.pytorch.later import followed, total
from bptui.sources.pytorch.library import FUNCTIONS, At, bind
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import (
    Batch,
    Class,
    Container,
    Instance,
    Later,
    Leaf,
    Library,
    Stack,
    Tensor,
    Unknown,
    Value,
    is_module,
)

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine

NOT_KNOWN = object()
NUMBERS = (bool, int, float)


def called(machine: Machine, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> Value:
    """What a built-in function gives. Raises Refusal."""
    form = _BUILTINS.get(name)
    unknown = next((a for a in (*arguments, *keywords.values()) if isinstance(a, Unknown)), None)
    if name == "sum" and len(arguments) == 1 and isinstance(arguments[0], Later):
        return total(arguments[0].parts[0], line) if arguments[0].what == "listed" else Unknown("not followed", line)
    if machine.lenient and name == "abs" and len(arguments) == 1 and isinstance(followed(arguments[0]), Later):
        return machine.call(machine.attribute(arguments[0], "abs", line), (), {}, line)
    if unknown is not None and name not in ("print", "isinstance", "getattr", "setattr", "type", "list", "dict"):
        return unknown
    if form is None:
        return machine.unknown(line, f"{name}() is not understood")
    return bind(form, name, At(machine, line), arguments, keywords)


def _len(at: At, value: Value) -> Value:
    if isinstance(value, Tensor):
        return bind(_size(), "len", at, (value, 0), {})
    return len(iterated(at.machine, value, at.line))


def _size() -> Any:
    from bptui.sources.pytorch.library import METHODS

    return METHODS["size"]


def _range(at: At, *ends: Value) -> Value:
    if not all(isinstance(end, int) for end in ends):
        return at.machine.unknown(at.line, "range: wants whole numbers that are known")
    try:
        made = range(*ends)
    except (TypeError, ValueError) as error:
        raise Refusal(at.line, f"range: {error}") from None
    return made


def _enumerate(at: At, values: Value, start: Value = 0) -> Value:
    return _as_lazy([(k + start, value) for k, value in enumerate(iterated(at.machine, values, at.line))], values)


def _zip(at: At, *values: Value, strict: Value = False) -> Value:
    return _as_lazy(list(zip(*(iterated(at.machine, each, at.line) for each in values), strict=False)), *values)


def _as_lazy(made: list[Value], *values: Value) -> list[Value]:
    """What is made of things is made one by one where one of them is."""
    lazy = [each for each in values if isinstance(each, Lazy)]
    return Lazy(made, settled=all(each.settled for each in lazy)) if lazy else made


def _reversed(at: At, values: Value) -> Value:
    return iterated(at.machine, values, at.line)[::-1]


def _list(at: At, values: Value = ()) -> Value:
    if isinstance(values, Unknown):
        return values
    return list(iterated(at.machine, values, at.line))


def _tuple(at: At, values: Value = ()) -> Value:
    return tuple(iterated(at.machine, values, at.line))


def _dict(at: At, values: Value = (), **named: Value) -> Value:
    if isinstance(values, Unknown):
        return values
    items = values.items() if isinstance(values, dict) else iterated(at.machine, values, at.line)
    made = {}
    for item in items:
        if not isinstance(item, tuple | list) or len(item) != 2 or not isinstance(item[0], str | int | float):
            raise Refusal(at.line, "dict: wants pairs of a name and a value")
        made[item[0]] = item[1]
    return made | named


def _number(function: Callable[..., Any]) -> Callable[..., Value]:
    def form(at: At, *values: Value) -> Value:
        if len(values) == 1 and isinstance(values[0], list | tuple | range):
            values = tuple(iterated(at.machine, values[0], at.line))
        if not values or not all(isinstance(value, NUMBERS) for value in values):
            return at.machine.unknown(at.line, f"{function.__name__} of this is not understood")
        return function(*values)

    return form


def _converted(function: Callable[..., Any]) -> Callable[..., Value]:
    def form(at: At, value: Value = 0, *more: Value) -> Value:
        if more or not isinstance(value, bool | int | float | str) or (isinstance(value, str) and len(value) > 100):
            return at.machine.unknown(at.line, f"{function.__name__} of this is not understood")
        try:
            return function(value)
        except (ValueError, OverflowError) as error:
            raise Refusal(at.line, f"{function.__name__}: {error}") from None

    return form


def _sum(at: At, values: Value, start: Value = 0) -> Value:
    """Of numbers, or of tensors: then it is a chain of additions."""
    import ast

    from bptui.sources.pytorch.operators import binary

    total = start
    for value in iterated(at.machine, values, at.line):
        if isinstance(total, int | float) and total == 0 and isinstance(value, Tensor):
            total = replace(value)  # 0 + x is x, in a tensor of its own
        else:
            total = binary(at.machine, ast.Add, total, value, at.line)
    return total


def _isinstance(at: At, value: Value, classes: Value) -> Value:
    kinds = classes if isinstance(classes, tuple | list) else (classes,)
    results = [_is(value, kind) for kind in kinds]
    if any(result is None for result in results):
        return at.machine.unknown(at.line, "isinstance of this is not understood")
    return any(results)


def _is(value: Value, kind: Value) -> bool | None:
    if isinstance(value, Unknown | Later) or not isinstance(kind, Library | Class):
        return None
    if isinstance(kind, Class):
        return isinstance(value, Instance) and kind in value.cls.ancestry
    name = kind.name
    if name in _TYPES:
        return isinstance(value, _TYPES[name]) and not (name == "builtins.int" and isinstance(value, Batch))
    if name in ("torch.nn.Module", "torch.nn.modules.module.Module"):
        return is_module(value)
    if name in ("torch.Tensor",):
        return isinstance(value, Tensor)
    if name.startswith("torch.nn.") and isinstance(value, Instance) and is_module(value):
        return value.cls.root is not None and value.cls.root.name == name
    if name.startswith("torch.nn.") and isinstance(value, Leaf | Container):
        return value.kind == name.rpartition(".")[2]
    return False if isinstance(value, str | int | float | Leaf | Container) and name.startswith("torch.") else None


_TYPES: dict[str, Any] = {
    "builtins.int": int,
    "builtins.float": float,
    "builtins.str": str,
    "builtins.bool": bool,
    "builtins.list": list,
    "builtins.tuple": tuple,
    "builtins.dict": dict,
}


def _getattr(at: At, value: Value, name: Value, *default: Value) -> Value:
    if isinstance(value, Unknown) or not isinstance(name, str):
        return value if isinstance(value, Unknown) else at.machine.unknown(at.line, "getattr of this is not understood")
    missing = isinstance(value, Instance) and name not in value.names and value.cls.find(name) is None
    if default and missing and name != "training":
        return default[0]
    return at.machine.attribute(value, name, at.line)


def _setattr(at: At, value: Value, name: Value, new: Value) -> None:
    from bptui.sources.pytorch.statements import set_attribute

    if isinstance(value, Unknown) or not isinstance(name, str):
        raise Refusal(at.line, "setattr: wants an object and a name that are known")
    set_attribute(at.machine, value, name, new, at.line)


def _hasattr(at: At, value: Value, name: Value) -> Value:
    if isinstance(value, Instance) and isinstance(name, str):
        return name in value.names or value.cls.find(name) is not None
    return at.machine.unknown(at.line, "hasattr of this is not understood")


def _print(at: At, *values: Value, **options: Value) -> None:
    """Prints nothing."""


def _bool(at: At, value: Value = False) -> Value:
    from bptui.sources.pytorch.expressions import truth

    return truth(at.machine, value, at.line)


def _all(at: At, values: Value) -> Value:
    found = [_bool(at, value) for value in iterated(at.machine, values, at.line)]
    return next((each for each in found if isinstance(each, Unknown)), None) or all(found)


def _any(at: At, values: Value) -> Value:
    found = [_bool(at, value) for value in iterated(at.machine, values, at.line)]
    return next((each for each in found if isinstance(each, Unknown)), None) or any(found)


def _sorted(at: At, values: Value, reverse: Value = False) -> Value:
    found = iterated(at.machine, values, at.line)
    if not all(isinstance(value, int | float) for value in found) and not all(isinstance(v, str) for v in found):
        return at.machine.unknown(at.line, "sorted of this is not understood")
    return sorted(found, reverse=bool(reverse))


def _round(at: At, value: Value, digits: Value = None) -> Value:
    if isinstance(value, int | float) and math.isfinite(value) and isinstance(digits, int | None):
        return round(value, digits)
    return at.machine.unknown(at.line, "round of this is not understood")


def _type(at: At, value: Value) -> Value:
    return value.cls if isinstance(value, Instance) else at.machine.unknown(at.line, "type() is not understood")


def _map(at: At, function: Value, values: Value) -> Value:
    made = (at.machine.call(function, (value,), {}, at.line) for value in iterated(at.machine, values, at.line))
    return Lazy(made, settled=isinstance(function, Library | Class))


def _exception(at: At, *arguments: Value) -> Value:
    return Unknown("an exception", at.line)


_BUILTINS: dict[str, Callable[..., Value]] = {
    "len": _len,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "list": _list,
    "tuple": _tuple,
    "dict": _dict,
    "int": _converted(int),
    "float": _converted(float),
    "str": _converted(str),
    "bool": _bool,
    "abs": _number(abs),
    "min": _number(min),
    "max": _number(max),
    "round": _round,
    "sum": _sum,
    "isinstance": _isinstance,
    "getattr": _getattr,
    "setattr": _setattr,
    "hasattr": _hasattr,
    "print": _print,
    "all": _all,
    "any": _any,
    "sorted": _sorted,
    "type": _type,
    "map": _map,
    "NotImplementedError": _exception,
    "RuntimeError": _exception,
    "ValueError": _exception,
    "TypeError": _exception,
    "AssertionError": _exception,
    "Exception": _exception,
}

KNOWN = frozenset({*_BUILTINS, "set", "frozenset", "iter", "next", "filter", "divmod", "open", "input", "id", "vars"})


# -- Python's library

CONSTANTS: dict[str, float] = {
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
    "numpy.pi": math.pi,
    "torch.pi": math.pi,
}
_MATH = {"sqrt", "log", "log2", "log10", "exp", "floor", "ceil", "sin", "cos", "tanh", "pow"}


def of_modules(machine: Machine, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> Value:
    """A call of Python's library or of NumPy, on numbers; `NOT_KNOWN` for all others."""
    module, _, function = name.rpartition(".")
    if name in ("collections.OrderedDict", "typing.OrderedDict"):
        return bind(_dict, "OrderedDict", At(machine, line), arguments, keywords)
    if name == "copy.deepcopy" and len(arguments) == 1:
        from bptui.sources.pytorch.modules import fresh

        return fresh(machine, arguments[0])
    if name in ("torch.cuda.is_available", "torch.backends.mps.is_available"):
        return False  # the numbers are the same
    if name == "torch.autograd.Variable" and len(arguments) == 1 and isinstance(arguments[0], Tensor):
        return arguments[0]
    if name in ("math.prod", "numpy.prod", "torch.Size.numel") and len(arguments) == 1:
        return _product(At(machine, line), arguments[0])
    if module in ("math", "numpy") and function in _MATH and all(isinstance(a, int | float) for a in arguments):
        try:
            return getattr(math, function)(*arguments)
        except (ValueError, OverflowError, TypeError) as error:
            raise Refusal(line, f"{name}: {error}") from None
    if name == "torch.Size" and len(arguments) == 1:
        return _tuple(At(machine, line), arguments[0])
    return NOT_KNOWN


def _product(at: At, values: Value) -> Value:
    numbers = iterated(at.machine, values, at.line)
    if not all(isinstance(n, int | float) for n in numbers) or len(numbers) > 100:
        if any(isinstance(n, Batch | Stack) for n in numbers):
            return at.machine.unknown(at.line, "a product with the size of the batch is not supported")
        return at.machine.unknown(at.line, "the product of this is not understood")
    product = math.prod(numbers)
    return product if abs(product) < 10**15 else at.machine.unknown(at.line, "this product is too large")


FUNCTIONS["math.prod"] = _product
