"""A net as an `nn.Module` of PyTorch: its modules in `__init__`, a line each in `forward`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from textwrap import indent

from bptui.engine.graph import Graph, Node
from bptui.engine.modules import Duplicate
from bptui.engine.net import Net
from bptui.export.attributes import constructed, dotted, paths
from bptui.export.step import ExportError
from bptui.export.text import Identifiers, docstring, identifier, one_line, places

TAKEN = ("torch", "nn", "self", "model", "masks", "groups", "optimiser", "schedule", "check")


class TorchModule:
    """The module's class as text, and what things are called in it and outside of it.

    `inputs` and `outputs` are the variables that `forward` takes and returns, `body` its nodes and `tail` those from
    the costs on; `path` tells where a layer stands in the module.
    """

    def __init__(self, net: Net, graph: Graph, identifiers: Identifiers) -> None:
        self.net, self.graph, self.identifiers = net, graph, identifiers
        self.name = identifiers.fresh("".join(part[:1].upper() + part[1:] for part in identifier(net.name).split("_")))
        layers = {layer.name for layer in net.layers}
        self._implied = {
            node.name: node.inputs[0]
            for node in graph.nodes
            if isinstance(node.module, Duplicate) and node.name not in layers
        }
        self.body = [
            node for node in graph.nodes if node.name not in graph.cost_phase and node.name not in self._implied
        ]
        self.tail = [node for node in graph.nodes if node.name in graph.cost_phase]
        self._letters = {
            name: identifiers.fresh(name)
            for name, variable in graph.variables.items()
            if self.root(name) == name and variable.role != "parameter"
        }
        self._named: dict[str, dict[str, str]] = {}
        owned = [node for node in self.body if self._own(node)]
        self.path = paths((node.name for node in owned), {node.name for node in owned if node.parameters})
        made = {self.root(name) for node in self.body for name in node.outputs}
        read = self._read(self.body)
        self.inputs = [given.name for given in (*graph.inputs, *graph.targets) if given.name in read]
        self.outputs = [name for name in self._read(self.tail) if name in made]
        if not graph.parameters:
            raise ExportError(f"{one_line(net.name)} has no parameters: there is nothing that PyTorch could train")

    def root(self, name: str) -> str:
        """The variable itself, where this is a copy of it that the graph, not the net's author, made."""
        maker = self.graph.variables[name].maker
        while maker in self._implied:
            name = self._implied[maker]
            maker = self.graph.variables[name].maker
        return name

    def _read(self, nodes: list[Node]) -> list[str]:
        """What some nodes read, once each."""
        return list(dict.fromkeys(self.root(name) for node in nodes for name in node.inputs))

    # -- names

    def letter(self, name: str) -> str:
        """A variable that is no parameter."""
        return self._letters[self.root(name)]

    def parameter(self, name: str, owner: str = "model") -> str:
        """A parameter as an attribute of the module, `model.m0.weight`."""
        layer, _, local = name.rpartition(".")
        return f"{dotted(owner, self.path[layer])}.{local}"

    def key(self, name: str) -> str:
        """A parameter's name in the module's `state_dict`."""
        layer, _, local = name.rpartition(".")
        return f"{'.'.join(self.path[layer])}.{local}"

    def _names(self, owner: str) -> dict[str, str]:
        """The names of all variables, where the module goes by `owner`."""
        if owner not in self._named:
            parameters = {v.name for v in self.graph.parameters}
            roots = {name: self.root(name) for name in self.graph.variables}
            self._named[owner] = {
                name: self.parameter(root, owner) if root in parameters else self._letters[root]
                for name, root in roots.items()
            }
        return self._named[owner]

    # -- code

    def text(self) -> Iterator[str]:
        """The class, in pieces."""
        yield f"class {self.name}(nn.Module):\n"
        if self.net.description:
            yield indent(docstring(self.net.description), "    ") + "\n\n"
        yield "    def __init__(self):\n        super().__init__()\n"
        replaced = {name: path for name, path in self.path.items() if ".".join(path) != name}
        made = {path: self._own(self.graph.node[name]) for name, path in self.path.items()}
        if replaced:
            yield "        # in bptui: " + one_line(", ".join(f"{p[0]} is {n!r}" for n, p in replaced.items())) + "\n"
        yield "".join(f"{line}\n" for line in constructed(made))
        yield f"\n    def forward(self, {', '.join(map(self.letter, self.inputs))}):\n"
        for node in self.body:
            yield from (f"        {line}\n" for line in self.statements(node, "self"))
        yield f"        return {', '.join(map(self.letter, self.outputs)) or None}\n"

    def statements(self, node: Node, owner: str) -> list[str]:
        """One node, computed; `owner` is what the module is called here."""
        *before, last = self.expression(node, owner)
        return [*before, f"{', '.join(self.letter(name) for name in node.outputs)} = {last}"]

    def expression(self, node: Node, owner: str) -> list[str]:
        """One node as an expression, with the statements that it needs before."""
        names = self._names(owner)
        given = self.inputs if owner == "self" else [v.name for v in (*self.graph.inputs, *self.graph.targets)]
        more = {"reduction": "", "B": f"len({self.letter(given[0])})", "np": "torch"}
        text = node.module.torch_text(places(self.graph, node, names, {}, self.identifiers, **more))
        if not text:
            raise ExportError(f"{one_line(node.name)}: {node.module.kind} has no counterpart in PyTorch")
        inputs = ", ".join(names[name] for name in node.inputs)
        layer = self._owner(node)
        if not text.startswith("nn."):
            return text.split("\n")
        if layer not in self.path:
            return [f"{text}({inputs})"]
        if self.graph.node[layer].parameters.keys() != node.parameters.keys():  # it shares the weight alone
            return [f"nn.functional.linear({inputs}, {names[node.parameters['weight']]})"]
        return [f"{dotted(owner, self.path[layer])}({inputs})"]

    def _owner(self, node: Node) -> str:
        """The layer whose parameters a node uses: itself, unless it shares another one's."""
        return self.root(next(iter(node.parameters.values()))).rpartition(".")[0] if node.parameters else node.name

    def _own(self, node: Node) -> str:
        """What makes the node's own module; empty where it is an expression, or shares another one's."""
        if self._owner(node) != node.name:
            return ""
        names = defaultdict[str, str](lambda: "_")
        text = node.module.torch_text(places(self.graph, node, names, {}, Identifiers(()), B="_", np="torch"))
        return text if text.startswith("nn.") else ""
