"""Migrations beside a running product: they give way, and no request fails."""

from concurrent.futures import ThreadPoolExecutor

from alembic import command
from click.testing import CliRunner
from sqlalchemy import text

from shared.command import migrate
from tests.conftest import Committed
from tests.factories import make_registration
from tests.support.processes import environment

BEFORE = "0005"
WAITS = text("""
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE NOT granted AND locktype = 'relation' AND datname = current_database()
""")


def test_a_request_that_takes_rows_in_the_other_order_is_not_the_one_that_fails(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        registration = make_registration(db)
        keys = {"event": registration.event_id, "registration": registration.id}
    with committed.engine.begin() as connection:
        command.downgrade(migrate.configuration(connection), BEFORE)
    with ThreadPoolExecutor(1) as beside, committed.engine.connect() as looking:
        with committed.engine.begin() as request:
            request.execute(text("SELECT id FROM event WHERE id = :event FOR UPDATE"), keys)
            upgraded = beside.submit(migrate.upgrade, committed.settings)
            while not looking.execute(WAITS).scalar():
                assert not upgraded.done()
            request.execute(text("UPDATE registration SET name = 'Мадина' WHERE id = :registration"), keys)
            request.execute(text("SELECT * FROM admission"))
        upgraded.result(timeout=60)
    with committed.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM registration")).scalar() == "Мадина"
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() != BEFORE


def test_an_earlier_version_starts_on_the_tables_of_a_newer_one_and_says_so(committed: Committed) -> None:
    with committed.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = CliRunner().invoke(migrate.migrate, env=environment(committed.settings))
    assert (answer.exit_code, "newer Turnout (migration 9999)" in answer.output) == (0, True)
    with committed.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
