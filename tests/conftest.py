"""For all tests: nobody's progress is touched, and hypothesis has profiles.

Two runs of one profile draw the same examples, so that a test that passed passes again: `quick` a few, `thorough`
many. `--hypothesis-profile explore` draws new ones. Never a deadline, for other processes may be busy.
"""

from __future__ import annotations

import gc
import os
from collections import Counter

import pytest
from hypothesis import settings

collect_ignore_glob = ["conftest.py", "**/conftest.py"]  # as modules with doctests: they all have one name
os.environ["BPTUI_PROGRESS"] = ""  # in memory
settings.register_profile("quick", deadline=None, max_examples=20, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=200, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=200)
settings.load_profile("quick")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the quick cases of a test that is marked `some(n)`, each n-th stays so, unless pictures are renewed."""
    if os.environ.get("RENEW_GOLDEN"):
        return
    seen: Counter[str] = Counter()
    for item in items:
        mark = item.get_closest_marker("some")
        if mark is not None and item.get_closest_marker("slow") is None:
            name = item.nodeid.partition("[")[0]
            if seen[name] % mark.args[0]:
                item.add_marker("slow")
            seen[name] += 1


def pytest_collection_finish() -> None:
    """Take what is loaded out of the garbage collector's sight: hundreds of thousands of objects that stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)  # as in the app
