"""The player: a learner's way through a lesson, what is hidden, and that it goes on where it stopped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesson_files import SUMS, fence, lesson, step

from bptui.course.answer import AnswerError
from bptui.course.format import read
from bptui.course.lesson import Lesson
from bptui.course.library import shelf
from bptui.course.player import IDLE, Player, PlayError
from bptui.course.progress import Done, Progress
from bptui.course.quantity import Quantity
from bptui.session.actions import Forward, SetEntry

TWO = fence("hint", "The first.") + fence("hint", "Column {{ value m.weight[0,0] }}.")
ASKED = fence("predict", 'ask = "W is {{ value m.weight }}. What is dC/dz[0]?"\nanswer = "grad z[0]"\ndigits = 2')
EXPLAINED = fence("explain", "It was {{ grad z[0] }}.")
TASK = fence("do", 'ask = "Set z[0], s[0] is {{ value s[0] }}."\nset = "z[0]"\nsolution = ["set z[0] = 3"]')
CHOICE = fence(
    "predict", 'ask = "Which?"\nchoices = [{ text = "this", right = true }, { text = "that", why = "No: this." }]'
)
STAGE = fence("stage", f'{SUMS}at = "backward cost"\nhide = ["grad z"]')


def course() -> Lesson:
    return lesson(
        step("", id="words"),
        step(STAGE, ASKED, TWO, EXPLAINED, id="asked"),
        step(fence("stage", 'at = "forward m"'), TASK, fence("explain", "Now {{ value s[0] }}."), id="task"),
        step(CHOICE, id="choice"),
        step("", id="recap"),
        step(STAGE, ASKED, TWO, id="question"),
    )


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def progress() -> Progress:
    return Progress()


@pytest.fixture
def player(progress: Progress) -> Player:
    return Player(course(), progress)


def at(player: Player, id: str) -> Player:
    player.go([step.id for step in player.lesson.steps].index(id))
    return player


# -- a question


def test_a_question_is_told_with_its_numbers(player: Player) -> None:
    assert at(player, "asked").ask == "W is [0.5  −1.0;  1.5  0.25]. What is dC/dz[0]?"
    assert player.label == "dC/dz[0] ="


def test_what_is_asked_is_hidden_until_it_is_answered(player: Player) -> None:
    at(player, "asked")
    assert player.hidden == (Quantity("grad", "z"), Quantity("grad", "z", (0,)))
    assert player.hides("grad", "z")
    assert player.hides("grad", "z", (1,))
    assert not player.hides("value", "z")
    assert not player.hides("grad", "s")
    assert (player.explain, player.solved) == ("", "")
    player.answer("-0.2")
    assert player.hidden == ()
    assert not player.hides("grad", "z", (0,))
    assert (player.explain, player.solved) == ("It was −0.2.", "−0.2")


@pytest.mark.parametrize(
    ("hidden", "kind", "name", "wanted"),
    [
        ("loss", "value", "C", True),
        ("value C", "loss", "", True),
        ("slope h[0]", "jacobian", "h", True),
        ("jacobian m", "slope", "m", True),
        ("grad s", "jacobian", "cost", True),
        ("grad z", "jacobian", "m", False),
        ("shape m.weight", "shape", "m.weight", True),
        ("shape m.weight", "shape", "z", False),
        ("value z[1]", "value", "z", True),
    ],
)
def test_a_quantity_is_hidden_under_every_name(hidden: str, kind: str, name: str, wanted: bool) -> None:
    stage = fence("stage", f'{SUMS}at = "seed"\nhide = ["{hidden}"]')
    assert Player(lesson(step(stage, CHOICE)), Progress()).hides(kind, name) is wanted


def test_a_hidden_entry_leaves_the_others_to_be_seen() -> None:
    stage = fence("stage", f'{SUMS}hide = ["value z[1]"]')
    player = Player(lesson(step(stage, CHOICE)), Progress())
    assert player.hides("value", "z", (1,))
    assert not player.hides("value", "z", (0,))


def test_a_wrong_answer_is_diagnosed_and_counted(player: Player) -> None:
    verdict = at(player, "asked").answer("0.8")
    assert not verdict.right
    assert "row 0 of W" in verdict.remarks[0]
    assert (player.state.attempts, player.state.over, player.state.done) == (1, False, Done.OPEN)
    assert player.answer("-0.2").right
    assert (player.state.attempts, player.state.over, player.state.done) == (2, True, Done.DONE)


def test_what_is_no_answer_is_no_attempt(player: Player) -> None:
    with pytest.raises(AnswerError):
        at(player, "asked").answer("blue")
    assert player.state.attempts == 0


def test_rounded_too_far_is_no_attempt() -> None:
    ask = fence("predict", 'ask = "?"\nanswer = "value z[1]"\ndigits = 2')
    player = Player(lesson(step(fence("stage", SUMS.replace("0.6", "0.64")), ask)), Progress())
    assert player.answer("0.6").nearly
    assert (player.state.attempts, player.state.over) == (0, False)


def test_hints_come_one_at_a_time(player: Player) -> None:
    assert at(player, "asked").hints == ()
    assert [player.hint(), player.hint()] == ["The first.", "Column 0.5."]
    assert player.hints == ("The first.", "Column 0.5.")
    with pytest.raises(PlayError, match="no more hints"):
        player.hint()


def test_told_is_not_done(player: Player) -> None:
    at(player, "asked").tell()
    assert (player.solved, player.state.done) == ("−0.2", Done.SHOWN)
    player.again()
    player.answer(str(solution(player)))
    assert player.state.done == Done.DONE


def test_acting_on_the_stage_does_not_change_what_is_asked(player: Player) -> None:
    before = at(player, "asked").ask
    player.apply(SetEntry("m.weight", (0, 0), 9.0))
    assert player.ask == before
    assert player.answer("-0.2").right


# -- new numbers


def solution(player: Player) -> float:
    """dC/dz[0] = Σᵢ W[i,0] · 2(sᵢ − yᵢ), by hand."""
    values = {name: player.session.moment().value(name) for name in ("m.weight", "s", "y")}
    weight, s, y = (values[name] for name in ("m.weight", "s", "y"))
    assert weight is not None
    assert s is not None
    assert y is not None
    return round(float(weight[:, 0] @ (2 * (s - y))), 2)


@given(st.integers(1, 10**6))
def test_new_numbers_are_the_same_for_the_same_seed(seed: int) -> None:
    one, other = at(Player(course(), Progress()), "asked"), at(Player(course(), Progress()), "asked")
    one.again(seed)
    other.again()
    other.again(seed)
    assert one.ask == other.ask != at(Player(course(), Progress()), "asked").ask
    assert one.answer(str(solution(one))).right
    one.again(0)
    assert one.ask == "W is [0.5  −1.0;  1.5  0.25]. What is dC/dz[0]?"


def test_new_numbers_hide_the_answer_again(player: Player) -> None:
    at(player, "asked").answer("-0.2")
    player.again()
    assert (player.state.over, player.state.attempts, player.state.seed) == (False, 0, 1)
    assert player.hides("grad", "z", (0,))
    assert player.state.done == Done.DONE, "what is done stays done"


@pytest.mark.parametrize("id", ["words", "task", "choice"])
def test_what_has_no_numbers_is_not_rolled(player: Player, id: str) -> None:
    with pytest.raises(PlayError):
        at(player, id).again()
    assert player.state.seed == 0


# -- something to do


def test_a_task_is_over_when_it_is_reached(player: Player) -> None:
    at(player, "task")
    assert player.act("forward") is False
    assert player.act("set z[0] = 2") is True
    assert (player.state.done, player.explain) == (Done.DONE, "Now 0.4.")
    player.act("set z[0] = 5")
    assert player.explain == "Now 0.4.", "the explanation keeps the numbers that were reached"


def test_a_task_can_be_told(player: Player) -> None:
    at(player, "task").tell()
    assert (player.state.done, player.explain) == (Done.SHOWN, "Now 0.9.")


def test_a_task_that_is_over_is_explained_when_one_comes_back(player: Player, progress: Progress) -> None:
    at(player, "task").act("set z[0] = 2")
    player.next()
    player.back()
    assert (player.state.over, player.explain) == (True, "Now 0.4.")
    another_day = Player(course(), progress)
    at(another_day, "task")
    assert (another_day.state.over, another_day.forgotten, another_day.explain) == (True, True, "")
    another_day.remember()
    assert (another_day.forgotten, another_day.explain) == (False, "Now 0.9.")


# -- the stage, left and found again


def test_the_stage_stands_as_it_was_left(player: Player) -> None:
    at(player, "task").act("set z[0] = 5")
    session = player.session
    player.next()
    assert not player.returned
    player.back()
    assert player.returned
    assert player.session is session
    player.reset()
    assert not player.returned
    assert player.session is not session
    player.next()
    player.back()
    assert not player.returned, "nothing was done there"


def test_new_numbers_are_a_new_stage(player: Player) -> None:
    at(player, "asked").act("set z[0] = 5")
    player.again()
    player.next()
    player.back()
    assert not player.returned


def test_the_question_is_not_changed_by_what_was_done_on_the_stage(player: Player) -> None:
    at(player, "asked").act("set z[0] = 5")
    player.next()
    player.back()
    assert player.answer("-0.2").right


def test_only_reading_on_does_a_step_of_words(player: Player, progress: Progress) -> None:
    player.go(3)
    player.go(0)
    player.test_out()
    player.back()
    assert [state.done for state in player.states] == [Done.OPEN] * 6
    player.next()
    assert player.states[0].done is Done.DONE
    assert Player(course(), progress).states[0].done is Done.DONE


# -- two at once


def test_a_second_player_does_not_take_an_answer_back(progress: Progress) -> None:
    one, other = (at(Player(course(), progress), "asked") for _ in range(2))
    one.answer("-0.2")
    other.leave()
    other.next()
    assert at(Player(course(), progress), "asked").state.over
    other.back()
    other.hint()
    again = at(Player(course(), progress), "asked")
    assert (again.state.over, again.state.hints) == (True, 1)


def test_a_second_player_does_not_bring_old_numbers_back(progress: Progress) -> None:
    one, other = (at(Player(course(), progress), "asked") for _ in range(2))
    one.again(4)
    other.next()
    assert at(Player(course(), progress), "asked").state.seed == 4


@pytest.mark.parametrize("words", ["fly", "set z[9] = 1", "run to q", "go nowhere", "forward 0", "knob q = 1"])
def test_an_action_that_cannot_be_done_is_one_line(player: Player, words: str) -> None:
    with pytest.raises(PlayError) as error:
        at(player, "task").act(words)
    assert "\n" not in str(error.value)
    assert not player.state.over


# -- the way


def test_one_goes_where_one_likes(player: Player) -> None:
    assert player.next()
    player.back()
    with pytest.raises(PlayError, match="first step"):
        player.back()
    for index in (-1, 6):
        with pytest.raises(PlayError, match="steps 1 to 6"):
            player.go(index)
    assert [state.done for state in player.states] == [Done.DONE, *[Done.OPEN] * 5], "words are done by reading on"
    player.go(5)
    assert not player.next()


def test_the_lesson_is_finished_when_all_is_done(player: Player) -> None:
    for answer in (None, "-0.2", None, "1", None, "-0.2"):
        assert not player.finished
        if player.step.id == "task":
            player.act("set z[0] = 2")
        elif answer:
            player.answer(answer)
        player.next()
    assert player.finished


def test_right_at_the_test_out_skips_what_is_open(player: Player, progress: Progress) -> None:
    at(player, "asked").answer("-0.2")
    at(player, "words").test_out()
    assert (player.step.id, player.testing) == ("question", True)
    with pytest.raises(PlayError, match="test-out"):
        player.hint()
    with pytest.raises(PlayError, match="test-out"):
        player.tell()
    assert player.answer("-0.2").right
    wanted = [Done.DONE, Done.DONE, Done.SKIPPED, Done.SKIPPED, Done.SKIPPED, Done.DONE]
    assert [state.done for state in player.states][1:] == wanted[1:]
    assert player.finished
    assert Player(course(), progress).finished


def test_wrong_at_the_test_out_skips_nothing_and_the_next_has_new_numbers(player: Player) -> None:
    player.next()
    player.test_out()
    assert not player.answer("7").right
    assert not player.testing
    player.back()
    assert player.step.id == "asked", "back to where one was"
    player.test_out()
    assert player.state.seed == 1
    assert not player.answer("-0.2").right
    assert player.states[2].done == Done.OPEN


def test_leaving_the_test_out_ends_it(player: Player) -> None:
    player.test_out()
    player.go(1)
    player.go(5)
    player.answer("-0.2")
    assert not player.finished


# -- going on


def test_it_goes_on_where_it_stopped(player: Player, progress: Progress) -> None:
    at(player, "asked").again(5)
    player.hint()
    player.answer("77")
    again = Player(course(), progress)
    assert (again.step.id, again.ask, again.hints) == ("asked", player.ask, player.hints)
    assert (again.state.attempts, again.state.over) == (1, False)
    again.answer(str(solution(again)))
    third = Player(course(), progress)
    assert (third.state.over, third.state.attempts, third.solved) == (True, 2, again.solved)


def test_rolled_and_left_is_still_hidden_the_next_time(player: Player, progress: Progress) -> None:
    at(player, "asked").answer("-0.2")
    player.again()
    again = Player(course(), progress)
    assert again.hides("grad", "z")
    assert again.state.done == Done.DONE


def test_a_lesson_that_has_changed_is_played_from_what_is_left(player: Player, progress: Progress) -> None:
    at(player, "question").answer("1")
    changed = lesson(step("", id="new"), step(CHOICE, id="asked"))
    again = Player(changed, progress)
    assert (again.index, again.state.done) == (0, Done.OPEN)


def test_attempts_are_noted_with_their_seed(player: Player, progress: Progress) -> None:
    at(player, "asked").answer("0.8")
    player.again(4)
    player.answer("77")
    attempts = progress.lesson("a-lesson").steps["asked"].attempts
    assert [(a.seed, a.answer, a.right) for a in attempts] == [(0, "0.8", False), (4, "77", False)]


def test_time_counts_for_the_step_where_it_was_spent_but_not_a_break(progress: Progress) -> None:
    clock = Clock()
    player = Player(course(), progress, clock=clock)
    clock.time = 5.0
    player.next()
    clock.time = 7.0
    player.hint()
    clock.time = 10_000.0
    player.leave()
    steps = progress.lesson("a-lesson").steps
    assert (steps["words"].seconds, steps["asked"].seconds) == (5.0, 2.0 + IDLE)


# -- the course


@pytest.mark.some(5)
@pytest.mark.parametrize("name", [file.name for file in shelf()])
def test_every_lesson_is_played_to_its_end(name: str) -> None:
    """By the answers that the player tells, typed by another player."""
    course = read(next(file for file in shelf() if file.name == name).read_bytes(), name)
    told, player = Player(course, Progress()), Player(course, Progress())
    for index, one in enumerate(course.steps):
        told.go(index)
        if one.ask is not None:
            told.tell()
            assert player.text == told.text
            if told.solved:
                named = player.options and not player.label
                assert player.answer(_order(player, told.solved) if named else told.solved.split(" or ")[0]).right
            else:
                for words in one.ask.solution:  # type: ignore[union-attr]
                    player.act(words)
        assert player.state.over == (one.ask is not None)
        player.apply(Forward()) if one.stage else None
        player.next()
    assert player.finished


def _order(player: Player, solved: str) -> str:
    """An option by its own words, or the numbers of an order."""
    if solved in player.options:
        return solved
    return " ".join(str(player.options.index(name) + 1) for name in solved.split(", "))
