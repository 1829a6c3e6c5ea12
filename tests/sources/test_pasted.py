"""A source that is pasted holds nobody up, whatever stands in it."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from bptui.session.actions import ActionError
from bptui.sources import pasted as module
from bptui.sources.pasted import pasted
from bptui.sources.pytorch import SourceError

HEAD = "import torch\nfrom torch import nn\n\n\n"


def net(made: str = "", called: str = "", inputs: str = "x") -> str:
    return f"""{HEAD}class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 3)
{made}
    def forward(self, {inputs}):
{called}
        return self.a(x)
"""


INPUTS = [f"a{k}" for k in range(60)]


@pytest.mark.parametrize(
    "text",
    [
        net("        for i in range(9999):\n            for j in range(9999):\n                k = i + j\n"),
        net("        z = list(range(9999))\n        for i in range(60):\n            y = sum(z)\n"),
        net("        z = [0] * 9999\n        for i in range(60):\n            y = z[1:] + [1]\n"),
        net(
            "        self.b = nn.Linear(2, 3)\n        for i in range(200):\n            k = [i, i + 1, i + 2]\n",
            "\n".join(f"        {name} = self.b({name})" for name in INPUTS),
            ", ".join(["x", *INPUTS]),
        ),
    ],
    ids=["loops", "sums", "copies", "begun again for each input"],
)
def test_a_source_that_would_take_long_is_one_line(text: str) -> None:
    with pytest.raises(SourceError, match=r"line \d+: takes more than 50,000 steps to read"):
        pasted(text)


def test_a_source_is_read_no_longer_than_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", -1.0)
    with pytest.raises(ValueError, match="this source takes too long to read"):
        pasted(net("        for i in range(999):\n            k = i + i\n"))


def test_who_leaves_ends_the_reading_of_a_source() -> None:
    def leave(step: int) -> None:
        raise ActionError("stopped on the way")

    with pytest.raises(ActionError, match="stopped on the way"):
        pasted(net("        for i in range(999):\n            k = i + i\n"), leave)


def test_many_classes_are_not_looked_through_once_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    walked, walk = [], ast.walk

    def counted(node: ast.AST) -> Any:
        walked.append(node)
        return walk(node)

    monkeypatch.setattr(ast, "walk", counted)
    one = net().removeprefix(HEAD)
    opened, place = pasted(HEAD + "".join(one.replace("Net", f"N{k}") for k in range(200)))
    assert place == "step" and opened.source is not None
    assert len(walked) < 2000
