"""Which panes of the workbench would give away what a lesson asks for, though it is not known at the cursor."""

from __future__ import annotations

from bptui.drawing.into import Place
from bptui.engine.graph import Graph, Node
from bptui.engine.notation import gradient_symbol, symbol
from bptui.tui.selection import event_of, node_of, quantity

Hidden = frozenset[tuple[str, str]]  # kinds and names, as in `Reading`


def hides_shapes(hidden: Hidden) -> bool:
    """Whether a shape is asked for."""
    return any(kind == "shape" for kind, _ in hidden)


def tells(pane: str, target: str, inside: Place | None, graph: Graph, event: int, hidden: Hidden) -> bool:
    """Whether a pane that looks at a target, and perhaps inside a module, has something hidden among its numbers."""
    if not hidden or hides_shapes(hidden):
        return bool(hidden)
    name, _ = quantity(graph, target)
    if pane == "why":
        reader = graph.reader.get(name)
        return ("grad", name) in hidden or (reader is not None and _holds(reader, hidden, backward=True))
    if pane == "twiddle":
        return bool({("move", name), ("grad", name)} & hidden)
    if pane == "jacobian":
        return ("jacobian", node_of(graph, target)) in hidden
    kind, _, node = target.partition(":")
    if inside is not None:
        asked = ("grad" if inside.backward else "value", inside.name) in hidden
        return asked or _works(inside.node, graph, event, hidden, backward=inside.backward)
    if kind in ("node", "back"):
        return _works(graph.node[node], graph, event, hidden, backward=kind == "back")
    at = event_of(graph, target)
    if at is None or at.parameter is None:
        return False
    return ("value", at.parameter) in hidden or (event >= at.index and ("update", at.parameter) in hidden)


def says(message: str, hidden: Hidden) -> bool:
    """Whether a sentence names something hidden: that of a search then tells its number."""
    names = {gradient_symbol(name) if kind == "grad" else symbol(name) for kind, name in hidden}
    return any(word.partition("[")[0] in names for word in message.split())


def _works(node: Node, graph: Graph, event: int, hidden: Hidden, *, backward: bool) -> bool:
    """Whether the numbers of a module hold something hidden: most stand there once it was at work, its slope before."""
    phases = ("backward",) if backward else ("forward", "cost")
    at = next((e.index for e in graph.events if e.node == node.name and e.phase in phases), None)
    if at is None or event < at:
        return backward and ("slope", node.name) in hidden
    return _holds(node, hidden, backward=backward)


def _holds(node: Node, hidden: Hidden, *, backward: bool) -> bool:
    """Whether something hidden stands in a module's numbers."""
    names = (*node.inputs, *node.parameters.values(), *node.outputs)
    kinds = ("value", "grad") if backward else ("value",)
    slope = backward and ("slope", node.name) in hidden
    return slope or any((kind, name) in hidden for kind in kinds for name in names)
