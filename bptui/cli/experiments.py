"""The experiments that arguments describe."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bptui.cli.output import BadUse

if TYPE_CHECKING:
    from bptui.session.experiment import Experiment
    from bptui.session.source import Source
    from bptui.sources.opening import Opened
    from bptui.sources.pytorch import Options


def opened_by(args: argparse.Namespace) -> Opened:
    """What the arguments open on the screen."""
    from bptui.sources.opening import Choice, to_descend, to_step, to_train

    changed = ["--seed"] * (args.seed is not None) + ["--set"] * bool(args.set)
    try:
        if args.command == "step":
            changed += ["--params"] * (args.params is not None)
            return to_step(args.net, lambda e: _with_parameters(_turned(e, args), args), changed, _options(args))
        if args.command == "descend":
            return to_descend(args.net, lambda experiment: _turned(experiment, args))
        choice = None
        if args.target or args.features or args.classes or args.values:
            features = tuple(name.strip() for name in args.features.split(",")) if args.features else ()
            choice = Choice(args.target, features, args.classes if args.classes or args.values else None)
        return to_train(args.net, lambda experiment: _turned(experiment, args), changed, choice, _options(args))
    except ValueError as error:
        raise BadUse(str(error)) from None


def experiment_of(args: argparse.Namespace) -> tuple[Experiment, Source | None]:
    """The experiment that the arguments describe, and the Python file that it was read from, if it was."""
    from bptui.sources.arrays import with_inputs
    from bptui.sources.opening import opened

    try:
        experiment, source = opened(args.net, _options(args))
        experiment = _seeded(experiment, args)
        if args.input is not None:
            experiment = with_inputs(experiment, args.input)
        # parameters last, since a new init draws all of them anew
        experiment = _with_parameters(_turned(experiment, args), args)
    except ValueError as error:
        raise BadUse(str(error)) from None
    return experiment, source


def _turned(experiment: Experiment, args: argparse.Namespace) -> Experiment:
    """The experiment with its seed and its knobs as the arguments want them."""
    from bptui.session.knobs import turned

    experiment = _seeded(experiment, args)
    for word in args.set:
        knob, equals, value = word.partition("=")
        if not equals:
            raise BadUse(f"--set: got {word!r}, wants KNOB=VALUE")
        experiment = turned(experiment, knob, value)
    return experiment


def _seeded(experiment: Experiment, args: argparse.Namespace) -> Experiment:
    from bptui.session.knobs import turned

    return experiment if args.seed is None else turned(experiment, "seed", args.seed)


def _with_parameters(experiment: Experiment, args: argparse.Namespace) -> Experiment:
    from bptui.sources.arrays import with_parameters

    return experiment if args.params is None else with_parameters(experiment, args.params)


def _options(args: argparse.Namespace) -> Options | None:
    """What the arguments say of a Python file; None if nothing. Raises ValueError."""
    cost = next((word.removeprefix("cost=") for word in args.set if word.startswith("cost=")), None)
    if not (args.arg or args.cls or args.input_shape or (cost is not None and args.net.endswith(".py"))):
        return None
    from bptui.sources.pytorch import Options, parsed_argument, parsed_shape

    arguments = dict(parsed_argument(text) for text in args.arg)
    return Options(arguments, args.cls, tuple(parsed_shape(text) for text in args.input_shape), cost)
