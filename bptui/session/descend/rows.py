"""The loss of many points of a plane at once, where a net is affine in the plane up to its non-linear functions.

The affine part of the net is then known from a few forward passes. The rest is bound anew, by the same modules, to
buffers that hold all samples of a stretch of cells: small enough to stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bptui.engine.buffers import Array, Shape, aligned, flat
from bptui.engine.graph import Node
from bptui.engine.modules import AbsoluteError, BinaryCrossEntropy, SquaredError
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.landscapes import Landscape
from bptui.engine.site import Call, Site
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import Plane

SUMMED = (SquaredError, AbsoluteError, BinaryCrossEntropy)  # costs that are sums over the entries of their inputs
STRETCH = 12288  # entries of the widest variable in one stretch of cells


class Rows:
    """Fills a grid in stretches of a row's cells. `known` is the degree of each variable in the plane."""

    def __init__(self, objective: Objective, plane: Plane, known: dict[str, float]) -> None:
        self.objective, self.plane, self._known = objective, plane, known
        self.nodes = curved(objective, known)
        self._affine = [name for name in _read(self.nodes) if 0.0 < known[name] <= 1.0]

    def fill(self, axes: tuple[Array, ...], losses: Array) -> Iterator[None]:
        """Fill losses, (R, C), and pause after each row of each stretch."""
        xs, ys = axes[0], axes[1] if len(axes) > 1 else np.zeros(1)
        offset, slopes = self._affine_part()
        widest = max(self.objective.program.values[name].size for node in self.nodes for name in node.outputs)
        cells = -(-len(xs) // min(len(xs), -(-len(xs) * widest // STRETCH)))  # stretches of equal length
        inputs, run, result = self._bound(cells)
        affine = [(flat(offset[n]), [flat(slope[n]) for slope in slopes], inputs[n]) for n in self._affine]
        bases = [np.stack([zero, slope[0]]) for zero, slope, _ in affine]
        penalties = self._penalties(xs, ys)
        for start in range(0, len(xs), cells):
            here = slice(min(start, len(xs) - cells), min(start, len(xs) - cells) + cells)
            places = np.column_stack([np.ones(cells), xs[here]])
            for row, y in enumerate(ys):
                for (zero, slope, values), base in zip(affine, bases, strict=True):
                    if len(slope) > 1:
                        np.multiply(slope[1], y, out=base[0])
                        np.add(base[0], zero, out=base[0])
                    np.dot(places, base, out=values)  # faster than a sum that is broadcast
                for call in run:
                    call()
                np.add(result, penalties[row, here], out=losses[row, here])
                yield

    def _affine_part(self) -> tuple[dict[str, Array], list[dict[str, Array]]]:
        """The affine variables at position 0, and how they grow along each axis: (N, *shape) each."""
        program, plane = self.objective.program, self.plane

        def at(position: Array) -> dict[str, Array]:
            self.objective.run(plane.at(position))
            return {name: program.values[name].copy() for name in self._affine}

        offset = at(np.zeros(plane.dimensions))
        ends = [at(position) for position in np.eye(plane.dimensions)]
        return offset, [{name: end[name] - offset[name] for name in self._affine} for end in ends]

    def _penalties(self, xs: Array, ys: Array) -> Array:
        """What penalties add, (R, C): along entries they are a function of x plus a function of y."""
        if not any(node.module.role == "penalty" for node in self.objective.graph.nodes):
            return np.zeros((len(ys), len(xs)))

        def at(x: float, y: float) -> float:
            position = np.array([x, y][: self.plane.dimensions])
            return self.objective.penalty(self.plane.at(position))

        along_x, along_y = np.array([at(x, 0.0) for x in xs]), np.array([at(0.0, y) for y in ys])
        return along_x + (along_y - at(0.0, 0.0))[:, None]

    def _bound(self, cells: int) -> tuple[dict[str, Array], list[Any], Array]:
        """The affine variables' buffers, a row for each cell, the calls of what follows, and its result, (cells,)."""
        objective, graph = self.objective, self.objective.graph
        count, buffers = objective.count, dict[str, Array]()
        for node in graph.nodes:
            if node.module.role == "penalty":  # added apart
                buffers[node.outputs[0]] = np.zeros(cells)
        for name in _read(self.nodes):
            if self._known[name] == 0.0 and name not in buffers:
                value = objective.program.values[name]
                copies = cells if graph.variables[name].batched or value.shape == () else 1
                buffers[name] = np.repeat(value[None], copies, axis=0)
            elif name in self._affine:
                buffers[name] = aligned((cells, *objective.program.values[name].shape), np.float64)
        calls: list[Call] = []
        for node in self.nodes:
            calls += self._bind(node, cells, count, buffers)
        run = [call.bound() for call in calls]
        return {name: buffers[name].reshape(cells, -1) for name in self._affine}, run, buffers[graph.loss]

    def _bind(self, node: Node, cells: int, count: int, buffers: dict[str, Array]) -> list[Call]:
        variables, inputs = self.objective.graph.variables, [buffers[name] for name in node.inputs]
        parameters = {local: self.objective.program.values[name] for local, name in node.parameters.items()}
        if isinstance(node.module, Cost):
            buffers[node.outputs[0]] = aligned((cells,), np.float64)
            site: Site = CellSite(node.name, cells, inputs, buffers[node.outputs[0]])
        elif isinstance(node.module, Landscape):  # one sample: each cell is one
            site = _site(node.name, cells, [inputs[0].reshape(cells, 2)], [np.zeros(())], {})
            buffers[node.outputs[0]] = site.buffer("heights", ())
        elif variables[node.outputs[0]].batched:  # every cell's samples are samples of one large batch
            inputs = [buffer.reshape(-1, *buffer.shape[2:]) for buffer in inputs]
            outputs = []
            for name in node.outputs:
                view = node.module.alias(inputs[0])
                made = aligned((cells * count, *variables[name].shape), np.float64) if view is None else view
                outputs.append(made)
                buffers[name] = made.reshape(cells, count, *variables[name].shape)
            site = _site(node.name, cells * count, inputs, outputs, parameters)
        else:
            buffers[node.outputs[0]] = aligned((cells,), np.float64)
            site = _site(node.name, count, inputs, [buffers[node.outputs[0]]], parameters)
        node.module.forward(site)
        return site.calls


class CellSite(Site):
    """The place of a cost with a leading axis of cells: what it sums, it sums within each cell."""

    def __init__(self, name: str, cells: int, inputs: list[Array], output: Array) -> None:
        super().__init__(name, inputs[0].shape[1], np.dtype(np.float64), inputs, [output], training=False)
        self.cells = cells

    def buffer(self, key: str, shape: Shape, *, batched: bool = True, dtype: Any = None) -> Array:
        if batched:
            raise NotImplementedError(f"{self.name}: buffers of single samples are not kept for each cell")
        return super().buffer(key, (self.cells, *shape), batched=False, dtype=dtype)

    def sum_of_products(self, a: Array, b: Array, out: Array) -> None:
        self.calls.append(Call(_row_dots, (a.reshape(self.cells, -1), b.reshape(self.cells, -1)), out, {}))


def _row_dots(a: Array, b: Array, out: Array) -> None:
    np.vecdot(a, b, out=out)


def _site(name: str, batch: int, inputs: list[Array], outputs: list[Array], parameters: dict[str, Array]) -> Site:
    return Site(name, batch, np.dtype(np.float64), inputs, outputs, parameters=parameters, training=False)


def curved(objective: Objective, known: dict[str, float]) -> list[Node]:
    """The nodes, less the penalties, whose outputs are not affine in the plane."""
    nodes = objective.graph.nodes
    return [n for n in nodes if n.module.role != "penalty" and any(known[name] > 1.0 for name in n.outputs)]


def by_rows(objective: Objective, plane: Plane, known: dict[str, float]) -> bool:
    """Whether `Rows` can evaluate this plane: the non-affine part must have constant parameters and plain sums."""
    nodes, variables = curved(objective, known), objective.graph.variables
    penalised = any(node.module.role == "penalty" for node in objective.graph.nodes)
    along_entries = (np.count_nonzero(plane.directions, axis=1) == 1).all()
    return (
        bool(nodes)
        and all(
            (not isinstance(node.module, Cost) or isinstance(node.module, SUMMED))
            and (not isinstance(node.module, Landscape) or objective.count == 1)
            and all(known[name] == 0.0 for name in node.parameters.values())
            and all(variables[name].batched for name in node.inputs if 0.0 < known[name] <= 1.0)
            for node in nodes
        )
        and (along_entries or not penalised)
    )


def _read(nodes: list[Node]) -> list[str]:
    return list(dict.fromkeys(name for node in nodes for name in node.inputs))
