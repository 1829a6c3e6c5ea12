"""From a path to a syntax tree, within bounds."""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bptui.sources.arrays import FileError, read_bytes
from bptui.sources.pytorch.limits import BYTES, NESTING, NODES
from bptui.sources.pytorch.problem import Refusal, SourceError


def text_of(path: str) -> str:
    """The text of a file. Raises SourceError."""
    try:
        data = read_bytes(path, BYTES)
    except FileError as error:
        raise SourceError(str(error)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{path}:{line}: is not text in UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, eq=False)
class Tree:
    """A syntax tree, and all that is in it by kind, breadth first."""

    module: ast.Module
    nodes: Mapping[type[ast.AST], list[Any]]


def parsed(text: str) -> Tree:
    """The syntax tree. Raises Refusal, where it is no Python or too large."""
    if "\0" in text:
        raise Refusal(text.count("\n", 0, text.index("\0")) + 1, "holds a null character; wants Python source")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are wrong in the file, which is not ours
            tree = ast.parse(text)
    except SyntaxError as error:
        command = _command(text, error.lineno or 1)
        if command:
            raise Refusal(error.lineno or 1, f"{command} is a command of a notebook, no Python; leave it out") from None
        raise Refusal(error.lineno or 1, f"is no Python: {error.msg}") from None
    except (ValueError, OverflowError) as error:
        raise Refusal(1, f"is no Python: {error}") from None
    except (RecursionError, MemoryError):
        raise Refusal(1, "is nested too deeply") from None
    return Tree(tree, _bounded(tree))


def _command(text: str, number: int) -> str:
    """What a notebook would do at a line, `%matplotlib inline` or `!pip install torch`; empty for other lines."""
    lines = text.split("\n")
    line = lines[number - 1].strip() if number <= len(lines) else ""
    return line[:40] if re.match(r"[%!][\w%]", line) else ""


class Numbers(ast.expr):
    """A list of numbers, or of such lists, that the file writes out: one node in the place of many."""

    def __init__(self, node: ast.List, value: list[Any]) -> None:
        super().__init__()
        ast.copy_location(self, node)
        self.value = value


PLAIN = frozenset(("attr", "ctx", "kind", "type_comment"))  # fields in which there is nothing to look into
WITH_CONTEXT = frozenset((ast.Attribute, ast.Subscript, ast.Starred, ast.List, ast.Tuple))


def _bounded(tree: ast.Module) -> Mapping[type[ast.AST], list[Any]]:
    """Put `Numbers` in the tree, and return all nodes. Raises Refusal for one that is too large. Without recursion."""
    level: list[ast.AST] = [tree]
    count = depth = 0
    others: set[int] = set()
    nodes: defaultdict[type[ast.AST], list[Any]] = defaultdict(list)
    fields: dict[type[ast.AST], list[str]] = {}
    while level:
        depth += 1
        if depth > NESTING:
            line = next((node.lineno for node in level if hasattr(node, "lineno")), 1)
            raise Refusal(line, f"is nested more than {NESTING} deep")
        inside: list[ast.AST] = []
        for node in level:
            count += 1
            kind = type(node)
            if kind is ast.Name:  # half of all nodes are names and what is done to them
                count += 1
                continue
            nodes[kind].append(node)
            if kind not in fields:
                fields[kind] = [name for name in kind._fields if name not in PLAIN]
            if kind in WITH_CONTEXT:
                count += 1
            for name in fields[kind]:
                part = getattr(node, name, None)
                if not part:
                    continue
                if part.__class__ is list:
                    if ast.List in map(type, part):
                        count += _compact(part, others)
                    inside += [each for each in part if isinstance(each, ast.AST)]
                elif part.__class__ is ast.List and isinstance(part.ctx, ast.Load):
                    one = [part]
                    count += _compact(one, others)
                    setattr(node, name, one[0])
                    inside += one
                elif isinstance(part, ast.AST):
                    inside.append(part)
        if count > NODES:
            raise Refusal(1, f"has more than {NODES:,} parts")
        level = inside
    return nodes


def _compact(parts: list[Any], others: set[int]) -> int:
    """Replace the lists of numbers among some nodes, in place; how many nodes are gone. `others` are no such lists."""
    gone = 0
    for k, part in enumerate(parts):
        if type(part) is ast.List:
            found = _numbers(part, others)
            if found is not None:
                parts[k] = Numbers(part, found[0])
                gone += found[1]
    return gone


def _numbers(node: ast.List, others: set[int]) -> tuple[list[Any], int] | None:
    """What a list of numbers holds, and of how many nodes it is made beside its own; None for any other list."""
    made: list[Any] = []
    count = 0
    for each in () if id(node) in others else node.elts:
        sign = 1
        if type(each) is ast.UnaryOp and type(each.op) is ast.USub:
            each, sign, count = each.operand, -1, count + 2
        inner = _numbers(each, others) if type(each) is ast.List and sign == 1 else None
        if inner is not None:
            made.append(inner[0])
            count += inner[1] + 1
        elif isinstance(each, ast.Constant) and isinstance(each.value, int | float) and type(each.value) is not bool:
            made.append(sign * each.value)
            count += 1
        else:
            made = []
            break
    if not made:
        others.add(id(node))
    return (made, count) if made else None
