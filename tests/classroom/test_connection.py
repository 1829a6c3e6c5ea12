"""What the class's connections leave out of asyncssh's."""

from __future__ import annotations

from typing import Any

import asyncssh
import pytest
from asyncssh.encryption import get_encryption_algs
from clients import Served

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
