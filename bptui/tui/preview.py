"""What the home screen shows of the highlighted net: facts, and its block diagram after a backward pass."""

from __future__ import annotations

from functools import lru_cache

from bptui.drawing.canvas import Canvas
from bptui.drawing.diagram import lay_out, paint
from bptui.session.actions import RunToEnd
from bptui.session.knobs import cost_name
from bptui.session.session import Session
from bptui.sources.presets import PRESETS


@lru_cache(maxsize=16)
def _session(name: str) -> Session:
    session = Session(PRESETS[name])
    session.apply(RunToEnd("backward"))
    return session


@lru_cache(maxsize=16)
def diagram(name: str, width: int, height: int) -> Canvas:
    """The net's block diagram with both lanes done, cut to the size where it is larger."""
    session = _session(name)
    layout = lay_out(session.graph, width, height)
    drawn = paint(layout, session.moment(), selected=None, breakpoints=frozenset())
    fitting = Canvas(min(width, drawn.width), min(height, drawn.height))
    fitting.paste(drawn, 0, 0)
    fitting.regions.clear()
    return fitting


def facts(name: str) -> list[tuple[str, str]]:
    """A label and a few words each: what the net is made of, and how it is trained."""
    experiment = PRESETS[name]
    graph = experiment.graph
    modules = [node.module.title or node.module.kind for node in graph.nodes if not node.collapsed]
    count = sum(_size(parameter.shape) for parameter in graph.parameters)
    return [
        ("modules", " · ".join(modules)),
        ("weights", f"{count} parameters, init {'given' if experiment.parameters else experiment.init}"),
        ("data", f"{experiment.count} samples, minibatches of {experiment.batch}"),
        ("training", f"{cost_name(experiment)}, {experiment.optimiser.kind}, lr {experiment.lr:g}"),
    ]


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size
