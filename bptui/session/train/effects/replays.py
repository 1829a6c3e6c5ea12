"""Effects seen by training on from the cursor, aside, with one knob at another value."""

from __future__ import annotations

import math

import numpy as np

from bptui.data.minibatches import epoch_order
from bptui.engine.buffers import Array
from bptui.session.descend.objective import Objective, flattened
from bptui.session.descend.pulls import SingleSample
from bptui.session.experiment import Experiment
from bptui.session.knobs import number_text
from bptui.session.runner import Checkpoint
from bptui.session.train.effects.effect import MOST_WORK, Effect, Here, Row

CURVE = 16  # points of a loss curve
MOST_SAMPLES = 1500  # whose own gradients are taken, one by one
MOST_UPDATES = 1000  # that an epoch may have, to be run aside
MOST_CLASSES = 5  # whose biases are shown


def shuffle(here: Here) -> Effect | None:
    """The last layer's biases, step by step over the epoch at the cursor, as it is and the other way."""
    e, bias = here.experiment, here.prober.facts.last_bias
    if bias is None:
        return None
    start = here.checkpoint_at(_epoch_start(here))
    steps = min(here.affordable(e.batch), math.ceil((e.count - start.clock.offset) / e.batch))
    paths = {on: _followed(here, e.changed(shuffle=on), start, bias, steps) for on in (True, False)}
    sway = {on: float(np.ptp(path, axis=0).max()) for on, path in paths.items()}
    mine = paths[e.shuffle]
    rows = [Row(f"{bias}[{k}]", tuple(mine[:, k].tolist())) for k in range(min(mine.shape[1], MOST_CLASSES))]
    says = (
        f"over epoch {start.clock.epoch} a bias of the last layer moves by up to {sway[e.shuffle]:.2g}; "
        f"{'not shuffled' if e.shuffle else 'shuffled'}, from the same weights, by {sway[not e.shuffle]:.2g}"
    )
    return Effect("last layer's biases over the epoch, step by step", tuple(rows), says)


def _epoch_start(here: Here) -> int:
    """The step at which the epoch at the cursor began; at an epoch's beginning, that of the epoch before."""
    e, first = here.experiment, here.history.owner(here.branch, here.step).start
    within = math.ceil(here.clock.offset / e.batch) or math.ceil(e.count / e.batch)
    return max(first, here.step - within)


def _followed(here: Here, experiment: Experiment, start: Checkpoint, name: str, steps: int) -> Array:
    """A parameter's entries before each of some steps and after the last, (steps + 1, entries)."""
    runner = here.runner(experiment, start)
    path = [runner.state.parameters[name].ravel().copy()]
    for _ in range(steps):
        runner.train()
        path.append(runner.state.parameters[name].ravel().copy())
    return np.array(path)


def schedule(here: Here) -> Effect | None:
    """The loss that the run goes on to at the present rate, and at a tenth of it: the floor that a schedule lowers."""
    e = here.experiment
    steps = here.affordable(e.batch)
    objective = Objective(e.changed(l1=0.0, l2=0.0))
    curves = {part: _losses(here, e.changed(lr=e.lr * part), objective, steps) for part in (1.0, 0.1)}
    floors = {part: float(losses[len(losses) // 2 :].mean()) for part, losses in curves.items()}
    rate = e.lr * e.schedule.factor(here.step)
    rows = [Row(f"η {number_text(float(f'{rate * part:.3g}'))}", tuple(losses)) for part, losses in curves.items()]
    says = (
        f"the next {steps} steps bring the training loss to {floors[1.0]:.3g} at the present η, and to "
        f"{floors[0.1]:.3g} at a tenth of it (means of the second half)"
    )
    return Effect("training loss from here on", tuple(rows), says)


def _losses(here: Here, experiment: Experiment, objective: Objective, steps: int) -> Array:
    runner, losses = here.runner(experiment), []
    for k in range(min(CURVE, steps) + 1):
        goal = here.step + k * steps // min(CURVE, steps)
        while runner.clock.step < goal:
            runner.train()
        losses.append(objective.value(flattened(objective.program.state, runner.state.parameters)))
    return np.array(losses)


def batch(here: Here) -> Effect | None:
    """How far the gradients of minibatches are off the full one, and what an epoch's gradient evaluations buy."""
    e = here.experiment
    size = sum(values.size for values in here.parameters.values())
    if e.count > MOST_SAMPLES or size * e.count > MOST_WORK:
        return None
    order = epoch_order(e.seed, here.clock.epoch, e.count, e.shuffle)
    single = SingleSample(e.changed(dropout=0.0, training=False))
    theta = flattened(single.program.state, here.parameters)
    pulls = single.pulls(theta, order, [()] * len(order)).gradients
    sizes = sorted({b for b in (1, 4, 16, 64, e.batch) if b < e.count} | {e.count})
    noise = tuple(_noise(pulls, b) for b in sizes)
    rows = [Row(f"B = {b}", (off,)) for b, off in zip(sizes, noise, strict=True)]
    objective = Objective(e.changed(l1=0.0, l2=0.0))
    runs = [b for b in sorted({1, e.batch, e.count}) if e.count <= MOST_UPDATES * b]
    bought = {b: _after_an_epoch(here, e.changed(batch=b), objective) for b in runs}
    losses = ", ".join(f"{loss:.3g} with B = {b}" for b, loss in bought.items())
    says = (
        f"a minibatch of {e.batch} is off the full gradient by {_noise(pulls, e.batch):.2g} of its length; after "
        f"{e.count} more gradient evaluations the loss is {losses}"
    )
    return Effect("distance from the full gradient, in its lengths", tuple(rows), says)


def _noise(pulls: Array, size: int) -> float:
    """The root mean square distance of minibatches' gradients from the mean of all, in lengths of that."""
    if size >= len(pulls):
        return 0.0
    whole = pulls.mean(axis=0)
    groups = pulls[: len(pulls) // size * size].reshape(-1, size, pulls.shape[1]).mean(axis=1)
    off = np.sqrt(((groups - whole) ** 2).sum(axis=1).mean())
    return float(off / np.linalg.norm(whole))


def _after_an_epoch(here: Here, experiment: Experiment, objective: Objective) -> float:
    """The training loss after as many gradient evaluations as there are samples."""
    runner = here.runner(experiment)
    for _ in range(experiment.count // experiment.batch):
        runner.train()
    return objective.value(flattened(objective.program.state, runner.state.parameters))
