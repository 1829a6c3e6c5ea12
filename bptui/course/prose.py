"""Quantities in text: `{{ value s1[0] }}` becomes the session's number."""

from __future__ import annotations

import re

from bptui.course.quantity import Quantity, QuantityError, looked_up, shown_value
from bptui.drawing.numbers import number
from bptui.session.session import Session

_BRACES = re.compile(r"\{\{|\}\}")
_SLOT = re.compile(r"\{\{(.*?)\}\}")


def slots(text: str) -> list[tuple[int, str]]:
    """The words between braces, each with the number of its line in the text, from 0."""
    return [(n, match[1].strip()) for n, line in enumerate(text.split("\n")) for match in _SLOT.finditer(line)]


def misread(text: str) -> list[tuple[int, str]]:
    """What is wrong with the braces in a text, each with the number of its line, from 0."""
    found = []
    for n, words in slots(text):
        try:
            Quantity.read(words)
        except QuantityError as error:
            found.append((n, str(error)))
    rest = ((n, _SLOT.sub("", line)) for n, line in enumerate(text.split("\n")))
    return found + [(n, "{{ and }} stand round a quantity, on one line") for n, line in rest if _BRACES.search(line)]


def quantities(text: str) -> list[Quantity]:
    """All quantities in a text. Raises QuantityError."""
    return [Quantity.read(words) for _, words in slots(text)]


def filled(text: str, session: Session) -> str:
    """The text with each quantity's value put in. Raises QuantityError for what this session does not have."""
    return _SLOT.sub(lambda match: _shown(Quantity.read(match[1]), session), text)


def _shown(quantity: Quantity, session: Session) -> str:
    value = looked_up(quantity, session)
    if quantity.name == "accuracy" and not isinstance(value, tuple):
        return f"{number(float(value), 1)}\N{NO-BREAK SPACE}%"
    return shown_value(value)
