"""A walk as a worked example in Markdown: headings, equations with their numbers put in, tables."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph, Node
from bptui.engine.module import Entry, Seen, Spec, Term, bracketed
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.experiment import Experiment
from bptui.sources.narration import kink_note
from bptui.sources.trace import Stop, final_gradients, stops

COLUMNS, ROWS = 12, 12  # of a table that is printed whole
ENTRIES, TERMS = 6, 8  # of an output whose entries are worked out one by one, and of their sums


def worked_trace(experiment: Experiment, steps: int = 1) -> Iterator[str]:
    """The walk in pieces of Markdown. Numbers are rounded to 4 digits; large arrays are summarised."""
    yield _opening(experiment)
    last = None
    for last in stops(experiment, steps):
        if last.event.index == 0:
            yield f"\n## Step {last.step + 1}\n"
        yield _section(last)
    assert last is not None, "there is at least one step"
    yield _closing(last)


def _opening(experiment: Experiment) -> str:
    net, graph = experiment.net, experiment.graph
    lines = [f"# {net.name}: one net, worked through", "", f"{_sentence(net.description)}", ""]
    lines += ["| seed | learning rate | optimiser | minibatch |", "|---|---|---|---|"]
    lines += [f"| {experiment.seed} | {shown(experiment.lr)} | {experiment.optimiser.kind} | {experiment.batch} |", ""]
    lines += ["| module | kind | reads | makes | parameters |", "|---|---|---|---|---|"]
    for node in graph.nodes:
        if not node.collapsed:
            names = [", ".join(map(symbol, ns)) for ns in (node.inputs, node.outputs, tuple(node.parameters.values()))]
            lines.append(f"| {node.name} | {node.module.kind} | {' | '.join(names)} |")
    lines += ["", "## Parameters", ""]
    for name, values in experiment.initial().items():
        lines += [*_table(f"{symbol(name)} ({name})", values), ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(stop: Stop) -> str:
    graph, event = stop.moment.graph, stop.event
    title = {"batch": "the minibatch", "zero": "zero the gradients", "seed": "the seed gradient"}.get(event.phase)
    if title is None:
        title = f"{event.phase}: {event.node or event.parameter} ({stop.kind})"
    lines = ["", f"### {event.index + 1}. {title[0].upper()}{title[1:]}", ""]
    if stop.equation:
        lines += ["", *(f"    {text}" for text in stop.equation.split("; ")), ""]
    if stop.node:
        module = stop.node.module
        story = module.backward_story if event.phase == "backward" else module.forward_story
        lines += [story.format_map(graph.names(stop.node)), *filter(None, [kink_note(stop)]), ""]
        if event.phase != "backward":
            lines += _entries(stop, stop.node)
    if event.phase == "zero":
        lines += ["All gradients are 0 again." if stop.gradients else "The gradients are kept: new ones add up.", ""]
    else:
        for name, values in stop.values.items():
            lines += [*_variable(graph, name, symbol(name), values), ""]
        for name, values in stop.gradients.items():
            lines += [*_variable(graph, name, gradient_symbol(name), values), ""]
    return _without_doubles(lines)


def _closing(stop: Stop) -> str:
    graph = stop.moment.graph
    cost = stop.moment.loss
    if graph.halts:
        return "\n## The end\n\nThe program stops here, before there is a cost. No gradient comes back.\n"
    lines = [
        "",
        f"## After step {stop.step + 1}",
        "",
        f"The cost of this step was {'' if cost is None else shown(cost)}.",
    ]
    lines += ["Its gradient with respect to every input and parameter:", ""]
    for name, values in final_gradients(stop).items():
        lines += [*_variable(graph, name, f"{gradient_symbol(name)} ({name})", values), ""]
    return _without_doubles(lines)


@np.errstate(all="ignore")  # a run that explodes is shown, not warned about
def _entries(stop: Stop, node: Node) -> list[str]:
    """The scalar equations of a small output, for the first sample, with their numbers."""
    lines: list[str] = []
    moment, graph = stop.moment, stop.moment.graph
    inputs, outputs = ([_known(moment.value(n)) for n in names] for names in (node.inputs, node.outputs))
    parameters = {local: _known(moment.value(name)) for local, name in node.parameters.items()}
    drawn = moment.drawn(node.name)
    seen = Seen(graph.names(node), tuple(inputs), tuple(outputs), parameters, moment.batch, drawn)
    for k, output in enumerate(outputs):
        if output.size > ENTRIES:
            continue
        for index in np.ndindex(*output.shape):
            lines += [f"    {text}" for text in _worked(node.module.entry(seen, k, index, shown))]
    if lines and moment.batch > 1 and (graph.variables[node.outputs[0]].batched or node.module.role == "cost"):
        lines = ["For sample 0:", "", *lines]
    return [*lines, ""] if lines else []


def _worked(entry: Entry) -> list[str]:
    """The formula of one entry, its numbers put in, and the result; nothing if that says no more than the result."""
    result = f"= {shown(entry.result)}"
    if entry.steps:
        return [entry.formula, *(f"  {step}" for step in entry.steps)]
    if not entry.terms or len(entry.terms) > TERMS:
        return []
    if len(entry.terms) == 1 and entry.terms[0].left == "1":  # only passed on
        return [f"{entry.formula} {result}"]
    addends = " + ".join(map(_product, entry.terms))
    bias = f" + {bracketed(entry.bias[1], shown)}" if entry.bias else ""
    return [entry.formula, f"  = {addends}{bias} {result}"]


def _product(term: Term) -> str:
    right = bracketed(term.right_value, shown)
    return right if term.left == "1" else f"{bracketed(term.left_value, shown)}·{right}"


def _known(values: Array | None) -> Array:
    assert values is not None, "the event that makes a value has happened"
    return values


# -- tables


def shown(value: float) -> str:
    """A number to 4 digits, with a real minus sign."""
    return f"{value:.4g}".replace("-", "−") if value else "0"


def _variable(graph: Graph, name: str, label: str, values: Array) -> list[str]:
    variable = graph.variables[name]
    if values.dtype.kind == "i":
        return [f"{label} is class {', '.join(map(str, values.tolist()))}."]
    if not variable.batched:
        return _table(label, values)
    return _table(label, values[0]) if len(values) == 1 else _table(f"{label}, a row a sample", values)


def _table(label: str, values: Array) -> list[str]:
    """An array as a table, a scalar as a line, a large array as a summary."""
    if values.ndim == 0:
        return [f"{label} = {shown(float(values))}"]
    rows = values[None] if values.ndim == 1 else values
    if rows.ndim > 2 or rows.shape[1] > COLUMNS or len(rows) > ROWS:
        return [_summary(label, values)]
    header = f"| {label} | " + " | ".join(map(str, range(rows.shape[1]))) + " |"
    lines = [header, "|---" * (rows.shape[1] + 1) + "|"]
    for k, row in enumerate(rows):
        lines.append(f"| {k if values.ndim > 1 else ''} | " + " | ".join(map(shown, row.tolist())) + " |")
    return lines


@np.errstate(over="ignore")
def _summary(label: str, values: Array) -> str:
    finite = values[np.isfinite(values)]
    text = f"{label} is {Spec(values.shape)}, too large to print"
    if finite.size < values.size:
        text += f"; {values.size - finite.size} entries are not finite"
    if not finite.size:
        return text + "."
    norm = math.hypot(*finite.tolist())
    return (
        f"{text}: min {shown(float(finite.min()))}, max {shown(float(finite.max()))}, "
        f"mean {shown(float(finite.mean()))}, norm {shown(norm)}."
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _without_doubles(lines: list[str]) -> str:
    """Lines with single empty lines between blocks."""
    kept = [line for k, line in enumerate(lines) if line or not k or lines[k - 1]]
    return "\n".join(kept).rstrip() + "\n"
