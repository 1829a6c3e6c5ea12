"""What a lesson asks for and tells, by name: looked up in the session, never typed.

value s1[0]                      a variable's or parameter's value; without an index the whole
grad m0.weight[1,2]              the loss's gradient with respect to it
update m0.weight[0,0]            a parameter's value after this step's update
loss                             the loss of this step
slope h[0]                       h′, where the module h stands now
jacobian m0[1,0]                 ∂output/∂input of one module; `jacobian m0 by m0.weight` for another input
move C when z[0] + 0.1           how far C moves if z[0] is nudged; `move s[1] when …` for others
shape s1, shape jacobian m0      a shape
knob lr                          a knob's number
parameters                       how many parameters the net has
training loss, training accuracy over all training samples, with the parameters at the cursor, without penalties
validation loss, validation accuracy  over those that are held out; accuracies are in per cent
training loss of relu-adam after 1000, training accuracy of relu-sgd with lr=1 after 200   a run of `runs`
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from bptui.drawing.numbers import brief, number, shape_text  # so that text and screen show the same digits
from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.jacobian import JacobianError, local_jacobian, response
from bptui.engine.module import subscript
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.notation import symbol
from bptui.session.actions import ActionError
from bptui.session.history import Address
from bptui.session.knobs import KNOBS, setting_names
from bptui.session.moment import Moment
from bptui.session.names import suggestion
from bptui.session.search import moment_at
from bptui.session.session import Session
from bptui.session.twiddle import twiddle

if TYPE_CHECKING:
    from bptui.session.experiment import Experiment
    from bptui.session.train.probe import Prober

KINDS = (
    "value", "grad", "update", "loss", "slope", "jacobian", "move", "shape", "knob", "parameters", "training",
    "validation",
)  # fmt: skip
SCORES = ("training", "validation")
MOST = 120  # characters

_NAME = r"[^\W\d][\w.'-]*"
_ENTRY = re.compile(rf"(?P<name>{_NAME})\s*(?:\[(?P<index>\s*\d{{1,6}}\s*(?:,\s*\d{{1,6}}\s*){{0,7}})\])?")
_MOVE = re.compile(r"(?P<what>.+?) when (?P<cause>.+?)\s*(?P<sign>[+−-])\s*(?P<size>\d{1,6}(?:\.\d{1,9})?)")

Value = Array | tuple[int, ...]
Index = tuple[int, ...]


class QuantityError(ValueError):
    """Words for no quantity, or for one that this session does not have. One line."""


@dataclass(frozen=True)
class Quantity:
    """A named quantity. `by` is a Jacobian's input, or the run that a score is of; `of` what a shape is of, or what a
    nudge moves.

    For a move, `name` and `index` are the entry that is nudged, by `size`.
    """

    kind: str
    name: str = ""
    index: Index | None = None
    by: str = ""
    of: Quantity | None = None
    size: float = 0.0

    def __str__(self) -> str:
        entry = self.name + ("" if self.index is None else subscript(self.index))
        if self.kind == "move":
            moved = str(self.of).removeprefix("value ")
            return f"move {moved} when {entry} {'-' if self.size < 0 else '+'} {abs(self.size):g}"
        if self.kind == "shape":
            return f"shape {str(self.of).removeprefix('value ')}"
        if self.kind in SCORES:
            return f"{self.kind} {self.name}{self.by and ' of '}{self.by}"
        if self.by:
            return f"{self.kind} {self.name} by {self.by}" + ("" if self.index is None else subscript(self.index))
        return f"{self.kind} {entry}".rstrip()

    @classmethod
    def read(cls, text: str) -> Quantity:
        """The quantity that words name. Raises QuantityError; whether a net has it shows only in a session."""
        if len(text) > MOST:
            raise QuantityError(f"has {len(text)} characters, wants at most {MOST}")
        kind, _, rest = " ".join(text.split()).partition(" ")
        if kind not in KINDS:
            near = suggestion(kind, KINDS) or "wants one of " + ", ".join(KINDS)
            raise QuantityError(f"{text.strip()!r} is no quantity, {near}")
        if kind in ("loss", "parameters"):
            if rest:
                raise QuantityError(f"{kind} stands alone, got {rest!r} behind it")
            return cls(kind)
        if kind in SCORES:
            name, _, run = rest.partition(" of ")
            if name not in ("loss", "accuracy") or (run and kind == "validation"):
                raise QuantityError(f"{text.strip()!r}: wants loss or accuracy behind {kind}")
            return cls(kind, name, by=run)
        if kind == "shape":
            whole = rest.split(" ")[0] in KINDS and " " in rest
            return cls(kind, of=cls.read(rest) if whole else cls("value", *_entry(text, rest)))
        if kind == "move":
            match = _MOVE.fullmatch(rest)
            if not match:
                raise QuantityError(f"{text.strip()!r}: wants `move C when z[0] + 0.1`")
            size = float(match["size"]) * (1 if match["sign"] == "+" else -1)
            if size == 0.0:
                raise QuantityError(f"{text.strip()!r}: a nudge of 0 moves nothing")
            return cls(kind, *_entry(text, match["cause"]), of=cls("value", *_entry(text, match["what"])), size=size)
        if kind == "jacobian" and " by " in rest:
            node, _, by = rest.partition(" by ")
            name, index = _entry(text, by)
            return cls(kind, _entry(text, node)[0], index, name)
        return cls(kind, *_entry(text, rest))


def _entry(text: str, rest: str) -> tuple[str, Index | None]:
    match = _ENTRY.fullmatch(rest.strip())
    if not match:
        raise QuantityError(f"{text.strip()!r}: got {rest!r}, wants a name such as z, z[0] or m0.weight[1,2]")
    index = match["index"]
    return match["name"], None if index is None else tuple(int(i) for i in index.split(","))


# -- looking up


def ahead(session: Session) -> Moment:
    """The end of the training step at the cursor: all that this step will have made. Valid until the session moves."""
    at = session.address
    return moment_at(session.history, Address(at.branch, at.step, session.graph.events[-1].index), session.sample)


def looked_up(quantity: Quantity, session: Session) -> Value:
    """A quantity's value: an array, () for a number, or a shape. Raises QuantityError, one line.

    What the cursor has not reached yet is taken from the end of this training step; a parameter's value is the one at
    the cursor.
    """
    try:
        found = _READERS[quantity.kind](quantity, session)
    except (JacobianError, ActionError) as error:
        raise QuantityError(f"{quantity}: {error}") from None
    if isinstance(found, tuple):
        return found
    # `move` uses its index for the entry that is nudged
    return np.array(found, float) if quantity.kind == "move" else _picked(quantity, np.array(found, float))


def _picked(quantity: Quantity, values: Array) -> Array:
    index = quantity.index
    if index is None:
        return values
    if len(index) != values.ndim or not all(i < n for i, n in zip(index, values.shape, strict=True)):
        raise QuantityError(f"{quantity}: the shape is {list(values.shape)}, there is no entry {list(index)}")
    return np.array(values[index])


def _variable(graph: Graph, name: str) -> str:
    if name not in graph.variables:
        near = suggestion(name, graph.variables)
        raise QuantityError(f"no variable {name!r} in this net{near and '; '}{near}")
    return name


def _node(graph: Graph, name: str) -> str:
    if name not in graph.node:
        near = suggestion(name, graph.node)
        raise QuantityError(f"no module {name!r} in this net{near and '; '}{near}")
    return name


def _value(quantity: Quantity, session: Session) -> Array:
    name, graph = _variable(session.graph, quantity.name), session.graph
    parameter = graph.variables[graph.copy_of.get(name, name)].role == "parameter"
    values = (session.moment() if parameter else ahead(session)).value(name)
    assert values is not None  # at the end of a step every value is known
    return values


def _grad(quantity: Quantity, session: Session) -> Array:
    gradient = ahead(session).gradient(_variable(session.graph, quantity.name))
    if gradient is None:
        raise QuantityError(f"{quantity}: no gradient goes to {quantity.name}")
    return gradient


def _update(quantity: Quantity, session: Session) -> Array:
    if session.graph.variables[_variable(session.graph, quantity.name)].role != "parameter":
        raise QuantityError(f"{quantity}: {quantity.name} is no parameter, only those are updated")
    updated = ahead(session).value(quantity.name)
    assert updated is not None  # a parameter always has a value
    return updated


def _loss(quantity: Quantity, session: Session) -> Array:
    return np.array(ahead(session).loss)


def _slope(quantity: Quantity, session: Session) -> Array:
    node = session.graph.node[_node(session.graph, quantity.name)]
    if not isinstance(node.module, Pointwise):
        raise QuantityError(f"{quantity}: {node.name} does not treat each entry by itself, so it has no one slope")
    values = ahead(session).value(node.inputs[0])
    assert values is not None
    return response(node.module, values)[1]


def _jacobian(quantity: Quantity, session: Session) -> Array:
    node = session.graph.node[_node(session.graph, quantity.name)]
    return local_jacobian(ahead(session), node.name, quantity.by or node.inputs[0])


def _move(quantity: Quantity, session: Session) -> Array:
    assert quantity.of is not None
    of = quantity.of
    moved = twiddle(ahead(session), quantity.name, quantity.index or (), quantity.size).moved
    found = next((m.actual for m in moved if m.name == _variable(session.graph, of.name)), None)
    if found is None:
        raise QuantityError(f"{quantity}: {of.name} does not depend on {quantity.name}")
    return _picked(of, np.array(found))


def _shape(quantity: Quantity, session: Session) -> tuple[int, ...]:
    assert quantity.of is not None
    found = looked_up(quantity.of, session)
    return (len(found),) if isinstance(found, tuple) else found.shape


def _knob(quantity: Quantity, session: Session) -> Array:
    experiment, name = session.experiment, quantity.name
    parts = setting_names(experiment)
    if name in parts:
        return np.array(float(getattr(getattr(experiment, parts[name]), name)))
    if name not in KNOBS:
        near = suggestion(name, [*KNOBS, *parts])
        raise QuantityError(f"no knob {name!r}{near and '; '}{near}")
    try:
        return np.array(float(KNOBS[name].read(experiment)))
    except ValueError:
        raise QuantityError(f"the knob {name} is no number") from None


def _score(quantity: Quantity, session: Session) -> Array:
    """A loss, or an accuracy in per cent."""
    from bptui.course.runs import RAN  # only now: few lessons measure a run, and measuring loads much

    if quantity.by:
        found = RAN.get(quantity.by)
        if found is None:
            near = suggestion(quantity.by, RAN)
            raise QuantityError(f"no run {quantity.by!r} is on record in bptui/course/runs.py{near and '; '}{near}")
    else:
        moment = session.moment()
        now = {p.name: moment.value(p.name) for p in session.graph.parameters}
        probe = _prober(session.experiment).probe(moment.record.clock, {k: v for k, v in now.items() if v is not None})
        found = probe.train if quantity.kind == "training" else probe.validation
    if found is None:
        raise QuantityError(f"{quantity}: no samples are held out")
    if quantity.name == "loss":
        return np.array(found.loss)
    if found.accuracy is None:
        raise QuantityError(f"{quantity}: there are no classes")
    return np.array(100.0 * found.accuracy)


@lru_cache(maxsize=4)
def _prober(experiment: Experiment) -> Prober:
    from bptui.session.train.probe import Prober

    return Prober(experiment)


def _parameters(quantity: Quantity, session: Session) -> Array:
    return np.array(float(sum(prod(p.shape) for p in session.graph.parameters)))


_READERS: dict[str, Any] = {
    "value": _value,
    "grad": _grad,
    "update": _update,
    "loss": _loss,
    "slope": _slope,
    "jacobian": _jacobian,
    "move": _move,
    "shape": _shape,
    "knob": _knob,
    "parameters": _parameters,
    "training": _score,
    "validation": _score,
}


# -- as text


def label(quantity: Quantity, graph: Graph) -> str:
    """What a quantity is called beside its value: dC/dz[0], s₁[2], shape of s₁."""
    entry = "" if quantity.index is None else subscript(quantity.index)
    name, loss = symbol(quantity.name) if quantity.name else "", symbol(graph.loss)
    match quantity.kind:
        case "value":
            return name + entry
        case "grad":
            return f"d{loss}/d{name}{entry}"
        case "update":
            return f"new {name}{entry}"
        case "loss":
            return loss
        case "slope":
            node = graph.node.get(quantity.name)
            return f"{quantity.name}′({symbol(node.inputs[0])}{entry})" if node else str(quantity)
        case "jacobian":
            node = graph.node.get(quantity.name)
            if node is None:
                return str(quantity)
            wrt = symbol(quantity.by or node.inputs[0])
            if quantity.index is None or len(quantity.index) != 2:
                return f"∂{symbol(node.outputs[0])}/∂{wrt}"
            i, j = quantity.index
            return f"∂{symbol(node.outputs[0])}[{i}]/∂{wrt}[{j}]"
        case "move":
            assert quantity.of is not None
            return "Δ" + label(quantity.of, graph)
        case "shape":
            assert quantity.of is not None
            return f"shape of {label(quantity.of, graph)}"
        case "training" | "validation":
            return f"{quantity.kind} {quantity.name}{' in %' if quantity.name == 'accuracy' else ''}"
        case _:
            return quantity.name or quantity.kind


def shown_value(value: Value, digits: int = 3) -> str:
    """A value as text: 0.48, [0.48  −1.2], 2×3; the rows of a matrix with semicolons between.

    >>> shown_value(np.array([0.5, -1.0])), shown_value(np.array([[0.5, -1.0], [1.5, 0.25]])), shown_value((2, 3))
    ('[0.5  −1.0]', '[0.5  −1.0;  1.5  0.25]', '2×3')
    """
    if isinstance(value, tuple):
        return shape_text(value)
    if value.ndim == 0:
        whole = float(value).is_integer() and abs(float(value)) >= 1000
        return number(float(value), 0) if whole else brief(float(value), digits)
    if value.ndim == 2:
        return f"[{';  '.join(shown_value(row, digits)[1:-1] for row in value)}]"
    return f"[{'  '.join(shown_value(np.array(entry), digits) for entry in value)}]"
