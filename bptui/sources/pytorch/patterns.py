"""Costs that are written out by hand in training code, known by their form."""

from __future__ import annotations

import ast


def loss_by_hand(node: ast.Call) -> tuple[str, str, list[ast.expr]] | None:
    """Cost, reduction, and what is compared, of ((a - b) ** 2).mean(), torch.sum(torch.abs(a - b)) and their like.

    None for all others.
    """
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("mean", "sum"):
        return None
    inside = node.func.value
    if isinstance(inside, ast.Name) and inside.id == "torch" and len(node.args) == 1 and not node.keywords:
        inside = node.args[0]
    elif node.args or node.keywords:
        return None
    found = _of_difference(inside)
    return None if found is None else (found[0], node.func.attr, found[1])


def _of_difference(node: ast.expr) -> tuple[str, list[ast.expr]] | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _is_two(node.right):
        sides = _difference(node.left)
        return ("squared", sides) if sides else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    name, owner = node.func.attr, node.func.value
    if isinstance(owner, ast.Name) and owner.id == "torch" and node.args:
        owner, *rest = node.args
    else:
        rest = list(node.args)
    sides = _difference(owner)
    if not sides:
        return None
    if name == "square" or (name == "pow" and len(rest) == 1 and _is_two(rest[0])):
        return "squared", sides
    return ("absolute", sides) if name == "abs" else None


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 2


def _difference(node: ast.expr) -> list[ast.expr]:
    """Both sides of a difference; empty for anything else."""
    return [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) else []
