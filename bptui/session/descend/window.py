"""The part of a plane that is worth a look: the start, where descent leads, and some way around both."""

from __future__ import annotations

import numpy as np

from bptui.engine.modules.landscapes import Landscape
from bptui.session.descend.lab import Descent
from bptui.session.descend.spectrum import LIMIT

Stretch = tuple[float, float]

LONG, SHORT = 200, 5  # updates of the first racer that are looked at; few where each takes long
AROUND = 0.4  # how far to go beyond, as a share of the longer side
LEAST, CURVED = 0.8, 1.6  # and at least; more where there are plains and kinks to be seen


def window(descent: Descent) -> tuple[Stretch, ...]:
    """A stretch of each axis. A landscape says its own; else it holds the start and the lowest point known."""
    nodes = descent.objective.graph.nodes
    landscape = next((n.module for n in nodes if isinstance(n.module, Landscape)), None)
    if landscape is not None and descent.plane.whole:
        return landscape.window
    path = descent.paths[0]
    path.extend(LONG if descent.objective.size <= LIMIT else SHORT)
    losses = np.where(np.isfinite(path.losses), path.losses, np.inf)
    ends = [path.positions[0], path.positions[int(losses.argmin())]]
    found = descent.spectrum() if descent.quadratic else None
    if found is not None and found.minimum is not None:
        ends.append(descent.plane.project(found.minimum))
    low, high = np.min(ends, axis=0), np.max(ends, axis=0)
    margin = max(LEAST if descent.quadratic else CURVED, AROUND * float((high - low).max()))
    return tuple((float(a - margin), float(b + margin)) for a, b in zip(low, high, strict=True))
