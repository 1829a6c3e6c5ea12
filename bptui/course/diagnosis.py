"""Wrong answers explained: the usual mistakes, worked out on the session's own numbers, and those that match."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from math import prod
from typing import NamedTuple

import numpy as np

from bptui.course.answer import alike
from bptui.course.quantity import Quantity, ahead, label, looked_up
from bptui.course.sentences import HERE, ON_THE_WAY, SAME_NUMBER
from bptui.course.slips import Slip, slips, spoiled
from bptui.drawing.numbers import MINUS
from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.module import subscript
from bptui.engine.modules import Average, Dropout, Linear, Max, Scale
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.notation import symbol
from bptui.engine.optimisers import SGD
from bptui.session.rehearsal import Rehearsal
from bptui.session.session import Session

EXACT = 6  # decimals: a mistake that gives just this number is meant before one that gives nearly this one
MOST = 3  # mistakes that one number is explained by
MOST_ENTRIES = 64  # of a quantity whose other entries are looked through
MOST_NUDGED = 8  # and of one whose entries are nudged, each by itself


@dataclass(frozen=True)
class Mistake:
    """A usual mistake as it comes out in this session. `values` has the shape of the answer; `at` is its module."""

    name: str
    values: Array
    at: Node | None = None
    here: bool = True
    k: int | None = None
    fields: dict[str, str] = field(default_factory=dict)


def mistakes(quantity: Quantity, session: Session) -> list[Mistake]:
    """All usual mistakes that can be made with a quantity that is no shape. None of them gives what is right.

    Raises QuantityError for a quantity that the session does not have.
    """
    true = np.asarray(looked_up(quantity, session))
    with np.errstate(all="ignore"):
        found = [*_FINDERS.get(quantity.kind, _none)(quantity, session), *_of_any(quantity, session, true)]
    finite = (m for m in found if m.values.shape == true.shape and np.isfinite(m.values).all())
    return [m for m in finite if not alike(m.values, true, 6)]


class Diagnosis(NamedTuple):
    """What may have gone wrong: a sentence for each mistake that fits, and the first one's name; empty if none does."""

    remarks: tuple[str, ...] = ()
    mistake: str = ""


def diagnosed(quantity: Quantity, session: Session, given: Array, text: str, digits: int = 3) -> Diagnosis:
    """The mistakes that give these numbers.

    `text` is the answer as it was typed. An answer that is right has no mistake.
    """
    if alike(given, np.asarray(looked_up(quantity, session)), digits):
        return Diagnosis()
    matching: dict[str, Mistake] = {}
    made = mistakes(quantity, session)
    exact = [mistake for mistake in made if alike(given, mistake.values, EXACT)]
    for mistake in exact or made:
        if alike(given, mistake.values, digits):
            matching.setdefault(_sentence(mistake, quantity, session, text), mistake)
    found = tuple(matching)[:MOST]
    if len(found) > 1:
        count = {2: "Two", 3: "Three"}[len(found)]
        found = (SAME_NUMBER.format(count=count, given=text.replace("-", MINUS)), *found)
    return Diagnosis(found, next(map(_name, matching.values()), ""))


def _name(mistake: Mistake) -> str:
    other = mistake.fields.get("other")
    return f"{mistake.name}: {other}" if other else mistake.name


def shape_mistake(true: tuple[int, ...], given: tuple[int, ...], batch: int, text: str) -> tuple[str, ...]:
    """What may have gone wrong with a shape."""
    if given == true:
        return ()
    if given == (batch, *true):
        return (HERE["a batch axis"].format(given=text),)
    if len(true) > 1 and given == true[::-1]:
        return (HERE["shape turned"].format(given=text),)
    return ()


# -- finding them

Finder = Callable[[Quantity, Session], Iterator[Mistake]]


def _none(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    return iter(())


def _of_any(quantity: Quantity, session: Session, true: Array) -> Iterator[Mistake]:
    """Mistakes of bookkeeping, whatever was asked for."""
    yield Mistake("wrong sign", -true)
    if true.ndim == 1:
        yield Mistake("another order", true[::-1])
    if quantity.index is None or quantity.kind == "move":
        return
    whole = np.asarray(looked_up(replace(quantity, index=None), session))
    turned = quantity.index[::-1]
    if len(turned) == 2 and turned != quantity.index and all(i < n for i, n in zip(turned, whole.shape, strict=True)):
        other = label(replace(quantity, index=turned), session.graph)
        yield Mistake("rows and columns exchanged", np.array(whole[turned]), fields={"other": other})
    if whole.size <= MOST_ENTRIES:
        for index in np.ndindex(whole.shape):
            if index not in (quantity.index, turned if len(turned) == 2 else None):
                other = label(replace(quantity, index=index), session.graph)
                yield Mistake("another entry", np.array(whole[index]), fields={"other": other})


def _of_gradient(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    for slip, values in _spoiled(quantity.name, session):
        yield _slipped(slip, quantity, _entry(quantity, values))
    value = Quantity("value", quantity.name, quantity.index)
    other = label(value, session.graph)
    yield Mistake("value for the gradient", np.asarray(looked_up(value, session)), fields={"other": other})


def _slipped(slip: Slip, quantity: Quantity, values: Array) -> Mistake:
    node = slip.node
    here = slip.name not in ON_THE_WAY or (quantity.kind == "grad" and quantity.name in node.inputs)
    if slip.name == "W for its transpose" and here:
        if quantity.index is None:
            return Mistake(f"{slip.name}, whole", values, node)
        return Mistake(slip.name, values, node, k=quantity.index[-1])
    return Mistake(slip.name, values, node, here, slip.branch)


def _spoiled(name: str, session: Session) -> Iterator[tuple[Slip, Array]]:
    """Every slip on the way from the loss to a variable, with the gradient that it leads to, for the sample in view."""
    moment = ahead(session)
    rehearsal = Rehearsal(moment)
    batched = session.graph.variables[name].batched
    for node in rehearsal.downstream(name):
        for slip in slips(node):
            if slip.name == "shared among the addends" and session.graph.loss in node.outputs:
                continue  # nobody shares the loss out among the cost and its penalties
            values = spoiled(rehearsal, slip)[name]
            yield slip, np.array(values[moment.sample] if batched else values)


def _of_update(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    moment = ahead(session)
    before, after = moment.before(quantity.name), moment.value(quantity.name)
    gradient = moment.gradient(quantity.name)
    if after is None or gradient is None:
        return
    wrong = {
        "forgot the rate": before - gradient,
        "uphill": 2 * before - after,
        "the step alone": after - before,
        "not moved": before,
    }
    if (before * after < 0).any() and moment.experiment.l1 > 0:
        wrong["stopped at 0"] = np.where(before * after < 0, 0.0, after)
    if type(moment.experiment.optimiser) is not SGD:
        wrong["plain descent"] = before - moment.rate * gradient
    optimiser = {"optimiser": moment.experiment.optimiser.kind}
    for name, values in wrong.items():
        yield Mistake(name, _entry(quantity, values), fields=optimiser)
    if type(moment.experiment.optimiser) is SGD and not getattr(moment.experiment.optimiser, "momentum", 0.0):
        for slip, spoiled_gradient in _spoiled(quantity.name, session):
            if spoiled_gradient.any():  # else it is not moved
                yield _slipped(slip, quantity, _entry(quantity, before - moment.rate * spoiled_gradient))


def _of_value(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    graph, moment = session.graph, ahead(session)
    gradient = moment.gradient(quantity.name)
    if gradient is not None and quantity.name != graph.loss:  # the loss's own is 1, whatever it is
        of = Quantity("grad", quantity.name, quantity.index)
        yield Mistake("gradient for the value", _entry(quantity, gradient), fields={"other": label(of, graph)})
    node = graph.node.get(str(graph.variables[quantity.name].maker))
    if node is not None:
        for name, values in _forward(node, [moment.value(x) for x in node.inputs], session):
            row = quantity.index[-1] if quantity.index else None
            yield Mistake(name, _entry(quantity, values), node, k=row)


def _forward(node: Node, inputs: list[Array | None], session: Session) -> Iterator[tuple[str, Array]]:
    """Mistakes of one module's forward pass, as its whole output."""
    x, moment = inputs[0], ahead(session)
    if x is None:
        return
    match node.module:
        case Average():
            yield "forgot the mean", x
        case Pointwise() | Scale() | Dropout():
            yield "before the function", x
        case Max() if inputs[1] is not None:
            yield "the smaller one", np.minimum(x, inputs[1])
        case Linear():
            weight = moment.before(_owner(node, "weight", session))
            bias = moment.before(_owner(node, "bias", session)) if "bias" in node.parameters else np.zeros(1)
            if node.module.bias:
                yield "forgot the bias", x @ weight.T
            if weight.shape[0] == weight.shape[1]:
                yield "columns for rows", x @ weight + bias
        case _:
            pass


def _owner(node: Node, local: str, session: Session) -> str:
    name = node.parameters[local]
    return session.graph.copy_of.get(name, name)


def _of_loss(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    return _of_value(Quantity("value", session.graph.loss), session)


def _of_slope(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    node, moment = session.graph.node[quantity.name], ahead(session)
    for name, variable in (("the height for the slope", node.outputs[0]), ("before the function", node.inputs[0])):
        values = moment.value(variable)
        if values is not None:
            yield Mistake(name, _entry(quantity, values), node)


def _of_move(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    assert quantity.of is not None
    moved, value = np.asarray(looked_up(quantity, session)), np.asarray(looked_up(quantity.of, session))
    yield Mistake("the nudge itself", np.full_like(moved, quantity.size))
    yield Mistake("the new value", value + moved)
    yield Mistake("the slope for the move", moved / quantity.size)
    yield from _moved_instead(quantity, session)
    index, cause = quantity.of.index, quantity.index
    reader = session.graph.reader.get(quantity.name)
    if cause and reader is not None and isinstance(reader.module, Linear) and quantity.of.name in reader.outputs:
        weight = ahead(session).before(_owner(reader, "weight", session))
        if weight.shape[0] == weight.shape[1]:
            along = weight[cause[-1]] * quantity.size
            if index:
                yield Mistake("columns for rows", np.array(along[index[-1]]), reader, k=index[-1])
            else:
                yield Mistake("columns for rows, whole", along, reader, k=cause[-1])


def _moved_instead(quantity: Quantity, session: Session) -> Iterator[Mistake]:
    """How far other entries move, and what nudges of other entries do."""
    assert quantity.of is not None
    graph, of = session.graph, quantity.of
    if of.index is not None:
        whole = np.asarray(looked_up(replace(quantity, of=replace(of, index=None)), session))
        for index in np.ndindex(whole.shape) if whole.size <= MOST_NUDGED else ():
            if index != of.index:
                other = label(replace(quantity, of=replace(of, index=index)), graph)
                yield Mistake("another entry", np.array(whole[index]), fields={"other": other})
    shape = graph.variables[quantity.name].shape
    for index in np.ndindex(shape) if prod(shape) <= MOST_NUDGED else ():
        if index != quantity.index:
            values = np.asarray(looked_up(replace(quantity, index=index), session))
            other = label(Quantity("value", quantity.name, index), graph)
            yield Mistake("another nudge", values, fields={"other": other})


_FINDERS: dict[str, Finder] = {
    "grad": _of_gradient,
    "update": _of_update,
    "value": _of_value,
    "loss": _of_loss,
    "slope": _of_slope,
    "move": _of_move,
}


def _entry(quantity: Quantity, values: Array) -> Array:
    return np.array(values if quantity.index is None else values[quantity.index])


# -- saying them


def _sentence(mistake: Mistake, quantity: Quantity, session: Session, text: str) -> str:
    graph, node = session.graph, mistake.at
    loss = symbol(graph.loss)
    entry = subscript(quantity.index) if quantity.index else ""
    fields = {"given": text.replace("-", MINUS), "asked": label(quantity, graph), "dy": loss, "i": entry}
    if node is not None:
        x, y = symbol(_input(node, quantity)), symbol(node.outputs[0])
        fields |= {"m": node.name, "x": x, "y": y, "dx": f"d{loss}/d{x}", "dy": f"d{loss}/d{y}"}
        fields |= {"W": symbol(node.parameters["weight"]) if "weight" in node.parameters else ""}
    fields |= {"k": "" if mistake.k is None else str(mistake.k)} | mistake.fields
    return (HERE if mistake.here else ON_THE_WAY)[mistake.name].format_map(fields)


def _input(node: Node, quantity: Quantity) -> str:
    return quantity.name if quantity.name in node.inputs else node.inputs[0]
