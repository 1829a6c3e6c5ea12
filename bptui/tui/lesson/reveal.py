"""Where on the workbench one sees what a lesson asked for, once it is answered."""

from __future__ import annotations

from typing import NamedTuple

from bptui.course.quantity import Quantity
from bptui.drawing.into import place_of
from bptui.session.session import Session
from bptui.tui.view import View


class Seen(NamedTuple):
    """The event of the training step at which a quantity is there, and how to look at it."""

    event: int
    view: View


def revealed(quantity: Quantity, session: Session) -> Seen | None:
    """Stepped into, so that the numbers that make it are lit; None for what stands nowhere on the workbench."""
    graph, known, name = session.graph, session.experiment.written, quantity.name
    parameter = name in known.update
    match quantity.kind:
        case "value" if name in graph.variables:
            return _inside(known.value.get(name, 0), f"{'param' if parameter else 'var'}:{name}", quantity, session)
        case "loss":
            return _inside(known.value[graph.loss], f"var:{graph.loss}", quantity, session)
        case "grad" if name in known.gradient:
            target = f"{'param' if parameter else 'grad'}:{name}"
            return _inside(known.gradient[name], target, quantity, session)
        case "update" if parameter:
            return Seen(known.update[name], View(entry=quantity.index))
        case "jacobian" | "slope" if name in graph.node:
            return Seen(0, View(f"node:{name}", pane="jacobian"))
        case "move" if name in graph.variables:
            target = f"{'param' if parameter else 'var'}:{name}"
            return Seen(known.value.get(name, 0), View(target, quantity.index, pane="twiddle", nudge=quantity.size))
    return None


def _inside(event: int, target: str, quantity: Quantity, session: Session) -> Seen:
    """Into one entry, the first if all of them were asked for."""
    place = place_of(session.graph, target)
    if place is None or (target.startswith("param:") and quantity.kind == "value"):
        return Seen(event, View(target, quantity.index))
    entry = quantity.index or (0,) * len(session.graph.variables[place.name].shape)
    return Seen(event, View(target, entry, into=True))
