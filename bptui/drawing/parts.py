"""What a block diagram shows of a graph: its parts, and the links between them, forward and in the derivative network.

Not drawn as boxes of their own: parameters, the copies that a Duplicate makes, and a cost's output (its value stands
under the cost).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bptui.engine.graph import Graph, Node
from bptui.engine.modules import Duplicate
from bptui.engine.notation import gradient_symbol, symbol

LONGEST = 16  # characters of a box's text with the names of its parameters
Look = Literal["variable", "observed", "function", "cost", "gradient", "twin", "seed"]


class Part(NamedTuple):
    """One box. `key` is the target that a click on it selects; `event` the event that makes it or that it does.

    `text` is the full label, `short` the one for narrow boxes, `tiny` the one for boxes of one row. `saves` says what a
    module keeps for its twin.
    """

    key: str
    look: Look
    text: str
    short: str
    tiny: str
    event: int
    title: str = ""
    has_parameters: bool = False
    saves: str = ""


class Link(NamedTuple):
    """A wire between two parts. The first event sends something along it; it is busy at every one of them.

    With `parameter`, it carries a parameter to a penalty, or a parameter's gradient to a sum.
    """

    source: str
    target: str
    events: tuple[int, ...]
    parameter: str | None = None


@dataclass(frozen=True)
class Sketch:
    """A graph as parts and links, without places. `attached` are targets, by the cost that reads them.

    `sums` are the parameters whose gradients are added up from several places, penalties among them, with the module
    that they belong to. `end` is where the forward network ends; `seed`, where the derivative network begins, is None
    for a program that stops with an error.
    """

    parts: dict[str, Part]
    links: tuple[Link, ...]
    twins: tuple[Link, ...]
    attached: dict[str, str]
    sums: dict[str, str]
    end: str
    seed: str | None


def sketch(graph: Graph) -> Sketch:
    """The parts and links of a graph; parts stand in the order in which they are computed."""
    forward = {e.node: e.index for e in graph.events if e.phase in ("forward", "cost")}
    backward = {e.node: e.index for e in graph.events if e.phase == "backward"}
    start = next((e.index for e in graph.events if e.phase == "seed"), len(graph.events))
    nodes = [node for node in graph.nodes if not node.collapsed]
    variables, reader, differentiable = graph.variables, graph.reader, graph.differentiable
    original, unseen = _originals(graph), _unseen(graph)
    parts: dict[str, Part] = {}
    links: list[Link] = []
    twins: list[Link] = []
    attached: dict[str, str] = {}

    def variable(name: str, event: int) -> None:
        key, gradient, text = f"var:{name}", f"grad:{name}", symbol(name)
        look: Look = "observed" if variables[name].maker is None else "variable"
        parts[key] = Part(key, look, text, text, text, event)
        if name == graph.loss:
            parts[gradient] = Part(gradient, "seed", "1", "1", "1", start)
        elif name in differentiable and name in reader:
            text = gradient_symbol(name)
            parts[gradient] = Part(gradient, "gradient", text, text, text, backward[reader[name].name])

    for node in nodes:
        role, event, back = node.module.role, forward[node.name], backward.get(node.name)
        here, there = f"node:{node.name}", f"back:{node.name}"
        inputs = () if role == "penalty" else dict.fromkeys(node.inputs)
        for name in inputs:
            if variables[name].maker is None and f"var:{name}" not in parts:
                variable(name, 0)
        names = _label_names(graph, node, original)
        parts[here] = _forward_part(here, node, names, event)
        if back is not None:
            parts[there] = _backward_part(there, node, names, back)
        for name in inputs:
            if role == "cost" and variables[name].role == "target" and name not in attached.values():
                attached[here] = f"var:{name}"
            elif name in unseen:
                maker = variables[name].maker
                links.append(Link(f"node:{maker}", here, (forward[maker], event)))
                if back is not None and maker in backward:
                    twins.append(Link(there, f"back:{maker}", (back, backward[maker])))
            else:
                links.append(Link(f"var:{name}", here, (event,)))
                if back is not None and f"grad:{name}" in parts:
                    twins.append(Link(there, f"grad:{name}", (back,)))
        for name in node.outputs:
            if name not in unseen:
                variable(name, event)
                links.append(Link(here, f"var:{name}", (event,)))
                if back is not None and f"grad:{name}" in parts:
                    twins.append(Link(f"grad:{name}", there, (back,)))
    sums = _penalties(graph, nodes, forward, backward, parts, links, twins)
    end, seed = f"var:{graph.loss}", f"grad:{graph.loss}"
    if graph.halts:
        end = f"node:{graph.variables[graph.loss].maker}"
        return Sketch(parts, tuple(links), (), attached, sums, end, None)
    if end not in parts:
        maker = str(graph.variables[graph.loss].maker)
        end = f"node:{maker}"
        parts[seed] = Part(seed, "seed", "1", "1", "1", start)
        twins.append(Link(seed, f"back:{maker}", (backward[maker],)))
    return Sketch(parts, tuple(links), tuple(twins), attached, sums, end, seed)


def _originals(graph: Graph) -> dict[str, str]:
    """Copies, with what they are copies of in the end."""
    original: dict[str, str] = {}
    for node in graph.nodes:
        if isinstance(node.module, Duplicate):
            original |= dict.fromkeys(node.outputs, original.get(node.inputs[0], node.inputs[0]))
    return original


def _unseen(graph: Graph) -> set[str]:
    """Variables without a box of their own: copies, what costs make, and where a program stops."""
    return {
        name
        for node in graph.nodes
        if node.module.role in ("cost", "halt") or isinstance(node.module, Duplicate)
        for name in node.outputs
    }


def _label_names(graph: Graph, node: Node, original: Mapping[str, str]) -> dict[str, str]:
    """The names for a box's label: copies go by the name of what they are copies of, for their values are equal."""
    if original:
        inputs = tuple(original.get(name, name) for name in node.inputs)
        parameters = {local: original.get(name, name) for local, name in node.parameters.items()}
        node = Node(node.name, node.module, inputs, node.outputs, parameters)
    names = graph.names(node)
    return {"b": "", **names} if node.parameters else names


def _penalties(
    graph: Graph,
    nodes: list[Node],
    forward: dict[str | None, int],
    backward: dict[str | None, int],
    parts: dict[str, Part],
    links: list[Link],
    twins: list[Link],
) -> dict[str, str]:
    """Link penalties to the modules whose parameters they read; draw the sums of those parameters' gradients."""
    sums: dict[str, str] = {}
    penalties = [node for node in nodes if node.module.role == "penalty"]
    if not penalties:
        return sums
    owner: dict[str, str] = {}
    for node in nodes:
        for name in node.parameters.values():
            owner.setdefault(graph.copy_of.get(name, name), node.name)
    for node in penalties:
        for name in node.inputs:
            root = graph.copy_of.get(name, name)
            if root not in owner:
                continue
            module = owner[root]
            links.append(Link(f"node:{module}", f"node:{node.name}", (forward[node.name],), root))
            if node.name not in backward or root == name:
                continue
            if root not in sums:
                sums[root] = module
                readers = [
                    graph.reader[copy].name for copy, of in graph.copy_of.items() if of == root and copy in graph.reader
                ]
                users = [reader for reader in readers if reader in backward]  # no gradient comes from a dead end
                last = max(backward[user] for user in users)
                text = gradient_symbol(root)
                parts[f"sum:{root}"] = Part(f"sum:{root}", "twin", "+", "+", "+", last)
                parts[f"param:{root}"] = Part(f"param:{root}", "gradient", text, text, text, last)
                twins.append(Link(f"sum:{root}", f"param:{root}", (last,)))
                for user in users:
                    if graph.node[user].module.role != "penalty":
                        twins.append(Link(f"back:{user}", f"sum:{root}", (backward[user], last), root))
            twins.append(Link(f"back:{node.name}", f"sum:{root}", (backward[node.name], last)))
    return sums


def _forward_part(key: str, node: Node, names: Mapping[str, str], event: int) -> Part:
    module, owns = node.module, bool(node.parameters)
    text = module.forward_label.format_map(names)
    if owns and "_" in names.get("W", ""):  # W_out·z: a name that no number stands for has to end somewhere
        parted = module.forward_label.replace("{W}{x}", "{W}·{x}")
        text = parted.format_map(names)
        if len(text) > LONGEST:
            text = parted.format_map({**names, "W": "W", "b": names["b"] and "b"})
    if owns and not names["b"]:
        text = text.removesuffix("+")
    word, _, rest = module.forward_label.partition(" ")
    short = word if rest == "{x}" else text
    look: Look = "function" if module.role == "function" else "cost"
    title = module.title or module.kind
    if owns or module.role == "halt":
        title = f"{node.name} {title}"
    tiny, saves = "C" if module.role == "cost" else short, module.saves.format_map(names)
    return Part(key, look, text, short, tiny, event, title, owns, saves)


def _backward_part(key: str, node: Node, names: Mapping[str, str], event: int) -> Part:
    text = node.module.backward_label.format_map(names)
    if len(text) > 12:
        text = f"d{names['y']}·J"  # too long for a box: what it is, a gradient times a Jacobian
    short = text.replace(" ", "")
    return Part(key, "twin", text, short, short, event, "", bool(node.parameters))
