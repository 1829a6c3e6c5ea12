"""Effects seen in the signal itself: curvature, sizes by layer, stuck units, the gradient at a wrong answer."""

from __future__ import annotations

import numpy as np

from bptui.data.minibatches import Clock
from bptui.data.samples import Data, nested
from bptui.engine.buffers import Array
from bptui.engine.modules import CrossEntropy, SoftMax, SquaredError
from bptui.engine.net import Net
from bptui.engine.program import Program
from bptui.session.descend.objective import Objective
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS
from bptui.session.train.doctor.curvature import highest_curvature
from bptui.session.train.effects.effect import MOST_WORK, Effect, Here, Row
from bptui.session.train.predict import Predictor
from bptui.session.train.probe import Prober

LEAST_LOGIT = -700.0  # where a probability is 0 in floats


def normalise(here: Here) -> Effect | None:
    """λmax at the first step with inputs as they are and normalised: 2/λmax is the rate that gradient descent bears."""
    e = here.experiment
    if sum(values.size for values in here.parameters.values()) * e.count > MOST_WORK / 4:
        return None
    found = {}
    for setting in ("off", "on"):
        objective = Objective(KNOBS["normalise"].turn(e, setting))
        found[setting] = highest_curvature(objective, objective.start)
    rows = [Row(f"λmax, {setting}", (curvature,)) for setting, curvature in found.items()]
    says = (
        f"at the first step plain gradient descent bears η up to 2/λmax = {2 / found['off']:.3g} with the inputs as "
        f"they are, {2 / found['on']:.3g} normalised"
    )
    return Effect("steepest curvature of the loss at the first step", tuple(rows), says)


def init(here: Here) -> Effect | None:
    """E[z²] and the gradients' norms by layer, at the run's first step: as it began, and under the other init."""
    e = here.experiment
    other = "kaiming" if e.init != "kaiming" else "torch"
    rows, passed = [], {}
    for experiment in (e, e.changed(init=other, parameters=(), all_drawn=False)):
        prober = Prober(experiment)
        probe = prober.probe(Clock(), experiment.initial())
        squares = tuple(unit.mean_square for unit in probe.units)
        gradients = tuple(w.gradient for w in probe.weights if not w.name.endswith(".bias"))
        name = KNOBS["init"].read(experiment)
        rows += [Row(f"E[z²], {name}", squares), Row(f"‖dW‖, {name}", gradients)]
        passed[name] = squares
    if not rows[0].numbers:
        return None
    says = "at the first step E[z²] is " + "; ".join(
        f"{squares[0]:.2g} after the first layer, {squares[-1]:.2g} after the last hidden one with {name}"
        for name, squares in passed.items()
    )
    return Effect("signal and gradient by layer, at the first step", tuple(rows), says)


def activation(here: Here) -> Effect | None:
    """The share of each layer's units that are stuck: dead, or where their slope is flat."""
    units = here.probe.units
    if not units:
        return None
    rows, words = [], []
    for unit in units:
        share = unit.saturated if unit.bounded else len(unit.dead) / unit.size
        rows.append(Row(f"{unit.kind} on {unit.maker}", (share,)))
        words.append(
            f"{100 * share:.0f} % of the slopes behind {unit.maker} flat"
            if unit.bounded
            else f"{len(unit.dead)} of {unit.size} units behind {unit.maker} dead"
        )
    title = "share of slopes below 4 % of the steepest" if units[0].bounded else "share of units dead for every sample"
    return Effect(title, tuple(rows), f"{', '.join(words)}, over all {here.experiment.count} training samples")


def cost(here: Here) -> Effect | None:
    """The gradient at the logits of the sample that is most confidently wrong: squared error against cross-entropy."""
    e = here.experiment
    target = next((given for given in e.net.given if given.target and given.classes), None)
    if target is None or target.name not in e.samples:
        return None
    inputs = {given.name: e.samples[given.name] for given in e.net.given if not given.target}
    probabilities = Predictor(e).probabilities(here.parameters, inputs)
    if probabilities is None or not np.isfinite(probabilities).all():
        return None
    classes = e.samples[target.name].argmax(axis=1)
    own = probabilities[np.arange(len(classes)), classes]
    worst = int(own.argmin())
    given_class = int(probabilities[worst].argmax())
    logits = np.maximum(np.log(probabilities[worst]), LEAST_LOGIT)
    answer = e.samples[target.name][worst]
    squared, fused = (_at_logits(logits, answer, fused=fused) for fused in (False, True))
    rows = (Row("softmax, squared error", tuple(squared)), Row("cross-entropy, fused", tuple(fused)))
    wrong = "most confidently wrong" if given_class != classes[worst] else "least sure"
    says = (
        f"sample {worst + 1} is the {wrong}: class {classes[worst]} gets {own[worst]:.2g}. Its gradient is "
        f"{np.linalg.norm(squared):.2g} long with squared error behind a softmax, {np.linalg.norm(fused):.2g} with "
        f"the fused cross-entropy"
    )
    return Effect("gradient at the logits of one sample, class by class", rows, says)


def _at_logits(logits: Array, answer: Array, *, fused: bool) -> Array:
    """∂C/∂s of one sample, (K,), by the engine."""
    net = Net("logits").input("s", len(logits))
    if fused:
        net = net.target("y", len(logits), classes=True).add("cost", CrossEntropy(), "s y", "C")
    else:
        net = net.add("softmax", SoftMax(), "s", "p").target("y", len(logits)).add("cost", SquaredError(), "p y", "C")
    sample = Data("given", given=(("s", nested(logits[None])), ("y", nested(answer[None]))))
    experiment = Experiment(net, sample)
    program = Program(experiment.graph, experiment.settings(1))
    program.load(experiment.samples, np.arange(1))
    for event in experiment.graph.events:
        if event.phase != "update":
            for call in program.calls[event.index]:
                call.bound()()
    gradient: Array = program.gradients["s"][0].copy()
    return gradient
