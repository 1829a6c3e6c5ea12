"""The whole file, gone through leniently: its classes, the names at its top, and what it tells of the net."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.doubt import Untouched, kept
from bptui.sources.pytorch.effort import Effort
from bptui.sources.pytorch.evidence import Evidence
from bptui.sources.pytorch.machine import Machine, Scope
from bptui.sources.pytorch.problem import Refusal, Stopped
from bptui.sources.pytorch.statements import Broken, Continued, Returned
from bptui.sources.pytorch.values import Class, Function, Unknown, Value

UNSEEN = ("__init__", "forward")  # of a module: these are run strictly


@dataclass(eq=False)
class Scanned:
    """`classes` derive from nn.Module; `top` are all names at the top in the end, `scope` is where they are looked up.

    `partly` is true of a file that was too long to go through to its end; `effort` is for what is run strictly, and
    `untouched` what that may change.
    """

    classes: dict[str, Class]
    top: dict[str, Value]
    evidence: Evidence
    scope: Scope
    effort: Effort
    untouched: Untouched
    partly: bool = False


def scan(tree: ast.Module, effort: Effort) -> Scanned:
    """Go through the file: its top, then the functions that nothing has called."""
    evidence, scope = Evidence(), Scope()
    machine = Machine(Builder(batched=False), evidence, effort, lenient=True)
    partly = False
    try:
        _safely(machine, tree.body, scope)
        in_the_end = scope.names
        for value in [value for value in in_the_end.values() if isinstance(value, Function | Class)]:
            machine.count(len(in_the_end))
            scope.names = kept(in_the_end)  # what functions do that nothing calls is not done
            _look_into(machine, value)
        scope.names = in_the_end
    except Stopped:
        partly = True
    classes = {
        name: value
        for name, value in scope.names.items()
        if isinstance(value, Class) and value.is_module and value.node.name == name
    }
    return Scanned(classes, dict(scope.names), evidence, scope, effort.anew(), Untouched(scope.names.values()), partly)


def _safely(machine: Machine, body: list[ast.stmt], scope: Scope) -> None:
    try:
        machine.run(body, scope)
    except (Returned, Broken, Continued, Refusal):
        return


def _look_into(machine: Machine, value: Value) -> None:
    """The body of a function that was not called, and of a class's methods, with nothing known of their arguments."""
    if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef):
        _run_unknown(machine, value)
    elif isinstance(value, Class):
        for name, method in value.names.items():
            if isinstance(method, Function) and not (value.is_module and name in UNSEEN):
                _run_unknown(machine, method)


def _run_unknown(machine: Machine, function: Function) -> None:
    if id(function.node) in machine.called or not isinstance(function.node, ast.FunctionDef):
        return
    machine.called.add(id(function.node))
    args = function.node.args
    names = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    names += [a.arg for a in (args.vararg, args.kwarg) if a is not None]
    line = function.node.lineno
    values: dict[str, Value] = {
        name: Unknown(f"{name} is not known: nothing calls {function.name}", line) for name in names
    }
    _safely(machine, function.node.body, Scope(values, outer=function.scope, function=function))
