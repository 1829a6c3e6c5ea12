"""Comprehensions, and what can be gone through one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.limits import ENTRIES
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Container, Instance, Tensor, Unknown, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine, Scope


def iterated(machine: Machine, value: Value, line: int) -> list[Value]:
    """What a loop over a value goes through. Raises Refusal."""
    if isinstance(value, Instance) and isinstance(value.names.get("*"), Container):
        value = value.names["*"]  # a class that derives from Sequential
    if isinstance(value, Container):
        return list(value.items) if value.kind == "ModuleDict" else list(value.items.values())
    if isinstance(value, tuple | list | str | range | set | dict):
        if len(value) > ENTRIES:
            raise Refusal(line, f"goes through {len(value)} things, wants at most {ENTRIES}")
        return list(value)
    if isinstance(value, Unknown):
        raise Refusal(value.line, value.why)
    if isinstance(value, Tensor):
        raise Refusal(line, "a loop over the entries of a tensor is not supported")
    raise Refusal(line, "a loop over this is not understood; wants a list, a tuple, a range or a ModuleList")


def listed(machine: Machine, node: Any, scope: Scope) -> Value:
    """A list comprehension, or a generator as the list of what it gives."""
    made: list[Value] = []

    def take(inner: Scope) -> None:
        made.append(machine.evaluate(node.elt, inner))

    _each(machine, node.generators, scope, take)
    return made


def mapped(machine: Machine, node: Any, scope: Scope) -> Value:
    made: dict[Value, Value] = {}

    def take(inner: Scope) -> None:
        key = machine.evaluate(node.key, inner)
        if not isinstance(key, str | int | float | bool | tuple | type(None)):
            raise Refusal(node.lineno, "this key is not understood")
        made[key] = machine.evaluate(node.value, inner)

    _each(machine, node.generators, scope, take)
    return made


def _each(machine: Machine, generators: list[Any], scope: Scope, take: Any) -> None:
    from bptui.sources.pytorch.expressions import truth
    from bptui.sources.pytorch.machine import Scope as NewScope
    from bptui.sources.pytorch.statements import assign

    generator, *rest = generators
    inner = NewScope(outer=scope, function=scope.function)
    for item in iterated(machine, machine.evaluate(generator.iter, scope), generator.iter.lineno):
        assign(machine, generator.target, item, inner)
        wanted = [truth(machine, machine.evaluate(test, inner), test.lineno) for test in generator.ifs]
        unknown = next((known for known in wanted if isinstance(known, Unknown)), None)
        if unknown is not None:
            raise Refusal(unknown.line, unknown.why)
        if all(wanted) and rest:
            _each(machine, rest, inner, take)
        elif all(wanted):
            take(inner)
