"""Running until something holds, forwards and backwards in time, and finding where a number came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.actions import Origin
from bptui.session.conditions import Stop, Stops
from bptui.session.history import Address, History, Wanted, Way
from bptui.session.moment import Moment
from bptui.session.written import Written, written

FORWARD_LIMIT = 1000  # training steps that one `continue` runs at most
CHUNK = 64  # training steps that a search backwards runs at a time, at least

T = TypeVar("T")


@dataclass(frozen=True)
class Became:
    """What an entry came to, and from what: `former` is None for its first value."""

    index: tuple[int, ...]
    value: float
    former: float | None


def moment_at(history: History, at: Address, sample: int = 0) -> Moment:
    """The moment at an address; valid until the history is asked for another training step."""
    owner = history.owner(at.branch, at.step)
    record = history.record(at.branch, at.step)
    return Moment(owner.experiment, record, owner.experiment.written, at.event, sample)


# -- where something stops a run


def forward_to_stop(history: History, at: Address, stops: Stops) -> tuple[Address, str] | None:
    """The first place after `at` where something stops the run, and why; None within the limit."""
    wanted, hits = _lookout(history, at.branch, stops)
    way = history.sweep(at.branch, at.step, at.step + FORWARD_LIMIT, wanted)
    return next(((place, why) for place, why in hits(way) if _when(place) > _when(at)), None)


def backward_to_stop(history: History, at: Address, stops: Stops) -> tuple[Address, str] | None:
    """The last place before `at` where something stops the run, and why; None if there is none."""
    wanted, hits = _lookout(history, at.branch, stops)
    return _last(history, at, wanted, lambda way: (hit for hit in hits(way) if _when(hit[0]) < _when(at)))


def _lookout(
    history: History, branch: int, stops: Stops
) -> tuple[Wanted, Callable[[Way], Iterator[tuple[Address, str]]]]:
    """The gradients that have to be known along a way, and a function that finds all stops on it, in order."""

    @cache
    def along(owner: int) -> tuple[Written, list[Stop]]:
        graph = history.branches[owner].experiment.graph
        return written(graph), stops.along(graph)

    def wanted(owner: int) -> set[str]:
        return {name for stop in along(owner)[1] for condition, name in stop.watched if condition.of_gradient}

    def hits(way: Way) -> Iterator[tuple[Address, str]]:
        for step, owner, record in way:
            known, places = along(owner.number)
            for stop in places:
                event = stop.event.index
                reason = stop.reason(Moment(owner.experiment, record, known, event))
                if reason:
                    yield Address(branch, step, event), reason

    return wanted, hits


# -- where a number came from


def origin(history: History, at: Address, wanted: Origin, sample: int) -> tuple[Address, Became] | None:
    """The last place up to `at` where an entry changed, became 0 or became not finite; None if it never did.

    Without an index, any entry will do. For a batched variable, `sample` says which sample's entries are meant.
    """
    known = cache(lambda owner: written(history.branches[owner].experiment.graph))
    holds = {"changed": _changed, "zero": _became_zero, "not finite": _broke}[wanted.what]

    def hits(way: Way) -> Iterator[tuple[Address, Became]]:
        former: Array | None = None
        for step, owner, record in way:
            if wanted.name not in owner.experiment.graph.variables:
                former = None
                continue
            events = _writes(known(owner.number), wanted)
            events |= {poke.after for poke, _ in record.overwritten if poke.name == wanted.name}
            for event in sorted(events):
                if (step, event) > _when(at):
                    return
                moment = Moment(owner.experiment, record, known(owner.number), event, sample)
                values = moment.gradient(wanted.name) if wanted.of == "gradient" else moment.value(wanted.name)
                if values is None:
                    continue
                value = np.array(values if wanted.index is None else values[wanted.index])
                hit = holds(former, value)
                if hit.any():
                    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(hit)), hit.shape))
                    index = place if wanted.index is None else wanted.index
                    before = None if former is None else float(former[place])
                    yield Address(at.branch, step, event), Became(index, float(value[place]), before)
                former = value

    return _last(history, at, lambda owner: {wanted.name} if wanted.of == "gradient" else set(), hits)


def _writes(known: Written, wanted: Origin) -> set[int]:
    """The events of a training step that write a value or a gradient."""
    name = wanted.name
    if wanted.of == "gradient":
        made = {known.gradient[name]} if name in known.gradient else set()
        return made | ({known.zero} if name in known.update else set())
    return {0, known.update[name]} if name in known.update else {known.value[name]} if name in known.value else set()


def _changed(former: Array | None, value: Array) -> Array:
    if former is None:
        return np.ones(value.shape, bool)
    return np.asarray((former != value) & ~(np.isnan(former) & np.isnan(value)))


def _became_zero(former: Array | None, value: Array) -> Array:
    return np.asarray(value == 0 if former is None else (value == 0) & (former != 0))


def _broke(former: Array | None, value: Array) -> Array:
    return np.asarray(~np.isfinite(value) if former is None else ~np.isfinite(value) & np.isfinite(former))


# -- both


def _when(at: Address) -> tuple[int, int]:
    return at.step, at.event


def _last(
    history: History, at: Address, wanted: Wanted, hits: Callable[[Way], Iterator[tuple[Address, T]]]
) -> tuple[Address, T] | None:
    """The last hit up to `at`: from checkpoint to checkpoint backwards, each stretch run forwards.

    The first step of a stretch only says what was before the second; the stretch before it ends with it.
    """
    stop = at.step + 1
    while stop > 0:
        before = max(0, stop - 2)
        owner = history.owner(at.branch, before)
        stride = max(CHUNK, owner.stride)
        start = max(owner.start, before // stride * stride)
        found = None
        for hit in hits(history.sweep(at.branch, start, stop, wanted)):
            if start == 0 or hit[0].step > start:
                found = hit
        if found:
            return found
        stop = start + 1 if start else 0
    return None
