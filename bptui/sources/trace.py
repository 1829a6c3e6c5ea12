"""A walk in print: every event of some training steps, with what each one made; and all of it as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Event, Graph, Node
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.actions import Forward
from bptui.session.experiment import Experiment
from bptui.session.moment import Moment
from bptui.session.session import Session


@dataclass(frozen=True)
class Stop:
    """One event of a walk, and what it made. Arrays are whole, (B, *shape), and valid until the next step begins.

    `step` and `event.index` count from 0. `module` is the node at work, or the owner of the parameter that an update
    moves; `kind` is the module's or the optimiser's. Classes are class numbers.
    """

    step: int
    event: Event
    node: Node | None
    module: str | None
    kind: str | None
    equation: str | None
    values: Mapping[str, Array]
    gradients: Mapping[str, Array]
    moment: Moment


def stops(experiment: Experiment, steps: int = 1) -> Iterator[Stop]:
    """A session's walk from the beginning: every event of the first training steps."""
    with np.errstate(all="ignore"):  # a run that explodes is shown, not warned about
        session = Session(experiment)
        first = session.moment()
    yield stop_at(first)
    for _ in range(steps * len(experiment.graph.events) - 1):
        with np.errstate(all="ignore"):
            session.apply(Forward())
            moment = session.moment()
        yield stop_at(moment)


def stop_at(moment: Moment) -> Stop:
    """The stop of a walk that a moment is."""
    graph, event, experiment = moment.graph, moment.event, moment.experiment
    known = experiment.written
    node = graph.node[event.node] if event.node else None
    module = event.node or (event.parameter.rpartition(".")[0] if event.parameter else None)
    kind = node.module.kind if node else experiment.optimiser.kind if event.parameter else None
    made = known.values_at.get(event.index, [])
    if graph.halts and graph.loss in made:  # nothing is computed where a program stops
        made = []
    reached = known.gradients_at.get(event.index, [])
    if event.parameter:
        made = [event.parameter]
    elif event.phase == "zero" and experiment.zero_gradients:
        reached = _trained(graph)
    return Stop(
        moment.record.clock.step,
        event,
        node,
        module,
        kind,
        _equation(graph, event, node, experiment),
        {name: shown_value(graph, name, moment.batch_value(name)) for name in made},
        {name: _known(moment.batch_gradient(name)) for name in reached},
        moment,
    )


def _equation(graph: Graph, event: Event, node: Node | None, experiment: Experiment) -> str | None:
    if event.parameter:
        names = {"W": symbol(event.parameter)}
        return "; ".join(text.format_map(names) for text in experiment.optimiser_of(event.parameter).equations)
    if event.phase == "seed":
        return f"{gradient_symbol(graph.loss)} = 1"
    if event.phase == "zero" and experiment.zero_gradients:
        return " = ".join([*map(gradient_symbol, _trained(graph)), "0"])
    if node is None:
        return None
    if event.phase == "backward":
        return "; ".join(node.module.backward_texts(graph.names(node)))
    return node.module.forward_texts(graph.names(node))


def _trained(graph: Graph) -> list[str]:
    """The parameters that the loss depends on."""
    return [parameter.name for parameter in graph.parameters if parameter.name in graph.differentiable]


def shown_value(graph: Graph, name: str, values: Array | None) -> Array:
    """A variable's values as one reads them: the classes of a target as class numbers, if its rows are one-hot."""
    rows = _known(values)
    variable = graph.variables[name]
    if variable.classes and ((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) == 1).all():
        return np.asarray(rows.argmax(axis=1))
    return rows


def final_gradients(stop: Stop) -> dict[str, Array]:
    """At the last event of a step: the gradients of every input and parameter, shared ones summed."""
    graph = stop.moment.graph
    names = [v.name for v in (*graph.inputs, *graph.parameters) if v.name in graph.differentiable]
    return {name: _known(stop.moment.batch_gradient(name)) for name in names}


def _known(values: Array | None) -> Array:
    assert values is not None, "the event that makes a value has happened"
    return values


# -- JSON


def json_trace(experiment: Experiment, steps: int = 1) -> Iterator[str]:
    """One JSON object, in pieces: net, seed, parameters, inputs, target, events, cost, gradients.

    All that is no event is the first step's. Of several steps, `steps` holds inputs, target, cost and gradients of
    each. Every finite number is written so that it reads back the same; the others are text.
    """
    graph = experiment.graph
    count = len(graph.events)
    records: list[dict[str, str]] = []  # as text, for the arrays are the next step's soon
    yield "{\n"
    yield _field("net", graph.name)
    yield _field("seed", experiment.seed)
    for k, stop in enumerate(stops(experiment, steps)):
        if stop.event.index == 0:
            records.append(_begins(graph, stop))
        if k == 0:
            yield _field("parameters", {p.name: stop.moment.before(p.name) for p in graph.parameters})
            yield "".join(f'"{name}": {text},\n' for name, text in records[0].items())
        yield (",\n" if k else '"events": [\n') + _encoded(_as_event(stop))
        if stop.event.index == count - 1:
            records[-1]["cost"] = _encoded(None if graph.halts else stop.moment.batch_value(graph.loss))
            records[-1]["gradients"] = _encoded(final_gradients(stop))
    yield "\n],\n"
    yield f'"cost": {records[0]["cost"]},\n"gradients": {records[0]["gradients"]}'
    if steps > 1:
        yield ',\n"steps": [\n'
        yield ",\n".join("{" + ", ".join(f'"{name}": {text}' for name, text in one.items()) + "}" for one in records)
        yield "\n]"
    yield "\n}\n"


def _begins(graph: Graph, stop: Stop) -> dict[str, str]:
    """What a step is about, as JSON: inputs and target, which stands alone where it is the only one."""
    targets = {variable.name: stop.values[variable.name] for variable in graph.targets}
    target = next(iter(targets.values())) if len(targets) == 1 else targets or None
    inputs = {variable.name: stop.values[variable.name] for variable in graph.inputs}
    return {"inputs": _encoded(inputs), "target": _encoded(target)}


def _as_event(stop: Stop) -> dict[str, Any]:
    return {
        "step": stop.step,
        "index": stop.event.index,
        "phase": stop.event.phase,
        "module": stop.module,
        "kind": stop.kind,
        "equation": stop.equation,
        "values": stop.values,
        "gradients": stop.gradients,
    }


def _field(name: str, value: Any) -> str:
    return f'"{name}": {_encoded(value)},\n'


def _encoded(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist() if np.isfinite(value).all() else _spelled(value.tolist())
    return value


def _spelled(value: Any) -> Any:
    """Nested lists with numbers that are not finite as text, since JSON has no such numbers."""
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    if value != value:
        return "NaN"
    return value if abs(value) < float("inf") else "Infinity" if value > 0 else "-Infinity"
