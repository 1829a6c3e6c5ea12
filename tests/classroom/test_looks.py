"""Colours and glyphs are turned while an app runs, and it looks as one that began with them."""

from __future__ import annotations

import asyncio
import re

import pytest
from clients import PATIENCE, Screen, Served
from rich.color import ColorSystem

from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.cells import Frame
from bptui.classroom.terminal.kind import DEPTHS, Kind, in_looks, looks, turned
from bptui.classroom.terminal.threads import Threads
from bptui.course.progress import Progress
from bptui.sources.pasted import pasted
from bptui.tui.canvas_view import CanvasView

pytestmark = pytest.mark.slow

KINDS = {
    "all": Kind(100, 30, ColorSystem.TRUECOLOR),
    "16": Kind(100, 30, ColorSystem.STANDARD),
    "no": Kind(100, 30, None),
    "ascii": Kind(100, 30, ColorSystem.EIGHT_BIT, ascii_only=True),
}
F2, F3 = "\x1bOQ", "\x1bOR"
NET = "from torch import nn\n\nnet = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\n"


class Still:
    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Shown:
    """An app that has come to rest at a place."""

    def __init__(self, kind: Kind) -> None:
        asyncio.get_running_loop().set_default_executor(Threads())
        self.seen: list[Frame] = []
        self.app = DistantApp(kind, progress=Progress(), on_frame=lambda: self.seen.append(self.app.frame()))
        self.task = self.app.start()

    async def rest(self) -> None:
        """Until nothing has been drawn for a while."""
        async with asyncio.timeout(PATIENCE):
            seen = -1
            while seen != len(self.seen):
                seen = len(self.seen)
                await asyncio.sleep(0.1)

    async def at(self, place: str) -> None:
        while "12 minutes" not in self.app.frame().text():
            await asyncio.sleep(0.01)
        if place.startswith("lesson"):
            self.app.call_later(self.app.open_taught, "traditional-net")
        elif place == "source":
            self.app.call_later(self.app.open, *pasted(NET))
        else:
            self.app.feed({"net": b"ne", "train": b"tN", "descend": b"d", "map": b"m", "home": b"l"}[place], Still())
        await self.rest()
        if place == "net":
            self.app.feed(b"fk", Still())
        await self.rest()

    async def end(self) -> None:
        self.app.end()
        await asyncio.wait_for(self.task, PATIENCE)


@pytest.mark.parametrize("place", ["home", "net", "source", "lesson", "train"])
async def test_an_app_looks_after_a_turn_as_if_it_had_begun_so(place: str) -> None:
    fresh = {}
    for name, kind in KINDS.items():
        shown = Shown(kind)
        await shown.at(place)
        fresh[name] = shown.app.frame()
        await shown.end()
    shown = Shown(KINDS["all"])
    await shown.at(place)
    for name in ("no", "ascii", "16", "no", "all"):
        shown.app.resized(KINDS[name])
        await shown.rest()
        found, wanted = shown.app.frame(), fresh[name]
        assert found.text() == wanted.text(), name
        assert [row.looks for row in found.rows] == [row.looks for row in wanted.rows], name
    await shown.end()


async def test_nothing_that_was_drawn_for_other_colours_or_glyphs_is_shown_after_a_turn() -> None:
    shown = Shown(KINDS["all"])
    await shown.at("home")
    for name in ("16", "ascii", "no"):
        shown.app.screen.query(CanvasView).first().refresh()  # what is about to be painted is painted first
        shown.seen.clear()
        shown.app.resized(KINDS[name])
        await shown.rest()
        assert shown.seen
        for frame in shown.seen:
            written = " ".join({look for row in frame.rows for look in row.looks})
            assert not re.search({"16": "8;[25];", "ascii": "8;2;", "no": "[34][0-9]"}[name], written), name
            assert name != "ascii" or frame.text().isascii()
    await shown.end()


@pytest.mark.parametrize(
    "kind", [Kind(80, 24, depth, ascii_only=a) for depth in DEPTHS.values() for a in (True, False)]
)
def test_looks_are_written_down_and_read(kind: Kind) -> None:
    assert in_looks(Kind(80, 24), looks(kind)) == kind
    assert in_looks(kind, "") == in_looks(kind, "many unicode") == kind


def test_colours_go_round_and_glyphs_to_and_fro() -> None:
    kind = Kind(80, 24, ColorSystem.TRUECOLOR)
    seen = []
    for _ in range(5):
        seen.append(kind.depth)
        kind = turned(kind, "colours")
    assert seen == [*DEPTHS.values(), ColorSystem.TRUECOLOR]
    assert turned(turned(kind, "glyphs"), "glyphs") == kind != turned(kind, "glyphs")


# -- over SSH


def colours(screen: Screen) -> set[str]:
    """The colours of what stands on the screen: names of the sixteen, or numbers of others."""
    rows = screen.terminal.buffer
    return {rows[y][x].fg for y in range(screen.terminal.lines) for x in range(screen.terminal.columns)}


def few(screen: Screen) -> bool:
    return all((colour.isalpha() and len(colour) != 6) or colour in ("yellow", "default") for colour in colours(screen))


async def test_a_student_turns_colours_and_glyphs_and_finds_them_so_again(served: Served) -> None:
    screen = await served.student("mina")
    assert not few(screen) and not screen.text.isascii()
    screen.type(F2)  # 256 to 16
    await screen.until(lambda: few(screen), "sixteen colours")
    screen.type(F3)
    await screen.until(lambda: screen.text.isascii() and "Lessons" in screen.text, "ASCII")
    screen.type("q")
    await screen.closed.wait()
    again = await served.again("mina")
    await again.sees("Lessons")
    assert few(again) and again.text.isascii()
    await served.restart()
    again = await served.again("mina")
    await again.sees("Lessons")
    assert few(again) and again.text.isascii()
    other = await served.terminal(await served.connect("mina", password="secret of mina"), term="xterm-direct")
    await other.sees("Lessons")
    assert not few(other) and not other.text.isascii()  # another terminal, of which nothing was said
    again = await served.again("mina")
    await again.sees("Lessons")
    again.type(F3)
    await again.until(lambda: not again.text.isascii(), "all glyphs")
    again.type("/fewer")
    await again.sees("more or fewer colours")  # the palette has it too
    again.type("\r")  # 16 to none
    await again.until(lambda: colours(again) == {"default"}, "no colours")


async def test_a_follower_turns_them_and_has_a_stage_that_is_so(served: Served) -> None:
    teacher = await served.teacher()
    teacher.type("ne")
    await teacher.sees("mynet", "batch 1 of")
    teacher.type("\x0c")
    mina, lena = [await _joined(served, name) for name in ("mina", "lena")]
    await mina.sees("mynet", "following")
    await lena.sees("mynet", "following")
    mina.type(F2)
    await mina.until(lambda: few(mina), "sixteen colours")
    mina.type(F3)
    await mina.until(lambda: mina.text.isascii() and "mynet" in mina.text, "ASCII")
    assert not few(lena) and not lena.text.isascii()
    teacher.type("\x1b[C")
    await mina.sees("forward 2 of")
    await lena.sees("forward 2 of")
    assert few(mina) and mina.text.isascii()
    mina.type("\r")  # aside: the own app has the same looks
    await mina.sees("on your own")
    assert few(mina) and mina.text.isascii()


async def _joined(served: Served, name: str) -> Screen:
    screen = await served.terminal(await served.connect(name, password=served.code))
    for words in ("Choose a password", "Once more"):
        await screen.sees(words)
        screen.type("plum river\r")
    return screen
