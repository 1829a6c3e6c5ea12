"""How the file trains, as far as its words tell: where its loop zeroes, goes back and moves, and what else it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bptui.sources.pytorch.by_hand import by_hand

Nodes = Mapping[type[ast.AST], list[Any]]
CHANGED = ast.BinOp | ast.UnaryOp  # of a cost: scaled, summed, turned round
OPTIMISERS = ("SGD", "Adam", "AdamW", "RMSprop")


@dataclass(frozen=True)
class Training:
    """What a training loop does.

    `phases` are the lines of the loop, by the phase of bptui that they are (zero, seed, update).

    `adds_up` is the line of a backward() in a loop in which nothing zeroes the gradients; 0 where there is none.
    `together`: wherever an optimiser takes a step, a schedule does.
    `changes` are the lines at which what backward() starts from is scaled, or has something added to it.
    `unread` is what changes numbers and is not read, with its line.
    """

    phases: dict[str, int] = field(default_factory=dict)
    adds_up: int = 0
    together: bool = False
    changes: tuple[int, ...] = ()
    unread: tuple[tuple[str, int], ...] = ()


def training(nodes: Nodes) -> Training:
    """What a file's training loop says; `nodes` are all that is in it, by kind."""
    calls = [call for call in nodes[ast.Call] if isinstance(call.func, ast.Attribute)]
    named: dict[str, list[ast.Call]] = {"backward": [], "zero_grad": [], "step": []}
    for call in calls:
        if call.func.attr in named:
            named[call.func.attr].append(call)
    moving = [call for call in named["step"] if not call.args and not _about(call, ("sched", "lr_"))]
    phases = {"seed": named["backward"], "zero": named["zero_grad"], "update": moving}
    lines = {phase: min(call.lineno for call in found) for phase, found in phases.items() if found}
    looped = [call.lineno for loop in (*nodes[ast.For], *nodes[ast.While]) for call in _backward(loop)]
    adds_up = min(looped) if looped and moving and not named["zero_grad"] and not _zeroes(nodes) else 0
    unread = [("the clipping of gradients is", call.lineno) for call in calls if call.func.attr.startswith("clip_grad")]
    unread += [(f"that only {which} move is", line) for which, line in _partly(nodes)]
    unread += [("the gradient that backward() begins with is", c.lineno) for c in named["backward"] if _is_seeded(c)]
    unread += by_hand(nodes)
    unread += [("that the target is what goes into the net is", line) for line in _reproducing(nodes)]
    together = _together(nodes, moving, [call for call in named["step"] if call not in moving])
    return Training(lines, adds_up, together, tuple(_changes(nodes, named["backward"])), tuple(unread))


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _about(call: ast.Call, words: tuple[str, ...]) -> bool:
    """Whether the name before the dot has one of these words in it."""
    assert isinstance(call.func, ast.Attribute)
    return any(word in ast.unparse(call.func.value).lower() for word in words)


def _together(nodes: Nodes, moving: list[ast.Call], others: list[ast.Call]) -> bool:
    """Whether each step of an optimiser has one of a schedule behind it, in one block, and there are no others."""
    if not moving or len(moving) != len(others):
        return False
    pairs = 0
    bodies = [node.body for kind, found in nodes.items() if "body" in kind._fields for node in found]
    for body in bodies:
        calls = [each.value for each in body if isinstance(each, ast.Expr)] if isinstance(body, list) else []
        steps = [call in moving for call in calls if call in moving or call in others]
        pairs += steps == [True, False]
    return pairs == len(moving)


def _backward(loop: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and _method(node) == "backward":
            yield node


def _is_seeded(backward: ast.Call) -> bool:
    """Whether backward() gets another gradient than 1."""
    given = [*backward.args[:1], *(each.value for each in backward.keywords if each.arg == "gradient")]
    return any(ast.unparse(each) != "None" and "ones" not in ast.unparse(each) for each in given)


def _zeroes(nodes: Nodes) -> bool:
    """Whether gradients are zeroed by hand: `w.grad.zero_()`, `w.grad = None`."""
    if any(_method(call) == "zero_" and _about(call, (".grad",)) for call in nodes[ast.Call]):
        return True
    targets = (target for node in nodes[ast.Assign] for target in node.targets)
    return any(isinstance(target, ast.Attribute) and target.attr == "grad" for target in targets)


def _changes(nodes: Nodes, backward: list[ast.Call]) -> list[int]:
    """The lines at which what backward() starts from is scaled, or has something added to it."""
    starts = [call.func.value for call in backward if isinstance(call.func, ast.Attribute)]
    if not starts:
        return []
    names = {start.id for start in starts if isinstance(start, ast.Name)}
    lines = {start.lineno for start in starts if isinstance(start, CHANGED)}
    for node in nodes[ast.AugAssign]:
        if isinstance(node.target, ast.Name) and node.target.id in names:
            lines.add(node.lineno)
    for node in nodes[ast.Assign]:
        if isinstance(node.value, CHANGED):
            lines |= {node.lineno for target in node.targets if isinstance(target, ast.Name) and target.id in names}
    return sorted(lines)


def _partly(nodes: Nodes) -> Iterator[tuple[str, int]]:
    """What of a net an optimiser moves, where that may be a part of it: `SGD(net.head.parameters())`."""
    for node in nodes[ast.Call]:
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if node.args and name in OPTIMISERS:
            given = node.args[0]
            if isinstance(given, ast.Call) and _method(given) == "parameters":
                assert isinstance(given.func, ast.Attribute)
                owner = ast.unparse(given.func.value)
                if "." in owner and not owner.startswith("self."):
                    yield f"the parameters of {owner}", node.lineno
            elif isinstance(given, ast.Subscript) or (isinstance(given, ast.ListComp) and _is_choice(given)):
                yield "some parameters", node.lineno
            elif isinstance(given, ast.List | ast.Tuple) and all(
                isinstance(each, ast.Attribute) for each in given.elts
            ):
                yield ", ".join(map(ast.unparse, given.elts)), node.lineno


def _is_choice(listed: ast.ListComp) -> bool:
    """Whether a list is one of some parameters, beside those that want a gradient."""
    tests = [ast.unparse(test) for each in listed.generators for test in each.ifs]
    return any(not test.endswith(".requires_grad") for test in tests)


def _reproducing(nodes: Nodes) -> Iterator[int]:
    """The lines where something is compared with what it was made from: `cost(net(x), x)`, `out = net(x)` before it."""
    compared = [node for node in nodes[ast.Call] if len(node.args) == 2 and isinstance(node.args[1], ast.Name)]
    if not compared:
        return
    made: dict[str, set[str]] = {}
    for node in nodes[ast.Assign]:
        if isinstance(node.value, ast.Call):
            read = {argument.id for argument in node.value.args if isinstance(argument, ast.Name)}
            made |= {target.id: read for target in node.targets if isinstance(target, ast.Name)}
    for node in compared:
        first, target = node.args[0], node.args[1].id
        if isinstance(first, ast.Name):
            read = made.get(first.id, set())
        else:
            arguments = first.args if isinstance(first, ast.Call) else []
            read = {argument.id for argument in arguments if isinstance(argument, ast.Name)}
        if target in read and target != getattr(first, "id", ""):
            yield node.lineno
