"""Mutated sources, the reader against PyTorch: where it gives a net, PyTorch computes the same, or stops there too."""

from __future__ import annotations

import contextlib
import io
import random
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cases import Case, cases
from mutations import mutated, with_another_line
from numbers_for import SAMPLES, parameters_for, samples_for

from bptui.engine.modules.halt import Halt
from bptui.engine.tape import Tape
from bptui.session.experiment import Experiment
from bptui.sources.pytorch import Program, SourceError, from_text

APART = ("karpathy_style", "tutorial_pieces")  # two things are returned; the file's own minibatch is one sample
SOURCES = [case for case in cases() if case.runs and case.name not in APART]
ERRORS = (NameError, AttributeError, TypeError, AssertionError, SyntaxError, ImportError)  # the file's own affair


@contextlib.contextmanager
def a_few_seconds() -> Iterator[None]:
    """A mutated loop may never end."""

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(5)
    try:
        yield
    finally:
        signal.alarm(0)


def ours(experiment: Experiment) -> Any:
    experiment = experiment.changed(training=False, batch=SAMPLES, l2=0.0)
    tape = Tape(experiment.graph, experiment.settings(SAMPLES))
    for name, value in parameters_for(experiment).items():
        tape.state.parameters[name][...] = value
    tape.step(samples_for(experiment), np.arange(SAMPLES), 0)
    cost = next(layer for layer in experiment.net.layers if layer.module.role == "cost")
    return tape.program.values[cost.inputs[0]]


def theirs(case: Case, text: str, program: Program) -> Any:
    """What PyTorch makes of the same samples, backwards too. Raises what PyTorch raises."""
    import torch
    from make_corpus_golden import without_dropout

    torch.set_default_dtype(torch.float64)
    experiment = program.experiment
    module = types.ModuleType("mutated_source")
    sys.modules["mutated_source"] = module
    halts = isinstance(experiment.net.layers[-1].module, Halt)
    try:
        exec(compile(text, "net.py", "exec"), module.__dict__)
    except (RuntimeError, IndexError):
        if halts:
            raise
        raise NameError("what stands around the net stops") from None
    net = eval(case.head["torch"], module.__dict__)
    if halts:
        one = "one sample" in " ".join(program.source.said)
        shapes = [((experiment.batch,) if not one else ()) + given.shape for given in experiment.net.given]
        return net(*map(torch.zeros, shapes))
    own = dict(net.named_parameters())
    with torch.no_grad():
        for name, value in parameters_for(experiment).items():
            assert tuple(own[name].shape) == value.shape, name
            own[name].copy_(torch.tensor(value))
    samples = {name: torch.tensor(rows) for name, rows in samples_for(experiment).items()}
    inputs = [samples[g.name].requires_grad_() for g in experiment.net.given if not g.target]
    with without_dropout():
        if "one sample" in " ".join(program.source.said) or case.name == "one_sample_vector":
            rows = [net(*(values[k].clone() for values in inputs)) for k in range(SAMPLES)]
            made = torch.stack([row.reshape(-1) for row in rows])
        else:
            made = net(*(values.clone() for values in inputs))
    made.sum().backward()
    return made.detach().numpy()


def agree(case: Case, text: str) -> bool:
    """Raise AssertionError if the reader gives a net that is not PyTorch's. Whether there was one to compare."""
    try:
        program = from_text("net.py", text, case.options)
    except SourceError:
        return False
    last = program.experiment.net.layers[-1].module
    wanted = None
    try:
        with a_few_seconds(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            wanted = theirs(case, text, program)
    except (*ERRORS, TimeoutError):
        return False
    except (RuntimeError, IndexError) as error:
        if str(error).startswith("super()"):
            return False
        assert isinstance(last, Halt), f"PyTorch stops: {error}"
        assert str(error).split("\n")[0] == last.problem
        return True
    assert not isinstance(last, Halt), "PyTorch runs on"
    np.testing.assert_allclose(ours(program.experiment).reshape(-1), wanted.reshape(-1), rtol=1e-9, atol=1e-11)
    return True


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no alarm there")
@pytest.mark.parametrize("seed", range(6))
def test_no_wrong_graph(seed: int) -> None:
    pytest.importorskip("torch")
    chance, compared = random.Random(seed), 0
    for _ in range(600):
        case = chance.choice(SOURCES)
        text = case.path.read_text(encoding="utf-8")
        if chance.random() < 0.6:
            text = mutated(text, chance)
        if chance.random() < 0.6:
            text = with_another_line(text, chance)
        try:
            compared += agree(case, text)
        except AssertionError as error:
            raise AssertionError(f"{case.name}: {error}\n{text}") from error
    assert compared > 150
