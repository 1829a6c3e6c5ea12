"""Coming in: by code, by key, by one's own password; and everything by which nobody comes in."""

from __future__ import annotations

import asyncssh
import pytest
from clients import Screen, Served


async def test_a_student_joins_by_the_code_and_comes_back_by_the_password_that_they_chose(served: Served) -> None:
    screen = await served.student("mina")
    assert ".md" not in screen.text  # no file can be named
    screen.type("q")
    await screen.closed.wait()
    assert "Goodbye, mina" in screen.raw.decode()
    again = await served.again("mina")
    await again.sees("Home")


async def test_the_code_is_taken_in_any_case_and_without_its_hyphen(served: Served) -> None:
    conn = await served.connect("mina", password=served.code.upper().replace("-", " "))
    await (await served.terminal(conn)).sees("Choose a password")


async def test_a_key_is_asked_the_code_once(served: Served) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    screen = await served.terminal(await served.connect("lena", key=key))
    await screen.sees("Welcome, lena", "Class code")
    screen.type("wrong\r")
    await screen.until(lambda: screen.text.count("Class code") == 2)
    assert "not the code" in screen.text
    screen.type(f"{served.code}\r")
    await screen.sees("Home")
    again = await served.terminal(await served.connect("lena", key=key))
    await again.sees("Home")
    await screen.closed.wait()
    assert "logged in from somewhere else" in screen.raw.decode()


async def test_a_wrong_code_in_the_lobby_ends_it(served: Served) -> None:
    screen = await served.terminal(await served.connect("lena", key=asyncssh.generate_private_key("ssh-ed25519")))
    for _ in range(3):
        screen.type("wrong\r")
    await screen.closed.wait()
    assert "not the code" in screen.text
    assert not served.server.room.roll.people


@pytest.mark.parametrize("password", ["", "abcd-efgh", "x" * 10_000])
async def test_a_wrong_code_is_refused(served: Served, password: str) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await served.connect("mina", password=password)


async def test_the_code_alone_does_not_give_somebody_elses_name(served: Served) -> None:
    await served.student("Mina")
    thief = await served.terminal(await served.connect("MINA", password=served.code))
    await thief.sees("Somebody is called Mina already", "Password of Mina")
    for _ in range(3):
        thief.type("guess\r")
    await thief.closed.wait()
    assert "choose another name" in thief.text


async def test_another_key_does_not_give_somebody_elses_name(served: Served) -> None:
    first, second = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    screen = await served.terminal(await served.connect("lena", key=first))
    screen.type(f"{served.code}\r")
    await screen.sees("Home")
    for how in ({"key": second}, {"password": served.code}):
        thief = await served.terminal(await served.connect("lena", **how))  # type: ignore[arg-type]
        await thief.closed.wait()
        assert "taken" in thief.text
    assert not screen.closed.is_set()


async def test_the_teacher_comes_by_her_key_whatever_the_name(served: Served) -> None:
    await served.teacher()
    assert served.server.room.seats["teacher"].role == "teacher"


async def test_nobody_else_is_the_teacher(served: Served) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    for how in ({"password": served.code}, {"key": other}):
        screen = await served.terminal(await served.connect("Teacher", **how))  # type: ignore[arg-type]
        await screen.closed.wait()
        assert "the teacher's" in screen.text


async def test_the_teachers_public_key_alone_makes_nobody_the_teacher(served: Served) -> None:
    """Ask whether her key would do, without a proof, and then log in by the class's code."""
    public = served.teacher_key.convert_to_public()
    asked = []

    class Client(asyncssh.SSHClient):
        def kbdint_auth_requested(self) -> str:
            return ""

        def kbdint_challenge_received(self, *_: object) -> list[str]:
            return [served.code]

    async def only_ask(self: asyncssh.SSHClientConnection) -> object:
        if not asked:
            asked.append(True)
            return _Shown(public)
        return None

    class _Shown(asyncssh.public_key.SSHKeyPair):
        def __init__(self, key: asyncssh.SSHKey) -> None:
            super().__init__(
                key.algorithm, key.sig_algorithms[0], key.sig_algorithms, key.sig_algorithms, key.public_data, b""
            )

        def sign(self, data: bytes) -> bytes:
            return asyncssh.generate_private_key("ssh-ed25519").sign(data, b"ssh-ed25519")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncssh.connection.SSHClientConnection, "public_key_auth_requested", only_ask)
        conn, _ = await asyncssh.create_connection(
            Client,
            "127.0.0.1",
            served.server.port,
            username="mina",
            known_hosts=None,
            agent_path=None,
            config=None,
            client_keys=None,
        )
    served.clients.append(conn)
    assert asked
    screen = await served.terminal(conn)
    await screen.sees("Welcome, mina", "Choose a password")  # a student like all others
    assert "teacher" not in served.server.room.seats


@pytest.mark.parametrize("name", ["x" * 33, "<b>", "-rf"])
async def test_names_that_are_no_names(served: Served, name: str) -> None:
    with pytest.raises(asyncssh.Error):
        await served.connect(name, password=served.code)


@pytest.mark.parametrize("name", ["Zoë", "Anne-Marie", "o'neil", "李雷", "अनिल", "mina 2"])
async def test_names_that_are_names(served: Served, name: str) -> None:
    await served.student(name)


async def test_a_key_that_is_no_terminal_is_told_so(served: Served) -> None:
    conn = await served.connect("mina", password=served.code)
    _, screen = await conn.create_session(Screen, encoding=None)
    await screen.closed.wait()
    assert "ssh -t" in screen.text
