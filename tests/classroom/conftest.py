"""A class that is served on the loopback, at a port that was free, and clients that see what a terminal would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from clients import Served

from bptui.classroom import people
from bptui.classroom.folder import new_class
from bptui.classroom.limits import Limits
from bptui.classroom.server import serve

SWIFT = replace(Limits(), soon=0.0, failures=(1000, 1.0), few=(1000, 1.0), lingers=60.0, arrivals=(10_000, 1000.0))


@pytest.fixture(autouse=True)
def cheap_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are as slow to guess as to check; here nobody guesses."""
    monkeypatch.setattr(people, "_COST", people._COST | {"n": 4})


@pytest.fixture
def limits() -> Limits:
    return SWIFT


@pytest_asyncio.fixture
async def served(tmp_path: Path, limits: Limits) -> AsyncIterator[Served]:
    folder, code = await new_class(tmp_path / "classes", "DL week 2")
    found = Served(folder, code, await serve(folder, "127.0.0.1", 0, limits), limits)
    yield found
    await found.close()
