"""Many apps in one process, each for another terminal: what Textual does not expect, piece by piece."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import weakref
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyte
import pytest
from clients import PATIENCE, gone
from rich.color import ColorSystem
from textual import events
from textual._xterm_parser import XTermParser
from textual.geometry import Region
from textual.message import Message

from bptui.classroom.terminal import keyboard
from bptui.classroom.terminal.app import DistantApp
from bptui.classroom.terminal.keyboard import PASTE, Keyboard, Pasted
from bptui.classroom.terminal.kind import Kind, kind_of
from bptui.classroom.terminal.painter import FULL, Painter
from bptui.classroom.terminal.threads import Threads
from bptui.course.progress import Progress

FULL_COLOUR = Kind(100, 30, ColorSystem.TRUECOLOR)


class Reader:
    """A source of bytes that counts how often it was paused."""

    def __init__(self) -> None:
        self.paused, self.pauses = False, 0

    def pause_reading(self) -> None:
        self.paused, self.pauses = True, self.pauses + 1

    def resume_reading(self) -> None:
        self.paused = False


class Running:
    """An app, running."""

    def __init__(self, kind: Kind = FULL_COLOUR) -> None:
        asyncio.get_running_loop().set_default_executor(Threads())
        self.drawn = asyncio.Event()
        self.reader = Reader()
        self.app = DistantApp(kind, progress=Progress(), on_frame=self.drawn.set)
        self.task = self.app.start()

    @property
    def text(self) -> str:
        return self.app.frame().text()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.drawn.clear()
                await self.drawn.wait()

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text)

    def type(self, text: str) -> None:
        self.app.feed(text.encode(), self.reader)

    async def end(self) -> None:
        self.app.end()
        await asyncio.wait_for(self.task, PATIENCE)


async def test_standard_output_is_left_alone_however_apps_overlap() -> None:
    out, err = sys.stdout, sys.stderr
    first, second = Running(), Running()
    await first.sees("Lessons")
    await second.sees("Lessons")
    assert sys.stdout is out and sys.stderr is err
    await first.end()
    await second.end()
    assert sys.stdout is out and sys.stderr is err


async def test_nothing_keeps_an_app_that_has_ended() -> None:
    running = Running()
    await running.sees("12 minutes")
    running.type("\x1b[97;5u\x1b[B\x1b[A?")
    await running.sees("any key closes")
    await running.end()
    app = weakref.ref(running.app)
    del running
    assert await gone(app)


async def test_colour_depths_do_not_bleed() -> None:
    """The same styles in several apps: each terminal gets codes that it knows, in whatever order they are drawn."""
    kinds = [
        Kind(100, 30, depth) for depth in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD, None)
    ]
    all_running = [Running(kind) for kind in kinds]
    seen = []
    for running in all_running:
        await running.sees("Lessons")
        running.type("/")  # the palette: Textual's own styles, shared by all apps
        await running.sees("course map")
        seen.append(running.app.frame().after(None))
        await running.end()
    full, eight, standard, none = seen
    assert b"38;2;" in full and b"48;2;" in full
    assert b"38;5;" in eight and b";2;" not in eight.replace(b"38;5;2;", b"").replace(b"48;5;2;", b"")
    assert b"38;" not in standard and b"48;" not in standard and b"37" in codes(standard)
    assert codes(none) <= {b"", b"0", b"1", b"2", b"7", b"22", b"27"}


def codes(frame: bytes) -> set[bytes]:
    """The numbers of all its looks."""
    return set(b";".join(re.findall(rb"\x1b\[([\d;]*)m", frame)).split(b";"))


async def test_a_lone_escape_is_a_key() -> None:
    running = Running()
    await running.sees("12 minutes")
    running.type("n")
    await running.sees("open that net")
    running.type("\x1b")
    await running.until(lambda: "open that net" not in running.text)
    await running.end()


def waiting(app: DistantApp) -> int:
    """How many messages wait in an app."""
    return app._message_queue.qsize() + app.screen._message_queue.qsize()


async def test_keys_of_one_burst_are_taken_one_after_the_other() -> None:
    """Textual looks at a key's action after it has looked at the keys behind it."""
    running = Running()
    await running.sees("12 minutes")
    running.type("?x" * 10 + "ne")  # help opens and closes, and then a net is opened
    await running.until(lambda: type(running.app.screen).__name__ == "Workbench")
    await running.end()


async def test_a_flood_waits_outside_and_others_are_served_meanwhile() -> None:
    flooded, other = Running(), Running()
    await flooded.sees("12 minutes")
    await other.sees("12 minutes")
    for _ in range(10):
        flooded.type("\x1b[B\x1b[A" * 2000)
        assert waiting(flooded.app) < 20
    assert flooded.reader.paused
    other.type("n")
    await other.sees("open that net")
    assert flooded.reader.paused  # it is still at it
    await flooded.end()
    await other.end()


async def test_of_a_flood_no_more_is_taken_in_a_second_than_of_a_key_that_is_held_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed = Typed()
    now = 100.0
    monkeypatch.setattr(typed.keyboard, "_loop", Clock(lambda: now))
    typed.keyboard._pace._since = now
    taken = len(await typed.feed(b"k" * 1000))
    assert taken == keyboard.BURST
    now += 1.0
    typed.keyboard._pump = None
    typed.keyboard._soon()
    await asyncio.sleep(0)
    for _ in range(1000):
        await asyncio.sleep(0)
    assert len(typed.events) == taken + keyboard.RATE


def test_a_paste_is_cut_and_what_comes_after_it_is_not() -> None:
    cut = Pasted()
    stream = b"a\x1b[200~" + b"x" * 10_000_000 + b"\x1b[201~b\x1b[200~yy\x1b[201~c"
    kept = b"".join(cut.cut(stream[k : k + 977]) for k in range(0, len(stream), 977))
    assert kept.startswith(b"a\x1b[200~xx") and kept.endswith(b"\x1b[201~b\x1b[200~yy\x1b[201~c")
    assert len(kept) < PASTE + 100


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 64])
def test_short_pastes_pass_in_pieces_of_any_size(size: int) -> None:
    cut, stream = Pasted(), b"ab\x1b[200~hello\x1b[20\x1b[201~\x1bc\x1b[201~"
    assert b"".join(cut.cut(stream[k : k + size]) for k in range(0, len(stream), size)) == stream


class Clock:
    """A loop whose time stands still, and in which nothing that is to come later comes."""

    def __init__(self, time: Callable[[], float]) -> None:
        self.time = time

    def call_soon(self, then: Callable[[], object]) -> asyncio.Handle:
        return asyncio.get_running_loop().call_soon(then)

    def call_later(self, wait: float, then: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(3600, then, *args)


class Typed:
    """A keyboard of nobody's, and the events that it gave."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.reader = Reader()
        self.keyboard = Keyboard(self.events.append, lambda then: then(), lambda: (80, 24))

    async def feed(self, data: bytes) -> list[Message]:
        self.events.clear()
        self.keyboard.feed(data, self.reader)
        for _ in range(2 * len(data) + 10):
            await asyncio.sleep(0)
        return list(self.events)


async def test_the_mouse_outside_the_screen_is_nowhere() -> None:
    typed = Typed()
    inside = await typed.feed(b"\x1b[<0;80;24M")
    assert [type(event) for event in inside] == [events.MouseDown]
    for place in (b"81;24", b"80;25", b"0;5", b"-3;2", b"99999999999999999999;1"):
        assert not [e for e in await typed.feed(b"\x1b[<0;" + place + b"M") if isinstance(e, events.MouseEvent)]


async def test_a_forged_size_is_no_size_and_the_mouse_still_points_where_it_did() -> None:
    typed = Typed()
    assert await typed.feed(b"\x1b[48;9999;9999;1;1t\x1b[?2048;1$y\x1b[7;9R") == []
    (press,) = await typed.feed(b"\x1b[<0;11;3M")
    assert isinstance(press, events.MouseDown) and (press.x, press.y) == (10, 2)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x1b[99999999999u",  # no such character: Textual's parser raises
        b"\x1b[55296u",  # half of a pair
        b"\x1b[48;1;2;3;99999999999999999t",
        b"\xff\xfe\x80\xc3(" * 50,
        bytes(range(256)) * 4,
        b"\x1b[<" + b"9" * 500 + b"M",
        b"\x1b" * 300,
        b"\x1b]52;c;" + b"A" * 500 + b"\a",
    ],
)
async def test_garbage_does_no_harm(garbage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboard, "BURST", 10**6)
    typed = Typed()
    await typed.feed(garbage)
    assert await typed.feed(b"\x1b[201~") is not None  # in case it was a paste's beginning
    await typed.feed(b"zzzz" * 20)  # whatever was half said is over
    found = await typed.feed(b"k")
    assert [e.key for e in found if isinstance(e, events.Key)] == ["k"]
    for event in typed.events:
        assert isinstance(event, events.Key | events.MouseEvent | events.Paste | events.AppFocus | events.AppBlur)


async def test_a_parser_that_raises_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = Typed()

    def broken(*_: object) -> None:
        raise OverflowError

    with monkeypatch.context() as patch:
        patch.setattr(XTermParser, "feed", broken)
        assert await typed.feed(b"a") == []
    assert [e.key for e in await typed.feed(b"b") if isinstance(e, events.Key)] == ["b"]


def test_parsers_share_a_cache_and_are_not_kept_by_it() -> None:
    parser = keyboard.Parser()
    assert [type(e) for e in parser.feed("\x1b[97;5u")] == [events.Key]
    kept = weakref.ref(parser)
    del parser
    import gc

    gc.collect()
    assert kept() is None


async def test_an_app_that_fails_is_one_line_in_the_log_and_nothing_on_any_screen(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    running = Running()
    await running.sees("12 minutes")

    def failing(*_: object) -> None:
        secret = "a value that is nobody's business"
        raise ZeroDivisionError(f"of {len(secret)}\x1b[2J")

    running.app.action_next_theme = failing  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR, "bptui.classroom"):
        running.type("T")
        await asyncio.wait_for(running.task, PATIENCE)
    assert running.app.failed
    (line,) = [record.getMessage() for record in caplog.records]
    assert "ZeroDivisionError: of 33" in line and "test_terminal.py" in line
    assert "\x1b" not in line and "nobody's business" not in line
    assert capsys.readouterr() == ("", "")


async def test_a_newcomers_whole_frame_takes_nothing_from_the_others() -> None:
    """A frame is read off the cells: the compositor is not asked, and what is to be drawn stays to be drawn."""
    running = Running()
    await running.sees("12 minutes")
    before = running.app.frame()
    assert running.app.frame().after(None) == before.after(None)
    running.app.screen._compositor._dirty_regions.add(Region(0, 0, 5, 1))
    running.app.frame().after(None)
    assert running.app.screen._compositor._dirty_regions == {Region(0, 0, 5, 1)}
    await running.end()


async def test_what_is_sent_makes_the_same_screen_whatever_was_there_before() -> None:
    running = Running()
    terminal = pyte.Screen(100, 30)
    stream = pyte.ByteStream(terminal)
    shown = None
    for key, words in (("", "12 minutes"), ("n", "open that net"), ("e", "mynet"), ("\x1b[C", "x"), ("?", "close")):
        running.type(key)
        await running.sees(words)
        frame = running.app.frame()
        stream.feed(frame.after(shown))
        shown = frame
        assert [line.rstrip() for line in terminal.display] == frame.text().split("\n")
    await running.end()


async def test_nothing_of_this_machine_is_in_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    running = Running()
    app = running.app
    await running.sees("12 minutes")
    running.type("o")
    running.type("n")
    await running.sees("open that net")
    assert len(app.screen_stack) == 2  # no line to type a path into
    app.open_url("https://example.org")
    assert app._driver is not None
    app._driver.open_url("https://example.org")
    app._driver.deliver_binary(BytesIO(b"x"), delivery_key="k", save_path=tmp_path / "x")
    app.deliver_binary(BytesIO(b"x"), save_directory=str(tmp_path))
    app.deliver_text(BytesIO(b"x"), save_directory=str(tmp_path))
    app.deliver_screenshot()
    with pytest.raises(ValueError, match="no file"):
        app.save_screenshot()
    with pytest.raises(ValueError, match="no file"):
        app.open_file("/etc/passwd.toml")
    assert not app._driver.can_suspend
    for action in ("screenshot", "suspend_process"):
        assert not app.check_action(action, ())
    running.type("a")
    await running.until(lambda: type(app.screen).__name__ == "Workbench")
    for place, keys in (("step perceptron", "S"), ("train", "xS"), ("descend", "x")):
        if place != "step perceptron":
            app.call_later(app.open_lab, place, {"train": "spirals", "descend": "line"}[place])
            await running.until(lambda place=place: type(app.screen).__name__.lower() == place)  # type: ignore[misc]
        stack = len(app.screen_stack)
        for key in keys:
            running.type(key)
        running.type("?")
        await running.sees("close")
        assert len(app.screen_stack) == stack + 1  # the explanation, and no line to type a path into
        for word in ("export", "save"):
            assert word not in running.text
        running.type("\x1b")
        await running.until(lambda stack=stack: len(app.screen_stack) == stack)  # type: ignore[misc]
    assert not opened and not list(tmp_path.iterdir())
    await running.end()


class Link:
    """A client that reads as much as it is told to."""

    def __init__(self) -> None:
        self.sent, self.held, self.given_up = bytearray(), 0, False
        self.stuck = False

    def write(self, data: bytes) -> None:
        self.sent += data
        if self.stuck:
            self.held += len(data)

    def waiting(self) -> int:
        return self.held

    def give_up(self) -> None:
        self.given_up = True


async def test_a_stuck_client_is_sent_a_bounded_amount_and_then_the_latest_frame_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bptui.classroom.terminal.painter.LOOK", 0.0)
    from bptui.classroom.terminal.cells import Frame, line

    link = Link()
    painter = Painter(link, Kind(80, 24))
    painter.open()
    link.stuck = True
    for n in range(2000):
        painter.show(Frame(80, tuple(line(f"{n} {y}" + "x" * 60, 80) for y in range(24))))
    assert FULL < link.held < FULL + 10_000
    sent, link.held, link.stuck = len(link.sent), 0, False
    async with asyncio.timeout(PATIENCE):
        while len(link.sent) == sent:
            await asyncio.sleep(0)
    assert link.sent[sent:].count(b"\x1b[?2026h") == 1 and b"H999" in link.sent[sent:]
    assert not link.given_up


async def test_a_client_that_stays_stuck_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bptui.classroom.terminal.painter.LOOK", 0.0)
    from bptui.classroom.terminal.cells import Frame, line

    now = 0.0
    link = Link()
    painter = Painter(link, Kind(80, 24), lambda: now)
    painter.open()
    link.held = FULL + 1
    painter.show(Frame(80, (line("x", 80),)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not link.given_up
    now = 31.0
    async with asyncio.timeout(PATIENCE):
        while not link.given_up:
            await asyncio.sleep(0)
    painter.close()


@pytest.mark.parametrize(
    ("term", "environment", "depth", "ascii_only"),
    [
        ("xterm-256color", {}, ColorSystem.EIGHT_BIT, False),
        ("xterm-256color", {"COLORTERM": "truecolor"}, ColorSystem.TRUECOLOR, False),
        ("xterm-kitty", {"LANG": "de_DE.UTF-8"}, ColorSystem.TRUECOLOR, False),
        ("xterm", {"LANG": "C"}, ColorSystem.STANDARD, True),
        ("linux", {"LANG": "de_DE.ISO-8859-1"}, ColorSystem.STANDARD, True),
        ("vt100", {}, None, False),
        ("xterm-256color", {"NO_COLOR": "1"}, None, False),
    ],
)
def test_a_terminal_by_what_its_client_says(
    term: str, environment: dict[str, str], depth: ColorSystem | None, ascii_only: bool
) -> None:
    assert kind_of(term, 80, 24, environment) == Kind(80, 24, depth, ascii_only)


def test_a_window_of_any_size_is_kept_within_bounds() -> None:
    assert (Kind(1, 1).sized(0, 0).width, Kind(1, 1).sized(0, 0).height) == (1, 1)
    assert (Kind(1, 1).sized(10**9, 10**9).width, Kind(1, 1).sized(10**9, 10**9).height) == (300, 100)
