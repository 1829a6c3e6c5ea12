"""What an arrow turns a knob to: its next choice, or the next number of its ladder."""

from __future__ import annotations

from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS, KnobError, number_text, turned

Ladder = tuple[float, ...]


def _decades(first: int, last: int) -> Ladder:
    """1, 2 and 5 times each power of ten."""
    return tuple(float(f"{digit}e{power}") for power in range(first, last) for digit in (1, 2, 5))


_RATE: Ladder = (0.0, *_decades(-5, 3))
_SHARE: Ladder = (0.0, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
_LADDERS: dict[str, Ladder] = {
    "dropout": tuple(tenth / 10 for tenth in range(10)),
    "eps": (0.0, *_decades(-12, 0)),
    **dict.fromkeys(("momentum", "alpha", "beta1", "beta2", "gamma"), _SHARE),
    "patience": (0.0, *_decades(0, 4)),
    **dict.fromkeys(("every", "total", "tau", "points", "repeat"), _decades(0, 6)),
    "noise": tuple(twentieth / 20 for twentieth in range(41)),
    "split": tuple(tenth / 10 for tenth in range(10)),
}
_BY_ONES = ("batch", "seed", "data-seed")
_LISTED = {"hidden": ("none", "4", "8", "16", "32", "8-8", "16-16", "32-32", "16-16-16")}  # any other can be typed


def notch(experiment: Experiment, name: str, text: str, by: int) -> str:
    """What one notch on from `text` is, up (1) or down (−1); what the experiment would refuse is passed over.

    Choices go round, numbers stop at their ends: there the text comes back as it is.
    """
    choices = _LISTED.get(name) or (KNOBS[name].choices if name in KNOBS else None)
    if choices is not None:
        at = choices.index(text) if text in choices else -1 if by > 0 else 0
        following = [choices[(at + by * k) % len(choices)] for k in range(1, len(choices) + 1)]
    else:
        following = [_number(name, float(text), by)]
    return next((other for other in following if _taken(experiment, name, other)), text)


def _number(name: str, value: float, by: int) -> str:
    if name in _BY_ONES:
        return str(int(value) + by)
    ladder = _LADDERS.get(name, _RATE)
    beyond = [rung for rung in ladder if (rung > value if by > 0 else rung < value)]
    return number_text((min if by > 0 else max)(beyond)) if beyond else number_text(value)


def _taken(experiment: Experiment, name: str, text: str) -> bool:
    try:
        turned(experiment, name, text)
    except KnobError:
        return False
    return True
