"""Comprehensions, and what can be gone through one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.later import Some, conditions, each_of, followed
from bptui.sources.pytorch.limits import ENTRIES
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Class, Container, Instance, Later, Library, Tensor, Unknown, Value

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
        machine.effort.count_entries(len(value), line)
        return list(value)
    if isinstance(value, Unknown):
        raise Refusal(value.line, value.why)
    if isinstance(value, Tensor):
        raise Refusal(line, "a loop over the entries of a tensor is not supported")
    raise Refusal(line, "a loop over this is not understood; wants a list, a tuple, a range or a ModuleList")


def one_by_one(over: Value, items: list[Value], line: int) -> Iterator[Value]:
    """What a loop goes through, as long as nothing in the loop changes that. Raises Refusal."""
    for k, item in enumerate(items):
        if isinstance(over, list | dict) and (
            len(over) != len(items) or (isinstance(over, list) and over[k] is not item)
        ):
            raise Refusal(line, "a loop that changes what it goes through is not supported")
        yield item
    if isinstance(over, list | dict) and len(over) != len(items):
        raise Refusal(line, "a loop that changes what it goes through is not supported")


class Lazy(list[Value]):
    """What a generator or `map` gives, which Python makes one by one, as it is asked for.

    `settled`: it is the same whenever that is, as it names nothing that could change in between.
    """

    def __init__(self, made: Iterable[Value], *, settled: bool) -> None:
        super().__init__(made)
        self.settled = settled


def refuse_lazy(machine: Machine, value: Value, line: int) -> None:
    """Things that are only made when something may have changed in between. Raises Refusal."""
    if machine.lenient or not isinstance(value, Lazy) or len(value) < 2:
        return
    inside = [part for each in value for part in (each if isinstance(each, tuple) else (each,))]
    if any(isinstance(part, Tensor) for part in inside):
        raise Refusal(line, "tensors that a generator makes one by one are not supported here; wants a list of them")
    if not value.settled:
        raise Refusal(line, "what a generator makes one by one may change meanwhile; wants a list of it")


def _is_settled(node: ast.GeneratorExp, scope: Scope) -> bool:
    """Whether a generator names nothing but what it goes through, and what is imported or built in."""
    own = {each.id for g in node.generators for each in ast.walk(g.target) if isinstance(each, ast.Name)}
    later = [node.elt, *(test for g in node.generators for test in g.ifs), *(g.iter for g in node.generators[1:])]
    for each in (inside for part in later for inside in ast.walk(part)):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in own:
            return False
        if isinstance(each, ast.Name) and each.id not in own:
            found = scope.find(each.id)
            if found is not None and not isinstance(found.names[each.id], Library | Class):
                return False
    return True


def listed(machine: Machine, node: Any, scope: Scope) -> Value:
    """A list comprehension, or a generator as the list of what it gives."""
    made: list[Value] = []

    def take(inner: Scope) -> None:
        made.append(machine.evaluate(node.elt, inner))

    over = _each(machine, node.generators, scope, take)
    if over is not None and made:
        return Later("listed", node.lineno, None, (followed(made[0]),))
    return Lazy(made, settled=_is_settled(node, scope)) if isinstance(node, ast.GeneratorExp) else made


def mapped(machine: Machine, node: Any, scope: Scope) -> Value:
    made: dict[Value, Value] = {}

    def take(inner: Scope) -> None:
        key = machine.evaluate(node.key, inner)
        if not isinstance(key, str | int | float | bool | tuple | type(None)):
            raise Refusal(node.lineno, "this key is not understood")
        made[key] = machine.evaluate(node.value, inner)

    if _each(machine, node.generators, scope, take) is not None:
        raise Refusal(node.lineno, "parameters by name are not followed")
    return made


def _each(machine: Machine, generators: list[Any], scope: Scope, take: Any) -> Some | None:
    """Go through it; the parameters of a net, which are gone through once for all of them, are returned."""
    from bptui.sources.pytorch.expressions import truth
    from bptui.sources.pytorch.machine import Scope as NewScope
    from bptui.sources.pytorch.statements import assign

    generator, *rest = generators
    inner = NewScope(outer=scope, function=scope.function)
    over = machine.evaluate(generator.iter, scope)
    if isinstance(over, Some) and not rest:
        wanted = [conditions(test, generator.target) for test in generator.ifs]
        if None in wanted:
            raise Refusal(generator.iter.lineno, "which parameters these are is not known")
        chosen = tuple(each for some in wanted for each in some or ())
        assign(machine, generator.target, each_of(over, chosen, generator.iter.lineno), inner)
        take(inner)
        return over
    for item in iterated(machine, over, generator.iter.lineno):
        assign(machine, generator.target, item, inner)
        known = [truth(machine, machine.evaluate(test, inner), test.lineno) for test in generator.ifs]
        unknown = next((each for each in known if isinstance(each, Unknown)), None)
        if unknown is not None:
            raise Refusal(unknown.line, unknown.why)
        if all(known) and rest:
            _each(machine, rest, inner, take)
        elif all(known):
            take(inner)
    return None
