"""Over SSH: work is taken home as text, pasted back, and own nets come in the same way."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from clients import Screen, Served

from bptui.sources.receipts import from_receipt, unarmoured
from bptui.tui.source_bench import SourceBench
from bptui.tui.taking_home import ABOVE, BELOW
from bptui.tui.train.screen import Train
from bptui.tui.workbench import Workbench

HOME, PASTE = "\x14", "\x0f"  # ctrl+t, ctrl+o
RIGHT = "\x1b[C"
NET = """from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)

    def forward(self, x):
        return self.a(x)
"""


def paste(screen: Screen, text: str) -> None:
    """As a terminal does, which sends a carriage return for the end of a line."""
    screen.type("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")


async def copied(screen: Screen) -> str:
    """What one selects on the screen with the text."""
    screen.type(HOME)
    await screen.sees("-----BEGIN BPTUI RUN 1-----", "-----END BPTUI RUN", "characters on")
    return "\n".join(screen.terminal.display[ABOVE:-BELOW])


def top(served: Served, name: str) -> object:
    app = served.server.room.seats[name].app
    assert app is not None
    return app.screen


async def test_a_run_is_taken_home_by_one_and_pasted_by_another(served: Served) -> None:
    mina, lena = await served.student("mina"), await served.student("lena", 80, 24)
    mina.type("ne")
    await mina.sees("mynet", "batch 1 of")
    mina.type(RIGHT + RIGHT + "n")
    await mina.sees("forward 3 of")
    text = await copied(mina)
    assert from_receipt(text).session.address.step == 1
    mina.type("c")
    await mina.until(lambda: b"\x1b]52;c;" in mina.raw, "the clipboard")
    given = bytes(mina.raw).partition(b"\x1b]52;c;")[2].partition(b"\x07")[0]
    assert unarmoured(base64.b64decode(given).decode()) == unarmoured(text)
    lena.type(PASTE)
    await lena.sees("Open what you paste")
    paste(lena, text)
    await lena.sees("mynet", "forward 3 of")
    mine, hers = (served.server.room.seats[name].app for name in ("mina", "lena"))
    assert mine is not None and hers is not None
    mina.type("q")
    await mina.sees("mynet", "forward 3 of")
    one, two = top(served, "mina"), top(served, "lena")
    assert isinstance(one, Workbench) and isinstance(two, Workbench) and one.receipt() == two.receipt()


async def test_a_run_of_the_lab_is_too(served: Served) -> None:
    mina = await served.student("mina")
    mina.type("tN")
    await mina.sees("epoch 1")
    text = await copied(mina)
    mina.type("q")
    await mina.sees("epoch 1")
    mina.type("q" + PASTE)
    await mina.sees("Open what you paste")
    paste(mina, text)
    await mina.sees("epoch 1", "every bit")
    assert isinstance(top(served, "mina"), Train)


async def test_an_own_net_comes_as_its_source_and_no_file_is_named(served: Served, tmp_path: Path) -> None:
    mina = await served.student("mina")
    mina.type(PASTE)
    await mina.sees("Open what you paste")
    paste(mina, f"open({str(tmp_path / 'made')!r}, 'w').write('')\n" + NET.replace("self.a(x)", "self.b(x)"))
    await mina.sees("line 11:")
    mina.type("\x1b")
    await mina.sees("Home")
    mina.type(PASTE)
    await mina.sees("Open what you paste")
    paste(mina, f"open({str(tmp_path / 'made')!r}, 'w').write('')\n" + NET)
    await mina.sees("Net", "batch 1 of")
    bench = top(served, "mina")
    assert isinstance(bench, SourceBench) and bench.source.text.endswith(NET)
    assert not list(tmp_path.glob("made"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-----BEGIN BPTUI RUN 1-----\nabcd\n-----END BPTUI RUN 00000000-----\n", "not as it was copied"),
        ("-----BEGIN BPTUI RUN 9-----\nabcd\n-----END BPTUI RUN 00000000-----\n", "of a newer bptui"),
        ("-----BEGIN BPTUI RUN 1-----\nabcd\n", "the rest is missing yet"),
        ("/etc/passwd\n", "line 1"),
        ("x = '\x1b]0;owned\x07\x1b[2J'\n", "line 1"),
    ],
)
async def test_what_cannot_be_opened_is_one_line_and_nothing_else(served: Served, text: str, said: str) -> None:
    mina = await served.student("mina")
    mina.type(PASTE)
    await mina.sees("Open what you paste")
    paste(mina, text)
    await mina.sees(said)
    assert b"\x1b]" not in mina.raw and b"\x1b[2J" not in mina.raw
    mina.type("\x1b")
    await mina.sees("Home")


async def test_a_paste_of_64_kb_is_bounded_and_the_others_go_on(served: Served) -> None:
    mina, lena = await served.student("mina"), await served.student("lena")
    mina.type(PASTE)
    await mina.sees("Open what you paste")
    paste(mina, "x = 1\n" * 1900)
    paste(mina, "y" * 200_000)
    await mina.sees("left out")
    lena.type("ne")
    await lena.sees("mynet", "batch 1 of")


async def test_a_training_run_and_an_own_net_are_where_they_were_after_a_restart(served: Served) -> None:
    mina, lena = await served.student("mina"), await served.student("lena")
    mina.type("tN")
    await mina.sees("epoch 1")
    lena.type(PASTE)
    await lena.sees("Open what you paste")
    paste(lena, NET)
    await lena.sees("batch 1 of")
    lena.type(RIGHT + RIGHT + "2")
    await lena.sees("self.a(x)", "cost 3 of")
    await served.restart()
    mina, lena = await served.again("mina"), await served.again("lena")
    await mina.sees("epoch 1", "every bit")
    await lena.sees("self.a(x)", "cost 3 of")
    bench = top(served, "lena")
    assert isinstance(bench, SourceBench) and bench.source.text == NET
    mina.type("q")
    await mina.sees("Home")
