"""A file that somebody edits while it stands on the screen."""

from __future__ import annotations

from pathlib import Path

LOOK = 0.5  # seconds between two looks
AWAY = 3  # looks


class Watched:
    """Notices that a file was saved."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._stamp()
        self._missed = 0  # looks without it

    def saved(self) -> bool:
        """Whether it was saved since the last look, or has come back; not while it is away."""
        stamp, was_gone = self._stamp(), self.gone
        self._missed = self._missed + 1 if stamp is None else 0
        if stamp is None or (stamp == self._seen and not was_gone):
            return False
        self._seen = stamp
        return True

    @property
    def gone(self) -> bool:
        """Whether it has been away for some looks: longer than while an editor replaces it."""
        return self._missed >= AWAY

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except (OSError, ValueError):
            return None
        return status.st_mtime_ns, status.st_size
