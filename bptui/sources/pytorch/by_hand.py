"""What a training loop does by hand to gradients, parameters and steps, known by its form: it is not read, but said."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

Nodes = Mapping[type[ast.AST], list[Any]]
HARMLESS = ("zero_", "requires_grad_", "retain_grad_", "detach_", "squeeze_", "unsqueeze_", "clip_grad_norm_")


def by_hand(nodes: Nodes) -> Iterator[tuple[str, int]]:
    """What is done, in words that end in `is`, and its line."""
    words = {node.attr for node in nodes[ast.Attribute]}
    if any(word.startswith("grad") or word == "param_groups" for word in words):  # in most files there are none
        yield from _of_gradients(nodes)
    for loop in nodes[ast.For]:
        yield from _of_loop(loop)
    for body in _bodies(nodes):
        yield from _of_block(body)


def _of_gradients(nodes: Nodes) -> Iterator[tuple[str, int]]:
    for line, target, value in _changes(nodes):
        if "param_groups" in target:
            yield "that the file sets the learning rate is", line
        elif ".grad" in target:
            if value != "None":
                yield "what is done to gradients by hand is", line
        elif ".grad" in value:
            yield "the step that is written out by hand is", line


def _changes(nodes: Nodes) -> Iterator[tuple[int, str, str]]:
    """What is set or changed in place, and with what: a line and two texts."""
    for node in nodes[ast.AugAssign]:
        yield node.lineno, ast.unparse(node.target), ast.unparse(node.value)
    for node in nodes[ast.Assign]:
        for target in node.targets:
            if not isinstance(target, ast.Name | ast.Tuple):
                yield node.lineno, ast.unparse(target), ast.unparse(node.value)
    for node in nodes[ast.Call]:
        if isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_") and node.func.attr not in HARMLESS:
            words = ", ".join(ast.unparse(each) for each in (*node.args, *(word.value for word in node.keywords)))
            yield node.lineno, ast.unparse(node.func.value), words


def _of_loop(loop: ast.For) -> Iterator[tuple[str, int]]:
    """A loop over parameters that changes them, and one over an optimiser's groups that sets something in them."""
    over = ast.unparse(loop.iter)
    names = {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
    inside: dict[type[ast.AST], list[Any]] = {ast.AugAssign: [], ast.Assign: [], ast.Call: []}
    for node in ast.walk(loop):
        if type(node) in inside:
            inside[type(node)].append(node)
    for line, target, value in _changes(inside):
        start = target.partition(".")[0].partition("[")[0]
        if start not in names or ".grad" in target + value or target.endswith(".requires_grad"):
            continue
        if "param_groups" in over:
            yield "that the file sets the learning rate is", line
        elif "parameters()" in over:
            yield "what is done to parameters by hand is", line


def _bodies(nodes: Nodes) -> Iterator[list[ast.stmt]]:
    for kind, found in nodes.items():
        if "body" in kind._fields:
            yield from (node.body for node in found if isinstance(node.body, list))


def _of_block(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """The order of backward(), zero_grad() and step() in one block."""
    calls = [(name, owner, each.lineno) for each in body if isinstance(each, ast.Expr) for name, owner in _named(each)]
    backward = [line for name, _, line in calls if name == "backward"]
    steps = [(owner, line) for name, owner, line in calls if name == "step"]
    if len(backward) > 1:
        yield "that backward() is called several times is", backward[1]
    for k, (owner, line) in enumerate(steps):
        if owner in [before for before, _ in steps[:k]]:
            yield "that the optimiser takes several steps is", line
    for _, owner, line in (call for call in calls if call[0] == "zero_grad"):
        if backward and backward[-1] < line < max((at for _, at in steps), default=0):
            yield f"that {owner}.zero_grad() comes before the step is", line
    if backward and not steps:
        waiting = [each for each in body if isinstance(each, ast.If) for name in map(_named, each.body) if _steps(name)]
        if waiting:
            yield "that the optimiser waits for several minibatches is", waiting[0].lineno


def _named(statement: ast.stmt) -> list[tuple[str, str]]:
    """The method that a statement calls, and of what; empty for any other statement."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return []
    owner = ast.unparse(call.func.value)
    return [] if "sched" in owner.lower() or "lr_" in owner.lower() else [(call.func.attr, owner)]


def _steps(named: list[tuple[str, str]]) -> bool:
    return any(name == "step" for name, _ in named)
