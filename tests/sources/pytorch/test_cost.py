"""The cost that a file goes back from: of several outputs, scaled, with penalties. All numbers are PyTorch's.

costs.json holds them; RENEW_GOLDEN=1 writes it, where PyTorch is installed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptui.export.step import first_step
from bptui.sources.pytorch import Program, SourceError, from_text

GOLDEN = Path(__file__).with_name("costs.json")
SOURCE = """\
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 3)
        self.fc2 = nn.Linear(3, 3)
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        h = torch.tanh(self.fc1(x))
        return RETURNS


model = Net()
model.load_state_dict({
    "fc1.weight": torch.tensor([[0.5, -0.25], [0.75, 0.0], [-0.5, 1.0]]),
    "fc1.bias": torch.tensor([0.25, 0.0, -0.5]),
    "fc2.weight": torch.tensor([[1.0, -0.5, 0.25], [0.5, 0.75, -1.0], [-0.25, 0.5, 0.125]]),
    "fc2.bias": torch.tensor([0.5, -0.5, 0.0]),
    "head.weight": torch.tensor([[0.5, 0.25, -0.75]]),
    "head.bias": torch.tensor([0.125]),
})
x = torch.tensor([[0.5, -1.0], [1.5, 0.25], [-0.75, 0.5]])
y = torch.tensor([0, 2, 1])
t = torch.tensor([[0.5, -0.5, 1.0], [0.0, 0.25, -1.0], [1.0, 1.0, 0.5]])
u = torch.tensor([[0.5], [-1.0], [0.75]])
criterion = nn.CrossEntropyLoss()
mse = nn.MSELoss()
lam = 0.01
optimizer = torch.optim.OPTIMISER
for epoch in range(1):
    optimizer.zero_grad()
"""
PLAIN = "SGD(model.parameters(), lr=0.1)"
CE = "loss = criterion(model(x), y)"
WHOLE = {
    "twice": ("loss = 2 * criterion(model(x), y)",),
    "a part": ("loss = criterion(model(x), y) / 4",),
    "negative": ("loss = -mse(model(x), t)",),
    "a softmax before": ("loss = mse(torch.softmax(model(x), dim=1), t)",),
    "a module before": ("loss = mse(nn.Sigmoid()(model(x)), t)",),
    "two costs of one output": ("out = model(x)", "loss = criterion(out, y) + 0.5 * mse(out, t)"),
    "two costs, summed": ("out = model(x)", "loss = F.mse_loss(out, t) + F.l1_loss(out, t)"),
    "by hand": ("loss = ((model(x) - t) ** 2).mean() * 3",),
    "a function of a cost": ("loss = torch.tanh(mse(model(x), t))",),
    "a function of the file": (
        "def total(a, b):",
        "    return mse(a, b) + 2 * F.l1_loss(a, b)",
        "loss = total(model(x), t)",
    ),
    "summed up": ("loss = 0", "for part in (criterion(model(x), y),):", "    loss = loss + part"),
}
PENALTIES = {
    "L1, a generator": (CE, "loss = loss + lam * sum(p.abs().sum() for p in model.parameters())"),
    "L2, pow": (CE + " + 0.5 * lam * sum(p.pow(2).sum() for p in model.parameters())",),
    "L2, **": (CE, "l2 = sum([(p**2).sum() for p in model.parameters()])", "loss += lam * l2"),
    "L1, norm": (CE, "loss = loss + lam * sum(p.norm(1) for p in model.parameters())"),
    "L1, torch.norm": (CE, "loss = loss + sum(torch.norm(p, p=1) for p in model.parameters()) * lam"),
    "L2, norm squared": (CE, "loss = loss + lam * sum(torch.norm(p) ** 2 for p in model.parameters())"),
    "L2, of weights": (
        CE,
        "loss = loss + lam * sum((p**2).sum() for n, p in model.named_parameters() if 'weight' in n)",
    ),
    "L1, of all but biases": (
        CE,
        "reg = sum(torch.abs(p).sum() for n, p in model.named_parameters() if not n.endswith('bias'))",
        "loss = loss + lam * reg",
    ),
    "L1, in a loop": (
        CE,
        "reg = 0",
        "for p in model.parameters():",
        "    reg += torch.sum(torch.abs(p))",
        "loss += lam * reg",
    ),
    "L1, in a loop from a tensor": (
        CE,
        "reg = torch.tensor(0.0)",
        "for p in model.parameters():",
        "    reg = reg + p.abs().sum()",
        "loss = loss + lam * reg",
    ),
    "L2, in a loop, of weights": (
        CE,
        "reg = 0.0",
        "for name, p in model.named_parameters():",
        "    if 'bias' not in name:",
        "        reg += p.square().sum()",
        "loss = loss + lam / 2 * reg",
    ),
    "L1 of what has two axes": (
        CE,
        "loss = loss + lam * sum(p.abs().sum() for p in model.parameters() if p.dim() > 1)",
    ),
    "L1 onto the loss": (CE, "for p in model.parameters():", "    loss = loss + lam * p.abs().sum()"),
    "L1 of one vector": (
        CE,
        "v = torch.cat([p.view(-1) for p in model.parameters()])",
        "loss += lam * torch.norm(v, 1)",
    ),
    "both": (
        CE,
        "l1 = sum(p.abs().sum() for p in model.parameters())",
        "l2 = sum((p * p).sum() for p in model.parameters())",
        "loss = loss + lam * l1 + 0.02 * l2",
    ),
    "elastic, scaled": (CE, "loss = 2 * (loss + lam * sum(p.abs().sum() for p in model.parameters()))"),
    "weights one by one": (
        CE,
        "l2 = (model.fc1.weight**2).sum() + model.fc2.weight.pow(2).sum()",
        "loss = loss + lam * l2",
    ),
}
OPTIMISERS = {
    "weights alone decay": "SGD([{'params': [p for n, p in model.named_parameters() if 'bias' not in n], "
    "'weight_decay': 0.1}, {'params': [p for n, p in model.named_parameters() if 'bias' in n]}], lr=0.1)",
    "biases do not decay": "Adam([{'params': [model.fc1.weight, model.fc2.weight]}, "
    "{'params': [model.fc1.bias, model.fc2.bias], 'weight_decay': 0}], lr=0.1, weight_decay=0.2)",
    "decay and a penalty": "SGD(model.parameters(), lr=0.1, weight_decay=0.1)",
}
SEVERAL = {
    "two heads": ("a, b = model(x)", "loss = criterion(a, y) + mse(b, u)"),
    "two heads, weighed": ("a, b = model(x)", "loss = criterion(a, y) + 0.3 * mse(b, u)"),
    "two heads, by index": ("out = model(x)", "loss = mse(out[0], t) + mse(out[1], u)"),
    "two heads, the average": ("a, b = model(x)", "loss = (F.mse_loss(a, t, reduction='sum') + mse(b, u)) / 2"),
    "a head of two": ("a, _ = model(x)", "loss = criterion(a, y)"),
}


def source(lines: tuple[str, ...], optimiser: str = PLAIN, heads: int = 1) -> str:
    """A file that trains a net for one step; with one head, the second is left out."""
    body = "".join(f"    {line}\n" for line in (*lines, "loss.backward()", "optimizer.step()"))
    text = SOURCE.replace("RETURNS", "self.fc2(h), self.head(h)").replace("OPTIMISER", optimiser) + body
    if heads == 1:
        text = "\n".join(line for line in text.replace(", self.head(h)", "").split("\n") if "head" not in line)
    return text


CASES = {
    **{f"whole: {name}": source(lines) for name, lines in WHOLE.items()},
    **{f"penalty: {name}": source(lines) for name, lines in PENALTIES.items()},
    **{f"optimiser: {name}": source((CE,), text) for name, text in OPTIMISERS.items()},
    **{f"several: {name}": source(lines, heads=2) for name, lines in SEVERAL.items()},
    "optimiser: decay and a penalty": source(PENALTIES["L2, **"], "SGD(model.parameters(), lr=0.1, weight_decay=0.1)"),
}


def numbers(text: str) -> dict[str, Any]:
    """What PyTorch makes of a file: its loss, and the parameters after the step."""
    import torch

    dtype = torch.get_default_dtype()
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(text, "net.py", "exec"), names)
    finally:
        torch.set_default_dtype(dtype)
    after = {name: value.detach().tolist() for name, value in names["model"].named_parameters()}
    return {"loss": names["loss"].item(), "after": after}


def opened(text: str) -> Program:
    """The file, read; nothing of it is left out."""
    program = from_text("net.py", text)
    assert not [said for said in program.source.said if "not read" in said]
    return program


def match(text: str, wanted: dict[str, Any]) -> None:
    """Raise AssertionError unless the first step is PyTorch's, to 1e-10."""
    step = first_step(opened(text).experiment.changed(batch=3, shuffle=False))
    if "weight_decay" not in text:  # a part of the cost here, and in PyTorch of the optimiser
        np.testing.assert_allclose(step.values[step.graph.loss], wanted["loss"], rtol=1e-10)
    assert step.after.keys() <= wanted["after"].keys()
    for name, after in step.after.items():
        np.testing.assert_allclose(after, wanted["after"][name], rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", CASES)
def test_the_step_is_pytorchs(name: str) -> None:
    match(CASES[name], json.loads(GOLDEN.read_text(encoding="utf-8"))[name])


def test_the_golden_file_is_pytorchs() -> None:
    pytest.importorskip("torch")
    found = {name: numbers(text) for name, text in CASES.items()}
    if os.environ.get("RENEW_GOLDEN"):
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in found.items())
        GOLDEN.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    wanted = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert wanted.keys() == found.keys()
    for name, each in found.items():
        assert each["loss"] == pytest.approx(wanted[name]["loss"], rel=1e-12)
        for parameter, after in each["after"].items():
            np.testing.assert_allclose(after, wanted[name]["after"][parameter], rtol=1e-12, err_msg=name)


def test_penalties_become_knobs() -> None:
    for name in PENALTIES:
        experiment = opened(CASES[f"penalty: {name}"]).experiment
        rates = (experiment.l1, experiment.l2)
        weights = any(word in name for word in ("weights", "biases", "axes"))
        assert any(rates) and rates[0] in (0.0, 0.01, 0.02) and rates[1] in (0.0, 0.005, 0.01, 0.02), name
        assert experiment.decay_biases is not weights, name


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ((CE, "loss = loss + lam * sum(p.norm(2) for p in model.parameters())"), "how the cost is made is not read"),
        ((CE, "loss = loss + lam * sum(p.sum() for p in model.parameters())"), "how the cost is made is not read"),
        ((CE, "loss = loss + lam * max(p.abs().sum() for p in model.parameters())"), "what is done to the cost before"),
        (
            (CE, "loss = loss - lam * sum(p.abs().sum() for p in model.parameters())"),
            "how the cost is made is not read",
        ),
        ((CE, "loss = loss + lam * model.fc1.weight.abs().sum()"), "is not the same on all weights"),
        ((CE, "loss = loss + lam * sum(p.abs().sum(0).max() for p in model.parameters())"), "how the cost is made is"),
        ((CE, "loss = loss + lam * torch.linalg.norm(model.fc1.weight, 1)"), "how the cost is made is not read"),
        (
            (CE, "for p in model.parameters():", "    loss = 2 * loss + p.abs().sum()"),
            "what is done to the cost before",
        ),
        (
            (CE, "loss = loss + lam * sum(p.abs().sum() for n, p in model.named_parameters() if len(n) > 9)"),
            "what is done to the cost before",
        ),
        (("a = model(x)", "b = model(x + 1)", "loss = mse(a, t) + mse(b, t)"), "how the cost is made is not read"),
    ],
)
def test_what_is_no_known_penalty_is_said(lines: tuple[str, ...], wanted: str) -> None:
    program = from_text("net.py", source(lines))
    assert (program.experiment.l1, program.experiment.l2) == (0.0, 0.0)
    assert [said for said in program.source.said if wanted in said], program.source.said


def test_several_outputs_without_a_cost_of_them_are_refused() -> None:
    with pytest.raises(SourceError, match=r"net\.py:15: forward returns 2 things, wants one tensor, or a cost"):
        from_text("net.py", source(("loss = torch.tensor(0.0)",), heads=2))
