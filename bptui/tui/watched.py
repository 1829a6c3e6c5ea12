"""A file that somebody edits while it stands on the screen."""

from __future__ import annotations

from pathlib import Path

LOOK = 0.5  # seconds between two looks


class Watched:
    """Notices that a file was saved."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._stamp()

    def saved(self) -> bool:
        """Whether it was saved since the last look; not while it is away, as when an editor replaces it."""
        stamp = self._stamp()
        if stamp in (self._seen, None):
            return False
        self._seen = stamp
        return True

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except (OSError, ValueError):
            return None
        return status.st_mtime_ns, status.st_size
