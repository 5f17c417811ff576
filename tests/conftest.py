"""One real PostgreSQL and Redis for the whole run, one database for each process of it, one rollback for each test.

settings, app         the settings of the installation, and the web application made from them
db                    a Session whose work is rolled back after the test
client                a browser without a script; its changes are visible in `db` and rolled back with it
statements            collects the SQL statements of a block: `with statements() as executed: ...`
committed             a database of the test's own with real commits, for races and several processes
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from shared.accounts import passwords
from shared.command import embedded, migrate
from shared.config import Settings
from shared.database import make_engine, make_sessions
from shared.i18n import set_language
from tests.factories import SECRET
from web import limits
from web.app import create_app, make_resources
from web.current import Resources, resources
from web.kept import Kept
from web.limits import Limiter

TEMPLATE = "turnout_template"
# The time of an example depends on the machine; nothing here is a timed test.
EXAMPLES = 200 if os.environ.get("TURNOUT_TESTS") == "all" else 25
hypothesis.settings.register_profile(
    "turnout", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.settings.load_profile("turnout")
# Redis runs on the same machine: a late answer means that the machine is busy, and must not reset a count.
limits.PATIENCE_SECONDS = 10
# A hash costs an eighth of a second of a core: test_passwords.py measures it, the other tests make hundreds.
OWN_HASHER = passwords._hasher
passwords._hasher = PasswordHasher.from_parameters(CHEAPEST)
passwords._NOBODY = passwords._hasher.hash("nobody has this password")
NOTHING_KEPT: Any = {"events": Kept(0), "devices": Kept(0), "setups": Kept(0), "lists": Kept(0), "files": Kept(0)}
"""A test reads at once what it has changed; tests/web/visitor/test_kept_pages.py has the second."""
SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")
_servers = pytest.StashKey[tuple[str, str]]()
_running = contextlib.ExitStack()

Statements = Callable[[], contextlib.AbstractContextManager[list[str]]]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Start the servers in the first process of xdist, which runs no test, for all others."""
    node.workerinput["servers"] = _start(node.config)


def pytest_unconfigure() -> None:
    """Stop the servers that this process started."""
    _running.close()


def _start(config: pytest.Config) -> tuple[str, str]:
    if _servers not in config.stash:
        database_url, redis_url = config.stash[_servers] = _running.enter_context(embedded.temporary())
        _create(database_url, TEMPLATE, "template0")
        migrate.upgrade(make_settings(_named(database_url, TEMPLATE), redis_url))
    return config.stash[_servers]


def make_settings(database_url: str, redis_url: str, **overrides: Any) -> Settings:
    """Return settings of an installation under test: without limits, and nothing leaves the machine."""
    values = {
        "database_url": database_url,
        "redis_url": redis_url,
        "smtp_url": "smtp://127.0.0.1:1",
        "mail_from": "Turnout <turnout@example.org>",
        "secret_key": SECRET.decode(),
        "base_url": "http://127.0.0.1:8000",
        "turnout_rate_limits": "off",
    }
    return Settings.model_validate({**values, **overrides})


def browser(app: Flask) -> FlaskClient:
    """Return a client whose forms count as the site's own, as those of a browser do."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _create(url: str, name: str, template: str) -> str:
    _administer(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _named(url, name)


def _administer(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return the addresses of PostgreSQL and Redis."""
    addresses = getattr(request.config, "workerinput", {}).get("servers")
    return addresses or _start(request.config)


@pytest.fixture(scope="session")
def settings(servers: tuple[str, str]) -> Settings:
    """Return settings on a database of this process, made from the migrated template."""
    database_url, redis_url = servers
    return make_settings(_create(database_url, f"turnout_{uuid4().hex}", TEMPLATE), redis_url)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """Return this process's engine, with the settings of a real one."""
    engine = make_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Return a connection in a transaction that is never committed."""
    with engine.connect() as connection, contextlib.closing(connection.begin()):
        # A slow test may think for longer than PostgreSQL lets a transaction of ours stand idle.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


@pytest.fixture
def sessions(connection: Connection) -> sessionmaker[Session]:
    """Return sessions whose commits are savepoints of the test's transaction."""
    return sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def db(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Return the test's own session."""
    with sessions() as db:
        yield db


@pytest.fixture(scope="session")
def app(settings: Settings, engine: Engine) -> Flask:
    """Return the application; it raises errors of views instead of showing a page about them."""
    sessions = make_sessions(engine)
    app = create_app(
        settings,
        resources=Resources(
            settings,
            sessions,
            sessions,
            Limiter(settings.redis_url, SECRET, on=False),
            events=Kept(0),
            devices=Kept(0),
            lists=Kept(0),
        ),
    )
    app.config["TESTING"] = True
    return app


@pytest.fixture
def client(app: Flask, sessions: sessionmaker[Session], settings: Settings) -> FlaskClient:
    """Return a browser whose requests join the test's transaction."""
    with app.app_context():
        limiter = resources().limiter
    app.extensions["turnout"] = Resources(settings, sessions, sessions, limiter, **NOTHING_KEPT)
    return browser(app)


@pytest.fixture(autouse=True)
def _speak_english() -> None:
    set_language("en")


@pytest.fixture
def statements(engine: Engine) -> Statements:
    """Count statements, savepoints aside: those stand for the BEGIN and COMMIT of a real request."""
    return counted(engine)


def counted(engine: Engine) -> Statements:
    """Return a block in which the statements of an engine are listed, savepoints aside."""

    @contextlib.contextmanager
    def count() -> Iterator[list[str]]:
        executed: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(SAVEPOINTS):
                executed.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield executed
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return count


@dataclass(frozen=True)
class Committed:
    """A database whose commits are real."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]

    def client(self, **changes: Any) -> FlaskClient:
        """Return a browser of an application of its own."""
        changed = self.settings.model_copy(update=changes)
        return browser(create_app(changed, resources=make_resources(changed, self.engine)))

    def keeping_app(self) -> Flask:
        """Return an application that keeps values for a minute, so that no test depends on its own speed."""
        app = create_app(self.settings, resources=make_resources(self.settings, self.engine))
        kept = app.extensions["turnout"]
        kept.events.seconds = kept.devices.seconds = kept.setups.seconds = kept.lists.seconds = 60
        return app


@contextlib.contextmanager
def own_database(settings: Settings) -> Iterator[Committed]:
    """Create a database beside that of the settings; drop it afterwards with every connection."""
    name = f"turnout_{uuid4().hex}"
    own = settings.model_copy(update={"database_url": _create(settings.database_url, name, TEMPLATE)})
    engine = make_engine(own)
    yield Committed(own, engine, make_sessions(engine))
    engine.dispose()
    _administer(settings.database_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def committed(settings: Settings) -> Iterator[Committed]:
    """Return a database of the test's own."""
    with own_database(settings) as committed:
        yield committed
