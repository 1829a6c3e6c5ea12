"""What people are called, type and paste reaches other terminals and the log as nothing but printable text."""

from __future__ import annotations

import asyncio
import logging
import re
from io import StringIO

import pytest
from clients import Served
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment

from bptui.classroom.lobby import Lines
from bptui.classroom.people import key_of, readable
from bptui.classroom.plain import PlainFormatter, plain
from bptui.classroom.terminal.canvases import rows
from bptui.classroom.terminal.cells import Frame, Surface
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.painter import CLOSE, Painter
from bptui.drawing.canvas import Canvas, Ink

OURS = re.compile(r"\x1b\[[\d;]*[A-HJKX-m]|\x1b\[\?2026[hl]|[\r\n]")  # what is sent to paint: looks, places, blanks
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x00\x07\x08\x0b\x0d\x0a\x1b\x7f\x84\x85\x90\x9b\x9c\x9d\u061c\u200b\u200d\u200e\u200f\u2028\u2029"
            "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\U000e0041\u0301\u0489漢"
        ),
    ),
    max_size=60,
)


class Link:
    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def waiting(self) -> int:
        return 0

    def give_up(self) -> None:
        raise AssertionError


def harmless(sent: bytes) -> bool:
    """Whether there is nothing in it but our sequences and printable text (the ends of rows are the painter's)."""
    return OURS.sub("", sent.decode("utf-8")).isprintable()


async def painted(frame: Frame) -> bytes:
    assert all(text.isprintable() for row in frame.rows for text in row.texts)
    link = Link()
    painter = Painter(link, Kind(frame.width, frame.height))
    painter.take()
    painter.show(frame)
    return link.sent


@given(HOSTILE, st.sampled_from([ColorSystem.EIGHT_BIT, None]), st.booleans())
@settings(deadline=None)
def test_what_the_server_itself_writes_on_a_terminal_is_harmless(
    text: str, depth: ColorSystem | None, ascii_only: bool
) -> None:
    canvas = Canvas(40, 2)
    canvas.put(1, 0, text, Ink("text"))
    kind = Kind(40, 2, depth, ascii_only)
    assert harmless(asyncio.run(painted(Frame(40, rows(canvas, kind, "dark")))))


@given(st.lists(HOSTILE, max_size=4), st.booleans())
@settings(deadline=None)
def test_what_an_app_draws_is_harmless(texts: list[str], ascii_only: bool) -> None:
    surface = Surface(30, 1, None, ascii_only=ascii_only)
    surface._put(0, 0, [Segment(text) for text in texts])
    frame = surface.frame()
    assert harmless(asyncio.run(painted(frame)))
    assert not ascii_only or frame.text().isascii()


@given(HOSTILE)
@settings(deadline=None)
def test_words_at_the_end_of_a_session_and_in_the_lobby_are_harmless(text: str) -> None:
    async def closed() -> bytes:
        link = Link()
        painter = Painter(link, Kind(80, 24))
        painter.take()
        painter.close(text)
        return link.sent.removeprefix(CLOSE)

    assert asyncio.run(closed()).decode().removesuffix("\r\n").isprintable()
    said: list[bytes] = []

    async def asked() -> None:
        Lines(said.append).say(f"{text}\n")

    asyncio.run(asked())
    assert all(line.isprintable() for line in b"".join(said).decode().split("\r\n"))


@given(HOSTILE)
def test_a_message_in_the_log_is_one_line_and_acts_on_nothing(text: str) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log = logging.Logger("one of these tests")
    log.addHandler(handler)
    log.info("%s is here", text)
    line, rest = stream.getvalue().split("\n", 1)
    assert line.isprintable() and line.endswith(" is here") and rest == ""
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed: %s", text)
    assert all(line.isprintable() for line in stream.getvalue().split("\n"))


@given(HOSTILE)
def test_names_are_printable_and_stay_what_they_are(name: str) -> None:
    found = readable(name)
    if found is not None:
        assert plain(found) == found and readable(key_of(found)) is not None


@pytest.mark.parametrize("name", ["a\x1b[2J", "a\u202eb", "[red]x", "a\nb", "a\x9bm"])
async def test_a_name_that_is_none_reaches_neither_the_log_nor_anybody(
    served: Served, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bptui.classroom")
    other = await served.student("mina")
    with pytest.raises(Exception, match=r".*"):
        await served.connect(name, password=served.code)
    assert name not in caplog.text and name.encode() not in other.raw


async def test_a_net_with_hostile_words_is_shown_as_text(served: Served) -> None:
    """Comments of a pasted source, on the terminal of whoever pasted it."""
    mina = await served.student("mina")
    for hostile in ("\x1b]0;owned\x07\x1b[2J", "\x07\x08\u202e\x9b31m[red]{x}"):
        mina.type("\x0f")
        await mina.sees("Open what you paste")
        source = f"from torch import nn  # {hostile}\n\nnet = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\n"
        mina.type("\x1b[200~" + source.replace("\n", "\r") + "\x1b[201~")
        await mina.until(lambda: "batch 1 of" in mina.text or "! line" in mina.text, "what became of it")
        mina.type("\x1b")
    mina.type("2")
    await mina.sees("[red]{x}")
    sent = mina.raw.decode("utf-8", "replace")
    assert not any(bad in sent for bad in ("\x1b]0", "\x1b[2J", "\u202e", "\x9b", "\x08"))
