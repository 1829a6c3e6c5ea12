"""How the rest of the file is gone through: what is not understood becomes Unknown, and the next statement follows."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.comprehensions import iterated, one_by_one
from bptui.sources.pytorch.doubt import Watch, spoil_named
from bptui.sources.pytorch.later import Conditions, Some, conditions, each_of, total
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
            _once(machine, statement.body, scope, statement.lineno)
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
            _forget([statement], scope, statement.lineno)
            spoil_named(statement, scope, "this statement is not understood", statement.lineno)
    except (Refusal, Halted, ShapeFound, MixesBatchError) as problem:
        why = problem.message if isinstance(problem, Refusal) else str(problem)
        line = problem.line if isinstance(problem, Refusal) else statement.lineno
        _forget([statement], scope, line, why)
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            spoil_named(statement, scope, why, line)


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


DOUBT = "depends on a condition that is not known"


def _apart(machine: Machine, body: list[ast.stmt], scope: Scope) -> None:
    """A block that may or may not run: what it changes is not known afterwards, nor what follows if it ends early."""
    before, watch = [(here, dict(here.names)) for here in _scopes(scope)], Watch(scope)
    line = body[0].lineno if body else machine.line
    if _turn(machine, body, scope):
        machine.left = True
    for here, names in before:
        for name, value in list(here.names.items()):
            if name in names and names[name] is not value and names[name] != value:
                here.names[name] = Unknown(f"{name} {DOUBT}", line)
    watch.spoil_changed(f"this {DOUBT}", line)


def _scopes(scope: Scope) -> list[Scope]:
    """A scope and those around it."""
    found, here = [scope], scope.outer
    while here is not None:
        found.append(here)
        here = here.outer
    return found


def _turn(machine: Machine, body: list[ast.stmt], scope: Scope) -> bool:
    """Run a block once; whether it was ended early."""
    from bptui.sources.pytorch.statements import Broken, Continued, Returned

    try:
        machine.run(body, scope)
    except (Broken, Continued, Returned):
        return True
    return False


def _once(machine: Machine, body: list[ast.stmt], scope: Scope, line: int) -> None:
    """One turn of a loop that runs nobody knows how often: what it changes is not known afterwards."""
    from bptui.sources.pytorch.statements import Broken, Continued, Returned

    watch = Watch(scope)
    try:
        machine.run(body, scope)
    except (Broken, Continued):
        pass
    except Returned:
        machine.left = True
    _forget(body, scope, line)
    watch.spoil_changed("this changes in a loop", line)


def _for(machine: Machine, node: Any, scope: Scope) -> None:
    from bptui.sources.pytorch.statements import Broken, Continued, assign

    items: list[Value] | None = None
    value = machine.evaluate(node.iter, scope)
    if isinstance(value, Some) and _added_up(machine, node, value, scope):
        return
    if not isinstance(value, Unknown):
        try:
            items = iterated(machine, value, node.lineno)
        except Refusal:
            items = None
    if items is None or len(items) > TURNS:
        assign(machine, node.target, Unknown("what a loop goes through is not known", node.lineno), scope)
        _once(machine, node.body, scope, node.lineno)
        return
    watch, left = Watch(scope), machine.left
    machine.left = False
    for item in one_by_one(value, items, node.lineno):
        assign(machine, node.target, item, scope)
        try:
            machine.run(node.body, scope)
        except Continued:
            continue
        except Broken:
            break
    if machine.left:  # a turn may have ended early, or all of them
        _forget(node.body, scope, node.lineno)
        watch.spoil_changed(f"this {DOUBT}", node.lineno)
    machine.left |= left


def _added_up(machine: Machine, node: Any, over: Some, scope: Scope) -> bool:
    """`for p in net.parameters(): total += p.abs().sum()`, and its like: the sum is known. False for any other loop."""
    from bptui.sources.pytorch.operators import binary
    from bptui.sources.pytorch.statements import assign

    body: list[ast.stmt] = node.body
    known: Conditions | None = ()
    while known is not None and len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
        more = conditions(body[0].test, node.target)
        known, body = None if more is None else (*known, *more), body[0].body
    if known is None or node.orelse or not body:
        return False
    parts = [_addition(statement) for statement in body]
    sums = {target.id for target, _ in (part for part in parts if part is not None)}
    if None in parts or any(sums & _names(part[1]) for part in parts if part is not None):
        return False
    assign(machine, node.target, each_of(over, known, node.lineno), scope)
    for target, added in (part for part in parts if part is not None):
        old = machine.evaluate(ast.copy_location(ast.Name(target.id, ast.Load()), target), scope)
        more_of_it = total(machine.evaluate(added, scope), target.lineno)
        assign(machine, target, binary(machine, ast.Add, old, more_of_it, target.lineno), scope)
    return True


def _addition(node: ast.stmt) -> tuple[ast.Name, ast.expr] | None:
    """`a += b` or `a = a + b`."""
    added: ast.expr | None = None
    target: ast.expr | None = None
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        target, added = node.target, node.value
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if (
            isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Add)
            and ast.unparse(value.left) == ast.unparse(target)
        ):
            added = value.right
    if not isinstance(target, ast.Name) or added is None:
        return None
    return target, added


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _with(machine: Machine, node: Any, scope: Scope) -> None:
    from bptui.sources.pytorch.statements import assign

    for item in node.items:
        value = machine.evaluate(item.context_expr, scope)
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, value, scope)
    machine.run(node.body, scope)


def _forget(body: list[Any], scope: Scope, line: int, why: str = "") -> None:
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
