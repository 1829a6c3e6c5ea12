"""TOML with a closed vocabulary: every key and value is checked, and every error is reported with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from bptui.course.document import Block, Report
from bptui.session.names import meant, suggestion

MAX_TABLE, MAX_ITEMS, MAX_TEXT = 16_000, 100, 2000

_CURLY = set("“”„‟‘’")
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


class Table:
    """The keys and values of one fence. Each key is asked for once; `close` reports those that nobody asked for.

    Where a value is wrong, that is reported, and something of the right type is returned in its place.
    """

    def __init__(self, block: Block, report: Report, name: str = "", values: Mapping[str, Any] | None = None) -> None:
        self._name = name or block.word
        self._block, self._report = block, report
        self.broken = False  # whether the fence is no TOML: what is missing then goes unsaid
        self._values = self._parsed() if values is None else values
        self._known: list[str] = []

    def _parsed(self) -> Mapping[str, Any]:
        text = self._block.text
        if len(text) > MAX_TABLE:
            self._report(self._block.line, f"{self._name}: has {len(text)} characters, wants at most {MAX_TABLE}")
            self.broken = True
            return {}
        try:
            return tomllib.loads(text)
        except RecursionError:
            self._report(self._block.line, f"{self._name}: is nested too deeply")
        except ValueError as error:
            message = str(error)
            found = _AT.search(message)
            last = text.rstrip().count("\n")
            line = int(found[1]) - 1 if found and found[1] else last
            curly = "; quotes are straight ones" if _CURLY & set(text.split("\n")[line]) else ""
            self._report(self._block.line + line, f"{self._name}: is no TOML: {_AT.sub('', message)}{curly}")
        self.broken = True
        return {}

    def line_of(self, key: str) -> int:
        """The line on which a key stands; the first line if it stands on none."""
        pattern = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=\].]")
        for number, line in enumerate(self._block.text.split("\n")):
            if pattern.match(line):
                return self._block.line + number
        return self._block.line

    def wrong(self, key: str, message: str) -> None:
        """Report what is wrong with one key's value."""
        self._report(self.line_of(key), f"{self._name}: {key}: {message}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._known.append(key)
        return key in self._values

    def _get(self, key: str, default: Any, kinds: type | tuple[type, ...], wants: str) -> Any:
        self._known.append(key)
        if key not in self._values:
            if default is None and not self.broken:
                self._report(self._block.line, f"{self._name}: wants {key}, {wants}")
            return default
        value = self._values[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            self.wrong(key, f"got {shown(value)}, wants {wants}")
            return default
        return value

    def text(self, key: str, default: str | None = None, most: int = MAX_TEXT) -> str:
        """A text; without a default it has to be there."""
        value = self._get(key, default, str, "text")
        return "" if value is None else self._short(key, str(value), most)

    def _short(self, key: str, value: str, most: int) -> str:
        if len(value) > most:
            self.wrong(key, f"has {len(value)} characters, wants at most {most}")
        elif any(not c.isprintable() and c not in "\n\t" for c in value):
            self.wrong(key, "has a character that cannot be shown")
        return value[:most]

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        items = self._get(key, default, list, "a list of texts")
        if items is None or items is default:
            return default or ()
        if len(items) > MAX_ITEMS or not all(isinstance(item, str) for item in items):
            self.wrong(key, f"wants a list of at most {MAX_ITEMS} texts")
            return ()
        return tuple(self._short(key, item, MAX_TEXT) for item in items)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self._get(key, default, int, f"a whole number from {low} to {high}")
        if value is None:
            return low
        if not low <= value <= high:
            self.wrong(key, f"got {shown(value)}, wants a whole number from {low} to {high}")
            return low
        return int(value)

    def number(self, key: str) -> float:
        """A finite number."""
        value = self._get(key, None, (int, float), "a number")
        if value is None or not abs(value) < 1e300:  # not so for NaN
            if value is not None:
                self.wrong(key, f"got {shown(value)}, wants a finite number")
            return 0.0
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        return bool(self._get(key, default, bool, "true or false"))

    def one_of(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """One of some words."""
        choices = tuple(choices)
        value = self._get(key, default, str, f"one of {', '.join(choices)}")
        if value is None or value in choices:
            return value or ""
        choice = meant(value, choices)
        if choice is None:
            near = suggestion(value, choices)
            self.wrong(key, f"got {shown(value)}, wants one of {', '.join(choices)}{near and '; '}{near}")
            return choices[0]
        return choice

    def pairs(self, key: str) -> tuple[tuple[str, Any], ...]:
        """A table's keys and values, whatever they are; empty if it is not there."""
        value = self._get(key, {}, dict, "a table")
        if len(value) > MAX_ITEMS:
            self.wrong(key, f"has {len(value)} keys, wants at most {MAX_ITEMS}")
            return ()
        return tuple(value.items())

    def rows(self, key: str) -> list[Table]:
        """A list of tables, each to be read and closed like this one."""
        items = self._get(key, None, list, "a list of tables")
        if items is None:
            return []
        if len(items) > MAX_ITEMS or not all(isinstance(item, dict) for item in items):
            self.wrong(key, f"wants a list of at most {MAX_ITEMS} tables {{ … }}")
            return []
        return [
            Table(self._block, self._report, f"{self._name}: {key} {number}", item)
            for number, item in enumerate(items, 1)
        ]

    def is_text(self, key: str) -> bool:
        """Whether the key holds a text."""
        return isinstance(self._values.get(key), str)

    def is_flag(self, key: str) -> bool:
        """Whether the key holds true or false."""
        return isinstance(self._values.get(key), bool)

    def close(self) -> bool:
        """Report every key that is not in the vocabulary; whether there was none."""
        unknown = [key for key in self._values if key not in self._known]
        for key in unknown:
            near = suggestion(key, self._known)
            near = near or f"known are {', '.join(dict.fromkeys(self._known))}"
            self._report(self.line_of(key), f"{self._name}: unknown key {shown(key)}, {near}")
        return not unknown


def shown(value: Any) -> str:
    """A value from a file in a message: short, and on one line."""
    text = "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else _repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # a whole number of too many digits
        return "a number too long to show"
