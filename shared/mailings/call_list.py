"""Attendees whom no email reaches with news they need: the organizer calls them.

They gave no address, or one that the mail server refuses for good. News that is no longer true is left out, and so is
news that a later email has delivered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from shared.database import Choice
from shared.models import CancelledBy, Event, EventState, FailureReason, OutboxMessage, Registration, RegistrationState
from shared.outbox.kinds import MessageKind
from shared.outbox.outcomes import SENT, SkipReason, skipped
from shared.registrations import people, registrations
from shared.registrations.registrations import PendingChanges

NEWS = (
    MessageKind.EVENT_CANCELLED,
    MessageKind.EVENT_CHANGED,
    MessageKind.PLACE_TAKEN_BACK,
    MessageKind.REGISTRATION_CONFIRMED,
    MessageKind.SEAT_OFFERED,
)
"""News that an attendee must have; without it they would come for nothing, or not at all."""
LIVE = (
    RegistrationState.UNCONFIRMED,
    RegistrationState.CONFIRMED,
    RegistrationState.WAITING,
    RegistrationState.OFFERED,
)
STATUS_EMAILS = (*NEWS, MessageKind.TICKET_AGAIN)
"""Each of these emails states the situation as of its sending."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """An attendee to call: the host whose contact counts, their live group, the news, why an email failed if one did,
    and the event's time and venue before they changed.
    """

    about: Registration
    host: Registration
    party: Sequence[Registration]
    news: Sequence[str]
    failure: FailureReason | None
    before: Mapping[str, Any] | None


def count(db: Session, *, event: Event) -> int:
    """Count an event's attendees to call."""
    news = _news(event)
    return db.scalar(select(func.count(distinct(news.c.about)))) or 0


def listed(db: Session, *, event: Event, limit: int, offset: int) -> Sequence[Unreached]:
    """Return an event's attendees to call, by name."""
    news, host = _news(event), aliased(Registration)
    news_kinds = func.array_agg(distinct(news.c.kind)).label("kinds")
    news_by_person = (
        select(news.c.about, news_kinds, func.max(news.c.failure).label("failure")).group_by(news.c.about).subquery()
    )
    query = (
        select(Registration, host, news_by_person.c.kinds, news_by_person.c.failure)
        .join(news_by_person, news_by_person.c.about == Registration.id)
        .join(host, host.id == _host_id())
        .order_by(Registration.name_order, Registration.id)
    )
    rows = db.execute(query.limit(limit).offset(offset)).all()
    hosts = [host.id for _, host, _, _ in rows]
    parties, pending = people.parties(db, event=event, hosts=hosts), registrations.pending_changes(db, host_ids=hosts)
    return [
        Unreached(about, host, parties[host.id], news_kinds, failure, pending.get(host.id, PendingChanges()).before)
        for about, host, news_kinds, failure in rows
    ]


def _news(event: Event) -> Subquery:
    """Select each undelivered news: the registration, the kind of news, and why its email failed."""
    host = aliased(Registration)
    has_failed = OutboxMessage.dead_at.is_not(None) & OutboxMessage.outcome.is_not(None)
    other = literal(FailureReason.OTHER, Choice(FailureReason))
    failure = case((has_failed, func.coalesce(OutboxMessage.failure, other))).label("failure")
    news = (
        select(Registration.id.label("about"), OutboxMessage.kind, failure)
        .join(Registration, Registration.id == OutboxMessage.subject)
        .join(host, host.id == _host_id())
        .where(Registration.event_id == event.id, OutboxMessage.kind.in_(NEWS), _is_true(event, host.id))
    )
    return union_all(
        _without_address(news, host), news.where(OutboxMessage.dead_at.is_not(None), ~_is_told())
    ).subquery()


def _without_address(news: Select[*tuple[object, ...]], host: type[Registration]) -> Select[*tuple[object, ...]]:
    """Select the news of registrations without an address.

    A seat at once was confirmed on the page, so only those who waited need the call.
    """
    is_skipped = OutboxMessage.finished_at.is_(None) | (OutboxMessage.outcome == skipped(SkipReason.NO_ADDRESS))
    is_news = (OutboxMessage.kind != MessageKind.REGISTRATION_CONFIRMED) | host.waited_at.is_not(None)
    silent = news.where(Registration.email.is_(None), host.email.is_(None), OutboxMessage.dead_at.is_(None))
    return silent.where(is_skipped, is_news)


def _is_told() -> ColumnElement[bool]:
    """Return the condition that a later email with the same news arrived."""
    later = aliased(OutboxMessage)
    arrived = (later.outcome == SENT, later.finished_at > OutboxMessage.created_at)
    return exists().where(later.subject == OutboxMessage.subject, later.kind.in_(STATUS_EMAILS), *arrived)


def _is_true(event: Event, host_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that the news is still true for the event as it is now."""
    taken_back = (OutboxMessage.kind == MessageKind.PLACE_TAKEN_BACK) & (
        Registration.cancelled_by == CancelledBy.ORGANIZER
    )
    if event.state == EventState.CANCELLED:
        return or_(OutboxMessage.kind == MessageKind.EVENT_CANCELLED, taken_back)
    return or_(
        taken_back,
        and_(OutboxMessage.kind == MessageKind.EVENT_CHANGED, _has(host_id, *LIVE)),
        and_(OutboxMessage.kind == MessageKind.REGISTRATION_CONFIRMED, _has(host_id, RegistrationState.CONFIRMED)),
        and_(OutboxMessage.kind == MessageKind.SEAT_OFFERED, _has(host_id, RegistrationState.OFFERED)),
    )


def _has(host_id: SQLColumnExpression[int], *states: str) -> ColumnElement[bool]:
    """Return the condition that a group has a registration in one of these states."""
    member = aliased(Registration)
    return exists().where(or_(member.id == host_id, member.host_id == host_id), member.state.in_(states))


def _host_id() -> ColumnElement[int]:
    return func.coalesce(Registration.host_id, Registration.id)
