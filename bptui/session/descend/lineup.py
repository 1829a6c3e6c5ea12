"""Who races: the usual racers of an experiment, what they are called, and the learning rates that an arrow reaches."""

from __future__ import annotations

from bptui.engine.optimisers import SGD, Adam, Momentum
from bptui.session.descend.objective import Objective
from bptui.session.descend.spectrum import LIMIT, is_quadratic, spectrum
from bptui.session.experiment import Experiment

MOST = 4  # racers: as many as there are markers
RUNGS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.3, 4.0, 5.0, 6.5, 8.0)  # of a decade, each about a quarter above the last
LOWEST, HIGHEST = -5, 2  # decades
WHOLE = 2_000  # samples from which minibatches of a few are left out: thousands of updates for one of the full batch


def usual_racers(experiment: Experiment, objective: Objective) -> list[Experiment]:
    """Full batch, the experiment's own minibatch, and single samples; for one sample alone, three optimisers."""
    e = experiment
    if e.count == 1:
        return [e.changed(optimiser=SGD()), e.changed(optimiser=Momentum()), e.changed(optimiser=Adam(), lr=0.05)]
    full = e.changed(batch=e.count, optimiser=SGD(), lr=_full_rate(e, objective))
    single = e.changed(batch=1, lr=nearest_rate(0.4 * e.lr) if e.batch > 1 else e.lr)
    if 1 < e.batch < e.count and e.count < WHOLE:
        return [full, e, single]
    return [full, single]


def _full_rate(experiment: Experiment, objective: Objective) -> float:
    """0.6 of the largest rate that plain descent bears where that is known, else a few times the minibatch's."""
    if objective.size <= LIMIT and is_quadratic(objective):
        bound = spectrum(objective, objective.start).largest_rate
        if 0.0 < bound < float("inf"):
            return nearest_rate(0.6 * bound)
    return nearest_rate(4.0 * experiment.lr)


def called(experiment: Experiment) -> str:
    """What a racer is called, by its batch and its optimiser."""
    plain = experiment.optimiser.kind == SGD.kind
    if experiment.count == 1:
        return experiment.optimiser.kind
    if experiment.batch == experiment.count:
        return "full batch" if plain else f"{experiment.optimiser.kind} full"
    if experiment.batch == 1:
        return "single sample" if plain else f"{experiment.optimiser.kind} single"
    return f"minibatch {experiment.batch}" if plain else f"{experiment.optimiser.kind} {experiment.batch}"


def rates() -> tuple[float, ...]:
    """All learning rates that an arrow reaches, ascending."""
    return tuple(float(f"{rung}e{power}") for power in range(LOWEST, HIGHEST) for rung in RUNGS)


def nearest_rate(rate: float) -> float:
    """The highest of these rates that is not above one; the lowest where none is."""
    return max((other for other in rates() if other <= rate * (1 + 1e-9)), default=rates()[0])


def next_rate(rate: float, by: int) -> float:
    """The next of these rates up (1) or down (−1); the rate itself at the end."""
    beyond = [other for other in rates() if (other > rate if by > 0 else other < rate)]
    return (min if by > 0 else max)(beyond, default=rate)


def next_batch(experiment: Experiment) -> int:
    """The next larger batch, by powers of two up to all samples; then 1 again."""
    sizes = [1 << k for k in range(experiment.count.bit_length()) if 1 << k < experiment.count] + [experiment.count]
    return next((size for size in sizes if size > experiment.batch), 1)
