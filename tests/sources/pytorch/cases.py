"""The corpus: sources written for it, each with what must come of it.

Comments at the top of a source say it. `torch:` is an expression that makes the net in PyTorch, `cost:` the cost and
its reduction, `with:` knobs that the experiment must have, `optim:` PyTorch's optimiser, `options:` words of the
command line; `halts:` the line at which PyTorch stops (on `input:`), `refuses:` how the refusal begins behind the
file's name. The graphs stand in graphs.json, a line a module.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from bptui.engine.buffers import Array
from bptui.session.experiment import Experiment
from bptui.sources.pytorch import Options, Program, parsed_argument, parsed_shape, read

FOLDER = Path(__file__).with_name("corpus")
SMALL, LARGE = 3, 12  # samples: of a minibatch, of a data set
STEPS = 3


@dataclass(frozen=True)
class Case:
    """One source of the corpus, and what stands in its head."""

    path: Path
    head: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def runs(self) -> bool:
        return "refuses" not in self.head and "halts" not in self.head

    @property
    def options(self) -> Options:
        words = shlex.split(self.head.get("options", ""))
        pairs = list(zip(words[::2], words[1::2], strict=True))
        return Options(
            dict(parsed_argument(value) for option, value in pairs if option == "--arg"),
            next((value for option, value in pairs if option == "--class"), None),
            tuple(parsed_shape(value) for option, value in pairs if option == "--input-shape"),
            next((value for option, value in pairs if option == "--cost"), None),
        )

    def read(self) -> Program:
        return read(str(self.path), self.options)


def cases() -> list[Case]:
    paths = sorted(FOLDER.glob("*.py"))
    return [Case(path, dict(re.findall(r"^#: (\w+): (.*)$", path.read_text(encoding="utf-8"), re.M))) for path in paths]


def graph_of(experiment: Experiment) -> list[str]:
    """The declared net, a line a variable or module."""
    net = experiment.net
    lines = [f"{g.name} {list(g.shape)}{' target' * g.target}{' class' * g.classes}" for g in net.given]
    for layer in net.layers:
        settings = ", ".join(f"{name}={value!r}" for name, value in layer.module.settings().items())
        shared = f" shares {layer.shares}" if layer.shares else ""
        lines.append(
            f"{layer.name}: {layer.module.kind}({settings}) {', '.join(layer.inputs)} -> {layer.outputs[0]}{shared}"
        )
    return lines


def condensed(array: Array) -> list[float]:
    """An array as a list; a large one as a few sums of it with fixed weights, which any wrong entry changes."""
    import numpy as np

    flat = np.asarray(array, float).reshape(-1)
    if flat.size <= 40:
        return [float(value) for value in flat]
    weights = np.random.default_rng(flat.size).normal(size=(4, flat.size))
    return [float(value) for value in weights @ flat / np.sqrt(flat.size)]
