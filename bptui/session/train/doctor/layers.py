"""What the layers tell: dead and saturated units, gradients that vanish or explode on their way."""

from __future__ import annotations

from bptui.engine.notation import epoch_text, numeral
from bptui.session.experiment import Experiment
from bptui.session.mlp import can_activate
from bptui.session.train.doctor.chart import Chart, lasting
from bptui.session.train.doctor.finding import Finding, rate_below

DEAD = 0.5  # of a layer's ReLU units
SATURATED = 0.6  # of all (sample, unit) pairs, while the loss is above UNSOLVED
UNSOLVED = 0.4  # of the first loss: above, the net has not learned what would explain flat slopes
UNFITTED = 0.1  # of the first loss: below, units that die are not missed
MILD = 0.03  # a learning rate at which few units die
VANISHED = 0.01  # of the last layer's gradient, entry by entry
EXPLODED = 5.0  # times a layer's weights


def dead(chart: Chart) -> Finding | None:
    """Half of a layer's ReLU units or more have been 0 for all samples."""
    found = []
    for layer, unit in enumerate(chart.probes[0].units):
        if unit.kind == "ReLU":
            many = [len(p.units[layer].dead) >= DEAD * unit.size for p in chart.probes]
            needed = [few and above for few, above in zip(many, chart.above(UNFITTED), strict=True)]
            place, now = lasting(needed, many), chart.now.units[layer]
            if place is not None and now.dead:
                found.append((len(now.dead) / unit.size, layer, place))
    if not found:
        return None
    _, layer, place = max(found)
    onset, now, e = chart.probes[place], chart.now.units[layer], chart.facts.experiment
    what = f"{len(now.dead)} of {now.size} ReLU units dead in {now.maker} since epoch {epoch_text(onset.epoch)}"
    why = f"{_listed(now.dead)} 0 for all {e.count} samples: no gradient comes back through them"
    remedy = ("lr", rate_below(min(e.lr / 10, MILD)))
    if place == 0:
        remedy = ("activation", "leaky") if e.init == "kaiming" else ("init", "kaiming")
    return Finding("dead ReLU units", onset.step, onset.epoch, what, why, remedy)


def _listed(units: tuple[int, ...], most: int = 8) -> str:
    if len(units) == 1:
        return f"unit {units[0]} gives"
    if len(units) > most:
        return f"units {', '.join(map(str, units[:most]))} and {len(units) - most} more give"
    return f"units {', '.join(map(str, units[:-1]))} and {units[-1]} give"


def saturated(chart: Chart) -> Finding | None:
    """Sigmoid or tanh units sit where they are flat, although the loss is still high; a solved net may do that."""
    found = []
    for layer, unit in enumerate(chart.probes[0].units):
        if unit.bounded:
            share = [p.units[layer].saturated for p in chart.probes]
            high = [flat > SATURATED and above for flat, above in zip(share, chart.above(UNSOLVED), strict=True)]
            place = lasting(high, [flat > SATURATED / 1.2 for flat in share])
            if place is not None:
                found.append((share[-1], layer, place))
    if not found:
        return None
    flat, layer, place = max(found)
    onset, now, e = chart.probes[place], chart.now.units[layer], chart.facts.experiment
    what = (
        f"{100 * flat:.0f} % of the {now.kind} units' slopes flat in {now.maker} since epoch {epoch_text(onset.epoch)}"
    )
    why = f"over {now.size} units and {e.count} samples the slope is below 4 % of the steepest: little gradient passes"
    remedy = ("lr", rate_below(min(e.lr / 10, MILD)))
    if place == 0:
        remedy = ("init", "xavier") if e.init in ("normal", "constant") else ("normalise", "on")
    return Finding("saturated units", onset.step, onset.epoch, what, why, remedy)


def vanishing(chart: Chart) -> Finding | None:
    """The first layer's gradient is tiny beside the last one's, although the loss is still high."""
    tiny = [p.passed < VANISHED for p in chart.probes]
    high = [small and above for small, above in zip(tiny, chart.above(UNSOLVED), strict=True)]
    place = lasting(high, tiny)
    if place is None:
        return None
    onset, now = chart.probes[place], chart.now
    first, last = now.matrices[0], now.matrices[-1]
    part = f"{first.name} gets {numeral(now.passed, 1)} of {last.name}'s"
    what = f"vanishing gradients since epoch {epoch_text(onset.epoch)}: {part}"
    why = (
        f"{numeral(first.rms, 1)} and {numeral(last.rms, 1)} an entry, root mean square; the first layer hardly learns"
    )
    remedy = _better(chart.facts.experiment, steeper=True)
    return Finding("vanishing gradients", onset.step, onset.epoch, what, why, remedy)


def exploding(chart: Chart) -> Finding | None:
    """A layer's gradient was many times as large as its weights, once under the present knobs."""
    onset = next((p for p in chart.probes[chart.stretch :] if p.heaviest and p.heaviest.relative > EXPLODED), None)
    if onset is None or onset.heaviest is None:
        return None
    worst = onset.heaviest
    times = f"{worst.name}'s is {numeral(worst.relative, 3)} times as large as itself"
    norms = ", ".join(numeral(w.gradient, 2) for w in onset.matrices)
    return Finding(
        "exploding gradients",
        onset.step,
        onset.epoch,
        f"exploding gradients at epoch {epoch_text(onset.epoch)}: {times}",
        f"‖dW‖ from the first layer to the last: {norms}",
        _better(chart.facts.experiment),
    )


def _better(experiment: Experiment, *, steeper: bool = False) -> tuple[str, str] | None:
    """An init that keeps the signal's size; where slopes have to be steeper, a non-linearity whose slopes are 1."""
    bounded = can_activate(experiment.net) and any(layer.module.limits for layer in experiment.net.layers)
    init = "xavier" if bounded else "kaiming"
    if bounded and (steeper or experiment.init == init):
        return "activation", "relu"
    return ("init", init) if experiment.init != init else None
