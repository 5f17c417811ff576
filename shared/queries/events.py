"""Which events there are, and one event whole."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload, with_expression

from shared.errors import Missing
from shared.models import Event, Report

PAGE = 20
_LATEST = select(Report.figures["people"].as_integer()).where(Report.event_id == Event.id).correlate(Event)
PEOPLE = with_expression(Event.people, _LATEST.order_by(Report.version.desc()).limit(1).scalar_subquery())
LISTED = (
    PEOPLE,
    joinedload(Event.organization),
    joinedload(Event.series),
    selectinload(Event.ticket_types),
)
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


def find(db: Session, *, slug: str) -> Event:
    """An event with everything that its page shows; a private one too, for who knows its address.

    Raises Missing, also for a draft.
    """
    found = select(Event).where(Event.slug == slug, Event.state != "draft").options(*WHOLE)
    event = db.scalars(found).unique().one_or_none()
    if event is None:
        raise Missing("event")
    return event


def asks(db: Session, *, slug: str) -> str:
    """Which contacts an event asks for: all that its form needs to know. Raises Missing, also for a draft."""
    asked = db.scalar(select(Event.asks).where(Event.slug == slug, Event.state != "draft"))
    if asked is None:
        raise Missing("event")
    return asked


def get(db: Session, *, event_id: int) -> Event:
    """Any event, for those who organize it, with everything. Raises Missing."""
    event = db.scalars(select(Event).where(Event.id == event_id).options(*WHOLE)).unique().one_or_none()
    if event is None:
        raise Missing("event")
    return event


def upcoming(db: Session, *, now: datetime, limit: int = PAGE, offset: int = 0) -> Sequence[Event]:
    """Public events that are not over, the next one first."""
    coming = _public().where(Event.ends_at > now).order_by(Event.starts_at, Event.id)
    return db.scalars(coming.options(*LISTED).limit(limit).offset(offset)).all()


def past(db: Session, *, now: datetime, limit: int = PAGE, offset: int = 0) -> Sequence[Event]:
    """Public events that are over, the latest first; those whose time is not recorded come last."""
    over = _public().where(or_(Event.ends_at <= now, Event.ends_at.is_(None)))
    ordered = over.order_by(Event.starts_at.desc().nulls_last(), Event.id.desc())
    return db.scalars(ordered.options(*LISTED).limit(limit).offset(offset)).all()


def of_organization(
    db: Session, *, organization_ids: Sequence[int], limit: int = PAGE, offset: int = 0
) -> Sequence[Event]:
    """All events of these organizations, drafts too, the latest first."""
    mine = select(Event).where(Event.organization_id.in_(organization_ids))
    ordered = mine.order_by(Event.starts_at.desc().nulls_last(), Event.id.desc())
    return db.scalars(ordered.options(*LISTED).limit(limit).offset(offset)).all()


def _public() -> Select[Event]:
    return select(Event).where(Event.state != "draft", Event.private.is_(False))
