"""Registrations as their owners, and visitors with a scanned ticket, may see them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased, joinedload

from shared import tickets
from shared.errors import Missing
from shared.models import (
    Event,
    EventSession,
    OutboxMessage,
    Registration,
    RegistrationState,
    TicketKey,
    TicketType,
    TicketTypeSession,
    Unsubscription,
)
from shared.outbox import email_backlog
from shared.outbox.kinds import OF_REGISTRATIONS, MessageKind
from shared.outbox.outcomes import SENT


@dataclass(frozen=True, slots=True)
class Reach:
    """The state of emails about a registration.

    Unreachable: the last finished email failed, and no seat was taken because of it. Delayed: one waits, since many
    went to its address.
    """

    is_unreachable: bool = False
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class PendingChanges:
    """The names of the changes not yet sent, and the event's state before the first of them, where it is recorded."""

    words: Sequence[str] = ()
    before: Mapping[str, Any] | None = None


def find(db: Session, *, id: int, version: int) -> Registration:  # noqa: A002 - the token's own word
    """Return the registration of a token, with its event and ticket type. Raises Missing for a revoked token."""
    query = _whole().where(Registration.id == id, Registration.version == version)
    registration = db.scalars(query).unique().one_or_none()
    if registration is None:
        raise Missing("registration")
    return registration


def group(db: Session, *, registration_id: int) -> Sequence[Registration]:
    """Return a registration's group in its present state, for the worker: the host, then its guests in the order in
    which they were named, cancelled ones too, with event and ticket types. Empty where there is no such registration.
    """
    return db.scalars(_GROUP, {"registration_id": registration_id}).unique().all()


def newer(db: Session, *, registration: Registration) -> Registration | None:
    """Return the newest later registration of the same address for the event, guests excluded; None without one."""
    conditions = Registration.event_id == registration.event_id, Registration.email == registration.email
    later = select(Registration).where(*conditions, Registration.host_id.is_(None), Registration.id > registration.id)
    return db.scalars(later.order_by(Registration.id.desc()).limit(1)).one_or_none()


def companions(db: Session, *, host: Registration) -> Sequence[Registration]:
    """Return a host's live guests in the order in which they were named."""
    live = select(Registration).where(Registration.host_id == host.id, Registration.is_live)
    return db.scalars(live.order_by(Registration.id)).all()


def live(db: Session, *, links: Sequence[tuple[int, int]]) -> Sequence[Registration]:
    """Return the live registrations of these links (id, version), with event and ticket type, the next event first."""
    is_linked = tuple_(Registration.id, Registration.version).in_(links)
    with_sessions = (
        joinedload(Registration.event).selectinload(Event.sessions),
        joinedload(Registration.ticket_type).selectinload(TicketType.sessions),
    )
    query = select(Registration).options(*with_sessions).join(Registration.event).where(is_linked)
    return db.scalars(query.order_by(Event.starts_at.nulls_last(), Registration.id)).all()


def waiting_position(db: Session, *, registration: Registration) -> int:
    """Return a group's position on the waiting list of its ticket type: 1 is next."""
    party = func.coalesce(Registration.host_id, Registration.id)
    ahead = select(func.count(party.distinct())).where(
        Registration.ticket_type_id == registration.ticket_type_id,
        Registration.state == RegistrationState.WAITING,
        tuple_(Registration.waited_at, party)
        <= tuple_(registration.waited_at, registration.host_id or registration.id),
    )
    return db.scalar(ahead) or 0


def first_starts() -> Select[int, datetime]:
    """Select each ticket type's beginning: that of its first session, else the event's."""
    first: ColumnElement[datetime] = func.coalesce(func.min(EventSession.starts_at), Event.starts_at)
    return (
        select(TicketType.id.label("ticket_type_id"), first.label("starts_at"))
        .join(Event, Event.id == TicketType.event_id)
        .outerjoin(TicketTypeSession, TicketTypeSession.ticket_type_id == TicketType.id)
        .outerjoin(EventSession, EventSession.id == TicketTypeSession.session_id)
        .group_by(TicketType.id, Event.starts_at)
    )


def starts(db: Session, *, event: Event) -> Mapping[int, datetime]:
    """Return the beginning of each ticket type of an event that has a day."""
    rows = db.execute(first_starts().where(TicketType.event_id == event.id))
    return dict(rows.all())


def wants_news(db: Session, *, registration: Registration) -> bool:
    """Return True unless this contact unsubscribed from the organization's news."""
    refused = select(Unsubscription).where(
        Unsubscription.organization_id == registration.event.organization_id,
        Unsubscription.contact_key == registration.contact_key,
    )
    return db.scalars(refused).one_or_none() is None


def reach(db: Session, *, registration: Registration) -> Reach:
    """Return the state of emails about a registration."""
    conditions = OutboxMessage.kind.in_(OF_REGISTRATIONS), OutboxMessage.subject == registration.id
    finished = select(OutboxMessage.dead_at.is_not(None)).where(*conditions)
    finished = finished.where((OutboxMessage.outcome == SENT) | OutboxMessage.dead_at.is_not(None))
    newest = finished.order_by(func.coalesce(OutboxMessage.dead_at, OutboxMessage.finished_at).desc())
    is_unreachable, is_delayed = (
        newest.limit(1).scalar_subquery(),
        exists().where(*conditions, email_backlog.is_delayed()),
    )
    return Reach(*db.execute(select(func.coalesce(is_unreachable, false()), is_delayed)).one())


def has_later_email(db: Session, *, registration: Registration, sequence: int) -> bool:
    """Return True if a later change of the event is also sent to this group.

    Not every change is sent: some are not news, some only for tickets that admit to a changed session.
    """
    number = cast(func.split_part(OutboxMessage.key, ":", 1), Integer)
    emailed = exists().where(OutboxMessage.kind == MessageKind.EVENT_CHANGED, OutboxMessage.subject == registration.id)
    return bool(db.scalar(select(emailed.where(number > sequence))))


def pending_changes(db: Session, *, host_ids: Collection[int]) -> Mapping[int, PendingChanges]:
    """Return the changes of the event since the last email about them to each of these groups, by host; without groups
    that missed nothing.

    Of changes in quick succession only the last is emailed, so its email covers those before it.
    """
    query = select(OutboxMessage).where(
        OutboxMessage.kind == MessageKind.EVENT_CHANGED, OutboxMessage.subject.in_(host_ids)
    )
    changes = defaultdict[int, list[OutboxMessage]](list)
    for change in sorted(db.scalars(query), key=lambda change: int(change.key.partition(":")[0]), reverse=True):
        changes[change.subject].append(change)
    unsent = {
        host: list(takewhile(lambda change: change.outcome != SENT, messages)) for host, messages in changes.items()
    }
    return {host: _combine(messages) for host, messages in unsent.items() if messages}


def _combine(changes: Sequence[OutboxMessage]) -> PendingChanges:
    """Combine changes that were not sent, the newest first."""
    words = {word for change in changes for word in change.key.partition(":")[2].split(",")}
    return PendingChanges(sorted(words), changes[-1].before)


def by_code(db: Session, *, code: str) -> Registration:
    """Return the registration of a ticket's QR code. Raises Missing unless one of the event's keys signed it."""
    ticket = tickets.read(code)
    if ticket is None:
        raise Missing("ticket")
    key = TicketKey.event_id == Registration.event_id
    query = _whole().join(TicketKey, key).where(TicketKey.number == ticket.key_number)
    rows = db.execute(query.add_columns(TicketKey.public).where(Registration.ticket_id == ticket.ticket_id)).unique()
    genuine: list[Registration] = [registration for registration, public in rows if tickets.verify(ticket, public)]
    if not genuine:
        raise Missing("ticket")
    return genuine[0]


def _whole() -> Select[Registration]:
    event = joinedload(Registration.event)
    return select(Registration).options(
        event.joinedload(Event.organization),
        event.joinedload(Event.sessions),
        joinedload(Registration.ticket_type),
    )


def _select_group() -> Select[Registration]:
    named = aliased(Registration)
    host = select(func.coalesce(named.host_id, named.id)).where(named.id == bindparam("registration_id"))
    host_id = host.scalar_subquery()
    in_group = or_(Registration.id == host_id, Registration.host_id == host_id)
    keys = joinedload(Registration.event).joinedload(Event.keys)
    return _whole().options(keys).where(in_group).order_by(Registration.host_id.is_not(None), Registration.id)


# Once per process: each email runs it, and composing it costs more than sending it.
_GROUP = _select_group()
