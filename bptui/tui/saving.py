"""Receipts into files of the learner's own; nothing that exists is overwritten."""

from __future__ import annotations

import re
from pathlib import Path

from bptui.session.actions import ActionError

MOST = 1000  # names that are tried


def saved(path: str, receipt: str, place: str) -> str:
    """Write a receipt to a new file, with `.toml` behind its name, and say what opens it at its place again.

    Raises ActionError, one line.
    """
    file = Path(path).expanduser()
    if file.suffix != ".toml":
        file = file.with_name(f"{file.name}.toml")
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(receipt)
    except FileExistsError:
        raise ActionError(f"{file} exists already and is left as it is; wants another name") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ActionError(f"{file}: {reason}") from None
    return f"saved as {file}; bptui {place} {file} opens it"


def unused(name: str) -> str:
    """A file name for a run of this net that the working folder does not have yet."""
    stem = re.sub(r"[^\w.-]+", "-", name) or "run"
    for k in range(1, MOST):
        found = f"{stem}.toml" if k == 1 else f"{stem}-{k}.toml"
        if not Path(found).exists():
            break
    return found
