"""What is remarkable about a race at an instant, in sentences: who leaves the view, diverges, or stands still."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.engine.notation import numeral
from bptui.engine.optimisers import SGD
from bptui.session.descend.lab import Descent
from bptui.session.descend.whereabouts import View, away


@dataclass(frozen=True)
class Remark:
    """A sentence about one racer."""

    racer: int
    text: str


def above_bound(descent: Descent, number: int) -> bool:
    """Whether plain full-batch descent is sure to diverge at a racer's learning rate."""
    racer, found = descent.racers[number], descent.spectrum() if descent.quadratic else None
    plain = type(racer.optimiser) is SGD and racer.batch == racer.count and racer.schedule.kind == "constant"
    return plain and found is not None and not found.falls and found.diverges(racer.lr)


def remarks(descent: Descent, view: View) -> list[Remark]:
    """One sentence at most for each racer, the chosen one first."""
    order = sorted(range(len(descent.racers)), key=lambda number: number != descent.chosen)
    found = [Remark(number, _sentence(descent, number, view)) for number in order]
    return [remark for remark in found if remark.text]


def _sentence(descent: Descent, number: int, view: View) -> str:
    racer = descent.racers[number]
    bound = ""
    if above_bound(descent, number):
        found = descent.spectrum()
        assert found is not None
        bound = f"η {numeral(racer.lr, 3)} over 2/λmax {numeral(found.largest_rate, 3)}: diverges"
    positions = descent.positions(number)
    gone = away(positions, view)
    if gone is None:
        return bound or _still(descent, number)
    if gone.through is None:
        text = f"not finite since update {gone.since}"
    else:
        now = ", ".join(numeral(value, 2) for value in gone.now)
        left = f"left at the {gone.through} in update {gone.since}"
        how = "began out of view" if gone.since == 0 else left
        text = f"{how}, now at ({now})"
    return f"{bound}; {text}" if bound else text


def _still(descent: Descent, number: int) -> str:
    path = descent.paths[number]
    if not path.still or descent.place(number) == 0:
        return ""
    _, gradient = descent.objective.gradient(descent.start)
    return "the gradient is 0: nothing moves" if not gradient.any() else "no update has moved it"
