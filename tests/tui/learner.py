"""A course that stays as it is, whatever becomes of the lessons, and a learner in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bptui.course.format import read
from bptui.course.lesson import Lesson
from bptui.course.progress import Attempt, Done, Progress, StepRecord
from bptui.tui.app import BptuiApp
from bptui.tui.catalogue import COURSE

STAGE = """```stage
net.name = "sums"
net.given = [{ name = "z", shape = [2] }, { name = "y", shape = [2], target = true }]
net.layer = [
  { name = "m", module = "Linear", features = 2, bias = false, inputs = ["z"], outputs = ["s"] },
  { name = "cost", module = "SquaredError", inputs = ["s", "y"], outputs = ["C"] },
]
```
"""
EXPLAIN = "```explain\nSo it is.\n```\n"
DO = '```do\nask = "Set z[0]."\nset = "z[0]"\nsolution = ["set z[0] = 2"]\n```\n' + EXPLAIN
PREDICT = '```predict\nask = "What is dC/dz[0]?"\nanswer = "grad z[0]"\n```\n' + EXPLAIN
STEPS = {
    "One number, many sums": STAGE + DO,
    "Nudge it": PREDICT,
    "All that it moves": PREDICT,
    "Each sum has its price": PREDICT,
    "The weights are used backwards": PREDICT,
    "The other one": PREDICT,
    "Rows and columns": PREDICT,
    "Watch it come back": DO,
    "Where nothing comes from": PREDICT,
    "Recap": "",
    "A question": PREDICT,
}
GOALS = (
    "follow one nudge into many sums",
    "collect the gradient from all of them: dC/dz[j] = Σᵢ W[i,j] · dC/ds[i]",
    "see why the weights are used backwards",
)


def text() -> str:
    """One lesson as a file."""
    front = (
        f'+++\nid = "sums"\ntitle = "Sums"\ngoals = ["{GOALS[0]}", "{GOALS[1]}", "{GOALS[2]}"]\nminutes = 10\n+++\n\n'
    )
    steps = (f"## {title} {{#s{k}}}\n\nSome words.\n\n{what}" for k, (title, what) in enumerate(STEPS.items(), 1))
    return front + "\n".join(steps)


@cache
def course() -> tuple[Lesson, ...]:
    """The lessons of the catalogue, all with the same steps, each in need of the one before."""
    lesson = read(text().encode(), "sums.md")
    before = [(), *((taught.id,) for taught in COURSE)]
    return tuple(
        replace(lesson, id=taught.id, title=taught.title, needs=needs)
        for taught, needs in zip(COURSE, before, strict=False)
    )


def begun() -> Progress:
    """One lesson is done, one skipped, and one left in its fourth step, with an answer told and a wrong one given."""
    progress = Progress()
    for name, done in (("parametrised-models", Done.DONE), ("losses", Done.SKIPPED)):
        steps = {f"s{k}": StepRecord(done, seconds=70.0 * (done == Done.DONE)) for k in range(1, len(STEPS) + 1)}
        progress.note(name, steps, f"s{len(STEPS)}")
    for k, done in enumerate((Done.DONE, Done.SHOWN, Done.DONE, Done.OPEN), 1):
        progress.note("through-a-sum", {f"s{k}": StepRecord(done, seconds=50.0)}, f"s{k}", Attempt(0, "1", k != 2))
    return progress


def app_with(progress: Progress, place: str = "step", *, ascii_only: bool = False) -> BptuiApp:
    """The app of a learner in this course."""
    app = BptuiApp(place=place, ascii_only=ascii_only)
    app.course, app.progress = course(), progress
    return app
