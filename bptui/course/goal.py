"""What a `do` wants: conditions on a session, from a closed list. All that are given must hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bptui.course.place import Place
from bptui.course.quantity import Quantity, looked_up
from bptui.session.actions import Origin, SetEntry, ShowSample
from bptui.session.descend.objective import Objective, flattened
from bptui.session.experiment import Experiment
from bptui.session.knobs import KnobError, turned
from bptui.session.names import suggestion
from bptui.session.session import Session


class GoalError(ValueError):
    """A condition that this session cannot answer. One line."""


@dataclass(frozen=True)
class Goal:
    """Conditions; those that are None, empty or 0 are not asked for.

    `cursor`: the cursor is at a place. `step`: it is in that training step or a later one. `breakpoint`: one is set on
    the module; `hit`: one is, and the cursor stands at an event of the module. `loss_below`, `loss_above`: J over all
    training samples, with the parameters at the cursor. `zeros`: so many weights are exactly 0. `knobs`: each is at
    its value. `set`: the entry was set by hand. `traced`: a number of this variable was traced to where it came from.
    `sample`: this sample is in view. `above`, `below`: quantities, each with its bound.
    """

    cursor: Place | None = None
    step: int = 0
    breakpoint: str = ""
    hit: str = ""
    loss_below: float | None = None
    loss_above: float | None = None
    zeros: int = 0
    knobs: tuple[tuple[str, str], ...] = ()
    set: Quantity | None = None
    traced: str = ""
    sample: int | None = None
    above: tuple[tuple[Quantity, float], ...] = ()
    below: tuple[tuple[Quantity, float], ...] = ()


def reached(goal: Goal, session: Session) -> bool:
    """Whether all conditions hold. Raises GoalError, QuantityError or PlaceError for what the session does not have."""
    at, graph = session.address, session.graph
    for node in filter(None, (goal.breakpoint, goal.hit)):
        if node not in graph.node:
            near = suggestion(node, graph.node)
            raise GoalError(f"no module {node!r} in this net{near and '; '}{near}")
    return (
        (goal.cursor is None or at.event == goal.cursor.event(graph))
        and at.step >= goal.step
        and (not goal.breakpoint or goal.breakpoint in session.breakpoints)
        and (not goal.hit or (goal.hit in session.breakpoints and graph.events[at.event].node == goal.hit))
        and (goal.sample is None or (session.sample == goal.sample and ShowSample(goal.sample) in session.log))
        and (goal.set is None or _was_set(goal.set, session))
        and (not goal.traced or any(isinstance(a, Origin) and a.name == goal.traced for a in session.log))
        and all(_turned_to(name, text, session) for name, text in goal.knobs)
        and (not goal.zeros or weights_at_zero(session) >= goal.zeros)
        and all(_number(quantity, session) > bound for quantity, bound in goal.above)
        and all(_number(quantity, session) < bound for quantity, bound in goal.below)
        and (goal.loss_below is None or training_loss(session) < goal.loss_below)
        and (goal.loss_above is None or training_loss(session) > goal.loss_above)
    )


def _was_set(quantity: Quantity, session: Session) -> bool:
    looked_up(quantity, session)
    edits = (action for action in session.log if isinstance(action, SetEntry))
    return any(a.name == quantity.name and quantity.index in (None, a.index) for a in edits)


def _turned_to(name: str, text: str, session: Session) -> bool:
    """Whether turning the knob there would change nothing."""
    try:
        return turned(session.experiment, name, text) == session.experiment
    except KnobError as error:
        raise GoalError(str(error)) from None


def _number(quantity: Quantity, session: Session) -> float:
    value = looked_up(quantity, session)
    if isinstance(value, tuple) or value.ndim:
        raise GoalError(f"{quantity} is no single number")
    return float(value)


def weights_at_zero(session: Session) -> int:
    """How many weights (not biases) are exactly 0 at the cursor."""
    moment = session.moment()
    weights = (p.name for p in session.graph.parameters if not p.name.endswith(".bias"))
    return sum(int(np.count_nonzero(np.asarray(moment.value(name)) == 0.0)) for name in weights)


def training_loss(session: Session) -> float:
    """J over all training samples with the parameters at the cursor; ∞ where it is not finite."""
    moment, objective = session.moment(), _objective(session.experiment)
    now = {p.name: moment.value(p.name) for p in session.graph.parameters}
    parameters = {name: value for name, value in now.items() if value is not None}
    loss = objective.value(flattened(objective.program.state, parameters))
    return loss if math.isfinite(loss) else math.inf


@lru_cache(maxsize=4)
def _objective(experiment: Experiment) -> Objective:
    return Objective(experiment)
