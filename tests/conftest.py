"""One hypothesis profile for all tests: no deadlines, for other processes may be busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("bptui", deadline=None)
settings.load_profile("bptui")
