"""What a learner has done, in one SQLite file: written at once, never in the way of the lesson.

Every note is one short transaction, so that neither `kill -9` nor a second bptui leaves half of one. The journal is
SQLite's usual one: the newer kind (WAL) does not work in home folders on a network. A file that cannot be used is
never written to: a damaged one is set aside under another name, one of a newer bptui stays where it is. Whatever goes
wrong is said in one line, `notice`, and the lesson goes on.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

SCHEMA, OURS = 1, 0x62707475  # "bptu", SQLite's application id
PATIENCE = 3.0  # seconds to wait for another bptui
VARIABLE = "BPTUI_PROGRESS"  # of the environment: another file
MEMORY = ":memory:"

_CIRCUMSTANCES = {  # what SQLite reports where the file itself may be well
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}

_LONGER = "seconds = seconds + excluded.seconds"
_CHANGED = (
    f"{_LONGER}, done = max(done, excluded.done), seed = excluded.seed,"
    " over = excluded.over OR (over AND seed = excluded.seed),"
    " hints = CASE WHEN seed = excluded.seed THEN max(hints, excluded.hints) ELSE excluded.hints END"
)

_TABLES = """
CREATE TABLE lesson (
    id TEXT PRIMARY KEY NOT NULL CHECK (typeof(id) = 'text'),
    step TEXT NOT NULL CHECK (typeof(step) = 'text')
);
CREATE TABLE step (
    lesson TEXT NOT NULL CHECK (typeof(lesson) = 'text'),
    id TEXT NOT NULL CHECK (typeof(id) = 'text'),
    done INTEGER NOT NULL CHECK (done IN (0, 1, 2, 3)),
    over INTEGER NOT NULL CHECK (over IN (0, 1)),
    seed INTEGER NOT NULL CHECK (typeof(seed) = 'integer' AND seed >= 0),
    hints INTEGER NOT NULL CHECK (typeof(hints) = 'integer' AND hints >= 0),
    seconds REAL NOT NULL CHECK (typeof(seconds) = 'real' AND seconds >= 0 AND seconds < 1e300),
    PRIMARY KEY (lesson, id)
);
CREATE TABLE attempt (
    number INTEGER PRIMARY KEY,
    lesson TEXT NOT NULL CHECK (typeof(lesson) = 'text'),
    step TEXT NOT NULL CHECK (typeof(step) = 'text'),
    seed INTEGER NOT NULL CHECK (typeof(seed) = 'integer' AND seed >= 0),
    answer TEXT NOT NULL CHECK (typeof(answer) = 'text'),
    right INTEGER NOT NULL CHECK (right IN (0, 1)),
    time TEXT NOT NULL CHECK (typeof(time) = 'text')
);
"""


class Done(IntEnum):
    """How a step was done; the best way counts."""

    OPEN = 0
    SKIPPED = 1  # by the test-out question
    SHOWN = 2  # the answer was told
    DONE = 3


@dataclass(frozen=True)
class Attempt:
    """One answer as it was typed, to the question with the numbers of `seed`. `time` is UTC, ISO 8601."""

    seed: int
    answer: str
    right: bool
    time: str = ""


@dataclass(frozen=True)
class StepRecord:
    """What is known of one step. `over`: the answer to the question with the numbers of `seed` has been given."""

    done: Done = Done.OPEN
    over: bool = False
    seed: int = 0
    hints: int = 0
    seconds: float = 0.0
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class LessonRecord:
    """What is known of one lesson: the step where the learner is, and all steps by id. Empty for a new one."""

    step: str = ""
    steps: Mapping[str, StepRecord] = field(default_factory=dict)


class _Damaged(Exception):  # noqa: N818
    """A file that is no progress file, or a broken one."""


class _Newer(Exception):  # noqa: N818
    """A file that a newer bptui wrote."""


class Progress:
    """The file, open. Without a file, or with one that cannot be used, all is kept in memory, and `notice` says so.

    One that is not there yet is made when there is something to write. `on_attempt` is told of every answer: the
    lesson, the step, and what it was.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path, self.notice = path, ""
        self.on_attempt: Callable[[str, str, Attempt], object] = lambda lesson, step, attempt: None
        self._awaited = path  # until the file is open
        self._file = _opened(MEMORY)
        self._begin(write=False)

    def _begin(self, *, write: bool) -> None:
        """Open the file, if it is there, or there is something to write."""
        path = self._awaited
        if path is not None and (write or os.path.lexists(path)):
            self._awaited = None
            found = self._open(path)
            if found is not None:
                self._file.close()
                self._file = found

    def _open(self, path: Path) -> sqlite3.Connection | None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                return _opened(path)
            except _Damaged:
                file, aside = _afresh(path)
                if aside is not None:
                    self.notice = f"the progress file was damaged; it is kept as {aside}, and a new one begun"
                return file
        except _Newer as error:
            self.notice = f"progress is not saved: {path} is of a newer bptui ({error})"
        except (OSError, sqlite3.Error, _Damaged) as error:
            self.notice = f"progress is not saved: {path}: {_why(error)}"
        return None

    def close(self) -> None:
        """Let go of the file. All of it is saved already."""
        self._file.close()

    # -- reading

    def lesson(self, lesson: str) -> LessonRecord:
        """What is known of a lesson, by its id."""
        return self.lessons().get(lesson, LessonRecord())

    def lessons(self) -> dict[str, LessonRecord]:
        """All lessons that were begun, by id; the one where something happened last stands at the end."""
        found: dict[str, tuple[str, dict[str, StepRecord]]] = {}
        self._begin(write=False)
        with self._reported(), _transaction(self._file, "DEFERRED"):
            tries: dict[tuple[str, str], list[Attempt]] = {}
            rows = self._file.execute("SELECT lesson, step, seed, answer, right, time FROM attempt ORDER BY number")
            for lesson, step, seed, answer, right, time in rows:
                tries.setdefault((lesson, step), []).append(Attempt(seed, answer, bool(right), time))
            for lesson, step in self._file.execute("SELECT id, step FROM lesson ORDER BY rowid"):
                found[lesson] = (step, {})
            for lesson, step, done, over, seed, hints, seconds in self._file.execute(
                "SELECT lesson, id, done, over, seed, hints, seconds FROM step ORDER BY rowid"
            ):
                attempts = tuple(tries.get((lesson, step), ()))
                record = StepRecord(Done(done), bool(over), seed, hints, seconds, attempts)
                found.setdefault(lesson, ("", {}))[1][step] = record
        return {lesson: LessonRecord(step, steps) for lesson, (step, steps) in found.items()}

    # -- writing

    def note(
        self,
        lesson: str,
        steps: Mapping[str, StepRecord],
        at: str,
        attempt: Attempt | None = None,
        same: Collection[str] = (),
    ) -> None:
        """Write what has just happened, in one transaction.

        `at` is the step where the learner now is. Of each record in `steps`, `seconds` are added to those before, and
        `done` counts if it is better; its attempts are not written. `attempt` is one at the first of `steps`. Of those
        in `same`, nothing is new but the time: another bptui may have gone on there. With the same numbers, what is
        over stays over.
        """
        self._begin(write=True)
        with self._reported(), _transaction(self._file, "IMMEDIATE"):
            self._file.execute("REPLACE INTO lesson VALUES (?, ?)", (lesson, at))  # so its row is the last
            for name, step in steps.items():
                self._file.execute(
                    "INSERT INTO step VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (lesson, id) DO UPDATE SET "
                    + (_LONGER if name in same else _CHANGED),
                    (lesson, name, int(step.done), int(step.over), step.seed, step.hints, float(step.seconds)),
                )
            if attempt is not None:
                self._file.execute(
                    "INSERT INTO attempt (lesson, step, seed, answer, right, time) VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        lesson,
                        next(iter(steps)),
                        attempt.seed,
                        attempt.answer,
                        int(attempt.right),
                        attempt.time or now(),
                    ),
                )
        if attempt is not None:
            self.on_attempt(lesson, next(iter(steps)), attempt)

    def reset(self) -> None:
        """Forget everything."""
        with self._reported(), _transaction(self._file, "IMMEDIATE"):
            for table in ("lesson", "step", "attempt"):
                self._file.execute(f"DELETE FROM {table}")

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """What goes wrong becomes the notice."""
        try:
            yield
        except (sqlite3.Error, OverflowError, ValueError) as error:
            self.notice = f"progress is not saved: {self.path}: {_why(error)}"


def now() -> str:
    """The time, as it is written."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def progress_file(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """Where progress is kept: in the platform's folder for data; None if there is no home folder."""
    if VARIABLE in env:
        return Path(env[VARIABLE]) if env[VARIABLE] else None
    try:
        return data_folder(env, platform) / "bptui" / "progress.sqlite"
    except RuntimeError:  # nobody knows where home is
        return None


def data_folder(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The platform's folder for data. Raises RuntimeError where nobody knows where home is."""
    if platform == "win32":
        given = env.get("LOCALAPPDATA", "")
        return Path(given) if given else Path.home() / "AppData" / "Local"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    given = env.get("XDG_DATA_HOME", "")
    return Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "share"


# -- the file


def _connected(path: Path | str) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    file.text_factory = lambda data: data.decode("utf-8", "replace")
    return file


@contextmanager
def _transaction(file: sqlite3.Connection, kind: str) -> Iterator[None]:
    file.execute(f"BEGIN {kind}")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has ended it already
            file.execute("ROLLBACK")
        raise


def _opened(path: Path | str) -> sqlite3.Connection:
    """The file, ready for use. Raises _Damaged, _Newer or sqlite3.Error; then it has not been changed."""
    file = _connected(path)
    try:
        _prepare(file)
    except BaseException as error:
        file.close()
        if isinstance(error, UnicodeDecodeError):  # in what SQLite says about a broken table
            raise _Damaged("has broken tables") from None
        if isinstance(error, sqlite3.DatabaseError) and error.sqlite_errorcode & 0xFF not in _CIRCUMSTANCES:
            raise _Damaged(str(error)) from None
        raise
    return file


def _prepare(file: sqlite3.Connection) -> None:
    """Check a file; give a new one its tables."""
    if _number(file, "page_count") == 0:
        with _transaction(file, "IMMEDIATE"):
            if _number(file, "user_version") == 0:  # another bptui may have been quicker
                for statement in _TABLES.split(";")[:-1]:
                    file.execute(statement)
                file.execute(f"PRAGMA application_id = {OURS}")
                file.execute(f"PRAGMA user_version = {SCHEMA}")
        return
    if _number(file, "application_id") != OURS:
        raise _Damaged("is no progress file")
    if (schema := _number(file, "user_version")) > SCHEMA:
        raise _Newer(f"its schema is {schema}, this bptui knows {SCHEMA}")
    wrong = [row[0] for row in file.execute("PRAGMA integrity_check(1)")]
    if wrong != ["ok"] or _statements(file) != _expected():
        raise _Damaged(str(wrong[0]) if wrong else "has lost its tables")


def _number(file: sqlite3.Connection, pragma: str) -> int:
    return int(file.execute(f"PRAGMA {pragma}").fetchone()[0])


def _statements(file: sqlite3.Connection) -> list[tuple[str, ...]]:
    return file.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def _expected() -> list[tuple[str, ...]]:
    with closing(_connected(MEMORY)) as file:
        file.executescript(_TABLES)
        return _statements(file)


def _afresh(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """A new file in the place of a damaged one, and where that is kept; None if another bptui was quicker.

    Whoever sets a file aside holds a lock: else two could, and the second would move the new file of the first.
    """
    with closing(_connected(path.with_name(f"{path.name}.lock"))) as lock, _transaction(lock, "EXCLUSIVE"):
        try:
            return _opened(path), None
        except _Damaged:
            aside = _set_aside(path)
            return _opened(path), aside


def _set_aside(path: Path) -> Path:
    """Rename a file, and its journals with it, to a name that is not taken."""
    stamp = datetime.now().strftime("%Y-%m-%d")
    names = (f"{path.stem}-damaged-{stamp}{more}{path.suffix}" for more in ("", *(f"-{n}" for n in range(2, 10_000))))
    aside = next(path.with_name(name) for name in names if not os.path.lexists(path.with_name(name)))
    path.rename(aside)
    for journal in ("-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + journal).rename(aside.with_name(aside.name + journal))
    return aside


def _why(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
