"""Recovery to a point in time, by the lines of docs/operating.md, into a second cluster."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.command import embedded, migrate
from shared.command.postgres import programs_of
from shared.command.processes import wait_until
from shared.command.users import give, ordinary_user, run_as
from shared.database import make_engine, make_sessions
from tests.conftest import Committed, make_settings
from tests.factories import make_device, make_door, make_event, make_registration
from tests.support.backups import ask
from tests.support.turnout_up import PATIENCE

DOCS = (Path(__file__).parents[3] / "docs/operating.md").read_text(encoding="utf-8")
ARCHIVING, BASE, RECOVERY = re.findall(
    r"```\w+\n(.*?)```", DOCS.partition("### To a point in time\n")[2].partition("\n## ")[0], re.DOTALL
)


@pytest.mark.scale
def test_the_database_of_a_moment_is_recovered_and_begins_an_epoch(home: Path) -> None:
    user, archive = ordinary_user(), home / "archive"
    archive.mkdir()
    give(archive, user)
    with embedded.postgres(home / "first", durable=False):
        pass
    configure(home / "first", ARCHIVING, archive)
    with embedded.postgres(home / "first", durable=False) as url:
        first = cluster_at(url)
        migrate.upgrade(first.settings)
        with first.sessions.begin() as db:
            event = make_event(db)
            token = make_device(db, make_door(db, event))[1]
            make_registration(db, event, name="Фарзона")
        run_as(user, base_backup(user, url, archive), archive)
        with first.sessions.begin() as db:
            make_registration(db, db.merge(event), name="Манижа")
        moment = ask(url, "SELECT clock_timestamp()")
        assert isinstance(moment, datetime)
        with first.engine.begin() as connection:
            connection.execute(text("DELETE FROM registration"))
        _, cursor = poll(first, token)
        first.engine.dispose()

    (home / "second").mkdir(mode=0o700)
    (archive / "base").rename(home / "second" / "data")
    configure(home / "second", re.sub(r"(?<=target_time = ')[^']+", str(moment), RECOVERY), archive)
    (home / "second" / "data" / "recovery.signal").touch()
    give(home / "second", user)
    with embedded.postgres(home / "second", durable=False) as url:
        assert wait_until(lambda: ask(url, "SELECT NOT pg_is_in_recovery()") is True, lambda: True, PATIENCE)
        second = cluster_at(url)
        assert poll(second, token, cursor)[0] == (True, ["Фарзона", "Манижа"])
        second.engine.dispose()


def configure(cluster: Path, lines: str, archive: Path) -> None:
    with (cluster / "data" / "postgresql.conf").open("a") as file:
        file.write(lines.replace("/archive/", f"{archive}/"))


def base_backup(user: str, url: str, archive: Path) -> list[str | Path]:
    program, *options = BASE.replace("/archive/", f"{archive}/").split()
    return [programs_of(user) / program, *options, "--dbname", url]


def cluster_at(url: str) -> Committed:
    settings = make_settings(url, "unix:///nowhere")
    engine = make_engine(settings)
    return Committed(settings, engine, make_sessions(engine))


def poll(cluster: Committed, token: str, cursor: str = "") -> tuple[tuple[bool, list[str]], str]:
    headers = {"Authorization": f"Bearer {token}"}
    roster = cluster.client().get(f"/api/door/roster?since={cursor}", headers=headers).get_json()
    return (roster["whole"], [entry["name"] for entry in roster["entries"]]), roster["cursor"]
