"""Taking turns: one at a time, and none far ahead."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bptui.session.train import turns as of_turns
from bptui.session.train.turns import Gate, Turns


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


class Worker:
    pass


def test_through_the_gate_goes_whose_last_turn_is_the_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, one, other = Gate(), Worker(), Worker()
    assert gate.enter(one)
    assert not gate.enter(other)  # one at a time
    monkeypatch.setattr(of_turns, "PATIENCE", 10)
    with ThreadPoolExecutor(2) as threads:
        again, first = threads.submit(gate.enter, one), threads.submit(gate.enter, other)
        while len(gate._waiting) < 2:
            pass
        gate.leave()
        assert first.result() and not again.done()
        gate.leave()
        assert again.result()


def test_runs_that_know_nothing_of_each_other_share_the_gate_of_their_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_turns, "_gate", None)
    of_turns.one_at_a_time()
    mine, hers, one, other = Turns(), Turns(), Worker(), Worker()
    assert mine.take(one, 0)
    assert not hers.take(other, 0)
    mine.give()
    assert hers.take(other, 0)
    hers.give()
