"""What a learner types at a prompt, read: a number, a place in time, a condition to stop at."""

from __future__ import annotations

import math

from bptui.engine.graph import Graph
from bptui.session.actions import ActionError
from bptui.session.conditions import KINDS, OF_UNITS, Condition
from bptui.session.names import meant


def number(text: str) -> float:
    """A typed number; the true minus is understood. Raises ActionError, one line."""
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        raise ActionError(f"got {text!r}, wants a number") from None


def place(text: str) -> tuple[int, int | None]:
    """A training step and, if one follows, an event of it; typed from 1 as the screen counts, returned from 0.

    Raises ActionError, one line.
    """
    parts = text.replace(",", " ").split()
    if not 1 <= len(parts) <= 2 or not all(part.isdecimal() and int(part) >= 1 for part in parts):
        raise ActionError(f"got {text!r}, wants a step, such as 12, or a step and an event of it, such as 12 4")
    if int(parts[0]) > 100_000:
        raise ActionError(f"step {parts[0]} is too far away")
    return int(parts[0]) - 1, int(parts[1]) - 1 if len(parts) == 2 else None


def conditions(text: str, graph: Graph) -> tuple[Condition, ...]:
    """A condition as words: its kind, then a name (with d in front for a gradient) and a bound where it has one.

    `above 5`, `above 0.1 dm0.weight`, `not finite`, `all zero ds1`, `dead relu1`, `saturated`, in any case. Without a
    name, all gradients are meant; what is not finite is looked for among values too, which makes two conditions.
    Raises ActionError.
    """
    words = text.split()
    kind, rest = None, words
    for count in (2, 1):
        if kind is None and len(words) >= count:
            kind, rest = meant(" ".join(words[:count]), KINDS), words[count:]
    if kind is None:
        raise ActionError(f"got {text!r}, wants one of {', '.join(KINDS)}, then a name or a number")
    bound = 1.0
    if kind in ("above", "below"):
        if not rest:
            raise ActionError(f"{kind} what? wants a number behind it, such as {kind} 0.5")
        bound = number(rest.pop(0))
        if math.isnan(bound):
            raise ActionError(f"{kind} nan: nothing is; wants a number, such as {kind} 0.5")
    if len(rest) > 1:
        raise ActionError(f"got {' '.join(rest)!r} behind it, wants one name at most")
    name = rest[0] if rest else ""
    if kind in OF_UNITS:
        return (Condition(kind, meant(name, graph.node) or name),)
    if kind == "not finite" and not name:
        return Condition(kind, of="value"), Condition(kind, of="gradient")
    value, gradient = meant(name, graph.variables), meant(name[1:], graph.variables)
    if value is None and gradient is not None and name[:1] in ("d", "D"):
        return (Condition(kind, gradient, "gradient", bound),)
    return (Condition(kind, value or name, "value" if name else "gradient", bound),)
