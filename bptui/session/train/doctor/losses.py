"""What the losses tell: not a number, diverging, a learning rate too low, overfitting."""

from __future__ import annotations

import numpy as np

from bptui.engine.notation import epoch_text, numeral
from bptui.session.knobs import number_text
from bptui.session.train.doctor.chart import Chart, lasting
from bptui.session.train.doctor.finding import Finding, rate_below

RISEN = 1.3  # times the first loss: healthy runs never get there
AGAIN = 0.5, 10.0  # of the first loss, and times the lowest one: a run that had learned, and lost it
LEARNED = 0.9  # of the first loss: a run that never got below has diverged from its first step on
SLOW_EPOCHS = 15  # before a learning rate is called too low
SLOW_FALL = 0.2  # of the first loss: a run that fell farther is not slow
CUSTOMARY = 0.01  # a learning rate to try where the curvature does not say
PATIENCE = 10  # epochs past the lowest validation loss
OVERFIT = 1.5, 0.3  # validation loss in its lowest ones, and how many of its first ones above it
FITTED = 0.9  # of the training loss at the lowest validation loss


def not_a_number(chart: Chart) -> Finding | None:
    """Loss or weights overflowed. Where first, `evidence` finds out."""
    broken = chart.broken
    if broken is None:
        return None
    names = [w.name for w in broken.weights if not np.isfinite(w.norm)]
    where = f"in {names[0]}" if names else "in the loss"
    return Finding(
        "not a number", broken.step, broken.epoch, f"not a number since epoch {epoch_text(broken.epoch)}", where
    )


def diverging(chart: Chart) -> Finding | None:
    """The training loss rose above where it began, or far above its lowest."""
    loss, first = chart.loss, chart.loss[0]
    lowest = np.minimum.accumulate(loss)
    share, times = AGAIN
    risen = (loss > RISEN * first) | ((loss > share * first) & (loss > times * lowest))
    place = lasting(risen.tolist(), (risen | (loss > first)).tolist())
    if place is None:
        return None
    while place > 0 and loss[place - 1] < loss[place]:
        place -= 1
    if loss[: place + 1].min() > LEARNED * first:
        place = 0
    onset, e = chart.probes[place], chart.facts.experiment
    rose = f"the loss went from {numeral(loss[place], 3)} to {numeral(loss[-1], 3)}"
    what = f"diverging since epoch {epoch_text(onset.epoch)}: {rose}"
    return Finding("diverging", onset.step, onset.epoch, what, _rate(chart), ("lr", rate_below(e.lr / 10)))


def too_slow(chart: Chart) -> Finding | None:
    """The loss falls at nearly every probe, hardly at all, and no slower than at first: it is on its way, by inches."""
    begin = chart.stretch
    loss, epoch = chart.loss[begin:], chart.epoch[begin:]
    if epoch[-1] - epoch[0] < SLOW_EPOCHS:
        return None
    count = np.arange(len(loss))
    fall, half = loss[0] - loss, loss[0] - loss[count // 2]
    steady = np.concatenate(([1.0], np.cumsum(np.diff(loss) < 0) / count[1:])) > 0.9
    straight = fall - half > 0.4 * half
    little = (fall > 0) & (fall < SLOW_FALL * loss[0])
    enter = little & steady & straight & (epoch - epoch[0] >= SLOW_EPOCHS)
    if lasting(enter.tolist(), (fall < 2 * SLOW_FALL * loss[0]).tolist()) is None:
        return None
    onset, rate = chart.probes[begin], chart.facts.experiment.lr
    share = fall[-1] / loss[0] / (epoch[-1] - epoch[0])
    pace = f"the loss falls by {numeral(100 * share, 2)} % of itself an epoch"
    what = f"learning rate too low: η {number_text(rate)}, {pace}"
    fell = f"from {numeral(loss[0], 4)} to {numeral(loss[-1], 4)} in {epoch[-1] - epoch[0]:g} epochs"
    why = f"steadily {fell}, without levelling off"
    customary = max(10 * rate, CUSTOMARY)
    return Finding("learning rate too low", onset.step, onset.epoch, what, why, ("lr", rate_below(customary)))


def overfitting(chart: Chart) -> Finding | None:
    """The validation loss has risen for long from its lowest, while the training loss fell on."""
    loss, validation, epoch = chart.loss, chart.validation, chart.epoch
    if len(validation) < 2:
        return None
    lowest = np.minimum.accumulate(validation)
    fresh = np.concatenate(([True], validation[1:] < lowest[:-1]))
    best = np.maximum.accumulate(np.where(fresh, np.arange(len(lowest)), 0))
    times, above = OVERFIT
    fell = loss < FITTED * loss[best]
    past = epoch - epoch[best] >= PATIENCE
    enter = past & fell & (validation > times * lowest) & (validation > lowest + above * validation[0])
    stay = fell & (validation > lowest + above / 2 * validation[0])
    entered = lasting(enter.tolist(), stay.tolist(), hold=5)
    if entered is None:
        return None
    place = int(best[entered])
    onset, e = chart.probes[place], chart.facts.experiment
    rose = f"{numeral(validation[place], 3)} then, {numeral(validation[-1], 3)} now"
    what = f"overfitting since epoch {epoch_text(onset.epoch)}: validation loss {rose}"
    why = f"meanwhile the training loss fell from {numeral(loss[place], 3)} to {numeral(loss[-1], 3)}"
    remedy = ("l2", "0.01") if not e.l2 else ("dropout", "0.2") if not e.dropout else None
    return Finding("overfitting", onset.step, onset.epoch, what, why, remedy)


def _rate(chart: Chart) -> str:
    e = chart.facts.experiment
    return f"{e.optimiser.kind} with η {number_text(e.lr)}"
