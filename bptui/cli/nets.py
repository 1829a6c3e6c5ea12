"""The commands that tell of a net: lists, the walk in text, the gradient check, a run again, files to take out."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bptui.cli.output import WRONG, BadUse, print_out
from bptui.cli.screen import on_screen

if TYPE_CHECKING:
    from bptui.session.experiment import Experiment
    from bptui.session.source import Source


def listed_nets() -> str:
    """The presets, a line each."""
    from bptui.sources.presets import PRESETS, outline

    rows = [(name, outline(experiment), experiment.net.description) for name, experiment in PRESETS.items()]
    return _table(rows) + "\nbptui step NET opens one; bptui trace NET prints it.\n"


def listed_labs(command: str) -> str:
    """The surfaces or the data sets of a lab, a line each."""
    from bptui.sources.labs import DESCEND, PRACTICUM, PRACTICUM_NAME, TRAIN, lab_names
    from bptui.sources.presets import outline

    labs = DESCEND if command == "descend" else TRAIN | {PRACTICUM_NAME: next(iter(PRACTICUM.values()))}
    rows = [(name, outline(labs[name]), about) for name, about in lab_names()[command].items()]
    also = "a net's name, a .csv or a .toml file" if command == "train" else "an experiment in a .toml file"
    return _table(rows) + f"\nbptui {command} NAME opens one; it takes {also}, too.\n"


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    name, sizes = (max(len(row[k]) for row in rows) for k in range(2))
    return "".join(f"{row[0]:{name}}  {row[1]:{sizes}}  {row[2]}\n" for row in rows)


def trace(experiment: Experiment, source: Source | None, args: argparse.Namespace) -> int:
    """Print a walk in one of its forms."""
    if not args.steps.isdecimal() or len(args.steps) > 9 or int(args.steps) < 1:
        raise BadUse(f"--steps: got {args.steps!r}, wants a whole number from 1")
    steps = int(args.steps)
    if args.format == "json":
        from bptui.sources.trace import json_trace

        return print_out(json_trace(experiment, steps))
    if args.format == "md":
        from bptui.sources.worked import worked_trace

        return print_out(worked_trace(experiment, steps))
    from bptui.sources.narration import narrated_trace

    return print_out(narrated_trace(experiment, steps, source))


def check(experiment: Experiment) -> int:
    """Print how far each gradient is from central differences; 1 if one is off."""
    from bptui.sources.checking import as_table, checked

    try:
        rows = checked(experiment)
    except ValueError as error:
        raise BadUse(str(error)) from None
    return print_out([as_table(experiment, rows)]) or (0 if all(row.ok for row in rows) else WRONG)


def replay(args: argparse.Namespace) -> int:
    """Run a receipt again, on the screen or in lines of text."""
    from bptui.sources.opening import read_receipt, to_step

    try:
        receipt = read_receipt(args.net)
    except ValueError as error:
        raise BadUse(str(error)) from None
    if not receipt.is_run:
        raise BadUse(f"{args.net}: is an experiment, not a run; bptui step opens it")
    if not args.plain:
        return on_screen(args, lambda: to_step(args.net, lambda experiment: experiment), place="step")
    from bptui.sources.replay import replayed

    return print_out(replayed(receipt))


def export(experiment: Experiment, args: argparse.Namespace) -> int:
    """Write an experiment's first step in one of the forms of `EXPORTS`, to a new file or to standard output."""
    try:
        pieces = list(_exported(experiment, args.to, args.theme))
    except ValueError as error:
        raise BadUse(str(error)) from None
    if args.out is None:
        return print_out(pieces)
    path = Path(args.out)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(pieces)
    except FileExistsError:
        raise BadUse(f"{path}: exists already; wants the name of a new file") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system takes
        raise BadUse(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    return print_out([f"{path} is written\n"])


def _exported(experiment: Experiment, form: str, theme: str | None) -> Iterable[str]:
    """An experiment in one of the forms of `EXPORTS`; only what that one needs is loaded."""
    if form == "torch":
        from bptui.export.torch_program import torch_program

        return torch_program(experiment)
    if form == "numpy":
        from bptui.export.numpy_program import numpy_program

        return numpy_program(experiment)
    if form == "dot":
        from bptui.export.dot import dot

        return dot(experiment.graph, theme or "light")
    if form == "md":
        from bptui.export.handout import handout

        return handout(experiment)
    from bptui.export.picture import diagram
    from bptui.tui.svg import as_svg

    return [as_svg(diagram(experiment, 160, 60), theme, experiment.net.name), "\n"]
