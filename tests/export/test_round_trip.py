"""There and back: an exported PyTorch program, read as any other, is the same net and gives the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from runs import experiments

from bptui.engine.graph import Graph
from bptui.engine.modules import Duplicate
from bptui.engine.modules.costs import Cost
from bptui.engine.optimisers import AdamW, ProximalSGD
from bptui.engine.schedules import Constant, Inverse
from bptui.export.step import first_step
from bptui.export.torch_program import torch_program
from bptui.session.experiment import Experiment
from bptui.sources.presets import PRESETS
from bptui.sources.pytorch import SourceError, from_text, read


def read_back(experiment: Experiment) -> Experiment:
    """The export, read. Seed and mode are given as `--set` gives them."""
    found = from_text("exported.py", "".join(torch_program(experiment))).experiment
    assert {name for name, _ in found.parameters} == {parameter.name for parameter in experiment.graph.parameters}
    return found.changed(seed=experiment.seed, training=experiment.training)


def numbers_agree(there: Experiment, back: Experiment) -> None:
    """Raise AssertionError unless the first steps of both agree to 1e-10."""
    one, other = first_step(there), first_step(back)
    np.testing.assert_allclose(other.values[other.graph.loss], one.values[one.graph.loss], rtol=1e-10, atol=1e-10)
    names = [v.name for v in (*one.graph.inputs, *one.graph.parameters) if v.name in one.gradients]
    assert names == [v.name for v in (*other.graph.inputs, *other.graph.parameters) if v.name in other.gradients]
    for name in names:
        np.testing.assert_allclose(other.gradients[name], one.gradients[name], rtol=1e-10, atol=1e-10, err_msg=name)
    assert one.after.keys() == other.after.keys()
    for name, values in one.after.items():
        np.testing.assert_allclose(other.after[name], values, rtol=1e-10, atol=1e-9, err_msg=name)


@pytest.mark.some(5)
@pytest.mark.parametrize("batch", [None, 4])  # None: the preset as it is
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_comes_back(name: str, batch: int | None) -> None:
    there = PRESETS[name]
    if batch is not None:
        there = there.changed(reduction="elements", batch=min(batch, there.count))
    back = read_back(there)
    if name == "average":  # its costs stand between its modules, and its mean has a name
        assert computed(back.graph) == computed(there.graph)
    else:
        assert back.graph.nodes == there.graph.nodes
    one_hot = {v.name: v.classes for v in there.graph.targets}  # rows of numbers do not tell
    for each in back.graph.variables.values():
        wanted = there.graph.variables[each.name]
        assert each._replace(classes=one_hot.get(each.name, False), maker=None) == wanted._replace(maker=None)
    for knob in ("optimiser", "lr", "batch"):
        assert getattr(back, knob) == getattr(there, knob)
    numbers_agree(there, back)


def computed(graph: Graph) -> set[Any]:
    """What a graph computes, by its variables."""
    return {(node.module, node.inputs, node.outputs, tuple(node.parameters.items())) for node in graph.nodes}


def drawn(graph: Graph) -> list[Any]:
    """What a graph computes: its modules in order, and which reads what, by number. Duplicates are wires."""
    numbers: dict[str, int] = {}

    def root(name: str) -> str:
        maker = graph.variables[name].maker
        duplicated = maker is not None and isinstance(graph.node[maker].module, Duplicate)
        return root(graph.node[str(maker)].inputs[0]) if duplicated else name

    def number(name: str) -> int | str:
        own = graph.variables[name].role == "parameter"
        return name if own else numbers.setdefault(name, len(numbers))

    return [
        (
            node.module,
            [number(root(name)) for name in node.inputs],
            {local: root(name) for local, name in node.parameters.items()},
            [number(name) for name in node.outputs],
        )
        for node in graph.nodes
        if not isinstance(node.module, Duplicate)
    ]


SOURCES = sorted((Path(__file__).parents[1] / "sources" / "pytorch" / "corpus").glob("*.py"))
SOURCES = [path for path in SOURCES if path.stem != "private_names"]  # PyTorch keeps names with an underscore to itself


def opened(path: Path) -> Experiment | None:
    """What a source of the reader's corpus makes; None if it is one to be refused, or one that stops."""
    try:
        found = read(str(path))
    except SourceError:
        return None
    return None if found.halts else found.experiment


@pytest.mark.some(5)
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_program_that_was_read_comes_back(path: Path) -> None:
    there = opened(path)
    if there is None:
        pytest.skip("this source gives no net to export")
    comes_back(there.changed(training=False))  # masks are drawn by the name of the Dropout, which may be another


@st.composite
def readable(draw: st.DrawFn) -> Experiment:
    """A random experiment of what the reader knows: one target, PyTorch's own mean or the sum."""
    experiment = draw(experiments())
    assume(sum(given.target for given in experiment.net.given) == 1)
    assume(not isinstance(experiment.optimiser, ProximalSGD))
    classes = any(isinstance(layer.module, Cost) and layer.module.classes for layer in experiment.net.layers)
    mean = experiment.reduction if classes or experiment.reduction != "batch" else "elements"
    decay = 0.0 if isinstance(experiment.optimiser, AdamW) else experiment.l2
    return experiment.changed(kink="torch", l2=decay, reduction=mean)


def comes_back(there: Experiment) -> None:
    back = read_back(there)
    assert drawn(back.graph) == drawn(there.graph)
    assert back.optimiser == there.optimiser
    assert back.schedule == (Constant() if isinstance(there.schedule, Inverse) else there.schedule)
    numbers_agree(there, back)


@given(readable())
def test_random_graphs_come_back(there: Experiment) -> None:
    comes_back(there)


@pytest.mark.slow
@settings(max_examples=200)
@given(readable())
def test_many_random_graphs_come_back(there: Experiment) -> None:
    comes_back(there)
