"""The block diagram for Graphviz, in the lecture's notation: variables round, functions boxes, the cost square and red,
and below them the derivative network, which runs the other way.
"""

from __future__ import annotations

from collections.abc import Iterator

from bptui.drawing.boxes import GROUNDS, ROLES
from bptui.drawing.colours import COLOURS
from bptui.drawing.parts import Link, Part, Sketch, sketch
from bptui.engine.graph import Graph
from bptui.engine.module import Spec
from bptui.export.text import one_line

FORMS = {  # how each kind of part is drawn
    "variable": "shape=ellipse",
    "observed": "shape=ellipse, penwidth=2",
    "function": 'shape=box, style="rounded,filled"',
    "cost": "shape=box, penwidth=2",
    "gradient": "shape=ellipse",
    "twin": 'shape=box, style="rounded,filled"',
    "seed": "shape=ellipse, penwidth=2",
}


def dot(graph: Graph, theme: str = "light") -> Iterator[str]:
    """The diagram and its derivative network as DOT, in pieces. Names are text, whatever they hold."""
    drawn, colours = sketch(graph), COLOURS[theme]
    yield f"digraph {quoted(graph.name)} {{\n"
    yield f'  rankdir=LR; bgcolor="{colours["background"]}"; nodesep=0.4; ranksep=0.4;\n'
    yield f'  node [fontname="Helvetica", style=filled, fillcolor="{colours["background"]}"];\n'
    yield "  edge [arrowsize=0.7];\n\n"
    # what comes first is drawn below: the derivative network
    for part in sorted(drawn.parts.values(), key=lambda part: ROLES[part.look] != "gradient"):
        yield f"  {quoted(part.key)} [label={_label(graph, part)}, {_look(part, colours)}];\n"
    yield "\n"
    for link in drawn.twins:  # turned round, so that each stands under what it is the derivative of
        style = ", style=dashed" * bool(link.parameter)
        yield _edge(link.target, link.source, f'dir=back, color="{colours["gradient"]}"{style}')
    yield "\n"
    for link in _forward(drawn):
        yield _edge(link.source, link.target, f'color="{colours["computed"]}"{", style=dashed" * bool(link.parameter)}')
    yield "\n"
    for key in drawn.parts:
        twin = {"var": "grad", "node": "back"}.get(key.partition(":")[0])
        below = f"{twin}:{key.partition(':')[2]}"
        if below in drawn.parts:
            yield f"  {{ rank=same; {quoted(key)}; {quoted(below)}; }}\n"
    yield "}\n"


def _forward(drawn: Sketch) -> Iterator[Link]:
    """The wires of the forward network, those from targets to their costs among them."""
    yield from drawn.links
    for cost, target in drawn.attached.items():
        yield Link(target, cost, (drawn.parts[cost].event,))


def _edge(source: str, target: str, style: str) -> str:
    return f"  {quoted(source)} -> {quoted(target)} [{style}];\n"


def _look(part: Part, colours: dict[str, str]) -> str:
    role = colours[ROLES[part.look]]
    ground = GROUNDS.get(part.look)
    fill = f', fillcolor="{colours[ground]}"' if ground else ""
    return f'{FORMS[part.look]}, color="{role}", fontcolor="{role}"{fill}'


def _label(graph: Graph, part: Part) -> str:
    """What stands in a part: a module's name over what it does, a variable over its shape."""
    kind, _, name = part.key.partition(":")
    lines = [part.title, part.text] if part.title else [part.text]
    if kind in ("var", "grad", "param") and graph.variables[name].shape:
        lines.append(str(Spec(graph.variables[name].shape)))
    return quoted(*lines)


def quoted(*lines: str) -> str:
    """Lines as a string of DOT. Neither its escapes nor the entities of HTML are left to a name.

    >>> quoted('a"b', "&amp;\\\\N")
    '"a\\\\"b\\\\n&amp;amp;\\\\\\\\N"'
    """
    plain = (one_line(line).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(plain) + '"'
