"""One thing at a time: in which knobs two experiments differ, and whether a comparison of them says anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS, number_text, setting_names


@dataclass(frozen=True)
class Difference:
    """A knob that two experiments have at different values; the text is empty where one of them has no such knob."""

    knob: str
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.knob} {self.one or '—'} against {self.other or '—'}"


def readings(experiment: Experiment) -> dict[str, str]:
    """Every knob of an experiment as text, the optimiser's and the schedule's own numbers too."""
    values = {knob.name: knob.read(experiment) for knob in KNOBS.values() if knob.applies(experiment)}
    for setting, part in setting_names(experiment).items():
        values[f"{part} {setting}"] = number_text(getattr(getattr(experiment, part), setting))
    return values


def differences(one: Experiment, other: Experiment) -> tuple[Difference, ...]:
    """The knobs in which two experiments differ.

    The numbers of an optimiser or a schedule that the other has not are a part of that choice, and are not counted.
    """
    mine, theirs = readings(one), readings(other)
    shared = [name for name in mine if name in theirs and mine[name] != theirs[name]]
    return tuple(Difference(name, mine[name], theirs[name]) for name in shared)


def lesson(runs: Sequence[tuple[str, Experiment]]) -> str:
    """What a comparison of these runs can show, by label: which pairs differ in one thing."""
    pairs = [(one, other) for k, one in enumerate(runs) for other in runs[k + 1 :]]
    if len(pairs) == 1:
        return verdict(differences(runs[0][1], runs[1][1]))
    alone: dict[str, list[str]] = {}
    for (label, experiment), (other_label, other) in pairs:
        found = differences(experiment, other)
        if len(found) == 1:
            alone.setdefault(found[0].knob, []).append(f"{label} and {other_label}")
    told = [f"{knob} alone between {', '.join(which)}" for knob, which in alone.items()]
    (first, experiment), (last, other) = runs[0], runs[-1]
    knobs = [found.knob for found in differences(experiment, other)]
    if len(knobs) > 1:
        told.insert(0, f"{first} against {last} is confounded: {' and '.join(knobs)} differ")
    return "; ".join(told)


def verdict(found: tuple[Difference, ...]) -> str:
    """What a comparison under these differences can show, in one line."""
    if not found:
        return "the two are the same run"
    if len(found) == 1:
        return f"one thing differs: {found[0]}; draws and minibatches are the same"
    return f"confounded: {len(found)} things differ, {', '.join(d.knob for d in found)}; what is seen may come from any"
