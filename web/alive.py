"""Answers whether this process lives, on a socket of its own: to the supervisor, which replaces a process that hangs,
and to the front, which asks here if /healthz has no other answer.

A thread of its own answers, not one of those that serve pages: four requests that wait for the database are no reason
to kill the process. An interpreter that hangs answers nothing.
"""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from flask import Flask, Response

ALIVE = b'{"status":"alive"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
PATIENCE_SECONDS = 1.0

_leaving = Event()


def plug_into(app: Flask) -> None:
    """Keep no connection from the request on that asks this process to leave: another takes its place."""
    app.after_request(_close)


def _close(response: Response) -> Response:
    if _leaving.is_set():
        response.headers["Connection"] = "close"
    return response


def answer_at(path: Path) -> None:
    """Answer on a socket file for as long as the process lives."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    Thread(target=_answer, args=(listener,), daemon=True).start()


def _answer(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE_SECONDS)
            # A connection that is closed with an unread request loses its answer.
            if connection.recv(4096).startswith(b"GET /leave "):
                _leaving.set()
            connection.sendall(HEAD % len(ALIVE) + ALIVE)
