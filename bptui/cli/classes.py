"""The commands about classes over SSH."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bptui.cli.output import BadUse, print_out

if TYPE_CHECKING:
    from bptui.classroom.people import Kind

MOST_WORKERS = 64


def classes(args: argparse.Namespace) -> int:
    """Make, serve, list a class, or forget one of its people."""
    try:
        from bptui.classroom import commands, records
    except ModuleNotFoundError as error:
        raise BadUse(f"class: wants pip install 'bptui[class]' ({error})") from None
    if args.what == "serve" and not (args.port.isascii() and args.port.isdecimal() and int(args.port) < 65536):
        raise BadUse(f"--port: got {args.port!r}, wants a number from 0 to 65535")
    workers = args.workers if args.what == "serve" else None
    if workers is not None and not (workers.isascii() and workers.isdecimal() and int(workers) <= MOST_WORKERS):
        raise BadUse(f"--workers: got {workers!r}, wants a number from 0 to {MOST_WORKERS}")
    try:
        if args.what == "new":
            kind: Kind = "open" if args.open else "list" if args.list is not None else "code"
            return print_out([commands.made(args.name, args.key, kind, args.list)])
        if args.what == "list":
            return print_out([records.told()])
        if args.what == "forget":
            return print_out([records.forgotten(args.name, args.wanted)])
        commands.served(args.name, args.host, int(args.port), None if workers is None else int(workers))
    except OSError as error:
        raise BadUse(f"class {args.what}: {error.strerror or error}") from None
    except ValueError as error:
        raise BadUse(str(error)) from None
    return 0
