"""What a lesson asks for is not to be read in a lab either, nor in the workbench that a lab opens."""

from __future__ import annotations

import pytest
from playing import LESSON, TASK, begin, lectern
from screens import at_rest, press, text_of
from textual.pilot import Pilot

from bptui.course.quantity import Quantity, looked_up
from bptui.tui.lesson.labs import Race, Run
from bptui.tui.lesson.place import Inside

ASKED = '```predict\nask = "How large is it?"\nanswer = "loss"\nreroll = false\n```\n'
RACE = LESSON[LESSON.index("```do", LESSON.index("## A race")) :]
LABS = {
    "run": LESSON.replace(TASK, ASKED),
    "race": LESSON.replace(RACE, ASKED),
}
LANDMARK = {"run": "‖w‖² =", "race": "Race ─"}  # where a lab has its numbers
KEYS = {
    "run": ("w", "w", "w", "w", "w", "w", "tab", "escape", "k", "escape", "d", "c", "escape", "t"),
    "race": ("w", "w", "w", "tab", "escape", "o", "escape", "down", "e", "u"),
}


async def seen(pilot: Pilot[None], keys: tuple[str, ...]) -> str:
    """All that the screen shows while these keys are pressed, without the lesson's own text."""
    texts = []
    for key in ("l", *keys):
        await press(pilot, key)
        texts.append(text_of(pilot.app))  # type: ignore[arg-type]
    return "\n".join(texts)


@pytest.mark.some(5)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize("lab", LABS)
async def test_a_number_that_is_asked_for_is_nowhere_in_a_lab(lab: str, size: tuple[int, int]) -> None:
    async with begin(lab, text=LABS[lab]).run_test(size=size) as pilot:
        await at_rest(pilot)
        player = lectern(pilot).player
        loss = str(float(looked_up(Quantity("loss"), player.session)))[:4]
        text = await seen(pilot, KEYS[lab])
        assert "Hidden until you answer." in text
        assert loss not in text
        await press(pilot, "escape", "A")
        assert LANDMARK[lab] not in text
        assert LANDMARK[lab] in await seen(pilot, KEYS[lab])
        assert "Hidden until you answer." not in text_of(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("lab", LABS)
async def test_nor_is_it_in_the_workbench_that_the_lab_opens(lab: str) -> None:
    async with begin(lab, text=LABS[lab]).run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        screen = lectern(pilot)
        loss = str(float(looked_up(Quantity("loss"), screen.player.session)))[:4]
        assert isinstance(screen, Run | Race)
        await screen.run_action("enter")
        await at_rest(pilot)
        inside = pilot.app.screen
        assert isinstance(inside, Inside)
        text = await seen(pilot, ("f", *["right"] * 4, "2", "3", "4", "1", "r"))
        assert loss not in text
        assert inside.stage is not None
        assert inside.stage.hidden == screen.player.veil_on(inside.session)
        await press(pilot, "q")
        assert pilot.app.screen is screen
        await press(pilot, "A")
        await screen.run_action("enter")
        await at_rest(pilot)
        assert loss in await seen(pilot, ("f", *["right"] * 4))


@pytest.mark.parametrize("lab", ["run", "race"])
async def test_enter_does_not_lead_out_of_a_task(lab: str) -> None:
    async with begin(lab).run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        screen = pilot.app.screen
        await press(pilot, "enter")
        assert pilot.app.screen is screen
        assert "to be done on the stage first" in " ".join(text_of(pilot.app).split())  # type: ignore[arg-type]
        await press(pilot, "home")
        assert "to be done on the stage first" not in " ".join(text_of(pilot.app).split())  # type: ignore[arg-type]
        await screen.run_action("enter")
        await at_rest(pilot)
        assert "q leads back to the lesson" in text_of(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "right")
        assert "q leads back to the lesson" not in text_of(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "q")
        assert pilot.app.screen is screen
