"""What the class's connections leave out of asyncssh's."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncssh
import pytest
from asyncssh.encryption import get_encryption_algs
from asyncssh.packet import String
from clients import Served

from bptui.classroom import meter
from bptui.classroom.connection import Connection


async def test_a_frame_is_one_packet(served: Served) -> None:
    mina = await served.student("mina")
    conn: Any = served.clients[0]
    pieces: list[bytes] = []
    receive = mina.data_received

    def counted(data: bytes, datatype: Any) -> None:
        pieces.append(data)
        receive(data, datatype)

    mina.data_received = counted  # type: ignore[method-assign]
    first = conn._recv_seq
    mina.type("?")
    await mina.sees("find any of these")
    assert pieces and conn._recv_seq - first == len(pieces)


async def test_the_settings_are_the_same_ones_for_all(served: Served) -> None:
    await served.student("mina")
    await served.student("noor")
    conns = {channel._conn for channel in served.server_channels()}
    assert len(conns) == 2 and len({id(conn._options) for conn in conns}) == 1
    assert all(type(conn) is Connection for conn in conns)


async def test_no_cipher_is_taken_that_needs_the_packets_which_are_left_out(served: Served) -> None:
    chained = [name.decode() for name in get_encryption_algs() if b"cbc" in name]
    with pytest.raises(asyncssh.KeyExchangeFailed):
        await served.connect("mina", password=served.code, encryption_algs=chained)


async def test_packets_before_new_keys_are_counted_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "PACKETS", (300.0, 0.1))
    await served.student("mina")
    conn: Any = served.clients[0]
    (theirs,) = {channel._conn for channel in served.server_channels()}
    send, newkeys = conn._send, conn.send_newkeys

    def with_many(*secrets: bytes) -> None:
        """All in one write, so that they are read at once."""
        pieces: list[bytes] = []
        conn._send = pieces.append
        for _ in range(100):
            conn.send_packet(2, String(b"nothing"))
        newkeys(*secrets)
        conn._send = send
        send(b"".join(pieces))

    conn.send_newkeys = with_many
    for _ in range(6):
        if theirs._transport.is_reading():
            conn._send_kexinit()
            conn._kexinit_sent = True
            async with asyncio.timeout(10):
                while not conn._kex_complete and theirs._transport.is_reading():
                    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while theirs._transport.is_reading():
            await asyncio.sleep(0)
