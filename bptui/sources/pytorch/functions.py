"""Functions of the file: made where they are defined, bound where they are called."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Class, Function, Unknown, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine, Scope


def made_function(machine: Machine, node: ast.FunctionDef | ast.Lambda, scope: Scope) -> Function:
    """The function with its defaults, which are worked out where it is defined."""

    def default(expression: ast.expr) -> Value:
        try:
            return machine.evaluate(expression, scope)
        except Refusal as refusal:
            return Unknown(refusal.message, refusal.line)

    args = node.args
    given = [default(each) for each in args.defaults]
    named = {a.arg: default(d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None}
    return Function(node, scope, defaults=(given, named))


def parameter_names(function: Function) -> list[str]:
    """The names of its parameters that may be given by position, without `self` where it is bound."""
    args = function.node.args
    names = [a.arg for a in (*args.posonlyargs, *args.args)]
    return names[1:] if function.this is not None else names


def default_of(function: Function) -> dict[str, Value]:
    """The defaults of its parameters by name."""
    args = function.node.args
    names = [a.arg for a in (*args.posonlyargs, *args.args)]
    given, named = function.defaults
    return dict(zip(names[len(names) - len(given) :], given, strict=True)) | named


def bound(
    machine: Machine, function: Function, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Scope:
    """The scope in which its body runs. Raises Refusal where Python would raise TypeError."""
    from bptui.sources.pytorch.machine import Scope as NewScope

    args = function.node.args
    if function.this is not None:
        arguments = (function.this, *arguments)
    names = [a.arg for a in (*args.posonlyargs, *args.args)]
    if len(arguments) > len(names) and args.vararg is None:
        raise Refusal(line, f"{function.name} takes {len(names)} arguments, {len(arguments)} are given")
    values = dict(zip(names, arguments, strict=False))
    more: dict[str, Value] = {}
    for name, value in keywords.items():
        if name in values:
            raise Refusal(line, f"{function.name}: {name} is given twice")
        if name in names or name in {a.arg for a in args.kwonlyargs}:
            values[name] = value
        elif args.kwarg is not None:
            more[name] = value
        else:
            raise Refusal(line, f"{function.name} has no parameter {name}")
    values = default_of(function) | values
    missing = [name for name in (*names, *(a.arg for a in args.kwonlyargs)) if name not in values]
    if missing:
        raise Refusal(line, f"{function.name}: {missing[0]} is not given")
    if args.vararg is not None:
        values[args.vararg.arg] = tuple(arguments[len(names) :])
    if args.kwarg is not None:
        values[args.kwarg.arg] = more
    return NewScope(values, outer=function.scope, function=function)


def mangled(name: str, cls: Class | None) -> str:
    """A private name, as Python writes it in the body of a class: __fc is _Net__fc."""
    private = name.startswith("__") and not name.endswith("__")
    return f"_{cls.node.name.lstrip('_')}{name}" if private and cls is not None else name


def own_name(name: str, scope: Scope) -> str:
    """The name of an attribute as Python has it where a scope lies."""
    return mangled(name, owner_of(scope)[0]) if name.startswith("__") else name


def owner_of(scope: Scope) -> tuple[Class | None, Value]:
    """The class in whose method a scope lies, and its `self`."""
    inner: Scope | None = scope
    while inner is not None:
        if inner.function is not None and inner.function.owner is not None:
            return inner.function.owner, inner.function.this
        inner = inner.outer
    return None, None
