"""A web server that answers as a test says, in place of Turnout, a proxy or another program."""

import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ALIVE = (200, '{"status": "alive"}')
Answers = Mapping[str, tuple[int, str]]
TURNOUT: Answers = {"/healthz": ALIVE, "/": (200, "")}


@contextlib.contextmanager
def stand_in(
    answers: Answers = TURNOUT, *, server: str = "", host: str = "127.0.0.1", certificate: Path | None = None
) -> Iterator[int]:
    """Answer by path, and yield the port; `server` is how it calls itself. `certificate`: a folder with both files."""

    class Conversation(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, ""))
            self.send_response_only(status)
            if server:
                self.send_header("Server", server)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Conversation) as listening:
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
            listening.socket = context.wrap_socket(listening.socket, server_side=True)
            listening.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join()
