"""PostgreSQL behind a proxy that can stand still: connections stay open, and nothing passes."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from sqlalchemy import make_url

from shared.config import Settings


class HangingDatabase:
    """A proxy before the database of settings; clear `flows` and it hangs."""

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database_url)
        self._path = f"{url.query['host']}/.s.PGSQL.5432"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.flows = threading.Event()
        self.flows.set()
        here = url.set(host="127.0.0.1", port=self._listener.getsockname()[1], query={})
        self.url = here.render_as_string(hide_password=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let everything pass, and accept no more."""
        self.flows.set()
        for end in (*self._ends, self._listener):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                self._ends += client, server
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                self.flows.wait()
                target.sendall(content)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def hanging_database(settings: Settings) -> Iterator[HangingDatabase]:
    """Run the proxy for as long as the block runs."""
    proxy = HangingDatabase(settings)
    try:
        yield proxy
    finally:
        proxy.close()
