"""A CSV file as samples: a target and one or two features, chosen by name. Nothing in it is executed or guessed.

What had to be decided (which character parts the columns, whether a column holds categories) is said in notes.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain

from bptui.data.samples import Data

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 8 << 20, 20_000, 200
MOST_CLASSES = 10
LARGEST = 1e100  # of a number, so that squares and sums of them are numbers too
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

Row = tuple[int, list[str]]  # the line on which it ends, counted from 1, and its fields
Answer = tuple[int, str]  # the line, and what stands there in some column


class CsvError(ValueError):
    """A file that cannot be used. One line: where (the line counts from 1), what came, what is wanted."""


@dataclass(frozen=True)
class Table:
    """Samples out of a file: `x` by feature, one-hot where it has categories, and `y`, the target's numbers, or class
    numbers where there are `classes`."""

    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    x: tuple[tuple[float, ...], ...]
    y: tuple[float, ...]
    notes: tuple[str, ...]

    def data(self) -> Data:
        """The samples for a net with an input x and a target y: class numbers, or one number a sample."""
        y = self.y if self.classes else tuple((value,) for value in self.y)
        return Data("given", len(self.x), 0.0, given=(("x", self.x), ("y", y)))


def columns(content: bytes) -> tuple[str, ...]:
    """The names in the header. Raises CsvError."""
    return _header(content)[0]


def read_table(content: bytes, target: str, features: Sequence[str], *, classes: bool | None = None) -> Table:
    """The samples in a CSV file with a header, in UTF-8.

    A target that holds no number is a class, one that holds nothing else a quantity; `classes` says otherwise, and has
    to say it where both occur. Classes are numbered in the order of their numbers, or of the alphabet. A feature that
    holds no number and a few different words becomes one-hot, in the same order.

    Raises CsvError, which names a line that is wrong: another number of columns, an empty field, a feature that is no
    finite number.
    """
    names, delimiter, rows = _header(content)
    chosen = (*features, target)
    for name in chosen:
        if name not in names:
            raise CsvError(f"line 1: has no column {name!r}; there are {', '.join(names)}")
    if len(features) not in (1, 2) or len(set(chosen)) < len(chosen):
        raise CsvError(f"wants one or two features beside the target, got {', '.join(features)} and {target}")
    notes = [f"columns parted by {DELIMITERS[delimiter]}: {', '.join(names)}"]
    *given, answers = (list[Answer]() for _ in chosen)
    for line, fields in rows:
        for name, column in zip(chosen, (*given, answers), strict=True):
            column.append((line, _filled(line, name, fields[names.index(name)])))
    if not answers:
        raise CsvError("has a header and no rows")
    parts = [_inputs(name, column, notes) for name, column in zip(features, given, strict=True)]
    x = tuple(tuple(chain(*row)) for row in zip(*parts, strict=True))
    if _are_classes(target, answers, classes, notes):
        numbers, labels = _numbered(target, answers)
        notes.append(f"{target}: {len(labels)} classes, {', '.join(f'{k} {label}' for k, label in enumerate(labels))}")
    else:
        numbers, labels = [_number(line, target, text) for line, text in answers], ()
    return Table(tuple(features), target, labels, x, tuple(numbers), tuple(notes))


# -- rows


def _header(content: bytes) -> tuple[tuple[str, ...], str, Iterator[Row]]:
    """The columns' names, the delimiter, and the rows that follow."""
    text = _decoded(content)
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    line, fields = next(rows, (1, []))
    names = tuple(field.strip() for field in fields)
    if len(names) < 2:
        raise CsvError("line 1: wants a header with at least two columns, parted by comma, semicolon or tab")
    if len(names) > MOST_COLUMNS:
        raise CsvError(f"line {line}: has {len(names)} columns, wants at most {MOST_COLUMNS}")
    for k, name in enumerate(names):
        if not name.isprintable() or not name or len(name) > 60:
            raise CsvError(f"line {line}: column {k + 1} has {'no' if not name else 'an unfit'} name in the header")
        if name in names[:k]:
            raise CsvError(f"line {line}: two columns are called {name!r}")
    if all(map(_NUMBER.fullmatch, names)):
        raise CsvError(f"line {line}: wants a header with the columns' names, got numbers")
    return names, delimiter, _whole(rows, len(names))


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise CsvError(f"has {len(content)} bytes, wants at most {MOST_BYTES}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CsvError(f"line {line}: is not text in UTF-8 (byte {content[error.start]:#04x})") from None


def _delimiter(text: str) -> str:
    """The candidate that parts the header most often; what stands in quotes does not count."""
    line = re.sub(r'"[^"]*"', "", re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0])
    counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    rivals = [word for delimiter, word in DELIMITERS.items() if counts[delimiter] == counts[best] > 0]
    if len(rivals) > 1:
        raise CsvError(f"line 1: {' and '.join(rivals)} stand in the header equally often, wants one of them")
    return best


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """All rows that hold anything, as the csv module reads them."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for fields in reader:
            if any(map(str.strip, fields)):
                yield reader.line_num, fields
    except csv.Error as error:
        raise CsvError(f"line {reader.line_num}: {error}") from None


def _whole(rows: Iterator[Row], width: int) -> Iterator[Row]:
    """The rows, each checked for its number of columns, and all of them for how many they are."""
    for count, (line, fields) in enumerate(rows):
        if count == MOST_ROWS:
            raise CsvError(f"line {line}: wants at most {MOST_ROWS} rows")
        if len(fields) != width:
            raise CsvError(f"line {line}: has {len(fields)} column{'s' * (len(fields) > 1)}, wants {width}")
        yield line, fields


# -- fields


def _filled(line: int, name: str, text: str) -> str:
    if not text.strip():
        raise CsvError(f"line {line}: {name} is empty")
    return text.strip()


def _number(line: int, name: str, text: str) -> float:
    text = _filled(line, name, text)
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if abs(value) <= LARGEST:
        return value
    raise CsvError(f"line {line}: {name} is {_shown(text)}, wants a number up to {LARGEST:g}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _inputs(name: str, column: list[Answer], notes: list[str]) -> list[tuple[float, ...]]:
    """A feature's numbers, one a row; of categories as many as there are, a 1 among zeros. A note says so."""
    words = {text for _, text in column}
    if any(map(_NUMBER.fullmatch, words)) or not 2 <= len(words) <= MOST_CLASSES:
        return [(_number(line, name, text),) for line, text in column]
    numbers, labels = _numbered(name, column)
    notes.append(f"{name}: {len(labels)} categories, one-hot as {', '.join(labels)}")
    return [tuple(float(number == k) for k in range(len(labels))) for number in numbers]


# -- the target


def _are_classes(target: str, answers: list[Answer], wanted: bool | None, notes: list[str]) -> bool:
    """Whether the target is a class. A note says so where nobody did."""
    words = [answer for answer in answers if not _NUMBER.fullmatch(answer[1])]
    if wanted is not None:
        return wanted
    if not words:
        distinct = len({float(text) for _, text in answers})
        notes.append(f"{target}: numbers, {distinct} different ones, taken as a quantity and not as classes")
        return False
    if len(words) < len(answers):
        line, text = words[0]
        raise CsvError(f"line {line}: {target} is {_shown(text)} among numbers; are they classes or a quantity?")
    return True


def _numbered(target: str, answers: list[Answer]) -> tuple[list[float], tuple[str, ...]]:
    """Class numbers, and the classes' names. `1` and `1.0` are one class if all are numbers."""
    texts = [text for _, text in answers]
    if all(map(_NUMBER.fullmatch, texts)):
        texts = [f"{float(text) + 0.0:g}" if abs(float(text)) < 1e6 else text for text in texts]
        labels = sorted(set(texts), key=lambda text: (float(text), text))
    else:
        labels = sorted(set(texts))
    if not 2 <= len(labels) <= MOST_CLASSES:
        raise CsvError(f"{target}: got {len(labels)} classes, wants 2 to {MOST_CLASSES}")
    for label in labels:
        if not label.isprintable() or len(label) > 60:
            line, text = answers[texts.index(label)]
            raise CsvError(f"line {line}: {target} is {_shown(text)}, wants a short name for a class")
    numbers = {label: float(k) for k, label in enumerate(labels)}
    return [numbers[text] for text in texts], tuple(labels)
