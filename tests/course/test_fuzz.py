"""Lesson files are untrusted: in a process of its own, with limits of time and memory, any bytes are read."""

import subprocess
import sys
from pathlib import Path

import pytest

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")


def survives(count: int, seconds: int) -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("fuzz.py"), str(count), str(seconds)],
        capture_output=True,
        text=True,
        timeout=20 * seconds,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@LINUX
def test_any_bytes_are_a_lesson_or_an_error_with_its_line() -> None:
    survives(25, 60)


@LINUX
@pytest.mark.slow
def test_many_more_bytes() -> None:
    survives(3000, 600)
