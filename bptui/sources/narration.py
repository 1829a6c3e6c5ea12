"""A walk as plain sentences, one thing a line: for a screen reader, a pipe, or anyone who would rather read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.experiment import Experiment
from bptui.session.source import Source
from bptui.sources.trace import Stop, final_gradients, stops

ROW, ROWS, FIRST = 12, 12, 5  # entries of a row and rows that are read out in full; entries of longer ones


def narrated_trace(experiment: Experiment, steps: int = 1, source: Source | None = None) -> Iterator[str]:
    """The walk in pieces of text, a paragraph an event. Symbols are words: no line art, no subscripts, no Greek.

    What was decided in reading the net from its `source` comes first.
    """
    graph = experiment.graph
    if source is not None and source.said:
        decided = "".join(f"{text[0].upper()}{text[1:]}.\n" for text in map(spoken, source.said))
        yield f"From {source.path}:\n{decided}\n"
    yield opening(experiment)
    last = None
    for last in stops(experiment, steps):
        yield paragraph(last, len(graph.events))
    assert last is not None, "there is at least one step"
    yield _closing(last)


def opening(experiment: Experiment) -> str:
    """The net, its settings, and the parameters with which it starts."""
    net, batch = experiment.net, experiment.batch
    lines = [
        f"The net {net.name}: {spoken(net.description)}.",
        f"Seed {experiment.seed}. Learning rate {said(experiment.lr)}. Optimiser {experiment.optimiser.kind}. "
        f"{batch} sample{'s' * (batch != 1)} in a minibatch. {len(experiment.graph.events)} events in a training step.",
        "The gradient of a variable x is called dx: how fast the cost changes with x. "
        "Rows, entries and samples count from 0. Numbers are rounded to 4 digits.",
    ]
    for name, values in experiment.initial().items():
        lines.append(f"{name}, also written {spoken(symbol(name))}, starts as {described(values)}.")
    return "\n".join(lines) + "\n"


def paragraph(stop: Stop, count: int) -> str:
    """One of the `count` events of a training step, with a blank line before it."""
    event = stop.event
    place = f", {stop.module}, {stop.kind}" if stop.module else ""
    lines = [f"Step {stop.step + 1}. Event {event.index + 1} of {count}, {event.phase}{place}.", *told(stop)]
    return "\n" + "\n".join(lines) + "\n"


def told(stop: Stop) -> list[str]:
    """What happened at an event, and what it made, a sentence a line."""
    graph, event = stop.moment.graph, stop.event
    lines = []
    if stop.equation:
        lines += [f"{spoken(text)}." for text in stop.equation.split("; ")]
    if stop.node and stop.step == 0:
        module = stop.node.module
        story = module.backward_story if event.phase == "backward" else module.forward_story
        lines.append(spoken(story.format_map(graph.names(stop.node))))
    if note := kink_note(stop):
        lines.append(spoken(note))
    if event.phase == "zero":
        lines.append("All gradients are 0 again." if stop.gradients else "The gradients are kept: new ones add up.")
    else:
        lines += [f"{_name(graph, name)} is {_of(graph, name, values)}." for name, values in stop.values.items()]
        lines += [
            f"{spoken(gradient_symbol(name))} is {_of(graph, name, values)}." for name, values in stop.gradients.items()
        ]
    return lines


def _closing(stop: Stop) -> str:
    graph = stop.moment.graph
    cost = stop.moment.loss
    if graph.halts:
        lines = ["The program stops here, before there is a cost: no gradient comes back, and no parameter moves."]
    else:
        lines = [f"The end of step {stop.step + 1}."]
        lines[0] += f" The cost of this step was {said(cost)}." if cost is not None else ""
    for name, values in final_gradients(stop).items():
        lines.append(f"The gradient of {name}, {spoken(gradient_symbol(name))}, was {_of(graph, name, values)}.")
    return "\n" + "\n".join(lines) + "\n"


def kink_note(stop: Stop) -> str:
    """What is done exactly at a kink, if an entry sits on one at this event; else nothing."""
    if stop.node is None or stop.event.phase not in ("forward", "cost"):
        return ""
    inputs = [stop.moment.batch_value(name) for name in stop.node.inputs]
    sides = stop.node.module.switch([values for values in inputs if values is not None])
    return stop.node.module.convention() if sides is not None and (sides == 0).any() else ""


# -- values in words


def _name(graph: Graph, name: str) -> str:
    return spoken(symbol(name)) if graph.variables[name].role != "parameter" else f"{name} ({spoken(symbol(name))})"


def _of(graph: Graph, name: str, values: Array) -> str:
    """A variable's values, sample by sample if there are several."""
    variable = graph.variables[name]
    if values.dtype.kind == "i":
        return f"{'class' if len(values) == 1 else 'classes'} {listed(values)}"
    if not variable.batched:
        return described(values)
    if len(values) == 1:
        return described(values[0])
    if len(values) > ROWS or not _short(values[0]):
        return f"{len(values)} samples, together {described(values)}"
    return "; ".join(f"for sample {k}, {described(row)}" for k, row in enumerate(values))


def _short(values: Array) -> bool:
    return values.ndim < 2 and values.size <= ROW


@np.errstate(over="ignore")
def described(values: Array) -> str:
    """An array in words: every entry if they are few, else its size, its summary and its first entries.

    >>> described(np.array([0.5, -1.0]))
    '0.5, minus 1'
    """
    if _short(values):
        return listed(values)
    if values.ndim == 2 and len(values) <= ROWS and values.shape[1] <= ROW:
        return "; ".join(f"row {k}, {listed(row)}" for k, row in enumerate(values))
    size = " by ".join(map(str, values.shape)) + " numbers"
    finite = values[np.isfinite(values)]
    odd = values.size - finite.size
    words = [f"{size}, of which the first are {listed(values.reshape(-1)[:FIRST])}"]
    if odd:
        words.append(f"{odd} are not finite")
    if finite.size:
        words.append(f"the smallest is {said(finite.min())} and the largest {said(finite.max())}")
        words.append(f"the mean is {said(finite.mean())}, the norm {said(math.hypot(*finite.tolist()))}")
        words.append(f"{np.count_nonzero(finite == 0)} are exactly 0")
    return "; ".join(words)


def listed(values: Array) -> str:
    """Numbers one after the other."""
    return ", ".join(said(value) for value in values.reshape(-1).tolist())


def said(value: float) -> str:
    """A number to 4 digits, with its sign as a word.

    >>> said(-0.45699), said(1.2e-7)
    ('minus 0.457', '1.2 times 10 to the minus 7')
    """
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinity" if value > 0 else "minus infinity"
    mantissa, _, exponent = f"{abs(value):.4g}".partition("e")
    sign = "minus " if value < 0 else ""
    return f"{sign}{mantissa} times 10 to the {said(int(exponent))}" if exponent else f"{sign}{mantissa}"


# -- symbols in words

_PHRASES = (
    (re.compile(r"‖(.+?)‖²"), r"the sum of squares of (\1)"),
    (re.compile(r"\|(.+?)\|"), r"the size of (\1)"),
    (re.compile(r"\[(\w+)\]"), r" at \1"),
)
_WORDS = {
    "ᵀ": " transposed",
    "·": " times ",
    "×": " by ",
    "−": " minus ",
    "←": " becomes ",
    "²": " squared",
    "³": " cubed",
    "^": " to the ",
    "/": " divided by ",
    "√": "the square root of ",
    "Σⱼ": "the sum over j of ",
    "Σᵢ": "the sum over i of ",
    "Σₚ": "the sum over p of ",
    "Σ": "the sum of ",
    "≥": " at least ",
    "≈": " about ",
    "′": " prime",
    "″": " double prime",
    "‴": " triple prime",
    "ȳ": "ybar",
    "\u0302": " hat",
    "∂": "d",
    "η": " eta ",
    "θ": "theta",
    "α": " alpha ",
    "β": " beta ",
    "γ": " gamma ",
    "δ": " delta ",
    "ε": " epsilon ",
    "λ": " lambda ",
    "μ": " mu ",
    "σ": " sigma ",
    "τ": " tau ",
    "π": " pi ",
    "₀": "0",
    "₁": "1",
    "₂": "2",
    "₃": "3",
    "₄": "4",
    "₅": "5",
    "₆": "6",
    "₇": "7",
    "₈": "8",
    "₉": "9",
}


def spoken(text: str) -> str:
    """A formula or a sentence with every symbol as a word.

    >>> spoken("dz₁ = W₁ᵀ ds₂ − 2·z₁")
    'dz1 = W1 transposed ds2 minus 2 times z1'
    >>> spoken("so is η. 2·η?")
    'so is eta. 2 times eta?'
    """
    for pattern, phrase in _PHRASES:
        text = pattern.sub(phrase, text)
    for mark, word in _WORDS.items():
        text = text.replace(mark, word)
    return re.sub(r"(?<=\() | (?=[),;]|[.:?](?:\s|$))", "", re.sub(r" {2,}", " ", text)).strip()
