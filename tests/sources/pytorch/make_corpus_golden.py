"""Runs the sources of the corpus in PyTorch and writes torch.json. Needs torch 2.13:

python tests/sources/pytorch/make_corpus_golden.py
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import types
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parent))

from cases import STEPS, Case, cases, condensed
from numbers_for import parameters_for, samples_for

from bptui.session.experiment import Experiment

GOLDEN = Path(__file__).with_name("torch.json")
COSTS = {
    "cross-entropy": functional.cross_entropy,
    "nll": functional.nll_loss,
    "squared": functional.mse_loss,
    "absolute": functional.l1_loss,
    "binary": functional.binary_cross_entropy_with_logits,
}


def loaded(case: Case) -> dict[str, Any]:
    """The names of a source, run but for `__main__`, in double precision, saying nothing."""
    torch.set_default_dtype(torch.float64)
    module = types.ModuleType("corpus_source")  # a dataclass wants to find the module that it stands in
    sys.modules["corpus_source"] = module
    text = case.path.read_text(encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, str(case.path), "exec"), module.__dict__)
    return module.__dict__


@contextlib.contextmanager
def without_dropout() -> Any:
    """Dropout passes everything on, also in training: another `self.training` would take other branches."""
    dropout = functional.dropout

    def passing(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        return input.clone() if training and not inplace else input

    functional.dropout = passing
    try:
        yield
    finally:
        functional.dropout = dropout


def run(case: Case, experiment: Experiment) -> dict[str, list[float]]:
    """What the net makes of one minibatch, its cost and all gradients; with an optimiser, parameters after steps."""
    names = loaded(case)
    with contextlib.redirect_stdout(io.StringIO()):
        net = eval(case.head["torch"], names)
    own = dict(net.named_parameters())
    values = parameters_for(experiment)
    with torch.no_grad():
        for name, value in values.items():
            own[name].copy_(torch.tensor(value))
    one = "forward takes one sample" in " ".join(case.read().source.said) or case.name == "one_sample_vector"
    samples = {name: torch.tensor(rows) for name, rows in samples_for(experiment).items()}
    inputs = {g.name: samples[g.name].requires_grad_() for g in experiment.net.given if not g.target}
    target = next(samples[g.name] for g in experiment.net.given if g.target)
    cost, reduction = case.head["cost"].split()
    optimiser = eval(case.head["optim"], {"torch": torch, "net": net}) if "optim" in case.head else None
    results: dict[str, list[float]] = {}
    for step in range(STEPS if optimiser else 1):
        net.zero_grad()
        with without_dropout(), contextlib.redirect_stdout(io.StringIO()):
            if one:  # forward takes one sample: each by itself
                (rows,) = inputs.values()
                made = torch.stack([net(row).reshape(-1) for row in rows])
            else:
                made = net(*inputs.values())
        made = made[0] if isinstance(made, tuple) else made
        wanted = target.argmax(1) if cost in ("cross-entropy", "nll") else target.reshape(made.shape)
        loss = COSTS[cost](made, wanted, reduction=reduction)
        loss.backward()
        if step == 0:
            results["output"] = condensed(made.detach().numpy())
            results["loss"] = [loss.item()]
            for name, tensor in (inputs | {name: own[name] for name in values}).items():
                results[f"d {name}"] = condensed(tensor.grad.numpy())
        if optimiser:
            optimiser.step()
    if optimiser:
        results |= {f"after {name}": condensed(own[name].detach().numpy()) for name in values}
    return results


def error_of(case: Case) -> str:
    """What PyTorch says where the program stops: when the source is run, or its net is called on `input`."""
    try:
        names = loaded(case)
        eval(case.head["torch"], names)(eval(case.head["input"], names))
    except (RuntimeError, IndexError) as error:
        return str(error).split("\n")[0]
    raise AssertionError(f"{case.name} does not stop")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    lines = []
    for each in cases():
        if each.runs:
            lines.append(f"{json.dumps(each.name)}: {json.dumps(run(each, each.read().experiment))}")
        elif "halts" in each.head:
            lines.append(f"{json.dumps(each.name)}: {json.dumps(error_of(each))}")
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
