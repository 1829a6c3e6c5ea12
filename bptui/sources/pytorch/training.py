"""How the file trains, as far as its words tell: where its loop zeroes, goes back and moves, and what else it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Training:
    """`phases` are the lines of the loop, by the phase of bptui that they are (zero, seed, update).

    `adds_up` is the line of a backward() in a loop in which nothing zeroes the gradients; 0 where there is none.
    `unread` is what changes numbers and is not read, with its line.
    """

    phases: dict[str, int] = field(default_factory=dict)
    adds_up: int = 0
    unread: tuple[tuple[str, int], ...] = ()


def training(tree: ast.Module) -> Training:
    """What a file's training loop says."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    named = {name: [call for call in calls if _method(call) == name] for name in ("backward", "zero_grad", "step")}
    moving = [call for call in named["step"] if not call.args and not _about(call, ("sched", "lr_"))]
    phases = {"seed": named["backward"], "zero": named["zero_grad"], "update": moving}
    lines = {phase: min(call.lineno for call in found) for phase, found in phases.items() if found}
    looped = [
        call.lineno for loop in ast.walk(tree) if isinstance(loop, ast.For | ast.While) for call in _backward(loop)
    ]
    adds_up = min(looped) if looped and moving and not named["zero_grad"] and not _zeroes(tree) else 0
    unread = [("the clipping of gradients is", call.lineno) for call in calls if _method(call).startswith("clip_grad")]
    unread += [("what is done to the cost before backward() is", line) for line in _changes(tree, named["backward"])]
    return Training(lines, adds_up, tuple(unread))


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _about(call: ast.Call, words: tuple[str, ...]) -> bool:
    """Whether the name before the dot has one of these words in it."""
    assert isinstance(call.func, ast.Attribute)
    return any(word in ast.unparse(call.func.value).lower() for word in words)


def _backward(loop: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and _method(node) == "backward":
            yield node


def _zeroes(tree: ast.Module) -> bool:
    """Whether gradients are zeroed by hand: `w.grad.zero_()`, `w.grad = None`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _method(node) == "zero_" and _about(node, (".grad",)):
            return True
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Attribute) and t.attr == "grad" for t in node.targets
        ):
            return True
    return False


def _changes(tree: ast.Module, backward: list[ast.Call]) -> list[int]:
    """The lines at which what backward() starts from is scaled, or has something added to it."""
    starts = [call.func.value for call in backward if isinstance(call.func, ast.Attribute)]
    names = {start.id for start in starts if isinstance(start, ast.Name)}
    lines = {start.lineno for start in starts if isinstance(start, ast.BinOp)}
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in names:
            lines.add(node.lineno)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            lines |= {node.lineno for target in node.targets if isinstance(target, ast.Name) and target.id in names}
    return sorted(lines)
