"""What `backward()` starts from, taken apart: costs of what the net makes, and penalties of its parameters."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass

from bptui.sources.pytorch.evidence import Evidence, Made
from bptui.sources.pytorch.later import Output, Some, Taken, joined
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Later, Tensor, Value

DEPTH = 100  # operations, one inside the other
RESHAPES = (
    "squeeze",
    "view",
    "reshape",
    "flatten",
    "ravel",
    "float",
    "double",
    "to",
)  # of an output: the cost is as it was


@dataclass(frozen=True, eq=False)
class Penalty:
    """rate · ‖p‖₁ ("l1") or rate · ‖p‖² ("l2"), summed over some parameters."""

    kind: str
    rate: float
    over: Some
    line: int


@dataclass(frozen=True, eq=False)
class Goal:
    """The cost without its penalties; `terms` are what it is the sum of, each with its factor."""

    rest: Later
    terms: list[tuple[float, Later]]
    penalties: list[Penalty]
    line: int

    @property
    def alone(self) -> Taken | None:
        """The one cost that is all of it, of the net's output as it is; None where there is more to it."""
        (factor, term), *more = self.terms
        plain = isinstance(term, Taken) and isinstance(unshaped(term.prediction), Output)
        return term if plain and factor == 1.0 and not more and isinstance(term, Taken) else None


def goal_of(evidence: Evidence, note: Made) -> Goal | None:
    """What the file goes back from, if that is known, and about this net. Raises Refusal if it is not understood."""
    for minimised in evidence.minimised:
        calls = {id(output.called): output.called for output in outputs_in(minimised.cost)}
        called = next(iter(calls.values()), None)
        if called is None or called.made.cls is not note.cls or called.made.whole is not note.whole:
            continue
        if len(calls) > 1:
            raise Refusal(minimised.line, "a cost of several calls of the net")
        return _taken_apart(minimised.cost, minimised.line)
    return None


def outputs_in(value: Value) -> Iterator[Output]:
    """The outputs of nets that something is made of."""
    waiting, seen = [value], set[int]()
    while waiting:
        here = waiting.pop()
        if not isinstance(here, Later) or id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, Output):
            yield here
        waiting += [*here.parts, *here.keywords.values(), *([here.prediction] if isinstance(here, Taken) else [])]


def _taken_apart(cost: Later, line: int) -> Goal:
    terms: list[tuple[float, Later]] = []
    penalties: list[Penalty] = []
    for factor, term, summed in _terms(cost, 1.0, False, 0):
        norm = _norm(term, summed)
        if norm is not None:
            kind, over = norm
            if not (math.isfinite(factor) and factor >= 0.0):
                raise Refusal(term.line, "a penalty that is negative")
            penalties.append(Penalty(kind, factor, over, term.line))
        elif summed or _has_parameters(term):
            raise Refusal(term.line, "this penalty of parameters")
        else:
            terms.append((factor, term))
    if not terms:
        raise Refusal(line, "a cost without a prediction")
    return Goal(_sum(terms) if penalties else cost, terms, penalties, line)


def _sum(terms: list[tuple[float, Later]]) -> Later:
    total: Later | None = None
    for factor, term in terms:
        scaled = term if factor == 1.0 else joined(ast.Mult, "*", factor, term, term.line)
        total = scaled if total is None else joined(ast.Add, "+", total, scaled, term.line)
        assert total is not None, "these are all followed"
    assert total is not None, "there is a term"
    return total


def _terms(value: Value, factor: float, summed: bool, depth: int) -> Iterator[tuple[float, Later, bool]]:
    """What a value is the sum of, with factors; `summed`: over the parameters that it is about. Raises Refusal."""
    if not isinstance(value, Later):
        if summed or not _is_zero(value):
            raise Refusal(1, "a constant in the cost")
        return
    if depth > DEPTH:
        raise Refusal(value.line, "a sum as deep as this")
    parts, deeper = value.parts, depth + 1
    if value.what == "total" and not summed:
        yield from _terms(parts[0], factor, True, deeper)
    elif value.what in ("+", "-"):
        yield from _terms(parts[0], factor, summed, deeper)
        yield from _terms(parts[1], factor if value.what == "+" else -factor, summed, deeper)
    elif value.what == "negative":
        yield from _terms(parts[0], -factor, summed, deeper)
    elif value.what in ("*", "/") and _is_number(parts[1]) and not (value.what == "/" and parts[1] == 0):
        yield from _terms(parts[0], factor * parts[1] if value.what == "*" else factor / parts[1], summed, deeper)
    elif value.what == "*" and _is_number(parts[0]):
        yield from _terms(parts[1], factor * parts[0], summed, deeper)
    else:
        yield factor, value, summed


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_zero(value: Value) -> bool:
    numbers = value.numbers if isinstance(value, Tensor) else value
    return numbers in (0, [0]) and not isinstance(numbers, bool)


def unshaped(value: Value) -> Value:
    """What is reshaped before a cost is taken of it, which leaves the numbers as they are."""
    while isinstance(value, Later) and value.what in RESHAPES and isinstance(value.parts[0], Later):
        value = value.parts[0]
    return value


def keeps_rows(value: Value, width: int | None) -> bool:
    """Whether what is reshaped stays one vector of `width` numbers a sample."""
    while isinstance(value, Later) and value.what in RESHAPES:
        if value.what in ("view", "reshape", "flatten", "ravel") and value.parts[-1] != width:
            return False
        value = value.parts[0]
    return True


# -- penalties


def _norm(value: Later, summed: bool) -> tuple[str, Some] | None:
    """Σ|p| or Σp² of parameters, in the ways that it is written; None for anything else."""
    power, inner = _power(value)
    if power == 2 and isinstance(inner, Later) and inner.what == "norm":
        over = _entries(inner.parts[0], summed)
        return ("l2", over) if over is not None and _order(inner) == 2 else None
    if value.what == "norm":
        over = _entries(value.parts[0], summed)
        return ("l1", over) if over is not None and _order(value) == 1 else None
    if value.what != "sum" or len(value.parts) != 1 or value.keywords or not isinstance(value.parts[0], Later):
        return None
    entries = value.parts[0]
    power, inner = _power(entries)
    kind = "l2" if power == 2 else "l1" if entries.what in ("abs", "absolute") else ""
    over = _entries(inner if kind == "l2" else entries.parts[0], summed) if kind and not entries.keywords else None
    return (kind, over) if over is not None else None


def _power(value: Later) -> tuple[Value, Value]:
    """The exponent, and what it is of; 1 of itself if it is no power."""
    if value.keywords:
        return 1, value
    if value.what in ("**", "pow") and len(value.parts) == 2:
        return value.parts[1], value.parts[0]
    if value.what == "square":
        return 2, value.parts[0]
    if value.what in ("*", "mul") and value.parts[0] is value.parts[1]:
        return 2, value.parts[0]
    return 1, value


def _order(norm: Later) -> int:
    """Of a norm of all entries: 1 or 2; 0 for any other."""
    orders = [*norm.parts[1:], *(value for name, value in norm.keywords.items() if name in ("p", "ord"))]
    if len(orders) > 1 or norm.keywords.keys() - {"p", "ord"}:
        return 0
    order = orders[0] if orders else 2
    return 2 if order == "fro" else int(order) if order in (1, 2) else 0


def _entries(value: Value, summed: bool) -> Some | None:
    """The parameters whose entries these are, in whatever shape."""
    while isinstance(value, Later) and value.what in ("view", "flatten", "reshape", "ravel"):
        value = value.parts[0]
    if isinstance(value, Later) and value.what in ("cat", "concat", "hstack") and len(value.parts) == 1:
        inside = value.parts[0]
        listed = not value.keywords and not summed and isinstance(inside, Later) and inside.what == "listed"
        return _entries(inside.parts[0], True) if listed else None
    return value if isinstance(value, Some) and value.what == ("each" if summed else "parameter") else None


def _has_parameters(value: Later) -> bool:
    waiting: list[Value] = [value]
    seen = set[int]()
    while waiting:
        here = waiting.pop()
        if isinstance(here, Some):
            return True
        if isinstance(here, Later) and id(here) not in seen:
            seen.add(id(here))
            waiting += [*here.parts, *here.keywords.values()]
    return False
