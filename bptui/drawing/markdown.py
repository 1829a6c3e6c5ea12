"""A lesson's Markdown as lines of text: paragraphs, lists, formulas, emphasis. Links and HTML are plain words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bptui.drawing.canvas import Ink, cells
from bptui.drawing.lines import BOLD, SOFT, TEXT, Piece, parted

CODE = Ink("function", bold=True)
FORMULA = Ink("text", bold=True)
INDENT = 2  # of formulas, and of each level of a list

Line = list[Piece]

_PARSER = MarkdownIt("commonmark", {"html": False})


def markdown(text: str, width: int, ink: Ink = TEXT) -> list[Line]:
    """Lines of at most `width` cells, a blank one between blocks. `ink` is that of plain words."""
    lines: list[Line] = []
    marks: list[str] = []  # of the lists that are open: a bullet, or the number of the next item
    lead = ""  # what stands before the next paragraph's first line
    for token in _tokens(text):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lines += [] if marks else [[]]
                marks.append("·" if token.type == "bullet_list_open" else str(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                marks.pop()
            case "list_item_open":
                lead = marks[-1]
                if lead.isdecimal():
                    marks[-1], lead = str(int(lead) + 1), f"{lead}."
            case "list_item_close":
                lead = ""  # an item may be empty
            case "fence" | "code_block":
                lines += [[], *_formula(token.content, width)]
            case "inline":
                lines += [] if marks else [[]]
                mark = f"{lead} " if lead else " " * INDENT if marks else ""
                first = " " * (INDENT * max(0, len(marks) - 1)) + mark
                for line in parted(_inline(token.children or (), ink), max(1, width - cells(first))):
                    lines.append([(first, SOFT), *line] if first else line)
                    first = " " * cells(first)
                lead = ""
    return lines[1:]


@lru_cache(maxsize=64)
def _tokens(text: str) -> Sequence[Token]:
    """The text parsed: once, though a page is drawn at every key."""
    return _PARSER.parse(text)


def _formula(text: str, width: int) -> list[Line]:
    """The lines as they stand; what is too long goes on in the next one, further in."""
    lines: list[Line] = []
    for row in text.rstrip("\n").split("\n"):
        if cells(row) + INDENT <= width:
            lines.append([(" " * INDENT + row, FORMULA)])
            continue
        blank = len(row) - len(row.lstrip())
        parts = parted([(row.strip(), FORMULA)], max(1, width - 2 * INDENT - blank))
        lines += [[(" " * (INDENT + blank + INDENT * (k > 0)), FORMULA), *part] for k, part in enumerate(parts)]
    return lines


def _inline(tokens: Sequence[Token], ink: Ink) -> list[Piece]:
    pieces: list[Piece] = []
    strong = 0
    for token in tokens:
        match token.type:
            case "strong_open" | "em_open":
                strong += 1
            case "strong_close" | "em_close":
                strong -= 1
            case "code_inline":
                pieces.append((token.content, CODE))
            case "softbreak" | "hardbreak":
                pieces.append((" ", ink))
            case _ if token.content:
                pieces.append((token.content, BOLD if strong else ink))
    return pieces
