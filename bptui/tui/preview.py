"""What home shows of a net, a lab or a lesson beside the words: facts, and a block diagram."""

from __future__ import annotations

from functools import lru_cache

from bptui.course.lesson import Stage
from bptui.course.stage import experiment_of
from bptui.drawing.boxes import draw_box
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.diagram import Layout, lay_out, outline, paint
from bptui.drawing.lines import MUTED
from bptui.drawing.numbers import shape_text
from bptui.drawing.parts import Part
from bptui.engine.graph import Graph
from bptui.session.actions import RunToEnd
from bptui.session.knobs import KNOBS, cost_name
from bptui.session.session import Session
from bptui.sources.labs import DESCEND, TRAIN
from bptui.sources.presets import PRESETS

_ARROW = "───▶"


@lru_cache(maxsize=16)
def _session(name: str) -> Session:
    session = Session(PRESETS[name])
    session.apply(RunToEnd("backward"))
    return session


@lru_cache(maxsize=16)
def diagram(name: str, width: int, height: int) -> Canvas:
    """A net's block diagram after a backward pass; where it is too large, without its values."""
    session = _session(name)
    layout = lay_out(session.graph, width, height)
    if layout.size.rows < 3 or layout.width > width or layout.height > height:
        return plain(session.graph, width, height)
    drawn = paint(layout, session.moment(), selected=None, breakpoints=frozenset())
    drawn.regions.clear()
    return drawn


@lru_cache(maxsize=16)
def of_stage(stage: Stage, width: int, height: int) -> Canvas:
    """The block diagram of a lesson's stage. It shows no values: they may be what is asked. Raises StageError."""
    return plain(experiment_of(stage).graph, width, height)


@lru_cache(maxsize=4)
def of_lab(place: str, name: str, width: int, height: int) -> Canvas:
    """The block diagram of what a lab opens with."""
    return plain((DESCEND if place == "descend" else TRAIN)[name].graph, width, height)


def plain(graph: Graph, width: int, height: int) -> Canvas:
    """Both lanes without values; only the forward lane, in lines, where that is too large."""
    return outline(graph, width, height) or in_lines(lay_out(graph, width, height), width, height)


def in_lines(layout: Layout, width: int, height: int) -> Canvas:
    """The forward boxes in the order in which they are computed, as lines of text are set, with shapes below."""
    sketch = layout.sketch
    targets, joined = set(sketch.attached.values()), {(link.source, link.target) for link in sketch.links}
    parts = [p for key, p in sketch.parts.items() if key.startswith(("var:", "node:")) and key not in targets]
    places: list[tuple[Part, int, int, bool]] = []
    x = row = 0
    for k, part in enumerate(parts):
        wide = cells(part.tiny) + 2
        linked = k > 0 and (parts[k - 1].key, part.key) in joined
        given = part.look == "observed"
        if x and (x + wide > width or not linked):
            x, row = 0 if given else len(_ARROW), row + 1
        places.append((part, x, row, not given and k > 0))
        x += wide + len(_ARROW)
    pitch = max(1, min(3, height // (row + 1)))
    canvas = Canvas(max(left + cells(part.tiny) + 2 for part, left, _, _ in places), pitch * row + min(pitch, 2))
    for part, left, row, arrow in places:
        wide = cells(part.tiny) + 2
        draw_box(canvas, (left, pitch * row, wide, 1), part.look, part.tiny, "done", None)
        if arrow:
            canvas.put(left - len(_ARROW), pitch * row, _ARROW, Ink("computed"))
        if pitch > 1 and part.key.startswith("var:"):
            shape = shape_text(layout.graph.variables[part.key.removeprefix("var:")].shape)
            canvas.put(max(0, left + (wide - cells(shape)) // 2), pitch * row + 1, shape, MUTED)
    return canvas


def facts(name: str) -> list[tuple[str, str]]:
    """A label and a few words each: what the net is made of, and how it is trained."""
    experiment = PRESETS[name]
    graph = experiment.graph
    modules = [node.module.title or node.module.kind for node in graph.nodes if not node.collapsed]
    count = sum(_size(parameter.shape) for parameter in graph.parameters)
    return [
        ("modules", " · ".join(modules)),
        ("weights", f"{count} parameters, init {KNOBS['init'].read(experiment)}"),
        ("data", f"{experiment.count} samples, minibatches of {experiment.batch}"),
        ("training", f"{cost_name(experiment)}, {experiment.optimiser.kind}, lr {experiment.lr:g}"),
    ]


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size
