"""Names, codes, secrets, limits: what needs no network to be tested."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bptui.classroom.limits import Gate, Limits, Visit, network
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
    assert matches(first, "plum river") and not matches(first, "plum rivers")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def comes(gate: Gate, address: str, proved: int = 0) -> tuple[Visit, list[str]]:
    """Somebody who is at the door, and what becomes of them."""
    gone: list[str] = []
    visit = Visit(address, lambda: gone.append("sent away"))
    assert gate.come(visit) == ""
    visit.proved = proved
    return visit, gone


def test_wrong_codes_are_answered_later_where_there_were_many_and_soon_again_in_time() -> None:
    clock = Clock()
    gate = Gate(Limits(few=(3, 0.1), soon=1.0, pause=4.0), clock)
    (one, _), (other, _) = comes(gate, "a"), comes(gate, "b")
    assert [gate.failed(one) for _ in range(5)] == [1.0, 1.0, 1.0, 4.0, 4.0]
    assert gate.failed(other) == 1.0
    clock.now = 11.0
    assert gate.failed(one) == 1.0


def test_passwords_of_one_name_are_guessed_a_few_times_and_the_other_names_are_free() -> None:
    clock = Clock()
    gate = Gate(Limits(failures=(3, 0.1)), clock)
    (one, _), (other, _) = comes(gate, "a"), comes(gate, "b")
    assert [gate.may_guess(one, "mina") for _ in range(5)] == [True, True, True, False, False]
    assert gate.may_guess(one, "lena") and gate.may_guess(other, "mina")
    clock.now = 11.0
    assert gate.may_guess(one, "mina") and not gate.may_guess(one, "mina")
    gate.guessed(one, "mina")
    assert gate.may_guess(one, "mina")


def test_who_is_inside_is_counted_by_address_and_in_all_and_the_teacher_has_room() -> None:
    gate = Gate(Limits(connections=3, of_address=2))
    first, *others = (comes(gate, "a")[0] for _ in range(3))
    assert gate.enter(first) == gate.enter(others[0]) == ""
    assert "this address" in gate.enter(others[1])
    assert gate.enter(comes(gate, "b")[0]) == "" and "full" in gate.enter(comes(gate, "b")[0])
    assert gate.enter(comes(gate, "b")[0], teacher=True) == ""
    gate.go(first)
    assert "full" in gate.enter(others[1])
    gate.go(others[0])
    assert gate.enter(others[1]) == ""


def test_of_those_outside_the_oldest_makes_room_of_the_address_with_the_most_and_the_least_proved() -> None:
    gate = Gate(Limits(outside=4))
    visits = [comes(gate, "class", 1), comes(gate, "flood", 1), comes(gate, "flood"), comes(gate, "flood")]
    comes(gate, "class", 1)
    assert [len(gone) for _, gone in visits] == [0, 0, 1, 0]
    comes(gate, "class", 1)
    assert [len(gone) for _, gone in visits] == [0, 0, 1, 1]
    comes(gate, "class", 1)
    assert [len(gone) for _, gone in visits] == [1, 0, 1, 1]


def test_who_is_outside_takes_no_place_of_those_inside() -> None:
    gate = Gate(Limits(connections=5, of_address=5, outside=100))
    for _ in range(200):
        comes(gate, "a")
    assert [gate.enter(comes(gate, "a")[0]) for _ in range(5)] == [""] * 5


def test_a_machine_has_one_address_of_four_numbers_and_64_bits_of_the_others() -> None:
    assert network("10.0.0.1") != network("10.0.0.2") and network("::ffff:10.0.0.1") == "::ffff:10.0.0.1"
    assert network("2001:db8:1:2::7") == network("2001:db8:1:2:9:9:9:9") != network("2001:db8:1:3::7")
    assert network("fe80::1%eth0") == network("fe80::2%eth0") and network("?") == "?"


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
