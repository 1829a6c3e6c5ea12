"""Start-up and key-to-frame, in a pseudo-terminal, each beside the smallest Textual app in the same run.

    python -m tests.bench.interface

Start-up is the time from starting the process to the first frame with content; key-to-frame from writing a key to
the last byte that the screen sends for it (quiet for 60 ms). Unix only.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COLUMNS, LINES = 140, 40
QUIET = 0.06
WARM = 6  # keys that are not counted
RIGHT = b"\x1b[C"
TURN = (b">", b">", b">", b"<", b"<", b"<")  # steps of a lesson: other texts, other stages

MINIMAL = """
from textual.app import App
from textual.widgets import Static

class Minimal(App[None]):
    BINDINGS = [("right", "step", "step")]
    count = 0

    def compose(self):
        yield Static("CONTENT 0")

    def action_step(self):
        self.count += 1
        self.query_one(Static).update(f"CONTENT {self.count}")

Minimal().run()
"""


DEEP = "\n".join(
    [
        "from torch import nn, randn, tanh",
        "class Deep(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        self.fc{k} = nn.Linear(4, 4)" for k in range(1000)),
        "    def forward(self, x):",
        *(f"        x = tanh(self.fc{k}(x))" for k in range(1000)),
        "        return x",
        "net = Deep()",
        "y = net(randn(2, 4))",
    ]
)


@dataclass
class Terminal:
    """A program running in a pseudo-terminal of its own."""

    pid: int
    fd: int
    started: float

    @classmethod
    def open(cls, command: list[str], columns: int = COLUMNS, lines: int = LINES) -> Terminal:
        """Start a command in a terminal of this size."""
        started = time.perf_counter()
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execvp(command[0], command)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        return cls(pid, fd, started)

    def until(self, words: bytes, limit: float = 20.0) -> float:
        """Seconds from the start until some words were on the screen."""
        got = b""
        while time.perf_counter() - self.started < limit:
            if select.select([self.fd], [], [], 0.1)[0]:
                got += os.read(self.fd, 1 << 16)
                if words in re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", got):
                    return time.perf_counter() - self.started
        raise TimeoutError(f"{words!r} never came")

    def settle(self) -> tuple[float, int]:
        """Read until nothing comes for a while: the time of the last byte, and how many came."""
        last, count = time.perf_counter(), 0
        while select.select([self.fd], [], [], QUIET)[0]:
            count += len(os.read(self.fd, 1 << 16))
            last = time.perf_counter()
        return last, count

    def key(self, key: bytes) -> tuple[float, int]:
        """Press a key: seconds until the screen had settled, and the bytes that it sent."""
        pressed = time.perf_counter()
        os.write(self.fd, key)
        last, count = self.settle()
        return last - pressed, count

    def shows(self, key: bytes, words: bytes) -> float:
        """Press a key: seconds until some words came, on a screen that never settles."""
        pressed, got = time.perf_counter(), b""
        os.write(self.fd, key)
        while words not in got:
            if time.perf_counter() - pressed > 5.0:
                raise TimeoutError(f"{words!r} never came")
            if select.select([self.fd], [], [], 0.1)[0]:
                got = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", got + os.read(self.fd, 1 << 16))
        return time.perf_counter() - pressed

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def start_up(command: list[str], words: bytes) -> float:
    """Seconds from process start to the first frame with content."""
    terminal = Terminal.open(command)
    try:
        return terminal.until(words)
    finally:
        terminal.close()


def key_times(
    programs: Mapping[str, tuple[list[str], bytes, tuple[bytes, ...]]], count: int
) -> dict[str, tuple[list[float], float]]:
    """Of each program, seconds from each of `count` keys to a settled screen, and the mean number of bytes a key.

    A program has a command, words that say that it stands, and keys, taken in turn. All run at once and get their
    keys one after the other, so that a processor that grows slower is slower for all.
    """
    terminals: dict[str, Terminal] = {}
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in programs}
    try:
        for name, (command, words, _) in programs.items():
            terminals[name] = Terminal.open(command)
            terminals[name].until(words)
            time.sleep(1.0)  # what is loaded after the first frame
            terminals[name].settle()
        for k in range(WARM + count):
            for name, (_, _, keys) in programs.items():
                results[name].append(terminals[name].key(keys[k % len(keys)]))
    finally:
        for terminal in terminals.values():
            terminal.close()
    found = {name: pressed[WARM:] for name, pressed in results.items()}
    return {name: ([t for t, _ in some], statistics.mean(n for _, n in some)) for name, some in found.items()}


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--keys", type=int, default=120)
    arguments = parser.parse_args()
    bptui = shutil.which("bptui") or sys.exit("bptui is not installed")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that pip installed has its bytecode beside it
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BPTUI_PROGRESS"] = str(Path(folder) / "progress.sqlite")
        minimal = Path(folder) / "minimal.py"
        minimal.write_text(MINIMAL)
        deep = Path(folder) / "deep.py"
        deep.write_text(DEEP)
        programs = {
            "minimal": ([sys.executable, str(minimal)], b"CONTENT"),
            "home": ([bptui], b"two-layer"),
            "step mynet": ([bptui, "step", "mynet"], b"mynet"),
            "lesson": ([bptui, "lesson", "through-a-sum"], b"through-a-sum"),
            "a net of 2,000 modules, standing": ([bptui, "step", str(deep)], b"forward"),
        }
        starts: dict[str, list[float]] = {name: [] for name in programs}
        for command, words in programs.values():
            start_up(command, words)  # writes the bytecode of what was not yet run
        for _ in range(arguments.rounds):
            for name, (command, words) in programs.items():
                starts[name].append(start_up(command, words))
        base = statistics.median(starts["minimal"])
        print("| start to first content | median ms | ÷ minimal |\n|---|---|---|")
        for name, values in starts.items():
            print(f"| {name} | {statistics.median(values) * 1e3:.0f} | {statistics.median(values) / base:.2f} |")
        print("\n| key to settled screen | median ms | p95 ms | ÷ minimal | ÷ mynet | bytes a key |")
        print("|---|---|---|---|---|---|")
        keyed = {name: (*programs[name], TURN if name == "lesson" else (RIGHT,)) for name in programs if name != "home"}
        found = key_times(keyed, arguments.keys)
        base, mynet = (statistics.median(found[name][0]) for name in ("minimal", "step mynet"))
        for name, (times, size) in found.items():
            median, tail = statistics.median(times), percentile(times, 0.95)
            shares = f"{median / base:.2f} | {median / mynet:.2f}"
            print(f"| {name} | {median * 1e3:.1f} | {tail * 1e3:.1f} | {shares} | {size:.0f} |")


if __name__ == "__main__":
    main()
