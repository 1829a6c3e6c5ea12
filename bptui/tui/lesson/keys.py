"""A lesson's keys. The stage keeps its own: what is left to a lesson is free on all of them."""

from __future__ import annotations

from textual.binding import Binding

from bptui.course.lesson import Predict
from bptui.course.player import Player
from bptui.tui.bars import Key
from bptui.tui.lesson.page import Page

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


def bar_of(player: Player, page: Page, *, typed: bool, drawer: bool | None, stages: bool) -> tuple[Key, ...]:
    """The keys that matter most at this step; `drawer` is None where the text has a column of its own.

    `stages` says that the stage waits for its own enter, as for a knob that is being turned.
    """
    ask, state = player.step.ask, player.state
    shown: list[Key] = []
    if stages and not typed:
        pass
    elif ask is None or state.over:
        last = player.index == len(player.states) - 1
        shown.append(("↵", "finish" if last else "go on", "lesson_enter"))
    elif isinstance(ask, Predict):
        shown.append(("↵", "check", "lesson_enter"))
    if page.below:
        shown.append(("pgdn", "read on", "lesson_scroll(1)"))
    if page.above:
        shown.append(("pgup", "up" if page.below else "read back", "lesson_scroll(-1)"))
    if ask is not None and not state.over and not player.testing:
        if state.hints < len(ask.hints):
            shown.append(("h", f"hint {state.hints + 1} of {len(ask.hints)}", "lesson_hint"))
        if state.attempts or state.hints >= len(ask.hints):
            shown.append(("A", "answer", "lesson_tell"))
    if isinstance(ask, Predict) and ask.reroll is not None and not typed:
        shown.append(("R", "new numbers", "lesson_again"))
    if player.returned:
        shown.append(("Z", "stage anew", "lesson_reset"))
    if drawer is not None:
        shown.append(("l", "stage" if drawer else "text", "lesson_text"))
    if not stages:  # among the knobs their own keys matter more
        shown += [("< >", "lesson step", "lesson_next"), ("M", "map", "lesson_map")]
    return tuple(shown)
