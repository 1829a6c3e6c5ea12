"""Taking turns: one at a time, and none far ahead."""

from __future__ import annotations

from bptui.session.train.turns import Turns


def test_one_at_a_time() -> None:
    turns = Turns()
    assert turns.take("a", 0)
    assert not turns.take("b", 0)
    turns.give()
    assert turns.take("b", 0)


def test_who_is_ahead_waits_until_the_slowest_catches_up_or_leaves() -> None:
    turns = Turns(slack=5)
    for worker, epoch, came in (("slow", 0, True), ("fast", 5, True), ("fast", 6, False), ("slow", 1, True)):
        assert turns.take(worker, epoch) == came
        if came:
            turns.give()
    assert turns.take("fast", 6)
    turns.give()
    assert not turns.take("fast", 99)
    turns.leave("slow")
    assert turns.take("fast", 99)
