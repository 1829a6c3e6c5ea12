"""One thing at a time: in which knobs two experiments differ, and whether a comparison of them says anything."""

from __future__ import annotations

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


def verdict(found: tuple[Difference, ...]) -> str:
    """What a comparison under these differences can show, in one line."""
    if not found:
        return "the two are the same run"
    if len(found) == 1:
        return f"one thing differs: {found[0]}; draws and minibatches are the same"
    return f"confounded: {len(found)} things differ, {', '.join(d.knob for d in found)}; what is seen may come from any"
