"""Values out of a TOML document, each checked for its type and bounds; errors say where, what came, what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bptui.data.numbers import finite
from bptui.session.names import meant, suggestion

MAX_ROWS = 1000  # of a list or an array of tables
MAX_WHOLE = 1_000_000  # any count or size that a file names

_NAME = re.compile(r"\w[\w.-]{0,199}")  # PyTorch calls modules of a Sequential 0, 1, …


class TomlError(ValueError):
    """A text that is no experiment. One line: where, what came, what is wanted."""


def refuse_unknown(place: str, table: Iterable[str], known: Iterable[str], shown: Iterable[str] | None = None) -> None:
    known = tuple(known)
    for key in table:
        if key not in known:
            near = suggestion(key, known) or f"known are {', '.join(shown or known) or 'none'}"
            raise TomlError(f"{place}: unknown key {key!r}; {near}".removeprefix(": "))


def one_of(place: str, value: Any, choices: Iterable[str]) -> str:
    """One of the choices, named in any case."""
    choices = tuple(choices)
    choice = meant(value, choices) if isinstance(value, str) else None
    if choice is None:
        near = suggestion(str(value), choices)
        raise TomlError(f"{place}: got {_shown(value)}, wants one of {', '.join(choices)}{near and '; '}{near}")
    return choice


def table_of(name: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    value = document.get(name)
    if not isinstance(value, dict):
        raise TomlError(f"{name}: got {_shown(value)}, wants a table [{name}]")
    return value


def tables_of(place: str, table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = table.get(name)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise TomlError(f"{place}: wants tables [[{place}]]")
    if len(rows) > MAX_ROWS:
        raise TomlError(f"{place}: got {len(rows)}, wants at most {MAX_ROWS}")
    return rows


def name_of(place: str, value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise TomlError(f"{place}: got {_shown(value)}, wants a name of letters, digits, '_', '-', '.'")
    return value


def typed(place: str, value: Any, hint: Any) -> Any:
    """A value of the type that an annotation wants: int, float, bool, str, or a tuple of one of these."""
    if hint in (tuple[int, ...], tuple[float, ...], tuple[str, ...]):
        if not isinstance(value, list) or len(value) > MAX_ROWS:
            raise TomlError(f"{place}: got {_shown(value)}, wants a list")
        return tuple(typed(place, item, hint.__args__[0]) for item in value)
    if hint is float:
        if isinstance(value, list):
            raise TomlError(f"{place}: got a list, wants a number")
        return finite(place, value)
    if type(value) is not hint:
        words = {int: "a whole number", bool: "true or false", str: "text"}
        raise TomlError(f"{place}: got {_shown(value)}, wants {words[hint]}")
    if hint is int and abs(value) > MAX_WHOLE and not place.endswith("seed"):
        raise TomlError(f"{place}: got {_shown(value)}, wants at most {MAX_WHOLE}")
    if hint is str and (len(value) > 1000 or not value.isprintable()):
        raise TomlError(f"{place}: got {_shown(value)}, wants a short line of text")
    return value


def _shown(value: Any) -> str:
    text = "nothing" if value is None else "a table" if isinstance(value, dict) else repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
