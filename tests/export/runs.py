"""Random experiments to export, and the programs that come out, run."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from strategies import batches, nets, optimisers, schedules

from bptui.data.samples import Data
from bptui.engine.graph import GraphError
from bptui.session.experiment import Experiment

rates = st.sampled_from([0.0, 0.0, 0.01, 0.3])


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """A random net with random knobs, whose first step has finite numbers."""
    batch = draw(batches)
    experiment = Experiment(
        draw(nets()),
        Data("teacher", batch + draw(st.integers(0, 2)), 0.1, draw(st.integers(0, 1000))),
        seed=draw(st.integers(0, 1000)),
        reduction=draw(st.sampled_from(["sum", "batch", "elements"])),
        kink=draw(st.sampled_from(["torch", "other"])),
        optimiser=draw(optimisers),
        schedule=draw(schedules),
        lr=draw(st.sampled_from([0.1, 0.003])),
        batch=batch,
        l1=draw(rates),
        l2=draw(rates),
        decay_biases=draw(st.booleans()),
        zero_gradients=draw(st.booleans()),
        training=draw(st.booleans()),
    )
    try:
        return experiment.validated()
    except GraphError:
        assume(False)
        raise


def run_here(program: str) -> dict[str, Any]:
    """Run a program in this Python, which is many times quicker; its names are returned. A warning is an error."""
    found: dict[str, Any] = {"__name__": "__main__"}
    said = io.StringIO()
    with contextlib.redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(program, "exported.py", "exec"), found)
    assert said.getvalue() == "all numbers are those that bptui shows\n"
    return found


def run_torch(program: str) -> dict[str, Any]:
    """Run a PyTorch program here, and put back what it sets of PyTorch; its names are returned."""
    import torch

    dtype, forward = torch.get_default_dtype(), torch.nn.Dropout.forward
    try:
        return run_here(program)
    finally:
        torch.set_default_dtype(dtype)
        torch.nn.Dropout.forward = forward


def run_in_subprocess(folder: Path, programs: dict[str, str]) -> None:
    """Run programs one after the other in a Python of their own that knows neither this project nor its tests."""
    for name, program in programs.items():
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
    script = "import runpy, sys\nfor path in sys.argv[1:]: runpy.run_path(path, run_name='__main__')"
    paths = [f"{name}.py" for name in programs]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *paths], capture_output=True, text=True, timeout=120, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    assert done.stdout == "all numbers are those that bptui shows\n" * len(programs)
