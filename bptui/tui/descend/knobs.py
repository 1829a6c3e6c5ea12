"""The knobs of the descend lab: the racers' learning rates, the surface, the view, the start, the order."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, fold, rule, write
from bptui.drawing.markers import MARKS
from bptui.drawing.numbers import brief
from bptui.engine.notation import numeral
from bptui.session.descend.lab import Descent
from bptui.session.descend.lineup import called
from bptui.session.descend.remarks import above_bound

WIDE = 60  # columns from which racers stand beside the other knobs
LOW, HIGH = -4.0, 1.0  # decades of learning rates that a slider spans


def names(descent: Descent) -> list[str]:
    """All knobs: a number for each racer's rate, then the others by name."""
    starts = [f"start{k}" for k in range(descent.plane.dimensions)]
    return [*(str(k) for k in range(len(descent.racers))), "surface", "view", *starts, "order", "seed"]


def view_text(descent: Descent, letters: Sequence[str]) -> str:
    """What the axes are."""
    if descent.plane.whole:
        return "all parameters" if len(letters) > 1 else "one parameter"
    if descent.plane.labels[0].startswith("direction"):
        return f"random, seed {descent.view_seed}"
    return f"{letters[0]} and {letters[1]}"


def panel(
    descent: Descent, letters: Sequence[str], chosen: str | None, width: int, height: int, *, focused: bool
) -> Canvas:
    """All knobs; the chosen one lit. Each is a region `knob:name`."""
    canvas = Canvas(width, height)
    canvas.paste(rule(width, "Knobs", right="".join(_racer(descent)) if width >= WIDE else "", accent=BOLD), 0, 0)
    wide = width >= WIDE
    top = 2 if wide and height >= 6 else 1
    x = 2 if wide else 1
    half = max(0, width - 38) if wide else x
    for k in range(len(descent.racers)):
        _rate(canvas, half, top + k, width - half - x, descent, k, lit=chosen == str(k))
    y = top if wide else top + len(descent.racers) + 1
    label = 9
    places = [brief(value, 2) for value in descent.start_position.tolist()]
    order = "reshuffled" if descent.experiment.shuffle else "as they stand"
    for name, value in (("surface", descent.experiment.net.name), ("view", view_text(descent, letters))):
        _one(canvas, x, y, name, name, value, label, lit=chosen == name, focused=focused)
        y += 1
    canvas.put(x, y, "start", MUTED)
    at = x + label
    named = [f"{letter} {place}" for letter, place in zip(letters, places, strict=True)]
    room = (half if wide else width) - at - 2 * len(named)
    for k, text in enumerate(named if sum(map(cells, named)) <= room else places):
        lit = chosen == f"start{k}"
        end = canvas.put(at, y, _dial(text, lit=lit and focused), NOW if lit and focused else TEXT)
        canvas.regions.append(Region(at, y, end - at, 1, f"knob:start{k}"))
        at = end + 2
    y += 1
    _one(canvas, x, y, "order", "order", order, label, lit=chosen == "order", focused=focused)
    at = x + label + 14 + (2 if chosen == "order" and focused else 0)
    text = f"seed {descent.experiment.seed}"
    on = chosen == "seed" and focused
    end = canvas.put(at, y, _dial(text, lit=on), NOW if on else SOFT)
    canvas.regions.append(Region(at, y, end - at, 1, "knob:seed"))
    if not wide:
        for k, pieces in enumerate(fold([[(part, MUTED)] for part in _racer(descent)], width - 2 * x)):
            write(canvas, x, y + 2 + k, pieces)
    return canvas


def _racer(descent: Descent) -> list[str]:
    """The chosen racer in full, in parts that stay whole."""
    e = descent.racers[descent.chosen]
    batch = [f"batch {e.batch:,} of {e.count:,}, "] if e.count > 1 else []
    return [f"{MARKS[descent.chosen][1]} {e.optimiser.kind}, ", *batch, f"{e.schedule.kind} η"]


def _dial(text: str, *, lit: bool) -> str:
    return f"◂ {text} ▸" if lit else text


def _one(
    canvas: Canvas, x: int, y: int, name: str, title: str, value: str, label: int, *, lit: bool, focused: bool
) -> None:
    canvas.put(x, y, title, MUTED)
    on = lit and focused
    end = canvas.put(x + label, y, _dial(value, lit=on), NOW if on else TEXT)
    canvas.regions.append(Region(x, y, end - x, 1, f"knob:{name}"))


def _rate(canvas: Canvas, x: int, y: int, width: int, descent: Descent, number: int, *, lit: bool) -> None:
    """A racer's marker and name, a slider of its learning rate by decades, and the rate."""
    e = descent.racers[number]
    role, marker = MARKS[number]
    canvas.put(x, y, marker, Ink(role, bold=True))
    canvas.put(x + 2, y, called(e), BOLD if lit else TEXT)
    text = brief(e.lr, 5) if 1e-4 <= e.lr < 1e4 else numeral(e.lr, 2)
    bad = above_bound(descent, number)
    right = x + width
    canvas.put(right - cells(text), y, text, Ink("bad", bold=True) if bad else NOW if lit else SOFT)
    left = x + 2 + 16
    rail = right - 7 - left - 2
    canvas.put(left, y, "η", Ink("soft", bold=True))
    if rail >= 5:
        share = (math.log10(max(e.lr, 1e-300)) - LOW) / (HIGH - LOW)
        at = round(min(1.0, max(0.0, share)) * (rail - 1))
        canvas.put(left + 2, y, "─" * rail, Ink("hairline"))
        canvas.put(left + 2, y, "─" * at, NOW if lit else Ink(role))
        canvas.put(left + 2 + at, y, "●", NOW if lit else Ink(role, bold=True))
    canvas.regions.append(Region(x, y, width, 1, f"knob:{number}"))
