"""The two sentences at the top: what just happened, and what happens next."""

from __future__ import annotations

from bptui.drawing.canvas import cells
from bptui.drawing.equations import Index
from bptui.drawing.into import place_of
from bptui.drawing.lines import wrap
from bptui.drawing.numbers import brief
from bptui.engine.graph import Event
from bptui.engine.module import subscript
from bptui.engine.modules.linear import Linear
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.reading import Reading


def now(reading: Reading, width: int) -> str:
    """What the event at the cursor did, in one sentence of at most `width` cells."""
    return shortened(_happened(reading, reading.graph.events[reading.cursor]), width)


def next(reading: Reading, width: int) -> str:
    """What the event after the cursor will do, in one sentence of at most `width` cells."""
    events = reading.graph.events
    if reading.graph.halts and reading.cursor + 1 == len(events):
        return shortened("Nothing follows: PyTorch has stopped. The next step begins with the next minibatch.", width)
    if reading.cursor + 1 == len(events):
        return shortened("The next minibatch will be picked, and a new training step begins.", width)
    return shortened(_will_happen(reading, events[reading.cursor + 1]), width)


def inside(reading: Reading, target: str, entry: Index, width: int) -> str:
    """What one sees while one looks into a target's entry, in one sentence of at most `width` cells."""
    place = place_of(reading.graph, target)
    if place is None:
        return now(reading, width)
    node, name, backward = place
    names = reading.graph.names(node)
    what = (gradient_symbol(name) if backward else symbol(name)) + subscript(entry)
    if not isinstance(node.module, Linear):
        return shortened(f"inside {node.name}: {what}, worked out from what came in.", width)
    if not backward:
        bias = f", plus {names['b']}{subscript(entry)}" if "b" in names else ""
        return shortened(
            f"inside {node.name}: {what} is row {entry[0]} of {names['W']} times {names['x']}{bias}.", width
        )
    dy = "d" + names["y"]
    if name == node.inputs[0]:
        return shortened(f"inside {node.name}: {what} is column {entry[0]} of {names['W']} times {dy}.", width)
    over = ", summed over the batch" if reading.batch > 1 else ""
    times = f" times {names['x']}[{entry[1]}]" if len(entry) == 2 else ""
    return shortened(f"inside {node.name}: {what} is {dy}[{entry[0]}]{times}{over}.", width)


def _happened(reading: Reading, event: Event) -> str:
    graph, loss = reading.graph, symbol(reading.graph.loss)
    if event.phase == "batch":
        given = _listed([symbol(v.name) for v in (*graph.inputs, *graph.targets)])
        if reading.batch == 1:
            return f"A sample was picked: {given} are known, and nothing is computed yet."
        return f"A minibatch of {reading.batch} samples was picked; you see {given} of sample {reading.sample + 1}."
    if event.phase == "zero":
        old = [reading.gradient(p.name) for p in graph.parameters]
        if any(dw is not None and dw.any() for dw in old):
            return "The gradients were not set to 0: those of the last step stay, and new ones are added to them."
        return "All gradients of parameters were set to 0, so that nothing of the last step stays in them."
    if event.phase == "seed":
        return f"The derivative network starts with d{loss}/d{loss} = 1: how the cost changes with itself."
    if event.phase == "update":
        name = str(event.parameter)
        moved = f"The optimiser moved {symbol(name)} against its gradient"
        after = reading.value(name)
        if after is None or ("update", name) in reading.hidden:
            return f"{moved}."
        return f"{moved}; no entry moved more than {brief(float(abs(after - reading.before(name)).max(initial=0.0)))}."
    node = graph.node[str(event.node)]
    text = node.module.backward_story if event.phase == "backward" else node.module.forward_story
    return text.format_map(graph.names(node))


def _will_happen(reading: Reading, event: Event) -> str:
    graph, loss = reading.graph, symbol(reading.graph.loss)
    if event.phase == "batch":
        return "A minibatch will be picked."
    if event.phase == "zero":
        return "The gradients of the parameters will be set to 0, before backward fills them."
    if event.phase == "seed":
        return f"The derivative network will start at its right end, with d{loss}/d{loss} = 1."
    if event.phase == "update":
        name = str(event.parameter)
        return f"The optimiser will move {symbol(name)} against its gradient {gradient_symbol(name)}."
    node = graph.node[str(event.node)]
    names = graph.names(node)
    called = node.name if node.parameters else node.module.title or node.module.kind
    if event.phase == "backward":
        back = _listed([gradient_symbol(n) for n in node.inputs if n in graph.differentiable])
        arriving = _listed([gradient_symbol(n) for n in node.outputs])
        return f"{called} will turn {arriving} into {back}: {node.module.backward_texts(names)[0]}."
    if node.module.role == "halt":
        return f"The program will stop at {node.name}, with an error: the shapes do not fit."
    if node.module.role == "cost":
        return f"{called} will compare {names['x']} with the target {names['t']} and give one number, the cost."
    made = _listed([symbol(n) for n in node.outputs])
    return f"{called} will make {made} from {_listed([symbol(n) for n in node.inputs])}: " + (
        f"{node.module.forward_texts(names)}."
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1] if names else "nothing"


def shortened(text: str, width: int) -> str:
    """The text itself, or as many of its clauses as fit, or as many of its words.

    >>> shortened("m1 made s: each entry is a weighted sum.", 20)
    'm1 made s.'
    """
    if cells(text) <= width:
        return text
    for marks in (":;", ","):
        for end in range(min(len(text) - 1, width), 0, -1):
            clause = text[:end]
            whole = text[end] in marks and text[end + 1] == " " and clause.count("(") == clause.count(")")
            if whole and cells(clause) < width and clause.count(" ") >= 2:
                return clause + "."
    lines = wrap(text, max(1, width - 2))
    return lines[0].rstrip(".,:; ") + " …" if width > 2 else "…"[:width]
