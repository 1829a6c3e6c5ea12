"""A class in a process of its own, led to a place, with a question in front of it: `python asking_class.py FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bptui.classroom.folder import Folder
from bptui.classroom.places import Place, receipt_of
from bptui.classroom.questions import again
from bptui.classroom.server import serve
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.tui.view import View


async def main(folder: Folder) -> None:
    server = await serve(folder, "127.0.0.1", 0)
    receipt = receipt_of(Session(PRESETS["perceptron"]), View())
    room = server.room
    if not room.lead.leading:
        await room.lead.take_up(Place(receipt))
    if room.ask.poll is None:
        room.ask.put(again({"receipt": receipt, "quantity": "value x[0]"}, ()))
    print(server.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Folder(Path(sys.argv[1]))))
