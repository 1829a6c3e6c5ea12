"""All that SSH can do besides the app, refused; and clients that are up to something: nobody else feels it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from clients import PATIENCE, Screen, Served, gone
from textual import events
from textual.message import Message

from bptui.classroom.limits import Limits

Conn = asyncssh.SSHClientConnection
REFUSED: dict[str, Callable[[Conn, Path], Awaitable[Any]]] = {
    "exec": lambda conn, _: conn.create_process("id"),
    "sftp": lambda conn, _: conn.start_sftp_client(),
    "subsystem": lambda conn, _: conn.create_process(subsystem="netconf"),
    "scp": lambda conn, path: asyncssh.scp((conn, "/etc/passwd"), path),
    "direct-tcpip": lambda conn, _: conn.open_connection("127.0.0.1", 80),
    "direct-streamlocal": lambda conn, _: conn.open_unix_connection("/run/docker.sock"),
    "tcpip-forward": lambda conn, _: conn.forward_remote_port("", 0, "127.0.0.1", 80),
    "streamlocal-forward": lambda conn, path: conn.forward_remote_path(str(path), "/tmp/x"),
    "tun": lambda conn, _: conn.open_tun(0),
    "x11": lambda conn, _: conn.create_process(
        term_type="xterm", x11_forwarding=True, x11_display="127.0.0.1:0", x11_auth_path="/dev/null"
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_only_the_app(served: Served, tmp_path: Path, what: str) -> None:
    await served.student("mina")
    conn = await served.connect("mina", password="secret of mina")
    with pytest.raises((asyncssh.Error, asyncssh.ChannelListenError, OSError)):
        await asyncio.wait_for(REFUSED[what](conn, tmp_path / "x"), PATIENCE)
    assert not (tmp_path / "x").exists()


async def test_a_second_session_is_refused_and_the_first_goes_on(served: Served) -> None:
    screen = await served.student("mina")
    with pytest.raises(asyncssh.ChannelOpenError):
        await served.terminal(served.clients[-1])
    screen.type("n")
    await screen.sees("open that net")


async def test_no_agent_is_forwarded(served: Served) -> None:
    screen = await served.student("mina")
    assert await screen.chan._make_request(b"auth-agent-req@openssh.com") is False
    screen.type("n")
    await screen.sees("open that net")


async def test_of_the_environment_four_names_are_kept(served: Served) -> None:
    conn = await served.connect("mina", password=served.code)
    many = {f"LD_{k}": "x" for k in range(400)} | {"LANG": "C", "COLORTERM": "y" * 100}
    _, screen = await conn.create_session(
        Screen, term_type="xterm", term_size=(80, 24), encoding=None, env=many, send_env=()
    )
    await screen.sees("Choose a password")
    (session,) = [c._session for c in served.server_channels()]
    assert dict(session._environment) == {b"LANG": b"C"}


async def test_a_connection_has_so_many_tries(served: Served) -> None:
    tries = []

    class Guessing(asyncssh.SSHClient):
        def password_auth_requested(self) -> str:
            tries.append(1)
            return "guess"

    with pytest.raises(asyncssh.DisconnectError):
        await asyncssh.create_connection(
            Guessing, "127.0.0.1", served.server.port, username="mina", known_hosts=None, config=None, client_keys=None
        )
    assert len(tries) == served.limits.tries + 1


class TestFailing:
    """A server that forgives little."""

    @pytest.fixture
    def limits(self) -> Limits:
        return replace(Limits(), few=(1, 1e-6), failures=(3, 1e-6), soon=0.0, pause=0.0)

    async def test_wrong_codes_of_one_keep_out_nobody_who_has_the_right_one(self, served: Served) -> None:
        for _ in range(40):
            with pytest.raises(asyncssh.PermissionDenied):
                await served.connect("joker", password="guess")
        await served.student("mina")
        key = asyncssh.generate_private_key("ssh-ed25519")
        lena = await served.terminal(await served.connect("lena", key=key))
        await lena.sees("Class code")
        lena.type(f"{served.code}\r")
        await lena.sees("Home")

    async def test_a_password_that_is_guessed_too_often_is_asked_no_more_and_the_name_alone_has_to_wait(
        self, served: Served
    ) -> None:
        await served.student("Mina")
        await served.student("lena")
        for _ in range(3):
            with pytest.raises(asyncssh.PermissionDenied):
                await served.connect("mina", password="guess")
        with pytest.raises(asyncssh.DisconnectError, match="too many wrong passwords"):
            await served.connect("mina", password="secret of Mina")
        thief = await served.terminal(await served.connect("MINA", password=served.code))
        await thief.sees("Password of Mina")
        thief.type("secret of Mina\r")
        await thief.closed.wait()
        assert "Too many wrong passwords" in thief.text
        await (await served.again("lena")).sees("Home")

    async def test_the_right_password_makes_up_for_the_wrong_ones(self, served: Served) -> None:
        served.server.gate.limits = replace(served.limits, failures=(4, 1e-6))
        await served.student("mina")
        for _ in range(3):
            for _ in range(3):
                with pytest.raises(asyncssh.PermissionDenied):
                    await served.connect("mina", password="guess")
            await served.connect("mina", password="secret of mina")

    async def test_a_wrong_code_is_answered_late_and_the_right_one_at_once(self, served: Served) -> None:
        served.server.gate.limits = replace(served.limits, few=(9, 1.0), soon=1e6)
        wrong = asyncio.create_task(served.connect("joker", password="guess"))
        key = asyncssh.generate_private_key("ssh-ed25519")
        lena = await served.terminal(await served.connect("lena", key=key))
        await lena.sees("Class code")
        lena.type("guess\r")
        await served.student("mina")
        assert not wrong.done() and "not the code" not in lena.text
        wrong.cancel()


class TestFew:
    """A server with narrow limits."""

    @pytest.fixture
    def limits(self) -> Limits:
        return replace(Limits(), connections=1, outside=2, greeting=1.0, login=2.0, lobby=1.5)

    async def test_a_full_class_takes_nobody_but_the_teacher_until_somebody_leaves(self, served: Served) -> None:
        mina = await served.student("mina")
        lena = await served.terminal(await served.connect("lena", password=served.code))
        for prompt in ("Choose a password", "Once more"):
            await lena.sees(prompt)
            lena.type("secret of lena\r")
        await lena.closed.wait()
        assert "The class is full." in lena.text
        await served.teacher()
        mina.type("q")
        await mina.closed.wait()
        served.clients[-1].abort()  # the teacher's
        await served.clients[-1].wait_closed()
        await (await served.again("lena")).sees("Home")

    async def test_who_comes_back_takes_the_place_that_they_have(self, served: Served) -> None:
        await served.student("mina")
        for _ in range(2):
            await (await served.again("mina")).sees("Home")

    async def test_who_says_nothing_makes_room_for_those_who_come_in(self, served: Served) -> None:
        silent = [await asyncio.open_connection("127.0.0.1", served.server.port) for _ in range(2)]
        await served.student("mina")
        await asyncio.wait_for(silent[0][0].read(), PATIENCE)  # to its end
        for _, writer in silent:
            writer.close()

    async def test_who_does_not_log_in_is_let_go(self, served: Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
        writer.write(b"SSH-2.0-slow\r\n")
        await asyncio.wait_for(reader.read(), PATIENCE)  # to its end
        writer.close()

    async def test_who_stays_in_the_lobby_is_let_go(self, served: Served) -> None:
        screen = await served.terminal(await served.connect("mina", password=served.code))
        await asyncio.wait_for(screen.closed.wait(), PATIENCE)
        idle = await served.connect("mina", password=served.code)  # and who never asks for a terminal
        await asyncio.wait_for(idle.wait_closed(), PATIENCE)


class TestIdle:
    """A server that has no patience."""

    @pytest.fixture
    def limits(self, monkeypatch: pytest.MonkeyPatch) -> Limits:
        monkeypatch.setattr("bptui.classroom.room.ROUND", 0.05)
        return replace(Limits(), idle=0.0)

    async def test_who_touches_no_key_is_let_go_in_good_order(self, served: Served) -> None:
        screen = await served.terminal(await served.connect("mina", password=served.code))
        for prompt in ("Choose a password", "Once more"):
            await screen.sees(prompt)
            screen.type("plum river\r")
        await asyncio.wait_for(screen.closed.wait(), PATIENCE)
        assert b"Nobody has touched a key" in screen.raw


async def test_garbage_ends_nobodys_session(served: Served) -> None:
    screen, other = await served.student("mina"), await served.student("lena")
    screen.chan.write(bytes(range(256)) * 100 + b"\x1b[99999999999u\x1b[<0;9999;9999M\x1b[48;1;1;1;1t" * 20)
    other.type("n")
    await other.sees("open that net")
    assert not screen.closed.is_set() or "Goodbye" in screen.raw.decode("utf-8", "replace")


async def test_ten_megabytes_are_pasted_and_the_others_go_on(served: Served) -> None:
    screen, other = await served.student("mina"), await served.student("lena")
    app = served.server.room.seats["mina"].app
    assert app is not None
    post, pasted = app.post_message, []

    def posted(message: Message) -> bool:
        if isinstance(message, events.Paste):
            pasted.append(len(message.text))
        return post(message)

    app.post_message = posted  # type: ignore[method-assign]
    screen.chan.write(b"\x1b[200~" + b"x" * 10_000_000 + b"\x1b[201~" + b"n")
    for _ in range(3):
        other.type("n")
        await other.sees("open that net")
        other.type("n")
        await other.sees("course map", without="open that net")
    await screen.sees("open that net")  # what comes after the paste arrives
    assert app._message_queue.qsize() < 100
    assert pasted and max(pasted) <= 64 * 1024


async def test_ten_megabytes_of_keys_and_the_others_go_on(served: Served) -> None:
    screen, other = await served.student("mina"), await served.student("lena")
    screen.chan.write(b"\x1b[B\x1b[A" * 1_700_000)
    for _ in range(3):
        other.type("n")
        await other.sees("open that net")
        other.type("n")
        await other.sees("course map", without="open that net")
    app = served.server.room.seats["mina"].app
    assert app is not None and app._message_queue.qsize() < 100


async def test_a_client_that_stops_reading_is_let_go_and_the_others_go_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("STUCK", 0.3), ("FULL", 4096), ("DRAINED", 1024)):
        monkeypatch.setattr(f"bptui.classroom.terminal.painter.{name}", value)
    screen, other = await served.student("mina", window=8192), await served.student("lena")
    conn = served.clients[0]
    conn._transport.pause_reading()  # type: ignore[union-attr]
    seat = served.server.room.seats["mina"]
    app, drawn = seat.app, asyncio.Event()
    assert app is not None
    show = app.on_frame

    def shown() -> None:
        show()
        drawn.set()

    app.on_frame = shown
    async with asyncio.timeout(2 * PATIENCE):
        while seat.client is not None:
            drawn.clear()
            app.call_later(app.action_next_theme)
            await drawn.wait()
    other.type("n")
    await other.sees("open that net")
    assert served.server.room.seats["mina"] is seat  # the app waits for its learner
    assert screen.chan is not None


async def test_windows_of_any_size(served: Served) -> None:
    screen = await served.student("mina")
    for width, height in ((1, 1), (1000, 1000), (3, 50), (0, 0), (2**31, 5)):
        screen.chan.change_terminal_size(width, height)
    screen.resize(80, 24)
    await screen.until(lambda: "q quit" in screen.terminal.display[23])
    screen.resize(120, 40)
    await screen.until(lambda: "q quit" in screen.terminal.display[39])


async def test_a_dropped_line_is_taken_up_where_it_was(served: Served) -> None:
    screen = await served.student("mina")
    screen.type("ne")
    await screen.until(lambda: "mynet" in screen.terminal.display[0])
    for _ in range(3):
        screen.type("\x1b[C")
    await screen.sees("forward 4 of")
    served.clients[-1].abort()
    await screen.closed.wait()
    again = await served.again("mina", 120, 40)
    await again.until(lambda: "mynet" in again.terminal.display[0] and "forward 4 of" in again.text)
    assert len(served.server.room.seats) == 1


async def test_progress_place_and_theme_survive_a_restart(served: Served) -> None:
    screen = await served.student("mina")
    await screen.sees("about 12 minutes")
    screen.type("T\r")
    await screen.sees("1/11")
    screen.type(">")
    await screen.sees("2/11")
    await served.restart()
    again = await served.again("mina")
    await again.sees("2/11")  # at once, where they were
    again.type("q")
    await again.sees("Continue", "go on")
    seat = served.server.room.seats["mina"]
    assert seat.app is not None and seat.app.paint.theme == "light"


async def test_a_workbench_is_found_again_after_a_restart_and_not_once_it_was_left(served: Served) -> None:
    screen = await served.student("mina")
    screen.type("ne")
    await screen.sees("batch 1 of")
    screen.type("\x1b[C\x1b[C\x1b[C")
    await screen.sees("forward 4 of")
    await served.restart()
    again = await served.again("mina")
    await again.sees("mynet", "forward 4 of")
    again.type("\x11")  # they leave
    await again.closed.wait()
    await served.restart()
    await (await served.again("mina")).sees("Home")


async def test_the_memory_of_an_app_that_has_ended_is_cleared_by_the_server(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await served.student("mina")
    app = weakref.ref(served.server.room.seats["mina"].app)  # type: ignore[type-var]
    gc.disable()
    try:
        screen.type("q")
        await screen.closed.wait()
        async with asyncio.timeout(PATIENCE):
            while app() is not None:
                served.server.room._go_round()
                await asyncio.sleep(0)
    finally:
        gc.enable()


@pytest.mark.slow
async def test_no_app_is_left_of_those_who_came_and_went(served: Served) -> None:
    await came_and_went(served, 12)


@pytest.mark.slow
async def test_no_app_is_left_after_a_thousand_connections(served: Served) -> None:
    await came_and_went(served, 1000)


async def came_and_went(served: Served, count: int) -> None:
    apps = []
    screen = await served.student("mina")
    for k in range(count):
        app = served.server.room.seats["mina"].app
        assert app is not None
        apps.append(weakref.ref(app))
        del app
        screen.type("\x1b[B?x")
        screen.type("q" if k % 2 else "\x11")
        await screen.closed.wait()
        served.clients.pop().abort()
        screen = await served.again("mina")
        await screen.sees("minutes")
    served.clients.pop().abort()
    for app_ref in apps:
        assert await gone(app_ref)
