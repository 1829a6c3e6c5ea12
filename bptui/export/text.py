"""Names and numbers as Python has them. Whatever a net is called, nothing in its names becomes code."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph, Node

WIDTH = 110  # columns up to which numbers stand in one line


class Identifiers:
    """Python names, each given once, and none of Python's own; `taken` are those that the program itself uses."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken, *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}

    def fresh(self, wanted: str) -> str:
        """The name as near as Python allows it; a number makes it another one where it is taken."""
        name = stem = identifier(wanted)
        number = 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name


def identifier(wanted: str) -> str:
    """A name of letters, digits and underscores, without one at its beginning or end.

    >>> identifier("m0.weight"), identifier("x''"), identifier("2 layers"), identifier("층1"), identifier("x²")
    ('m0_weight', 'x_2', 'n2_layers', '층1', 'x')
    """
    primed = re.sub(r"'+$", lambda primes: f"_{len(primes[0])}", wanted)
    name = re.sub(r"\W+", "_", primed).strip("_")
    if is_identifier(name):
        return name
    name = re.sub(r"\W+", "_", primed, flags=re.ASCII).strip("_")
    return name if name[:1].isalpha() else f"n{name}"


def is_identifier(name: str) -> bool:
    """Whether Python takes a name as it stands, and as no other one."""
    return name.isidentifier() and unicodedata.normalize("NFKC", name) == name and not name.startswith("_")


class Places(dict[str, str]):
    """The names that one module's texts put in; one that is not known is a fresh identifier from then on."""

    def __init__(self, known: Mapping[str, str], identifiers: Identifiers) -> None:
        super().__init__(known)
        self._identifiers = identifiers

    def __missing__(self, key: str) -> str:
        self[key] = self._identifiers.fresh(key)
        return self[key]


def places(
    graph: Graph,
    node: Node,
    values: Mapping[str, str],
    gradients: Mapping[str, str],
    identifiers: Identifiers,
    **more: str,
) -> Places:
    """What stands for a module's inputs, outputs, parameters and their gradients at this place of a program.

    `values` and `gradients` are the program's names of variables.
    """
    xs, ys = [values[name] for name in node.inputs], [values[name] for name in node.outputs]
    dxs, dys = ([gradients.get(name, "_") for name in names] for names in (node.inputs, node.outputs))
    sizes = ["".join(map(str, graph.variables[name].shape[:1])) for name in node.inputs]
    table = {"x": xs[0], "y": ys[0], "t": xs[-1], "dx": dxs[0], "dy": dys[0], "n": sizes[0]}
    table["rank"] = str(len(graph.variables[node.inputs[0]].shape))
    for letter, names in (("x", xs), ("y", ys), ("dx", dxs), ("dy", dys), ("n", sizes)):
        table |= {f"{letter}{k}": name for k, name in enumerate(names, 1)}
    table |= {"xs": ", ".join(xs), "ys": " = ".join(ys), "sum_x": " + ".join(xs)}
    table |= {"sum_dy": " + ".join(dys), "dxs": " = ".join(dxs)}
    own = {"weight": "W", "bias": "b"}
    for local, name in node.parameters.items():
        table |= {own.get(local, local): values[name], f"d{own.get(local, local)}": gradients.get(name, "_")}
    return Places(table | node.module.own_names(table | more) | more, identifiers)


def numbers(array: Array, indent: int = 0) -> str:
    """An array as nested lists, a row a line where it is long; every number reads back the same."""
    flat = repr(array.tolist())
    if array.ndim < 2 or len(flat) + indent <= WIDTH:
        return flat
    inner = " " * (indent + 4)
    rows = "".join(f"{inner}{numbers(row, indent + 4)},\n" for row in array)
    return "[\n" + rows + " " * indent + "]"


def one_line(text: str) -> str:
    """A text for a comment: whatever is no printable character is escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def docstring(*paragraphs: str) -> str:
    """Paragraphs as a docstring, in lines of a page's width."""
    body = "\n\n".join("\n".join(textwrap.wrap(one_line(text), 100)) for text in paragraphs)
    quoted = body.replace("\\", "\\\\")
    if '"""' in quoted or quoted.endswith('"'):
        quoted = quoted.replace('"', r"\"")
    return f'"""{quoted}"""' if "\n" not in quoted else f'"""{quoted}\n"""'


def literal(value: Any) -> str:
    """A Python or NumPy number as Python writes it."""
    return repr(value.item() if isinstance(value, np.generic | np.ndarray) else value)
