"""Names as people type them: in any case, and sometimes slightly wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def meant(word: str, known: Iterable[str]) -> str | None:
    """The known name that a word is: as it stands, or in another case where just one name reads so."""
    known = tuple(known)
    if word in known:
        return word
    same = [name for name in known if name.casefold() == word.casefold()]
    return same[0] if len(same) == 1 else None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, whatever its case; None if none is near."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), folded, 1)
    return folded[near[0]] if near else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """The nearest known name as a question, "did you mean …?"; empty if none is near."""
    near = nearest(word, known)
    return f"did you mean {near!r}?" if near else ""
