"""`bptui class list` and `bptui class forget`: what is on disk of classes and their people, looked at and deleted."""

from __future__ import annotations

import asyncio

from bptui.classroom.folder import Folder, all_classes, classes, find_class
from bptui.classroom.people import STAFF, Roll, key_of
from bptui.classroom.sqlite import Sqlite, roll_in
from bptui.classroom.store import StoreError


def told() -> str:
    """Every class in a line: its name, what is asked of a new name, how many are in it. Raises ValueError."""
    root = classes()
    rows = [_row(folder) for folder in all_classes(root)]
    if not rows:
        return 'There is no class yet; bptui class new "DL week 2" makes one.\n'
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    return "".join("  ".join(map(str.ljust, row, (*widths, 0))).rstrip() + "\n" for row in rows)


def _row(folder: Folder) -> tuple[str, str, str, str]:
    try:
        roll = roll_in(folder.log)
    except StoreError as error:
        return folder.path.name, "", "", str(error)
    count = len(roll.people.keys() - {*STAFF})
    come = f"{count} of {len(roll.listed)}" if roll.kind == "list" else str(count)
    people = f"{come} {'person' if come == '1' else 'people'}"
    return roll.name, {"open": "open", "list": "closed list"}.get(roll.kind, "code"), people, roll.code


def forgotten(name: str, wanted: str | None) -> str:
    """Delete a person of a class, and say so. Raises ValueError, OSError."""
    folder, person = find_class(classes(), wanted), key_of(name)
    if person in STAFF:
        raise StoreError("the teacher belongs to the class; delete its folder to forget both")
    with folder.locked("is being served; end it with Ctrl+C, then forget"):
        roll, count = asyncio.run(_forget(folder, person))
    listed = ", and the name is on its list no more" if person in roll.listed else ""
    return f"{name} is forgotten: {count} events and their progress are deleted from {roll.name}{listed}.\n"


async def _forget(folder: Folder, person: str) -> tuple[Roll, int]:
    """Delete somebody: their progress first, for its name is an event's to tell. Gives the class as it was."""
    store = Sqlite(folder.log)
    try:
        _, roll = store.snapshot()
        if person not in roll.people and person not in roll.listed:
            there = ", ".join(one.name for key, one in roll.people.items() if key not in STAFF)
            raise StoreError(f"{roll.name}: nobody is called so; there are {there or 'no people yet'}")
        if person in roll.people:
            folder.forget(roll.people[person].id)
        return roll, await store.forget(person)
    finally:
        await store.close()
