"""The real OpenSSH client against the command `bptui class serve`, as a class uses them."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("ssh") is None, reason="wants OpenSSH's ssh")]
COMMAND = [sys.executable, "-m", "bptui.cli"]
PATIENCE = 20.0


class Class:
    """A class that is served by a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {**os.environ, "BPTUI_CLASSES": str(root / "classes"), "HOME": str(root), "COLUMNS": "80"}
        made = subprocess.run([*COMMAND, "class", "new", "DL week 2"], env=self.env, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        self.code = re.search(r"class code +(\S+)", made.stdout)[1]  # type: ignore[index]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "class", "serve", "--port", "0", "--host", "127.0.0.1"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = ""
        while "Ctrl+C" not in self.said:
            line = self.process.stdout.readline()
            assert line, "the server ended"
            self.said += line
        self.port = re.search(r"ssh -p (\d+) NAME@127.0.0.1", self.said)[1]  # type: ignore[index]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def command(self, name: str, *options: str, words: tuple[str, ...] = ()) -> list[str]:
        known = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.root}/known"]
        return ["ssh", *known, "-o", "IdentityAgent=none", *options, "-p", self.port, f"{name}@127.0.0.1", *words]

    def key(self, name: str) -> str:
        path = self.root / name
        if not path.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
        return str(path)


class Terminal:
    """A program in a pseudo-terminal, and what stands on its screen."""

    def __init__(self, command: list[str], env: dict[str, str], width: int = 100, height: int = 30) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**env, "TERM": "xterm-256color", "LANG": "C.UTF-8"})
        termios.tcsetwinsize(self.fd, (height, width))

    def read(self) -> bool:
        """Take what there is; False at the end."""
        if not select.select([self.fd], [], [], PATIENCE)[0]:
            raise TimeoutError(self.text)
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def sees(self, *words: str) -> None:
        until = time.monotonic() + PATIENCE
        while not all(word in self.text for word in words):
            assert self.read() and time.monotonic() < until, f"never saw {words}:\n{self.text}"

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        while self.read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture(scope="module")
def klass(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    found = Class(tmp_path_factory.mktemp("class"))
    yield found
    if found.process.poll() is None:
        found.stop()


def test_a_student_joins_by_keyboard_interactive_and_leaves(klass: Class) -> None:
    terminal = Terminal(klass.command("mina", "-o", "PubkeyAuthentication=no"), klass.env)
    terminal.sees("Class code (or your own password")
    terminal.type(f"{klass.code}\n")
    terminal.sees("Choose a password")
    terminal.type("plum river\r")
    terminal.sees("Once more")
    terminal.type("plum river\r")
    terminal.sees("Home", "12 minutes")
    terminal.type("ne")
    terminal.sees("mynet", "batch 1 of")
    termios.tcsetwinsize(terminal.fd, (24, 80))
    os.kill(terminal.pid, signal.SIGWINCH)
    terminal.screen.resize(24, 80)
    while "? explain" not in terminal.screen.display[23]:
        assert terminal.read()
    terminal.type("\x11")
    assert terminal.end() == 0
    assert b"Goodbye, mina" in terminal.raw and terminal.raw.count(b"\x1b[?1049l") == 1


def test_a_student_with_a_key_is_asked_the_code_once_and_taken_up_after_kill_9(klass: Class) -> None:
    mine = ("-i", klass.key("lena"))
    terminal = Terminal(klass.command("lena", *mine), klass.env)
    terminal.sees("Class code:")
    terminal.type(f"{klass.code}\r")
    terminal.sees("Home", "12 minutes")
    terminal.type("\r")
    terminal.sees("1/11")
    terminal.type(">")
    terminal.sees("2/11")
    assert klass.stop(signal.SIGKILL) == -signal.SIGKILL
    assert terminal.end() == 255
    fingerprint = re.search(r"SHA256:\S+", klass.said)[0]  # type: ignore[index]
    klass.start()
    assert fingerprint in klass.said
    again = Terminal(klass.command("lena", *mine), klass.env)
    again.sees("2/11")
    again.kill()
    other = Terminal(klass.command("lena", "-i", klass.key("other")), klass.env)
    other.sees("The name lena is taken")
    other.end()


def test_the_teacher_comes_by_her_key(klass: Class) -> None:
    hers = str(klass.root / "classes" / "dl-week-2" / "teacher_key")
    assert hers in klass.said
    terminal = Terminal(klass.command("teacher", "-i", hers), klass.env)
    terminal.sees("Home", "12 minutes")
    terminal.type("q")
    assert terminal.end() == 0


def test_a_wrong_code(klass: Class) -> None:
    options = ("-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1")
    terminal = Terminal(klass.command("eve", *options), klass.env)
    for prompt in ("Class code", "'s password:"):
        terminal.sees(prompt)
        terminal.type("guess\n")
    assert terminal.end() == 255
    assert b"Permission denied" in terminal.raw


@pytest.mark.parametrize(
    ("options", "words", "said"),
    [
        ((), ("id",), "exec request failed"),
        (("-s",), ("sftp",), "subsystem request failed"),
        (("-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:80"), (), "remote port forwarding failed"),
        (("-W", "127.0.0.1:22"), (), "open failed"),
        (("-tt",), ("sh",), "exec request failed"),
    ],
)
def test_what_is_refused(klass: Class, options: tuple[str, ...], words: tuple[str, ...], said: str) -> None:
    command = klass.command("lena", "-i", klass.key("lena"), "-o", "BatchMode=yes", *options, words=words)
    done = subprocess.run(command, env=klass.env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode != 0 and said in done.stderr.lower()


def test_keys_are_for_their_owner_alone(klass: Class) -> None:
    folder = klass.root / "classes"
    for path in (folder / "host_key", folder / "dl-week-2" / "teacher_key", folder / "dl-week-2" / "class.sqlite"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_class_is_served_once(klass: Class) -> None:
    command = [*COMMAND, "class", "serve", "--port", "0"]
    done = subprocess.run(command, env=klass.env, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (2, "bptui: dl-week-2: is being served already\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "DL week 2"), "there is such a class already"),
        (("new", "..."), "wants a name with letters or digits"),
        (("new", "x", "--key", "/nowhere.pub"), "/nowhere.pub: No such file"),
        (("new", "x", "--list", "/nowhere.txt"), "/nowhere.txt: No such file"),
        (("new", "x", "--open", "--list", "names.txt"), "not allowed with argument --open"),
        (("forget", "mina"), "dl-week-2: is being served; end it with Ctrl+C"),
        (("serve", "other"), "no such class; there are dl-week-2"),
        (("serve", "--port", "99999"), "wants a number from 0 to 65535"),
    ],
)
def test_bad_use_is_one_line(klass: Class, words: tuple[str, ...], said: str) -> None:
    command = [*COMMAND, "class", *words]
    done = subprocess.run(command, env=klass.env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1 and not done.stdout


def test_it_ends_in_good_order(klass: Class) -> None:
    terminal = Terminal(klass.command("nora", "-i", klass.key("nora")), klass.env)
    terminal.sees("Class code:")
    terminal.type(f"{klass.code}\r")
    terminal.sees("Home")
    assert klass.stop() == 0
    terminal.end()
    assert b"The class is closed for now" in terminal.raw
    klass.start()
