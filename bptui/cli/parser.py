"""What may be written on the command line."""

from __future__ import annotations

import argparse
from typing import NoReturn

from bptui import __version__
from bptui.cli.output import BadUse

THEMES = ("dark", "light", "safe", "safe-light")  # as in bptui.drawing.colours
EXPORTS = ("torch", "numpy", "dot", "svg", "md")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as all else does."""

    def error(self, message: str) -> NoReturn:
        raise BadUse(message)


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    screen = Parser(add_help=False)
    screen.add_argument("--ascii", action="store_true", default=argparse.SUPPRESS, help="draw with ASCII only")
    screen.add_argument("--theme", choices=THEMES, default=argparse.SUPPRESS, help="colours (or set BPTUI_THEME)")
    screen.add_argument("--no-mouse", action="store_true", default=argparse.SUPPRESS, help="leave the mouse alone")
    net = Parser(add_help=False)
    net.add_argument(
        "net",
        nargs="?",
        metavar="NET",
        help="a net's name, PyTorch in a .py file, a .toml or .txt file, or - for what you paste",
    )
    knobs = Parser(add_help=False)
    knobs.add_argument("--seed", metavar="N", help="of init, shuffle and dropout")
    knobs.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KNOB=VALUE", help="turn knobs, such as lr=0.5 l2=0.01"
    )
    python = Parser(add_help=False)
    python.add_argument(
        "--arg", action="append", default=[], metavar="NAME=VALUE", help="of a .py file: an argument of the constructor"
    )
    python.add_argument("--class", dest="cls", metavar="NAME", help="of a .py file: which class is the net")
    python.add_argument(
        "--input-shape", action="append", default=[], metavar="N,N", help="of a .py file: the shape of one sample"
    )
    params = Parser(add_help=False)
    params.add_argument("--params", metavar="FILE", help="initial parameters: JSON, .npz or .safetensors")
    files = Parser(add_help=False)
    files.add_argument("--input", metavar="FILE", help="samples to use instead of the net's own, JSON or .npz")

    parser = Parser(
        prog="bptui",
        description="A reverse debugger for backpropagation. Without a command, the home screen opens.",
        parents=[screen],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"bptui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def command(name: str, about: str, *parents: Parser) -> Parser:
        return commands.add_parser(name, help=about, description=about, parents=parents, allow_abbrev=False)

    command(
        "step",
        "Step through a net, node by node, both ways; without NET, list the nets.",
        screen,
        net,
        knobs,
        python,
        params,
    )
    descend = command("descend", "Race optimisers down a loss surface; without SURFACE, on `line`.", screen, knobs)
    descend.add_argument("net", nargs="?", metavar="SURFACE", help="a surface's name, or an experiment in a .toml file")
    descend.add_argument("--list", action="store_true", help="list the surfaces")
    train = command("train", "Train a net and watch it; without DATA, on `spirals`.", screen, knobs, python)
    train.add_argument(
        "net",
        nargs="?",
        metavar="DATA",
        help="a data set's or a net's name, `practicum` (four runs side by side), a .csv file, "
        "PyTorch in a .py file, or an experiment or a receipt in a .toml file",
    )
    train.add_argument("--list", action="store_true", help="list the data sets")
    train.add_argument("--target", metavar="COLUMN", help="of a .csv file: what to learn")
    train.add_argument("--features", metavar="A,B", help="of a .csv file: one or two columns to learn it from")
    kind = train.add_mutually_exclusive_group()
    kind.add_argument("--classes", action="store_true", help="the target is a class")
    kind.add_argument("--values", action="store_true", help="the target is a quantity")
    trace = command("trace", "Print the same walk: every event, value and gradient.", net, knobs, python, params, files)
    trace.add_argument(
        "--format", choices=("text", "json", "md"), default="text", help="text is fit for screen readers"
    )
    trace.add_argument("--steps", default="1", metavar="N", help="training steps to walk through")
    replay = command("replay", "Run a receipt again: on the screen, or told in lines of text.", screen)
    replay.add_argument("net", metavar="RECEIPT", help="a run in a .toml or .txt file, or - for what you paste")
    replay.add_argument("--plain", action="store_true", help="print what happened, for a screen reader or a pipe")
    command(
        "check",
        "Check every gradient against central differences; exit 1 if one is off.",
        net,
        knobs,
        python,
        params,
        files,
    )
    export = command(
        "export",
        "Write the first training step as a program, a picture or a handout.",
        net,
        knobs,
        python,
        params,
        files,
    )
    export.add_argument("--to", required=True, choices=EXPORTS, help="what to write; programs check their numbers")
    export.add_argument("--out", metavar="FILE", help="a new file, instead of standard output")
    export.add_argument("--theme", choices=THEMES, help="colours of dot and svg")
    lesson = command("lesson", "Play a lesson; without LESSON, open the course map (in a pipe: print it).", screen)
    lesson.add_argument("lesson", nargs="?", metavar="LESSON", help="a lesson's name or number, or a lesson in a file")
    lesson.add_argument("--plain", action="store_true", help="as a dialogue in lines of text, for a screen reader")
    worksheet = command("worksheet", "Print a lesson's questions for paper, in Markdown.")
    worksheet.add_argument("lesson", metavar="LESSON", help="a lesson's name or number, or a lesson in a file")
    worksheet.add_argument("--seed", default="1", metavar="N", help="of the numbers; 0 for the lesson's own")
    worksheet.add_argument("--answers", action="store_true", help="with the key")
    progress = command("progress", "Print what was done in the lessons.")
    what = progress.add_mutually_exclusive_group()
    what.add_argument("--json", action="store_true", help="with every step and every attempt")
    what.add_argument("--reset", action="store_true", help="forget all of it; asks first")
    progress.add_argument("--yes", action="store_true", help="do not ask")
    lessons = command("lessons", "For authors: check lesson files and play them, or begin a new one.")
    lessons.add_argument("what", choices=("check", "new"), help="check: exit 1 if there is a problem")
    lessons.add_argument("path", metavar="PATH", help="a lesson, a folder of lessons or of languages; new: a .md file")
    _add_class(command("class", "For teachers: a class over SSH."))
    return parser


def _add_class(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="COMMAND", parser_class=Parser, required=True)
    new = commands.add_parser("new", help="Make a class.", description="Make a class.", allow_abbrev=False)
    new.add_argument("name", metavar="NAME", help='what it is called, such as "DL week 2"')
    new.add_argument("--key", metavar="FILE", help="your public key, such as ~/.ssh/id_ed25519.pub; else one is made")
    who = new.add_mutually_exclusive_group()
    who.add_argument("--open", action="store_true", help="whoever comes is let in; without it, the class has a code")
    who.add_argument(
        "--list", metavar="FILE", help="only these names come in, with the code: a text file, a name a line"
    )
    serve = commands.add_parser("serve", help="Open it.", description="Open a class until Ctrl+C.", allow_abbrev=False)
    serve.add_argument("name", metavar="NAME", nargs="?", help="which; not needed where there is but one")
    serve.add_argument("--port", default="2222", metavar="N", help="2222 if not given")
    serve.add_argument("--host", default="", metavar="ADDRESS", help="an address of this machine; all if not given")
    serve.add_argument("--workers", metavar="N", help="processes for those on their own; the other cores if not given")
    about = "List the classes: who comes in, how many have, and the code."
    commands.add_parser("list", help="List the classes.", description=about, allow_abbrev=False)
    about = "Delete a person: name, progress, and all that the class remembers of them."
    forget = commands.add_parser("forget", help="Delete a person.", description=about, allow_abbrev=False)
    forget.add_argument("name", metavar="NAME", help="the person's name in the class")
    forget.add_argument("--class", dest="wanted", metavar="CLASS", help="which; not needed where there is but one")
