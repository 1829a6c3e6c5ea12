"""Where workers come from: a process that has all loaded and runs nothing, and forks when it is asked to.

It is forked off the class's process before that has threads or an event loop. A worker that is forked later would
take over locks that are held by threads which it does not have.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress


class Nursery:
    """To be made before there are threads. `work` is what a worker does with its end of the connection."""

    def __init__(self, work: Callable[[socket.socket], None]) -> None:
        gc.collect()
        gc.freeze()  # what is loaded is shared by all, as long as nobody writes to it
        self._control, theirs = socket.socketpair()
        self.process = os.fork()
        if self.process:
            theirs.close()
            return
        try:
            self._control.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the class's process, which ends the others
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers
            _breed(theirs, work)
        finally:
            os._exit(0)

    def worker(self) -> socket.socket:
        """Our end of the connection to a new worker, which may begin a little later. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"w"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        return ours

    def close(self) -> None:
        """No more workers; those that are there end with their connections."""
        self._control.close()
        with suppress(ChildProcessError):
            os.waitpid(self.process, 0)


def _breed(control: socket.socket, work: Callable[[socket.socket], None]) -> None:
    while True:
        asked, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not asked:
            return
        with socket.socket(fileno=descriptors[0]) as connection:
            if os.fork():
                continue
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(connection)
            os._exit(0)
