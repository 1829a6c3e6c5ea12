"""The gradient check of an experiment, as a table in plain text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bptui.engine.check import TOLERANCE, Row, check_gradients
from bptui.engine.module import subscript
from bptui.engine.tape import Tape
from bptui.session.experiment import Experiment
from bptui.session.runner import Runner


@np.errstate(all="ignore")  # numbers that overflow are found to be off
def checked(experiment: Experiment) -> list[Row]:
    """The check of every gradient at the beginning of the run, on its first minibatch.

    Raises ValueError if the experiment is not float64.
    """
    runner = Runner(experiment)
    runner.restore(runner.beginning())
    indices = runner.indices()
    tape = Tape(experiment.graph, experiment.settings(len(indices)), runner.state)
    tape.begin(experiment.samples, indices, 0)
    return check_gradients(tape.program)


def as_table(experiment: Experiment, rows: Sequence[Row]) -> str:
    """The rows of a check with a heading and a verdict. Entries at a kink are counted apart."""
    heading = ("name", "shape", "entries", "at a kink", "relative error", "worst at", "")
    cells = [heading, *(_cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(heading))]
    lines = [f"{experiment.net.name}: gradients against central differences, minibatch of {experiment.batch}", ""]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    wrong = [row.name for row in rows if not row.ok]
    kinks = sum(row.kinks for row in rows)
    verdict = f"off: {', '.join(wrong)}" if wrong else f"all {len(rows)} are right to {TOLERANCE:g}"
    near = f"{kinks} entries lie" if kinks > 1 else "1 entry lies"
    left_out = f"; {near} within h of a kink, where there is no derivative to compare" if kinks else ""
    return "\n".join([*lines, "", verdict + left_out]) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    shape = "[" + "×".join(map(str, row.shape)) + "]"
    error = f"{row.error:.1e}" if row.entries else "none to compare"
    worst = subscript(row.worst) if row.worst else ""
    return row.name, shape, str(row.entries), str(row.kinks), error, worst, "ok" if row.ok else "OFF"
