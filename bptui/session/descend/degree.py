"""How the variables of a graph depend on some of its parameters: not at all, affinely, quadratically, or otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterable

from bptui.engine.graph import Graph, Node
from bptui.engine.modules import Add, Concatenate, Dropout, Duplicate, Flatten, Linear, Multiply, Scale, SquaredError
from bptui.engine.modules.landscapes import Landscape
from bptui.engine.modules.penalties import L2Penalty

SUMS = (Add, Concatenate, Dropout, Duplicate, Flatten, Scale)  # affine in their inputs (Dropout: in evaluation)
SQUARES = (SquaredError, L2Penalty)


def degrees(graph: Graph, moving: Iterable[str]) -> dict[str, float]:
    """The degree of every variable as a polynomial in the parameters `moving`; inf where it is none that we know.

    The true degree may be lower, never higher.
    """
    known: dict[str, float] = {name: 0.0 for name, v in graph.variables.items() if v.role != "computed"}
    known |= dict.fromkeys(moving, 1.0)
    for node in graph.nodes:
        known |= dict.fromkeys(node.outputs, _degree(node, known))
    return known


def _degree(node: Node, known: dict[str, float]) -> float:
    inputs = [known[name] for name in node.inputs]
    own = {local: known[name] for local, name in node.parameters.items()}
    if not any(inputs) and not any(own.values()):
        return 0.0
    if isinstance(node.module, Linear):
        return max(inputs[0] + own["weight"], own.get("bias", 0.0))
    if isinstance(node.module, Multiply):
        return sum(inputs)
    if isinstance(node.module, SUMS):
        return max(inputs)
    if isinstance(node.module, SQUARES) or (isinstance(node.module, Landscape) and node.module.hessian() is not None):
        return 2.0 * max(inputs)
    return math.inf
