"""Checks of what is in the database: the version of its tables, the keys of its tickets, the clock, and who works."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import func, select

from shared import clock
from shared.accounts import second_factors
from shared.command.doctor.examination import Fault, Installation
from shared.command.processes import CannotStart
from shared.heartbeats import SCHEDULER, WORKER
from shared.models import Account, TicketKey
from shared.outbox import system_status
from shared.tickets import find_private_key

MOST_ROWS = 1000
"""Keys and accounts that are looked at, the newest first; each costs 0.03 ms."""
CLOCKS_DIFFER = 2.0
SILENT_FOR = 120.0
DUE_FOR = 600.0
"""Seconds: between two clocks, since a heartbeat, and since an email became due."""


def version(installation: Installation) -> Iterator[Fault]:
    """Find tables of another version than the code."""
    try:
        with installation.database() as db:
            present = system_status.version(db)
    except CannotStart:
        yield Fault("the database has no tables", "run `turnout migrate`")
        return
    expected = system_status.expected_version()
    if present and present > expected:  # their numbers have four digits each
        yield Fault(f"the database is of a newer Turnout (migration {present})", "install that version or a later one")
    elif present != expected:
        yield Fault(f"the database is at migration {present} of {expected}", "run `turnout migrate`")


def keys(installation: Installation) -> Iterator[Fault]:
    """Find tickets and second factors that were made with another secret."""
    secrets = installation.settings.secrets
    with installation.database() as db:
        ticket_keys = db.scalars(select(TicketKey).order_by(TicketKey.number.desc()).limit(MOST_ROWS)).all()
        sealed = select(Account).where(Account.totp_secret.is_not(None)).order_by(Account.id.desc()).limit(MOST_ROWS)
        accounts = db.scalars(sealed).all()
        closed = [account for account in accounts if second_factors.secret_of(account, secrets=secrets) is None]
    foreign = [
        key
        for key in ticket_keys
        if not find_private_key(secrets, event_id=key.event_id, version=key.version, public=key.public)
    ]
    act = "put the earlier key after it, with a comma between"
    if foreign:
        yield Fault(f"SECRET_KEY is not the one that signed the tickets of {len(foreign)} events", act)
    if closed:
        yield Fault(f"SECRET_KEY does not open the two-step verification of {len(closed)} accounts", act)


def clocks(installation: Installation) -> Iterator[Fault]:
    """Find a clock that differs from the database's."""
    with installation.database() as db:
        db.connection()  # so that the question itself is one round trip
        before = clock.now()
        there = db.scalars(select(func.clock_timestamp())).one()
        after = clock.now()
    seconds = (before + (after - before) / 2 - there).total_seconds()
    if abs(seconds) > CLOCKS_DIFFER + (after - before).total_seconds() / 2:
        where = "ahead of" if seconds > 0 else "behind"
        wrong = f"this machine's clock is {abs(seconds):.0f} s {where} the database's"
        yield Fault(wrong, "synchronize both by NTP, for example with chrony")


def _silence(part: str, installation: Installation) -> Iterator[Fault]:
    with installation.database() as db:
        seconds = system_status.heartbeats(db).get(part)
    if seconds is None:
        yield Fault(f"no {part} has ever run", f"start `turnout {part}`")
    elif seconds > SILENT_FOR:
        yield Fault(f"no {part} has run for {_duration(seconds)}", f"start `turnout {part}`, or read its log")


worker = partial(_silence, WORKER)
scheduler = partial(_silence, SCHEDULER)


def emails(installation: Installation) -> Iterator[Fault]:
    """Find emails that wait although a worker runs."""
    with installation.database() as db:
        backlog = system_status.outbox(db)
    if backlog["oldest_seconds"] > DUE_FOR:
        wrong = f"{backlog['due']} emails are due, the oldest for {_duration(backlog['oldest_seconds'])}"
        yield Fault(wrong, "read the worker's log, or start more workers")


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:.0f} hours" if seconds > 2 * 3600 else f"{seconds / 60:.0f} minutes"
