"""The training step as a program: one line an event, with the line that has just run marked."""

from __future__ import annotations

from collections.abc import Collection

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, TEXT, rule, wrap
from bptui.engine.graph import Event
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.moment import Moment

_HEADS = {"batch": "pick", "forward": "forward", "cost": "cost", "zero": "backward", "update": "update"}
TEXT_AT = 5  # column at which an equation starts, after the mark and the event's number


def program(moment: Moment, breakpoints: Collection[str], width: int) -> tuple[Canvas, int]:
    """The listing, as long as it is, and the row of the event at the cursor."""
    graph = moment.graph
    rows: list[tuple[str, Event | None, bool]] = []
    for event in graph.events:
        if event.phase in _HEADS and (not event.index or graph.events[event.index - 1].phase != event.phase):
            rows.append((_HEADS[event.phase], None, False))
        room = width - TEXT_AT
        lines = [part for line in _lines(moment, event, room) for part in wrap(line, room)]
        rows += [(line, event, k == 0) for k, line in enumerate(lines)]
    canvas = Canvas(width, len(rows))
    current = 0
    for y, (text, at, first) in enumerate(rows):
        if at is None:
            canvas.put(1, y, text, MUTED)
            continue
        now, done = at.index == moment.cursor, at.index < moment.cursor
        if now:
            canvas.fill(0, y, width, 1, "selection")
        if now and first:
            canvas.put(0, y, "▶", Ink("cursor", bold=True))
            current = y
        elif first and at.node in breakpoints:
            canvas.put(0, y, "■", Ink("cost"))
        if first:
            canvas.put(1, y, f"{at.index + 1:>3}", Ink("muted~70"))
        canvas.put(TEXT_AT, y, text, BOLD if now else TEXT if done else MUTED)
        canvas.regions.append(Region(0, y, width, 1, f"event:{at.index}"))
    return canvas, current


def headed(moment: Moment, breakpoints: Collection[str], width: int, height: int) -> Canvas:
    """The listing under its rule, which says how many rows are out of sight; the current line always is in sight."""
    listing, current = program(moment, breakpoints, width)
    room = max(0, height - 1)
    top = max(0, min(current - room // 2, listing.height - room))
    below = max(0, listing.height - room - top)
    hidden = ", ".join(f"{count} {where}" for count, where in ((top, "above"), (below, "below")) if count)
    canvas, body = Canvas(width, height), Canvas(width, room)
    canvas.paste(rule(width, "program", right=hidden or moment.graph.name), 0, 0)
    body.paste(listing, 0, -top)
    body.regions = [region for region in body.regions if 0 <= region.top < room]
    canvas.paste(body, 0, 1)
    return canvas


def _lines(moment: Moment, event: Event, width: int) -> list[str]:
    graph = moment.graph
    if event.phase == "batch":
        return [", ".join(symbol(v.name) for v in (*graph.inputs, *graph.targets)[:6]) + " = next minibatch"]
    if event.phase == "zero":
        return ["every dW, db = 0"]
    if event.phase == "seed":
        return [f"d{symbol(graph.loss)} = 1"]
    if event.phase == "update":
        name = str(event.parameter)
        return [text.replace("{W}", symbol(name)) for text in moment.experiment.optimiser_of(name).equations]
    node = graph.node[str(event.node)]
    names = graph.names(node)
    if event.phase == "backward":
        wanted = [n for n in (*node.inputs, *node.parameters.values()) if n in graph.differentiable]
        made, given = (", ".join(map(gradient_symbol, each)) for each in (wanted, node.outputs))
        fitting = [line for line in node.module.backward_texts(names) if cells(line) <= width]
        return fitting or [f"{made} = {node.name} backward({given})"]
    equation = node.module.forward_texts(names)
    if cells(equation) <= width:
        return [equation]
    made, read = (", ".join(map(symbol, each)) for each in (node.outputs, node.inputs))
    return [f"{made} = {node.name}({read})"]
