"""A small interpreter of Python's syntax trees, in which tensors are shapes. Nothing of the file is ever executed.

It runs in two ways. *Strictly*, the constructor and `forward` of the net: what is not understood is refused. And
*leniently*, everything else in the file, for the constants, calls, costs and optimisers that stand there: what is
not understood there is an `Unknown`, and the run goes on.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from bptui.sources.pytorch import calls, expressions, statements
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.effort import Effort
from bptui.sources.pytorch.evidence import Evidence
from bptui.sources.pytorch.limits import MODULES
from bptui.sources.pytorch.problem import Refusal, Stopped
from bptui.sources.pytorch.values import Function, Unknown, Value

DEPTH = 150  # expressions and statements, one inside the other
CALLS = 30  # functions, one inside the other


@dataclass(eq=False)
class Scope:
    """The names of one call, with those around it. `function` is the one that runs."""

    names: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None
    function: Function | None = None
    elsewhere: dict[str, Scope] = field(default_factory=dict)  # names declared global or nonlocal

    def find(self, name: str) -> Scope | None:
        """The scope that has a name; None if none has."""
        scope: Scope | None = self.elsewhere.get(name, self) if self.elsewhere else self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope

    @property
    def outermost(self) -> Scope:
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope


class Machine:
    """One run. `builder` takes down the modules that are called, `evidence` what the rest of the file tells, `effort`
    how much is looked at.
    """

    def __init__(self, builder: Builder, evidence: Evidence, effort: Effort, *, lenient: bool) -> None:
        self.builder, self.evidence, self.effort, self.lenient = builder, evidence, effort, lenient
        self.depth = self.calls = self.modules = 0
        self.line = 1  # of the statement at work
        self.at: ast.Call | None = None  # the call at work, as it stands in the file
        self.left = False  # whether a block that may not have run has ended something early
        self.called: set[int] = set()  # functions that have run, by the identity of their nodes

    # -- the parts, which call each other through here

    evaluate, attribute, call = expressions.evaluate, expressions.attribute, calls.call

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Run statements one after the other. Raises Refusal, and what ends a block early."""
        for statement in body:
            self.count()
            self.line = statement.lineno
            self.depth += 1
            try:
                statements.run(self, statement, scope)
            finally:
                self.depth -= 1

    def run_function(self, function: Function, scope: Scope) -> Value:
        """Run the body of a function whose parameters are bound."""
        self.called.add(id(function.node))
        if self.calls >= CALLS:
            raise Refusal(function.node.lineno, f"{function.name}: calls are nested more than {CALLS} deep")
        self.calls += 1
        line, left = self.line, self.left
        self.left = False
        try:
            made = self._result(function, scope)
        finally:
            self.calls -= 1
            self.line, doubt, self.left = line, self.left, left
        return Unknown(f"what {function.name} gives depends on a condition that is not known", line) if doubt else made

    def _result(self, function: Function, scope: Scope) -> Value:
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            self.run(function.node.body, scope)
        except statements.Returned as done:
            return done.value
        except (statements.Broken, statements.Continued):
            raise Refusal(self.line, "is no Python: break or continue outside a loop") from None
        return None

    # -- what is not understood

    def unknown(self, line: int, why: str) -> Unknown:
        """Something that only running the file would tell: passed on in the rest of the file, refused in the net."""
        return Unknown(why, line)

    def count_module(self, line: int) -> None:
        self.modules += 1
        if self.modules > MODULES:
            raise Stopped(line, f"makes more than {MODULES:,} modules")

    def count(self, steps: int = 1) -> None:
        """Count what is looked at, and stop where that is too much."""
        self.effort.count(steps, self.line)
        if self.depth > DEPTH:
            raise Refusal(self.line, f"is nested more than {DEPTH} deep")
