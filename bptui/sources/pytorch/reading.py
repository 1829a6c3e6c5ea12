"""From a path to a syntax tree, within bounds."""

from __future__ import annotations

import ast
import warnings

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


def parsed(text: str) -> ast.Module:
    """The syntax tree. Raises Refusal, where it is no Python or too large."""
    if "\0" in text:
        raise Refusal(text.count("\n", 0, text.index("\0")) + 1, "holds a null character; wants Python source")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are wrong in the file, which is not ours
            tree = ast.parse(text)
    except SyntaxError as error:
        raise Refusal(error.lineno or 1, f"is no Python: {error.msg}") from None
    except (ValueError, OverflowError) as error:
        raise Refusal(1, f"is no Python: {error}") from None
    except (RecursionError, MemoryError):
        raise Refusal(1, "is nested too deeply") from None
    _refuse_large(tree)
    return tree


def _refuse_large(tree: ast.Module) -> None:
    """Breadth first, without recursion."""
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        count, depth = count + len(level), depth + 1
        if depth > NESTING:
            line = next((node.lineno for node in level if hasattr(node, "lineno")), 1)
            raise Refusal(line, f"is nested more than {NESTING} deep")
        if count > NODES:
            raise Refusal(1, f"has more than {NODES:,} parts")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
