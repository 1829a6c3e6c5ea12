"""Nets that the teacher pastes, and runs that she compares, are led as everything else is."""

from __future__ import annotations

import pytest
from clients import Screen, Served
from led import LEAD, RIGHT, follower, lead, leading_at, seat

from bptui.tui.source_bench import SourceBench

PASTE = "\x0f"
NET = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.second = nn.Linear(3, 1)

    def forward(self, x):
        s1 = self.first(x)
        z1 = torch.relu(s1)
        return self.second(z1)
"""


def paste(screen: Screen, text: str) -> None:
    screen.type(f"\x1b[200~{text}\x1b[201~")


async def test_a_net_that_the_teacher_pastes_is_followed_with_its_source(served: Served) -> None:
    teacher = await leading_at(served, "ne", "batch 1 of", 160, 48)
    mina = await follower(served, "mina", 160, 48)
    teacher.type(PASTE)
    await teacher.sees("Open what you paste")
    await mina.sees("mynet")
    paste(teacher, NET)
    await mina.sees("s1 = self.first(x)", "Net 2-3-1", "batch 1 of")
    teacher.type(RIGHT + RIGHT)
    await mina.sees("forward 3 of")
    small = await follower(served, "lena", 80, 24)
    await small.sees("forward 3 of", "2 source")
    mina.type("\r")
    await mina.sees("on your own", "s1 = self.first(x)", "forward 3 of")
    app = seat(served, "mina").app
    assert app is not None and isinstance(app.screen, SourceBench) and app.screen.source.text == NET
    await served.restart()
    mina = await served.again("lena", 160, 48)
    await mina.sees("following", "s1 = self.first(x)", "forward 3 of")
    teacher = await served.terminal(await served.connect("anybody", key=served.teacher_key), 160, 48)
    await teacher.sees("s1 = self.first(x)", "leading:")
    teacher.type(RIGHT)
    await mina.sees("forward 4 of")
    lead(served).hand_to(seat(served, "lena"))
    await mina.sees("you drive", "s1 = self.first(x)")
    teacher.type(LEAD)
    await teacher.sees("leading:", "s1 = self.first(x)")


@pytest.mark.slow
async def test_runs_side_by_side_are_followed_and_handed_on(served: Served) -> None:
    teacher = await leading_at(served, "t", "epoch 0", 120, 40)
    mina, lena = await follower(served, "mina", 120, 40), await follower(served, "lena", 80, 24)
    teacher.type("c")
    await teacher.sees("compare with")
    teacher.type("lr=0.3\r")
    for screen in (mina, lena):
        await screen.sees("Compare", "2 runs", "lr=0.3", "paused")
    teacher.type("N")
    for screen in (mina, lena):
        await screen.sees("epoch 1 ", "paused")
    omar = await follower(served, "omar", 160, 48)
    await omar.sees("Compare", "epoch 1 ")
    mina.type("\r")
    await mina.sees("on your own", "Train", "epoch 1")
    teacher.type("q")
    await omar.sees("Train", "epoch 0", without="Compare")
    teacher.type("clr=0.3\r")
    await omar.sees("Compare", "epoch 0 ")
    teacher.type("N")
    await omar.sees("Compare", "epoch 1 ")
    lead(served).hand_to(seat(served, "lena"))
    await lena.sees("you drive", "Compare", "epoch 1 ")
    lena.type("N")
    await omar.sees("epoch 2 ")
    teacher.type(LEAD)
    await teacher.sees("leading:", "Compare", "epoch 2 ")
