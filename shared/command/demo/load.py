"""Loads the demo. Loading it twice changes nothing; on a later day it adds the coming events that are over by then."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.command.tour import Tour
from shared.command.transaction import transaction
from shared.config import Settings
from shared.models import (
    Account,
    Door,
    DoorPass,
    Event,
    EventSession,
    Organization,
    Partner,
    Question,
    Series,
    Speaker,
    TicketType,
)
from shared.models.account import DEMO_DOMAIN
from shared.operations import accounts, doors, events, passwords

HERE = Path(__file__).parent
ZONE = "Asia/Dushanbe"
SLUG = "peshraft"
EMAIL = f"organizer@{DEMO_DOMAIN}"
PASSWORD = "peshraft"  # noqa: S105 - printed in the tour; no account of this domain signs in under a public address
PHONES = 20
TEXTS = ("title", "summary", "description", "city", "venue", "address", "time_note", "bring", "accessibility")
NAME = {"en": "iTalk", "ru": "iTalk", "tg": "iTalk"}
EARLIER_NAME = {"en": "Peshraft", "ru": "Пешрафт", "tg": "Пешрафт"}
"""What the organization was called up to v0.1: the name of a partner of one event."""
SERIES: dict[str, dict[str, str]] = {
    "italk": {"en": "iTalk", "ru": "iTalk", "tg": "iTalk"},
    "open-discussions": {"en": "Open Discussions", "ru": "Открытые дискуссии", "tg": "Мубоҳисаҳои озод"},
    "media-workshops": {"en": "Media workshops", "ru": "Медиамастерские", "tg": "Коргоҳҳои расонаӣ"},
}


def load(settings: Settings) -> None:
    """Load the demo organization with its events and, where the service is local, its account."""
    with transaction(settings) as db:
        organization = _organization(db)
        series = {slug: _series(db, organization, slug) for slug in SERIES}
        for facts in _read("past.json"):
            _past(db, organization, series[facts["series"]], facts, settings)
        for facts in _read("coming.json"):
            _coming(db, organization, series[facts["series"]], facts, settings)
        if settings.is_local:
            _account(db, organization)


def tour(settings: Settings) -> Tour:
    """What there is to see in the demo, in the order of a first visit."""
    with transaction(settings) as db:
        event = _latest(db, "italk")
        recorded = db.scalars(select(Event).where(Event.headcount.is_not(None), _ours())).first()
        door_pass = db.scalars(select(DoorPass).join(Door).where(Door.event_id == event.id)).first()
        addresses = {
            "event": links.event("tg", event.slug),
            "mailbox": links.mailbox(),
            "sign_in": links.sign_in() if settings.is_local else "",
            "door": links.door(_pairing(settings, door_pass)) if door_pass else "",
            "report": links.event_report(recorded.id) if recorded else "",
        }
    whole = {name: links.absolute(settings.base_url, path) for name, path in addresses.items() if path}
    return Tour(**whole, email=EMAIL, password=PASSWORD) if settings.is_local else Tour(**whole)


def _pairing(settings: Settings, door_pass: DoorPass) -> str:
    return tokens.make(settings.secrets[0], "pairing", id=door_pass.id, version=door_pass.version)


def _ours() -> Any:
    return Event.organization.has(Organization.slug == SLUG)


def _latest(db: Session, series: str) -> Event:
    events_of = select(Event).where(_ours(), Event.series.has(Series.slug == series))
    return db.scalars(events_of.order_by(Event.starts_at.desc()).limit(1)).one()


def _read(name: str) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return facts


def _organization(db: Session) -> Organization:
    found = db.scalars(select(Organization).where(Organization.slug == SLUG)).one_or_none()
    if found:
        if found.name == EARLIER_NAME:
            found.name = NAME
        return found
    organization = Organization(slug=SLUG, name=NAME, zone=ZONE, languages=["tg", "ru", "en"], sample=True)
    db.add(organization)
    db.flush()
    return organization


def _series(db: Session, organization: Organization, slug: str) -> Series:
    mine = Series.organization_id == organization.id, Series.slug == slug
    found = db.scalars(select(Series).where(*mine)).one_or_none()
    if found:
        return found
    series = Series(organization_id=organization.id, slug=slug, title=SERIES[slug])
    db.add(series)
    db.flush()
    return series


def _account(db: Session, organization: Organization) -> None:
    if db.scalars(select(Account).where(Account.email == EMAIL)).one_or_none():
        return
    # Not accounts.create, which refuses an organization's name as a password.
    account = Account(email=EMAIL, name="Demo", password_hash=passwords.hashed(PASSWORD))
    db.add(account)
    db.flush()
    accounts.join(db, organization=organization, account=account, role="owner")


def _past(db: Session, organization: Organization, series: Series, facts: dict[str, Any], settings: Settings) -> None:
    known = Event.slug.in_([facts["slug"], facts.get("earlier")])
    there = db.scalars(select(Event).where(_ours(), known)).one_or_none()
    if there and not _is_outdated(there, facts):
        return
    if there:
        db.execute(delete(Event).where(Event.id == there.id))
    event = _event(organization, series, facts, sample=False)
    event.slug, event.known = facts["slug"], facts["known"]
    event.headcount = facts.get("headcount")
    event.starts_local, event.ends_local = (_wall(facts.get(name)) for name in ("starts", "ends"))
    events.add(db, event, secret=settings.secrets[0])


def _is_outdated(event: Event, facts: dict[str, Any]) -> bool:
    """Whether an earlier version loaded it with other facts, and nobody has edited it since."""
    return event.version == 1 and (event.slug, event.summary) != (facts["slug"], facts.get("summary", {}))


def _coming(db: Session, organization: Organization, series: Series, facts: dict[str, Any], settings: Settings) -> None:
    first = _day(facts["days_ahead"], facts["weekday"])
    slug = f"{facts['slug']}-{first}"
    ahead = and_(Event.series_id == series.id, Event.starts_at > clock.now())
    if db.scalars(select(Event.id).where(or_(ahead, Event.slug == slug))).first():
        return
    event = _event(organization, series, facts, sample=True)
    event.slug = slug
    event.capacity = facts["capacity"]
    event.doors_open_minutes = None  # so that a newcomer can scan a ticket weeks before
    event.ticket_types = [TicketType(title={"en": "Seat", "ru": "Место", "tg": "Ҷой"}, capacity=facts["capacity"])]
    event.sessions = _sessions(first, facts)
    event.starts_local, event.ends_local = event.sessions[0].starts_local, event.sessions[-1].ends_local
    events.add(db, event, secret=settings.secrets[0])
    door = db.scalars(select(Door).where(Door.event_id == event.id)).one()
    doors.make_pass(db, door=door, phones=PHONES)


def _event(organization: Organization, series: Series, facts: dict[str, Any], *, sample: bool) -> Event:
    speakers = [Speaker(**one, position=place, sample=sample) for place, one in enumerate(facts.get("speakers", []))]
    partners = [Partner(**one, position=place) for place, one in enumerate(facts.get("partners", []))]
    questions = [Question(**one, position=place) for place, one in enumerate(facts.get("questions", []))]
    return Event(
        organization_id=organization.id,
        series_id=series.id,
        state="published",
        languages=facts["languages"],
        zone=ZONE,
        speakers=speakers,
        partners=partners,
        questions=questions,
        spoken=facts.get("spoken", []),
        contact=facts.get("contact"),
        map_link=facts.get("map_link"),
        **{name: facts.get(name, {}) for name in TEXTS},
    )


def _sessions(first: date, facts: dict[str, Any]) -> list[EventSession]:
    titles = facts.get("session_titles", [{}])
    return [
        EventSession(title=titles[number], starts_local=_at(first, number, starts), ends_local=_at(first, number, ends))
        for number, (starts, ends) in enumerate(facts["days"])
    ]


def _day(days_ahead: int, weekday: int) -> date:
    """The first such weekday (Monday is 0) at least so many days from today, in Dushanbe."""
    day = clock.now().astimezone(ZoneInfo(ZONE)).date() + timedelta(days=days_ahead)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _at(first: date, days: int, clock_time: str) -> datetime:
    return datetime.combine(first + timedelta(days=days), time.fromisoformat(clock_time))


def _wall(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
