"""α too early: a penalty from the start pulls the weights to 0, where the gradient that would lead away is 0 too."""

from __future__ import annotations

from bptui.engine.notation import epoch_text, numeral
from bptui.session.knobs import number_text
from bptui.session.train.doctor.chart import Chart, lasting
from bptui.session.train.doctor.finding import Finding

SAME = 0.05  # scores of all samples are no farther apart than that: one prediction for all
COLLAPSED = 0.5  # of the first ‖w‖²


def too_early(chart: Chart) -> Finding | None:
    """Under a penalty the weights collapsed, and all samples get the same scores."""
    probes = chart.probes
    if not chart.facts.penalised:
        return None
    first = probes[0].squares
    stuck = [p.facts.penalised and p.spread < SAME and p.squares < COLLAPSED * first for p in probes]
    place = lasting(stuck, [p.spread < 2 * SAME for p in probes])
    if place is None:
        return None
    onset, e = probes[place], chart.facts.experiment
    name, knob, alpha = ("L1", "l1", e.l1) if e.l1 > e.l2 else ("L2", "l2", e.l2)
    if not alpha:
        name, knob, alpha = "decay", "decay", getattr(e.optimiser, "decay", 0.0)
    early = all(p.facts.penalised for p in probes[: place + 1])
    what = (
        f"α too {'early' if early else 'large'}: one prediction for all samples since epoch {epoch_text(onset.epoch)}"
    )
    why = (
        f"{name} {number_text(alpha)}{' from the start' if early else ''} took ‖w‖² from {numeral(first, 3)} to "
        f"{numeral(chart.now.squares, 2)}; scores differ by {numeral(chart.now.spread, 1)} at most"
    )
    return Finding("α too early", onset.step, onset.epoch, what, why, (knob, "0"))
