"""A seat and its app: a seat knows its app as an `Own`, and an app its seat as a `Holder`.

So an app may live in another process too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bptui.classroom.places import Place
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.keyboard import Source
from bptui.classroom.terminal.kind import Kind

Bound = tuple[str, int]  # a lesson, and the last of its steps, from 0, that may be entered


class Own(Protocol):
    """Somebody's own app, as their seat sees it. It is hidden until it is told to show itself."""

    @property
    def kind(self) -> Kind:
        """The part of the terminal that it draws for."""

    def show(self, kind: Kind) -> None:
        """Draw for the holder from now on, all of it anew, in this size."""

    def hide(self) -> None:
        """Draw for nobody; what goes on goes on, but what was typed and not taken yet is void."""

    def feed(self, data: bytes, source: Source) -> None:
        """Take what was typed."""

    def go(self, place: Place) -> None:
        """Go on at a place; the holder is told once it is in sight."""

    def keep(self) -> None:
        """Leave the copy of what the class was shown, if one is in sight; what was made of it is the holder's."""

    def limit(self, bound: Bound | None) -> None:
        """Let them go no farther in a lesson than to a step."""

    def be_seen(self, on: bool) -> None:
        """Let the holder see what they do, or no longer."""

    def end(self) -> None:
        """Leave, from outside."""


class Holder(Protocol):
    """Whom an app is for."""

    def draw(self, frame: Frame) -> None:
        """There is something new to show."""

    def ring(self) -> None:
        """Ring the terminal's bell."""

    def copied(self, text: str) -> None:
        """They want a text on their terminal's clipboard."""

    def arrived(self) -> None:
        """What the app was told to begin or go on with is in sight."""

    def moved(self, where: str) -> None:
        """They are somewhere else: in words, for the roster."""

    def themed(self, theme: str) -> None:
        """They like it in another theme."""

    def tried(self, lesson: str, step: str, *, right: bool) -> None:
        """They answered a question of a lesson."""

    def answered(self, text: str) -> None:
        """They answer the question in front of the class."""

    def turned(self, what: str) -> None:
        """They want other `colours` or other `glyphs`."""

    def kept(self, name: str, receipt: str) -> None:
        """They made something on their own while the class went on."""

    def seen(self, place: Place) -> None:
        """They do this, while it is watched."""

    def ended(self, app: Own, *, failed: bool) -> None:
        """The app has come to its end."""

    def follow(self) -> None:
        """They go back to the class."""

    def forks(self) -> Sequence[str]:
        """The names of what they made, the latest last."""

    def open_fork(self, number: int) -> None:
        """They go on with one of these."""
