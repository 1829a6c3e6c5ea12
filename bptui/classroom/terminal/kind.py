"""What is known of a learner's terminal: its size, colours and glyphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rich.color import ColorSystem

MOST = 300, 100  # columns and rows that are drawn; a larger window is blank beyond them
NAMED = ("TERM", "COLORTERM", "LANG", "NO_COLOR")  # what is read of a client's environment
_FULL = ("kitty", "alacritty", "foot", "wezterm", "ghostty", "iterm", "direct")
_NONE = ("", "dumb", "vt52", "vt100", "vt102", "vt220", "unknown")


@dataclass(frozen=True)
class Kind:
    """A terminal. `depth` is None where there are no colours; `erases`: what it erases has the colour of the ground."""

    width: int
    height: int
    depth: ColorSystem | None = ColorSystem.EIGHT_BIT
    ascii_only: bool = False
    erases: bool = True

    def sized(self, width: int, height: int) -> Kind:
        """The same terminal in another size, kept within bounds."""
        return replace(self, width=max(1, min(MOST[0], width)), height=max(1, min(MOST[1], height)))


DEPTHS = {
    "all": ColorSystem.TRUECOLOR,
    "256": ColorSystem.EIGHT_BIT,
    "16": ColorSystem.STANDARD,
    "no": None,
}  # by how many colours there are


def looks(kind: Kind) -> str:
    """The colours and glyphs of a terminal as text: `256 unicode`, `no ascii`."""
    colours = next((name for name, depth in DEPTHS.items() if depth is kind.depth), "256")
    return f"{colours} {'ascii' if kind.ascii_only else 'unicode'}"


def in_looks(kind: Kind, wanted: str) -> Kind:
    """A terminal with the colours and glyphs of a text; as it is where that is none."""
    colours, _, glyphs = wanted.partition(" ")
    return replace(kind, depth=DEPTHS[colours], ascii_only=glyphs == "ascii") if colours in DEPTHS else kind


def turned(kind: Kind, what: str) -> Kind:
    """A terminal with the next fewer `colours`, then all again; or with the other `glyphs`."""
    if what == "glyphs":
        return replace(kind, ascii_only=not kind.ascii_only)
    depths = list(DEPTHS.values())
    return replace(kind, depth=depths[(depths.index(kind.depth) + 1) % len(depths)])


def kind_of(term: str, width: int, height: int, environment: Mapping[str, str]) -> Kind:
    """A terminal by what its client says. OpenSSH tells TERM, often LANG, the rest where asked."""
    term = term.lower()
    return Kind(1, 1, _depth(term, environment), _ascii(environment.get("LANG", "")), _erases(term)).sized(
        width, height
    )


def _depth(term: str, environment: Mapping[str, str]) -> ColorSystem | None:
    if environment.get("NO_COLOR") or term in _NONE:
        return None
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or any(name in term for name in _FULL):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if "256" in term else ColorSystem.STANDARD


def _ascii(language: str) -> bool:
    """Whether a locale names another encoding than UTF-8; one that names none, or no locale, says nothing."""
    encoding = language.partition(".")[2].lower().replace("-", "")
    return language in ("C", "POSIX") or (bool(encoding) and not encoding.startswith("utf8"))


def _erases(term: str) -> bool:
    """Whether what is erased has the colour of the ground: GNU screen leaves it black."""
    return not term.startswith("screen")
