"""Quantities in text: `{{ value s1[0] }}` becomes the session's number."""

from __future__ import annotations

import re

from bptui.course.quantity import Quantity, looked_up, shown_value
from bptui.session.session import Session

_SLOT = re.compile(r"\{\{(.*?)\}\}")


def slots(text: str) -> list[tuple[int, str]]:
    """The words between braces, each with the number of its line in the text, from 0."""
    return [(n, match[1].strip()) for n, line in enumerate(text.split("\n")) for match in _SLOT.finditer(line)]


def quantities(text: str) -> list[Quantity]:
    """All quantities in a text. Raises QuantityError."""
    return [Quantity.read(words) for _, words in slots(text)]


def filled(text: str, session: Session) -> str:
    """The text with each quantity's value put in. Raises QuantityError for what this session does not have."""
    return _SLOT.sub(lambda match: shown_value(looked_up(Quantity.read(match[1]), session)), text)
