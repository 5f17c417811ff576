"""The measured service: real parts on a folder of its own, which is deleted afterwards."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

from shared.command import embedded, migrate
from shared.command.home import Home, free_port
from shared.command.logs import Log
from shared.command.orphans import orphans
from shared.command.plan import Endpoint, Plan, environment
from shared.command.processes import Process
from shared.command.supervisor import Supervisor
from shared.config import Settings, read_settings
from shared.database import make_engine
from tests.support.pgbouncer import pgbouncer


@dataclass(frozen=True)
class Service:
    """A running service, our own connection to its database, and the processes (their ids) of its web tier.

    `log` is PostgreSQL's; `plan` names the parts that do not run yet.
    """

    port: int
    settings: Settings
    engine: Engine
    processes: Sequence[int]
    log: Path = Path(os.devnull)
    plan: Plan | None = None


@contextlib.contextmanager
def running(number: int = 2, *, pooled: bool = False) -> Iterator[Service]:
    """Run a migrated, empty service for as long as the block runs, without a worker. Raises CannotStart.

    `number`: of processes of the web tier, and later of the worker; `pooled`: behind PgBouncer, our own connection not.
    """
    with (
        _folder() as folder,
        embedded.postgres(folder / "postgres") as database,
        embedded.redis(folder / "redis") as broker,
    ):
        endpoint, home = Endpoint("127.0.0.1", free_port()), Home(folder / "home")
        smtp = f"smtp://127.0.0.1:{free_port()}"
        addresses = {"DATABASE_URL": database, "REDIS_URL": broker, "SMTP_URL": smtp}
        variables = environment(home, endpoint, **addresses, TURNOUT_RATE_LIMITS="off")
        settings = read_settings(variables)
        with contextlib.ExitStack() as stack:
            if pooled:
                behind = stack.enter_context(pgbouncer(settings))
                variables |= {"DATABASE_URL": behind.database_url, "TURNOUT_PGBOUNCER": "on"}
            migrate.upgrade(read_settings(variables))
            engine, plan = make_engine(settings), Plan(home, endpoint, variables, number)
            stack.callback(engine.dispose)
            stack.enter_context(_supervised(plan, plan.web()))
            processes = [orphan.pid for orphan in orphans(home.path)]
            yield Service(endpoint.port, settings, engine, processes, folder / "postgres.log", plan)


@contextlib.contextmanager
def working(service: Service) -> Iterator[Path]:
    """Run the worker too, with its scheduler and a mail server, and yield the folder of the emails."""
    plan = service.plan
    assert plan is not None, "only a service of real processes"
    port = urlsplit(service.settings.smtp_url).port or 25
    with _supervised(plan, [plan.mailbox(port), plan.worker(), plan.scheduler()]):
        yield plan.home.mailbox


@contextlib.contextmanager
def _supervised(plan: Plan, processes: Sequence[Process]) -> Iterator[None]:
    supervisor = Supervisor(partial(Log, plan.home.logs), print)
    try:
        supervisor.start(*processes)
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
