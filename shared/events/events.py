"""Events: adding one, listing them, and a single event with all its details."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, joinedload, selectinload, with_expression

from shared import clock, tickets
from shared.clock import AmbiguousTime, NoSuchTime
from shared.config import LANGUAGES
from shared.database import Texts
from shared.errors import Invalid, Missing
from shared.i18n import language_table, search_key
from shared.models import (
    Door,
    Event,
    EventSession,
    EventState,
    Organization,
    Precision,
    Report,
    Series,
    TicketKey,
    TicketType,
    TicketTypeSession,
)

TIMES = ("starts_local", "ends_local", "starts_at", "ends_at")
PAGE = 20

PUBLIC: tuple[ColumnElement[bool], ...] = (Event.state != EventState.DRAFT, Event.private.is_(False))

_LATEST = select(Report.figures["people"].as_integer()).where(Report.event_id == Event.id).correlate(Event)

PEOPLE = with_expression(Event.people, _LATEST.order_by(Report.version.desc()).limit(1).scalar_subquery())

OVER = (PEOPLE, joinedload(Event.organization), joinedload(Event.series))

LISTED = (*OVER, selectinload(Event.ticket_types))

WHOLE = (
    PEOPLE,
    joinedload(Event.organization),
    joinedload(Event.series),
    joinedload(Event.ticket_types),
    joinedload(Event.sessions),
    joinedload(Event.partners),
    selectinload(Event.speakers),
    selectinload(Event.questions),
)
"""Three statements: types, sessions and partners are few enough to multiply, speakers and questions are not."""


# Built once: for each page, building them would cost half as much as the database's own work.
_PUBLISHED = select(Event).where(Event.slug == bindparam("slug"), Event.state != EventState.DRAFT)

_SHOWN = _PUBLISHED.options(*WHOLE)

_ASKED = _PUBLISHED.options(joinedload(Event.organization), joinedload(Event.ticket_types), joinedload(Event.questions))


CITY = func.coalesce(*(func.nullif(Event.city[code].astext, "") for code in LANGUAGES))
"""The city as it stands in addresses: the same in every language of the page."""


_FIRST = func.row_number().over(partition_by=Series.slug, order_by=Series.id) == 1

_ADDRESS = case((_FIRST, Series.slug), else_=Organization.slug + "." + Series.slug).label("address")

_SERIES = (
    select(Series.id, Series.title, Organization.name.label("organization"), _ADDRESS)
    .join(Organization, Organization.id == Series.organization_id)
    .subquery()
)
"""Series as they stand in addresses: by slug, and with their organization where another organization used that slug
first. So a published address still leads to the same series when another organization begins one of the same name.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of events: by city, by series (as it stands in an address), and by words, all of which must match; empty
    means any.
    """

    words: str = ""
    city: str = ""
    series: str = ""


ANYTHING = Wanted()


def find(db: Session, *, slug: str) -> Event:
    """Return an event with everything that its page shows; a private one too, for visitors who have its address.

    Raises Missing, also for a draft.
    """
    event = _one(db, _SHOWN, slug=slug)
    load_sessions_of_ticket_types(db, event=event)
    return event


def load_sessions_of_ticket_types(db: Session, *, event: Event) -> None:
    """Load the sessions of all ticket types at once; for a single ticket type they are never read."""
    if len(event.ticket_types) > 1:
        query = select(TicketType).where(TicketType.event_id == event.id)
        db.scalars(query.options(selectinload(TicketType.sessions))).all()


def form(db: Session, *, slug: str) -> Event:
    """Return an event with everything its form needs: organization, ticket types and questions, in one statement.

    Raises Missing, also for a draft.
    """
    return _one(db, _ASKED, slug=slug)


def get(db: Session, *, event_id: int) -> Event:
    """Return any event for its organizers, with all its details. Raises Missing."""
    return _one(db, select(Event).where(Event.id == event_id).options(*WHOLE))


def _one(db: Session, query: Select[Event], **values: object) -> Event:
    event = db.scalars(query, values).unique().one_or_none()
    if event is None:
        raise Missing("event")
    return event


def upcoming(
    db: Session, *, now: datetime, wanted: Wanted = ANYTHING, limit: int = PAGE, offset: int = 0
) -> Sequence[Event]:
    """Return public events that are not over, the next one first."""
    query = _wanted(wanted).where(Event.ends_at > now).order_by(Event.starts_at, Event.id)
    return db.scalars(query.options(*LISTED).limit(limit).offset(offset)).all()


def past(
    db: Session, *, now: datetime, wanted: Wanted = ANYTHING, limit: int = PAGE, offset: int = 0
) -> Sequence[Event]:
    """Return public events that are over, the latest first; those without a recorded time come last."""
    query = _wanted(wanted).where(or_(Event.ends_at <= now, Event.ends_at.is_(None)))
    ordered = query.order_by(Event.starts_at.desc().nulls_last(), Event.id.desc())
    return db.scalars(ordered.options(*OVER).limit(limit).offset(offset)).all()


def choices(
    db: Session, *, limit: int = 500
) -> Sequence[Row[str | None, Texts, str | None, Texts | None, Texts | None]]:
    """Return the distinct pairs of city and series of public events: city, its texts; a series' address, its title, and
    its organization's name.
    """
    columns = CITY, Event.city, _SERIES.c.address, _SERIES.c.title, _SERIES.c.organization
    query = select(*columns).select_from(Event).outerjoin(_SERIES, _SERIES.c.id == Event.series_id).where(*PUBLIC)
    return db.execute(query.distinct().order_by(CITY, _SERIES.c.address).limit(limit)).all()


def since(db: Session, *, ended_after: datetime, now: datetime, limit: int) -> Sequence[Event]:
    """Return public events with a known day that end after a moment, for a calendar: the next first."""
    dated = _public().where(Event.ends_at > ended_after, Event.known.in_((Precision.MINUTE, Precision.DAY)))
    # Past events come last: a long past never crowds out the future.
    ordered = dated.order_by(Event.ends_at <= now, Event.starts_at, Event.id)
    return db.scalars(ordered.options(joinedload(Event.organization), selectinload(Event.sessions)).limit(limit)).all()


def newest(db: Session, *, limit: int) -> Sequence[Event]:
    """Return public events, the last added first."""
    ordered = _public().order_by(Event.created_at.desc(), Event.id.desc())
    return db.scalars(ordered.options(joinedload(Event.organization)).limit(limit)).all()


def slugs(db: Session, *, limit: int) -> Sequence[str]:
    """Return the slugs of all public events, the last added first."""
    query = select(Event.slug).where(*PUBLIC).order_by(Event.created_at.desc(), Event.id.desc())
    return db.scalars(query.limit(limit)).all()


def of_organization(
    db: Session, *, organization_ids: Sequence[int], limit: int = PAGE, offset: int = 0
) -> Sequence[Event]:
    """Return all events of these organizations, drafts too: upcoming ones, the nearest first, then past ones, the
    latest first.
    """
    query = select(Event).where(Event.organization_id.in_(organization_ids))
    to_come = func.coalesce(Event.ends_at > clock.now(), Event.state == EventState.DRAFT)
    nearest = case((to_come, Event.starts_at))
    ordered = query.order_by(to_come.desc(), nearest, Event.starts_at.desc().nulls_last(), Event.id.desc())
    return db.scalars(ordered.options(*LISTED).limit(limit).offset(offset)).all()


def newest_language(db: Session, *, organization_ids: Sequence[int]) -> str | None:
    """Return the first language of these organizations' newest event, drafts too; None without any event."""
    added = select(Event.languages).where(Event.organization_id.in_(organization_ids)).order_by(Event.id.desc())
    languages = db.scalars(added.limit(1)).first()
    return languages[0] if languages else None


def _public() -> Select[Event]:
    return select(Event).where(*PUBLIC)


def _wanted(wanted: Wanted) -> Select[Event]:
    query = _public()
    for word in search_key(wanted.words).split():
        query = query.where(Event.search_key.contains(word, autoescape=True))
    if wanted.city:
        query = query.where(CITY.is_not_distinct_from(wanted.city))
    if wanted.series:
        query = query.where(Event.series_id == _series(wanted.series))
    return query


def _series(address: str) -> ScalarSelect[int]:
    """Select the series of an address, also where the address names an organization needlessly."""
    organization, _, slug = address.rpartition(".")
    query = select(Series.id).where(Series.slug == slug)
    if organization:
        owner = select(Organization.id).where(Organization.slug == organization)
        query = query.where(Series.organization_id == owner.scalar_subquery())
    return query.order_by(Series.id).limit(1).scalar_subquery()


def add(db: Session, event: Event, *, secret: bytes) -> Event:
    """Add an event that the caller has filled in, with the rows that every event needs.

    Its instants are derived from the wall times and the zone, unless it has them. Without rows of its own it gets one
    session as long as the event, one ticket type, and one door. Every ticket type admits to every session. Its signing
    key is derived. Raises Invalid for a wall time that the zone never showed, or showed twice.
    """
    tables = {code: language_table(code).new_event for code in LANGUAGES}
    if event.starts_at is None:
        derive_instants(event, event.zone)
    if not event.sessions:
        event.sessions = [EventSession(**{name: getattr(event, name) for name in TIMES})]
    if not event.ticket_types:
        event.ticket_types = [TicketType(title={code: table.ticket_type for code, table in tables.items()})]
    for position, session in enumerate(event.sessions):
        session.position = position
        session.plain_uid = len(event.sessions) == 1
        if session.starts_at is None:
            derive_instants(session, event.zone)
    event.search_key = search_key_of(event)
    db.add(event)
    db.flush()
    public = tickets.public_key(secret, event_id=event.id, version=1)
    db.add(TicketKey(event_id=event.id, version=1, public=public))
    db.add(Door(event_id=event.id, name={code: table.door for code, table in tables.items()}))
    db.add_all(
        TicketTypeSession(event_id=event.id, ticket_type_id=ticket_type.id, session_id=session.id)
        for ticket_type in event.ticket_types
        for session in event.sessions
    )
    db.flush()
    return event


def search_key_of(event: Event) -> str:
    """Return the search key of an event: title, city and speakers in every language."""
    texts = (event.title, event.city or {}, *(speaker.name for speaker in event.speakers))
    return search_key(" ".join(text for translations in texts for text in translations.values()))


def derive_instants(timed: Event | EventSession, zone: str) -> None:
    """Derive the UTC instants from wall times and zone. Raises Invalid at the wall time that is wrong."""
    timed.starts_at = instant(timed.starts_local, zone, "starts")
    timed.ends_at = instant(timed.ends_local, zone, "ends")


def instant(wall: datetime | None, zone: str, field: str, *, second: bool | None = None) -> datetime | None:
    """Return the instant of a wall time.

    Raises Invalid at `field` for one that the zone never showed, or showed twice.
    """
    try:
        return wall and clock.instant(wall, zone, second=second)
    except NoSuchTime:
        raise Invalid(field, "no_such_time") from None
    except AmbiguousTime:
        raise Invalid(field, "ambiguous_time") from None
