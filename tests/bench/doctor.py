"""The doctor's hits on planted failures and its false alarms on healthy runs, as Markdown.

    python -m tests.bench.doctor

Thresholds were fixed on seeds 0 to 3; the figures are from others, 200 to 209 unless told otherwise. A seed draws init,
shuffle, data and split. Every run is a `Training`, as the lab's own.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from bptui.data.samples import given_samples
from bptui.session.experiment import Experiment
from bptui.session.knobs import turned
from bptui.session.session import Session
from bptui.session.train.doctor import KINDS, diagnose
from bptui.session.train.training import Training
from bptui.sources.labs import TRAIN

SEEDS = "200-209"
EPOCHS = 100
CLASSES = ("spirals", "moons", "circles", "xor", "blobs")
NUMBERS = ("cubic",)
HEALTHY = (
    {},  # as the lab has it
    {"activation": "tanh", "lr": "0.01"},
    {"optimiser": "SGD", "lr": "0.1"},
    {"optimiser": "SGD", "lr": "0.3", "activation": "tanh"},
    {"optimiser": "momentum", "lr": "0.03"},
    {"l2": "0.0003"},
)


@dataclass(frozen=True)
class Case:
    """A failure of one kind, planted at one strength into some data sets."""

    kind: str
    strength: str
    plant: Callable[[Experiment], Experiment]
    data: tuple[str, ...] = CLASSES
    epochs: int = 40


def knobs(**values: str | float) -> Callable[[Experiment], Experiment]:
    """Turn knobs, in this order."""
    return partial(_turn, values={name.replace("_", "-"): str(value) for name, value in values.items()})


def _turn(experiment: Experiment, values: dict[str, str]) -> Experiment:
    for name, value in values.items():
        experiment = turned(experiment, name, value)
    return experiment


def buried(count: int) -> Callable[[Experiment], Experiment]:
    """So many units of the first layer with a bias of −5: no sample reaches them."""
    return partial(_bury, count=count)


def _bury(experiment: Experiment, count: int) -> Experiment:
    bias = experiment.initial()["m0.bias"].copy()
    bias[:count] = -5.0
    return experiment.changed(parameters=(("m0.bias", tuple(bias.tolist())),))


def stretched(
    factors: tuple[float, float], shift: tuple[float, float] = (0.0, 0.0)
) -> Callable[[Experiment], Experiment]:
    """Both inputs times a factor, and moved."""
    return partial(_stretch, factors=factors, shift=shift)


def _stretch(experiment: Experiment, factors: tuple[float, float], shift: tuple[float, float]) -> Experiment:
    samples = dict(experiment.samples)
    samples["x"] = samples["x"] * np.array(factors) + np.array(shift)
    return experiment.changed(data=replace(given_samples(samples), validation=0.2))


def cases() -> list[Case]:
    """All planted failures."""
    found = [
        Case("diverging", f"tanh, squared error, SGD η {lr}", knobs(optimiser="SGD", lr=lr), NUMBERS)
        for lr in (0.7, 1, 3)
    ]
    found += [
        Case("diverging", f"tanh, SGD η {lr}", knobs(activation="tanh", optimiser="SGD", lr=lr)) for lr in (3, 10)
    ]
    found += [Case("diverging", f"SGD η {lr}", knobs(optimiser="SGD", lr=lr)) for lr in (3, 10, 30)]
    found += [Case("diverging", f"Adam η {lr}", knobs(lr=lr)) for lr in (1, 10)]
    found += [
        Case("not a number", f"linear, squared error, {dtype}, SGD η {lr}", wild, NUMBERS)
        for dtype, lr in (("float64", 0.5), ("float64", 2), ("float32", 0.5), ("float32", 2))
        for wild in [knobs(activation="none", optimiser="SGD", lr=lr, dtype=dtype)]
    ]
    found += [
        Case("exploding gradients", f"7 layers, init σ {s}", knobs(hidden="-".join(["16"] * 6), init="normal", scale=s))
        for s in (0.7, 1, 2)
    ]
    found += [Case("α too early", f"L2 α {a}", knobs(l2=a)) for a in (0.03, 0.1, 0.3)]
    found += [Case("α too early", f"L1 α {a}", knobs(l1=a)) for a in (0.01, 0.03, 0.1)]
    found += [Case("unshuffled classes", f"B = {b}", knobs(batch=b, shuffle="off")) for b in (4, 16, 32)]
    found += [Case("unshuffled classes", "B = 16, SGD η 0.1", knobs(shuffle="off", optimiser="SGD", lr=0.1))]
    found += [Case("dead ReLU units", f"{n} of 16 buried", buried(n)) for n in (6, 8, 12, 16)]
    found += [Case("dead ReLU units", f"Adam η {lr}", knobs(lr=lr)) for lr in (0.3, 1)]
    found += [
        Case(
            "vanishing gradients",
            f"sigmoid, {n} hidden layers",
            knobs(hidden="-".join(["16"] * n), activation="sigmoid", optimiser="SGD", lr=0.1),
        )
        for n in (3, 4, 6)
    ]
    found += [
        Case("saturated units", f"tanh, init σ {s}", knobs(activation="tanh", init="normal", scale=s, lr=0.003))
        for s in (2, 4, 8)
    ]
    found += [Case("inputs not normalised", f"both × {f}", stretched((f, f))) for f in (10, 100)]
    found += [Case("inputs not normalised", f"one × {f}", stretched((f, 1.0))) for f in (10, 100)]
    found += [Case("inputs not normalised", f"moved by {s}", stretched((1.0, 1.0), (s, s))) for s in (4, 20)]
    found += [
        Case("learning rate too low", f"SGD η {lr}", knobs(optimiser="SGD", lr=lr)) for lr in (1e-2, 3e-3, 1e-3, 1e-4)
    ]
    found += [Case("learning rate too low", f"Adam η {lr}", knobs(lr=lr)) for lr in (3e-4, 1e-4, 1e-5)]
    found += [
        Case("overfitting", f"{d}, noise {n}, {p} points", wide, (d,), 150)
        for d, p, n in (
            ("moons", 200, 0.3),
            ("moons", 120, 0.4),
            ("moons", 120, 0.8),
            ("circles", 120, 0.3),
            ("blobs", 120, 0.8),
        )
        for wide in [knobs(points=p, noise=n, split=0.5, hidden="64-64", lr=0.01)]
    ]
    return found


def seeded(experiment: Experiment, seed: int) -> Experiment:
    """The same from another seed, data too."""
    return experiment.changed(seed=seed, data=replace(experiment.data, seed=seed))


def healthy() -> Iterator[tuple[str, dict[str, str]]]:
    """Names of data sets, with the knobs to turn."""
    for name in TRAIN:
        for values in HEALTHY:
            if name != "cubic" or values.get("activation") != "tanh" or values.get("lr") != "0.01":
                yield name, values


def trained(experiment: Experiment, epochs: int) -> Training:
    """A run of some epochs."""
    training = Training(Session(experiment))
    goal = epochs * training.steps_an_epoch()
    while training.step < goal:
        training.advance(goal - training.step)
    return training


@dataclass(frozen=True)
class Outcome:
    """What the doctor says of a run at its end, and at any epoch before, and how often it takes something back.

    `learned` is whether the net does better than one answer for all samples. `remedies` are what it says to try.
    """

    kinds: frozenset[str]
    ever: frozenset[str]
    retracted: int
    learned: bool
    remedies: dict[str, tuple[str, str] | None]


def outcome(experiment: Experiment, epochs: int) -> Outcome:
    """How a run of so many epochs ends."""
    with np.errstate(all="ignore"):
        training = trained(experiment, epochs)
        last = training.probes()[-1]
        if last.facts.shares:
            learned = last.train.accuracy is not None and last.train.accuracy > max(last.facts.shares) + 0.05
        else:
            learned = last.train.loss < 0.5 * float(experiment.samples["y"].var())
        probes = training.probes()
        said = [frozenset(f.kind for f in diagnose(probes[:n])) for n in range(1, len(probes) + 1)]
        retracted = sum(len(former - later) for former, later in pairwise(said))
        remedies = {finding.kind: finding.remedy for finding in training.findings()}
        return Outcome(said[-1], frozenset().union(*said), retracted, learned, remedies)


def _planted(job: tuple[int, str, int]) -> tuple[Outcome, bool]:
    """How a run with a planted failure ends, and whether the remedy makes the finding go away."""
    place, name, seed = job
    case = cases()[place]
    experiment = case.plant(seeded(TRAIN[name], seed))
    ill = outcome(experiment, case.epochs)
    remedy = ill.remedies.get(case.kind)
    cured = remedy is not None and case.kind not in outcome(turned(experiment, *remedy), case.epochs).kinds
    return ill, cured


def _healthy(job: tuple[str, dict[str, str], int]) -> Outcome:
    name, values, seed = job
    return outcome(_turn(seeded(TRAIN[name], seed), values), EPOCHS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=SEEDS, help="first-last")
    first, last = map(int, parser.parse_args().seeds.split("-"))
    seeds = range(first, last + 1)
    with ProcessPoolExecutor(2) as pool:
        jobs = [(k, name, seed) for k, case in enumerate(cases()) for name in case.data for seed in seeds]
        results = list(pool.map(_planted, jobs, chunksize=8))
        sound = [(name, values, seed) for name, values in healthy() for seed in seeds]
        alarms = list(pool.map(_healthy, sound, chunksize=8))
    print(f"Seeds {first} to {last}.\n")
    print("| planted | at | runs | found | that learned nothing | found | cured | taken back | also found |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for k, case in enumerate(cases()):
        both = [result for (place, _, _), result in zip(jobs, results, strict=True) if place == k]
        mine, cured = [ill for ill, _ in both], sum(well for _, well in both)
        failed = [result for result in mine if not result.learned]
        others = Counter(kind for result in mine for kind in result.kinds if kind != case.kind)
        also = ", ".join(f"{kind} {n}" for kind, n in others.most_common())
        hits = (
            f"{len(runs)} | {_share(sum(case.kind in r.kinds for r in runs), len(runs))}" for runs in (mine, failed)
        )
        back = sum(result.retracted for result in mine)
        cures = _share(cured, sum(case.kind in r.kinds for r in mine))
        print(f"| {case.kind} | {case.strength} | {' | '.join(hits)} | {cures} | {back} | {also} |")
    print("\n| false alarm in healthy runs | " + " | ".join([*TRAIN, "all"]) + " |")
    print("| --- |" + " ---: |" * (len(TRAIN) + 1))
    for label, kinds in [*((kind, {kind}) for kind in KINDS), ("any", set(KINDS))]:
        cells = []
        for name in [*TRAIN, ""]:
            mine = [result for job, result in zip(sound, alarms, strict=True) if name in ("", job[0])]
            cells.append(f"{sum(bool(kinds & result.ever) for result in mine)} of {len(mine)}")
        print(f"| {label} | " + " | ".join(cells) + " |")

    learned, retracted = sum(result.learned for result in alarms), sum(result.retracted for result in alarms)
    print(f"\n{learned} of these {len(alarms)} runs learned; {retracted} findings were taken back.")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


if __name__ == "__main__":
    main()
