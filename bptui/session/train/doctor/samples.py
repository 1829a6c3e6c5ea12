"""What is wrong with how samples come: one class after the other, or inputs of unlike sizes."""

from __future__ import annotations

from math import hypot

from bptui.engine.notation import epoch_text, numeral
from bptui.session.train.doctor.chart import Chart
from bptui.session.train.doctor.finding import Finding
from bptui.session.train.facts import Facts

PURE = 0.8  # of a minibatch, on average, is of one class
LEANING = 0.03  # by which the mean probability of a class is off its share
UNLIKE = 8.0  # times as wide a feature as another
OFF = 4.0  # standard deviations that a feature lies off 0
SIZES = 0.1, 3.5  # root mean squares between which features are fine


def unshuffled(chart: Chart) -> Finding | None:
    """Minibatches of one class each, in order, and biases of the last layer that lean to the class shown last."""
    facts, since = chart.facts, chart.probes[chart.stretch + 1 :]
    if not _one_class(facts) or not any(max(p.lean, default=0.0) > LEANING for p in since):
        return None
    onset = chart.probes[chart.stretch]
    worst = max(since, key=lambda p: max(p.lean))
    k = worst.lean.index(max(worst.lean))
    what = f"unshuffled classes: minibatches are {100 * (facts.pure or 0.0):.0f} % of one class"
    why = (
        f"the last biases run after the class shown: at epoch {epoch_text(worst.epoch)} class {k} has a mean "
        f"probability of {facts.shares[k] + worst.lean[k]:.2f}, a share of {facts.shares[k]:.2f}"
    )
    return Finding("unshuffled classes", onset.step, onset.epoch, what, why, ("shuffle", "on"))


def _one_class(facts: Facts) -> bool:
    return not facts.experiment.shuffle and (facts.pure or 0.0) > PURE and max(facts.shares) < PURE**2


def not_normalised(chart: Chart) -> Finding | None:
    """Inputs are far off 0, too wide or too narrow, or some much wider than others."""
    if not chart.facts.features:
        return None
    features = chart.facts.features
    wide, narrow = max(features, key=lambda f: f.std), min(features, key=lambda f: f.std)
    far = max(features, key=lambda f: abs(f.mean) / f.std)
    sizes = [hypot(f.mean, f.std) for f in features]
    if abs(far.mean) > OFF * far.std:
        why = f"{far.name} is {numeral(far.mean, 3)} on average, and only ±{numeral(far.std, 2)} around that"
    elif wide.std > UNLIKE * narrow.std:
        why = f"{wide.name} has a standard deviation of {numeral(wide.std, 3)}, {narrow.name} {numeral(narrow.std, 2)}"
    elif max(sizes) > SIZES[1] or max(sizes) < SIZES[0]:
        why = f"{wide.name} has a standard deviation of {numeral(wide.std, 3)}: the first layer's init is for about 1"
    else:
        return None
    onset = chart.probes[chart.stretch]
    return Finding("inputs not normalised", onset.step, onset.epoch, "inputs not normalised", why, ("normalise", "on"))
