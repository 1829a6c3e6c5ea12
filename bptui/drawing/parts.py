"""What a block diagram shows of a graph: its parts, and the links between them, forward and in the derivative network.

Not drawn as boxes of their own: parameters, the copies that a Duplicate makes, and a cost's output (its value stands
under the cost).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bptui.engine.graph import Graph, Node
from bptui.engine.modules import Duplicate
from bptui.engine.notation import gradient_symbol, symbol

LONGEST = 16  # characters of a box's text with the names of its parameters
_WORD = re.compile(r"(\S+) \{x\}")
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
    parts: dict[str, Part] = {}
    links: list[Link] = []
    twins: list[Link] = []
    attached: dict[str, str] = {}

    def shown(name: str) -> bool:
        maker = graph.variables[name].maker
        return maker is None or not (
            isinstance(graph.node[maker].module, Duplicate) or graph.node[maker].module.role in ("cost", "halt")
        )

    def twin(link: Link, events: tuple[int, ...]) -> None:
        source, target = _back(link.target), _back(link.source)
        if source in parts and target in parts:
            twins.append(Link(source, target, events))

    def variable(name: str) -> None:
        given = graph.variables[name].maker is None
        event = 0 if given else forward[graph.variables[name].maker]
        text = symbol(name)
        parts[f"var:{name}"] = Part(f"var:{name}", "observed" if given else "variable", text, text, text, event)
        if name == graph.loss:
            parts[f"grad:{name}"] = Part(f"grad:{name}", "seed", "1", "1", "1", start)
        elif name in graph.differentiable and name in graph.reader:
            text, event = gradient_symbol(name), backward[graph.reader[name].name]
            parts[f"grad:{name}"] = Part(f"grad:{name}", "gradient", text, text, text, event)

    for node in nodes:
        penalty, event, back = node.module.role == "penalty", forward[node.name], backward.get(node.name)
        inputs = [] if penalty else list(dict.fromkeys(node.inputs))
        for name in inputs:
            if f"var:{name}" not in parts and graph.variables[name].maker is None:
                variable(name)
        names = _label_names(graph, node)
        parts[f"node:{node.name}"] = _forward_part(node, names, event)
        if back is not None:
            parts[f"back:{node.name}"] = _backward_part(node, names, back)
        for name in inputs:
            maker = graph.variables[name].maker
            if graph.variables[name].role == "target" and node.module.role == "cost" and name not in attached.values():
                attached[f"node:{node.name}"] = f"var:{name}"
            elif shown(name):
                links.append(Link(f"var:{name}", f"node:{node.name}", (event,)))
                twin(links[-1], (back or 0,))
            else:
                links.append(Link(f"node:{maker}", f"node:{node.name}", (forward[maker], event)))
                twin(links[-1], (back or 0, backward.get(maker, 0)))
        for name in node.outputs:
            if shown(name):
                variable(name)
                links.append(Link(f"node:{node.name}", f"var:{name}", (event,)))
                twin(links[-1], (back or 0,))
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


def _label_names(graph: Graph, node: Node) -> dict[str, str]:
    """The names for a box's label: copies go by the name of what they are copies of, for their values are equal."""

    def original(name: str) -> str:
        maker = graph.variables[name].maker
        while maker is not None and isinstance(graph.node[maker].module, Duplicate):
            name = graph.node[maker].inputs[0]
            maker = graph.variables[name].maker
        return name

    inputs = tuple(map(original, node.inputs))
    parameters = {local: original(name) for local, name in node.parameters.items()}
    names = graph.names(Node(node.name, node.module, inputs, node.outputs, parameters))
    return {"b": "", **names} if parameters else names


def _back(key: str) -> str:
    kind, _, name = key.partition(":")
    return f"{'back' if kind == 'node' else 'grad'}:{name}"


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
    owner: dict[str, str] = {}
    for node in nodes:
        for name in node.parameters.values():
            owner.setdefault(graph.copy_of.get(name, name), node.name)
    sums: dict[str, str] = {}
    for node in nodes:
        if node.module.role != "penalty":
            continue
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


def _forward_part(node: Node, names: dict[str, str], event: int) -> Part:
    module = node.module
    text = module.forward_label.format_map(names)
    if "_" in names.get("W", ""):  # W_out·z: a name that no number stands for has to end somewhere
        parted = module.forward_label.replace("{W}{x}", "{W}·{x}")
        text = parted.format_map(names)
        if len(text) > LONGEST:
            text = parted.format_map({**names, "W": "W", "b": names["b"] and "b"})
    if "b" in names and not names["b"]:
        text = text.removesuffix("+")
    word = _WORD.fullmatch(module.forward_label)
    look: Look = "function" if module.role == "function" else "cost"
    name = module.title or module.kind
    title = f"{node.name} {name}" if node.parameters or module.role == "halt" else name
    short = word[1] if word else text
    tiny, saves = "C" if module.role == "cost" else short, module.saves.format_map(names)
    return Part(f"node:{node.name}", look, text, short, tiny, event, title, bool(node.parameters), saves)


def _backward_part(node: Node, names: dict[str, str], event: int) -> Part:
    text = node.module.backward_label.format_map(names)
    if len(text) > 12:
        text = f"d{names['y']}·J"  # too long for a box: what it is, a gradient times a Jacobian
    short = text.replace(" ", "")
    return Part(f"back:{node.name}", "twin", text, short, short, event, "", bool(node.parameters))
