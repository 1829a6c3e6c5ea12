"""Mistakes that beginners make round a net: each has one clear line, with its place."""

from __future__ import annotations

import pytest

from bptui.sources.pytorch import Options, SourceError, from_text

SOURCE = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 3)
        self.fc2 = nn.Linear(3, 3)

    def forward(self, x):
        h = torch.relu(self.fc1(x))
        return self.fc2(h)


model = Net()
x = torch.tensor([[0.5, -1.0], [1.5, 0.25], [-0.75, 0.5]])
y = torch.tensor([0, 2, 1])
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(10):
    optimizer.zero_grad()
    out = model(x)
    loss = criterion(out, y)
    loss.backward()
    optimizer.step()
"""
CE = "nn.CrossEntropyLoss()"
MISTAKES = {
    "smoothing": (
        CE,
        "nn.CrossEntropyLoss(label_smoothing=0.1)",
        "19: nn.CrossEntropyLoss with label_smoothing is not",
    ),
    "weights of classes": (
        CE,
        "nn.CrossEntropyLoss(weight=torch.ones(3))",
        "19: nn.CrossEntropyLoss with weight is not",
    ),
    "no reduction": (
        CE,
        "nn.CrossEntropyLoss(reduction='none')",
        "19: nn.CrossEntropyLoss with reduction 'none' is not",
    ),
    "swapped": (
        "(out, y)",
        "(y, out)",
        "24: the cost takes what the net makes, then the target; here the target comes",
    ),
    "a class too many": (
        "[0, 2, 1]",
        "[0, 3, 1]",
        "24: the target has the class 3, the net has outputs for classes 0 to 2",
    ),
    "a negative class": ("[0, 2, 1]", "[0, -1, 1]", "24: the target has the class -1, the net has outputs"),
    "module": ("nn.Module", "nn.module", "5: Net derives from nn.module; wants nn.Module"),
    "no base": ("Net(nn.Module)", "Net", "5: Net derives from nothing; wants class Net(nn.Module)"),
    "a magic": (
        "import torch\n",
        "import torch\n%matplotlib inline\n",
        "2: %matplotlib inline is a command of a notebook",
    ),
    "a command": ("model = Net()", "!pip install x\nmodel = Net()", "16: !pip install x is a command of a notebook"),
    "no self": ("forward(self, x)", "forward(x)", "11: forward has no self: def forward(self, x)"),
    "a branch": (
        "        return",
        "        if h.sum() > 0:\n            h = 2 * h\n        return",
        "13: a branch that depends on the data is not supported",
    ),
    "a branch within": (
        "return self.fc2(h)",
        "return self.fc2(h) if h.mean() > 0 else h",
        "13: a branch that depends on the data is not supported",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_has_one_clear_line(name: str) -> None:
    right, wrong, wanted = MISTAKES[name]
    text = SOURCE.replace(right, wrong)
    assert text != SOURCE
    with pytest.raises(SourceError) as caught:
        from_text("net.py", text)
    assert str(caught.value).startswith(f"net.py:{wanted}")


def test_the_source_without_them_is_read() -> None:
    program = from_text("net.py", SOURCE)
    assert program.experiment.count == 3
    assert program.source.warnings == 0


def test_an_unsupported_cost_gives_way_to_one_that_is_named() -> None:
    text = SOURCE.replace(CE, "nn.CrossEntropyLoss(label_smoothing=0.1)")
    experiment = from_text("net.py", text, Options(cost="squared")).experiment
    assert experiment.net.layers[-1].module.kind == "SquaredError"


def test_of_two_things_the_order_does_not_matter_to_a_squared_error() -> None:
    text = SOURCE.replace(CE, "nn.MSELoss()").replace("[0, 2, 1]", "[[0.0, 1, 2], [1, 0, 1], [2, 2, 0]]")
    swapped = from_text("net.py", text.replace("(out, y)", "(y, out)")).experiment
    assert swapped == from_text("net.py", text).experiment
