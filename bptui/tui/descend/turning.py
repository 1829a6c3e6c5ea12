"""What the arrows and the keyboard make of a knob of the descend lab."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from bptui.engine.optimisers import SGD, Adam, Momentum, Nesterov, RMSProp
from bptui.session.descend.lab import Descent
from bptui.session.descend.lineup import next_batch, next_rate
from bptui.session.descend.plane import Plane, entry_plane, parameter_entries, random_plane
from bptui.session.descend.window import window
from bptui.session.dial import notch
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS, turned
from bptui.sources.labs import DESCEND, lab
from bptui.tui.descend.look import letters_of

if TYPE_CHECKING:
    from bptui.tui.descend.screen import Descend

METHODS = (SGD, Momentum, Nesterov, RMSProp, Adam)
VIEWS = 3  # pairs of random directions that the arrows reach


def turn(screen: Descend, knob: str, by: int) -> None:
    """Turn a knob by a notch, up (1) or down (−1). Raises ValueError where that is refused."""
    d = screen.descent
    sign = 1 if by > 0 else -1
    if knob.isdecimal():
        racer = d.racers[int(knob)]
        d.set_racer(int(knob), racer.changed(lr=next_rate(racer.lr, sign)))
    elif knob == "surface":
        shown = d.experiment.net.name
        found = list(DESCEND)
        at = found.index(shown) + sign if shown in found else 0
        screen.begin(Descent(DESCEND[found[at % len(found)]]))
    elif knob == "view":
        _look_along(screen, _next_plane(d, sign))
    elif knob.startswith("start"):
        axis, place = int(knob[5:]), d.start_position
        place[axis] = _beyond(float(place[axis]), by, _notch(screen, axis))
        d.begin_at(place)
    elif knob == "order":
        _restart(screen, d.experiment.changed(shuffle=not d.experiment.shuffle))
    elif knob == "seed":
        _restart(screen, turned(d.experiment, "seed", str(d.experiment.seed + sign)))


def turn_racer(descent: Descent, knob: str) -> None:
    """The chosen racer's next optimiser, batch or schedule; it runs anew."""
    racer = descent.racers[descent.chosen]
    if knob == "optimiser":
        at = next((k for k, method in enumerate(METHODS) if type(racer.optimiser) is method), -1)
        changed = racer.changed(optimiser=METHODS[(at + 1) % len(METHODS)]())
    elif knob == "batch":
        if racer.count == 1:
            raise ValueError("one sample is a full batch already")
        changed = racer.changed(batch=next_batch(racer))
    else:
        changed = turned(racer, knob, notch(racer, knob, KNOBS[knob].read(racer), 1))
    descent.set_racer(descent.chosen, changed)


def prompt(descent: Descent, letters: Sequence[str], knob: str) -> tuple[str, str, str]:
    """The label, the value to begin with, and the hint, for typing a knob."""
    if knob.isdecimal():
        hint = "lr=0.05, batch=8, optimiser=Adam, momentum=0.5, schedule=1/t, tau=10, …"
        return "racer", f"lr={KNOBS['lr'].read(descent.racers[int(knob)])}", hint
    if knob == "view":
        entries = parameter_entries(descent.objective.graph)
        return "view", " ".join(entries[:2]), "two weights, or: random 1"
    if knob.startswith("start"):
        axis = int(knob[5:])
        return letters[axis], f"{descent.start_position[axis]:.6g}", "a number"
    if knob == "surface":
        return "surface", descent.experiment.net.name, ", ".join(DESCEND)
    return knob, KNOBS["shuffle" if knob == "order" else knob].read(descent.experiment), ""


def typed(screen: Descend, knob: str, text: str) -> None:
    """Set a knob to what was typed. Raises ValueError, one line, where that is refused."""
    d = screen.descent
    if knob.isdecimal():
        racer = d.racers[int(knob)]
        for word in text.replace(",", " ").split():
            name, equals, value = word.partition("=")
            racer = turned(racer, name, value) if equals else turned(racer, "lr", name)
        d.set_racer(int(knob), racer)
    elif knob == "surface":
        screen.begin(Descent(lab(DESCEND, text)))
    elif knob == "view":
        _look_along(screen, _plane(d, text))
    elif knob.startswith("start"):
        place = d.start_position
        try:
            place[int(knob[5:])] = float(text)
        except ValueError:
            raise ValueError(f"start: got {text!r}, wants a number") from None
        d.begin_at(place)
    else:
        _restart(screen, turned(d.experiment, "shuffle" if knob == "order" else knob, text))


def _restart(screen: Descend, experiment: Experiment) -> None:
    """Begin anew with the same racers, who take over the order and the seed."""
    racers = [racer.changed(shuffle=experiment.shuffle, seed=experiment.seed) for racer in screen.descent.racers]
    screen.begin(Descent(experiment, racers))


def _notch(screen: Descend, axis: int) -> float:
    """A round number, about a hundredth of the view."""
    low, high = screen.look.window[axis]
    rough = (high - low) / 100
    base = 10.0 ** floor(log10(rough))
    return next(base * k for k in (1, 2, 5, 10) if base * k >= rough)


def _beyond(value: float, by: int, notch: float) -> float:
    """So many multiples of a notch up or down; the first is the next one from where it stands."""
    at = value / notch
    return round((floor(at + 1e-9) if by > 0 else ceil(at - 1e-9)) * notch + by * notch, 10)


def _look_along(screen: Descend, plane: Plane) -> None:
    screen.descent.look_along(plane)
    screen.letters = letters_of(plane, screen.descent.objective.graph)
    screen.look.point, screen.look.focus = None, "knobs" if screen.look.focus == "knobs" else "run"
    screen.look.window = window(screen.descent)


def _next_plane(descent: Descent, by: int) -> Plane:
    """Random directions by their seeds, then each two entries that are neighbours."""
    graph, start = descent.objective.graph, descent.objective.start
    entries = parameter_entries(graph)
    if len(entries) <= 2:
        raise ValueError("the view shows all parameters there are")
    shown = [*range(VIEWS), *pairwise(entries)]
    now = descent.plane.labels if not descent.plane.labels[0].startswith("direction") else descent.view_seed
    at = shown.index(now) if now in shown else -1
    found = shown[(at + by) % len(shown)]
    if isinstance(found, int):
        descent.view_seed = found
        return random_plane(graph, start, found)
    return entry_plane(graph, start, *found)


def _plane(descent: Descent, text: str) -> Plane:
    graph, start = descent.objective.graph, descent.objective.start
    if seed := re.fullmatch(r"random\s*(\d*)", text.strip()):
        descent.view_seed = int(seed[1] or 0)
        return random_plane(graph, start, descent.view_seed)
    return entry_plane(graph, start, *re.sub(r",\s+", ",", text).split())
