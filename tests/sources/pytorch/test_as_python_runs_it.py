"""What Python and PyTorch do when the file runs, in ways that a reader of its text may get wrong."""

from __future__ import annotations

import numpy as np
import pytest

from bptui.sources.pytorch import Program, SourceError, from_text

NET = """import torch
from torch import nn
import torch.nn.functional as F
from dataclasses import dataclass


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.act = nn.Linear(3, 3), nn.Linear(3, 3), nn.Tanh()
        {init}

    def forward(self, x):
        {forward}


{more}
"""
CALL = "net = Net()\nloss = {loss}(net(x), y)\nloss.backward()"
SEQUENTIAL = """class Net(nn.Sequential):
    def __init__(self):
        super().__init__({inside})
        {init}
"""


def read(forward: str = "return self.b(self.act(self.a(x)))", init: str = "pass", more: str = "") -> Program:
    return from_text("net.py", NET.format(init=init, forward=forward.replace("\n", "\n        "), more=more))


def weights(program: Program) -> list[tuple[str, tuple[int, ...]]]:
    return [(p.name, p.shape) for p in program.experiment.graph.parameters if p.name.endswith("weight")]


def kinds(program: Program) -> list[str]:
    return [layer.module.kind for layer in program.experiment.net.layers][:-1]  # without the cost


@pytest.mark.parametrize(
    "head",
    [
        "    def __init__(self, sizes=[3, 4]):\n        super().__init__()\n        sizes.append(2)",
        "    sizes = [3, 4]\n    def __init__(self):\n        super().__init__()\n"
        "        sizes = self.sizes\n        sizes.append(2)",
        "    width = 1\n    def __init__(self):\n        super().__init__()\n"
        "        Net.width += 1\n        sizes = [3, 4, Net.width]",
    ],
)
def test_what_a_constructor_changes_for_good_is_changed_once(head: str) -> None:
    """The reader makes the net several times, until it knows the shape of the input."""
    text = f"from torch import nn\nclass Net(nn.Module):\n{head}\n"
    text += "        self.a = nn.Sequential(*[nn.Linear(m, n) for m, n in zip(sizes, sizes[1:])])\n"
    text += "    def forward(self, x):\n        return self.a(x)\n"
    assert weights(from_text("net.py", text)) == [("a.0.weight", (4, 3)), ("a.1.weight", (2, 4))]


@pytest.mark.parametrize("init", ["self.a = nn.Tanh()", "self.add_module('a', nn.Tanh())", "self.append(nn.Tanh())"])
def test_a_module_of_a_class_that_derives_from_sequential_is_called_too(init: str) -> None:
    text = "from torch import nn\n" + SEQUENTIAL.format(inside="nn.Linear(3, 2)", init=init)
    assert kinds(from_text("net.py", text)) == ["Linear", "Tanh"]


def test_children_are_gone_through_once_each() -> None:
    init = "self.all = nn.Sequential(self.a, self.act, self.b, self.act)"
    assert kinds(read("for m in self.all.children():\n    x = m(x)\nreturn x", init)) == ["Linear", "Tanh", "Linear"]


def test_fields_of_a_dataclass_follow_those_that_it_inherits_and_what_comes_after_them_runs() -> None:
    text = """from dataclasses import dataclass
from torch import nn
@dataclass
class Base:
    inputs: int = 3
@dataclass
class Config(Base):
    width: int = 4
    outputs: int = 1
    def __post_init__(self):
        self.outputs = 2 * self.width
class Net(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Linear(c.inputs, c.outputs)
    def forward(self, x):
        return self.a(x)
net = Net(Config(7))
"""
    assert weights(from_text("net.py", text)) == [("a.weight", (8, 7))]


@pytest.mark.parametrize("same", ["sum([h])", "torch.cat([h], 1)", "torch.stack([h]).sum(0)"])
def test_a_tensor_made_of_another_is_not_changed_with_it(same: str) -> None:
    program = read(f"h = self.a(x)\nother = {same}\nh.mul_(3)\nreturn other")
    assert kinds(program) == ["Linear", "Scale"]
    assert program.experiment.net.layers[-1].inputs[0] == program.experiment.net.layers[0].outputs[0]


@pytest.mark.parametrize(
    ("forward", "init", "more", "wanted"),
    [
        ("return self.a(x)", "self.forward = self.act", "", "setting self.forward"),
        ("return self.a(x)", "pass", "net = Net()\nnet.forward = lambda x: x", "setting .forward"),
        ("return getattr(self, 'a')(x)", "pass", "net = Net()\nnet.a = nn.Identity()", "setting .a"),
        ("return F.relu(self.a(x))", "pass", "F.relu = F.tanh", "torch.nn.functional.relu is set to something else"),
        ("return self.act(self.a(x))", "self.act.eval()", "", ".eval() inside of a net"),
        ("return self.act(self.a(x))", "self.train(False)", "", ".train() inside of a net"),
        ("self.a.weight.data.clamp_(min=0)\nreturn self.a(x)", "pass", "", ".clamp_ of a parameter in forward"),
        ("torch.set_grad_enabled(False)\nreturn self.a(x)", "pass", "", "set_grad_enabled within a net"),
        ("with torch.no_grad():\n    return self.a(x)", "pass", "", "with torch.no_grad()"),
        ("return self.a(x)", "pass", "class Two(list, Net):\n    pass", "Two derives from several classes"),
        (
            "ks = [1]\nfor k in ks:\n    x = self.a(x)\n    if k < 3: ks.append(k + 1)\nreturn x",
            "pass",
            "",
            "changes what it",
        ),
        ("h = F.leaky_relu(self.a(x), inplace=True)\nh += x\nreturn h", "pass", "", "backward needs the numbers"),
        ("return self.f(self.a(x))", "pass", "Net.f = F.relu", "torch.nn.functional.relu in the body of a class"),
        ("return self.f(self.a(x))", "pass", "Net.f = lambda x: 2 * x", "lambda takes 1 arguments, 2 are given"),
        ("return x @ self.a.weight.transpose(0, 0)", "pass", "", ".transpose of a parameter is not supported"),
        ("return self.a(x).type(torch.bool).float()", "pass", "", "torch.bool has other numbers"),
        ("for h in (m(x) for m in (self.a, self.b)):\n    x = x + h\nreturn x", "pass", "", "one by one"),
        ("for h in map(lambda m: m(x), (self.a, self.b)):\n    x = x + h\nreturn x", "pass", "", "one by one"),
        ("hs = (m(x) for m in (self.a, self.b))\nx = self.act(x)\nreturn sum(hs)", "pass", "", "one by one"),
    ],
)
def test_what_would_give_another_net_is_refused(forward: str, init: str, more: str, wanted: str) -> None:
    with pytest.raises(SourceError, match=r"net\.py:\d+: ") as caught:
        read(forward, init, more)
    assert wanted in str(caught.value)


def test_a_lambda_of_a_class_gets_self() -> None:
    assert kinds(read("return self.f(x)", more="Net.f = lambda self, x: 2 * self.a(x)")) == ["Linear", "Scale"]


def test_a_loop_that_changes_a_list_of_the_file_leaves_it_unknown() -> None:
    with pytest.raises(SourceError, match="changes what it goes through"):
        more = "ks = [3]\nfor k in ks:\n    if k < 5: ks.append(k + 1)\nclass Other(nn.Module):\n"
        more += "    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, len(ks) + ks[-1])\n"
        read(more=more + "    def forward(self, x):\n        return self.a(x)\nnet = Other()")


def test_a_generator_that_is_used_up_at_once_is_read() -> None:
    assert kinds(read("return sum(m(x) for m in (self.a, self.b))")) == ["Linear", "Linear", "Add"]
    assert kinds(read("h, g = map(lambda m: m(x), (self.a, self.b))\nreturn h + g")) == ["Linear", "Linear", "Add"]


@pytest.mark.parametrize(
    "over", ["(self.step(m) for m in (self.a, self.b))", "(self.k + i for i in range(3))", "map(self.step, [1, 2])"]
)
def test_numbers_that_a_generator_makes_while_the_loop_changes_them_are_refused(over: str) -> None:
    step = "Net.k = 1\ndef step(self, m):\n    self.k += 1\n    return self.k\nNet.step = step"
    with pytest.raises(SourceError, match="one by one"):
        read(f"for s in {over}:\n    self.k = 2 * self.k\n    x = s * self.a(x)\nreturn x", more=step)
    assert (
        kinds(read("for i in (i for i in range(4) if i % 2):\n    x = (i + 1) * x\nreturn self.a(x)"))[-1] == "Linear"
    )


def test_settings_of_a_cost_without_their_names() -> None:
    data = "x, y = torch.randn(4, 3), torch.randn(4, 3)\n"
    for loss in ("nn.MSELoss(None, None, 'sum')", "nn.BCEWithLogitsLoss(None, None, None, 'sum')"):
        assert read(more=data + CALL.format(loss=loss)).experiment.reduction == "sum"


@pytest.mark.parametrize("loss", ["nn.CrossEntropyLoss(ignore_index=0)", "nn.NLLLoss(None, None, 0)"])
def test_a_class_that_a_cost_ignores_is_refused(loss: str) -> None:
    with pytest.raises(SourceError, match="with ignore_index is not supported"):
        read(more="x, y = torch.randn(2, 3), torch.tensor([0, 1])\n" + CALL.format(loss=loss))


@pytest.mark.parametrize(
    "change", ["x += 10", "x.mul_(3)", "x[0] = 7.0", "x.fill_(1)", "nn.init.normal_(x)", "y[0] = 7.0"]
)
def test_numbers_of_the_file_that_it_changes_are_not_taken_for_its_samples(change: str) -> None:
    numbers = "x, y = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[4.0, 5.0, 6.0]])\n"
    written = read(more=numbers + CALL.format(loss="nn.MSELoss()")).experiment
    assert np.array_equal(written.samples["x"], [[1.0, 2.0, 3.0]])
    changed = read(more=f"{numbers}{change}\n" + CALL.format(loss="nn.MSELoss()")).experiment
    assert changed.data.kind != "given"


def test_a_gradient_that_backward_begins_with_is_said() -> None:
    text = "x, y = torch.randn(4, 3), torch.randn(4, 3)\n" + CALL.format(loss="nn.MSELoss()")
    said = read(more=text.replace("backward()", "backward(torch.tensor(2.0))")).source.said
    assert any("the gradient that backward() begins with is not read" in line for line in said)
    for usual in ("backward(retain_graph=True)", "backward(torch.ones_like(loss))"):
        assert not any("begins with" in line for line in read(more=text.replace("backward()", usual)).source.said)


def test_sizes_of_a_tensor_and_its_numbers_are_told_apart() -> None:
    assert read(more="net = Net()\nout = net(torch.Tensor(5, 3))").experiment.batch == 5


@pytest.mark.parametrize(
    ("init", "wanted"),
    [
        ("[nn.init.zeros_(m.bias) for m in self.modules() if isinstance(m, nn.Linear)]", "initial parameters"),
        ("self.a.weight.data.normal_(0, 0.1)", "parameters that the file sets"),
        ("self.a.bias.zero_()", "parameters that the file sets"),
        ("self.a.weight.requires_grad_(False)", "parameters that are frozen"),
    ],
)
def test_what_a_constructor_does_to_parameters_is_said(init: str, wanted: str) -> None:
    program = read(init=init)
    assert kinds(program) == ["Linear", "Tanh", "Linear"]
    assert any(wanted in line and line.endswith("not read") for line in program.source.said[: program.source.warnings])


def test_a_constructor_may_set_parameters_without_a_gradient() -> None:
    assert kinds(read(init="with torch.no_grad():\n            self.a.weight.mul_(2)")) == ["Linear", "Tanh", "Linear"]


def test_modules_of_a_sequential_go_by_their_names() -> None:
    init = "self.all = nn.Sequential()\n        self.all.add_module('first', self.a)"
    assert kinds(read("return self.act(self.all.first(x))", init)) == ["Linear", "Tanh"]


def test_names_of_modules_may_be_formatted() -> None:
    init = "self.add_module('fc{}_{}'.format(1, 'x'), self.a)"
    assert kinds(read("return self.act(self.fc1_x(x))", init)) == ["Linear", "Tanh"]
    with pytest.raises(SourceError, match=r"net\.py:\d+: "):
        read("return self.fc01(x)", "self.add_module('fc{:02d}'.format(1), self.a)")


def test_one_number_a_sample_is_a_vector_of_them_in_a_batch() -> None:
    text = NET.format(init="self.c = nn.Linear(3, 1)", forward="return self.c(x).view(-1)", more="")
    text += "net = Net()\nloss = F.mse_loss(net(torch.randn(4, 3)), torch.randn(4))\nloss.backward()"
    experiment = from_text("net.py", text).experiment
    assert (experiment.batch, experiment.samples["y"].shape[1:]) == (4, (1,))


@pytest.mark.parametrize(
    "cost",
    [
        "torch.mean(torch.sum((net(x) - y) ** 2, dim=1))",
        "((net(x) - y) ** 2).sum(1).mean()",
        "(net(x) - y).pow(2).sum(axis=-1).mean()",
    ],
)
def test_a_sum_over_each_sample_and_then_a_mean_is_a_mean_over_the_batch(cost: str) -> None:
    text = f"net = Net()\nx, y = torch.randn(4, 3), torch.randn(4, 3)\nloss = {cost}\nloss.backward()"
    experiment = read(more=text).experiment
    assert (experiment.reduction, experiment.net.layers[-1].module.kind) == ("batch", "SquaredError")


def test_a_sum_over_samples_is_no_sum_of_all() -> None:
    text = "net = Net()\nx, y = torch.randn(4, 3), torch.randn(4, 3)\n"
    text += "loss = torch.mean(torch.sum((net(x) - y) ** 2, dim=0))\nloss.backward()"
    said = read(more=text).source.said
    assert [line for line in said if line.startswith("line 19: how the cost is made is not read (arithmetic of what")]


def test_a_net_that_is_made_to_evaluate_is_said() -> None:
    wanted = "line 17: that the net is there to evaluate (eval) is not read"
    assert wanted in read(more="net = Net().eval()\nout = net(torch.randn(4, 3))").source.said
    trained = "net = Net()\nout = net(torch.randn(4, 3))\nnet.eval()"
    assert not any("evaluate" in line for line in read(more=trained).source.said)
