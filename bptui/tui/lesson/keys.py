"""A lesson's keys. The stage keeps its own: what is left to a lesson is free on all of them."""

from __future__ import annotations

from textual.binding import Binding

from bptui.course.lesson import Predict
from bptui.course.player import Player
from bptui.tui.bars import Key

BINDINGS = (
    Binding("greater_than_sign", "lesson_next", "next step of the lesson", id="lesson.next"),
    Binding("less_than_sign", "lesson_back", "step of the lesson before", id="lesson.back"),
    Binding("h", "lesson_hint", "hint", id="lesson.hint"),
    Binding("A", "lesson_tell", "tell the answer", id="lesson.tell"),
    Binding("R", "lesson_again", "the same question, new numbers", id="lesson.again"),
    Binding("Z", "lesson_reset", "the stage as it was at first", id="lesson.reset"),
    Binding("M", "lesson_map", "map of the course", id="lesson.map"),
    Binding("question_mark", "explain", "explain", id="lesson.explain"),
    Binding("q", "leave", "leave the lesson", id="lesson.leave"),
    Binding("l", "lesson_text", "open or close the lesson's text", id="lesson.text"),
)


def bar_of(player: Player, *, typed: bool, drawer: bool | None) -> tuple[Key, ...]:
    """The keys that matter most at this step; `drawer` is None where the text has a column of its own."""
    ask, state = player.step.ask, player.state
    shown: list[Key] = []
    if ask is None or state.over:
        last = player.index == len(player.states) - 1
        shown.append(("↵", "finish" if last else "go on", "lesson_enter"))
    elif isinstance(ask, Predict):
        shown.append(("↵", "check", "lesson_enter"))
    if ask is not None and not state.over and not player.testing:
        if state.hints < len(ask.hints):
            shown.append(("h", f"hint {state.hints + 1} of {len(ask.hints)}", "lesson_hint"))
        if state.attempts or state.hints >= len(ask.hints):
            shown.append(("A", "answer", "lesson_tell"))
    if isinstance(ask, Predict) and ask.reroll is not None and not typed:
        shown.append(("R", "new numbers", "lesson_again"))
    if drawer is not None:
        shown.append(("l", "close the text" if drawer else "text", "lesson_text"))
    shown.append(("< >", "lesson step", "lesson_next"))
    shown.append(("M", "map", "lesson_map"))
    return tuple(shown)
