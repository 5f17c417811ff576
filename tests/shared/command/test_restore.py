"""`turnout restore`: all of a backup or nothing of it, and never under a running service."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url, select, text

from shared.command import restore
from shared.command.client_programs import OUR_NAME
from shared.command.home import Home
from shared.command.processes import wait_until
from shared.config import Settings
from shared.models import OutboxMessage, Registration
from tests.conftest import Committed, own_database
from tests.factories import SECRET, make_registration
from tests.support.backups import Operator, address, everything, operator_of
from tests.support.turnout_up import PATIENCE, TURNOUT

NAMES = select(Registration.name)
ANOTHER_KEY = "another secret of at least 32 characters"


@dataclass(frozen=True)
class Scene:
    """A database that changed after its backup; what it contained at the backup, and what it contains."""

    committed: Committed
    backup: bytes
    backed_up: str
    changed: str

    def is_unchanged(self) -> bool:
        """Return whether the database contains what it did before the test."""
        self.committed.engine.dispose()
        return everything(address(self.committed)) == self.changed


@pytest.fixture(scope="module")
def scene(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Back up a database with a registration and an email in the queue, then register a second person."""
    with own_database(settings) as committed:
        with committed.sessions.begin() as db:
            make_registration(db, name="Фарзона")
            db.add(OutboxMessage(kind="ticket", subject=1))
        operator = operator_of(committed, tmp_path_factory.mktemp("backup"))
        operator.succeed("backup")
        backed_up = everything(address(committed))
        with committed.sessions.begin() as db:
            make_registration(db, name="Манижа")
        committed.engine.dispose()
        yield Scene(committed, operator.file.read_bytes(), backed_up, everything(address(committed)))


@pytest.fixture
def backed_up(scene: Scene) -> str:
    return scene.backed_up


@pytest.fixture
def operator(scene: Scene, tmp_path: Path) -> Operator:
    """Return the operator of the scene, with its backup."""
    return operator_of(scene.committed, tmp_path, scene.backup)


@pytest.fixture
def other(scene: Scene, committed: Committed, tmp_path: Path) -> Operator:
    """Return the operator of another database, which has tables and nothing in them, with the same backup."""
    return operator_of(committed, tmp_path, scene.backup)


def test_an_empty_database_becomes_what_it_was_to_the_letter_and_its_owner_needs_no_other_right(
    operator: Operator, scene: Scene, backed_up: str
) -> None:
    with database_of_a_role(scene.committed) as url:
        printed = operator.succeed("restore", DATABASE_URL=url)
        assert everything(url) == backed_up
        operator.succeed("backup", DATABASE_URL=url)
        operator.succeed("restore", "--replace", DATABASE_URL=url)
        assert everything(url) == backed_up
    assert "Queued emails, as they were then: 1." in printed
    assert "`turnout migrate`" in printed


def test_the_backup_replaces_a_database_when_asked_to(other: Operator, committed: Committed, backed_up: str) -> None:
    with committed.engine.begin() as connection:
        connection.execute(text("CREATE TABLE of_a_later_version AS SELECT 1"))
        connection.execute(text("CREATE FUNCTION later() RETURNS integer LANGUAGE sql RETURN 1"))
    committed.engine.dispose()
    other.succeed("restore", "--replace")
    assert everything(address(committed)) == backed_up


def test_a_database_that_is_not_empty_is_left_alone(operator: Operator, scene: Scene) -> None:
    assert "with --replace" in operator.fail("restore")
    assert scene.is_unchanged()


def test_a_running_service_is_not_disturbed(operator: Operator, scene: Scene) -> None:
    with scene.committed.engine.connect() as service:
        assert operator.fail("restore", "--replace").startswith("the database is in use: stop web, worker and")
        assert service.execute(NAMES).scalars().all() == ["Фарзона", "Манижа"]
    assert scene.is_unchanged()


def test_a_service_that_started_after_the_first_look_is_noticed(
    operator: Operator, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "OTHERS", "SELECT 0")
    with scene.committed.engine.connect() as service:
        assert operator.fail("restore", "--replace").startswith("nothing was restored: the database is in use")
        assert service.execute(NAMES).scalars().all() == ["Фарзона", "Манижа"]
    assert scene.is_unchanged()


def test_a_wrong_passphrase_changes_nothing(operator: Operator, scene: Scene) -> None:
    operator.passphrase.write_text("another passphrase")
    assert operator.fail("restore", "--replace") == "the passphrase is wrong"
    assert scene.is_unchanged()


def test_a_file_cut_short_changes_nothing(operator: Operator, scene: Scene) -> None:
    lengthen(operator)
    file = operator.file.read_bytes()
    operator.file.write_bytes(file[:-1])
    secret = operator.folder / "secret"
    assert operator.fail("restore", "--replace", "--secret", secret) == "the backup is cut short or damaged"
    assert scene.is_unchanged()
    assert not secret.exists()


def test_a_statement_that_fails_changes_nothing(operator: Operator, scene: Scene) -> None:
    lengthen(operator, b"SELECT 1 / 0;\n")
    assert operator.fail("restore", "--replace") == "nothing was restored: division by zero"
    assert scene.is_unchanged()


def test_a_restore_that_is_killed_changes_nothing(operator: Operator, scene: Scene) -> None:
    lengthen(operator)
    file = operator.file.read_bytes()
    operator.file = operator.folder / "pipe"
    os.mkfifo(operator.file)
    options = ["restore", "--replace", "--passphrase-file", str(operator.passphrase)]
    command = [*TURNOUT, *options, str(operator.file)]
    process = subprocess.Popen(command, env={**os.environ, **operator.environment})
    with operator.file.open("wb") as pipe:
        pipe.write(file[:-1])
        pipe.flush()
        waits = ["idle in transaction"]
        assert wait_until(lambda: sessions_of(scene.committed) == waits, lambda: process.poll() is None, PATIENCE)
        process.kill()
        process.wait()
    assert wait_until(lambda: sessions_of(scene.committed) == [], lambda: True, PATIENCE)
    assert scene.is_unchanged()


def sessions_of(committed: Committed) -> list[str]:
    """Return what the sessions of a restore do, asked from another database."""
    url = make_url(address(committed))
    with psycopg.connect(url.set(database="postgres").render_as_string(False)) as connection:
        query = "SELECT state FROM pg_stat_activity WHERE datname = %s AND application_name = %s"
        return [state for (state,) in connection.execute(query, [url.database, OUR_NAME])]


def test_a_backup_with_another_secret_key_needs_a_file_for_it(
    other: Operator, committed: Committed, backed_up: str
) -> None:
    another = {"SECRET_KEY": ANOTHER_KEY}
    assert "name a file for it with --secret" in other.fail("restore", "--replace", **another)
    secret = other.folder / "secret"
    other.succeed("restore", "--replace", "--secret", secret, **another)
    assert secret.read_text() == SECRET.decode()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert everything(address(committed)) == backed_up
    assert "exists already" in other.fail("restore", "--replace", "--secret", secret, **another)


def test_a_secret_key_that_is_among_ours_needs_none(other: Operator, committed: Committed, backed_up: str) -> None:
    other.succeed("restore", "--replace", SECRET_KEY=f"{ANOTHER_KEY},{SECRET.decode()}")
    assert everything(address(committed)) == backed_up


@contextmanager
def database_of_a_role(committed: Committed) -> Iterator[str]:
    """Create an empty database that belongs to a role without other rights; yield its address."""
    url = make_url(address(committed))
    role = f"owner_{uuid4().hex}"
    own = url.set(username=role, database=role).render_as_string(False)
    with psycopg.connect(url.render_as_string(False), autocommit=True) as connection:
        for statement in (f"CREATE ROLE {role} LOGIN", f"CREATE DATABASE {role} OWNER {role} TEMPLATE template0"):
            connection.execute(statement.encode())
        yield own
        for statement in (f"DROP DATABASE {role} WITH (FORCE)", f"DROP ROLE {role}"):
            connection.execute(statement.encode())


def test_what_is_not_turnouts_stays(other: Operator, committed: Committed) -> None:
    with committed.engine.begin() as connection:
        for statement in ("CREATE SCHEMA monitoring", "CREATE TABLE monitoring.probe AS SELECT 1 AS number"):
            connection.execute(text(statement))
    committed.engine.dispose()
    before = everything(address(committed))
    assert "monitoring.probe" in before
    other.succeed("backup")
    other.succeed("restore", "--replace")
    assert everything(address(committed)) == before


def test_a_folder_on_which_turnout_runs_is_refused(operator: Operator, tmp_path: Path) -> None:
    with Home(tmp_path / "data").lock("http://127.0.0.1:8000"):
        assert "already running" in operator.fail("restore", "--data", tmp_path / "data")


def lengthen(operator: Operator, sql: bytes = b"") -> None:
    """Add statements, and a comment that takes four chunks when it is packed."""
    operator.append(b"-- " + os.urandom(200_000).hex().encode() + b"\n" + sql)
