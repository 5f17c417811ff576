"""Make the dump of a version: its schema, the demo, a registration with a guest, a scan and a report.

    .venv/bin/python -m tests.migrations.dump v0.1

Run it once, when the version is tagged; tests/test_migrations.py then proves that every later version can take it over.
"""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.command import embedded, migrate
from shared.command.demo import load
from shared.command.postgres import programs_of
from shared.command.users import ordinary_user
from shared.config import Settings
from shared.database import make_engine, make_sessions
from shared.door import attendance, passes
from shared.door.batches import Batch, ScanClaim
from shared.models import Door, DoorPass, Event, Registration
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from shared.reports import reports
from tests.conftest import make_settings
from tests.factories import move_event

HERE = Path(__file__).parent
PHONE, SCAN = (UUID(f"00000000-0000-4000-8000-00000000000{number}") for number in (1, 2))


def dump(url: str) -> str:
    """Return the whole database as statements, without commands that only psql understands."""
    sockets = parse_qs(urlsplit(url).query)["host"][0]
    program = programs_of(ordinary_user()) / "pg_dump"
    options = ["--inserts", "--no-owner", "--no-privileges", "--host", sockets, "--username", "turnout", "turnout"]
    text = subprocess.run([program, *options], check=True, capture_output=True, text=True).stdout
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("\\"))


def live(settings: Settings) -> None:
    """Play the demo's next talk: a person registers with a guest, checks in, and is counted."""
    engine = make_engine(settings)
    with make_sessions(engine).begin() as db:
        event = db.scalars(select(Event).where(Event.capacity == 300)).one()
        new_registration = NewRegistration(
            name="Ҷаҳонгир Намунаев", language="tg", email="guest@example.org", companions=("Мадина",)
        )
        host = self_service.register(db, slug=event.slug, new_registration=new_registration).registration
        wall = clock.now().replace(microsecond=0, tzinfo=None) + timedelta(hours=5)
        move_event(db, event, starts=wall - timedelta(hours=1), ends=wall + timedelta(hours=1))
        _scan(db, event, host)
        event.doors_closed_at = clock.now()
        db.flush()
    with make_sessions(engine).begin() as db:
        reports.compile_report(db, event_id=event.id, now=clock.now())
    engine.dispose()


def _scan(db: Session, event: Event, host: Registration) -> None:
    door_pass = db.scalars(select(DoorPass).join(Door).where(Door.event_id == event.id)).one()
    device, _ = passes.pair(db, pass_id=door_pass.id, version=1, phone=PHONE, volunteer="Нигина")
    at = clock.milliseconds(clock.now())
    scan = ScanClaim(id=SCAN, session=event.sessions[0].id, kind="in", at=at, person=host.ticket_id)
    attendance.record(db, device=device, batch=Batch(scans=[scan]))


def main(version: str) -> None:
    """Write tests/migrations/<version>.sql."""
    with embedded.temporary() as (database_url, redis_url):
        settings = make_settings(database_url, redis_url)
        migrate.upgrade(settings)
        load(settings)
        live(settings)
        (HERE / f"{version}.sql").write_text(dump(database_url), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
