"""The closed list of a class, read from a text file: one name a line."""

from __future__ import annotations

from bptui.classroom.people import LONGEST, MOST, STAFF, key_of, readable
from bptui.classroom.store import StoreError
from bptui.sources.arrays import FileError, read_bytes

BYTES = 64 * 1024  # of a file
TOLD = 4  # problems that are named


def names_in(path: str) -> list[str]:
    """The names in a file; blank lines are passed over. Raises StoreError: every problem with its line, in one line."""
    try:
        text = read_bytes(path, BYTES).decode("utf-8-sig")
    except FileError as error:
        raise StoreError(str(error)) from None
    except UnicodeDecodeError:
        raise StoreError(f"{path}: is not text in UTF-8") from None
    found: dict[str, tuple[int, str]] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name = readable(line.strip())
        if name is None:
            typed = ascii(line.strip()[:LONGEST])
            problems.append(f"line {number}: {typed} is no name of at most {LONGEST} letters, digits and -_.'")
        elif key_of(name) in STAFF:
            problems.append(f"line {number}: {name} is the teacher's")
        elif key_of(name) in found:
            problems.append(f"line {number}: {name} is on line {found[key_of(name)][0]} already")
        else:
            found[key_of(name)] = number, name
    if problems:
        more = f"; and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
        raise StoreError(f"{path}: {'; '.join(problems[:TOLD])}{more}")
    if not 0 < len(found) < MOST:
        raise StoreError(f"{path}: has {len(found)} names, wants from 1 to {MOST - 1}")
    return [name for _, name in found.values()]
