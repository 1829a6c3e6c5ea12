"""What one worked entry means, in words: who carries the sum, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bptui.drawing.equations import Index
from bptui.drawing.numbers import brief, number, signed
from bptui.drawing.sums import common
from bptui.engine.graph import Node
from bptui.engine.jacobian import response
from bptui.engine.module import Entry, Term, subscript
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.notation import symbol
from bptui.engine.reading import Reading

_COUNTS = {1: "One term carries it", 2: "Two terms carry it", 3: "Three terms carry it"}
NUDGE = 0.01
FLAT = 0.02  # a slope below this is called flat


def meaning(reading: Reading, node: Node, name: str, index: Index, entry: Entry, *, backward: bool) -> list[str]:
    """Sentences on an entry, the most telling first."""
    words = _carried(entry, "i" if backward else "j")
    if not math.isfinite(entry.result):
        return [*words, "The result is not finite: look for the first term that is not."]
    if backward:
        return [*words, *_pull(reading, name, index, entry.result)]
    return [*words, *_consequence(reading, name, index, entry.result)] or [f"{entry.name} is {brief(entry.result)}."]


def _carried(entry: Entry, letter: str) -> list[str]:
    """Which few terms make most of a sum's own sign."""
    terms = [term for term in entry.terms if math.isfinite(term.product)]
    if len(terms) < 3 or not entry.result:
        return []
    called = dict(zip(terms, _called(terms, letter), strict=True))
    alike = [term for term in terms if term.product * entry.result > 0]
    largest = sorted(alike, key=lambda term: -abs(term.product))
    whole = sum(abs(term.product) for term in alike)
    words, count, held = [], 0, 0.0
    while count < len(largest) and held < 0.6 * whole:
        held += abs(largest[count].product)
        count += 1
    if 0 < count <= 3:
        named = [f"{called[term]} ({_signed(term.product)})" for term in largest[:count]]
        words.append(f"{_COUNTS[count]}: {', '.join(named[:-1])}{' and ' if count > 1 else ''}{named[-1]}.")
    elif largest:
        words.append(f"Many terms make it; the largest is {called[largest[0]]} ({_signed(largest[0].product)}).")
    silent = sum(term.product == 0 for term in terms)
    if silent:
        words.append(f"{silent} of {len(terms)} terms {'is' if silent == 1 else 'are'} 0.")
    return words


def _called(terms: Sequence[Term], letter: str) -> list[str]:
    """Terms by their running index, or by their factors where there is none."""
    single = all(term.left == "1" for term in terms)
    head, labels = common([term.right if single else term.left for term in terms], letter)
    if head:
        return [f"{'p' if 'ᵖ' in head else letter} = {label}" for label in labels]
    return [term.right if single else f"{term.left}·{term.right}" for term in terms]


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + brief(value)


def _consequence(reading: Reading, name: str, index: Index, result: float) -> list[str]:
    """What the module that reads this entry does with it."""
    reader = reading.graph.reader.get(name)
    if reader is None:
        return ["It is the number that training makes small."] if name == reading.graph.loss else []
    if not isinstance(reader.module, Pointwise):
        return []
    after, kind = symbol(reader.outputs[0]) + subscript(index), reader.module.kind
    made, slope = (float(values[0]) for values in response(reader.module, np.array([result])))
    sign = "positive" if result > 0 else "negative" if result < 0 else "exactly 0"
    if made == 0 and slope == 0:
        return [f"It is {sign}, so the next module, {kind}, sets {after} to 0, and no gradient comes back through it."]
    if made == result and slope == 1:
        return [f"It is {sign}, so the next module, {kind}, lets it through to {after}, and its gradient back."]
    if abs(slope) < FLAT:
        return [f"It is where {kind} is flat: hardly any gradient comes back through {after}."]
    return []


def _pull(reading: Reading, name: str, index: Index, result: float) -> list[str]:
    """What a gradient's entry says about the loss, and, for a parameter, about the update."""
    entry, loss = symbol(name) + subscript(index), symbol(reading.graph.loss)
    if result == 0:
        return [f"A small change of {entry} does not change {loss} at all."]
    change = signed(NUDGE * result, 5)
    words = [f"If {entry} grew by {number(NUDGE, 2)}, {loss} would change by about {change}."]
    if reading.graph.variables[name].role == "parameter":
        words.append(f"Descent moves {entry} {'down' if result > 0 else 'up'}, against its gradient.")
    return words
