"""Says that this process is not stuck, at a socket of its own, to the supervisor that replaces one that is.

A thread of its own answers, not one of those that make pages: four requests that wait for the database are no reason to
kill the process that they wait in. An interpreter that is held answers nothing.
"""

import socket
from pathlib import Path
from threading import Thread

ALIVE = b"alive"


def answer_at(path: Path) -> None:
    """Answer at a socket's file for as long as the process lives."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    Thread(target=_answer, args=(listening,), daemon=True).start()


def _answer(listening: socket.socket) -> None:
    while True:
        asking, _ = listening.accept()
        with asking:
            asking.sendall(ALIVE)
