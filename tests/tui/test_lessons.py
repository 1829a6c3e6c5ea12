"""A lesson on the screen: what is typed, what the stage takes, what is revealed, and what is kept."""

from __future__ import annotations

from pathlib import Path
from threading import Event, current_thread, main_thread

import pytest
from playing import LESSON, TASK, WHICH, begin, lectern, shown
from screens import at_rest, press, resize, text_of
from textual.binding import Binding
from textual.events import Paste

from bptui.course.lesson import Do, Stage
from bptui.course.progress import Done, Progress, StepRecord
from bptui.course.scene import Solved, solved
from bptui.session.actions import NextStep, SetEntry
from bptui.session.session import Session
from bptui.tui.descend.screen import Descend
from bptui.tui.lesson.keys import BINDINGS as LESSONS_OWN
from bptui.tui.lesson.labs import Arrived, Race, Run
from bptui.tui.lesson.place import Bench, Words
from bptui.tui.train.screen import Train
from bptui.tui.workbench import Workbench


async def test_a_step_of_words_is_text_alone_and_enter_goes_on() -> None:
    async with begin("words").run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert isinstance(pilot.app.screen, Words)
        assert "Nothing is asked here." in shown(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Bench)
        assert lectern(pilot).player.states[0].done is Done.DONE


async def test_where_there_is_no_stage_the_text_has_all_rows() -> None:
    async with begin("words").run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert lectern(pilot).views["page"].size.height == 22
        assert text_of(pilot.app).splitlines()[3].strip() == "Nothing is asked here."  # type: ignore[arg-type]


async def test_a_wrong_answer_is_diagnosed_a_right_one_reveals_and_enter_goes_on() -> None:
    progress = Progress()
    async with begin("gradient", progress).run_test(size=(120, 40)) as pilot:
        await pilot.press(*"0.8")
        assert "dC/dz[0] = 0.8▏" in shown(pilot)
        await pilot.press("enter")
        assert "✕ Not yet." in shown(pilot)
        assert "row 0 of W" in shown(pilot)
        assert "−0.2" not in shown(pilot)
        await pilot.press(*"-0.2", "enter")
        assert "✓ Right." in shown(pilot)
        assert "Both sums pay." in shown(pilot)
        assert "into m backward › dz[0]" in shown(pilot)
        assert [attempt.answer for attempt in progress.lesson("sums").steps["gradient"].attempts] == ["0.8", "-0.2"]
        await pilot.press("enter")
        assert lectern(pilot).player.step.id == "choice"


async def test_what_is_typed_is_edited_and_survives_a_resize() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        await pilot.press(*"-0.25", "backspace")
        await resize(pilot, 80, 24)
        assert "= -0.2▏" in shown(pilot)
        await pilot.press("escape", "5")
        assert "= 5▏" in shown(pilot)
        await pilot.press(*" apples", "enter")
        assert "it wants a number" in shown(pilot)
        assert lectern(pilot).player.state.attempts == 0


async def test_keys_that_begin_no_answer_are_the_stages() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        await pilot.press("left", "left", "t")
        screen = pilot.app.screen
        assert isinstance(screen, Bench)
        assert (screen.session.address.event, screen.view.pane) == (3, "twiddle")
        await pilot.press("Z")
        assert screen.session.address.event == 5


async def test_what_is_asked_is_hidden_until_it_is_told() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        await pilot.press("right")
        assert "Hidden until you answer." in shown(pilot)
        assert "?" in shown(pilot)
        await pilot.press("h")
        assert "Column 0." in shown(pilot)
        await pilot.press("A")
        assert "answer told" in shown(pilot)
        assert "dC/dz[0] = −0.2" in shown(pilot)
        assert lectern(pilot).player.state.done is Done.SHOWN


async def test_a_new_weight_that_is_asked_for_is_hidden_in_the_next_step_too() -> None:
    text = LESSON.replace('answer = "grad z[0]"', 'answer = "update m.weight[0,0]"')
    async with begin("gradient", text=text).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        await pilot.press("n", "p")
        assert bench.stage is not None
        assert bench.stage.moment().value("m.weight") is not None
        await pilot.press("n")
        assert bench.stage.moment().value("m.weight") is None


async def test_what_is_revealed_are_the_numbers_that_were_asked_for() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        bench.do(SetEntry("m.weight", (0, 0), 3.0))
        bench.do(NextStep())
        await pilot.press(*"-0.2", "enter")
        assert "◀ dz[0]" in shown(pilot)
        gradient = bench.session.moment().gradient("z")
        assert gradient is not None
        assert gradient[0] == pytest.approx(-0.2)
        assert len(bench.session.branches) == 2  # nothing is lost


@pytest.mark.parametrize(("keys", "mark"), [(["-", "0", ".", "2", "enter"], "✓ Right."), (["A"], "answer told")])
async def test_a_step_that_is_over_says_so_when_it_is_opened_again(keys: list[str], mark: str) -> None:
    progress = Progress()
    async with begin("gradient", progress).run_test(size=(120, 40)) as pilot:
        await pilot.press("9", "enter", *keys)
        assert mark in shown(pilot)
    async with begin(progress=progress).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert mark in shown(pilot)
        assert "dC/dz[0] = −0.2" in shown(pilot)
        assert "Both sums pay." in shown(pilot)


async def test_what_was_done_for_the_learner_is_said_so() -> None:
    async with begin("do").run_test(size=(120, 40)) as pilot:
        await press(pilot, "A")
        assert "done for you" in shown(pilot)
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert bench.session.address.event == 6


async def test_new_numbers_are_another_question() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        before = bench.session.moment().value("z")
        await pilot.press("R")
        assert lectern(pilot).player.state.seed == 1
        assert before is not None
        assert (bench.session.moment().value("z") != before).any()


@pytest.mark.parametrize("keys", ["2", "click"])
async def test_options_are_chosen_by_number_or_by_a_click(keys: str) -> None:
    async with begin("choice").run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        if keys == "click":
            rows = text_of(pilot.app).splitlines()  # type: ignore[arg-type]
            row = next(k for k, line in enumerate(rows) if " 2) that" in line)
            await pilot.click(offset=(rows[row].index("that"), row))
            await pilot.click(offset=(rows[row].index("that"), row))
        else:
            await pilot.press(keys, "enter")
        assert "It is the other." in shown(pilot)


async def test_an_option_takes_the_place_of_another_and_other_keys_stay_the_stages() -> None:
    async with begin("choice").run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "1", "t")
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert (bench.answer.typed, bench.view.pane) == ("1", "twiddle")
        await pilot.press("enter")
        assert "✓ Right." in shown(pilot)


async def test_a_bracket_goes_to_another_entry_and_is_no_answer() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        await pilot.press("right_square_bracket", "right_square_bracket")
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        there = bench.view.entry
        await pilot.press("left_square_bracket")
        assert there is not None
        assert bench.view.entry not in (None, there)
        bench.post_message(Paste("[-0.2"))
        await pilot.pause()
        assert bench.answer.typed == "-0.2"


def test_the_keys_of_a_lesson_are_free_on_every_stage() -> None:
    shared = {"question_mark", "q"}  # explain, leave: a lesson does both in its own way
    for stage in (Workbench, Train, Descend):
        taken = {key for binding in stage.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
        assert not {key.key for key in LESSONS_OWN} & taken - shared


async def test_a_box_is_chosen_on_the_diagram() -> None:
    async with begin("box").run_test(size=(120, 40)) as pilot:
        assert "the box: select it, then ↵" in shown(pilot)
        await pilot.press("enter")
        assert "select it on the stage" in shown(pilot)
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        bench.select("node:m")
        await pilot.press("enter")
        assert "✓ Right." in shown(pilot)


async def test_what_is_to_be_done_is_done_on_the_stage() -> None:
    async with begin("do").run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "to be done on the stage" in shown(pilot)
        await pilot.press("enter")  # open, and nothing typed: the stage's key
        assert "Inside" in shown(pilot)
        await pilot.press("right")
        assert "✓ Done." in shown(pilot)
        assert "It came: −0.2." in shown(pilot)


async def test_a_run_that_gets_there_is_seen() -> None:
    async with begin("run").run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, Run)
        await pilot.press("N")
        await at_rest(pilot)
        assert not screen.player.state.over
        await pilot.press("N")
        await at_rest(pilot)
        await at_rest(pilot)
        assert screen.player.state.over
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Race)


async def test_a_run_that_gets_there_late_is_not_taken_for_the_next_step() -> None:
    two = LESSON.replace(TASK, f"{TASK}\n## Once more {{#more}}\n\nAgain.\n\n{TASK}")
    async with begin("run", text=two).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, Run)
        player, late = screen.player, Arrived(screen.player.step, "It came late.")
        player.next()
        screen.on_arrived(late)
        assert (player.step.id, player.state.over) == ("more", False)


async def test_a_race_that_was_run_for_the_learner_stands_where_it_led() -> None:
    async with begin("race").run_test(size=(120, 40)) as pilot:
        await pilot.press("A")
        await at_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Race)
        assert screen.descent.place(screen.descent.chosen) == 5
        assert "done for you" in shown(pilot)


async def test_another_surface_is_not_what_was_asked_for() -> None:
    text = LESSON.replace('updates."\nstep = 5', 'updates."\nloss_below = 0.9').replace("next step 5", "next step 60")
    async with begin("race", text=text).run_test(size=(120, 40)) as pilot:
        await pilot.press("right_square_bracket")
        await at_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Race)
        assert screen.descent.objective.value(screen.descent.start) < 0.9
        assert not screen.player.state.over


async def test_an_answer_that_is_told_leaves_the_lab_as_it_is() -> None:
    async with begin("run", text=LESSON.replace(TASK, WHICH)).run_test(size=(120, 40)) as pilot:
        await pilot.press("N")
        await at_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Run)
        await pilot.press("A")
        await at_rest(pilot)
        assert pilot.app.screen is screen
        assert screen.snapshot.step == 10
        assert "answer told" in shown(pilot)


async def test_a_race_that_gets_there_is_seen() -> None:
    async with begin("race").run_test(size=(120, 40)) as pilot:
        await pilot.press(*["right"] * 4)
        await at_rest(pilot)
        assert not lectern(pilot).player.state.over
        await pilot.press("right")
        await at_rest(pilot)
        await pilot.pause()
        assert lectern(pilot).player.state.over


async def test_the_text_is_a_drawer_where_it_is_narrow() -> None:
    async with begin("gradient").run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Down its own column." in shown(pilot)
        await pilot.press("l")
        await at_rest(pilot)
        assert "Down its own column." not in shown(pilot)
        assert "l opens the text" in shown(pilot)
        await pilot.press(*"0.8", "enter")
        assert "✕ Not yet." in shown(pilot)


@pytest.mark.some(2)
@pytest.mark.parametrize("at", ["words", "gradient", "choice", "do", "run", "race"])
async def test_a_lesson_stands_on_a_terminal_that_is_far_too_small(at: str) -> None:
    async with begin(at).run_test(size=(80, 24)) as pilot:
        await resize(pilot, 40, 10)
        await pilot.press("l")
        await at_rest(pilot)
        strip = lectern(pilot).views["ask"].canvas.text()
        assert strip.startswith("┃ ")
        assert "  l opens the text" in strip
        await resize(pilot, 14, 4)
        await resize(pilot, 120, 40)
        assert lectern(pilot).player.step.title in text_of(pilot.app)  # type: ignore[arg-type]


async def test_a_file_that_is_saved_is_played_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text(LESSON, encoding="utf-8")
    async with begin("gradient", text=LESSON, key=str(path)).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        path.write_text(LESSON.replace("Down its own column.", "Mended."), encoding="utf-8")
        lectern(pilot)._reread()
        await pilot.pause()
        assert "Mended." in shown(pilot)
        assert lectern(pilot).player.step.id == "gradient"
        path.write_text(LESSON.replace("digits = 2", "digit = 2"), encoding="utf-8")
        lectern(pilot)._reread()
        await pilot.pause()
        assert "did you mean 'digits'?" in shown(pilot)
        assert "Mended." in shown(pilot)


async def test_a_file_that_is_saved_leaves_the_learner_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text(LESSON, encoding="utf-8")
    async with begin("do", key=str(path)).run_test(size=(120, 40)) as pilot:
        await pilot.press("question_mark")
        bench = pilot.app.screen_stack[-2]
        assert isinstance(bench, Bench)
        path.write_text(LESSON.replace("{#do}", "{#doing}"), encoding="utf-8")
        bench._reread()  # not below another screen
        assert bench.player.step.id == "do"
        await pilot.press("escape")
        bench._reread()
        assert bench.player.step.id == "doing"
        path.write_text(LESSON[: LESSON.index("## A box")], encoding="utf-8")
        bench._reread()
        assert bench.player.step.id == "choice"
        path.unlink()
        bench._reread()
        assert bench.player.step.id == "choice"


async def test_keys_wait_for_a_search() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        bench.searching = True
        await pilot.press("5", "enter", ">")
        assert (bench.answer.typed, bench.player.step.id) == ("2", "gradient")


async def test_progress_that_is_not_kept_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a_*b*_c.sqlite"
    path.write_bytes(b"no database at all")
    async with begin("gradient", Progress(path)).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "! progress" in shown(pilot)
        told = lectern(pilot).views["page"].canvas.text().replace("│", "").replace(" ", "").replace("\n", "")
        assert "theprogressfilewasdamaged;itiskeptas" in told
        assert "a_*b*_c-damaged" in told


async def test_a_stage_that_cannot_be_set_up_is_said_so() -> None:
    broken = LESSON.replace('net = "moons"', 'net = "none"')
    async with begin("run", text=broken).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "none" in shown(pilot)
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Race)


async def test_the_stage_belongs_to_the_player() -> None:
    async with begin("gradient").run_test(size=(120, 40)) as pilot:
        bench = pilot.app.screen
        assert isinstance(bench, Bench)
        assert isinstance(bench.session, Session)
        assert bench.session is bench.player.session
        await pilot.press("greater_than_sign", "less_than_sign")
        assert bench.session is bench.player.session


@pytest.mark.some(3)
@pytest.mark.parametrize(("at", "keys"), [("gradient", ["left"]), ("race", ["right"]), ("run", ["N"])])
async def test_one_who_comes_back_finds_the_stage_as_it_was_left(at: str, keys: list[str]) -> None:
    def place(screen: object) -> object:
        if isinstance(screen, Bench):
            return screen.session.address
        if isinstance(screen, Race):
            return screen.descent.place(screen.descent.chosen)
        assert isinstance(screen, Run)
        return screen.snapshot.step, len(screen.snapshot.probes)

    async with begin(at).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        fresh = place(pilot.app.screen)
        await pilot.press(*keys)
        await at_rest(pilot)
        there = place(pilot.app.screen)
        assert there != fresh
        await pilot.press("less_than_sign", "greater_than_sign")
        await at_rest(pilot)
        assert place(pilot.app.screen) == there
        assert "The stage is as you left it." in shown(pilot)
        await pilot.press("M", "right", "enter")
        await at_rest(pilot)
        assert place(pilot.app.screen) == there
        await pilot.press("Z")
        await at_rest(pilot)
        assert place(pilot.app.screen) == fresh
        assert "The stage is as you left it." not in shown(pilot)
        await pilot.press("less_than_sign", "greater_than_sign")
        await at_rest(pilot)
        assert "The stage is as you left it." not in shown(pilot)


async def test_a_lab_that_was_clicked_is_found_as_it_was_left() -> None:
    async with begin("race").run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Race)
        scrub = screen.views["scrub"].region
        await pilot.click(offset=(scrub.x + scrub.width // 2, scrub.y))
        await at_rest(pilot)
        there = screen.descent.place(screen.descent.chosen)
        assert there > 0
        await pilot.press("less_than_sign", "greater_than_sign")
        await at_rest(pilot)
        again = pilot.app.screen
        assert isinstance(again, Race)
        assert again.descent.place(again.descent.chosen) == there


@pytest.mark.parametrize("told", [True, False])
async def test_keys_do_not_wait_while_a_task_is_worked_out(told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    free, progress = Event(), Progress()

    def slowly(ask: Do, stage: Stage) -> Solved:
        assert current_thread() is not main_thread()
        free.wait()
        return solved(ask, stage)

    monkeypatch.setattr("bptui.course.player.solved", slowly)
    if not told:
        progress.note("sums", {"run": StepRecord(Done.DONE, over=True)}, "run")
    async with begin("" if progress.lessons() else "run", progress).run_test(size=(120, 40)) as pilot:
        if told:
            await pilot.press("A")
        await pilot.pause()
        assert "One moment" in shown(pilot)
        await pilot.press("k")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, Run)
        assert screen.focus_on == "knobs"
        free.set()
        await at_rest(pilot)
        await at_rest(pilot)
        assert "It is at" in shown(pilot)
        assert "One moment" not in shown(pilot)


async def test_what_is_worked_out_for_a_step_that_was_left_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    free = Event()
    monkeypatch.setattr("bptui.course.player.solved", lambda ask, stage: free.wait() and solved(ask, stage))
    async with begin("do").run_test(size=(120, 40)) as pilot:
        await pilot.press("A", "less_than_sign")
        free.set()
        await at_rest(pilot)
        assert [state.over for state in lectern(pilot).player.states] == [False] * 7
