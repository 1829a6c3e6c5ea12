"""Every lesson from its first step to its last, on the screen, with the answers typed and the tasks done."""

from __future__ import annotations

import pytest
from screens import at_rest
from textual.pilot import Pilot

from bptui.course.grade import answer_text, option_names
from bptui.course.lesson import Choice, Do, Lesson, Ordering, Pick, Predict
from bptui.course.library import lessons
from bptui.course.moves import done, move
from bptui.course.player import Player
from bptui.course.progress import Done, Progress
from bptui.session.actions import NextStep, PreviousStep, SetKnob
from bptui.session.knobs import turned
from bptui.tui.app import BptuiApp
from bptui.tui.lesson.labs import Race, Run
from bptui.tui.lesson.lectern import Lectern
from bptui.tui.lesson.place import Bench, screen_of


async def answer(pilot: Pilot[None], player: Player, ask: Predict) -> None:
    """Type the right answer, or select the right box."""
    right = answer_text(ask, player._scene.asked)
    match ask.question:
        case Choice(options):
            right = option_names(player.options)[[option.right for option in options].index(True)]
        case Ordering():
            right = " ".join(str(player.options.index(item) + 1) for item in right.split(", "))
        case Pick(names):
            bench = pilot.app.screen
            assert isinstance(bench, Bench)
            bench.select(next(f"{kind}:{names[0]}" for kind in ("node", "var") if names[0] in _names(bench, kind)))
            right = ""
    for character in right.strip("[]").replace("−", "-").replace("×", "x"):
        await pilot.press("space" if character == " " else character)
    await pilot.press("enter")


def _names(bench: Bench, kind: str) -> set[str]:
    return set(bench.session.graph.node if kind == "node" else bench.session.graph.variables)


async def fulfil(pilot: Pilot[None], ask: Do) -> None:
    """Do on the stage what the lesson's solution does."""
    screen = pilot.app.screen
    for words in ask.solution:
        action = move(words)
        if isinstance(screen, Bench):
            done(words, screen.session)
            screen.show()
        elif isinstance(screen, Run):
            assert screen.trainer is not None
            if isinstance(action, NextStep):
                screen.trainer.step(action.n)
            elif isinstance(action, PreviousStep):
                screen.trainer.scrub(screen.snapshot.step - action.n)
            elif isinstance(action, SetKnob):
                screen.trainer.act(action)
        elif isinstance(screen, Race):
            if isinstance(action, NextStep):
                screen.descent.step(action.n)
            elif isinstance(action, SetKnob):
                chosen = screen.descent.chosen
                screen.descent.set_racer(chosen, turned(screen.descent.racers[chosen], action.name, action.text))
        await at_rest(pilot)
    await at_rest(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.id)
async def test_a_lesson_can_be_played_to_its_end(lesson: Lesson, size: tuple[int, int]) -> None:
    progress = Progress()
    player = Player(lesson, progress)
    app = BptuiApp()
    app.first_screen = lambda: screen_of(player)  # type: ignore[method-assign]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for index, step in enumerate(lesson.steps):
            assert isinstance(app.screen, Lectern)
            assert player.index == index
            if isinstance(step.ask, Predict):
                await answer(pilot, player, step.ask)
            elif isinstance(step.ask, Do):
                await fulfil(pilot, step.ask)
            assert step.ask is None or player.state.over, f"step {step.id}: {app.screen.answer}, {player.state}"
            assert step.ask is None or "✓" in "".join(view.canvas.text() for view in app.screen.views.values())
            if index < len(lesson.steps) - 1:
                await pilot.press("enter")
                await pilot.pause()
        assert {record.done for record in progress.lesson(lesson.id).steps.values()} == {Done.DONE}
