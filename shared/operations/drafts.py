"""From the idea to a published event: a draft, also as a copy of an earlier event; its address; publishing it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Texts, broken_by, lock_row
from shared.errors import Conflicting, Invalid
from shared.models import (
    Account,
    Audit,
    Door,
    Event,
    EventSession,
    Partner,
    Question,
    Series,
    Speaker,
    TicketType,
    TicketTypeSession,
)
from shared.operations import addresses, audit, events
from shared.operations.editing import Timing, instants, later, require_own, shift, touch

OWN = frozenset(
    {
        "id",
        "slug",
        "state",
        "title",
        "languages",
        "starts_local",
        "ends_local",
        "starts_at",
        "ends_at",
        "opens_at",
        "closes_at",
        "known",
        "recap",
        "headcount",
        "cancelled_because",
        "doors_closed_at",
        "taken",
        "waiting",
        "version",
        "screen_version",
        "headcount_version",
        "sequence",
        "changed_silently",
        "search_key",
        "updated_at",
        "created_at",
    }
)
"""What a copy does not take over as it is: its address, its times, and everything that people and scans add."""
ROWS = frozenset(("id", "event_id", "taken", "waiting", "starts_local", "ends_local", "starts_at", "ends_at"))
TWO_HOURS = timedelta(hours=2)
AGAIN = timedelta(minutes=1)
"""Whoever wants two drafts of the same does not send their forms within this time."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The little that a new event starts with; wall times are those of the organization's zone."""

    language: str
    title: str
    starts: datetime
    ends: datetime
    starts_second: bool | None = None
    """Which of two it is, where the clock shows it twice."""
    ends_second: bool | None = None
    venue: str = ""
    capacity: int | None = None

    def columns(self, zone: str) -> dict[str, Any]:
        """What an event in a zone has of it. Raises Invalid at `starts` or `ends`."""
        timing = Timing("minute", zone, self.starts, self.ends, self.starts_second, self.ends_second)
        starts_at, ends_at = instants(timing)
        return {
            "zone": zone,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "title": {self.language: self.title},
            "venue": {self.language: self.venue} if self.venue else {},
            "starts_local": self.starts,
            "ends_local": self.ends,
            "capacity": self.capacity,
        }


def made_already(db: Session, *, organization_id: int, by: Account, **same: Any) -> Event | None:
    """The draft with these columns that this account made a moment ago: a form that is sent twice makes one event.

    Whoever sends it again while the first one is being made waits for that here.
    """
    lock_row(db, Account, by.id)
    act = Audit.account_id == by.id, Audit.at > clock.now() - AGAIN, Audit.action.in_(("event.created", "event.copied"))
    found = select(Event).filter_by(organization_id=organization_id, state="draft", **same)
    return db.scalars(found.join(Audit, Audit.event_id == Event.id).where(*act).order_by(Event.id).limit(1)).first()


def create(
    db: Session, *, organization: Any, by: Account, sketch: Sketch, secret: bytes, series: Series | None = None
) -> Event:
    """A draft of an event in one language. Raises Invalid at `starts` or `ends`, Missing for another's series."""
    require_own(series, organization.id)
    languages = [sketch.language, *(code for code in organization.languages if code != sketch.language)]
    event = Event(
        organization_id=organization.id,
        series_id=series.id if series else None,
        languages=languages,
        **sketch.columns(organization.zone),
    )
    added = _at_a_free_address(db, event, sketch.title, secret)
    audit.note(db, by=by, action="event.created", event=added)
    return added


def copy(
    db: Session,
    *,
    event: Event,
    by: Account,
    title: Texts,
    starts: datetime,
    second: bool | None = None,
    slug: str,
    secret: bytes,
) -> Event:
    """A draft with everything of an event but its people, scans and reports; all its times move with its start.

    `second` is which of two starts it is where the clock shows it twice, also for what else falls into that hour.
    Raises Invalid at `starts`, or at `slug` for one that is in use.
    """
    distance = starts - event.starts_local if event.starts_local else timedelta(0)
    lasts = event.ends_local - event.starts_local if event.starts_local and event.ends_local else timedelta(0)
    timing = Timing("minute", event.zone, starts, starts + (lasts or TWO_HOURS), second, bool(second))
    taken = _columns(event, OWN)
    twin = Event(**taken, slug=slug, title=title, languages=list(event.languages), known="minute")
    twin.starts_local, twin.ends_local = timing.starts, timing.ends
    twin.starts_at, twin.ends_at = _instants_of_copy(timing)
    twin.opens_at, twin.closes_at = _window(event, distance, timing)
    twin.sessions = [_session(part, twin, distance, timing) for part in event.sessions]
    twin.ticket_types = [_kind(kind, distance, timing) for kind in event.ticket_types]
    twin.speakers = [Speaker(**_columns(one, ROWS)) for one in event.speakers]
    twin.partners = [Partner(**_columns(one, ROWS)) for one in event.partners]
    with_address(db, twin, secret)
    _copy_admissions(db, event, twin)
    _copy_questions(db, event, twin)
    _copy_doors(db, event, twin)
    audit.note(db, by=by, action="event.copied", event=twin, source=event.id)
    return twin


def with_address(db: Session, event: Event, secret: bytes) -> Event:
    """Add an event under the address that was chosen for it. Raises Invalid at `slug` for one that is in use."""
    try:
        with db.begin_nested():
            return events.add(db, event, secret=secret)
    except IntegrityError as error:
        raise _slug_taken(error) from None


def change_slug(db: Session, *, event: Event, by: Account, slug: str) -> None:
    """Give a draft another address. Raises Conflicting once it is published, Invalid for one that is in use."""
    if event.state != "draft":
        raise Conflicting("published")
    if slug == event.slug:
        return
    try:
        with db.begin_nested():
            event.slug = slug
            db.flush()
    except IntegrityError as error:
        raise _slug_taken(error) from None
    touch(db, event=event, by=by, action="event.edited", part="address", fields=["slug"])


def publish(db: Session, *, event: Event, by: Account) -> None:
    """Show a draft to everybody. Raises Conflicting for one that is no draft, or not ready."""
    if event.state != "draft" or missing(event):
        raise Conflicting("not_ready" if event.state == "draft" else event.state)
    event.state = "published"
    touch(db, event=event, by=by, action="event.published")


def discard(db: Session, *, event: Event, by: Account) -> None:
    """Throw a draft away with everything that was prepared for it. Raises Conflicting for one that was ever shown, or
    that people or phones belong to.
    """
    if event.state != "draft":
        raise Conflicting("draft_in_use")
    audit.note(db, by=by, action="event.draft_deleted", event=event)
    try:
        with db.begin_nested():
            db.execute(delete(Event).where(Event.id == event.id), execution_options={"synchronize_session": False})
    except IntegrityError:
        # What scans and registrations hang on is never deleted: their foreign keys refuse it.
        raise Conflicting("draft_in_use") from None


def missing(event: Event) -> Sequence[str]:
    """What an event needs before anybody may see it, as words: title, time, place."""
    needs = {
        "title": event.title.get(event.languages[0]),
        "time": event.starts_at and event.ends_at,
        "place": event.venue or event.address or event.city,
    }
    return [name for name, given in needs.items() if not given]


def _instants_of_copy(timing: Timing) -> tuple[datetime | None, datetime | None]:
    try:
        return instants(timing)
    except Invalid as error:
        # The end is computed: what can be changed is the start.
        raise Invalid("starts", error.reason if error.field == "starts" else "end_jumped") from None


def _at_a_free_address(db: Session, event: Event, title: str, secret: bytes) -> Event:
    for _ in range(addresses.TRIED):
        event.slug = addresses.propose_slug(db, title)
        # Somebody else may take it meanwhile, and is seen by the next look.
        with suppress(Invalid):
            return with_address(db, event, secret)
    raise Invalid("slug", "slug_taken")


def _columns(row: Any, without: frozenset[str]) -> dict[str, Any]:
    names = (column.name for column in row.__table__.columns)
    return {name: getattr(row, name) for name in names if name not in without}


def _session(part: EventSession, twin: Event, distance: timedelta, timing: Timing) -> EventSession:
    source: Event | EventSession = part if part.starts_local else twin
    copied = EventSession(**_columns(part, ROWS), **{name: getattr(source, name) for name in events.TIMES})
    if source is part:
        shift(copied, distance, timing)
    return copied


def _kind(kind: TicketType, distance: timedelta, timing: Timing) -> TicketType:
    twin = TicketType(**_columns(kind, ROWS))
    twin.opens_at, twin.closes_at = _window(kind, distance, timing)
    return twin


def _window(of: Event | TicketType, distance: timedelta, timing: Timing) -> Iterator[datetime | None]:
    return (at and later(at, distance, timing.zone, timing) for at in (of.opens_at, of.closes_at))


def _copy_admissions(db: Session, event: Event, twin: Event) -> None:
    kinds, parts = _twins(event.ticket_types, twin.ticket_types), _twins(event.sessions, twin.sessions)
    db.execute(delete(TicketTypeSession).where(TicketTypeSession.event_id == twin.id))
    pairs = db.scalars(select(TicketTypeSession).where(TicketTypeSession.event_id == event.id)).all()
    db.add_all(
        TicketTypeSession(event_id=twin.id, ticket_type_id=kinds[one.ticket_type_id], session_id=parts[one.session_id])
        for one in pairs
    )
    db.flush()


def _copy_questions(db: Session, event: Event, twin: Event) -> None:
    kinds = _twins(event.ticket_types, twin.ticket_types)
    for one in event.questions:
        given = _columns(one, ROWS | {"ticket_type_id"})
        twin.questions.append(Question(**given, ticket_type_id=kinds.get(one.ticket_type_id or 0)))
    db.flush()


def _copy_doors(db: Session, event: Event, twin: Event) -> None:
    names = db.scalars(select(Door.name).where(Door.event_id == event.id, Door.closed_at.is_(None)).order_by(Door.id))
    given = names.all()
    if given:
        db.execute(delete(Door).where(Door.event_id == twin.id))
        db.add_all(Door(event_id=twin.id, name=name) for name in given)
        db.flush()


def _twins(rows: Sequence[Any], twins: Sequence[Any]) -> dict[int, int]:
    return {row.id: twin.id for row, twin in zip(rows, twins, strict=True)}


def _slug_taken(error: IntegrityError) -> Invalid:
    if broken_by(error) != "uq_event_slug":
        raise error
    return Invalid("slug", "slug_taken")
