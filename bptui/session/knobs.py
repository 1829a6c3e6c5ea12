"""The knobs of an experiment: what can be turned from a panel, a command line or a lesson, by name and as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from bptui.engine.graph import GraphError
from bptui.engine.initialisation import KINDS as INIT_KINDS
from bptui.engine.modules.costs import COSTS, Cost
from bptui.engine.optimisers import OPTIMISERS
from bptui.engine.schedules import SCHEDULES
from bptui.session.experiment import Experiment
from bptui.session.names import meant, suggestion

MOST = 1_000_000  # steps that a schedule counts
GIVEN = "given"  # what the init knob says where parameters came with the net


class KnobError(ValueError):
    """A knob that does not exist or cannot take a value. One line: which, what came, what is wanted."""


@dataclass(frozen=True)
class Knob:
    """One setting of an experiment.

    `choices` are its values if they can be listed, else None. `restarts` says that turning it begins the run anew.
    """

    name: str
    about: str
    read: Callable[[Experiment], str]
    turn: Callable[[Experiment, str], Experiment]
    choices: tuple[str, ...] | None = None
    restarts: bool = False


def number_text(value: float) -> str:
    """A number as one types it: the shortest text that reads back the same."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _number(name: str, text: str, low: float, high: float = math.inf) -> float:
    try:
        value = float(text)
    except ValueError:
        raise KnobError(f"{name}: got {text!r}, wants a number") from None
    if not low <= value < high:
        raise KnobError(
            f"{name}: got {text}, wants a number from {low:g}" + (f" to below {high:g}" * (high < math.inf))
        )
    return value


def _whole(name: str, text: str, low: int, high: float = math.inf) -> int:
    try:
        value = int(text)
    except ValueError:
        raise KnobError(f"{name}: got {text!r}, wants a whole number") from None
    if value < low:
        raise KnobError(f"{name}: got {value}, wants {low} or more")
    if value > high:
        raise KnobError(f"{name}: wants {high} or less")
    return value


def _float_knob(name: str, about: str, high: float = math.inf, *, restarts: bool = False) -> Knob:
    return Knob(
        name,
        about,
        lambda e: number_text(getattr(e, name)),
        lambda e, text: e.changed(**{name: _number(name, text, 0.0, high)}),
        restarts=restarts,
    )


def _int_knob(name: str, about: str, low: int, *, restarts: bool = False) -> Knob:
    return Knob(
        name,
        about,
        lambda e: str(getattr(e, name)),
        lambda e, text: e.changed(**{name: _whole(name, text, low)}),
        restarts=restarts,
    )


def _choice(
    name: str,
    about: str,
    choices: tuple[str, ...],
    read: Callable[[Experiment], str],
    turn: Callable[[Experiment, str], Experiment],
    *,
    restarts: bool = False,
) -> Knob:
    def checked(experiment: Experiment, text: str) -> Experiment:
        choice = meant(text, choices)
        if choice is None:
            near = suggestion(text, choices)
            raise KnobError(f"{name}: got {text!r}, wants one of {', '.join(choices)}{near and '; '}{near}")
        return turn(experiment, choice)

    return Knob(name, about, read, checked, choices, restarts)


def _switch(name: str, about: str, attribute: str, on: str = "on", off: str = "off") -> Knob:
    return _choice(
        name,
        about,
        (on, off),
        lambda e: on if getattr(e, attribute) else off,
        lambda e, text: e.changed(**{attribute: text == on}),
    )


def cost_name(experiment: Experiment) -> str:
    """The name of the cost in force, as in `COSTS`."""
    if experiment.cost is not None:
        return experiment.cost
    module = next(layer.module for layer in experiment.net.layers if isinstance(layer.module, Cost))
    return next(name for name, cls in COSTS.items() if type(module) is cls)


def _init_name(experiment: Experiment) -> str:
    return GIVEN if experiment.parameters and not experiment.all_drawn else experiment.init


def _new_init(experiment: Experiment, kind: str) -> Experiment:
    if kind != GIVEN:
        return experiment.changed(init=kind, all_drawn=True)
    if not experiment.parameters:
        raise KnobError(f"init: no parameters came with this net, wants one of {', '.join(INIT_KINDS)}")
    return experiment.changed(all_drawn=False)


KNOBS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        _float_knob("l1", "α of the L1 penalty α Σ|w|; 0 is off"),
        _float_knob("l2", "α of the L2 penalty α‖w‖², equal to a PyTorch weight_decay of 2α; 0 is off"),
        _float_knob("dropout", "probability that an entry of a hidden layer is dropped; 0 is off", 1.0),
        _int_knob("patience", "early stopping: epochs without a lower validation loss until a run pauses; 0 is off", 0),
        _float_knob("lr", "learning rate η"),
        _int_knob("batch", "samples in a minibatch", 1),
        _choice(
            "optimiser",
            "how a gradient moves a parameter",
            tuple(OPTIMISERS),
            lambda e: e.optimiser.kind,
            lambda e, text: e.changed(optimiser=OPTIMISERS[text]()),
        ),
        _choice("cost", "what is minimised", tuple(COSTS), cost_name, lambda e, text: e.changed(cost=text)),
        _choice(
            "reduction",
            "sum of the samples' costs, their mean (batch), or the mean over all elements",
            ("sum", "batch", "elements"),
            lambda e: e.reduction,
            lambda e, text: e.changed(reduction=text),
        ),
        _choice("init", "how parameters start", (GIVEN, *INIT_KINDS), _init_name, _new_init, restarts=True),
        _float_knob("scale", "σ of init 'normal', the value of init 'constant'", restarts=True),
        _int_knob("seed", "of init, shuffle and dropout", 0, restarts=True),
        _choice(
            "schedule",
            "how the learning rate falls",
            tuple(SCHEDULES),
            lambda e: e.schedule.kind,
            lambda e, text: e.changed(schedule=SCHEDULES[text]()),
        ),
        _switch("shuffle", "whether each epoch takes the samples in a new order", "shuffle"),
        _switch("zero", "whether gradients are zeroed before backward; off, they pile up", "zero_gradients"),
        _switch(
            "mode", "dropout draws in training and does nothing in evaluation", "training", "training", "evaluation"
        ),
        _switch("biases", "whether penalties act on biases too", "decay_biases"),
        _choice(
            "dtype",
            "precision of every number",
            ("float64", "float32"),
            lambda e: e.dtype,
            lambda e, text: e.changed(dtype=text),
        ),
    )
}


def setting_names(experiment: Experiment) -> dict[str, str]:
    """The optimiser's and the schedule's own numbers (momentum, beta1, every, …): name → which of the two has it."""
    return {f.name: part for part in ("optimiser", "schedule") for f in fields(getattr(experiment, part))}


def turned(experiment: Experiment, word: str, text: str) -> Experiment:
    """The experiment with one knob turned, tried out; names are understood in any case. Raises KnobError, one line."""
    parts = setting_names(experiment)
    name = meant(word, [*KNOBS, *parts])
    if name is None:
        near = suggestion(word, [*KNOBS, *parts])
        raise KnobError(f"unknown knob {word!r}{near and '; '}{near} (knobs: {', '.join([*KNOBS, *parts])})")
    if name in parts:
        changed = _turn_setting(experiment, parts[name], name, text)
    else:
        changed = KNOBS[name].turn(experiment, text)
    try:
        return changed.validated()
    except GraphError as error:
        raise KnobError(f"{name}={text}: {error}") from None
    except ValueError as error:
        raise KnobError(str(error)) from None


def _turn_setting(experiment: Experiment, part: str, name: str, text: str) -> Experiment:
    owner: Any = getattr(experiment, part)
    whole = isinstance(getattr(owner, name), int)
    value = _whole(name, text, 1, MOST) if whole else _number(name, text, 0.0)
    try:
        return experiment.changed(**{part: replace(owner, **{name: value})})
    except ValueError as error:
        raise KnobError(str(error)) from None
