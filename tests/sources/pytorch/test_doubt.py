"""What only running the file would tell is never guessed: the reader says so, and where."""

from __future__ import annotations

import pytest

from bptui.sources.pytorch import SourceError, from_text

NET = """import sys, random
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        return self.layers(x)


class Config:
    def __init__(self):
        self.sizes = [4, 3, 2]


sizes, config, names = [4, 3, 2], Config(), {"a": [4, 3, 2]}
"""


def sizes_of(text: str) -> list[int]:
    """The sizes of the net that a file makes. Raises SourceError."""
    weights = [p.shape for p in from_text("net.py", NET + text).experiment.graph.parameters if len(p.shape) == 2]
    return [weights[0][1], *(shape[0] for shape in weights)]


@pytest.mark.parametrize(
    "text",
    [
        "if len(sys.argv) > 1: sizes.append(5)\nnet = Net(sizes)",
        "if sys.argv: sizes = [4, 2]\nnet = Net(sizes)",
        "sizes.extend(sys.argv)\nnet = Net(sizes)",
        "sizes.insert(int(sys.argv[1]), 5)\nnet = Net(sizes)",
        "sizes.sort(key=lambda n: random.random())\nnet = Net(sizes)",
        "sizes.remove(3)\nnet = Net(sizes)",
        "sizes[1:2] = [7, 8]\nnet = Net(sizes)",
        "del sizes[1]\nnet = Net(sizes)",
        "random.shuffle(sizes)\nsizes[1] = int(sys.argv[1])\nnet = Net(sizes)",
        "while len(sizes) < 6: sizes.append(3)\nnet = Net(sizes)",
        "for word in sys.argv: sizes.append(3)\nnet = Net(sizes)",
        "for k in range(9):\n    sizes.append(k + 1)\n    if random.random() > 0.5: break\nnet = Net(sizes)",
        "for k in range(9):\n    if random.random() > 0.5: continue\n    sizes.append(k + 1)\nnet = Net(sizes)",
        "for k in range(1000): sizes.append(3)\nnet = Net(sizes)",
        "if sys.argv: config.sizes = [4, 9]\nnet = Net(config.sizes)",
        "if sys.argv: config.sizes.append(9)\nnet = Net(config.sizes)",
        "names['a'] = sys.argv\nnet = Net(names['a'])",
        "names.update(sys.argv)\nnet = Net(names['a'])",
        "def width():\n    if sys.argv: return 9\n    return 3\nnet = Net([4, width(), 2])",
        "def width():\n    for word in sys.argv: return 9\n    return 3\nnet = Net([4, width(), 2])",
        "def width():\n    try: return int(sys.argv[1])\n    except ValueError: pass\n    return 3\n"
        "net = Net([4, width(), 2])",
        "net = Net(sizes if sys.platform == 'linux' else [4, 2])",
        "net = Net(sizes if 'a' in sys.argv else [4, 2])",
        "net = Net(sizes if not sys.argv else [4, 2])",
        "net = Net(sys.argv or sizes)",
        "try: width = int(sys.argv[1])\nexcept ValueError: width = 3\nnet = Net([4, width, 2])",
        "net = Net(sorted({4, 3, 2}))",
        "net = Net([4, len(set([3, 3, 3])), 2])",
        "with open('w') as f: width = int(f.read())\nnet = Net([4, width, 2])",
        "n = 4\nnet = Net([4, 3 if n is 4 else 9, 2])",
        "import os\nnet = Net([4, int(os.environ.get('W', 3)), 2])",
        "sizes = [int(word) for word in sys.argv]\nnet = Net(sizes)",
        "width = 3\ndef grow():\n    global width\n    if sys.argv: width = 9\ngrow()\nnet = Net([4, width, 2])",
    ],
)
def test_it_is_refused(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        print(text, sizes_of(text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("net = Net(sizes)\nsizes.append(9)\nsizes[0] = 7", [4, 3, 2]),
        ("net = Net(config.sizes)\nconfig.sizes.append(9)", [4, 3, 2]),
        ("for k in range(3): sizes.append(k + 1)\nnet = Net(sizes)", [4, 3, 2, 1, 2, 3]),
        ("if len(sizes) == 3: sizes.append(5)\nnet = Net(sizes)", [4, 3, 2, 5]),
        ("def grow(): sizes.append(9)\nnet = Net(sizes)", [4, 3, 2]),
        ("def grow(): sizes.append(9)\ngrow()\nnet = Net(sizes)", [4, 3, 2, 9]),
        ("def width(deep=False):\n    if deep: return 9\n    return 3\nnet = Net([4, width(), 2])", [4, 3, 2]),
        ("if sys.argv: other = 9\nnet = Net(sizes)", [4, 3, 2]),
        ("for k in range(9):\n    if k == 1: break\n    sizes.append(k + 1)\nnet = Net(sizes)", [4, 3, 2, 1]),
        ("sizes, other = [4, 2], sizes\nnet = Net(sizes)", [4, 2]),
        ("sizes += [7]\nnet = Net(sizes)", [4, 3, 2, 7]),
        ("other = sizes\nother.append(7)\nnet = Net(sizes)", [4, 3, 2, 7]),
        ("other = list(sizes)\nother.append(7)\nnet = Net(sizes)", [4, 3, 2]),
        ("first, *rest = sizes\nnet = Net([first, *rest[::-1]])", [4, 2, 3]),
        ("width = 3\ndef wider():\n    global width\n    width = 9\nwider()\nnet = Net([4, width, 2])", [4, 9, 2]),
        ("net = Net([4, 3 if sizes is not None else 9, 2])", [4, 3, 2]),
    ],
)
def test_it_is_known(text: str, wanted: list[int]) -> None:
    assert sizes_of(text) == wanted
