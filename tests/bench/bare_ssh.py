"""The peer of a class at the door: a server of asyncssh alone. It lets any key in, and sends as much as a first frame.

python -m tests.bench.bare_ssh BYTES
"""

from __future__ import annotations

import asyncio
import sys

import asyncssh

from bptui.classroom.server import CIPHERS


class _Anybody(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return True

    def session_requested(self) -> _Session:
        return _Session()


class _Session(asyncssh.SSHServerSession[bytes]):
    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan

    def pty_requested(self, *_: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._chan.write(b"x" * (int(sys.argv[1]) - 9) + b"following")


async def _serve() -> None:
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_Anybody,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        encoding=None,
        line_editor=False,
        gss_host=None,
        compression_algs=None,
        encryption_algs=CIPHERS,
    )
    print(acceptor.get_addresses()[0][1], flush=True)
    await acceptor.wait_closed()


if __name__ == "__main__":
    asyncio.run(_serve())
