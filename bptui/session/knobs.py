"""The knobs of an experiment: what can be turned from a panel, a command line or a lesson, by name and as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from bptui.data.samples import KINDS as DATA_KINDS
from bptui.data.toys import TOYS, class_count
from bptui.engine.graph import GraphError
from bptui.engine.initialisation import KINDS as INIT_KINDS
from bptui.engine.modules.costs import COSTS, Cost
from bptui.engine.optimisers import OPTIMISERS
from bptui.engine.schedules import SCHEDULES
from bptui.session.experiment import Experiment
from bptui.session.mlp import ACTIVATIONS, NONE, activation_name, as_mlp, can_activate
from bptui.session.names import meant, suggestion
from bptui.session.refit import with_classes, with_data, with_hidden, with_kind, with_other_activation

MOST = 1_000_000  # steps that a schedule counts
MOST_POINTS, MOST_LAYERS, MOST_UNITS = 100_000, 8, 512
GIVEN = "given"  # what the init knob says where parameters came with the net


class KnobError(ValueError):
    """A knob that does not exist or cannot take a value. One line: which, what came, what is wanted."""


@dataclass(frozen=True)
class Knob:
    """One setting of an experiment.

    `choices` are its values if they can be listed, else None. `restarts` says that turning it begins the run anew.
    Where it does not apply, it decides nothing: no panel need show it, and it cannot be turned.
    """

    name: str
    about: str
    read: Callable[[Experiment], str]
    turn: Callable[[Experiment, str], Experiment]
    choices: tuple[str, ...] | None = None
    restarts: bool = False
    applies: Callable[[Experiment], bool] = lambda experiment: True


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
            f"{name}: got {text}, wants a number from {low:g}"
            + (f" to below {high:g}" if high < math.inf else ", and finite" * (not math.isfinite(value)))
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
    applies: Callable[[Experiment], bool] = lambda experiment: True,
) -> Knob:
    def checked(experiment: Experiment, text: str) -> Experiment:
        choice = meant(text, choices)
        if choice is None:
            near = suggestion(text, choices)
            raise KnobError(f"{name}: got {text!r}, wants one of {', '.join(choices)}{near and '; '}{near}")
        return turn(experiment, choice)

    return Knob(name, about, read, checked, choices, restarts, applies)


def _switch(name: str, about: str, attribute: str, on: str = "on", off: str = "off") -> Knob:
    return _choice(
        name,
        about,
        (on, off),
        lambda e: on if getattr(e, attribute) else off,
        lambda e, text: e.changed(**{attribute: text == on}),
    )


def cost_name(experiment: Experiment) -> str:
    """The name of the cost in force, as in `COSTS`; of a landscape, its kind; "none" for a program that stops."""
    if experiment.cost is not None:
        return experiment.cost
    module = next((layer.module for layer in experiment.net.layers if layer.module.role == "cost"), None)
    if module is None:
        return NONE
    return next((name for name, cls in COSTS.items() if type(module) is cls), module.kind)


def _init_name(experiment: Experiment) -> str:
    return GIVEN if experiment.parameters and not experiment.all_drawn else experiment.init


def _new_init(experiment: Experiment, kind: str) -> Experiment:
    if kind != GIVEN:
        return experiment.changed(init=kind, all_drawn=True)
    if not experiment.parameters:
        raise KnobError(f"init: no parameters came with this net, wants one of {', '.join(INIT_KINDS)}")
    return experiment.changed(all_drawn=False)


def _data_knob(
    name: str,
    about: str,
    attribute: str,
    value: Callable[[str, str], Any],
    applies: Callable[[Experiment], bool] = lambda experiment: True,
) -> Knob:
    """A field of the data as a knob; `value` reads it from the knob's name and a text."""
    return Knob(
        name,
        about,
        lambda e: _text(getattr(e.data, attribute)),
        lambda e, text: with_data(e, **{attribute: value(name, text)}),
        restarts=True,
        applies=applies,
    )


def _text(value: int | float) -> str:
    return str(value) if isinstance(value, int) else number_text(value)


def _made(experiment: Experiment) -> bool:
    return experiment.data.kind != "given"


def _many_classes(experiment: Experiment) -> bool:
    """Whether the number of classes can be chosen: the data has any number of them, and the net can follow."""
    toy, body = TOYS.get(experiment.data.kind), as_mlp(experiment.net)
    return toy is not None and toy.classes not in (None, (2, 2)) and body is not None and body.cost.classes


def _classes(experiment: Experiment) -> str:
    counts = (class_count(given) for given in experiment.net.given if given.target)
    return str(next(counts, None) or 0)


def _hidden(experiment: Experiment) -> str:
    body = as_mlp(experiment.net)
    return "-".join(map(str, body.sizes[1:-1])) if body and len(body.sizes) > 2 else NONE


def _with_hidden(experiment: Experiment, text: str) -> Experiment:
    if text == _hidden(experiment):
        return experiment
    words = [] if text == NONE else text.split("-")
    if len(words) > MOST_LAYERS:
        raise KnobError(f"hidden: got {len(words)} layers, wants at most {MOST_LAYERS}")
    if not all(word.isdecimal() for word in words):
        raise KnobError(f"hidden: got {text!r}, wants sizes such as 16-16, or {NONE}")
    return with_hidden(experiment, tuple(_whole("hidden", word, 1, MOST_UNITS) for word in words))


KNOBS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        _float_knob("l1", "α of the L1 penalty α Σ|w|; 0 is off"),
        _float_knob("l2", "α of the L2 penalty α‖w‖², equal to a PyTorch weight_decay of 2α; 0 is off"),
        _float_knob("dropout", "probability that an entry of a hidden layer is dropped; 0 is off", 1.0),
        _float_knob("lr", "learning rate η"),
        _int_knob("batch", "samples in a minibatch", 1),
        _choice(
            "optimiser",
            "how a gradient moves a parameter",
            tuple(OPTIMISERS),
            lambda e: e.optimiser.kind,
            lambda e, text: e.changed(optimiser=OPTIMISERS[text]()),
        ),
        _choice(
            "cost",
            "what is minimised",
            tuple(COSTS),
            cost_name,
            lambda e, text: e.changed(cost=text),
            applies=lambda e: any(isinstance(layer.module, Cost) for layer in e.net.layers),
        ),
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
        _int_knob("patience", "early stopping: epochs without a lower validation loss until a run pauses; 0 is off", 0),
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
        Knob(
            "hidden",
            "sizes of the hidden layers, such as 16-16, or none",
            _hidden,
            _with_hidden,
            restarts=True,
            applies=lambda e: as_mlp(e.net) is not None,
        ),
        _choice(
            "activation",
            "the non-linearity between the linear modules",
            (*ACTIVATIONS, NONE),
            lambda e: activation_name(e.net),
            lambda e, text: e if text == activation_name(e.net) else with_other_activation(e, text),
            restarts=True,
            applies=lambda e: can_activate(e.net),
        ),
        _choice(
            "kink",
            "exactly at a kink, torch: ReLU′(0) = 0, a tied Max shares; other: 1, all to its first input",
            ("torch", "other"),
            lambda e: e.kink,
            lambda e, text: e.changed(kink=text),
            applies=lambda e: any(layer.module.otherwise() is not layer.module for layer in e.net.layers),
        ),
        _choice("data", "what the samples are", tuple(DATA_KINDS), lambda e: e.data.kind, with_kind, restarts=True),
        _choice(
            "classes",
            "how many classes the data has",
            ("2", "3", "4", "5"),
            _classes,
            lambda e, text: e if text == _classes(e) else with_classes(e, int(text)),
            restarts=True,
            applies=_many_classes,
        ),
        _data_knob(
            "points",
            "samples made, for training and validation",
            "count",
            partial(_whole, low=1, high=MOST_POINTS),
            _made,
        ),
        _data_knob("noise", "how far samples lie off their curve or place", "noise", partial(_number, low=0.0), _made),
        _data_knob(
            "split", "share of the samples held out for validation", "validation", partial(_number, low=0.0, high=1.0)
        ),
        _choice(
            "normalise",
            "inputs with mean 0 and standard deviation 1, by the training samples",
            ("on", "off"),
            lambda e: "on" if e.data.normalise else "off",
            lambda e, text: with_data(e, normalise=text == "on"),
            restarts=True,
        ),
        _data_knob("repeat", "how many times the training samples are repeated", "repeat", partial(_whole, low=1)),
        _data_knob("data-seed", "of the samples and of the split", "seed", partial(_whole, low=0)),
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
    try:
        if name in parts:
            return _turn_setting(experiment, parts[name], name, text).validated()
        if not KNOBS[name].applies(experiment):
            kind = experiment.data.kind
            raise KnobError(f"{name}: decides nothing for the net {experiment.net.name} on {kind} data")
        return KNOBS[name].turn(experiment, text).validated()
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
