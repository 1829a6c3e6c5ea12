"""The style sheet of an app, as it is where many apps have the same: what was read for one serves all."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_Read = LRUCache[tuple[Any, ...], list[RuleSet]]
THEMES = 16  # with colours or without, whose rules are kept
SOURCES = 64  # of a theme


@lru_cache(maxsize=THEMES)
def _read(variables: tuple[tuple[str, str], ...]) -> _Read:
    return LRUCache(SOURCES)


class Sheet(Stylesheet):
    """Textual's, which would read all its sources for each app anew, and once more for an app's first screen."""

    def set_variables(self, variables: dict[str, str]) -> None:
        self._parse_cache = LRUCache(SOURCES)  # which is cleared: the other one is not this app's alone
        super().set_variables(variables)
        self._parse_cache = _read(tuple(sorted(variables.items())))

    def reparse(self) -> None:
        self.parse()
