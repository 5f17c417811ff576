"""From an idea to a published event: creating a draft, copying an earlier event, changing the address, publishing."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.database import Texts, broken_by, lock_row
from shared.errors import Conflicting, Invalid
from shared.events import events, slugs
from shared.events.editing import Timing, instants, later, require_own, shift, touch
from shared.models import (
    Account,
    Audit,
    Door,
    Event,
    EventSession,
    EventState,
    Partner,
    Precision,
    Question,
    Series,
    Speaker,
    TicketType,
    TicketTypeSession,
)

NOT_COPIED = frozenset(
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
"""Columns that a copy does not take over: its address, its times, and everything that people and scans add."""
NOT_COPIED_OF_ROWS = frozenset(
    ("id", "event_id", "taken", "waiting", "starts_local", "ends_local", "starts_at", "ends_at")
)
TWO_HOURS = timedelta(hours=2)
RESUBMITTED_WITHIN = timedelta(minutes=1)
"""Two identical drafts within this time are one form that was sent twice."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The few values that a new event starts with; wall times are those of the organization's zone."""

    language: str
    title: str
    starts: datetime
    ends: datetime
    starts_second: bool | None = None
    """Which of two moments it is when the clock shows the time twice."""
    ends_second: bool | None = None
    venue: str = ""
    capacity: int | None = None

    def columns(self, zone: str) -> dict[str, Any]:
        """Return its columns for an event in a zone. Raises Invalid at `starts` or `ends`."""
        timing = Timing(Precision.MINUTE, zone, self.starts, self.ends, self.starts_second, self.ends_second)
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


def find_recent_draft(db: Session, *, organization_id: int, by: Account, **same: Any) -> Event | None:
    """Return the draft with these columns that this account made a moment ago: a form sent twice makes one event.

    A second request waits here while the first one creates the event.
    """
    lock_row(db, Account, by.id)
    recent = (
        Audit.account_id == by.id,
        Audit.at > clock.now() - RESUBMITTED_WITHIN,
        Audit.action.in_(("event.created", "event.copied")),
    )
    drafts = select(Event).filter_by(organization_id=organization_id, state=EventState.DRAFT, **same)
    return db.scalars(drafts.join(Audit, Audit.event_id == Event.id).where(*recent).order_by(Event.id).limit(1)).first()


def create(
    db: Session, *, organization: Any, by: Account, sketch: Sketch, secret: bytes, series: Series | None = None
) -> Event:
    """Create a draft of an event in one language.

    Raises Invalid at `starts` or `ends`, Missing for another organization's series.
    """
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
    """Create a draft with everything of an event but its people, scans and reports; all its times move with its start.

    `second` chooses between two starts when the clock shows the time twice, also for other times in that hour. Raises
    Invalid at `starts`, or at `slug` for one that is in use.
    """
    distance = starts - event.starts_local if event.starts_local else timedelta(0)
    lasts = event.ends_local - event.starts_local if event.starts_local and event.ends_local else timedelta(0)
    timing = Timing(Precision.MINUTE, event.zone, starts, starts + (lasts or TWO_HOURS), second, bool(second))
    columns = _columns(event, NOT_COPIED)
    twin = Event(**columns, slug=slug, title=title, languages=list(event.languages), known=Precision.MINUTE)
    twin.starts_local, twin.ends_local = timing.starts, timing.ends
    twin.starts_at, twin.ends_at = _instants_of_copy(timing)
    twin.opens_at, twin.closes_at = _window(event, distance, timing)
    twin.sessions = [_session(session, twin, distance, timing) for session in event.sessions]
    twin.ticket_types = [_ticket_type(ticket_type, distance, timing) for ticket_type in event.ticket_types]
    twin.speakers = [Speaker(**_columns(row, NOT_COPIED_OF_ROWS)) for row in event.speakers]
    twin.partners = [Partner(**_columns(row, NOT_COPIED_OF_ROWS)) for row in event.partners]
    with_address(db, twin, secret)
    _copy_admissions(db, event, twin)
    _copy_questions(db, event, twin)
    _copy_doors(db, event, twin)
    audit.note(db, by=by, action="event.copied", event=twin, source=event.id)
    return twin


def with_address(db: Session, event: Event, secret: bytes) -> Event:
    """Add an event under its chosen address. Raises Invalid at `slug` for one that is in use."""
    try:
        with db.begin_nested():
            return events.add(db, event, secret=secret)
    except IntegrityError as error:
        raise _slug_taken(error) from None


def change_slug(db: Session, *, event: Event, by: Account, slug: str) -> None:
    """Change the address of a draft. Raises Conflicting once it is published, Invalid for one that is in use."""
    if event.state != EventState.DRAFT:
        raise Conflicting(EventState.PUBLISHED)
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
    """Publish a draft. Raises Conflicting for an event that is no draft, or not ready."""
    if event.state != EventState.DRAFT or missing(event):
        raise Conflicting("not_ready" if event.state == EventState.DRAFT else event.state)
    event.state = EventState.PUBLISHED
    touch(db, event=event, by=by, action="event.published")


def discard(db: Session, *, event: Event, by: Account) -> None:
    """Delete a draft with everything prepared for it.

    Raises Conflicting for an event that was ever published, or that has people or phones.
    """
    if event.state != EventState.DRAFT:
        raise Conflicting("draft_in_use")
    audit.note(db, by=by, action="event.draft_deleted", event=event)
    try:
        with db.begin_nested():
            db.execute(delete(Event).where(Event.id == event.id), execution_options={"synchronize_session": False})
    except IntegrityError:
        # An event with scans or registrations is never deleted: their foreign keys refuse it.
        raise Conflicting("draft_in_use") from None


def missing(event: Event) -> Sequence[str]:
    """Return what an event lacks before it can be published, as words: title, time, place."""
    needs = {
        "title": event.title.get(event.languages[0]),
        "time": event.starts_at and event.ends_at,
        "place": event.venue or event.address or event.city,
    }
    return [name for name, value in needs.items() if not value]


def _instants_of_copy(timing: Timing) -> tuple[datetime | None, datetime | None]:
    try:
        return instants(timing)
    except Invalid as error:
        # The end is computed: only the start can be corrected.
        raise Invalid("starts", error.reason if error.field == "starts" else "end_jumped") from None


def _at_a_free_address(db: Session, event: Event, title: str, secret: bytes) -> Event:
    for _ in range(slugs.TRIED):
        event.slug = slugs.propose_slug(db, title)
        # Another transaction may take it meanwhile; the next attempt sees that.
        with suppress(Invalid):
            return with_address(db, event, secret)
    raise Invalid("slug", "slug_taken")


def _columns(row: Any, without: frozenset[str]) -> dict[str, Any]:
    names = (column.name for column in row.__table__.columns)
    return {name: getattr(row, name) for name in names if name not in without}


def _session(session: EventSession, twin: Event, distance: timedelta, timing: Timing) -> EventSession:
    source: Event | EventSession = session if session.starts_local else twin
    copied = EventSession(
        **_columns(session, NOT_COPIED_OF_ROWS), **{name: getattr(source, name) for name in events.TIMES}
    )
    if source is session:
        shift(copied, distance, timing)
    return copied


def _ticket_type(ticket_type: TicketType, distance: timedelta, timing: Timing) -> TicketType:
    twin = TicketType(**_columns(ticket_type, NOT_COPIED_OF_ROWS))
    twin.opens_at, twin.closes_at = _window(ticket_type, distance, timing)
    return twin


def _window(row: Event | TicketType, distance: timedelta, timing: Timing) -> Iterator[datetime | None]:
    return (at and later(at, distance, timing.zone, timing) for at in (row.opens_at, row.closes_at))


def _copy_admissions(db: Session, event: Event, twin: Event) -> None:
    ticket_types, sessions = _twins(event.ticket_types, twin.ticket_types), _twins(event.sessions, twin.sessions)
    db.execute(delete(TicketTypeSession).where(TicketTypeSession.event_id == twin.id))
    pairs = db.scalars(select(TicketTypeSession).where(TicketTypeSession.event_id == event.id)).all()
    db.add_all(
        TicketTypeSession(
            event_id=twin.id, ticket_type_id=ticket_types[pair.ticket_type_id], session_id=sessions[pair.session_id]
        )
        for pair in pairs
    )
    db.flush()


def _copy_questions(db: Session, event: Event, twin: Event) -> None:
    ticket_types = _twins(event.ticket_types, twin.ticket_types)
    for question in event.questions:
        columns = _columns(question, NOT_COPIED_OF_ROWS | {"ticket_type_id"})
        twin.questions.append(Question(**columns, ticket_type_id=ticket_types.get(question.ticket_type_id or 0)))
    db.flush()


def _copy_doors(db: Session, event: Event, twin: Event) -> None:
    doors = select(Door.name).where(Door.event_id == event.id, Door.closed_at.is_(None)).order_by(Door.id)
    names = db.scalars(doors).all()
    if names:
        db.execute(delete(Door).where(Door.event_id == twin.id))
        db.add_all(Door(event_id=twin.id, name=name) for name in names)
        db.flush()


def _twins(rows: Sequence[Any], twins: Sequence[Any]) -> dict[int, int]:
    return {row.id: twin.id for row, twin in zip(rows, twins, strict=True)}


def _slug_taken(error: IntegrityError) -> Invalid:
    if broken_by(error) != "uq_event_slug":
        raise error
    return Invalid("slug", "slug_taken")
