"""What may have changed where it is not known what ran: names, lists, dicts and objects are then unknown."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bptui.sources.pytorch.values import Class, Function, Instance, Unknown, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Scope


def kept(value: Value, memo: dict[int, Value] | None = None) -> Value:
    """A value as it stands: what the file does to its lists and objects afterwards does not matter."""
    memo = {} if memo is None else memo
    if isinstance(value, list | tuple):
        return type(value)(kept(each, memo) for each in value)
    if isinstance(value, dict):
        return {name: kept(each, memo) for name, each in value.items()}
    if isinstance(value, Instance) and not value.cls.is_module:
        if id(value) not in memo:
            copy = memo[id(value)] = Instance(value.cls, value.line, ready=value.ready)
            copy.names = kept(value.names, memo)
        return memo[id(value)]
    return value


class Untouched:
    """What the classes and functions of a file hold as the scan left it: each attempt at a net begins with that.

    A constructor may append to a list that is a default or an attribute of its class, or count its own calls there.
    """

    def __init__(self, values: Iterable[Value]) -> None:
        found = list(values)
        self.classes = [(cls, kept(cls.names)) for cls in found if isinstance(cls, Class)]
        found += [value for _, names in self.classes for value in names.values()]
        self.functions = [(each, kept(each.defaults)) for each in found if isinstance(each, Function)]

    def restore(self) -> None:
        for cls, names in self.classes:
            cls.names = kept(names)
        for function, defaults in self.functions:
            function.defaults = kept(defaults)


def spoil(value: Value, why: str, line: int) -> None:
    """Make what a list, a dict or an object holds unknown, for all that see it."""
    unknown = Unknown(why, line)
    if isinstance(value, list):
        value[:] = [unknown]
    elif isinstance(value, dict):
        value.clear()
    elif isinstance(value, Instance):
        value.names = dict.fromkeys(value.names, unknown)


def spoil_named(node: ast.AST, scope: Scope, why: str, line: int) -> None:
    """Spoil every list, dict and plain object that a statement names."""
    for part in ast.walk(node):
        found = scope.find(part.id) if isinstance(part, ast.Name) else None
        value = found.names[part.id] if found is not None and isinstance(part, ast.Name) else None
        if isinstance(value, list | dict) or (isinstance(value, Instance) and not value.cls.is_module):
            spoil(value, why, line)


class Watch:
    """What can change, as it stood before something that may or may not run."""

    def __init__(self, scope: Scope) -> None:
        self.before: list[tuple[Value, Value]] = []
        here: Scope | None = scope
        while here is not None:
            for value in here.names.values():
                if isinstance(value, list | dict) or (isinstance(value, Instance) and not value.cls.is_module):
                    self.before.append((value, kept(value)))
            here = here.outer

    def spoil_changed(self, why: str, line: int) -> None:
        for value, was in self.before:
            if not _same(value, was):
                spoil(value, why, line)


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, list | tuple) and type(a) is type(b):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(map(_same, a.values(), b.values()))
    if isinstance(a, Instance) and isinstance(b, Instance) and not a.cls.is_module:
        return a.cls is b.cls and _same(a.names, b.names)
    return a is b or (isinstance(a, str | int | float) and type(a) is type(b) and a == b)
