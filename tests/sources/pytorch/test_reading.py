"""What is decided in reading a file, and that it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bptui.engine.optimisers import SGD, Adam, Momentum
from bptui.sources.pytorch import (
    Options,
    Program,
    SourceError,
    effort,
    from_text,
    parsed_argument,
    parsed_shape,
    read,
    scan,
)

NET = """import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.fc1 = nn.Linear(3, width)
        self.fc2 = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


net = Net()
"""


def of(text: str, **options: object) -> Program:
    return from_text("net.py", text, Options(**options))  # type: ignore[arg-type]


def said(text: str) -> str:
    return "; ".join(of(text).source.said)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", "no cost is in the file: cross-entropy"),
        ("", "no optimiser is in the file: SGD, learning rate 0.1"),
        ("loss = nn.CrossEntropyLoss()", "line 17: the cost is cross-entropy, its mean"),
        ("loss = ((net(x) - y) ** 2).sum()", "line 17: the cost is squared error, its sum over the batch"),
        ("loss = (net(x) - y).abs().mean()", "line 17: the cost is absolute error, its mean"),
        ("a, b = nn.MSELoss(), nn.L1Loss()", "the cost is squared; the file has absolute too"),
        ("o = torch.optim.LBFGS(net.parameters())", "line 17: optim.LBFGS is not known here; SGD"),
        ("o = torch.optim.SGD(net.parameters(), lr=LR)", "optim.SGD: lr is only known when the file runs; SGD"),
        ("o = torch.optim.SGD(net.parameters(), lr=0.1, dampening=0.5)", "optim.SGD with dampening is not supported"),
        ("o = torch.optim.Adam(net.parameters()); p = torch.optim.SGD([], 0.1)", "the first optimiser of the file"),
        ("o = torch.optim.SGD([{'params': net.fc1.parameters(), 'lr': 1}], lr=0.1)", "groups of parameters"),
        ("s = torch.optim.lr_scheduler.StepLR(o, 3)", "line 17: the schedule of the learning rate is not read"),
        ("net.load_state_dict(torch.load('a.pt'))", "line 17: parameters that the file sets are not read"),
        ("net.fc1.weight.data.fill_(0.1)", "line 17: parameters that the file sets are not read"),
        ("net.fc1.requires_grad_(False)", "parameters that are frozen (requires_grad) are not read"),
        ("for p in net.fc1.parameters(): p.requires_grad = False", "(requires_grad) are not read"),
        ("", "a sample of x is 3 numbers, from the first Linear (fc1, line 9)"),
        ("y = net(torch.randn(5, 3))", "the samples are made: 64 of random inputs"),
    ],
)
def test_decisions_are_said(line: str, wanted: str) -> None:
    assert wanted in said(NET + line + "\n")


def test_settings_of_the_optimiser() -> None:
    for text, optimiser, lr, l2 in (
        ("torch.optim.SGD(net.parameters(), 0.2)", SGD(), 0.2, 0.0),
        ("torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.5, weight_decay=0.01)", Momentum(0.5), 0.2, 0.005),
        ("torch.optim.Adam(params=net.parameters(), eps=1e-6)", Adam(eps=1e-6), 1e-3, 0.0),
    ):
        experiment = of(f"{NET}o = {text}\n").experiment
        assert (experiment.optimiser, experiment.lr, experiment.l2) == (optimiser, lr, l2)
        assert experiment.decay_biases == (l2 > 0)


def test_the_minibatch_is_that_of_the_call_or_of_the_loader() -> None:
    assert of(NET).experiment.batch == 1
    assert of(NET + "net(torch.zeros(7, 3))\n").experiment.batch == 7
    assert of(NET + "loader = torch.utils.data.DataLoader(data, batch_size=16)\n").experiment.batch == 16


def test_a_module_that_is_never_called_is_said() -> None:
    text = NET.replace("self.fc2(torch.relu(self.fc1(x)))", "torch.relu(self.fc1(x))")
    assert "line 10: fc2 is made and never called, so it is not drawn" in said(text)


def test_names_of_variables() -> None:
    lines = ("x = self.fc1(x)", "h1 = torch.relu(x)", "h1 = h1 * 2", "h1 = -h1", "return self.fc2(h1)")
    body = "\n        ".join(lines)
    layers = of(NET.replace("return self.fc2(torch.relu(self.fc1(x)))", body)).experiment.net.layers
    assert [layer.outputs[0] for layer in layers] == ["x2", "h1", "h1b", "h1c", "s1", "C"]
    assert [layer.name for layer in layers] == ["fc1", "relu", "scale", "negate", "fc2", "cost"]


def test_which_class_is_meant() -> None:
    two = NET.replace("net = Net()\n", "") + "class Head(nn.Module):\n    def forward(self, x): return x.tanh()\n"
    assert of(two, shapes=((3,),)).experiment.net.name == "Head"  # the last that no other uses
    assert of(two + "net = Net()\n").experiment.net.name == "Net"  # the one that the file makes
    assert of(two + "net = Net()\n", cls="Head", shapes=((3,),)).experiment.net.name == "Head"
    with pytest.raises(SourceError, match=r"makes several nets; --class NAME says which: Net, Head"):
        of(two + "a, b = Net(), Head()\n")


def test_arguments_and_shapes_as_words() -> None:
    assert parsed_argument("d0=600") == ("d0", 600)
    assert parsed_argument("act=tanh") == ("act", "tanh")
    assert parsed_argument("sizes=[1, 2]") == ("sizes", [1, 2])
    assert parsed_shape("3,10,20") == parsed_shape("3x10x20") == (3, 10, 20)
    for word in ("d0", "=3", "d 0=3"):
        with pytest.raises(ValueError, match="wants NAME=VALUE"):
            parsed_argument(word)
    for word in ("", "0", "-3", "3,", "a", "9999999,9999999"):
        with pytest.raises(ValueError, match="--input-shape"):
            parsed_shape(word)


def test_what_the_file_does_to_its_net_afterwards() -> None:
    for line in ("net.name = 'mlp'", "net.train(); net.eval(); net.zero_grad()", "net.fc1.weight.grad = None"):
        assert of(f"{NET}{line}\n").experiment.net == of(NET).experiment.net
    for line in ("net.fc1 = nn.Linear(3, 9)", "net.fc1.bias = None", "net.add_module('fc1', None)", "del net.fc1"):
        with pytest.raises(SourceError, match=r"net\.py:17: .*change"):
            of(f"{NET}{line}\n")


def test_super_is_called_first() -> None:
    with pytest.raises(SourceError, match=r"net\.py:8: cannot assign module before Module\.__init__\(\) call"):
        of(NET.replace("        super().__init__()\n", ""))


def test_lines_of_a_sequential_are_those_where_its_modules_are_made() -> None:
    text = "from torch import nn\nmodel = nn.Sequential(\n    nn.Linear(2, 3),\n    nn.ReLU(),\n)\n"
    assert dict(of(text).source.lines) == {"0": 3, "1": 4}


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("none.py", None, "none.py: No such file"),
        ("latin.py", b"# caf\xe9\n", "latin.py:1: is not text in UTF-8"),
        ("large.py", b"#" * (5 << 20), "large.py: has 5 MB, wants at most 4 MB"),
    ],
)
def test_files_that_cannot_be_read(name: str, data: bytes | None, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read(str(path))
    assert wanted in str(caught.value)


def test_marks_of_windows_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"\xef\xbb\xbf" + NET.replace("\n", "\r\n").encode())
    assert read(str(path)).source.lines == of(NET).source.lines


@pytest.mark.parametrize(("line", "most"), [("a{} = 1", 0), ("def a{}(): pass", effort.STEPS // 900)])
def test_a_file_of_many_names_is_not_looked_through_once_for_each(
    line: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, kept = [], scan.kept

    def counted(value: Any) -> Any:
        looks.append(1)
        return kept(value)

    monkeypatch.setattr(scan, "kept", counted)
    with pytest.raises(SourceError):
        from_text("many.py", "\n".join(line.format(k) for k in range(900)))
    assert len(looks) <= most
