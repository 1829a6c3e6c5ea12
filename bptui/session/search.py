"""Running until something holds, forwards and backwards in time, and finding where a number came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bptui.engine.module import Array
from bptui.engine.notation import numeral
from bptui.session.actions import ActionError, Origin
from bptui.session.conditions import Stops
from bptui.session.history import Address, History
from bptui.session.moment import Moment, written

FORWARD_LIMIT = 1000  # training steps that one `continue` runs at most
CHUNK = 64  # training steps that a search backwards replays at a time


def moment_at(history: History, at: Address, sample: int = 0) -> Moment:
    """The moment at an address; valid until the history is asked for another training step."""
    owner = history.owner(at.branch, at.step)
    record = history.record(at.branch, at.step)
    return Moment(owner.experiment, record, written(owner.experiment.graph), at.event, sample)


def forward_to_stop(history: History, at: Address, stops: Stops) -> tuple[Address, str] | None:
    """The first place after `at` where something stops the run, and why; None within the limit."""
    for step in range(at.step, at.step + FORWARD_LIMIT):
        for event in stops.events(history.owner(at.branch, step).experiment.graph):
            if step == at.step and event.index <= at.event:
                continue
            reason = stops.reason(moment_at(history, Address(at.branch, step, event.index)))
            if reason:
                return Address(at.branch, step, event.index), reason
    return None


def backward_to_stop(history: History, at: Address, stops: Stops) -> tuple[Address, str] | None:
    """The last place before `at` where something stops the run, and why; None if there is none."""

    def search(step: int) -> tuple[Address, str] | None:
        found = None
        for event in stops.events(history.owner(at.branch, step).experiment.graph):
            if step == at.step and event.index >= at.event:
                break
            reason = stops.reason(moment_at(history, Address(at.branch, step, event.index)))
            if reason:
                found = Address(at.branch, step, event.index), reason
        return found

    return _last(at.step, search)


def origin(history: History, at: Address, wanted: Origin, sample: int) -> tuple[Address, str] | None:
    """The last place up to `at` where an entry changed, became 0 or became not finite; None if it never did.

    For an entry of a batched variable, `sample` says which sample's. Raises ActionError if the entry does not exist.
    """
    holds: dict[str, Callable[[float | None, float], bool]] = {
        "changed": lambda former, value: not _same(former, value),
        "zero": lambda former, value: value == 0.0 and former != 0.0,
        "not finite": lambda former, value: not np.isfinite(value) and (former is None or bool(np.isfinite(former))),
    }

    def search(step: int) -> tuple[Address, str] | None:
        found = None
        former = _last_value(history, Address(at.branch, step - 1, -1), wanted, sample) if step else None
        for event, value in _writes(history, Address(at.branch, step, at.event), wanted, sample):
            if step == at.step and event > at.event:
                break
            if holds[wanted.what](former, value):
                found = Address(at.branch, step, event), numeral(value, 6) + _before(former)
            former = value
        return found

    return _last(at.step, search)


def _last(step: int, search: Callable[[int], tuple[Address, str] | None]) -> tuple[Address, str] | None:
    """The last hit of a search over training steps, going back in chunks that are each replayed forwards."""
    stop = step + 1
    while stop > 0:
        start = max(0, stop - CHUNK)
        found = None
        for current in range(start, stop):
            found = search(current) or found
        if found:
            return found
        stop = start
    return None


def _writes(history: History, at: Address, wanted: Origin, sample: int) -> Iterator[tuple[int, float]]:
    """The events of one training step that wrote an entry, with its value from then on."""
    graph = history.owner(at.branch, at.step).experiment.graph
    known = written(graph)
    events = []
    if wanted.of == "gradient":
        events = [known.gradient[wanted.name]] if wanted.name in known.gradient else []
        events = [known.zero, *events] if wanted.name in known.update else events
    elif wanted.name in known.update:
        events = [0, known.update[wanted.name]]
    elif wanted.name in known.value:
        events = [known.value[wanted.name]]
    record = history.record(at.branch, at.step)
    events += [poke.after for poke, _ in record.overwritten if poke.name == wanted.name]
    for event in sorted(set(events)):
        moment = moment_at(history, Address(at.branch, at.step, event), sample)
        values = moment.gradient(wanted.name) if wanted.of == "gradient" else moment.value(wanted.name)
        if values is not None:
            yield event, _entry(values, wanted)


def _last_value(history: History, at: Address, wanted: Origin, sample: int) -> float | None:
    graph = history.owner(at.branch, at.step).experiment.graph
    end = Address(at.branch, at.step, len(graph.events) - 1)
    moment = moment_at(history, end, sample)
    if wanted.name not in graph.variables:
        return None
    values = moment.gradient(wanted.name) if wanted.of == "gradient" else moment.value(wanted.name)
    return None if values is None else _entry(values, wanted)


def _entry(values: Array, wanted: Origin) -> float:
    try:
        return float(values[wanted.index])
    except (IndexError, TypeError):
        raise ActionError(f"{wanted.name} has no entry {list(wanted.index)}") from None


def _same(a: float | None, b: float) -> bool:
    return a is not None and (a == b or (a != a and b != b))


def _before(former: float | None) -> str:
    return ", its first value" if former is None else f", before it was {numeral(former, 6)}"
