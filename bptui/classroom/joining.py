"""How one comes into the class: the line that students type, as text and as a picture."""

from __future__ import annotations

import shlex
import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Join:
    """Where the class is. `fingerprint` is that of the host's key, `places` how many may come."""

    host: str
    port: int
    fingerprint: str
    places: int

    @property
    def line(self) -> str:
        """What a student types, but for the name."""
        return self.line_of("NAME")

    def line_of(self, name: str, key: str = "") -> str:
        """What somebody types, with a key if it is not one of the usual ones."""
        hers = f"-i {shlex.quote(key)} " if key else ""
        return f"ssh {hers}-p {self.port} {name}@{self.host}"


def picture(text: str) -> list[str]:
    """A text as a QR code, two rows of it a line; dark is what a light terminal shows."""
    import segno  # only where it is shown

    rows = [list(row) for row in segno.make(text, error="l").matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join("█▀▄ "[2 * upper + lower] for upper, lower in zip(*pair, strict=True)) for pair in pairs]


def address() -> str:
    """This machine's address in its network, as far as it can be told; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation: only the way to it is asked
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
