"""Clients that ask for more than a terminal needs: of sizes, looks, hands and connections so many a second, no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncssh
import pytest
from asyncssh.packet import String
from clients import Served
from led import follower, leading

from bptui.classroom import meter, seat
from bptui.classroom.lead import lead
from bptui.classroom.limits import Gate, Limits, Visit
from bptui.classroom.meter import Meter
from bptui.classroom.pace import Pace
from bptui.classroom.seat import HANDS, TURNS

F2 = "\x1bOQ"


def test_a_pace_is_so_many_at_once_and_then_so_many_in_a_second() -> None:
    now = 0.0
    pace = Pace(3, 2.0, lambda: now)
    assert [pace.wait() > 0 for _ in range(5)] == [False, False, False, True, True]
    wait = pace.wait()
    now += wait
    assert pace.wait() == 0.0 and pace.wait() > 0 and not pace.rested
    assert pace.spent(10) == pytest.approx(5.0, abs=0.01)
    now += 7.0
    assert pace.rested


def test_an_address_comes_so_often_at_once_and_then_so_often_in_a_second() -> None:
    now = 0.0
    gate = Gate(replace(Limits(), arrivals=(3, 1.0)), lambda: now)
    for _ in range(3):
        visit = Visit("a", list)
        assert gate.come(visit) == ""
        gate.go(visit)
    assert gate.come(Visit("a", list)) == "too many connections at once from one address"
    assert gate.come(Visit("b", list)) == ""
    now = 1.5
    assert gate.come(Visit("a", list)) == ""


async def test_a_window_that_never_rests_has_few_stages_and_in_the_end_its_own(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await leading(served)
    mina = await follower(served, "mina", 120, 40)
    made, stage = [], lead.Stage

    def counted(*given: Any) -> lead.Stage:
        made.append(given)
        return stage(*given)

    monkeypatch.setattr(lead, "Stage", counted)
    for k in range(200):
        mina.chan.change_terminal_size(*((160, 48), (140, 42), (100, 30))[k % 3])
    mina.resize(80, 24)
    await mina.until(lambda: "raise hand" in mina.terminal.display[23])
    assert len(made) < 50


async def test_colours_are_not_turned_a_hundred_times_a_second(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat, "TURNS", (TURNS[0], 1e-6))
    await leading(served)
    mina = await follower(served, "mina")
    before, _ = served.server.room.store.snapshot()
    mina.type(F2 * 60 + "h")
    await mina.sees("hand up")
    after, _ = served.server.room.store.snapshot()
    assert TURNS[0] <= after - before <= TURNS[0] + 4


async def test_a_hand_is_not_raised_a_thousand_times_a_second(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat, "HANDS", (HANDS[0], 1e-6))
    mina = await served.student("mina")
    before, _ = served.server.room.store.snapshot()
    for _ in range(100):
        mina.chan.write(b"\x07" * 1001)
    mina.type("n")
    await mina.sees("open that net")
    after, _ = served.server.room.store.snapshot()
    assert 1 <= after - before <= HANDS[0] + 4


async def test_what_was_typed_before_the_line_dropped_is_not_worked_at_afterwards(served: Served) -> None:
    mina = await served.student("mina")
    mina.chan.write(b"T" * 20_000)
    mine = served.server.room.seats["mina"]
    await mina.sees("Home")
    async with asyncio.timeout(10):
        while not mine.app._driver.keyboard._bytes:  # type: ignore[union-attr]
            await asyncio.sleep(0)
        served.clients[-1].abort()
        while mine.client is not None:
            await asyncio.sleep(0)
    keyboard = mine.app._driver.keyboard  # type: ignore[union-attr]
    assert not keyboard._bytes and not keyboard._events


class Transport:
    def __init__(self) -> None:
        self.reading, self.unread, self.max_size = True, 0, 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.unread


async def test_nothing_more_is_taken_from_a_client_that_reads_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "LOOK", 1e-3)
    transport: Any = Transport()
    metered = Meter(transport)
    metered.received(1, 0)
    assert transport.reading and transport.max_size == meter.PIECE
    for unread, kept in ((meter.UNREAD + 1, 0), (0, meter.UNREAD + 1)):
        transport.unread = unread
        metered.received(1, kept)
        assert not transport.reading
        transport.unread = 0
        async with asyncio.timeout(10):
            while not transport.reading:
                await asyncio.sleep(0)
    metered.close()


async def test_packets_without_an_end_are_taken_at_a_pace(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "PACKETS", (500.0, 10.0))
    await served.student("mina")
    conn: Any = served.clients[0]
    (theirs,) = {c._conn for c in served.server_channels()}
    first = theirs._recv_seq
    for _ in range(20_000):
        conn.send_packet(2, String(b"nothing"))
    async with asyncio.timeout(10):
        while theirs._transport.is_reading():
            await asyncio.sleep(0)
    assert theirs._recv_seq - first < 2000


async def test_one_who_logs_in_again_and_again_has_to_wait(served: Served) -> None:
    served.server.gate.limits = replace(served.limits, arrivals=(2, 0.01))
    served.server.gate._arrivals.clear()
    for _ in range(2):
        (await served.connect("mina", password=served.code)).abort()
    with pytest.raises((asyncssh.Error, OSError)):
        await served.connect("mina", password=served.code)
