"""A lesson for a screen reader: its text and its stage in words, with no glyph that only an eye can use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from bptui.course.player import Player
from bptui.course.quantity import Quantity, QuantityError, looked_up
from bptui.drawing.lines import wrap
from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.moment import Moment
from bptui.sources.narration import described, spoken, told
from bptui.sources.trace import stop_at

WIDTH = 78
HIDDEN = "hidden until you answer"

_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_KEPT = re.compile(r"[\[\]]|(?<=\bd\w)/(?=d)|(?<=\d)/(?=\d)")  # of names, for which `spoken` has words
_DRAWN = re.compile("[\u2190-\u21ff\u2500-\u28ff]")  # arrows, boxes, blocks, marks, dingbats, braille
_NAME = re.compile(r"[^\W\d][\w.-]*")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s")


def aloud(text: str) -> str:
    """A line with its symbols as words. Names such as s[0] stay as they are typed, numbers are told apart by commas.

    >>> aloud("dC/dz[1] of [−0.5  1.0] is W₀ᵀ·s → y")
    'dC/dz[1] of [minus 0.5, 1.0] is W0 transposed times s to y'
    """
    text = _BRACKETS.sub(lambda match: match[0].replace(";  ", "; ").replace("  ", ", "), text)
    text = text.replace("→", " to ").replace("Δ", "the change of ")
    text = spoken(_KEPT.sub(lambda match: chr(0xE000 + ord(match[0])), text))
    text = re.sub("[\ue000-\ue0ff]", lambda match: chr(ord(match[0]) - 0xE000), text).replace("[ ", "[")
    plain = _DRAWN.sub(" ", unicodedata.normalize("NFKC", text))
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def paragraphs(markdown: str) -> str:
    """Markdown as plain text: paragraphs and items wrapped, lines of formulas each by itself."""
    blocks = []
    for number, part in enumerate(markdown.split("```")):
        if number % 2:
            blocks.append("\n".join(filter(None, (wrapped(line) for line in part.strip("\n").split("\n")))))
            continue
        blocks += ["\n".join(wrapped(item) for item in _items(block)) for block in re.split(r"\n\s*\n", part)]
    return "\n\n".join(block for block in blocks if block.strip())


def _items(block: str) -> list[str]:
    """A paragraph's lines joined, but for each item of a list."""
    items: list[str] = []
    for line in block.strip().split("\n"):
        if items and not _ITEM.match(line):
            items[-1] += f" {line.strip()}"
        else:
            items.append(line.strip())
    return [item.replace("**", "").replace("`", "") for item in items]


def wrapped(text: str) -> str:
    """A paragraph in lines of at most `WIDTH` cells, as it is read aloud."""
    return "\n".join(wrap(aloud(text), WIDTH))


# -- the stage


def event(player: Player) -> Iterator[str]:
    """The event at which the learner stands, and what it made, a sentence a line; without what is hidden."""
    session = player.session
    stop = stop_at(session.moment())
    at = stop.event
    step = f"training step {stop.step + 1}, " if session.address.step else ""
    place = f", {stop.module}, {stop.kind}" if stop.module else ""
    yield f"On the stage: {step}event {at.index + 1} of {len(session.graph.events)}, {at.phase}{place}."
    values = {name: v for name, v in stop.values.items() if not player.hides(_of(at.parameter), name)}
    gradients = {name: v for name, v in stop.gradients.items() if not player.hides("grad", name)}
    yield from told(replace(stop, values=values, gradients=gradients))
    for name in stop.values.keys() - values.keys():
        yield f"{aloud(symbol(name))} is {HIDDEN}."
    for name in stop.gradients.keys() - gradients.keys():
        yield f"{aloud(gradient_symbol(name))} is {HIDDEN}."


def _of(parameter: str | None) -> str:
    return "update" if parameter else "value"


def inventory(player: Player) -> Iterator[str]:
    """All that is known at the cursor: modules, values and gradients, each on a line."""
    session = player.session
    graph, moment = session.graph, session.moment()
    for node in graph.nodes:
        if not node.collapsed:
            reads, makes = (
                " and ".join(aloud(symbol(name)) for name in names) for names in (node.inputs, node.outputs)
            )
            yield f"{node.name}, {node.module.kind}, reads {reads} and makes {makes}."
    for name, variable in graph.variables.items():
        if variable.maker is not None and graph.node[variable.maker].collapsed:
            continue
        title = name if name == (said := aloud(symbol(name))) else f"{name}, also written {said},"
        for kind, values in (("value", moment.value(name)), ("grad", moment.gradient(name))):
            whose = title if kind == "value" else f"the gradient of {name}"
            if player.hides(kind, name):
                yield f"{whose} is {HIDDEN}."
            elif values is not None:
                yield f"{whose} is {described(values)}."


def named(words: str, graph: Graph) -> str:
    """Words that were typed, with the names of what they call by its symbol, such as m.weight for W.

    A name of the net's own means itself.
    """
    symbols = {aloud(symbol(name)): name for name in graph.variables if name not in graph.copy_of}
    typed = unicodedata.normalize("NFKC", words)
    return _NAME.sub(lambda m: m[0] if m[0] in graph.variables else symbols.get(m[0], m[0]), typed)


def shown(player: Player, words: str) -> str:
    """One quantity in a sentence. Raises QuantityError for words that name none, or what is not known yet."""
    kind = words.split(" ")[0]
    try:
        quantity = Quantity.read(words)
    except QuantityError:
        if " " in words:
            raise
        quantity = Quantity.read(f"value {kind}")
    name = quantity.of.name if quantity.kind == "shape" and quantity.of else quantity.name
    if player.hides(quantity.kind, name, quantity.index):
        return f"{quantity} is {HIDDEN}."
    session = player.session
    found = looked_up(quantity, session)
    if not _known(quantity, session.moment()):
        return f"{quantity} is not computed yet at this place; forward goes there."
    return f"{quantity} is {' by '.join(map(str, found)) or '1' if isinstance(found, tuple) else described(found)}."


def _known(quantity: Quantity, moment: Moment) -> bool:
    """Whether the cursor has reached what makes a value or a gradient."""
    values: Array | float | None = 0.0
    match quantity.kind:
        case "value":
            values = moment.value(quantity.name)
        case "grad":
            values = moment.gradient(quantity.name)
        case "loss":
            values = moment.loss
    return values is not None
