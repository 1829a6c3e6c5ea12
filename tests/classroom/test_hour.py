"""An hour's class in a few minutes: sixty students over SSH, a whole lesson, against the installed server."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import clients
import pytest
from clients import Screen

from bptui.classroom.questions import on_line
from bptui.course.lesson import Predict
from bptui.course.library import lessons

STUDENTS = 60
ROAMING, DROPPED = 6, 5  # who step aside, and whose line drops, in each step
DESK, LEAD, ASIDE, BACK, RIGHT = "\x04", "\x0c", "\r", "\x12", "\x1b[C"
LESSON, OPENS = "through-a-sum", "li"  # and the keys that open it from home
PATIENCE = 60.0  # seconds for what all sixty are to see


@dataclass
class Class:
    """A server in processes of its own, and the folder of its class."""

    folder: Path
    port: int
    code: str
    process: subprocess.Popen[str]

    async def connect(self, name: str, key: asyncssh.SSHKey, width: int, height: int) -> Screen:
        conn = await asyncssh.connect(
            "127.0.0.1", self.port, username=name, client_keys=[key], known_hosts=None, agent_path=None, config=None
        )
        screen = Screen(width, height)
        await conn.create_session(lambda: screen, term_type="xterm", term_size=(width, height), encoding=None)
        screen.conn = conn  # type: ignore[attr-defined]
        return screen

    async def question(self, number: int) -> dict[str, Any]:
        """A question that was asked, from 0, once the class's file has it."""
        wanted = "SELECT body FROM event WHERE kind = 'asked' ORDER BY number LIMIT 1 OFFSET ?"
        async with asyncio.timeout(PATIENCE):
            while True:
                with closing(sqlite3.connect(f"file:{self.folder / 'class.sqlite'}?mode=ro", uri=True)) as file:
                    if found := file.execute(wanted, (number,)).fetchone():
                        return dict(json.loads(found[0]))
                await asyncio.sleep(0)

    def answers(self) -> list[tuple[str, dict[str, Any]]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'class.sqlite'}?mode=ro", uri=True)) as file:
            rows = file.execute("SELECT person, body FROM event WHERE kind = 'answered' ORDER BY number").fetchall()
        return [(person, json.loads(body)) for person, body in rows]

    def memory(self) -> float:
        """Megabytes of all its processes; what they share is counted once for each that shares it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        if not children.exists():
            return float("nan")
        todo, total = [self.process.pid], 0.0
        while todo:
            process = todo.pop()
            status = Path(f"/proc/{process}/smaps_rollup").read_text()
            found = re.search(r"Pss: +(\d+) kB", status)
            total += int(found[1]) / 1e3 if found else 0.0
            todo += map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
        return total


@asynccontextmanager
async def serving(root: Path) -> AsyncIterator[Class]:
    env = {**os.environ, "BPTUI_CLASSES": str(root)}
    command = [sys.executable, "-m", "bptui.cli", "class"]
    made = subprocess.run([*command, "new", "hour"], env=env, capture_output=True, text=True, check=True).stdout
    code = re.search(r"class code +(\S+)", made)
    serve = [*command, "serve", "--host", "127.0.0.1", "--port", "0"]
    with (
        (root / "log").open("w") as log,
        subprocess.Popen(serve, env=env, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None and code is not None
        said = ""
        while "Ctrl+C" not in said:
            line = process.stdout.readline()
            assert line, (root / "log").read_text()
            said += line
        port = re.search(r"ssh -p (\d+) NAME", said)
        assert port is not None
        try:
            yield Class(root / "hour", int(port[1]), code[1], process)
        finally:
            process.terminate()
            process.wait(30)


@dataclass
class Student:
    """Somebody with a key, who answers right unless their number says otherwise."""

    number: int
    key: asyncssh.SSHKey
    screen: Screen

    @property
    def name(self) -> str:
        return f"student {self.number}"

    @property
    def size(self) -> tuple[int, int]:
        return (120, 40) if self.number % 3 == 0 else (80, 24)

    async def join(self, klass: Class) -> None:
        self.screen = await klass.connect(self.name, self.key, *self.size)
        await self.screen.sees("Class code")
        self.screen.type(f"{klass.code}\r")
        await self.screen.sees("following")

    async def drop(self, klass: Class) -> None:
        """The line drops, and they are back."""
        self.screen.conn.abort()  # type: ignore[attr-defined]
        self.screen = await klass.connect(self.name, self.key, *self.size)
        await self.screen.sees("following")

    async def roam(self) -> None:
        self.screen.type(ASIDE)
        await self.screen.sees("back to the class" if self.size[1] > 24 else "lesson step", without="● following")
        self.screen.type(RIGHT + RIGHT)
        self.screen.type(BACK)
        await self.screen.sees("● following")

    async def is_told(self) -> None:
        """Their own row says what came of their answer."""
        mark = "✓" if self.number % 4 else "✕"
        await self.screen.until(
            lambda: any("● following" in row and mark in row for row in self.screen.terminal.display), mark
        )

    async def answer(self, question: dict[str, Any]) -> bool:
        right = self.number % 4 != 0
        text = question["solution"].replace("−", "-") if right else _wrong(question)
        if not on_line(question["form"]) and question["form"] != "pick" and self.number % 5:
            self.screen.type("a")  # most type it all the same
            await self.screen.sees("send")
        elif not on_line(question["form"]):
            self.screen.type(ASIDE)
            await self.screen.sees("1/1", without="● following")
        self.screen.type(f"{text}\r")
        await self.screen.sees("● following", "sent")
        return right


def _wrong(question: dict[str, Any]) -> str:
    if question["form"] == "choice":
        return next(option for option in question["options"] if option != question["solution"])
    return {"shape": "7x7", "values": " ".join("7" for _ in question["solution"].strip("[]").split())}.get(
        question["form"], "77"
    )


@pytest.mark.slow
async def test_an_hours_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PATIENCE", PATIENCE)
    lesson = next(lesson for lesson in lessons() if lesson.id == LESSON)
    async with serving(tmp_path) as klass:
        teacher = await klass.connect("teacher", asyncssh.read_private_key(klass.folder / "teacher_key"), 120, 40)
        await teacher.sees("Home")
        teacher.type(OPENS)
        await teacher.sees(lesson.title, f"1/{len(lesson.steps)}")
        teacher.type(LEAD)
        await teacher.sees("leading:")
        teacher.type(DESK)
        await teacher.sees("Roster")
        shown = await klass.connect("present", asyncssh.read_private_key(klass.folder / "teacher_key"), 100, 30)
        students = [Student(k, asyncssh.generate_private_key("ssh-ed25519"), shown) for k in range(STUDENTS)]
        for k in range(0, STUDENTS, 10):
            await asyncio.gather(*(student.join(klass) for student in students[k : k + 10]))
        await teacher.sees(f"{STUDENTS} here")
        begun, expected = klass.memory(), 0
        for k, step in enumerate(lesson.steps):
            everybody = [student.screen for student in students]
            for screen in [*everybody, shown]:
                await screen.sees(f"{k + 1}/{len(lesson.steps)}")
            if isinstance(step.ask, Predict):
                teacher.type("n")
                await teacher.sees(f"0 of {STUDENTS} answered")
                question = await klass.question(expected // STUDENTS)
                await asyncio.gather(*(student.answer(question) for student in students))
                expected += STUDENTS
                await teacher.sees(f"{STUDENTS} of {STUDENTS} answered", "hidden from the class")
                assert not any(mark in shown.text for mark in "✓✕")
                teacher.type("r")
                await teacher.sees("shown to the class")
                for student in students:
                    await student.is_told()
                teacher.type("z")
                await teacher.sees("No question is in front of the class")
            first = k * ROAMING % STUDENTS
            await asyncio.gather(*(student.roam() for student in students[first : first + ROAMING]))
            gone = students[k * DROPPED % STUDENTS :][:DROPPED]
            await asyncio.gather(*(student.drop(klass) for student in gone))
            hand = students[(7 * k) % STUDENTS]
            hand.screen.type("h")
            await teacher.sees(f"{hand.name} raised a hand")
            hand.screen.type("h")
            if k < len(lesson.steps) - 1:
                teacher.type(RIGHT)
        ended = klass.memory()
        for student in students:
            student.screen.type("q")
        await asyncio.gather(*(asyncio.wait_for(student.screen.closed.wait(), PATIENCE) for student in students))
        await teacher.sees("0 here")
        left = klass.memory()
        found = klass.answers()
        print(
            f"memory: {begun:.0f} MB with {STUDENTS} followers, {ended:.0f} after the class, {left:.0f} once they left"
        )
        assert len(found) == expected
        assert sum(body["right"] for _, body in found) == expected // STUDENTS * (STUDENTS - STUDENTS // 4)
        assert {person for person, _ in found} == {student.name for student in students}
        assert ended < begun + 150  # no class is as long as that a leak of so much would be no matter
