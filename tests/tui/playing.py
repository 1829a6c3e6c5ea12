"""A lesson of each kind of step, and the app in it."""

from __future__ import annotations

from screens import text_of
from textual.pilot import Pilot

from bptui.course.format import read
from bptui.course.player import Player
from bptui.course.progress import Progress
from bptui.tui.app import BptuiApp
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.place import screen_of

SUMS = """
net.name = "sums"
net.given = [{ name = "z", shape = [2] }, { name = "y", shape = [2], target = true }]
net.layer = [
  { name = "m", module = "Linear", features = 2, bias = false, inputs = ["z"], outputs = ["s"] },
  { name = "cost", module = "SquaredError", inputs = ["s", "y"], outputs = ["C"] },
]
samples.z = [[1.0, 0.6]]
samples.y = [[-0.5, 1.85]]
parameters."m.weight" = [[0.5, -1.0], [1.5, 0.25]]
"""
WHICH = """```predict
ask = "Which?"
choices = [{ text = "this", right = true }, { text = "that", why = "It is the other." }]
```
"""
TASK = """```do
ask = "Train two epochs."
step = 20
solution = ["next step 40"]
```

```explain
It is at {{ loss }} now.
```
"""
LESSON = f"""+++
id = "sums"
title = "Sums"
goals = ["one"]
minutes = 5
+++

## Words {{#words}}

Nothing is asked here.

## A gradient {{#gradient}}

Down its own column.

```stage
{SUMS}
at = "backward cost"
hide = ["grad z"]
```

```predict
ask = "What is dC/dz[0]?"
answer = "grad z[0]"
digits = 2
```

```hint
Column 0.
```

```explain
Both sums pay.
```

## A choice {{#choice}}

Some words.

{WHICH}
## A box {{#box}}

Some words.

```predict
ask = "Which box has the weights?"
pick = "m"
```

## To do {{#do}}

Some words.

```stage
at = "backward cost"
```

```do
ask = "Step on."
cursor = "backward m"
solution = ["forward"]
```

```explain
It came: {{{{ grad z[0] }}}}.
```

## A run {{#run}}

Some words.

```stage
net = "moons"
lab = "train"
```

{TASK}
## A race {{#race}}

Some words.

```stage
net = "line"
lab = "descend"
knobs = {{ batch = 1 }}
```

```do
ask = "Take five updates."
step = 5
solution = ["next step 5"]
```
"""


def begin(at: str = "", progress: Progress | None = None, text: str = LESSON, key: str = "") -> BptuiApp:
    """The app in the lesson, at one of its steps; if none is named, where the learner stopped."""
    lesson = read(text.encode(), "9-sums.md")
    player = Player(lesson, progress or Progress(), key)
    if at:
        player.go([step.id for step in lesson.steps].index(at))
    app = BptuiApp()
    app.course, app.progress = [lesson], player.progress
    app.first_screen = lambda: screen_of(player)  # type: ignore[method-assign]
    return app


def lectern(pilot: Pilot[None]) -> Lectern:
    screen = pilot.app.screen
    assert isinstance(screen, Lectern)
    return screen


def shown(pilot: Pilot[None]) -> str:
    app = pilot.app
    assert isinstance(app, BptuiApp)
    return " ".join(text_of(app).split())
