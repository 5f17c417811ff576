"""TLS in front of a server that has none: the Redis of the wheel is built without it."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path

from tests.support.event_loop import event_loop


@contextlib.contextmanager
def tls_before(path: str, certificate: Path, key: Path) -> Iterator[int]:
    """Serve TLS in front of a socket's file, at every address of this machine, and yield the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_unix_connection(path)
        await asyncio.gather(_copy(reader, its_writer), _copy(its_reader, writer))

    with event_loop() as loop:
        opening = asyncio.start_server(relay, "0.0.0.0", 0, ssl=context)
        server = asyncio.run_coroutine_threadsafe(opening, loop).result(5)
        yield server.sockets[0].getsockname()[1]
        loop.call_soon_threadsafe(server.close)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer):
        while piece := await reader.read(65536):
            writer.write(piece)
