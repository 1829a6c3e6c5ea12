"""One command from start to end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bptui.cli.classes import classes
from bptui.cli.experiments import experiment_of, opened_by
from bptui.cli.lessons import check_lessons, lesson, new_lesson, progress, worksheet
from bptui.cli.nets import check, export, listed_labs, listed_nets, replay, trace
from bptui.cli.output import BadUse, one_line, print_out
from bptui.cli.parser import parser
from bptui.cli.screen import on_screen
from bptui.tui.catalogue import LABS

BAD_USE, INTERRUPTED = 2, 130  # exit codes


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for a check that found something, 2 for bad use."""
    for library in ("OPENBLAS", "OMP", "MKL"):  # for nets of this size, two threads are slower than one
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    try:
        return _run(parser().parse_args(argv))
    except BadUse as error:
        with suppress(OSError, AttributeError):  # standard error may be closed, or its disk full
            sys.stderr.write(f"bptui: {one_line(str(error))}\n")
            sys.stderr.flush()
        return BAD_USE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(args: argparse.Namespace) -> int:
    if args.command is None:
        return on_screen(args)
    if args.command == "class":
        return classes(args)
    if args.command == "lessons":
        return (check_lessons if args.what == "check" else new_lesson)(Path(args.path))
    if args.command in ("lesson", "worksheet", "progress"):
        return {"lesson": lesson, "worksheet": worksheet, "progress": progress}[args.command](args)
    if args.command == "replay":
        if args.net == "-":
            _type_in()
        return replay(args)
    if args.net is None:  # a NET after `--set a=1` looks like one more knob
        args.net = next((word for word in args.set if "=" not in word), None)
        args.set = [word for word in args.set if word != args.net]
    if args.net == "-":
        _type_in()
    lab = next((lab for lab in LABS if lab.place == args.command), None)
    if lab is not None:
        if args.list:
            return print_out([listed_labs(args.command)])
        args.net = args.net or lab.first
        return on_screen(args, lambda: opened_by(args))
    if args.command == "step":
        return print_out([listed_nets()]) if args.net is None else on_screen(args, lambda: opened_by(args))
    if args.net is None:
        raise BadUse(f"{args.command}: wants NET; `bptui step` lists them")
    experiment, source = experiment_of(args)
    if args.command == "export":
        return export(experiment, args)
    return check(experiment) if args.command == "check" else trace(experiment, source, args)


def _type_in() -> None:
    """Read what `-` stands for, and give the keyboard back to the screen where it came through a pipe."""
    from bptui.sources.typed import typed

    if sys.stdin is None:
        raise BadUse("standard input is closed")
    if sys.stdin.isatty():
        sys.stderr.write("Paste what you took home; its last line ends it, or Ctrl+D.\n")
        sys.stderr.flush()
    typed()
    if not sys.stdin.isatty() and sys.stdout is not None and sys.stdout.isatty():
        with suppress(OSError):  # where there is no terminal, the screen says so
            os.dup2(os.open("/dev/tty", os.O_RDWR), sys.stdin.fileno())
