"""What the worker owes to an organization's people: what could not be mailed and why, and what waits.

What is emailed about an account and how it signs in belongs to no organization, and is not among them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session

from shared.models import Event, Invitation, Mailing, OutboxMessage, Registration

OF_ACCOUNTS = ("sign_in_link", "password_reset", "account_notice")
NOT_OF_REGISTRATIONS = (*OF_ACCOUNTS, "invitation", "mailing_test")

# RFC 5321: 5yz is for good. An outcome is what was raised, in words: its name, and what smtplib makes of it.
ADDRESS_REFUSED = r"^SMTPRecipientsRefused: \{\S+: \(5\d\d, "
"""The outcome of a mail to an address that the mail server will never take."""
REFUSED_FOR_GOOD = rf"{ADDRESS_REFUSED}|^SMTPDataError: \(5\d\d, "
"""The same, or of a mail that it did not take itself; it may yet on another day, when a quota begins anew."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail that could not be sent so far, whom it is for, and the event that it is about."""

    message: OutboxMessage
    name: str | None
    address: str | None
    event: Event | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many mails were given up, are tried again after a failure, and are due; since when the oldest is due; and how
    many the budget of their recipient delays.
    """

    given_up: int
    retried: int
    due: int
    since: datetime | None
    delayed: int


def undelivered(
    db: Session, *, organization_ids: Sequence[int], given_up: bool, limit: int, offset: int = 0
) -> Sequence[Undelivered]:
    """Mails that were given up, or else those that failed and are tried again; the latest first."""
    stuck = OutboxMessage.dead_at.is_not(None) if given_up else _is_retried()
    found = _of(organization_ids, OutboxMessage, func.coalesce(Registration.name, ""), _address(), Event).where(stuck)
    rows = db.execute(found.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id).limit(limit).offset(offset))
    return [Undelivered(message, name or None, address, event) for message, name, address, event in rows]


def backlog(db: Session, *, organization_ids: Sequence[int], event_id: int | None = None) -> Backlog:
    """How much of their organizations' mail is stuck or waits; of one event where it is named."""
    is_due = (OutboxMessage.dead_at.is_(None), OutboxMessage.finished_at.is_(None), OutboxMessage.due_at <= func.now())
    counts = (
        func.count().filter(OutboxMessage.dead_at.is_not(None)),
        func.count().filter(_is_retried()),
        func.count().filter(*is_due),
        func.min(OutboxMessage.due_at).filter(*is_due),
        func.count().filter(is_delayed()),
    )
    of_event = Event.id == event_id if event_id is not None else true()
    found = _of(organization_ids, *counts).where(of_event, OutboxMessage.finished_at.is_(None))
    return Backlog(*db.execute(found).one())


def is_delayed() -> ColumnElement[bool]:
    """Whether the budget of its recipient makes a promise wait: nothing else is due later without a failure."""
    is_open = OutboxMessage.dead_at.is_(None) & OutboxMessage.finished_at.is_(None) & OutboxMessage.outcome.is_(None)
    return is_open & (OutboxMessage.due_at > func.now())


def is_repeated(db: Session, *, message: OutboxMessage) -> bool:
    """Whether the same was promised to the same again, later, and is not kept yet."""
    newer = (
        OutboxMessage.kind == message.kind,
        OutboxMessage.subject == message.subject,
        OutboxMessage.created_at > message.created_at,
    )
    return bool(
        db.scalar(select(exists().where(*newer, OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None))))
    )


def overtakes(db: Session, *, message: OutboxMessage, host: Registration, kinds: Collection[str]) -> bool:
    """Whether an older email of these kinds to the same address about the same event is being sent at this moment."""
    same = select(Registration.id).where(Registration.event_id == host.event_id, Registration.email == host.email)
    older = (
        OutboxMessage.subject.in_(same),
        OutboxMessage.kind.in_(kinds),
        OutboxMessage.created_at < message.created_at,
    )
    being_sent = (
        OutboxMessage.finished_at.is_(None),
        OutboxMessage.dead_at.is_(None),
        OutboxMessage.leased_until > func.now(),
    )
    return bool(db.scalar(select(exists().where(*older, *being_sent))))


def stuck(*, organization_ids: Sequence[int], message_id: UUID | None = None) -> Select[UUID, int]:
    """Asks for the promises that were given up or failed so far, and the organization of each; for one of them where it
    is named.
    """
    organization = func.coalesce(Event.organization_id, Invitation.organization_id).label("owner")
    found = _of(organization_ids, OutboxMessage.id, organization)
    named = OutboxMessage.id == message_id if message_id else true()
    return found.where(
        OutboxMessage.finished_at.is_(None), or_(OutboxMessage.dead_at.is_not(None), _is_retried()), named
    )


def _is_retried() -> ColumnElement[bool]:
    return OutboxMessage.dead_at.is_(None) & OutboxMessage.finished_at.is_(None) & OutboxMessage.outcome.is_not(None)


def _address() -> ColumnElement[str]:
    return func.coalesce(Registration.email, Invitation.email)


def _of(organization_ids: Sequence[int], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Promises of these organizations, each with what it is about."""
    about = OutboxMessage.kind.not_in(NOT_OF_REGISTRATIONS) & (Registration.id == OutboxMessage.subject)
    invited = (OutboxMessage.kind == "invitation") & (Invitation.id == OutboxMessage.subject)
    tested = (OutboxMessage.kind == "mailing_test") & (Mailing.id == OutboxMessage.subject)
    return (
        select(*columns)
        .select_from(OutboxMessage)
        .outerjoin(Registration, about)
        .outerjoin(Invitation, invited)
        .outerjoin(Mailing, tested)
        .outerjoin(Event, Event.id == func.coalesce(Registration.event_id, Mailing.event_id))
        .where(func.coalesce(Event.organization_id, Invitation.organization_id).in_(organization_ids))
    )
