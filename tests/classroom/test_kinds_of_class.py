"""Who comes in: anybody, whoever has the code, those on a list. And who is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest
import pytest_asyncio
from clients import Served
from hypothesis import given
from hypothesis import strategies as st

from bptui.classroom import records
from bptui.classroom.folder import Folder, new_class
from bptui.classroom.limits import Limits
from bptui.classroom.listed import names_in
from bptui.classroom.people import key_of, readable
from bptui.classroom.server import serve
from bptui.classroom.store import StoreError


@pytest_asyncio.fixture
async def open_class(tmp_path: Path, limits: Limits) -> AsyncIterator[Served]:
    folder, code = await new_class(tmp_path / "classes", "Open day", kind="open")
    assert code == ""
    found = Served(folder, code, await serve(folder, "127.0.0.1", 0, limits), limits)
    yield found
    await found.close()


@pytest_asyncio.fixture
async def closed_class(tmp_path: Path, limits: Limits) -> AsyncIterator[Served]:
    folder, code = await new_class(tmp_path / "classes", "Reading group", kind="list", listed=["Mina", "Zoë"])
    found = Served(folder, code, await serve(folder, "127.0.0.1", 0, limits), limits)
    yield found
    await found.close()


async def test_an_open_class_asks_a_key_nothing_and_binds_the_name_to_it(open_class: Served) -> None:
    key, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    screen = await open_class.terminal(await open_class.connect("mina", key=key))
    await screen.sees("Home")
    thief = await open_class.terminal(await open_class.connect("Mina", key=other))
    await thief.closed.wait()
    assert "taken" in thief.text
    with pytest.raises(asyncssh.PermissionDenied):
        await open_class.connect("mina", password="")


async def test_an_open_class_lets_who_has_no_key_choose_a_password_at_once(open_class: Served) -> None:
    asked = []

    class Client(asyncssh.SSHClient):
        def kbdint_auth_requested(self) -> str:
            return ""

        def kbdint_challenge_received(self, name: str, said: str, lang: str, prompts: list[object]) -> list[str]:
            asked.extend(prompts)
            return []

    conn = await open_class.connect("mina", client_factory=Client)
    screen = await open_class.terminal(conn)
    await screen.sees("Choose a password")
    assert asked == []
    screen.type("plum river\r")
    await screen.sees("Once more")
    screen.type("plum river\r")
    await screen.sees("Home")
    with pytest.raises(asyncssh.PermissionDenied):
        await open_class.connect("mina", password="guess")
    await (await open_class.terminal(await open_class.connect("mina", password="plum river"))).sees("Home")


async def test_a_closed_list_lets_in_those_on_it_under_the_name_that_it_has(closed_class: Served) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    screen = await closed_class.terminal(await closed_class.connect("MINA", key=key))
    await screen.sees("Class code")
    screen.type(f"{closed_class.code}\r")
    await screen.sees("Home")
    assert closed_class.server.room.person("mina").name == "Mina"
    await closed_class.student("zoe\u0308")
    assert closed_class.server.room.person("zoë").name == "Zoë"


async def test_who_is_not_on_the_list_is_told_so_after_the_code(closed_class: Served) -> None:
    screen = await closed_class.terminal(await closed_class.connect("eve", password=closed_class.code))
    await screen.closed.wait()
    assert "The name eve is not on the list" in screen.text
    key = asyncssh.generate_private_key("ssh-ed25519")
    screen = await closed_class.terminal(await closed_class.connect("eve", key=key))
    await screen.sees("Class code")
    assert "list" not in screen.text
    for _ in range(3):
        screen.type("wrong\r")
    await screen.closed.wait()
    assert "not the code" in screen.text and "list" not in screen.text
    assert not closed_class.server.room.roll.people


def test_a_list_is_a_name_a_line(tmp_path: Path) -> None:
    path = tmp_path / "class.txt"
    path.write_text("\ufeffMina\n\n  Zoë \r\n李雷\n", encoding="utf-8")
    assert names_in(str(path)) == ["Mina", "Zoë", "李雷"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mina\nLena\nMINA\n", "line 3: MINA is on line 1 already"),
        ("Mina\n-x\n", "line 2: '-x' is no name of at most 32"),
        ("a\x1b[2J\n", r"line 1: 'a\x1b[2J' is no name of at most 32"),
        ("\u202eanim\n", r"line 1: '\u202eanim' is no name of at most 32"),
        ("Teacher\n", "line 1: Teacher is the teacher's"),
        ("!\n" * 9, "line 4: '!' is no name of at most 32 letters, digits and -_.'; and 5 more"),
        ("\n", "has 0 names"),
        ("x" * 70_000, "wants at most 65536 bytes"),
    ],
)
def test_what_is_wrong_in_a_list_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "class.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError) as raised:
        names_in(str(path))
    assert said in str(raised.value) and str(raised.value).isprintable()


@given(st.text(max_size=40))
def test_a_name_that_is_taken_is_printable_and_is_itself_again(name: str) -> None:
    found = readable(name)
    if found is not None:
        assert found.isprintable() and readable(found) == found and len(found) <= 32
        assert not set(found) & set("[]\\/\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
        assert key_of(found) == key_of(key_of(found))


# -- forgetting


def _holding(folder: Folder, *names: str) -> list[str]:
    files = [path for path in folder.path.rglob("*") if path.is_file()]
    return [path.name for path in files for name in names if name.encode() in path.read_bytes() or name in path.name]


async def test_a_person_is_forgotten_with_their_progress_and_the_others_stay(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUI_CLASSES", str(served.folder.path.parent))
    for name in ("Wilhelmina", "Lena"):
        screen = await served.student(name)
        screen.type("\r")
        await screen.sees("1/11")
        screen.type(">")
        await screen.sees("2/11")
    people = served.server.room.roll.people
    mine, hers = people["wilhelmina"].id, people["lena"].id
    with pytest.raises(StoreError, match="dl-week-2: is being served; end it"), served.folder.locked():
        records.forgotten("wilhelmina", None)
    await served.close()
    assert _holding(served.folder, mine)
    said = await asyncio.to_thread(records.forgotten, "WILHELMINA", "DL week 2")
    assert "WILHELMINA is forgotten" in said and "from DL week 2" in said
    assert _holding(served.folder, "ilhelmina", "ILHELMINA", mine) == []
    assert _holding(served.folder, hers)
    with pytest.raises(StoreError, match="nobody is called so; there are Lena"):
        await asyncio.to_thread(records.forgotten, "wilhelmina", None)
    served.server = await serve(served.folder, "127.0.0.1", 0, served.limits)
    await (await served.again("Lena")).sees("2/11")
    stranger = await served.terminal(await served.connect("Wilhelmina", password=served.code))
    await stranger.sees("Choose a password")  # the name is free again


async def test_who_is_forgotten_is_off_the_list(closed_class: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUI_CLASSES", str(closed_class.folder.path.parent))
    await closed_class.close()
    assert "its list no more" in await asyncio.to_thread(records.forgotten, "mina", None)
    assert _holding(closed_class.folder, "Mina", "mina") == []
    with pytest.raises(StoreError, match="the teacher belongs to the class"):
        await asyncio.to_thread(records.forgotten, "teacher", None)


async def test_the_classes_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUI_CLASSES", str(tmp_path))
    assert "no class yet" in records.told()
    await new_class(tmp_path, "Open day", kind="open")
    _, code = await new_class(tmp_path, "Reading group", kind="list", listed=["Mina", "Zoë"])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "class.sqlite").write_bytes(b"no database " * 100)
    broken, first, second = records.told().splitlines()
    assert first.split() == ["Open", "day", "open", "0", "people"]
    assert second.split() == ["Reading", "group", "closed", "list", "0", "of", "2", "people", code]
    assert broken.startswith("broken") and "damaged" in broken
