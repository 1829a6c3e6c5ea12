"""The graph: named variables and modules, wired, every shape checked, every second use a Duplicate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from bptui.engine.buffers import Shape
from bptui.engine.module import Module, ShapeError, Spec
from bptui.engine.modules.routing import Duplicate
from bptui.engine.net import Layer, Net
from bptui.engine.notation import copy_name, symbol

Role = Literal["input", "target", "parameter", "computed"]
Phase = Literal["batch", "forward", "cost", "zero", "seed", "backward", "update"]

_LETTERS = {"weight": "W", "bias": "b"}


class GraphError(ValueError):
    """A net that cannot be wired. The message names the module and says what is wrong."""


class Variable(NamedTuple):
    """A value in the graph. `maker` is the node that computes it, None for inputs, targets and parameters."""

    name: str
    shape: Shape
    role: Role
    batched: bool = True
    classes: bool = False
    maker: str | None = None

    @property
    def spec(self) -> Spec:
        return Spec(self.shape, self.batched)


class Node(NamedTuple):
    """One module in its place. `parameters` maps its local names (`weight`) to variables (`m0.weight`, or a copy)."""

    name: str
    module: Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: dict[str, str]

    @property
    def collapsed(self) -> bool:
        """Whether this is the Duplicate of a shared parameter: computed, but neither an event nor drawn."""
        return isinstance(self.module, Duplicate) and self.name.startswith("share ")


@dataclass(frozen=True)
class Event:
    """One stop of a training step. `node` is the module at work, `parameter` the one that an update moves."""

    index: int
    phase: Phase
    node: str | None = None
    parameter: str | None = None


@dataclass(frozen=True, eq=False)
class Graph:
    """A wired net. Nodes stand in topological order; each variable is read by at most one node.

    `loss` is the scalar at the end, from which backward starts.
    """

    name: str
    variables: dict[str, Variable]
    nodes: tuple[Node, ...]
    loss: str

    @cached_property
    def node(self) -> dict[str, Node]:
        """Nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def parameters(self) -> tuple[Variable, ...]:
        """The parameters in PyTorch's order: by first use, weight before bias."""
        return tuple(v for v in self.variables.values() if v.role == "parameter")

    @cached_property
    def inputs(self) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables.values() if v.role == "input")

    @cached_property
    def targets(self) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables.values() if v.role == "target")

    @cached_property
    def reader(self) -> dict[str, Node]:
        """The node that reads each variable; the loss, and a value that nothing uses, have none."""
        return {name: node for node in self.nodes for name in (*node.inputs, *node.parameters.values())}

    @cached_property
    def copy_of(self) -> dict[str, str]:
        """Copies of shared parameters, with the parameter that each is a copy of."""
        return {out: node.inputs[0] for node in self.nodes if node.collapsed for out in node.outputs}

    @cached_property
    def cost_phase(self) -> frozenset[str]:
        """Nodes of the cost phase: costs, penalties, and all that follows from them."""
        after: set[str] = set()
        for node in self.nodes:
            makers = {self.variables[name].maker for name in node.inputs}
            if node.module.role not in ("function", "halt") or makers & after:
                after.add(node.name)
        return frozenset(after)

    @cached_property
    def halts(self) -> bool:
        """Whether the program ends in an error: then it has no cost, no gradients and no update."""
        return any(node.module.role == "halt" for node in self.nodes)

    @cached_property
    def differentiable(self) -> frozenset[str]:
        """Variables that have a gradient: all that the loss depends on, but for targets."""
        if self.halts:
            return frozenset()
        wanted = {self.loss}
        for node in reversed(self.nodes):
            if not wanted.isdisjoint(node.outputs):
                wanted.update(node.inputs, node.parameters.values())
        return frozenset(wanted.difference([target.name for target in self.targets]))

    def reached(self, node: Node) -> bool:
        """Whether backward comes to a node: the loss depends on what it makes."""
        return not self.differentiable.isdisjoint(node.outputs)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The stops of one training step, in order."""
        stops: list[tuple[Phase, str | None, str | None]] = [("batch", None, None)]
        shown = [node for node in self.nodes if not node.collapsed]
        stops += [("cost" if node.name in self.cost_phase else "forward", node.name, None) for node in shown]
        if self.halts:
            return tuple(Event(index, *stop) for index, stop in enumerate(stops))
        stops += [("zero", None, None), ("seed", None, None)]
        stops += [("backward", node.name, None) for node in reversed(shown) if self.reached(node)]
        stops += [("update", None, parameter.name) for parameter in self.parameters]
        return tuple(Event(index, *stop) for index, stop in enumerate(stops))

    @cached_property
    def stop(self) -> dict[tuple[Phase, str], int]:
        """The index of each event that has a module or a parameter, by its phase and that."""
        return {(e.phase, e.node or str(e.parameter)): e.index for e in self.events if e.node or e.parameter}

    def summed(self, duplicate: Node) -> int:
        """The event that makes the last addend of a Duplicate's gradient; −1 where no copy is on a way to the loss."""
        return max(self.stop.get(("backward", self.reader[copy].name), -1) for copy in duplicate.outputs)

    def names(self, node: Node) -> dict[str, str]:
        """The symbols that a module's texts put in at this node (see `Module`)."""
        xs, ys = [symbol(name) for name in node.inputs], [symbol(name) for name in node.outputs]
        table = {
            "m": node.name,
            "x": xs[0],
            "y": ys[0],
            "t": xs[-1],
            "xs": ", ".join(xs),
            "ys": " = ".join(ys),
            "sum_x": " + ".join(xs),
            "sum_dy": "d" + " + d".join(ys),
            "dxs": "d" + " = d".join(xs),
            "dxs_list": "d" + ", d".join(xs),
        }
        for k, x in enumerate(xs, 1):
            table[f"x{k}"] = x
        for k, y in enumerate(ys, 1):
            table[f"y{k}"] = y
        for local, name in node.parameters.items():
            table[_LETTERS.get(local, local)] = symbol(name)
        return table


def wire(net: Net) -> Graph:
    """Infer every shape, name every parameter, and make each second use of a variable a Duplicate.

    Raises GraphError, which names the module, the shape that it got and the shape that it wants.
    """
    variables: dict[str, Variable] = {}
    for given in net.given:
        if not given.name:
            raise GraphError("an observed variable has no name")
        role: Role = "target" if given.target else "input"
        variables[given.name] = Variable(given.name, given.shape, role, classes=given.classes)
    owners: dict[str, dict[str, str]] = {}
    drafts = [_draft(layer, variables, owners) for layer in net.layers]
    return _with_duplicates(net.name, variables, drafts)


def _draft(layer: Layer, variables: dict[str, Variable], owners: dict[str, dict[str, str]]) -> Node:
    """A node before Duplicates; adds its parameters and outputs to the variables."""
    place = f"{layer.name} ({layer.module.kind})"
    if "" in (layer.name, *layer.outputs):
        raise GraphError(f"{place}: wants a name for itself and for what it makes")
    for name in layer.inputs:
        if name not in variables:
            raise GraphError(f"{place}: reads {name!r}, which nothing before it makes")
    if layer.module.role == "cost" and len(layer.inputs) == 2 and variables[layer.inputs[1]].role != "target":
        raise GraphError(f"{place}: compares with {layer.inputs[1]!r}, wants a target there")
    if layer.name in owners:
        raise GraphError(f"{place}: the name {layer.name!r} is taken already")
    wanted = layer.module.inputs
    if (wanted is not None and len(layer.inputs) != wanted) or (wanted is None and not layer.inputs):
        raise GraphError(f"{place}: got {len(layer.inputs)} inputs, wants {wanted or 'at least one'}")
    specs = tuple(variables[name].spec for name in layer.inputs)
    try:
        outputs, shapes = layer.module.specs(*specs), layer.module.parameters(*specs)
    except ShapeError as error:
        raise GraphError(f"{place}: {error}") from None
    if len(outputs) != len(layer.outputs):
        raise GraphError(f"{place}: makes {len(outputs)} outputs, {len(layer.outputs)} are named")
    if layer.shares is None:
        own = {local: f"{layer.name}.{local}" for local in shapes}
        for local, name in own.items():
            variables[name] = Variable(name, shapes[local], "parameter", batched=False)
    else:
        own = owners.get(layer.shares, {})
        for local, shape in shapes.items():
            if local not in own:
                raise GraphError(f"{place}: shares the parameters of {layer.shares!r}, which has no {local}")
            if variables[own[local]].shape != shape:
                raise GraphError(
                    f"{place}: shares {own[local]} of shape {Spec(variables[own[local]].shape)}, wants {Spec(shape)}"
                )
    owners[layer.name] = own
    for name, spec in zip(layer.outputs, outputs, strict=True):
        if name in variables:
            raise GraphError(f"{place}: makes {name!r}, which exists already")
        variables[name] = Variable(name, spec.shape, "computed", spec.batched, maker=layer.name)
    return Node(layer.name, layer.module, layer.inputs, layer.outputs, {k: own[k] for k in shapes})


def _with_duplicates(name: str, variables: dict[str, Variable], drafts: list[Node]) -> Graph:
    """The graph in which every variable is read at most once."""
    uses = Counter([read for node in drafts for read in (*node.inputs, *node.parameters.values())])
    shared = {read for read, count in uses.items() if count > 1 and variables[read].role != "target"}
    nodes: list[Node] = []
    taken: dict[str, int] = {}
    placed = dict(variables)

    def take(read: str) -> str:
        """The name under which the next reader sees a variable; places its Duplicate at the first use."""
        if read not in shared:
            return read
        if read not in taken:
            taken[read] = 0
            copies = tuple(copy_name(read, k) for k in range(uses[read]))
            title = f"share {read}" if variables[read].role == "parameter" else f"dup {read}"
            nodes.append(Node(title, Duplicate(len(copies)), (read,), copies, {}))
            for copy in copies:
                placed[copy] = Variable(copy, variables[read].shape, "computed", variables[read].batched, maker=title)
        taken[read] += 1
        return copy_name(read, taken[read] - 1)

    for node in drafts:
        if not shared.isdisjoint((*node.inputs, *node.parameters.values())):
            inputs = tuple(take(read) for read in node.inputs)
            parameters = {local: take(read) for local, read in node.parameters.items()}
            nodes.append(node._replace(inputs=inputs, parameters=parameters))
        else:
            nodes.append(node)
    ends = [v.name for v in variables.values() if v.role == "computed" and v.name not in uses]
    scalars = [end for end in ends if placed[end].shape == () and not placed[end].batched]
    if len(scalars) != 1:
        found = f"{len(scalars)} ({', '.join(scalars)})" if scalars else "none"
        raise GraphError(f"{name}: wants one scalar at its end, the cost; found {found}")
    return Graph(name, placed, tuple(nodes), scalars[0])
