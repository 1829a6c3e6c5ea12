"""A new lesson, commented: every directive once, ready to be checked and played."""

from __future__ import annotations

import re
import unicodedata

_SKELETON = """+++
# What the lesson is called in addresses: small letters, digits, hyphens. It never changes, in no language.
id = "NAME"
title = "TITLE"
# What one can do afterwards.
goals = ["carry a gradient back through one linear module"]
minutes = 5
# The ids of lessons that come before: needs = ["through-a-function"]
needs = []
+++

## The first step {#first}

A step begins with `##`, a title, and an id in braces. What follows is Markdown: short sentences, one idea a step.

Numbers are named, never typed: s[0] is {{ value s[0] }} here. Other names: grad z[0], update m.weight[0,0], loss,
slope h[0], jacobian m[1,0], move s[1] when z[0] + 0.1, shape s, knob lr, parameters,
training accuracy, validation loss.

```
A fence without a word holds a formula, as it stands.
```

```stage
# Where the step begins. It stays for the steps that follow, until one has a stage of its own; a stage without `net`
# changes only what it says. A preset by name: net = "two-layer". A lab: lab = "descend" or "train". Or a small net:
net.name = "sums"
net.given = [
  { name = "z", shape = [2] },
  { name = "y", shape = [2], target = true },
]
net.layer = [
  { name = "m", module = "Linear", features = 2, bias = false, inputs = ["z"], outputs = ["s"] },
  { name = "cost", module = "SquaredError", inputs = ["s", "y"], outputs = ["C"] },
]
# One row a sample.
samples.z = [[1.0, 2.0]]
samples.y = [[0.5, 1.0]]
parameters."m.weight" = [[0.5, -1.0], [1.5, 0.25]]
# Any knob: knobs = { lr = 0.5, l2 = 0.01 }
knobs.lr = 0.1
# start, forward m, end of forward, cost, seed, backward m, end of backward, update m.weight, end
at = "seed"
# What stays hidden, and which panes are shown: diagram, equation, timeline, values, knobs, source, watches.
hide = ["grad z"]
show = ["diagram", "equation"]
```

```do
# Something to reach: cursor, step, breakpoint, hit, loss_below, loss_above, zeros, knobs, set, traced, sample, above,
# below. The solution is played by `bptui lessons check`: forward, back, next step, previous step (with a number),
# go PLACE, run to m, run to end of forward (backward, epoch), set z[0] = 0.5, knob lr = 0.5, sample 1, break m,
# continue, reverse continue, undo.
ask = "Step until m has handed the gradient back."
cursor = "backward m"
solution = ["forward 2"]
```

```hint
Hints come one at a time, when they are asked for. At most five.
```

```explain
What is said once it is done.
```

## A prediction {#predict}

A step asks for one thing at most.

```stage
at = "backward cost"
hide = ["grad z"]
```

```predict
# The answer is looked up. Wrong ones are compared with the usual mistakes, and new numbers come by themselves.
# Instead of `answer`: choices = [{ text = "…", right = true }, { text = "…", why = "…" }],
# pick = "m" (a box to click), order = ["first", "second"] (shown shuffled),
# or order = ["grad z[0]", "grad z[1]"] with by = "value".
ask = "W is {{ value m.weight }}, row by row, and dC/ds is {{ grad s }}. What is dC/dz[0]?"
answer = "grad z[0]"
# Decimals that are wanted.
digits = 2
# What lights up with the answer.
light = ["value m.weight[0,0]", "value m.weight[1,0]"]
# What gets new numbers; false for none, everything typed in the stage if it is left out.
reroll = ["z", "y", "m.weight"]
```

```hint
z[0] has its own column of W.
```

```explain
Column 0, each weight with the gradient of its own sum.
```

```note
# The correction of something that is often said.
said = "The gradient goes back through the same product."
where = "many a blackboard"
instead = "It goes back through the transpose: rows become columns."
```

## Recap {#recap}

- What to keep in mind, in two or three lines.

## A question {#question}

A lesson ends with a question that was not worked through.

```predict
ask = "And dC/dz[1]?"
answer = "grad z[1]"
digits = 2
```
"""


def new(name: str) -> str:
    """The text of a new lesson called `name`. Raises ValueError for a name without a letter or digit that an id needs.

    >>> new("My first lesson").split("\\n")[2:4]
    ['id = "my-first-lesson"', 'title = "My first lesson"']
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    identity = "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-")
    title = " ".join("".join(c for c in name if c.isprintable() and c not in '"\\').split())[:80]
    if not identity:
        raise ValueError(f"{title[:40]!r}: wants a name with a letter or a digit from a to z, for the lesson's id")
    return _SKELETON.replace("NAME", identity, 1).replace("TITLE", title, 1)
