"""Factories for tests: make_event(db, **overrides) and its kin, plain functions. Each adds one row and flushes.

A row that another one needs is added too, so a test names only what it is about.
"""

import io
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import clock, tickets, tokens
from shared.events import announcements, editing, events, pictures
from shared.events.editing import Timing
from shared.i18n import search_key
from shared.models import (
    Account,
    Device,
    Door,
    DoorPass,
    Event,
    EventSession,
    Membership,
    Organization,
    Registration,
    Report,
    Series,
    SignIn,
    TicketKey,
    TicketType,
    TicketTypeSession,
)

SECRET = b"only for tests; long enough; known to everyone"
ZONE = "Asia/Dushanbe"
_numbers = count(1)
Row = TypeVar("Row")


def make_organization(db: Session, **overrides: Any) -> Organization:
    """Add an organization in Dushanbe with three languages."""
    defaults = {"slug": f"organization-{next(_numbers)}", "zone": ZONE, "languages": ["tg", "ru", "en"]}
    defaults["name"] = {"en": "Peshraft", "ru": "Пешрафт", "tg": "Пешрафт"}
    return _add(db, Organization(**{**defaults, **overrides}))


def make_series(db: Session, **overrides: Any) -> Series:
    """Add a series of an organization."""
    if "organization_id" not in overrides:
        overrides["organization_id"] = make_organization(db).id
    return _add(db, Series(**{"slug": f"series-{next(_numbers)}", "title": {"en": "iTalk"}, **overrides}))


def make_event(db: Session, *, starts_at: datetime | None = None, hours: float = 2, **overrides: Any) -> Event:
    """Add a published event with one session, one ticket type, one door and its key; by default in a week."""
    zone = ZoneInfo(overrides.get("zone", ZONE))
    start = (starts_at or clock.now() + timedelta(days=7)).replace(microsecond=0).astimezone(zone).replace(tzinfo=None)
    defaults: dict[str, Any] = {
        "slug": f"event-{next(_numbers)}",
        "state": "published",
        "languages": ["tg", "ru", "en"],
        "title": {"en": "An evening of talks", "ru": "Вечер выступлений", "tg": "Шоми суханронӣ"},
        "zone": ZONE,
        "starts_local": start,
        "ends_local": start + timedelta(hours=hours),
    }
    if "organization" not in overrides and "organization_id" not in overrides:
        overrides["organization_id"] = _organization_of(db, overrides.get("series_id"))
    return events.add(db, Event(**{**defaults, **overrides}), secret=SECRET)


def make_days(db: Session, **overrides: Any) -> Event:
    """Add an event of "Day 1" to "Day 3", each from 10:00 to 16:00; its second ticket type, "One day",
    admits to Day 2.
    """
    first = (clock.now() + timedelta(days=7)).replace(tzinfo=None, hour=10, minute=0, second=0, microsecond=0)
    days = [first + timedelta(days=number) for number in range(3)]
    sessions = [
        EventSession(
            title={"en": f"Day {number}"}, position=number, starts_local=day, ends_local=day + timedelta(hours=6)
        )
        for number, day in enumerate(days, 1)
    ]
    ticket_types = [
        TicketType(title={"en": title}, position=position) for position, title in enumerate(("All days", "One day"))
    ]
    times = {"starts_local": days[0], "ends_local": days[-1] + timedelta(hours=6)}
    event = make_event(db, sessions=sessions, ticket_types=ticket_types, **times, **overrides)
    other_sessions = TicketTypeSession.session_id != sessions[1].id
    db.execute(delete(TicketTypeSession).where(TicketTypeSession.ticket_type_id == ticket_types[1].id, other_sessions))
    db.expire_all()
    return event


def move_event(db: Session, event: Event, *, starts: datetime, ends: datetime) -> None:
    """Move an event by its own clock, as its editor does, and email everyone with a seat."""
    before = announcements.when_and_where(event)
    editing.reschedule(db, event=event, timing=Timing(event.known, event.zone, starts, ends))
    announcements.announce_change(db, event=event, changed=("time",), before=before)


def close_event(db: Session, event: Event, why: str) -> None:
    """Close an event to new people: it is a "draft", "cancelled", "over", or has its "doors_closed"."""
    if why == "over":
        event.starts_at, event.ends_at = clock.now() - timedelta(hours=3), clock.now() - timedelta(hours=1)
    elif why == "doors_closed":
        event.doors_closed_at = clock.now()
    else:
        event.state = why
    db.flush()


def _organization_of(db: Session, series_id: int | None) -> int:
    return db.get_one(Series, series_id).organization_id if series_id else make_organization(db).id


def make_registration(db: Session, event: Event | None = None, **overrides: Any) -> Registration:
    """Add a confirmed registration with its signed code; the seats of event and ticket type are counted."""
    event = event or make_event(db)
    number, ticket_id = next(_numbers), overrides.pop("ticket_id", None) or tickets.new_ticket_id()
    values: dict[str, Any] = {
        "event_id": event.id,
        "ticket_type_id": event.ticket_types[0].id,
        "state": "confirmed",
        "confirmed_at": clock.now(),
        "ticket_id": ticket_id,
        "short_code": tickets.short_code(ticket_id),
        "name": f"Шариф {number}",
        "email": f"guest{number}@example.org",
        "language": "tg",
        "code": make_code(db, event, ticket_id),
    }
    values |= overrides
    values.setdefault("name_key", search_key(values["name"]))
    values.setdefault("contact_key", values["email"] or values.get("phone"))
    registration = Registration(**values)
    _count_seat(event, registration)
    return _add(db, registration)


def _count_seat(event: Event, registration: Registration) -> None:
    ticket_type = next(
        ticket_type for ticket_type in event.ticket_types if ticket_type.id == registration.ticket_type_id
    )
    for seats in (event, ticket_type):
        if registration.state in {"confirmed", "offered", "unconfirmed"} and not registration.walk_in:
            seats.taken += 1
        elif registration.state == "waiting":
            seats.waiting += 1


def make_code(db: Session, event: Event, ticket_id: str) -> str:
    """Return the code that the worker would sign for a ticket."""
    key = db.scalars(select(TicketKey).where(TicketKey.event_id == event.id)).one()
    private = tickets.private_key(SECRET, event_id=event.id, version=key.version)
    return tickets.sign(ticket_id, key_number=key.number, key=private)


def make_picture(db: Session, *, colour: str = "teal", size: tuple[int, int] = (1200, 800), noisy: bool = False) -> str:
    """Store a picture of one colour, or of noise, which no format makes small; return its SHA-256."""
    image = Image.effect_noise(size, 90).convert("RGB") if noisy else Image.new("RGBA", size, colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return pictures.store(db, content=file.getvalue())


def make_account(
    db: Session, *, organization: Organization | None = None, role: str | None = None, **overrides: Any
) -> Account:
    """Add an account, and its membership if a role is named. It has no password: see make_sign_in."""
    defaults = {"email": f"organizer{next(_numbers)}@example.org", "name": "Манижа", "language": "en"}
    account = _add(db, Account(**{**defaults, **overrides}))
    if role:
        organization = organization or make_organization(db)
        _add(db, Membership(organization_id=organization.id, account_id=account.id, role=role))
    return account


def make_sign_in(db: Session, account: Account, **overrides: Any) -> str:
    """Sign a browser in; return the token for its cookie."""
    token = tokens.draw()
    defaults = {"account_id": account.id, "token_hash": tokens.digest(token), "browser": "Firefox"}
    _add(db, SignIn(**{**defaults, "expires_at": clock.now() + timedelta(days=1), **overrides}))
    return token


def make_door(db: Session, event: Event | None = None, **overrides: Any) -> Door:
    """Add another door of an event."""
    event = event or make_event(db)
    return _add(db, Door(**{"event_id": event.id, "name": {"en": "North door", "ru": "Северный вход"}, **overrides}))


def make_pass(db: Session, door: Door | None = None, **overrides: Any) -> DoorPass:
    """Add a pass of a door."""
    return _add(db, DoorPass(**{"door_id": (door or make_door(db)).id, **overrides}))


def make_device(db: Session, door: Door | None = None, **overrides: Any) -> tuple[Device, str]:
    """Pair a phone; return it and its token."""
    token = tokens.draw()
    defaults: dict[str, Any] = {"phone": uuid4(), "token_hash": tokens.digest(token)}
    if "door_pass_id" not in overrides:
        defaults["door_pass_id"] = make_pass(db, door).id
    door_pass = db.get_one(DoorPass, {**defaults, **overrides}["door_pass_id"])
    defaults |= {"event_id": door_pass.door.event_id, "stamps_from": door_pass.created_at}
    device = _add(db, Device(**{**defaults, **overrides}))
    return device, token


FIGURES: dict[str, Any] = {
    "registered": 40,
    "cancelled": {"all": 3, "late": 1},
    "waitlisted": 4,
    "promoted": 2,
    "attended": 31,
    "walk_ins": {"all": 5, "at_door": 4, "waiting": 1, "cancelled": 0, "unlisted": 0},
    "people": 36,
    "no_shows": 9,
    "no_show_rate": 0.225,
    "capacity": 50,
    "capacity_use": 0.72,
    "headcount": None,
    "sessions": [{"id": 1, "title": {}, "attended": 31, "people": 36}],
    "arrivals": {
        "first": "2026-10-07T12:40:00+00:00",
        "median": "2026-10-07T12:58:00+00:00",
        "peak": {"at": "2026-10-07T17:55", "count": 14},
        "last": "2026-10-07T13:30:00+00:00",
        "bins": [["2026-10-07T17:50", 9], ["2026-10-07T17:55", 14], ["2026-10-07T18:00", 13]],
        "inside": [["2026-10-07T17:50", 9]],
    },
    "doors": [
        {
            "door": {"en": "North door"},
            "volunteer": "Манижа",
            "admitted": 20,
            "scans": 24,
            "refused": {"other_event": 2},
            "conflicts": 1,
            "seconds_between": 4.5,
        },
        {
            "door": {"en": "North door"},
            "volunteer": "Сорбон",
            "admitted": 16,
            "scans": 16,
            "refused": {},
            "conflicts": 0,
            "seconds_between": None,
        },
    ],
    "conflicts": 1,
    "refused": {"other_event": 2},
    "doubtful": 0,
    "phones": {"all": 2, "silent": 1, "offline_share": 0.25},
    "returning": 6,
    "breakdowns": {"ticket_type": [], "language": [["tg", 20], ["ru", 11]], "source": [["not_stated", 31]]},
    "mail": {"accepted": 43, "failed": 1},
    "provenance": {"rule": 1, "zone": ZONE, "scans": 40},
}
"""The figures of a report, as shared/reports/figures.py compiles them."""


def make_report(db: Session, event: Event | None = None, **overrides: Any) -> Report:
    """Add a compiled report; `figures` overrides single figures."""
    figures = {**FIGURES, **overrides.pop("figures", {})}
    event = event or make_event(db)
    compiled_at = max(moment(18), event.compiles_at() or moment(18))
    defaults = {"event_id": event.id, "version": 1, "compiled_at": compiled_at, "scans": 40}
    return _add(db, Report(**{**defaults, "figures": figures, **overrides}))


def moment(hour: int, minute: int = 0) -> datetime:
    """Return a moment of a certain day, in UTC; for tests to which the day does not matter."""
    return datetime(2026, 10, 7, hour, minute, tzinfo=UTC)


def _add(db: Session, row: Row) -> Row:
    db.add(row)
    db.flush()
    return row
