"""Where classes live on disk: a folder each, with its log and its people's progress, and one host key for them all."""

from __future__ import annotations

import fcntl
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import asyncssh

from bptui.classroom.people import Kind, key_of, new_code
from bptui.classroom.places import Bookmark
from bptui.classroom.sqlite import Sqlite
from bptui.classroom.store import StoreError
from bptui.course.progress import Progress, data_folder

VARIABLE = "BPTUI_CLASSES"  # of the environment: another folder


@dataclass(frozen=True)
class Folder:
    """The folder of one class."""

    path: Path

    @property
    def log(self) -> Path:
        return self.path / "class.sqlite"

    def progress(self, person: str) -> Progress:
        """What one of its people did in the lessons, by their id."""
        return Progress(self._of(person, "sqlite"))

    def bookmark(self, person: str) -> Bookmark:
        """Where one of its people was, by their id."""
        return Bookmark(self._of(person, "place"))

    def _of(self, person: str, kind: str) -> Path:
        assert re.fullmatch(r"[0-9a-f]{32}", person)
        return self.path / "progress" / f"{person}.{kind}"

    def forget(self, person: str) -> None:
        """Delete what one of its people did in the lessons, and where they were. Raises StoreError."""
        folder = self._of(person, "sqlite").parent
        try:
            for path in folder.glob(f"{person}*"):  # journals too, and damaged files that were set aside
                path.unlink()
        except OSError as error:
            raise StoreError(f"{error.filename}: {error.strerror}") from None

    def locked(self, refused: str = "is being served already") -> IO[bytes]:
        """Hold the class until the file is closed, or the process ends. Raises StoreError if another one holds it."""
        file = (self.path / "lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise StoreError(f"{self.path.name}: {refused}") from None
        return file


def classes(env: Mapping[str, str] = os.environ) -> Path:
    """The folder of all classes. Raises StoreError where nobody knows where home is."""
    try:
        return Path(env[VARIABLE]) if env.get(VARIABLE) else data_folder(env) / "bptui" / "classes"
    except RuntimeError:
        raise StoreError(f"there is no home folder; set {VARIABLE} to a folder for classes") from None


def slug(name: str) -> str:
    """A class's name as a folder's. Raises StoreError for one that has no letters or digits."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    found = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:60]
    if not found or not name.isprintable() or len(name) > 80:
        raise StoreError(f"{name[:80]!a}: wants a name with letters or digits, at most 80 characters")
    return found


async def new_class(
    root: Path, name: str, key: str = "", kind: Kind = "code", listed: Sequence[str] = ()
) -> tuple[Folder, str]:
    """Make a class and return its folder and its code, which an open one does without.

    `key` is the teacher's public key; without it, one is made. `listed` are the names of a closed list. Raises
    StoreError.
    """
    folder = Folder(root / slug(name))
    if folder.log.exists():
        raise StoreError(f"{name}: there is such a class already, in {folder.path}")
    code = "" if kind == "open" else new_code()
    try:
        folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        public = key or public_line(private_key(folder.path / "teacher_key", f"teacher of {slug(name)}"))
    except OSError as error:
        raise StoreError(f"{folder.path}: {error.strerror}") from None
    store = Sqlite(folder.log)
    try:
        for one in listed:
            store.publish("listed", key_of(one), name=one)
        await store.record("class", name=name, code=code, teacher=public, entry=kind)
    finally:
        await store.close()
    return folder, code


def all_classes(root: Path) -> list[Folder]:
    """Every class that there is."""
    return [Folder(path.parent) for path in sorted(root.glob("*/class.sqlite"))]


def find_class(root: Path, name: str | None) -> Folder:
    """A class by its name; without one, the only one that there is. Raises StoreError."""
    there = [folder.path.name for folder in all_classes(root)]
    if not there:
        raise StoreError('there is no class yet; bptui class new "DL week 2" makes one')
    if name is None and len(there) > 1:
        raise StoreError(f"which class? there are {', '.join(there)}")
    wanted = there[0] if name is None else slug(name)
    if wanted not in there:
        raise StoreError(f"{name}: no such class; there are {', '.join(there)}")
    return Folder(root / wanted)


def private_key(path: Path, comment: str) -> asyncssh.SSHKey:
    """The key in a file, made if there is none; nobody else may read it. Raises OSError, StoreError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.export_private_key())
        unfinished.rename(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    try:
        return asyncssh.read_private_key(path)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise StoreError(f"{path}: {error}") from None


def public_line(key: asyncssh.SSHKey) -> str:
    """A public key as one line of an authorized_keys file."""
    return key.export_public_key().decode().strip()


def public_key(path: Path) -> str:
    """The public key in a `.pub` file, as one line. Raises StoreError."""
    try:
        return public_line(asyncssh.read_public_key(path))
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from None
    except (asyncssh.KeyImportError, ValueError):
        raise StoreError(f"{path}: is no public key; wants a file such as ~/.ssh/id_ed25519.pub") from None
