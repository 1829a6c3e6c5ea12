"""How the rest of the file is gone through: what is not understood becomes Unknown, and the next statement follows."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.comprehensions import iterated
from bptui.sources.pytorch.problem import Halted, MixesBatchError, Refusal, ShapeFound
from bptui.sources.pytorch.values import Unknown, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine, Scope

TURNS = 200  # of a loop that is followed; of a longer one only the first

Form = Callable[..., None]


def run(machine: Machine, statement: Any, scope: Scope, form: Form | None) -> None:
    """Run one statement as far as it is understood."""
    try:
        if isinstance(statement, ast.If):
            _if(machine, statement, scope)
        elif isinstance(statement, ast.For | ast.AsyncFor):
            _for(machine, statement, scope)
        elif isinstance(statement, ast.While):
            _turn(machine, statement.body, scope)
            _forget(machine, statement.body, scope, statement.lineno)
        elif isinstance(statement, ast.With | ast.AsyncWith):
            _with(machine, statement, scope)
        elif isinstance(statement, ast.Try | ast.TryStar):
            machine.run(statement.body, scope)
            for handler in statement.handlers:
                _apart(machine, handler.body, scope)
            machine.run([*statement.orelse, *statement.finalbody], scope)
        elif isinstance(statement, ast.Raise | ast.Assert):
            return
        elif form is not None:
            form(machine, statement, scope)
        else:
            _forget(machine, [statement], scope, statement.lineno)
    except (Refusal, Halted, ShapeFound, MixesBatchError) as problem:
        why = problem.message if isinstance(problem, Refusal) else str(problem)
        line = problem.line if isinstance(problem, Refusal) else statement.lineno
        _forget(machine, [statement], scope, line, why)


def _if(machine: Machine, node: Any, scope: Scope) -> None:
    from bptui.sources.pytorch.expressions import truth

    if "__name__" in ast.unparse(node.test):
        machine.run(node.body, scope)
        return
    known = truth(machine, machine.evaluate(node.test, scope), node.lineno)
    if not isinstance(known, Unknown):
        machine.run(node.body if known else node.orelse, scope)
        return
    for part in (node.body, node.orelse):
        _apart(machine, part, scope)


def _apart(machine: Machine, body: list[ast.stmt], scope: Scope) -> None:
    """A block that may or may not run: what it assigns is not known afterwards, but for modules and functions."""
    before = dict(scope.names)
    machine_ended = _turn(machine, body, scope)
    for name, value in list(scope.names.items()):
        if name in before and before[name] is not value and before[name] != value:
            scope.names[name] = Unknown(f"{name} depends on a condition that is not known", machine_ended)


def _turn(machine: Machine, body: list[ast.stmt], scope: Scope) -> int:
    """One turn of a loop, or one block: ending it early is no end of what is around it. Returns its first line."""
    from bptui.sources.pytorch.statements import Broken, Continued, Returned

    with suppress(Broken, Continued, Returned):
        machine.run(body, scope)
    return body[0].lineno if body else machine.line


def _for(machine: Machine, node: Any, scope: Scope) -> None:
    from bptui.sources.pytorch.statements import Broken, Continued, assign

    items: list[Value] | None = None
    value = machine.evaluate(node.iter, scope)
    if not isinstance(value, Unknown):
        try:
            items = iterated(machine, value, node.lineno)
        except Refusal:
            items = None
    if items is None or len(items) > TURNS:
        unknown = Unknown("what a loop goes through is not known", node.lineno)
        assign(machine, node.target, unknown, scope)
        _turn(machine, node.body, scope)
        _forget(machine, node.body, scope, node.lineno)
        return
    for item in items:
        assign(machine, node.target, item, scope)
        try:
            machine.run(node.body, scope)
        except Continued:
            continue
        except Broken:
            return


def _with(machine: Machine, node: Any, scope: Scope) -> None:
    from bptui.sources.pytorch.statements import assign

    for item in node.items:
        value = machine.evaluate(item.context_expr, scope)
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, value, scope)
    machine.run(node.body, scope)


def _forget(machine: Machine, body: list[Any], scope: Scope, line: int, why: str = "") -> None:
    """Make the names that are assigned in a block unknown: simple ones, not those inside functions."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope.names.setdefault(node.name, Unknown(why or f"{node.name} is not understood", line))
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.elsewhere.get(node.id, scope).names[node.id] = Unknown(why or f"{node.id} changes in a loop", line)
        waiting += ast.iter_child_nodes(node)
