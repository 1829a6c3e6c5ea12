"""For all tests: a hypothesis profile without deadlines, for other processes may be busy; nobody's progress."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ["BPTUI_PROGRESS"] = ""  # in memory
settings.register_profile("bptui", deadline=None)
settings.load_profile("bptui")
