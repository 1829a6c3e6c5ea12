"""What a step keeps from the learner until it is over, and under which names one would see it."""

from __future__ import annotations

from bptui.course.lesson import Measured, Ordering, Predict, Step
from bptui.course.quantity import Quantity
from bptui.session.session import Session


def kept(step: Step) -> tuple[Quantity, ...]:
    """What the stage hides, and what is asked for."""
    asked: tuple[Quantity, ...] = ()
    match step.ask:
        case Predict(question=Measured(quantity)):
            asked = (quantity,)
        case Predict(question=Ordering(quantities=quantities)):
            asked = quantities
    return tuple(dict.fromkeys((*(step.stage.hide if step.stage else ()), *asked)))


def shows(quantity: Quantity, step: Step, session: Session) -> tuple[tuple[str, str], ...]:
    """All kinds and names under which one would see a quantity on a step's stage."""
    name = quantity.of.name if quantity.kind == "shape" and quantity.of else quantity.name
    mine, graph = (quantity.kind, name), session.graph
    match mine:
        case "loss", _:
            return mine, ("value", graph.loss)
        case "value", _ if name == graph.loss:
            return mine, ("loss", "")
        case (("slope" | "jacobian"), _):
            return ("slope", name), ("jacobian", name)
        case "grad", _ if (reader := graph.reader.get(name)) and graph.loss in reader.outputs:
            return mine, ("jacobian", reader.name)  # times 1
        case "update", _ if step.stage and session.address.step > step.stage.step:
            return mine, ("value", name)
        case _:
            return (mine,)
