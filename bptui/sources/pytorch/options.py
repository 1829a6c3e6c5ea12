"""argparse in a file: what it would give if the file were run without words on its command line."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.values import Class, Instance, Library, Unknown, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine

FLAGS = {"store_true": False, "store_false": True, "count": None, "append": None}
TYPES: dict[str, Any] = {"builtins.int": int, "builtins.float": float, "builtins.str": str}


@dataclass(eq=False)
class Parser:
    """An ArgumentParser, and the defaults of its options by name."""

    line: int
    defaults: dict[str, Value] = field(default_factory=dict)


def called(
    machine: Machine, parser: Parser, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    """What a method of a parser gives."""
    if name == "add_argument":
        _add(parser, arguments, keywords, line)
    elif name == "set_defaults":
        parser.defaults |= keywords
    elif name == "parse_args":
        words = [*arguments[:1], *(value for key, value in keywords.items() if key == "args")]
        if words not in ([], [None], [[]]):
            return Unknown("what a parser makes of these words is not followed", line)
        machine.evidence.unread.append(("words of the command line (argparse gives its defaults) are", line))
        return _namespace(parser, line)
    elif name == "parse_known_args":
        return (called(machine, parser, "parse_args", (), {}, line), [])
    elif name in ("add_argument_group", "add_mutually_exclusive_group"):
        return parser
    return Unknown(f".{name} of a parser is not followed", line)


def _add(parser: Parser, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> None:
    names = [each for each in arguments if isinstance(each, str)]
    longest = next((each for each in names if each.startswith("--")), names[0] if names else "")
    name = keywords.get("dest", longest.lstrip("-").replace("-", "_"))
    if not isinstance(name, str) or not name:
        return
    action, kind = keywords.get("action", "store"), keywords.get("type")
    default = keywords.get("default", FLAGS.get(action) if isinstance(action, str) else None)
    if (not longest.startswith("-") and "default" not in keywords) or keywords.get("required"):
        default = Unknown(f"{name} is given on the command line alone", line)
    elif isinstance(default, str) and kind is not None:  # argparse reads a text as it reads a word
        default = _read(default, kind, name, line)
    parser.defaults[name] = default


def _read(text: str, kind: Value, name: str, line: int) -> Value:
    function = TYPES.get(kind.name) if isinstance(kind, Library) else None
    try:
        return Unknown(f"{name} is not known", line) if function is None or len(text) > 100 else function(text)
    except ValueError:
        return Unknown(f"{name} is not known", line)


def _namespace(parser: Parser, line: int) -> Instance:
    """The object that parse_args gives."""
    (node,) = ast.parse("class Namespace: pass").body
    assert isinstance(node, ast.ClassDef)
    return Instance(Class(node, None, None), line, dict(parser.defaults))
