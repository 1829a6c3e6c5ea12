"""A plane in parameter space: the one or two directions of a loss surface that are in view."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.module import subscript
from bptui.engine.random import generator


class PlaneError(ValueError):
    """Directions that cannot span a plane. One line: what came, and what is wanted."""


@dataclass(frozen=True, eq=False)
class Plane:
    """All points origin + Σ position[k] · directions[k].

    `origin` is (P,), `directions` (D, P) with D = 1 or 2, `labels` their names. In a plane of two chosen entries a
    position is those entries' own values.
    """

    origin: Array
    directions: Array
    labels: tuple[str, ...]

    @property
    def dimensions(self) -> int:
        return len(self.directions)

    @property
    def whole(self) -> bool:
        """Whether the plane is all of parameter space: then nothing happens outside it."""
        return len(self.directions) == len(self.origin)

    @cached_property
    def moving(self) -> Array:
        """Which parameters differ within the plane, (P,) of truth values."""
        moving: Array = (self.directions != 0.0).any(axis=0)
        return moving

    @cached_property
    def _dual(self) -> Array:
        """(P, D): a difference of points times this is its least-squares position."""
        dual: Array = np.linalg.solve(self.directions @ self.directions.T, self.directions).T
        return dual

    def at(self, positions: Array) -> Array:
        """The parameter vectors (…, P) at positions (…, D)."""
        vectors: Array = self.origin + np.asarray(positions, float) @ self.directions
        return vectors

    @np.errstate(all="ignore")
    def project(self, vectors: Array) -> Array:
        """The positions (…, D) in the plane that are closest to parameter vectors (…, P)."""
        return self.along(vectors - self.origin)

    def along(self, displacements: Array) -> Array:
        """How far displacements (…, P) go along the plane's axes, (…, D): the least-squares coordinates."""
        coordinates: Array = displacements @ self._dual
        return coordinates

    def partials(self, gradients: Array) -> Array:
        """Gradients (…, P) as partial derivatives along the plane's axes, (…, D)."""
        partials: Array = gradients @ self.directions.T
        return partials

    def through(self, vector: Array) -> Plane:
        """The parallel plane through a parameter vector, (P,). Every point projects onto the same position in both."""
        return replace(self, origin=vector - self.project(vector) @ self.directions)


def entry_plane(graph: Graph, vector: Array, *entries: str) -> Plane:
    """The plane through a parameter vector, (P,), along one or two entries such as "m0.weight[0,0]".

    Raises PlaneError if there is no such entry, or both are the same.
    """
    places = [_place(graph, text) for text in entries]
    if not 1 <= len(places) <= 2:
        raise PlaneError(f"got {len(places)} entries, wants one or two")
    if len(set(places)) < len(places):
        raise PlaneError(f"both axes are {entries[0]}, wants two different entries")
    directions = np.eye(len(vector))[places]
    return Plane(np.zeros_like(vector), directions, tuple(map(_compact, entries))).through(vector)


def random_plane(graph: Graph, vector: Array, seed: int = 0) -> Plane:
    """Two random directions around a parameter vector, (P,), filter-normalised; `vector` is at position (0, 0).

    Each row of a weight gets normal random numbers, scaled to the norm of the same row of `vector`; biases stay as
    they are. Source: Li et al. 2018, "Visualizing the loss landscape of neural nets", with biases ignored as in the
    authors' code for their figures.

    Raises PlaneError if the weights leave no two directions.
    """
    directions, start = np.zeros((2, len(vector))), 0
    for parameter in graph.parameters:
        size = int(np.prod(parameter.shape))
        if len(parameter.shape) > 1:
            rows = vector[start : start + size].reshape(parameter.shape[0], -1)
            norms = np.linalg.norm(rows, axis=1, keepdims=True)
            for k, direction in enumerate(directions):
                drawn = generator(seed, "direction", parameter.name, k).standard_normal(rows.shape)
                drawn *= norms / np.linalg.norm(drawn, axis=1, keepdims=True)
                direction[start : start + size] = drawn.ravel()
        start += size
    if np.linalg.matrix_rank(directions) < 2:
        raise PlaneError("random directions want at least two weights, in rows that are not all 0")
    return Plane(vector.copy(), directions, ("direction 1", "direction 2"))


def usual_plane(graph: Graph, vector: Array, seed: int = 0) -> Plane:
    """All parameters where there are one or two; else two random directions, or the first two entries failing those."""
    entries = parameter_entries(graph)
    if len(entries) > 2:
        try:
            return random_plane(graph, vector, seed)
        except PlaneError:
            pass  # the weights are 0, or but one
    return entry_plane(graph, vector, *entries[:2])


def parameter_entries(graph: Graph) -> tuple[str, ...]:
    """The names of all entries of all parameters, in the order of the parameter vector."""
    return tuple(p.name + subscript(index) for p in graph.parameters for index in np.ndindex(*p.shape))


def _place(graph: Graph, text: str) -> int:
    """Where an entry lies in the parameter vector."""
    match = re.fullmatch(r"(.+)\[(\d+(?:,\d+)*)\]", _compact(text))
    if match is None:
        raise PlaneError(f"{text!r} is no entry of a parameter, wants for instance {parameter_entries(graph)[0]}")
    name, index = match[1], tuple(map(int, match[2].split(",")))
    start = 0
    for parameter in graph.parameters:
        if parameter.name == name:
            shape = parameter.shape
            if len(index) != len(shape) or any(i >= n for i, n in zip(index, shape, strict=True)):
                raise PlaneError(f"{name} has shape {list(shape)}, no entry {list(index)}")
            return start + int(np.ravel_multi_index(index, shape))
        start += int(np.prod(parameter.shape))
    raise PlaneError(f"{name}: no such parameter; this net has {', '.join(p.name for p in graph.parameters)}")


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text)
