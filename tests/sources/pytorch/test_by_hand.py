"""What a training loop does by hand is not read; it is said, at its line, and nothing is said of what is harmless."""

from __future__ import annotations

import pytest

from bptui.engine.optimisers import SGD
from bptui.sources.pytorch import from_text

NET = """\
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
cost = nn.CrossEntropyLoss()
opt = torch.optim.SGD({over}, lr=0.5)
for x, y in data:
"""
USUAL = ("opt.zero_grad()", "loss = cost(net(x), y)", "loss.backward()", "opt.step()")


def said(*lines: str, over: str = "net.parameters()") -> list[str]:
    source = from_text("net.py", NET.format(over=over) + "".join(f"    {line}\n" for line in lines)).source
    return [text for text in source.said[: source.warnings] if text.endswith("not read")]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ((*USUAL, "opt.param_groups[0]['lr'] *= 0.5"), "line 11: that the file sets the learning rate is"),
        ((*USUAL, "for g in opt.param_groups:", "    g['lr'] = 0.1"), "line 12: that the file sets the learning rate"),
        ((*USUAL[:3], "for p in net.parameters(): p.grad *= 0.1", USUAL[3]), "line 10: what is done to gradients"),
        ((*USUAL[:3], "net[0].weight.grad.clamp_(-1, 1)", USUAL[3]), "line 10: what is done to gradients by hand"),
        ((*USUAL, "for p in net.parameters(): p.data.mul_(0.9)"), "line 11: what is done to parameters by hand"),
        ((*USUAL[:3], "for p in net.parameters(): p.data -= 0.1 * p.grad"), "line 10: the step that is written out by"),
        ((*USUAL[:3], "loss.backward()", USUAL[3]), "line 10: that backward() is called several times"),
        ((*USUAL, "opt.step()"), "line 11: that the optimiser takes several steps"),
        ((*USUAL[1:3], *USUAL[::3]), "line 9: that opt.zero_grad() comes before the step"),
        ((*USUAL[1:3], "if k % 4 == 0:", "    opt.step()", "    opt.zero_grad()"), "line 9: that the optimiser waits"),
    ],
)
def test_it_is_said(lines: tuple[str, ...], wanted: str) -> None:
    assert [text for text in said(*lines) if text.startswith(wanted)]


@pytest.mark.parametrize(
    "lines",
    [
        USUAL,
        (*USUAL[1:], USUAL[0]),
        (*USUAL, "lr = opt.param_groups[0]['lr']", "total += loss.item()", "log['loss'] = loss.item()"),
        ("for p in net.parameters(): p.grad = None", *USUAL[1:]),
        ("for p in net.parameters(): p.grad.zero_()", *USUAL[1:]),
        ("net[0].weight.grad.zero_()", *USUAL[1:]),
        (*USUAL, "if k % 10 == 0: print(loss)"),
    ],
)
def test_nothing_is_said(lines: tuple[str, ...]) -> None:
    assert said(*lines) == []


@pytest.mark.parametrize(
    "over",
    [
        "list(net.parameters())[2:]",
        "[net[2].weight, net[2].bias]",
        "[p for n, p in net.named_parameters() if n.startswith('2')]",
    ],
)
def test_an_optimiser_of_some_parameters_is_taken_and_that_is_said(over: str) -> None:
    assert [text for text in said(*USUAL, over=over) if text.startswith("line 5: that only ")]
    text = NET.format(over=over) + "".join(f"    {line}\n" for line in USUAL)
    experiment = from_text("net.py", text).experiment
    assert (type(experiment.optimiser), experiment.lr) == (SGD, 0.5)


@pytest.mark.parametrize("over", ["list(net.parameters())", "[p for p in net.parameters() if p.requires_grad]"])
def test_nothing_is_said_of_an_optimiser_of_all(over: str) -> None:
    assert said(*USUAL, over=over) == []
