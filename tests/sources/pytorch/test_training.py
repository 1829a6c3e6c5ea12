"""What a file's training loop says: its lines, forgotten zeroing, and what is done besides and not read."""

from __future__ import annotations

import pytest

from bptui.sources.pytorch import from_text

NET = """\
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
cost = nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in data:
"""
NO_ZERO = "nothing zeroes the gradients before backward(), so they add up"
LOSS = "what is done to the cost before backward() is not read"


def loop(*lines: str) -> str:
    return NET + "".join(f"    {line}\n" for line in lines)


def test_the_lines_of_the_loop_are_found() -> None:
    text = loop("opt.zero_grad()", "loss = cost(net(x), y)", "loss.backward()", "schedule.step()", "opt.step()")
    program = from_text("net.py", text)
    assert program.source.phases == {"zero": 7, "seed": 9, "update": 11}
    assert program.experiment.zero_gradients
    assert not [said for said in program.source.said if NO_ZERO in said or LOSS in said]


@pytest.mark.parametrize(
    "zeroing",
    [
        "net.zero_grad()",
        "opt.zero_grad(set_to_none=True)",
        "[p.grad.zero_() for p in net.parameters()]",
        "w.grad = None",
    ],
)
def test_gradients_are_zeroed_in_several_ways(zeroing: str) -> None:
    assert from_text("net.py", loop(zeroing, "cost(net(x), y).backward()", "opt.step()")).experiment.zero_gradients


def test_zeroing_that_was_forgotten_is_forgotten_here_too_and_said() -> None:
    program = from_text("net.py", loop("cost(net(x), y).backward()", "opt.step()"))
    assert not program.experiment.zero_gradients
    assert f"line 7: {NO_ZERO}" in program.source.said


def test_one_backward_alone_forgets_nothing() -> None:
    text = NET.replace("for x, y in data:\n", "cost(net(x), y).backward()\nprint(net[0].weight.grad)\n")
    assert from_text("net.py", text).experiment.zero_gradients


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("loss = cost(net(x), y) / 2", "loss.backward()"), f"line 8: {LOSS}"),
        (("loss = cost(net(x), y)", "loss += 0.01 * net[0].weight.abs().sum()", "loss.backward()"), f"line 9: {LOSS}"),
        (("(cost(net(x), y) / 4).backward()",), f"line 8: {LOSS}"),
        (("cost(net(x), y).backward()", "nn.utils.clip_grad_norm_(net.parameters(), 1.0)"), "line 9: the clipping of"),
    ],
)
def test_what_is_not_read_is_said(lines: tuple[str, ...], wanted: str) -> None:
    said = from_text("net.py", loop("opt.zero_grad()", *lines, "opt.step()")).source.said
    assert [text for text in said if text.startswith(wanted)]


def test_a_sum_of_losses_for_the_log_is_no_change() -> None:
    lines = ("opt.zero_grad()", "loss = cost(net(x), y)", "loss.backward()", "opt.step()", "total += loss.item() * 8")
    assert not [text for text in from_text("net.py", loop(*lines)).source.said if LOSS in text]
