"""Costs that are written out by hand in training code, known by their form."""

from __future__ import annotations

import ast


def loss_by_hand(node: ast.Call) -> tuple[str, str, list[ast.expr]] | None:
    """Cost, reduction, and what is compared, of ((a - b) ** 2).mean(), torch.sum(torch.abs(a - b)) and their like.

    The reduction is "batch" for a sum over each sample's entries and then a mean. None for all others.
    """
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("mean", "sum"):
        return None
    inside = node.func.value
    if isinstance(inside, ast.Name) and inside.id == "torch" and len(node.args) == 1 and not node.keywords:
        inside = node.args[0]
    elif node.args or node.keywords:
        return None
    reduction = node.func.attr
    if reduction == "mean" and (summed := _summed_by_sample(inside)) is not None:
        inside, reduction = summed, "batch"
    found = _of_difference(inside)
    return None if found is None else (found[0], reduction, found[1])


def _summed_by_sample(node: ast.expr) -> ast.expr | None:
    """What is summed in x.sum(dim=1), torch.sum(x, 1), x.sum(-1); None for anything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "sum":
        return None
    inside, axes = node.func.value, [*node.args, *(each.value for each in node.keywords)]
    if isinstance(inside, ast.Name) and inside.id == "torch" and axes:
        inside = axes.pop(0)
    named = all(each.arg in ("dim", "axis") for each in node.keywords)
    return inside if named and [ast.unparse(axis) for axis in axes] in (["1"], ["-1"]) else None


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
