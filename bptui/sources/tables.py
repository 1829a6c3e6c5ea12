"""A CSV file as an experiment of the train lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bptui.data.csv import MOST_BYTES, CsvError, Table, columns, read_table
from bptui.engine.modules import CrossEntropy, SquaredError
from bptui.engine.optimisers import Adam
from bptui.session.experiment import Experiment
from bptui.session.mlp import mlp
from bptui.sources.arrays import FileError, read_bytes

HIDDEN = (16, 16)


def csv_columns(path: str) -> tuple[str, ...]:
    """The names in a CSV file's header. Raises FileError, one line."""
    try:
        return columns(read_bytes(path, MOST_BYTES))
    except CsvError as error:
        raise FileError(f"{path}: {error}") from None


def read_csv(path: str, target: str, features: Sequence[str], *, classes: bool | None = None) -> Table:
    """The samples in a CSV file; see `read_table`. Raises FileError, one line with the path."""
    try:
        return read_table(read_bytes(path, MOST_BYTES), target, features, classes=classes)
    except CsvError as error:
        raise FileError(f"{path}: {error}") from None


def csv_experiment(path: str, table: Table) -> Experiment:
    """What the train lab begins with on a table: a fifth is held out, and the inputs are normalised."""
    outputs = len(table.classes) or 1
    file = f" ({Path(path).name})" if path.isprintable() else ""  # an experiment's texts are printable
    net = mlp(
        (len(table.x[0]), *HIDDEN, outputs),
        cost=CrossEntropy() if table.classes else SquaredError(),
        name="csv",
        description=f"{table.target} from {' and '.join(table.features)}{file}",
    )
    data = replace(table.data(), validation=0.2, normalise=True)
    experiment = Experiment(net, data, optimiser=Adam(), lr=0.01)
    return experiment.changed(batch=min(16, experiment.count))
