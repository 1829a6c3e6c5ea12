"""Threads for what must not hold up everybody else, such as a search in a run."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

COUNT = 32  # of them: some may be long at work


class Threads(ThreadPoolExecutor):
    """Runs each work in a context of its own. Textual leaves its worker in that of the thread, and so its app."""

    def __init__(self) -> None:
        super().__init__(COUNT, thread_name_prefix="class")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(contextvars.Context().run, fn, *args, **kwargs)
