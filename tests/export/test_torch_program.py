"""Exported PyTorch programs, run by PyTorch itself where it is installed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from nets import LABS, ODD_NETS, built
from runs import experiments, run_torch

from bptui.data.samples import Data
from bptui.engine.module import REGISTRY, Module
from bptui.engine.modules import (
    CrossEntropy,
    Linear,
    SquaredError,
    Tanh,
)
from bptui.engine.modules.costs import COSTS
from bptui.engine.net import Net
from bptui.engine.optimisers import OPTIMISERS, Nesterov
from bptui.engine.schedules import SCHEDULES
from bptui.export.attributes import OF_DICT, OWN
from bptui.export.step import ExportError
from bptui.export.torch_program import torch_program
from bptui.session.experiment import Experiment
from bptui.session.knobs import KnobError, turned
from bptui.sources.presets import PRESETS

torch = pytest.importorskip("torch")

KNOBS = [
    *(["optimiser", kind] for kind in OPTIMISERS),
    *(["schedule", kind] for kind in SCHEDULES),
    *(["cost", name] for name in COSTS),
    *(["reduction", how] for how in ("sum", "batch", "elements")),
    *([name, "0.05", "biases", switch] for name in ("l1", "l2") for switch in ("on", "off")),
    *(["optimiser", kind, "l1", "0.02", "l2", "0.03"] for kind in OPTIMISERS),
    ["dropout", "0.3"],
    ["dropout", "0.3", "mode", "evaluation"],
    ["zero", "off"],
    ["kink", "other"],
    ["dtype", "float32"],
    ["dtype", "float32", "optimiser", "Adam", "l2", "0.01"],
]


def program(experiment: Experiment) -> str:
    return "".join(torch_program(experiment))


@pytest.mark.some(5)
@pytest.mark.parametrize("name", [*PRESETS, *LABS])
def test_pytorch_gives_the_numbers_of_every_net(name: str) -> None:
    run_torch(program((PRESETS | LABS)[name]))


@pytest.mark.some(5)
@pytest.mark.parametrize("batch", [3, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("knobs", KNOBS, ids=[" ".join(knobs) for knobs in KNOBS])
@pytest.mark.parametrize("name", ["two-layer", "skip", "switch", "t spirals", "d line"])
def test_pytorch_gives_the_numbers_of_every_knob(name: str, knobs: list[str], batch: int) -> None:
    experiment = (PRESETS | LABS)[name].changed(batch=batch)
    try:
        for knob, text in zip(knobs[::2], knobs[1::2], strict=True):
            experiment = turned(experiment, knob, text)
    except KnobError:
        pytest.skip("this net has no such knob")
    run_torch(program(experiment))


@given(experiments())
def test_pytorch_gives_the_numbers_of_random_graphs(experiment: Experiment) -> None:
    run_torch(program(experiment))


@pytest.mark.slow
@settings(max_examples=200)
@given(experiments())
def test_pytorch_gives_the_numbers_of_many_random_graphs(experiment: Experiment) -> None:
    run_torch(program(experiment))


def test_the_checks_of_a_program_can_fail() -> None:
    text = program(PRESETS["two-layer"])
    for wrong in (text.replace("lr=0.1", "lr=0.2"), text.replace("0.9, -0.4", "0.9, -0.5", 1)):
        assert wrong != text
        with pytest.raises(AssertionError):
            run_torch(wrong)


def test_nesterov_without_momentum_is_plain_descent() -> None:
    text = program(PRESETS["two-layer"].changed(optimiser=Nesterov(0.0)))
    assert "SGD(model.parameters(), lr=0.1)" in text
    run_torch(text)


def test_no_name_that_pytorch_uses_itself_is_given_to_a_module() -> None:
    public = {name for name in dir(torch.nn.Module) if not name.startswith("_")} | {"training"}
    assert public <= set(OWN)
    assert {name for name in dir(torch.nn.ModuleDict) if not name.startswith("_")} <= {*OWN, *OF_DICT}


def test_parameters_keep_their_names() -> None:
    net = (
        Net("paths")
        .input("x", 2)
        .add("enc.fc1", Linear(3), "x", "s1")
        .add("enc.act", Tanh(), "s1", "z1")
        .add("net.0", Linear(3), "z1", "s2")
        .add("net.1.out", Linear(2), "s2", "s3")
        .add("keys", Linear(2), "s3", "s4")
        .add("0", Linear(2), "s4", "s5")
        .add("fc-1", Linear(2), "s5", "s6")
        .add("층", Linear(2), "s6", "ybar")
        .target("y", 2)
        .add("cost", SquaredError(), "ybar y", "C")
    )
    text = program(Experiment(net))
    layers = ("enc.fc1", "net.0", "net.1.out", "keys", "0", "fc-1", "층")
    names = [f"{layer}.{local}" for layer in layers for local in ("weight", "bias")]
    assert list(run_torch(text)["model"].state_dict()) == names
    assert "s1 = self.enc.fc1(x)\n" in text
    assert 's2 = self.net["0"](z1)\n' in text


@pytest.mark.parametrize("name", ODD_NETS)
def test_nets_that_no_preset_is_like(name: str) -> None:
    run_torch(program(ODD_NETS[name]))


def test_rows_that_are_probabilities() -> None:
    rows = (("x", ((0.5, 1.0), (0.2, -0.3))), ("y", ((0.5, 0.5), (0.1, 0.9))))
    experiment = built(("cost", CrossEntropy(), "s y", "C"), classes=True).changed(
        data=Data("given", given=rows), batch=2
    )
    run_torch(program(experiment))
    unsure = (rows[0], ("y", ((0.5, 0.7), (0.1, 0.9))))
    with pytest.raises(ExportError, match="its rows are no classes"):
        program(experiment.changed(data=Data("given", given=unsure)))


def test_what_cannot_be_written_is_one_line() -> None:
    with pytest.raises(ExportError, match=r"^C is not finite in the first step"):
        program(PRESETS["perceptron"].changed(parameters=(("m0.weight", ((1e200, 1e200),)),)))
    bare = Net("bare").input("x", 2).target("y", 2).add("cost", SquaredError(), "x y", "C")
    with pytest.raises(ExportError, match="bare has no parameters"):
        program(Experiment(bare))


class Unwritten(Tanh):
    kind = "Unwritten"
    torch = ""


def test_a_module_that_pytorch_does_not_have_is_named() -> None:
    with pytest.raises(ExportError, match="h: Unwritten has no counterpart in PyTorch"):
        program(built(("h", Unwritten(), "s", "z"), ("cost", SquaredError(), "z y", "C")))


def test_every_module_has_a_counterpart() -> None:
    for kind, module in REGISTRY.items():
        assert kind == "Halt" or module.torch or module.torch_text is not Module.torch_text, kind
