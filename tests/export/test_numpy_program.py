"""Exported NumPy programs, run in a Python of their own, or here where there are many."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from nets import LABS, ODD_NETS, built
from runs import experiments, run_here, run_in_subprocess

from bptui.engine.modules import SquaredError, Tanh
from bptui.engine.optimisers import OPTIMISERS
from bptui.export.numpy_program import numpy_program
from bptui.export.step import ExportError
from bptui.session.experiment import Experiment
from bptui.sources.presets import PRESETS

CHANGES = {
    "penalties": {"l1": 0.02, "l2": 0.03, "decay_biases": True},
    "single precision": {"dtype": "float32", "l2": 0.03},
    "sums": {"reduction": "sum", "training": False},
    "the other side of kinks": {"kink": "other"},
    **{kind: {"optimiser": made(), "l1": 0.02, "l2": 0.01} for kind, made in OPTIMISERS.items()},
}


def program(experiment: Experiment) -> str:
    return "".join(numpy_program(experiment))


def test_numpy_gives_the_numbers_of_every_net(tmp_path: Path) -> None:
    nets = PRESETS | LABS | ODD_NETS
    run_in_subprocess(tmp_path, {f"p{k}": program(experiment) for k, experiment in enumerate(nets.values())})


@pytest.mark.some(5)
@pytest.mark.parametrize("name", [n if n != "mynet" else pytest.param(n, marks=pytest.mark.slow) for n in PRESETS])
@pytest.mark.parametrize("change", CHANGES)
def test_numpy_gives_the_numbers_whatever_is_changed(change: str, name: str) -> None:
    run_here(program(PRESETS[name].changed(**CHANGES[change])))


@given(experiments())
def test_numpy_gives_the_numbers_of_random_graphs(experiment: Experiment) -> None:
    run_here(program(experiment))


@pytest.mark.slow
@settings(max_examples=200)
@given(experiments())
def test_numpy_gives_the_numbers_of_many_random_graphs(experiment: Experiment) -> None:
    with TemporaryDirectory() as folder:
        run_in_subprocess(Path(folder), {"exported": program(experiment)})


def test_the_update_is_checked_too() -> None:
    text = program(PRESETS["two-layer"])
    wrong = text.replace("m1_bias - 0.1 * dm1_bias", "m1_bias - 0.2 * dm1_bias")
    assert wrong != text
    with pytest.raises(AssertionError, match=r"m1\.bias after the step"):
        run_here(wrong)


def test_the_checks_of_a_program_can_fail(tmp_path: Path) -> None:
    text = program(PRESETS["two-layer"])
    wrong = text.replace("0.9, -0.4", "0.9, -0.5", 1)
    assert wrong != text
    with pytest.raises(AssertionError, match="Mismatch"):
        run_in_subprocess(tmp_path, {"wrong": wrong})


class Unwritten(Tanh):
    kind = "Unwritten"
    numpy_forward = ()


def test_a_module_without_a_template_is_named() -> None:
    with pytest.raises(ExportError, match="h: Unwritten has no lines of NumPy"):
        program(built(("h", Unwritten(), "s", "z"), ("cost", SquaredError(), "z y", "C")))


def test_the_passes_read_as_one_writes_them() -> None:
    text = program(PRESETS["two-layer"])
    assert "s1 = x @ m0_weight.T + m0_bias  # Linear m0\nz1 = np.maximum(s1, 0)  # ReLU relu1\n" in text
    assert "ds1 = np.where(s1 > 0, dz1, 0)  # ReLU relu1\ndx = ds1 @ m0_weight  # Linear m0\n" in text
