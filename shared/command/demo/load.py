"""Loads the demo. A second time changes nothing; on a later day it adds the sample events that are over by then.

A local installation also gets sample evenings, one of them on now; history.py fills them.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from shared import clock, links
from shared.accounts import accounts, passwords
from shared.command.demo.story import BUILD, Story
from shared.command.tour import Tour
from shared.command.transaction import transaction
from shared.config import Settings
from shared.door import passes
from shared.events import events
from shared.models import (
    Account,
    Device,
    Door,
    DoorPass,
    Event,
    EventSession,
    EventState,
    Organization,
    Partner,
    Question,
    Role,
    Series,
    Speaker,
    TicketType,
)
from shared.models.account import DEMO_DOMAIN

HERE = Path(__file__).parent


def read(name: str) -> Any:
    """Read the JSON in a file of this folder."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


ZONE = "Asia/Dushanbe"
SLUG = "italk-demo"
EARLIER_SLUG = "peshraft"
"""The same up to v0.1."""
EMAIL = f"organizer@{DEMO_DOMAIN}"
PASSWORD = "peshraft"  # noqa: S105 - printed in the tour; no account of this domain signs in under a public address
PHONES = 20
TEXTS = ("title", "summary", "description", "city", "venue", "address", "time_note", "bring", "accessibility")
NAME = {"en": "iTalk", "ru": "iTalk", "tg": "iTalk"}
EARLIER_NAME = {"en": "Peshraft", "ru": "Пешрафт", "tg": "Пешрафт"}
"""The organization's name up to v0.1: that of a partner of one event."""
EVENINGS_SERIES = "city-evenings"
TONIGHT = "open-evening"
"""The beginning of the address of the evening that is on now."""
EVENING: dict[str, Any] = read("evening.json")
"""The common properties of all sample evenings."""
EVENINGS: list[dict[str, Any]] = read("evenings.json")
STORIES: dict[str, Story] = {facts["slug"]: Story(**facts["story"]) for facts in EVENINGS}
STORIES[TONIGHT] = Story(capacity=240, people=180, absent=0.2, walk_ins=8)
BEGAN, LASTS = timedelta(minutes=15), timedelta(hours=2, minutes=30)
"""The time since the current evening began, and the duration of each."""
SERIES: dict[str, dict[str, str]] = {
    "italk": {"en": "iTalk", "ru": "iTalk", "tg": "iTalk"},
    "open-discussions": {"en": "Open Discussions", "ru": "Открытые дискуссии", "tg": "Мубоҳисаҳои озод"},
    "media-workshops": {"en": "Media workshops", "ru": "Медиамастерские", "tg": "Коргоҳҳои расонаӣ"},
    EVENINGS_SERIES: {"en": "City evenings", "ru": "Городские вечера", "tg": "Шомҳои шаҳрӣ"},
}


def load(settings: Settings) -> None:
    """Load the demo organization with its events and, where the installation is local, its account."""
    with transaction(settings) as db:
        organization = _organization(db)
        series = {slug: _series(db, organization, slug) for slug in SERIES}
        for facts in read("past.json"):
            _past(db, organization, series[facts["series"]], facts, settings)
        for facts in read("coming.json"):
            _coming(db, organization, series[facts["series"]], facts, settings)
        if settings.is_local:
            _account(db, organization)
            for facts in EVENINGS:
                _sample(db, facts, settings)
            _tonight(db, settings)


def tour(settings: Settings) -> Tour:
    """Return the sights of the demo, in the order of a first visit."""
    with transaction(settings) as db:
        event = _next(db, "italk")
        recorded = _latest_evening(db) or db.scalars(select(Event).where(Event.headcount.is_not(None), _ours())).first()
        on_now = _on_now(db)
        addresses: dict[str, str] = {}
        if event:
            addresses |= {"event": links.event("tg", event.slug), "door": links.door(_pairing(db, settings, event))}
        # Under a public address there is no mailbox page, and no one signs in to the demo.
        if settings.is_local:
            addresses |= {"mailbox": links.mailbox(), "sign_in": links.sign_in()}
            addresses["report"] = links.event_report(recorded.id) if recorded else ""
            addresses["live"] = links.live(on_now.id) if on_now else ""
        fills = bool(empty(db))
    sights: dict[str, Any] = {name: links.absolute(settings.base_url, path) for name, path in addresses.items() if path}
    demo = Tour(**sights)
    return replace(demo, email=EMAIL, password=PASSWORD, fills=fills) if settings.is_local else demo


def _pairing(db: Session, settings: Settings, event: Event) -> str:
    door_pass = db.scalars(select(DoorPass).join(Door).where(Door.event_id == event.id).order_by(DoorPass.id)).first()
    assert door_pass is not None  # the query requires it
    return passes.pairing_secret(door_pass, settings.secrets[0])


def _ours() -> Any:
    return Event.organization.has(Organization.slug == SLUG)


def _next(db: Session, series: str) -> Event | None:
    """Return the next public event of a series that has a door pass; a copy made by an organizer has none."""
    has_pass = exists().where(DoorPass.door_id == Door.id, Door.event_id == Event.id)
    of_series = select(Event).where(_ours(), Event.series.has(Series.slug == series), has_pass)
    ahead = of_series.where(Event.state == EventState.PUBLISHED, Event.starts_at > clock.now())
    return db.scalars(ahead.order_by(Event.starts_at).limit(1)).one_or_none()


def empty(db: Session) -> Sequence[int]:
    """Return the sample evenings to fill: the current one first, since the tour shows it, then from the oldest, since
    returning attendees depend on earlier evenings.

    One that its organizers have edited or ended is left out: it may have real registrations.
    """
    has_story = exists().where(Device.event_id == Event.id, Device.version == BUILD)
    samples = or_(Event.slug.in_(list(STORIES)), Event.slug.startswith(TONIGHT))
    as_made = and_(Event.version == 1, Event.state == EventState.PUBLISHED, Event.doors_closed_at.is_(None))
    query = select(Event.id).where(_ours(), samples, as_made, ~has_story)
    return db.scalars(query.order_by((Event.ends_at > clock.now()).desc(), Event.starts_at)).all()


def _latest_evening(db: Session) -> Event | None:
    """Return the latest of the sample evenings that were over when they were loaded."""
    query = select(Event).where(_ours(), Event.slug.in_([facts["slug"] for facts in EVENINGS]))
    return db.scalars(query.order_by(Event.starts_at.desc()).limit(1)).one_or_none()


def _on_now(db: Session) -> Event | None:
    """Return the sample evening that is on now."""
    on = Event.starts_at <= clock.now(), Event.ends_at > clock.now(), Event.doors_closed_at.is_(None)
    published = select(Event).where(_ours(), Event.slug.startswith(TONIGHT), Event.state == EventState.PUBLISHED)
    return db.scalars(published.where(*on).limit(1)).one_or_none()


def _organization(db: Session) -> Organization:
    slugs = Organization.slug.in_((SLUG, EARLIER_SLUG))
    organization = db.scalars(select(Organization).where(slugs, Organization.sample)).one_or_none()
    if organization:
        organization.slug = SLUG
        if organization.name == EARLIER_NAME:
            organization.name = NAME
        return organization
    organization = Organization(slug=SLUG, name=NAME, zone=ZONE, languages=["tg", "ru", "en"], sample=True)
    db.add(organization)
    db.flush()
    return organization


def _series(db: Session, organization: Organization, slug: str) -> Series:
    conditions = Series.organization_id == organization.id, Series.slug == slug
    series = db.scalars(select(Series).where(*conditions)).one_or_none()
    if series:
        return series
    series = Series(organization_id=organization.id, slug=slug, title=SERIES[slug])
    db.add(series)
    db.flush()
    return series


def _account(db: Session, organization: Organization) -> None:
    if db.scalars(select(Account).where(Account.email == EMAIL)).one_or_none():
        return
    # Not accounts.create, which refuses an organization's name as a password.
    account = Account(email=EMAIL, name="Demo", password_hash=passwords.hash_password(PASSWORD))
    db.add(account)
    db.flush()
    accounts.join(db, organization=organization, account=account, role=Role.OWNER)


def _past(db: Session, organization: Organization, series: Series, facts: dict[str, Any], settings: Settings) -> None:
    query = select(Event).where(Event.slug.in_([facts["slug"], facts.get("earlier")]))
    there = db.scalars(query.order_by((Event.slug == facts["slug"]).desc()).limit(1)).one_or_none()
    if there is None:
        event = _event(organization, series, facts, sample=False)
        event.slug, event.known = facts["slug"], facts["known"]
        event.headcount = facts.get("headcount")
        event.starts_local, event.ends_local = (_wall(facts.get(name)) for name in ("starts", "ends"))
        events.add(db, event, secret=settings.secrets[0])
    elif there.organization_id == organization.id and there.version == 1:
        there.slug = facts["slug"]
        _correct(db, there, facts, sample=False)


def _correct(db: Session, event: Event, facts: dict[str, Any], *, sample: bool) -> None:
    """Give an unedited event that an earlier version loaded the texts of this version.

    Its registrations and doors stay: an unchanged version does not mean an unused event.
    """
    if all(getattr(event, name) == facts.get(name, {}) for name in TEXTS):
        return
    for name in TEXTS:
        setattr(event, name, facts.get(name, {}))
    for table in (Speaker, Partner):
        db.execute(delete(table).where(table.event_id == event.id))
    db.expire(event, ["speakers", "partners"])
    event.speakers, event.partners = _speakers(facts, sample=sample), _partners(facts)
    event.search_key = events.search_key_of(event)
    event.updated_at = clock.now()
    db.flush()


def _speakers(facts: dict[str, Any], *, sample: bool) -> list[Speaker]:
    return [
        Speaker(**speaker, position=position, sample=sample)
        for position, speaker in enumerate(facts.get("speakers", []))
    ]


def _partners(facts: dict[str, Any]) -> list[Partner]:
    return [Partner(**partner, position=position) for position, partner in enumerate(facts.get("partners", []))]


def _coming(db: Session, organization: Organization, series: Series, facts: dict[str, Any], settings: Settings) -> None:
    first = _day(facts["days_ahead"], facts["weekday"])
    slug = f"{facts['slug']}-{first}"
    ahead = and_(Event.series_id == series.id, Event.starts_at > clock.now(), Event.state == EventState.PUBLISHED)
    if there := db.scalars(select(Event).where(or_(ahead, Event.slug == slug)).order_by(Event.id)).first():
        if there.version == 1:
            _correct(db, there, facts, sample=True)
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
    # Written as a row: under a public address the demo has no account that could have created it.
    db.add(DoorPass(door_id=door.id, phones=PHONES))
    db.flush()


def _sample(db: Session, facts: dict[str, Any], settings: Settings) -> None:
    if _is_there(db, facts["slug"]):
        return
    starts = _at(_day(-7 * facts["weeks_ago"] - 6, 5), 0, "18:00")
    add_evening(db, EVENING | facts, starts=starts, capacity=story_of(facts["slug"]).capacity, settings=settings)


def _tonight(db: Session, settings: Settings) -> None:
    """Add an evening that began a while ago, unless one is on."""
    starts = wall_now() - BEGAN
    slug = f"{TONIGHT}-{starts:%Y-%m-%d-%H%M}"
    # One that began this minute may have been ended.
    if _on_now(db) or _is_there(db, slug):
        return
    add_evening(db, EVENING | {"slug": slug}, starts=starts, capacity=STORIES[TONIGHT].capacity, settings=settings)


def _is_there(db: Session, slug: str) -> bool:
    """Return True if an event, of any organization, has this address."""
    return db.scalars(select(Event.id).where(Event.slug == slug)).first() is not None


def story_of(slug: str) -> Story:
    """Return the story of a sample evening."""
    return STORIES.get(slug, STORIES[TONIGHT])


def add_evening(db: Session, facts: dict[str, Any], *, starts: datetime, capacity: int, settings: Settings) -> Event:
    """Add a sample evening that begins at a wall time, still without attendees."""
    organization = _organization(db)
    event = _event(organization, _series(db, organization, EVENINGS_SERIES), facts, sample=True)
    event.slug, event.capacity, event.reminders = facts["slug"], capacity, False
    event.starts_local, event.ends_local = starts, starts + LASTS
    event.created_at = clock.instant(starts, ZONE) - timedelta(days=30)
    return events.add(db, event, secret=settings.secrets[0])


def wall_now() -> datetime:
    """Return the whole minute on a clock in Dushanbe."""
    return clock.now().astimezone(ZoneInfo(ZONE)).replace(tzinfo=None, second=0, microsecond=0)


def _event(organization: Organization, series: Series, facts: dict[str, Any], *, sample: bool) -> Event:
    questions = [
        Question(**question, position=position) for position, question in enumerate(facts.get("questions", []))
    ]
    return Event(
        organization_id=organization.id,
        series_id=series.id,
        state=EventState.PUBLISHED,
        languages=facts["languages"],
        zone=ZONE,
        speakers=_speakers(facts, sample=sample),
        partners=_partners(facts),
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
    """Return the first such weekday (Monday is 0) at least so many days from today, in Dushanbe."""
    day = clock.now().astimezone(ZoneInfo(ZONE)).date() + timedelta(days=days_ahead)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _at(first: date, days: int, clock_time: str) -> datetime:
    return datetime.combine(first + timedelta(days=days), time.fromisoformat(clock_time))


def _wall(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
