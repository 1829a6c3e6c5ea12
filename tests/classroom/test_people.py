"""Names, codes, secrets, limits: what needs no network to be tested."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bptui.classroom.limits import Gate, Limits
from bptui.classroom.people import hashed, is_code, key_of, matches, new_code, readable, slowly


@pytest.mark.parametrize(
    "name",
    ["", "a\x1b[2J", "a\nb", "\u202eanim", "a\u0327\u0323\u0331\u0324", "\u200bmina", " mina", "a\ud800", "[b]x"],
)
def test_a_name_that_could_harm_a_terminal_is_none(name: str) -> None:
    assert readable(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "mina ",
        "mina  b",
        "mina\ufe0f",
        "mina\u3164",
        "\u3164",
        "mi\u034fna",
        "mina\U000e0101",
        "\u0442eacher",
        "min\u0251\u03b1",
    ],
)
def test_a_name_that_would_look_like_another_one_is_none(name: str) -> None:
    assert readable(name) is None
    assert all(
        readable(other) == other for other in ("mina b", "Мина", "μίνα", "李娜", "मीना", "Strauß", "J. O'Neil-2")
    )


def test_names_are_one_whatever_their_case_width_and_encoding() -> None:
    assert key_of("ZOË") == key_of("zoe\u0308") == key_of("zoë")
    assert readable("zoe\u0308") == "zoë"
    assert key_of("mina") != key_of("mila")


def test_a_code_is_known_however_it_is_typed_and_nothing_else_is() -> None:
    code = new_code()
    assert is_code(code, code) and is_code(code, f" {code.upper().replace('-', '')} ")
    assert not is_code(code, code[:-1]) and not is_code(code, "") and not is_code("", "")


def test_a_secret_is_kept_as_a_hash_of_its_own() -> None:
    first, second = hashed("plum river"), hashed("plum river")
    assert first != second and "plum" not in first
    assert matches(first, "plum river") and not matches(first, "plum rivers") and not matches("", "")


def test_failures_are_counted_by_address_and_forgotten_with_time() -> None:
    now = 0.0
    gate = Gate(Limits(failures=3, pause=10.0), lambda: now)
    for _ in range(3):
        assert not gate.must_wait("a")
        gate.failed("a")
    assert gate.must_wait("a") and not gate.must_wait("b")
    now = 9.0
    assert gate.must_wait("a")
    now = 11.0
    assert not gate.must_wait("a")


def test_connections_are_counted_by_address_and_in_all() -> None:
    gate = Gate(Limits(connections=3, of_address=2))
    assert gate.come("a") == gate.come("a") == ""
    assert "one address" in gate.come("a")
    assert gate.come("b") == "" and "full" in gate.come("b")
    gate.go("a")
    assert gate.come("a") == ""


async def test_secrets_are_hashed_two_at_a_time_and_the_loop_is_free_meanwhile() -> None:
    at_work, most, go_on = 0, 0, threading.Event()
    lock = threading.Lock()

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        go_on.wait(10)
        with lock:
            at_work -= 1

    tasks = [asyncio.create_task(slowly(work)) for _ in range(6)]
    while at_work < 2:
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*tasks)
    assert most == 2
