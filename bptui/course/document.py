"""A lesson file as lines: front matter, steps, and the fences and paragraphs in each. It knows no directive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_BYTES, MAX_LINE, MAX_STEPS = 256 * 1024, 2000, 60
FRONT = ("+++", "---")
FENCE = "```"

_HEADING = re.compile(r"##\s+(?P<title>.*?)\s*(?:\{#(?P<id>[^}]*)\})?\s*")
_STRAY = re.compile(r"<[A-Za-z/!][^>]*>|\]\(|^#(?!#\s)#*\s")

Report = Callable[[int, str], None]


@dataclass(frozen=True)
class Block:
    """Some lines of a step: a fence with its word (`word` is empty for one without), or prose (`word` is None)."""

    line: int
    word: str | None
    text: str


@dataclass
class Section:
    """One step as it stands in the file. `line` is its heading's; `whole` is False if a fence was never closed."""

    line: int
    title: str
    id: str
    blocks: list[Block] = field(default_factory=list)
    whole: bool = True


@dataclass(frozen=True)
class Document:
    """A file in its parts. `front` is the text between the front matter's fences."""

    front: Block
    sections: list[Section]


def decoded(data: bytes, report: Report) -> str | None:
    """The text of a file, with plain line ends; None if it cannot be read as one. Reports each bad line."""
    if len(data) > MAX_BYTES:
        report(0, f"has {len(data)} bytes, wants at most {MAX_BYTES}")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report(data[: error.start].count(b"\n") + 1, "is not text in UTF-8")
        return None
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        odd = None if line.isprintable() else next((c for c in line if not _fit(c)), None)
        if odd is not None:
            report(number, f"has the character U+{ord(odd):04X}, which cannot be shown")
        if len(line) > MAX_LINE:
            report(number, f"has {len(line)} characters, wants at most {MAX_LINE} in a line")
    return "\n".join(lines)


def _fit(character: str) -> bool:
    return character.isprintable() or character == "\t" or unicodedata.category(character) == "Zs"


def split(text: str, report: Report) -> Document:
    """The parts of a file. Reports what stands in no part, and fences that are never closed, by their line."""
    lines = text.split("\n")
    front, start = _front(lines, report)
    sections: list[Section] = []
    opened: tuple[int, str] | None = None
    held: list[str] = []
    first = start

    def close(word: str | None) -> None:
        nonlocal held
        body = "\n".join(held)
        held = []
        if word is None and not body.strip():
            return
        if sections:
            sections[-1].blocks.append(Block(first, word, body))
        else:
            report(first, "stands before the first step; a step begins with `## Title {#id}`")

    for number, line in enumerate(lines[start - 1 :], start):
        heading = _HEADING.fullmatch(line)
        if opened is not None:
            if line.strip() == FENCE:
                close(opened[1])
                opened, first = None, number + 1
                continue
            if not (_opens(line) or (heading and heading["id"])):
                held.append(line)
                continue
            report(opened[0], f"the fence {FENCE}{opened[1]} is never closed; a line {FENCE} closes it")
            if sections:
                sections[-1].whole = False
            held, opened, first = [], None, number
        if line.lstrip().startswith(FENCE):
            close(None)
            opened, first = (number, line.strip().strip("`").strip()), number + 1
        elif heading:
            close(None)
            first = number + 1
            if heading["id"] is None:
                report(number, "the step has no id; wants `## Title {#id}`")
            sections.append(Section(number, heading["title"], heading["id"] or ""))
        else:
            if stray := _STRAY.search(line):
                report(number, f"{stray.group().strip()!r}: HTML, links and other headings are not shown")
            if not held:
                first = number
            held.append(line)
    if opened is not None:
        report(opened[0], f"the fence {FENCE}{opened[1]} is never closed; a line {FENCE} closes it")
    else:
        close(None)
    if len(sections) > MAX_STEPS:
        report(sections[MAX_STEPS].line, f"is step {MAX_STEPS + 1}, wants at most {MAX_STEPS}")
        del sections[MAX_STEPS:]
    if not sections:
        report(0, "has no steps; a step begins with `## Title {#id}`")
    return Document(front, sections)


def _opens(line: str) -> bool:
    return re.fullmatch(rf"\s*{FENCE}\w+\s*", line) is not None


def _front(lines: list[str], report: Report) -> tuple[Block, int]:
    """The front matter, and the line after it."""
    mark = lines[0].strip()
    if mark not in FRONT:
        report(1, "wants front matter: TOML between two lines of +++")
        return Block(1, "front", ""), 1
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == mark:
            return Block(2, "front", "\n".join(lines[1 : number - 1])), number + 1
        if _HEADING.fullmatch(line) and "{#" in line:
            break
    report(1, f"the front matter {mark} is never closed; a second line {mark} closes it")
    after = next((n for n, line in enumerate(lines, 1) if n > 1 and line.startswith("## ")), len(lines) + 1)
    return Block(2, "front", "\n".join(lines[1 : after - 1])), after
