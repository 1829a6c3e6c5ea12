"""Penalties that the file adds to the cost, or has the optimiser apply: as rates of bptui's L1 and L2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bptui.engine.net import Net
from bptui.engine.rewire import Wiring, rewire
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.evidence import Made
from bptui.sources.pytorch.goal import Goal
from bptui.sources.pytorch.later import Some, followed, meant
from bptui.sources.pytorch.modules import children
from bptui.sources.pytorch.settings import Steps
from bptui.sources.pytorch.values import Later, Leaf, Parameter, Value


@dataclass(frozen=True)
class Rates:
    """α of L1 and L2, on weights, and on biases too or not."""

    l1: float = 0.0
    l2: float = 0.0
    biases: bool = False


def rates(builder: Builder, net: Net, goal: Goal | None, moves: Steps, note: Made) -> Rates:
    """What the file's penalties and weight decay come to; what is decided is said."""
    penalties = goal.penalties if goal is not None else ()
    if not (moves.decay or moves.groups or penalties):
        return Rates()
    names = [parameter.name for parameter in rewire(net, Wiring()).parameters]
    found: dict[str, dict[str, float]] = {"l1": {}, "l2": dict.fromkeys(names, moves.decay / 2.0)}
    lines = {"l1": 0, "l2": 0}
    for members, decay in moves.groups:
        inside = _members(members, names, note)
        if inside is None:
            builder.warn(f"line {moves.line}: groups of parameters with settings of their own are not read")
            return Rates()
        found["l2"] |= dict.fromkeys(inside, decay / 2.0)
    for penalty in penalties:
        inside = _named(penalty.over, names, note)
        if inside is None:
            builder.warn(f"line {penalty.line}: a penalty of other parameters than the net's is not read")
            continue
        rate = found[penalty.kind]
        rate |= {name: rate.get(name, 0.0) + penalty.rate for name in inside}
        lines[penalty.kind] = penalty.line
    return _uniform(builder, names, found, {kind: line or moves.line for kind, line in lines.items()})


def _uniform(
    builder: Builder, names: Sequence[str], found: dict[str, dict[str, float]], lines: dict[str, int]
) -> Rates:
    taken: dict[str, float] = {"l1": 0.0, "l2": 0.0}
    biases: set[bool] = set()
    for kind, rate in found.items():
        weights = {rate.get(name, 0.0) for name in names if not name.endswith("bias")}
        others = {rate.get(name, 0.0) for name in names if name.endswith("bias")}
        if not any(weights | others):
            continue
        too = others <= weights
        title = f"line {lines[kind]}: the {kind.upper()} penalty"
        if len(weights) > 1 or not (too or others == {0.0}):
            builder.warn(f"{title} is not the same on all weights, or on all biases, and is not read")
        elif others and biases and too not in biases:
            builder.warn(f"{title} is on other parameters than the L1 penalty, and is not read")
        else:
            taken[kind] = weights.pop()
            biases |= {too} if others else set()
            where = "weights and biases" if too and others else "weights"
            builder.say(f"{title} is α = {taken[kind]:g} on {where}")
    return Rates(taken["l1"], taken["l2"], True in biases or (not biases and any(taken.values())))


def _members(value: Value, names: Sequence[str], note: Made) -> list[str] | None:
    """The parameters of a group of an optimiser; None where they are not known."""
    if isinstance(value, list | tuple):
        inside = [_members(each, names, note) for each in value]
        return None if None in inside else [name for some in inside for name in some or ()]
    value = followed(value)
    if isinstance(value, Later) and value.what == "listed":
        value = value.parts[0]
    return _named(value, names, note) if isinstance(value, Some) else None


def _named(some: Some, names: Sequence[str], note: Made) -> list[str] | None:
    """The parameters that are meant, if they are this net's."""
    if some.made is not None:
        return meant(some, names) if some.made.cls is note.cls and some.made.whole is note.whole else None
    (parameter,) = some.parts
    assert isinstance(parameter, Parameter), "a parameter without its net is a Linear's"
    path = _path(note.whole, parameter.owner)
    return [f"{path}.{parameter.local}"] if path is not None else None


def _path(whole: Value, leaf: Leaf) -> str | None:
    """Where a module stands in a container."""
    waiting = [("", whole)]
    while waiting:
        path, value = waiting.pop()
        if value is leaf:
            return path
        waiting += [(f"{path}.{name}" if path else name, child) for name, child in children(value)]
    return None
