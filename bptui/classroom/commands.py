"""`bptui class new` and `bptui class serve`, as they are typed."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shlex
import signal
import sys
import warnings
from functools import partial
from pathlib import Path

from bptui.classroom.folder import Folder, classes, find_class, new_class, public_key
from bptui.classroom.joining import picture
from bptui.classroom.listed import names_in
from bptui.classroom.people import PROJECTOR, TEACHER, Kind
from bptui.classroom.plain import PlainFormatter
from bptui.classroom.server import Server, serve
from bptui.classroom.workers.nursery import Nursery
from bptui.classroom.workers.process import loaded, work


def made(name: str, key: str | None, kind: Kind = "code", listed: str | None = None) -> str:
    """Make a class, and say what the teacher has to know. `key` is a file with her public key, `listed` one with the
    names of a closed list. Raises ValueError.
    """
    names = names_in(listed) if listed is not None else ()
    public = public_key(Path(key).expanduser()) if key else ""
    folder, code = asyncio.run(new_class(classes(), name, public, kind, names))
    mine = key.removesuffix(".pub") if key else str(folder.path / "teacher_key")
    asked = {"open": "none is asked", "list": f"{code}, for the {len(names)} on the list"}.get(kind, code)
    return (
        f"{name} is made.\n"
        f"  class code    {asked}\n"
        f"  your key      {mine}\n"
        f"  kept in       {folder.path}\n"
        f"bptui class serve {shlex.quote(name)} opens it; then you log in with\n"
        f"  ssh -i {shlex.quote(mine)} -p PORT {TEACHER}@HOST\n"
    )


def served(name: str | None, host: str, port: int, workers: int | None = None) -> None:
    """Serve a class until a signal comes. Raises ValueError, OSError.

    `workers` are the processes for those who are on their own: as many as other cores if not given, 0 for none.
    """
    warnings.simplefilter("ignore", RuntimeWarning)  # numbers that overflow are for the screens to show
    handler = logging.StreamHandler(sys.__stderr__)
    handler.setFormatter(PlainFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("bptui.classroom").setLevel(logging.INFO)
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
    folder = find_class(classes(), name)
    if workers is None:
        workers = max(1, (os.cpu_count() or 1) - 1)
    nursery = Nursery(partial(work, course=loaded())) if workers else None
    try:
        with folder.locked():
            asyncio.run(_until_signal(folder, host, port, nursery, workers))
    finally:
        if nursery is not None:
            nursery.close()


async def _until_signal(folder: Folder, host: str, port: int, nursery: Nursery | None, workers: int) -> None:
    loop = asyncio.get_running_loop()
    server = await serve(folder, host, port, nursery=nursery, workers=workers)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    sys.stdout.write(invitation(server))
    sys.stdout.flush()
    gc.collect()
    gc.freeze()  # what is loaded stays; a full collection would hold up everybody
    gc.set_threshold(200_000, 20, 10_000)  # a whole class may come before what is new is looked through: see `Room`
    try:
        await ended.wait()
    finally:
        await server.close()


def invitation(server: Server) -> str:
    """What is shown to the class, and what the teacher types herself."""
    room, join = server.room, server.room.join
    assert join is not None
    own = room.folder.path / "teacher_key"
    key = str(own) if own.exists() else ""
    return (
        f"{room.roll.name}\n\n"
        f"  {join.line}\n"
        f"  class code        {room.roll.code or 'none is asked'}\n"
        f"  key of this host  {join.fingerprint} (ED25519)\n\n"
        f"{_picture(join.line)}\n"
        f"Teacher's desk: {join.line_of(TEACHER, key)}\n"
        f"Projector:      {join.line_of(PROJECTOR, key)}\n"
        "Ctrl+C closes the class; nothing is lost.\n"
    )


def _picture(line: str) -> str:
    """The line as a QR code, where block characters can be shown."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    return "".join(f"  {row}\n" for row in picture(line)) if encoding == "utf8" else ""
