"""Workers: those who are on their own live in other processes, and hold up neither the class nor one another."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from apart import RIGHT, Apart, at_mynet
from clients import Screen

pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path


@pytest_asyncio.fixture
async def apart(root: Path) -> AsyncIterator[Apart]:
    found = Apart(root)
    yield found
    await found.hang_up()
    if found.server.poll() is None:
        found.stop()


async def test_an_app_in_a_worker_does_all_that_one_in_the_class_does(apart: Apart) -> None:
    screen = await apart.student("mina")
    await at_mynet(screen)
    assert "on your own" not in screen.text
    screen.resize(120, 40)
    await screen.until(lambda: "forward 4 of" in screen.text and "explain" in screen.terminal.display[39])
    screen.type("T")
    await screen.until(lambda: "48;5;255" in screen.raw.decode("latin-1") or "48;5;231" in screen.raw.decode("latin-1"))
    await apart.leading()
    await screen.sees("following", "forward 4 of")
    screen.type("\r")
    await screen.sees("on your own", "forward 4 of")
    screen.type(RIGHT + RIGHT)
    await screen.sees("forward 6 of")
    screen.type("\x12")
    await screen.sees("following", "forward 4 of")
    screen.type("\r")
    await screen.sees("on your own", "forward 4 of")
    screen.type("/event 6")
    await screen.sees("mynet, step 1, event 6")  # what was made is kept
    screen.type("\r")
    await screen.sees("forward 6 of")
    screen.type("\x11")
    await screen.closed.wait()
    assert "Goodbye, mina" in screen.text
    again = await apart.connect("mina")
    await again.sees("following")  # the class goes on


async def test_what_one_does_in_a_worker_is_seen_by_all_and_who_drives_is_back_in_it_afterwards(apart: Apart) -> None:
    teacher = await apart.leading()
    lena, mina = await apart.student("lena"), await apart.student("mina")
    for screen in (lena, mina):
        await screen.sees("following", "forward 4 of")
    mina.type("\r")
    await mina.sees("on your own", "forward 4 of")
    mina.type(RIGHT + RIGHT)
    await mina.sees("forward 6 of")
    teacher.type("\x04")  # the desk
    await teacher.sees("Roster", "lena", "mina")
    teacher.type("\x1b[Bv")  # the second one
    await mina.sees("all see what you do")
    await lena.sees("what mina does", "forward 6 of")
    mina.type(RIGHT)
    await lena.sees("forward 7 of")
    teacher.type("v")
    await lena.sees("forward 4 of", without="mina does")
    teacher.type("w")
    await mina.sees("you drive", "forward 4 of")
    mina.type(RIGHT)
    await lena.sees("forward 5 of")
    mina.type("\x12")
    await mina.sees("following", "forward 5 of")


async def test_a_lesson_goes_no_farther_in_a_worker_than_the_class_may(apart: Apart) -> None:
    teacher = await apart.connect("teacher", 120, 40)
    await teacher.sees("Home")
    teacher.type("la")
    await teacher.sees("1/11")
    teacher.type("\x0c")
    await teacher.sees("leading:")
    mina = await apart.student("mina", 120, 40)
    await mina.sees("following", "1/11")
    mina.type("\r")
    await mina.sees("on your own", "1/11")
    teacher.type("\x04")
    await teacher.sees("Roster", "mina")
    teacher.type(12 * "[")
    await teacher.until(lambda: re.search(r"last allowed +1\b", teacher.text) is not None)
    mina.type(">")
    await mina.sees("the class goes no farther than step 1")


async def test_what_is_pasted_and_turned_is_so_in_a_worker_too(apart: Apart) -> None:
    screen = await apart.student("mina")
    await at_mynet(screen)
    screen.type("\x14")  # taken home
    await screen.sees("-----END BPTUI RUN")
    text = "\r".join(screen.terminal.display[2:-6])
    screen.type("c")
    await screen.until(lambda: b"\x1b]52;c;" in screen.raw, "the clipboard")
    screen.type("q\x0f")
    await screen.sees("Open what you paste")
    screen.type(f"\x1b[200~{text}\x1b[201~")
    await screen.sees("forward 4 of", "every bit as it was saved")
    screen.type("\x1bOR")  # F3
    await screen.until(lambda: screen.text.isascii() and "forward 4 of" in screen.text, "ASCII")
    again = await apart.connect("mina")
    await again.sees("forward 4 of")
    assert again.text.isascii()
    again.type("\x1bOR" + RIGHT)
    await again.until(lambda: not again.text.isascii() and "forward 5 of" in again.text, "all glyphs")


async def test_who_follows_needs_no_worker_and_who_steps_aside_stays_on_the_stage_until_there_is_something_to_see(
    apart: Apart,
) -> None:
    teacher = await apart.leading()
    screen = await apart.student("mina")
    await screen.sees("following", "forward 4 of")
    screen.type("\r")
    seen: list[str] = []
    while "on your own" not in screen.text:
        screen.changed.clear()
        await asyncio.wait_for(screen.changed.wait(), 10)
        seen.append(screen.text)
    assert all("forward 4 of" in text for text in seen)
    await teacher.sees("0 follow, 1 on their own")
    teacher.type(RIGHT)
    await teacher.sees("forward 5 of")
    assert "forward 4 of" in screen.text


async def test_when_a_worker_is_killed_its_people_go_on_where_they_were_and_the_others_feel_nothing(
    apart: Apart,
) -> None:
    await apart.log_has("a worker is ready", 2)
    one, two = await apart.student("one"), await apart.student("two")  # a worker each
    await at_mynet(one, 3)
    await at_mynet(two, 4)
    kept = apart.root / "c" / "progress"
    async with asyncio.timeout(20):
        while len(list(kept.glob("*.place"))) < 2:
            await asyncio.sleep(0.05)
    first, second = apart.processes()
    os.kill(first, signal.SIGKILL)
    await apart.log_has(f"worker {first} has died, with 1 apps")
    await apart.log_has("a worker is ready", 3)
    told = [screen for screen in (one, two) if await sees_soon(screen, "had to start again")]
    assert len(told) == 1
    steps = 4 if told[0] is one else 5
    await told[0].sees(f"forward {steps} of")
    other = two if told[0] is one else one
    assert not other.closed.is_set() and "had to start again" not in other.text
    for screen, at in ((told[0], steps), (other, 9 - steps)):
        screen.type(RIGHT)
        await screen.sees(f"forward {at + 1} of")
    assert second in apart.processes()


async def sees_soon(screen: Screen, words: str) -> bool:
    try:
        async with asyncio.timeout(3):
            while words not in screen.text:
                screen.changed.clear()
                await screen.changed.wait()
    except TimeoutError:
        return False
    return True


async def test_workers_end_with_the_class_however_it_ends(apart: Apart) -> None:
    screen = await apart.student("mina")
    await at_mynet(screen)
    await apart.log_has("a worker is ready", 2)
    workers = apart.processes()
    apart.stop(signal.SIGKILL)
    async with asyncio.timeout(20):
        while any(map(alive, workers)):
            await asyncio.sleep(0.02)
    await apart.hang_up()
    apart.start()
    again = await apart.connect("mina")
    await again.sees("mynet", "forward 4 of")  # noted as the worker ended
    workers = apart.processes()[2:]
    apart.stop(signal.SIGINT)
    async with asyncio.timeout(20):
        while any(map(alive, workers)):
            await asyncio.sleep(0.02)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_keys_of_one_are_served_while_another_trains_without_an_end(root: Path) -> None:
    apart = Apart(root, workers=1)
    try:
        busy, other = await apart.student("busy"), await apart.student("other")
        await busy.sees("Home")
        busy.type("t")
        await busy.sees("epoch")
        endless = asyncio.create_task(trains_on(busy))
        await at_mynet(other)
        seen = len(busy.raw)
        for k in range(3):
            other.type(RIGHT)
            await other.sees(f"forward {5 + k} of")
        await busy.until(lambda: len(busy.raw) > seen)  # it trains all the while
        endless.cancel()
    finally:
        await apart.hang_up()
        apart.stop()


async def trains_on(screen: Screen) -> None:
    """Have a run go on whenever it pauses."""
    while True:
        screen.changed.clear()
        if "‖" in screen.text:
            screen.type(" ")
        await screen.changed.wait()
