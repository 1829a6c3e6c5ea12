"""The command line. Thin: it opens experiments and hands them on; what is heavy is imported when it is needed."""

from __future__ import annotations

import argparse
import errno
import gc
import io
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bptui import __version__
from bptui.tui.catalogue import LABS

if TYPE_CHECKING:
    from bptui.classroom.people import Kind
    from bptui.course.lesson import Lesson
    from bptui.course.overview import Row
    from bptui.course.progress import Progress
    from bptui.session.experiment import Experiment
    from bptui.session.source import Source
    from bptui.sources.opening import Opened
    from bptui.sources.pytorch import Options

THEMES = ("dark", "light", "safe", "safe-light")  # as in bptui.drawing.colours
EXPORTS = ("torch", "numpy", "dot", "svg", "md")
MOST_WORKERS = 64
WRONG, BAD_USE, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141


class BadUse(Exception):  # noqa: N818
    """Input that cannot be used. One line: what and where, and what is wanted."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUse(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for a check that found something, 2 for bad use."""
    for library in ("OPENBLAS", "OMP", "MKL"):  # for nets of this size, two threads are slower than one
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    try:
        return _run(_parser().parse_args(argv))
    except BadUse as error:
        with suppress(OSError, AttributeError):  # standard error may be closed, or its disk full
            sys.stderr.write(f"bptui: {_one_line(str(error))}\n")
            sys.stderr.flush()
        return BAD_USE
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    screen = _Parser(add_help=False)
    screen.add_argument("--ascii", action="store_true", default=argparse.SUPPRESS, help="draw with ASCII only")
    screen.add_argument("--theme", choices=THEMES, default=argparse.SUPPRESS, help="colours (or set BPTUI_THEME)")
    screen.add_argument("--no-mouse", action="store_true", default=argparse.SUPPRESS, help="leave the mouse alone")
    net = _Parser(add_help=False)
    net.add_argument(
        "net",
        nargs="?",
        metavar="NET",
        help="a net's name, PyTorch in a .py file, a .toml or .txt file, or - for what you paste",
    )
    knobs = _Parser(add_help=False)
    knobs.add_argument("--seed", metavar="N", help="of init, shuffle and dropout")
    knobs.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KNOB=VALUE", help="turn knobs, such as lr=0.5 l2=0.01"
    )
    python = _Parser(add_help=False)
    python.add_argument(
        "--arg", action="append", default=[], metavar="NAME=VALUE", help="of a .py file: an argument of the constructor"
    )
    python.add_argument("--class", dest="cls", metavar="NAME", help="of a .py file: which class is the net")
    python.add_argument(
        "--input-shape", action="append", default=[], metavar="N,N", help="of a .py file: the shape of one sample"
    )
    params = _Parser(add_help=False)
    params.add_argument("--params", metavar="FILE", help="initial parameters: JSON, .npz or .safetensors")
    files = _Parser(add_help=False)
    files.add_argument("--input", metavar="FILE", help="samples to use instead of the net's own, JSON or .npz")

    parser = _Parser(
        prog="bptui",
        description="A reverse debugger for backpropagation. Without a command, the home screen opens.",
        parents=[screen],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"bptui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    def command(name: str, about: str, *parents: _Parser) -> _Parser:
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
    commands = parser.add_subparsers(dest="what", metavar="COMMAND", parser_class=_Parser, required=True)
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


def _run(args: argparse.Namespace) -> int:
    if args.command is None:
        return _screen(args)
    if args.command == "class":
        return _class(args)
    if args.command == "lessons":
        return (_check_lessons if args.what == "check" else _new_lesson)(Path(args.path))
    if args.command in ("lesson", "worksheet", "progress"):
        return {"lesson": _lesson, "worksheet": _worksheet, "progress": _progress}[args.command](args)
    if args.command == "replay":
        if args.net == "-":
            _type_in()
        return _replay(args)
    if args.net is None:  # a NET after `--set a=1` looks like one more knob
        args.net = next((word for word in args.set if "=" not in word), None)
        args.set = [word for word in args.set if word != args.net]
    if args.net == "-":
        _type_in()
    lab = next((lab for lab in LABS if lab.place == args.command), None)
    if lab is not None:
        if args.list:
            return _print([_labs(args.command)])
        args.net = args.net or lab.first
        return _screen(args, lambda: _opened(args))
    if args.command == "step":
        return _print([_nets()]) if args.net is None else _screen(args, lambda: _opened(args))
    if args.net is None:
        raise BadUse(f"{args.command}: wants NET; `bptui step` lists them")
    experiment, source = _experiment(args)
    if args.command == "export":
        return _export(experiment, args)
    return _check(experiment) if args.command == "check" else _trace(experiment, source, args)


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


def _check(experiment: Experiment) -> int:
    from bptui.sources.checking import as_table, checked

    try:
        rows = checked(experiment)
    except ValueError as error:
        raise BadUse(str(error)) from None
    return _print([as_table(experiment, rows)]) or (0 if all(row.ok for row in rows) else WRONG)


def _class(args: argparse.Namespace) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # many small nets at once, and no core to spare
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
            return _print([commands.made(args.name, args.key, kind, args.list)])
        if args.what == "list":
            return _print([records.told()])
        if args.what == "forget":
            return _print([records.forgotten(args.name, args.wanted)])
        commands.served(args.name, args.host, int(args.port), None if workers is None else int(workers))
    except OSError as error:
        raise BadUse(f"class {args.what}: {error.strerror or error}") from None
    except ValueError as error:
        raise BadUse(str(error)) from None
    return 0


def _export(experiment: Experiment, args: argparse.Namespace) -> int:
    try:
        pieces = list(_exported(experiment, args.to, args.theme))
    except ValueError as error:
        raise BadUse(str(error)) from None
    if args.out is None:
        return _print(pieces)
    path = Path(args.out)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(pieces)
    except FileExistsError:
        raise BadUse(f"{path}: exists already; wants the name of a new file") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system takes
        raise BadUse(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    return _print([f"{path} is written\n"])


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


def _check_lessons(path: Path) -> int:
    from bptui.course.check import checked

    try:
        problems = [_one_line(str(problem)) for problem in checked(path)]
    except OSError as error:
        raise BadUse(f"{error.filename or path}: {error.strerror}") from None
    problems += [] if problems else [f"{path}: {problem}" for problem in _uncatalogued(path)]
    return _print([f"{line}\n" for line in problems or [f"{path}: no problems"]]) or (WRONG if problems else 0)


def _uncatalogued(path: Path) -> list[str]:
    """Where home would list the lessons in a folder wrongly, if they are those that come with bptui."""
    from bptui.course.library import lessons, shelf
    from bptui.tui.catalogue import Taught, uncatalogued

    ours = {Path(str(file)).resolve().parent for file in shelf()[:1]}
    if not ours & {path.resolve(), *(folder.resolve() for folder in path.glob("*/"))}:
        return []
    return list(uncatalogued([Taught(lesson.id, lesson.title) for lesson in lessons()]))


def _new_lesson(path: Path) -> int:
    from bptui.course.skeleton import new

    try:
        path = path if path.suffix == ".md" else path.with_name(f"{path.name}.md")
        text = new(path.stem.replace("-", " "))
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadUse(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise BadUse(str(error)) from None
    return _print([f"{path} is written; bptui lessons check {shlex.quote(str(path))} plays it\n"])


def _lesson(args: argparse.Namespace) -> int:
    if args.lesson is None:
        if not args.plain and _on_terminal() and os.environ.get("TERM") != "dumb":
            return _screen(args, place="course")
        return _print([_course(_saved()), "\nbptui lesson LESSON --plain plays one.\n"])
    if not args.plain:
        return _screen(args, lambda: _lesson_named(args.lesson))
    lesson, key = _lesson_named(args.lesson)
    from bptui.course.dialogue import dialogue
    from bptui.course.player import Player
    from bptui.course.progress import Progress, progress_file

    return _print(dialogue(Player(lesson, Progress(progress_file()), key), _typed()))


def _worksheet(args: argparse.Namespace) -> int:
    from bptui.course.player import PlayError
    from bptui.course.worksheet import worksheet

    if not (args.seed.isascii() and args.seed.isdecimal() and len(args.seed) < 10):
        raise BadUse(f"--seed: got {args.seed!r}, wants a whole number from 0")
    lesson, _ = _lesson_named(args.lesson)
    try:
        return _print(list(worksheet(lesson, int(args.seed), args.answers)))
    except PlayError as error:
        raise BadUse(f"{lesson.path}: {error}") from None


def _lesson_named(name: str) -> tuple[Lesson, str]:
    """A lesson of the course, or one in a file, and its name in the progress."""
    from bptui.course.library import lesson, lesson_in
    from bptui.course.problem import LessonError

    try:
        if not (name.endswith(".md") and Path(name).exists()):
            found = lesson(name)
            return found, found.id
        return lesson_in(name), str(Path(name).resolve())
    except OSError as error:
        raise BadUse(f"{name}: {error.strerror}") from None
    except LessonError as error:
        first, *more = error.problems
        raise BadUse(f"{first}{f' (and {len(more)} more: bptui lessons check)' if more else ''}") from None
    except ValueError as error:
        raise BadUse(str(error)) from None


def _typed() -> Iterator[str]:
    """Lines from standard input, each read when all is said."""
    if sys.stdin is None:
        return
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        sys.stdout.flush()
        line = sys.stdin.readline(10_000)
        if not line:
            return
        if not sys.stdin.isatty():  # nobody has pressed Enter on the screen
            sys.stdout.write("\n")
        yield line


def _progress(args: argparse.Namespace) -> int:
    from bptui.course.overview import as_json

    progress = _saved()
    if args.reset:
        return _forget(progress, args.yes)
    if args.json:
        return _print([as_json(_rows(progress), progress)])
    return _print([_course(progress), f"\nKept in {progress.path}.\n" if progress.path else "\nNothing is kept yet.\n"])


def _course(progress: Progress) -> str:
    from bptui.course.overview import as_table

    return as_table(_rows(progress))


def _rows(progress: Progress) -> list[Row]:
    from bptui.course.library import lessons
    from bptui.course.overview import overview

    try:
        return overview(lessons(), progress)
    except ValueError as error:
        raise BadUse(str(error).split("\n")[0]) from None


def _saved() -> Progress:
    """The progress that was saved. A file that does not exist is not begun."""
    from bptui.course.progress import Progress, progress_file

    path = progress_file()
    progress = Progress(path if path is not None and path.exists() else None)
    if progress.notice.startswith("progress is not saved"):
        raise BadUse(progress.notice)
    if progress.notice:
        sys.stderr.write(f"bptui: {_one_line(progress.notice)}\n")
    return progress


def _forget(progress: Progress, sure: bool) -> int:
    if progress.path is None:
        return _print(["There is no progress to forget.\n"])
    if not sure:
        if not _on_terminal():
            raise BadUse("progress --reset: asks on a terminal; --yes forgets without asking")
        sys.stdout.write(f"Forget all progress in {progress.path}? Type yes: ")
        sys.stdout.flush()
        if sys.stdin.readline(100).strip().casefold() != "yes":
            return _print(["Nothing is forgotten.\n"])
    progress.reset()
    if progress.notice:
        raise BadUse(progress.notice)
    return _print(["All progress is forgotten.\n"])


def _trace(experiment: Experiment, source: Source | None, args: argparse.Namespace) -> int:
    if not args.steps.isdecimal() or len(args.steps) > 9 or int(args.steps) < 1:
        raise BadUse(f"--steps: got {args.steps!r}, wants a whole number from 1")
    steps = int(args.steps)
    if args.format == "json":
        from bptui.sources.trace import json_trace

        return _print(json_trace(experiment, steps))
    if args.format == "md":
        from bptui.sources.worked import worked_trace

        return _print(worked_trace(experiment, steps))
    from bptui.sources.narration import narrated_trace

    return _print(narrated_trace(experiment, steps, source))


def _replay(args: argparse.Namespace) -> int:
    from bptui.sources.opening import read_receipt, to_step

    try:
        receipt = read_receipt(args.net)
    except ValueError as error:
        raise BadUse(str(error)) from None
    if not receipt.is_run:
        raise BadUse(f"{args.net}: is an experiment, not a run; bptui step opens it")
    if not args.plain:
        return _screen(args, lambda: to_step(args.net, lambda experiment: experiment), place="step")
    from bptui.sources.replay import replayed

    return _print(replayed(receipt))


def _opened(args: argparse.Namespace) -> Opened:
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


def _experiment(args: argparse.Namespace) -> tuple[Experiment, Source | None]:
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


def _nets() -> str:
    from bptui.sources.presets import PRESETS, outline

    rows = [(name, outline(experiment), experiment.net.description) for name, experiment in PRESETS.items()]
    return _table(rows) + "\nbptui step NET opens one; bptui trace NET prints it.\n"


def _labs(command: str) -> str:
    from bptui.sources.labs import DESCEND, PRACTICUM, PRACTICUM_NAME, TRAIN, lab_names
    from bptui.sources.presets import outline

    labs = DESCEND if command == "descend" else TRAIN | {PRACTICUM_NAME: next(iter(PRACTICUM.values()))}
    rows = [(name, outline(labs[name]), about) for name, about in lab_names()[command].items()]
    also = "a net's name, a .csv or a .toml file" if command == "train" else "an experiment in a .toml file"
    return _table(rows) + f"\nbptui {command} NAME opens one; it takes {also}, too.\n"


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    name, sizes = (max(len(row[k]) for row in rows) for k in range(2))
    return "".join(f"{row[0]:{name}}  {row[1]:{sizes}}  {row[2]}\n" for row in rows)


def _on_terminal() -> bool:
    return all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _screen(args: argparse.Namespace, load: Callable[[], Any] | None = None, place: str = "") -> int:
    printed = "; bptui trace NET prints the same walk"
    instead = {None: printed, "step": printed, "lesson": "; --plain plays it in lines"}
    if not _on_terminal():
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


def _print(pieces: Iterable[str]) -> int:
    """Write to standard output, in UTF-8 unless it is a terminal with another encoding. A closed pipe is no error."""
    out = sys.stdout
    if out is None:
        raise BadUse("standard output is closed")
    if isinstance(out, io.TextIOWrapper):
        if out.isatty():
            out.reconfigure(errors="replace")
        else:
            out.reconfigure(encoding="utf-8")
    try:
        for piece in pieces:
            out.write(piece)
        out.flush()
    except OSError as error:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), out.fileno())  # or Python complains once more as it ends
        if error.errno in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            return PIPE_CLOSED
        raise BadUse(f"standard output: {error.strerror}") from None
    return 0


def _one_line(text: str) -> str:
    """The text without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else " " if c in "\n\t" else repr(c)[1:-1] for c in text)


if __name__ == "__main__":
    sys.exit(main())
