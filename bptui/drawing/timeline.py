"""The strip of events: what is done, what is now, what is to come; bands above, short names below."""

from __future__ import annotations

from collections.abc import Collection

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.engine.graph import Event, Graph, Phase

BANDS: dict[Phase, str] = {
    "batch": "batch",
    "forward": "forward",
    "cost": "cost",
    "zero": "backward",
    "seed": "backward",
    "backward": "backward",
    "update": "update",
}
SOFT = ("+ L1: W ← soft(W, ηα)", "+ L1 soft(W, ηα)", "+ L1", "L1")  # the proximal step, the longest first
LEAST = 4  # cells from event to event where they are named
COLOURS = {"batch": "observed", "forward": "function", "cost": "cost", "backward": "gradient", "update": "observed"}


def short_name(graph: Graph, event: Event) -> str:
    """An event in a few letters: the module's name if it has parameters, else its kind."""
    if event.phase in ("batch", "zero", "seed"):
        return {"batch": "pick", "zero": "zero", "seed": "seed 1"}[event.phase]
    if event.parameter is not None:
        owner, _, local = event.parameter.rpartition(".")
        return f"{owner}.{ {'weight': 'W', 'bias': 'b'}.get(local, local) }"
    node = graph.node[str(event.node)]
    return node.name if node.parameters else node.module.short or node.module.kind


def timeline(
    graph: Graph, cursor: int, breakpoints: Collection[int], width: int, *, names: bool, soft: bool = False
) -> Canvas:
    """The strip, two rows (bands, rail), or three with the events' names where they fit.

    The gap between events shrinks to one cell; a strip that is longer still shows a window round the cursor. Each
    event is a region `event:7`. With `soft`, L1 is a soft threshold at the update, no branch of the diagram, and is
    drawn there.
    """
    events = graph.events
    names = names and (len(events) - 1) * LEAST < width  # else no names fit, and there may be thousands
    labels = [short_name(graph, event) for event in events] if names else []
    pitch = _pitch(labels, width) if names else None
    if names and (pitch is None or pitch <= cells("seed 1")):
        labels = ["1" if event.phase == "seed" else label for event, label in zip(events, labels, strict=True)]
        pitch = _pitch(labels, width)
    named = pitch is not None
    if pitch is None:
        pitch = max(2, min(5, (width - 1) // max(1, len(events) - 1)))
    fits = max(1, (width - 1) // pitch + 1)
    first = 0 if len(events) <= fits else max(0, min(cursor - fits // 2, len(events) - fits))
    shown = events[first : first + fits]
    last_x = (len(shown) - 1) * pitch
    canvas = Canvas(width, 3 if named else 2)
    for k, event in enumerate(shown):
        x = k * pitch
        colour = COLOURS[BANDS[event.phase]]
        if k + 1 < len(shown):
            behind = event.index < cursor
            canvas.put(x + 1, 1, ("━" if behind else "─") * (pitch - 1), Ink(colour if behind else "hairline"))
        mark, ink = _mark(event.index, cursor, breakpoints, colour)
        canvas.put(x, 1, mark, ink)
        if named:
            canvas.put(x, 2, labels[event.index], _name_ink(event.index, cursor))
        canvas.regions.append(Region(x, 0, min(pitch, width - x), canvas.height, f"event:{event.index}"))
    if first:
        canvas.put(0, 1, "‹", Ink("soft"))
    if first + len(shown) < len(events):
        canvas.put(last_x, 1, "›", Ink("soft"))
    end = _bands(canvas, shown, pitch, cursor, width)
    if soft and shown[-1].phase == "update":
        fitting = next((text for text in SOFT if end + cells(text) <= width), "")
        canvas.put(end, 0, fitting, Ink("cost", bold=True))
    return canvas


def _pitch(labels: list[str], width: int) -> int | None:
    """The distance of events at which all names fit; None if they do not."""
    wide = [cells(label) for label in labels]
    for pitch in range(8, LEAST - 1, -1):
        inside = all(w < pitch for w in wide[:-1])
        if inside and (len(labels) - 1) * pitch + wide[-1] <= width:
            return pitch
    return None


def _mark(index: int, cursor: int, breakpoints: Collection[int], colour: str) -> tuple[str, Ink]:
    if index == cursor:
        return "◆", Ink("cursor", bold=True)
    if index in breakpoints:
        return "■", Ink("cost")
    return ("●", Ink(colour)) if index < cursor else ("○", Ink(f"{colour}~55"))


def _name_ink(index: int, cursor: int) -> Ink:
    if index == cursor:
        return Ink("ink", "cursor", bold=True)
    return Ink("text") if index < cursor else Ink("muted~80")


def _bands(canvas: Canvas, shown: tuple[Event, ...], pitch: int, cursor: int, width: int) -> int:
    """Each band's name above its first event, left out where the one before it leaves no room; the column behind."""
    free = 0
    starts = [k for k, event in enumerate(shown) if not k or BANDS[event.phase] != BANDS[shown[k - 1].phase]]
    for number, k in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(shown)
        name = BANDS[shown[k].phase]
        here = any(event.index == cursor for event in shown[k:end])
        x = k * pitch
        next_x = starts[number + 1] * pitch if number + 1 < len(starts) else width
        if x + cells(name) >= next_x and name == "batch":
            name = "data" if x + 4 < next_x else ""
        if x >= free and x + cells(name) <= width and (here or x + cells(name) < next_x or number + 1 == len(starts)):
            ink = Ink("text", bold=True) if here else Ink("muted")
            free = canvas.put(x, 0, name, ink) + 1
    return free
