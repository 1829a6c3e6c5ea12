"""What a name or a file on a command line stands for, and what each place of the app begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bptui.engine.modules.halt import Halt
from bptui.session.experiment import Experiment
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.sources.arrays import FileError, read_bytes
from bptui.sources.presets import preset
from bptui.sources.typed import TYPED, typed

if TYPE_CHECKING:
    from bptui.sources.pytorch import Options
    from bptui.sources.receipts import Look, Receipt

WRITTEN = (".toml", ".txt")  # files of experiments and runs: as receipts, or as they are taken home
Change = Callable[[Experiment], Experiment]  # what the command line turns; raises ValueError
PRACTICUM_EPOCHS = 1000


@dataclass(frozen=True)
class Choice:
    """The columns of a CSV file to learn from, and whether the target is a class; None where nobody said so."""

    target: str | None
    features: tuple[str, ...]
    classes: bool | None


@dataclass(frozen=True)
class Opened:
    """What a place begins with: a session, or several to be seen side by side.

    `said` is what was decided on the way. `receipt` is there where the run is still to be run again; the runs of
    `epochs` go on for that many. `look` is what was looked at in the workbench when it was saved.
    A net that was read from a PyTorch program has its `source`, and `again` reads the file once more.
    """

    sessions: tuple[Session, ...]
    said: str = ""
    receipt: Receipt | None = None
    epochs: int | None = None
    look: Look | None = None
    source: Source | None = None
    again: Callable[[], Opened] | None = None


def begun(experiment: Experiment) -> Opened:
    """An experiment at its beginning. Raises ValueError, one line."""
    return Opened((Session(experiment),))


def opened(net: str, options: Options | None = None) -> tuple[Experiment, Source | None]:
    """The experiment that a name or a path stands for, and the Python file that it was read from, if it is one.

    `options` are for such a file. Raises ValueError, one line that names it.
    """
    if net.endswith(".py"):
        from bptui.sources.pytorch import read

        program = read(net, options)
        return program.experiment, program.source
    _refuse_python_options(net, options)
    if not is_written(net):
        return preset(net), None
    receipt = read_receipt(net)
    if receipt.is_run:
        raise FileError(f"{net}: is a receipt of a run; bptui step and bptui train open it")
    return receipt.session.experiment, None


def is_written(name: str) -> bool:
    """Whether a name is that of an experiment or a run that was written down."""
    return name == TYPED or name.endswith(WRITTEN)


def read_receipt(path: str) -> Receipt:
    """The experiment or the run in a file, or in standard input: TOML, or what was taken home.

    Raises FileError, one line.
    """
    from bptui.session.toml_values import TomlError
    from bptui.sources.receipts import from_receipt  # only now: it loads a library that nothing else needs

    said = "standard input" if path == TYPED else path
    try:
        return from_receipt((typed() if path == TYPED else read_bytes(path)).decode())
    except UnicodeDecodeError:
        raise FileError(f"{said}: is not text in UTF-8") from None
    except TomlError as error:
        raise FileError(f"{said}: {error}") from None


def to_step(name: str, change: Change, changed: Sequence[str] = (), options: Options | None = None) -> Opened:
    """What the workbench begins with; a receipt is run up to its address. Raises ValueError, one line.

    `changed` are the options behind `change`, which a receipt refuses; `options` are for a file of PyTorch.
    """
    if not is_written(name):
        experiment, source = opened(name, options)
        again = partial(to_step, name, change, changed, options) if source else None
        return replace(begun(change(experiment)), said=source.first if source else "", source=source, again=again)
    _refuse_python_options(name, options)
    receipt = read_receipt(name)
    if not receipt.is_run:
        return begun(change(receipt.session.experiment))
    _refuse_options(name, changed)
    return Opened((receipt.session,), receipt.arrived(), look=receipt.look, source=receipt.source)


def to_train(
    name: str,
    change: Change,
    changed: Sequence[str] = (),
    choice: Choice | None = None,
    options: Options | None = None,
) -> Opened:
    """What the train lab begins with: a data set, a net, the practicum's four runs, a CSV file, a file of ours.

    Raises ValueError, one line.
    """
    if name.endswith(".csv"):
        _refuse_python_options(name, options)
        return _table(name, change, choice or Choice(None, (), None))
    if choice is not None:
        raise FileError(f"{name}: --target, --features, --classes and --values are for a .csv file")
    if name.endswith(".py"):
        experiment, source = opened(name, options)
        return Opened((_teachable(name, Session(change(experiment))),), source=source)
    _refuse_python_options(name, options)
    if is_written(name):
        receipt = read_receipt(name)
        if receipt.is_run:
            _refuse_options(name, changed)
            return Opened((_teachable(name, receipt.session),), receipt=receipt)
        return Opened((_teachable(name, Session(change(receipt.session.experiment))),))
    from bptui.sources.labs import PRACTICUM, PRACTICUM_NAME, TRAIN, lab
    from bptui.sources.presets import PRESETS

    runs = {key: (e,) for key, e in (TRAIN | PRACTICUM | PRESETS).items()}
    found = lab(runs | {PRACTICUM_NAME: tuple(PRACTICUM.values())}, name)
    sessions = tuple(Session(change(experiment)) for experiment in found)
    return Opened(sessions, epochs=PRACTICUM_EPOCHS if len(sessions) > 1 else None)


def to_descend(name: str, change: Change) -> Opened:
    """What the descend lab begins with: one of its surfaces, or an experiment in a file. Raises ValueError."""
    from bptui.sources.labs import DESCEND, lab

    if name.endswith(".py"):
        raise FileError(f"{name}: bptui descend wants a surface; bptui step and bptui train open a Python file")
    return begun(change(opened(name)[0] if is_written(name) else lab(DESCEND, name)))


def of_receipt(name: str, receipt: Receipt) -> tuple[Opened, str]:
    """What a receipt opens, and the place for it: the workbench, or the train lab for a run of it.

    A run in the workbench is run up to its address. Raises ValueError, one line.
    """
    if not receipt.is_run:
        return begun(receipt.session.experiment), "step"
    if receipt.look is None:
        return Opened((_teachable(name, receipt.session),), receipt=receipt), "train"
    return Opened((receipt.session,), receipt.arrived(), look=receipt.look, source=receipt.source), "step"


def _table(path: str, change: Change, choice: Choice) -> Opened:
    """A CSV file; every decision that was taken is said."""
    from bptui.sources.tables import csv_columns, csv_experiment, read_csv

    names = ", ".join(csv_columns(path))
    if choice.target is None or not choice.features:
        raise FileError(f"{path}: wants --target NAME and --features NAME or NAME,NAME; there are {names}")
    table = read_csv(path, choice.target, choice.features, classes=choice.classes)
    experiment = change(csv_experiment(path, table))
    data = experiment.data
    notes = [*table.notes, f"{experiment.count} samples to train on, {data.validation:.0%} of {data.count} held out"]
    notes += ["inputs normalised"] * data.normalise
    return Opened((Session(experiment),), "; ".join(notes))


def _teachable(name: str, session: Session) -> Session:
    """A session whose net has something to learn from."""
    last = session.experiment.net.layers[-1].module
    if isinstance(last, Halt):
        raise FileError(f"{name}: cannot be trained, for the program stops: {last.problem}; bptui step shows where")
    if not any(given.target for given in session.experiment.net.given):
        raise FileError(f"{name}: the net has no target to learn; bptui descend opens it")
    return session


def _refuse_python_options(name: str, options: Options | None) -> None:
    if options is not None:
        raise FileError(f"{name}: --arg, --class and --input-shape are for a .py file")


def _refuse_options(name: str, changed: Sequence[str]) -> None:
    if changed:
        raise FileError(f"{name}: is a receipt of a run, and is run again as it was; {changed[0]} would change it")
