"""The diagram of an experiment's first training step, as the workbench draws it when the step is done."""

from __future__ import annotations

import numpy as np

from bptui.drawing.canvas import Canvas
from bptui.drawing.diagram import lay_out, paint
from bptui.session.actions import Jump
from bptui.session.experiment import Experiment
from bptui.session.session import Session


def diagram(experiment: Experiment, width: int, height: int) -> Canvas:
    """The diagram with all values and gradients, laid out for so many columns and rows; it may take more.

    Raises ValueError, one line, for an experiment that cannot be run.
    """
    session = Session(experiment)
    with np.errstate(all="ignore"):  # a run that explodes is shown, not warned about
        session.apply(Jump(0, len(session.graph.events) - 1))
        return paint(lay_out(session.graph, width, height), session.moment())
