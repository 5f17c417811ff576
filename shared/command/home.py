"""The folder of one installation: its lock, its secret, and the files of its parts."""

import contextlib
import errno
import fcntl
import os
import random
import secrets
import socket
from pathlib import Path
from typing import IO

from shared.command.processes import CannotStart

DATA = Path(".turnout")
"""The data folder unless another one is chosen, relative to the current directory."""
BELOW_THOSE_GOING_OUT = range(16_384, 32_768)
"""Ports that Linux and macOS do not assign automatically."""
PORTS_TRIED = 200


class Home:
    """A data folder that only one `turnout up` uses at a time. Raises CannotStart when we may not write there."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.mailbox = self.path / "mailbox"
        self.work = self.path / "work"
        # Others may pass through, not look: PostgreSQL's user has its files inside.
        with contextlib.suppress(OSError):
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not os.access(self.path, os.W_OK):
            raise CannotStart(f"{self.path} cannot be written: choose another folder with --data")
        for folder in (self.logs, self.mailbox, self.work):
            folder.mkdir(mode=0o700, exist_ok=True)

    def lock(self, address: str) -> IO[str]:
        """Lock the folder for as long as the returned file is open.

        Raises CannotStart with the address of the running one.
        """
        file = (self.path / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().strip() or "another process"
            file.close()
            raise CannotStart(f"already running on {self.path}: {where}") from None
        file.truncate(0)
        file.write(f"{address} (process {os.getpid()})")
        file.flush()
        return file

    def secret(self) -> str:
        """Return the installation's SECRET_KEY, made once and readable by us alone."""
        path = self.path / "secret"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def add_secret(self, secret: str) -> None:
        """Add a SECRET_KEY in front, where the installation lacks it; the earlier ones still verify."""
        path = self.path / "secret"
        ours = path.read_text().strip().split(",") if path.exists() else []
        added = [key for key in secret.split(",") if key not in ours]
        if added:
            write_private(path, ",".join(added + ours))


def is_locked(path: Path) -> bool:
    """Return True if a `turnout up` runs on a data folder."""
    try:
        with (path / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(new, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    new.rename(path)


def free_port() -> int:
    """Return a free port of this machine that no outgoing connection gets meanwhile.

    Raises OSError where there is none.
    """
    for port in random.sample(BELOW_THOSE_GOING_OUT, PORTS_TRIED):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(errno.EADDRINUSE, "no port is free")


def require_port(host: str, port: int) -> None:
    """Raise CannotStart when the port is in use, or we may not use it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(f"port {port} cannot be used ({error.strerror}): choose another with --port") from None


def lan_address() -> str:
    """Return the address of this machine in its network. Raises CannotStart when there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: no one's; nothing is sent, the system only chooses a route
        except OSError:
            raise CannotStart("--lan: this machine is in no network") from None
        address: str = probe.getsockname()[0]
        return address
