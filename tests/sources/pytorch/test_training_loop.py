"""What a file's training loop says: its lines, forgotten zeroing, and what is done besides and not read."""

from __future__ import annotations

import pytest

from bptui.engine.schedules import Constant, Cosine, Exponential, Schedule, Step
from bptui.sources.pytorch import SourceError, from_text

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
        (("loss = other(net(x), y) / 2", "loss.backward()"), f"line 8: {LOSS}"),
        (
            ("loss = cost(net(x), y)", "loss += 0.01 * net[0].weight.abs().sum()", "loss.backward()"),
            "line 9: the L1 pen",
        ),
        (("loss = cost(net(x), y) + 0.1 * penalty(net)", "loss.backward()"), f"line 8: {LOSS}"),
        (("loss = cost(net(x), y)", "if a: loss = 2 * loss", "loss.backward()"), f"line 9: {LOSS}"),
        (("loss = cost(net(x).cumsum(1), y)", "loss.backward()"), "line 8: how the cost is made is not read"),
        (("loss = cost(net(x)[:, 0], y)", "loss.backward()"), "line 8: how the cost is made is not read"),
        (("opt = torch.optim.Adam(net.head.parameters())",), "line 8: that only the parameters of net.head move is"),
        (("mse(net(x), x).backward()",), "line 8: that the target is what goes into the net is"),
        (("out = net(x)", "mse(out, x).backward()"), "line 9: that the target is what goes into the net is"),
        (("cost(net(x), y).backward()", "nn.utils.clip_grad_norm_(net.parameters(), 1.0)"), "line 9: the clipping of"),
    ],
)
def test_what_is_not_read_is_said(lines: tuple[str, ...], wanted: str) -> None:
    said = from_text("net.py", loop("opt.zero_grad()", *lines, "opt.step()")).source.said
    assert [text for text in said if text.startswith(wanted)]


def test_a_sum_of_losses_for_the_log_is_no_change() -> None:
    lines = ("opt.zero_grad()", "loss = cost(net(x), y)", "loss.backward()", "opt.step()", "total += loss.item() * 8")
    assert not [text for text in from_text("net.py", loop(*lines)).source.said if LOSS in text]


@pytest.mark.parametrize(
    ("last", "cost", "wanted"),
    [
        ("nn.Softmax(dim=1)", "nn.CrossEntropyLoss()", "takes a softmax of that once more"),
        ("nn.Softmax(dim=1)", "nn.NLLLoss()", "wants logarithms"),
        ("nn.Sigmoid()", "nn.BCEWithLogitsLoss()", "takes a sigmoid of that once more"),
        ("nn.ReLU()", "nn.CrossEntropyLoss()", "no logit can be negative"),
    ],
)
def test_a_usual_mistake_is_the_first_thing_that_is_said(last: str, cost: str, wanted: str) -> None:
    text = loop("opt.zero_grad()", "cost(net(x), y).backward()", "opt.step()")
    text = text.replace("nn.Linear(8, 3))", f"nn.Linear(8, 3), {last})").replace("nn.CrossEntropyLoss()", cost)
    source = from_text("net.py", text).source
    assert source.warnings == 1 and wanted in source.said[0]
    assert source.first == f"{source.said[0]} (? tells {len(source.said) - 1} more)"


def test_a_mistake_in_a_sequential_at_the_top_has_its_line() -> None:
    with pytest.raises(SourceError, match=r"net\.py:3: .*out_features"):
        from_text("net.py", NET.replace("nn.Linear(2, 8)", "nn.Linear(2)") + "    pass\n")


def test_the_first_loader_is_the_one_to_train_on() -> None:
    loaders = "a = DataLoader(s, batch_size=4)\nb = DataLoader(t, batch_size=30)\n"
    text = "from torch.utils.data import DataLoader\n" + loop("opt.zero_grad()", "cost(net(x), y).backward()")
    assert from_text("net.py", text + loaders).experiment.batch == 4


def test_broadcasting_of_the_target_is_said() -> None:
    data = "X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])\nY = torch.tensor([1.0, 2.0])\n"
    net = "import torch\nfrom torch import nn\nnet = nn.Sequential(nn.Linear(2, 1))\nmse = nn.MSELoss()\n"
    said = from_text("net.py", f"{net}{data}loss = mse(net(X), Y)\nloss.backward()\n").source.said
    assert "line 7: the target has the shape [2], the net makes [2, 1]" in said[0]


def test_a_module_in_the_place_of_what_it_makes_is_told_by_its_line() -> None:
    net = """\
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 3)
    def forward(self, x):
        x = nn.ReLU(self.a(x))
        return self.a(x)
"""
    with pytest.raises(SourceError, match=r"net\.py:7: nn\.ReLU\(…\) makes a module"):
        from_text("net.py", net)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ("StepLR(opt, step_size=5, gamma=0.5)", Step(5, 0.5)),
        ("StepLR(opt, 5)", Step(5, 0.1)),
        ("ExponentialLR(opt, 0.9)", Exponential(0.9)),
        ("CosineAnnealingLR(opt, T_max=50)", Cosine(50)),
        ("CosineAnnealingLR(opt, T_max=50, eta_min=0.01)", None),
        ("ExponentialLR(opt, gamma=1.1)", None),
        ("LambdaLR(opt, lambda step: 1 / (1 + step))", None),
    ],
)
def test_a_schedule_that_goes_with_the_optimiser_is_read(made: str, wanted: Schedule | None) -> None:
    lines = ("opt.zero_grad()", "cost(net(x), y).backward()", "opt.step()", "scheduler.step()")
    text = loop(*lines).replace("for x", f"scheduler = torch.optim.lr_scheduler.{made}\nfor x")
    program = from_text("net.py", text)
    assert program.experiment.schedule == (wanted or Constant())
    assert bool(wanted) is not any("schedule of the learning rate is not read" in said for said in program.source.said)


@pytest.mark.parametrize(
    "lines",
    [
        ("for k in range(3):", "    cost(net(x), y).backward()", "    opt.step()", "scheduler.step()"),
        ("cost(net(x), y).backward()", "scheduler.step()", "opt.step()"),
    ],
)
def test_a_schedule_with_other_steps_is_not_read_and_said(lines: tuple[str, ...]) -> None:
    text = loop(*lines).replace("for x", "scheduler = torch.optim.lr_scheduler.StepLR(opt, 5)\nfor x")
    program = from_text("net.py", text)
    assert program.experiment.schedule == Constant()
    wanted = "the schedule of the learning rate is not read; it is where schedule.step() follows each optimiser.step()"
    assert f"line 6: {wanted}" in program.source.said
