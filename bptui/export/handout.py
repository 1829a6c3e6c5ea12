"""A handout: the worked example of the first training step in Markdown, with the diagram as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bptui.export.picture import diagram
from bptui.session.experiment import Experiment
from bptui.sources.worked import worked_trace

COLUMNS, ROWS = 120, 60  # of a page


def handout(experiment: Experiment) -> Iterator[str]:
    """The pieces of the worked trace, and the diagram behind the first, which says what the net is."""
    text = diagram(experiment, COLUMNS, ROWS).text()
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("`+", text))])
    opening, *rest = worked_trace(experiment)
    yield opening
    yield "\n## Diagram\n\nThe numbers are those at the end of the step.\n"
    yield f"\n{fence}text\n{text}\n{fence}\n"
    yield from rest
