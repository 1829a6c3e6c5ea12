"""Where somebody is in their app, in a few lines of text: kept on disk, so that neither they nor the class lose it.

What the app goes on with after a restart of the server, or in another process, is read from there.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bptui.session.redo import marks_of
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.sources.receipts import Look, from_receipt, run_up, to_receipt
from bptui.tui.view import View

OnStep = Callable[[int], object]
log = logging.getLogger("bptui.classroom")


@dataclass(frozen=True)
class Place:
    """A workbench, by the receipt of its session, or a lab (`lab` is train or descend), by that of its run; or a
    lesson, by its name in the progress, the id of its step and the seed of its numbers, where `receipt` is that of its
    stage, if it could be made; home without any. `states` are those of a lesson's steps, by their ids: how it was
    done, whether it is over, its seed and its hints. `drawer` is open or closed where the text lies over the stage,
    `turned` how many pages of it were read on.

    `copied`: it was taken from the class, and what is made of it is kept under a name, unless it is `untouched`.
    `asked`: the question of a lesson's step is in front of the class, and is answered to it.
    """

    receipt: str = ""
    lab: str = ""
    lesson: str = ""
    step: str = ""
    seed: int = 0
    states: Mapping[str, Any] = field(default_factory=dict)
    drawer: str = ""
    turned: int = 0
    copied: bool = False
    untouched: bool = False
    asked: bool = False

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    def to_kept(self) -> str:
        """As it is kept among what somebody made: of a workbench the receipt alone."""
        return self.to_text() if self.lab or self.lesson else self.receipt

    @staticmethod
    def kept(text: str) -> Place:
        """What was kept, to go on with. Raises ValueError."""
        place = Place.from_text(text) if text.startswith("{") else Place(text)
        return replace(place, copied=True, untouched=True)

    @staticmethod
    def from_text(text: str) -> Place:
        """Raises ValueError for a text that is none."""
        return Place.of(json.loads(text))

    @staticmethod
    def of(found: object) -> Place:
        """From its fields; those that are not there are as at home. Raises ValueError for what is none."""
        if not isinstance(found, dict) or any(type(v) is not _TYPES.get(k) for k, v in found.items()):
            raise ValueError("is no place")
        return Place(**found)


HOME = Place()
_TYPES = {name: type(value) for name, value in asdict(HOME).items()}


def receipt_of(session: Session, view: View, source: Source | None = None) -> str:
    """A session where it stands, as text. Raises ValueError where it has numbers that cannot be written.

    It has no digest of the parameters: that would take most of the time, and the same bptui runs it again.
    """
    look = Look(**{name: getattr(view, name) for name in vars(Look())})
    return to_receipt(session.history, session.address, {}, marks_of(session), look, source)


def session_of(receipt: str, on_step: OnStep = lambda step: None) -> tuple[Session, View, Source | None]:
    """A session from its receipt, run up to where it stood, and the source of its net, if it has one.

    `on_step` is told of it, and may raise. Raises ValueError.
    """
    found = from_receipt(receipt, on_step)
    history = found.session.history
    run_up(history, found.session.address)
    history.on_step = lambda step: None
    return found.session, View(**vars(found.look)) if found.look is not None else View(), found.source


class Within:
    """Ends what takes longer than some seconds, where it tells of its steps."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until = seconds, time.monotonic() + seconds

    def __call__(self, step: int) -> None:
        if time.monotonic() > self._until:
            raise ValueError(f"it takes more than {self._seconds:g} seconds")


class Bookmark:
    """The file with somebody's place. Whatever goes wrong with it, they begin at home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self) -> Place:
        """Read it, and leave none: a place that ends its process must not do so twice."""
        place = HOME
        with suppress(OSError, ValueError):
            place = Place.from_text(self._path.read_text("utf-8"))
        self.drop()
        return place

    def asked(self) -> Place | None:
        """Read it, if it is a question that was in front of the class, and leave it as it is."""
        with suppress(OSError, ValueError):
            place = Place.from_text(self._path.read_text("utf-8"))
            return place if place.asked else None
        return None

    def put(self, place: Place) -> None:
        """Keep a place; at home there is nothing to keep."""
        if place == HOME:
            return self.drop()
        unfinished = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished.write_text(place.to_text(), "utf-8")
            unfinished.replace(self._path)
        except OSError as error:
            log.warning("a place is not kept: %s", error.strerror)
            with suppress(OSError):
                unfinished.unlink()
        return None

    def drop(self) -> None:
        with suppress(OSError):
            self._path.unlink()
