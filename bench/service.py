"""The measured service: real parts on a folder of its own, which is deleted afterwards."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from shared.command import embedded, migrate
from shared.command.home import Home, free_port
from shared.command.logs import Log
from shared.command.orphans import orphans
from shared.command.plan import Endpoint, Plan, environment
from shared.command.supervisor import Supervisor
from shared.config import Settings, read_settings
from shared.database import make_engine


@dataclass(frozen=True)
class Service:
    """A running service, our own connection to its database, and the processes (their ids) of its web tier."""

    port: int
    settings: Settings
    engine: Engine
    processes: Sequence[int]


@contextlib.contextmanager
def running() -> Iterator[Service]:
    """Run a migrated, empty service for as long as the block runs. Raises CannotStart."""
    with (
        _folder() as folder,
        embedded.postgres(folder / "postgres") as database,
        embedded.redis(folder / "redis") as broker,
    ):
        endpoint, home = Endpoint("127.0.0.1", free_port()), Home(folder / "home")
        # No mail server: there is no worker that would send.
        addresses = {"DATABASE_URL": database, "REDIS_URL": broker, "SMTP_URL": "smtp://127.0.0.1:1"}
        variables = environment(home, endpoint, **addresses, TURNOUT_RATE_LIMITS="off")
        settings = read_settings(variables)
        migrate.upgrade(settings)
        engine = make_engine(settings)
        with _web(Plan(home, endpoint, variables)):
            yield Service(endpoint.port, settings, engine, [orphan.pid for orphan in orphans(home.path)])
        engine.dispose()


@contextlib.contextmanager
def _web(plan: Plan) -> Iterator[None]:
    supervisor = Supervisor(partial(Log, plan.home.logs), print)
    try:
        supervisor.start(*plan.web())
        yield
    finally:
        supervisor.stop()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder on a disk: /tmp may be memory, where durable writes cost nothing. PostgreSQL's user may enter."""
    with tempfile.TemporaryDirectory(prefix="turnout-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
