"""Whatever a net, its modules and its variables are called, a program says the same and nothing in a name is run."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from runs import run_torch

from bptui.engine.modules import Add, Dropout, Linear, ReLU, SquaredError
from bptui.engine.net import Net
from bptui.export.attributes import paths
from bptui.export.numpy_program import numpy_program
from bptui.export.text import Identifiers, docstring
from bptui.export.torch_program import torch_program
from bptui.session.experiment import Experiment

WORDS = [
    "np", "torch", "nn", "self", "model", "C", "x", "def", "print", "forward", "type", "m0.weight", "a.b", "a", "a.b.c",
    "_", "__init__", "1", "", " ", ".", "'", '"', '"""', "\\", "\n", "\r", "\u2028", "#", "{x}", "{", "ȳ", "é",
    '"""\nraise SystemExit(3)\n"""', "\nraise SystemExit(3)#", "');raise SystemExit(3)#", "check", "dx", "\x00",
]  # fmt: skip
encodable = st.characters(exclude_categories=["Cs"])  # names go into keys of random numbers, as UTF-8
words = st.one_of(st.sampled_from(WORDS), st.text(encodable, max_size=12), st.text("abc\"'\\\n #.{}", max_size=6))
own = words.filter(lambda word: word and not re.search(r"'\d*$", word))  # so end the graph's own copies
several = st.lists(own, min_size=9, max_size=9, unique=True)


def named(names: list[str], title: str, description: str) -> Experiment:
    """A net with these names: x, s, t, u, z, target, and modules m, h, …"""
    x, s, z, u, y, m, h, d, a = names
    net = Net(title, description)
    net = net.input(x, 2).add(m, Linear(2), [x], [s]).add(h, ReLU(), [s], [z]).add(d, Dropout(0.5), [z], [u])
    net = net.add(a, Add(), [u, x], [u + "+"]).target(y, 2).add(a + "+", SquaredError(), [u + "+", y], [u + "++"])
    return Experiment(net, batch=2, l2=0.1)


def taken(names: list[str], title: str, description: str) -> Experiment:
    """The experiment, where the engine takes the names: not two in one, such as a variable called as a parameter is."""
    try:
        return named(names, title, description).validated()
    except ValueError:
        assume(False)
        raise


@given(several, words, words | st.just("\ud800"))
def test_names_break_no_program(names: list[str], title: str, description: str) -> None:
    experiment = taken(names, title, description)
    for write in (torch_program, numpy_program):
        text = "".join(write(experiment))
        text.encode()
        tree = ast.parse(text)
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "SystemExit" not in calls
        assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))


@given(several, words, words)
def test_numpy_programs_with_odd_names_give_the_numbers(names: list[str], title: str, description: str) -> None:
    program = "".join(numpy_program(taken(names, title, description)))
    exec(compile(program, "exported.py", "exec"), {})


@given(several, words, words)
def test_torch_programs_with_odd_names_give_the_numbers(names: list[str], title: str, description: str) -> None:
    pytest.importorskip("torch")
    run_torch("".join(torch_program(taken(names, title, description))))


@given(st.text())
def test_a_docstring_says_its_text(text: str) -> None:
    said = ast.literal_eval(docstring(text))
    squeezed = re.sub(r"\s+", "", "".join(c if c.isprintable() else repr(c)[1:-1] for c in text))
    assert re.sub(r"\s+", "", said) == squeezed


def test_identifiers_are_given_once() -> None:
    taken = Identifiers(["np"])
    wanted = ["np", "np", "np_2", "m0.weight", "m0_weight", "for", "", "3d"]
    assert [taken.fresh(name) for name in wanted] == [
        "np_2", "np_3", "np_2_2", "m0_weight", "m0_weight_2", "for_2", "n", "n3d"
    ]  # fmt: skip


def test_paths_that_pytorch_has_no_place_for() -> None:
    names = ["fc", "fc.out", "enc.fc1", "net.0", "train", "a b", "c d", "x..y", "0", "_w", "층1"]
    found = paths(names, set(names) - {"a b"})
    assert [found[name] for name in names] == [
        ("fc_2",), ("fc", "out"), ("enc", "fc1"), ("net", "0"), ("train_2",), ("a_b",), ("c d",), ("x_y",), ("0",),
        ("w",), ("층1",),
    ]  # fmt: skip
