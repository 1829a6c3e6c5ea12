"""Opening the app on the terminal."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable
from typing import Any

from bptui.cli.output import BadUse


def on_terminal() -> bool:
    """Whether somebody sits at both ends."""
    return all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))


def on_screen(args: argparse.Namespace, load: Callable[[], Any] | None = None, place: str = "") -> int:
    """Run the app, with what `load` makes. Raises BadUse where there is no terminal that can show it."""
    printed = "; bptui trace NET prints the same walk"
    instead = {None: printed, "step": printed, "lesson": "; --plain plays it in lines"}
    if not on_terminal():
        if load is not None:
            load()  # what is wrong with NET comes first
        raise BadUse(f"standard input and output are not a terminal{instead.get(args.command, '')}")
    if os.environ.get("TERM") == "dumb":
        raise BadUse(f"TERM is dumb: on such a terminal nothing can be drawn{instead.get(args.command, '')}")
    gc.disable()  # until the screen stands: collecting while importing costs 7 ms
    from bptui.tui.app import run

    run(
        load,
        (args.lesson if args.command == "lesson" else args.net) if load else "",
        place=place or args.command or "step",
        theme=getattr(args, "theme", None),
        ascii_only=getattr(args, "ascii", False) or not _draws_boxes(sys.stdout.encoding),
        mouse=not getattr(args, "no_mouse", False),
    )
    return 0


def _draws_boxes(encoding: str) -> bool:
    try:
        return bool("╭▄".encode(encoding))
    except (UnicodeEncodeError, LookupError):
        return False
