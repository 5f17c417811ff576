"""Answers the supervisor, which replaces a process that hangs, on a socket of its own.

A thread of its own answers, not one of those that serve pages: four requests that wait for the database are no reason
to kill the process. An interpreter that hangs answers nothing.
"""

import socket
from pathlib import Path
from threading import Thread

ALIVE = b"alive"


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
        with connection:
            connection.sendall(ALIVE)
