"""Asking: one question at a time in front of the class, judged as the answers arrive, hidden until it is revealed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from bptui.classroom.polls import Poll
from bptui.classroom.questions import Question, again
from bptui.classroom.store import Store
from bptui.course.grade import Verdict, graded
from bptui.course.lesson import Lesson, Measured

log = logging.getLogger("bptui.classroom")
LONGEST = 120  # characters of an answer


class Closed(ValueError):  # noqa: N818
    """A question that takes no answers any more. One line."""


class Ask:
    """The question in front of the class. `changed` is told whenever it is another one or is revealed, `answered` of
    answers.
    """

    def __init__(
        self, store: Store, course: Sequence[Lesson], changed: Callable[[], None], answered: Callable[[], None]
    ) -> None:
        self._store, self._changed, self._answered = store, changed, answered
        self.question: Question | None = None
        self._verdicts: dict[str, Verdict] = {}  # by the text of the answer: many give the same one
        self._judging = asyncio.Lock()  # a session is one thread's at a time
        if (poll := self.poll) is not None and poll.open:
            try:
                self.question = again(poll.made, course)
            except ValueError as error:
                log.warning("the question to the class cannot be asked again: %s", error)
                store.publish("ended", poll=poll.number)

    @property
    def poll(self) -> Poll | None:
        """The question as the class's events have it; None where none is in front of the class."""
        return self._store.snapshot()[1].poll

    def put(self, question: Question) -> None:
        """Put a question to the class; the one before it ends. Raises ValueError for one that has no answer."""
        words = question.words()
        self.end()
        self.question, self._verdicts = question, {}
        self._store.publish("asked", **words)
        self._changed()

    async def answer(self, person: str, text: str) -> Verdict:
        """Take somebody's answer; it may be changed until the question is over. It is on disk when this returns.

        Raises AnswerError for what is no answer of this kind, Closed, and StoreError for what cannot be kept. An
        answer that is right but rounded too far is not taken.
        """
        question, verdicts, text = self.question, self._verdicts, text.strip()[:LONGEST]
        poll = self.poll
        if question is None or poll is None or not poll.open:
            raise Closed("the question is over")
        async with self._judging:
            if text not in verdicts:
                verdicts[text] = await asyncio.to_thread(
                    graded, question.predict, question.session, text, question.seed
                )
        verdict = verdicts[text]
        if verdict.nearly:
            return verdict
        if self.question is not question:
            raise Closed("the question is over")
        group = verdict.mistake if isinstance(question.predict.question, Measured) else verdict.said
        body = {"poll": poll.number, "text": text, "right": verdict.right, "said": verdict.said, "group": group}
        await self._store.record("answered", person, **body)
        self._answered()
        return verdict

    def reveal(self) -> None:
        """Show all how the class has answered; the question takes no more."""
        poll = self.poll
        if poll is not None and poll.open:
            self.question = None
            self._store.publish("revealed", poll=poll.number)
            self._changed()

    def end(self) -> None:
        """Take the question away."""
        poll = self.poll
        if poll is not None:
            self.question = None
            self._store.publish("ended", poll=poll.number)
            self._changed()
