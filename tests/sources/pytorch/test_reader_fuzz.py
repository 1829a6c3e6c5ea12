"""Whatever file is given to the reader: a net, or one clear line, soon."""

from __future__ import annotations

import random
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from cases import cases
from mutations import WORDS, mutated

from bptui.session.session import Session
from bptui.sources.pytorch import Options, SourceError, from_text

SOURCES = [case.path.read_text(encoding="utf-8") for case in cases()]
LIBRARY = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
SMALL = [path for path in LIBRARY[::8] if path.stat().st_size < 40_000]


def reads(text: str, path: str = "net.py") -> None:
    """Raise AssertionError unless the text gives a net that can be opened, or one line."""
    try:
        program = from_text(path, text)
    except SourceError as error:
        line = str(error)
        assert line.startswith(f"{path}:"), line
        assert line.isprintable(), line
        assert 10 < len(line) < 800, line
    else:
        Session(program.experiment).moment()


@given(st.sampled_from(SOURCES), st.integers(0, 2**32))
def test_mutated_sources(text: str, seed: int) -> None:
    reads(mutated(text, random.Random(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_many_mutated_sources(part: int) -> None:
    chance = random.Random(part)
    for _ in range(1500):
        text = mutated(chance.choice(SOURCES), chance)
        try:
            reads(text)
        except BaseException as error:
            raise AssertionError(f"{error!r} on:\n{text}") from error


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    reads(text)


@given(st.lists(st.sampled_from([*WORDS, "\n", "\n    ", "\n        "]), max_size=60))
def test_any_words(words: list[str]) -> None:
    reads("import torch\nfrom torch import nn\n" + " ".join(words))


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.stem)
def test_files_of_the_standard_library(path: Path) -> None:
    reads(path.read_bytes().decode("utf-8", "replace"))


@pytest.mark.slow
@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_all_files_of_the_standard_library_as_the_rest_of_a_net(path: Path) -> None:
    """Each as what stands around a net: it is gone through leniently."""
    text = path.read_bytes().decode("utf-8", "replace")
    net = "\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(2, 3), nn.ReLU())\n"
    reads(text)
    reads(text + net)


LIMITED = """
import os, resource, signal, sys, time, traceback
from bptui.sources.pytorch import SourceError, read

def one(path):
    for stream, kind in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{path}.{kind}", os.O_WRONLY | os.O_CREAT), stream)
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    signal.alarm(120)
    start = time.process_time()
    try:
        read(path)
    except SourceError as error:
        print(str(error)[:300])
    print("net" if time.process_time() - start < 20 else "slow", file=sys.stderr)

for line in sys.stdin:
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    ended = 1
    try:
        one(line.rstrip())
        ended = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)
"""
HEAD = "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
BOMBS = {
    "brackets": "(" * (5 << 20),
    "closed brackets": "[" * (2 << 20) + "]" * (2 << 20),
    "many brackets": "[" * 400_000 + "]" * 400_000,
    "ninety brackets, many times": ("[" * 90 + "]" * 90 + "\n") * 4000,
    "minus signs": "x = " + "-" * 500_000 + "1",
    "not": "x = " + "not " * 200_000 + "1",
    "attributes": "x = a" + ".b" * 300_000,
    "calls": "x = f" + "()" * 300_000,
    "sums": "x = 1" + "+1" * 400_000,
    "indents": "".join(" " * k + "if 1:\n" for k in range(95)) + " " * 96 + "pass",
    "comparisons": "x = 1" + "<1" * 300_000,
    "an endless line": "x = '" + "a" * 1_000_000 + "'",
    "assignments": "x = 1\n" * 150_000,
    "a power": f"{HEAD}        self.a = nn.Linear(2, 10 ** 10 ** 10)\n    def forward(self, x): return self.a(x)",
    "a power of powers": "x = 9\n" + "x = x ** x\n" * 20,
    "a shift": f"{HEAD}        n = 1 << 10 ** 9\n        self.a = nn.Linear(2, n)\n",
    "a long list": "x = [0] * 10 ** 12\ny = 'a' * 10 ** 12\nz = list(range(10 ** 12))\n",
    "doubled lists": "x = [0]\n" + "x = x + x\n" * 60,
    "doubled texts": "x = 'a'\n" + "x = f'{x}{x}'\n" * 60,
    "nested doubling": "x = [0]\n" + "x = [x, x]\n" * 60 + "print(x == x)\n" + "y = x\n",
    "lists compared": "x = [0]\ny = [0]\n" + "x = [x, x]\ny = [y, y]\n" * 60 + "print(x == y, {x: 1})\n",
    "tuples as keys": "x = (0,)\n" + "x = (x, x)\n" * 60 + "y = {x: 1}\nprint(f'{x}')\n",
    "a list in itself": f"{HEAD}        x = []\n        x.append(x)\n        self.a = nn.Linear(2, len(x))\n"
    "    def forward(self, y): return self.a(y)\nx = []\nx.append(x)\nnet = Net()\nprint(x == [x], x)\n",
    "lists appended": "x = [0]\nfor i in range(100):\n    y = [x]\n    y.append(x)\n    x = y\nprint(x == y)\n",
    "many nets": f"{HEAD}        self.a = nn.Linear(2, 2)\n    def forward(self, x): return self.a(x)\n"
    "big = list(range(9999))\nfor i in range(200):\n    for j in range(200):\n        net = Net()\n        net(j)\n",
    "loops in loops": "".join(" " * k + f"for i{k} in range(100):\n" for k in range(9)) + " " * 10 + "y = 1",
    "recursion": "def f(n):\n    return f(n) + f(n)\nf(1)\n",
    "a forward that calls itself": f"{HEAD}        self.a = nn.Linear(2, 2)\n    def forward(self, x): return self(x)",
    "a module in itself": f"{HEAD}        self.a = self\n        self.b = nn.Linear(2, 2)\n"
    "    def forward(self, x): return self.b(x)",
    "many modules": f"{HEAD}        self.a = nn.ModuleList([nn.ModuleList([nn.Linear(9, 9) for _ in range(999)]) "
    "for _ in range(999)])\n    def forward(self, x): return self.a[0][0](x)",
    "large modules": f"{HEAD}        self.a = nn.Linear(100000, 100000)\n    def forward(self, x): return self.a(x)",
    "a wide input": f"{HEAD}        self.a = nn.Linear(4000000, 1)\n    def forward(self, x): return self.a(x)",
    "many calls": f"{HEAD}        self.a = nn.Linear(2, 2)\n    def forward(self, x):\n"
    "        for i in range(9999):\n            for j in range(9999):\n                x = self.a(x)\n        return x",
    "an endless loop": f"{HEAD}        while True: pass\n    def forward(self, x): return x",
    "a long number": "x = " + "9" * 100_000,
    "null": "x = 1\0",
    "an f-string": "x = " + "f'{" * 50 + "1" + "}'" * 50,
}
LONG = {  # seconds each
    *("ninety brackets, many times", "assignments", "comparisons"),
    *("many nets", "loops in loops", "recursion", "an endless loop"),
}


@pytest.fixture(scope="module")
def reader() -> Iterator[subprocess.Popen[str]]:
    """A Python that has loaded the reader, and reads each path that it is told in a limited process of its own."""
    words = [sys.executable, "-c", LIMITED]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


@pytest.mark.some(3)
@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in BOMBS])
def test_bombs(name: str, reader: subprocess.Popen[str], tmp_path: Path) -> None:
    """Within 2 GB and 20 seconds of its own: generous, and whatever other processes do."""
    path = tmp_path / "bomb.py"
    path.write_text(BOMBS[name], encoding="utf-8")
    assert reader.stdin is not None and reader.stdout is not None
    print(path, file=reader.stdin, flush=True)
    ended = reader.stdout.readline().strip()
    out, err = (path.with_name(f"bomb.py.{kind}").read_text(encoding="utf-8") for kind in ("out", "err"))
    assert ended == "0", err[-2000:]
    assert err == "net\n"
    assert out == "" or out.startswith(f"{path}:")
    assert out.count("\n") <= 1


def test_files_that_are_no_text() -> None:
    with pytest.raises(SourceError, match=r"net\.py:1: is no Python"):
        from_text("net.py", "\N{SNOWMAN} = 1", Options())
