"""A mail server that delivers to a folder: the embedded default, so emails can be read at once, and none leaves.

python -m shared.command.mailbox --port N --directory DIR
"""

import asyncio
import os
import secrets
import signal
from collections import deque
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared import clock

KEPT = 2000
MESSAGE_BYTES = 10_000_000


class Folder:
    """Stores each message as one .eml file whose name sorts by time; deletes the oldest beyond a limit."""

    def __init__(self, directory: Path, limit: int = KEPT) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._kept = limit
        self._names = deque(sorted(path.name for path in directory.glob("*.eml")))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        self.store(content if isinstance(content, bytes) else content.encode())
        return "250 2.0.0 in the mailbox"

    def store(self, message: bytes) -> Path:
        """Put a message in the folder, whole or not at all."""
        name = f"{clock.now():%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
        path = self._directory / name
        unfinished = path.with_suffix(".tmp")
        unfinished.write_bytes(message)
        unfinished.rename(path)
        self._names.append(name)
        while len(self._names) > self._kept:
            (self._directory / self._names.popleft()).unlink(missing_ok=True)
        return path


async def serve(port: int, directory: Path) -> None:
    """Accept email on 127.0.0.1 until asked to stop."""
    folder = Folder(directory)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stopping.set)

    def conversation() -> SMTP:
        return SMTP(folder, hostname="localhost", data_size_limit=MESSAGE_BYTES, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(conversation, "127.0.0.1", port)
    await stopping.wait()
    server.close()


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--directory", type=click.Path(path_type=Path), required=True)
def main(port: int, directory: Path) -> None:
    """Accept email on 127.0.0.1 and store it in a folder."""
    os.umask(0o077)
    asyncio.run(serve(port, directory))


if __name__ == "__main__":
    main()
