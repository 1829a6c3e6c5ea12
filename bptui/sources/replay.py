"""A receipt told: what was run, what was changed on the way, and the training step at which it ended."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bptui.session.actions import Forward, Jump, SetEntry
from bptui.session.history import Address, Branch
from bptui.session.redo import Made, edits_of
from bptui.session.search import moment_at
from bptui.session.session import Session
from bptui.sources.narration import opening, paragraph, said, spoken
from bptui.sources.receipts import Receipt
from bptui.sources.trace import stop_at


def replayed(receipt: Receipt) -> Iterator[str]:
    """The run again, in pieces of text fit for a screen reader, ending with whether the numbers are the saved ones."""
    session, at = receipt.session, receipt.session.address
    with np.errstate(all="ignore"):
        verdict = receipt.arrived()
    path = session.history.path(at.branch)
    yield opening(path[0].experiment)
    edits = edits_of(session.history, at.branch)
    for k, (made, before, after) in enumerate(zip(edits, path, path[1:], strict=False)):
        yield f"\nEdit {k + 1}. {_edited(made)}{_effect(session, before, after)}\n"
    yield f"\nIt ended in step {at.step + 1}, at event {at.event + 1}. That step so far:\n"
    with np.errstate(all="ignore"):
        session.apply(Jump(at.step, 0))
        moment = session.moment()
    count = len(moment.graph.events)
    yield paragraph(stop_at(moment), count)
    for _ in range(at.event):
        with np.errstate(all="ignore"):
            session.apply(Forward())
            moment = session.moment()
        yield paragraph(stop_at(moment), count)
    ends = [*_marks(session), *([spoken(verdict[:1].upper() + verdict[1:])] if verdict else [])]
    yield "\n" + "".join(f"{line}.\n" for line in ends)


def _edited(made: Made) -> str:
    event, graph = made.at.event, made.at.graph
    assert graph is not None
    stop = graph.events[event]
    place = f", {stop.node or stop.parameter}" if stop.node or stop.parameter else ""
    edit = made.edit
    changed = (
        f"{edit.name}{list(edit.index) or ''} was set to {said(edit.value)}"
        if isinstance(edit, SetEntry)
        else f"the knob {edit.name} was turned to {edit.text}"
    )
    sample = "" if made.sample is None else f" of sample {made.sample}"
    return f"In step {made.at.step + 1}, at event {event + 1}, {stop.phase}{place}: {changed}{sample}."


def _effect(session: Session, before: Branch, after: Branch) -> str:
    """What the edit did to the cost of the step in which it was made."""
    if after.anew:
        return " It decides how the run begins, so the run starts anew."
    costs = [_cost(session, branch.number, after.start) for branch in (before, after)]
    return f" The cost of that step was {costs[0]} without it, and is {costs[1]} with it."


def _cost(session: Session, branch: int, step: int) -> str:
    graph = session.history.owner(branch, step).experiment.graph
    with np.errstate(all="ignore"):
        moment = moment_at(session.history, Address(branch, step, len(graph.events) - 1))
        return said(float(moment.batch_value(graph.loss)))  # type: ignore[arg-type]


def _marks(session: Session) -> Iterator[str]:
    if session.breakpoints:
        yield f"It stops at {', '.join(sorted(session.breakpoints))}"
    for condition in session.conditions:
        yield f"It stops where {spoken(str(condition))}"
    for watch in session.watches:
        index = list(watch.index) if watch.index is not None else ""
        yield f"In view is the {watch.of} of {watch.name}{index}"
