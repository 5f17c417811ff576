"""An organization's emails that are due, delayed, retried or failed, and the reasons.

Emails about an account and its sign-in belong to no organization and are excluded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import Session

from shared.audit import audit
from shared.models import Account, Event, Invitation, Mailing, OutboxMessage, Registration
from shared.outbox import outbox
from shared.outbox.kinds import NOT_OF_REGISTRATIONS, MessageKind

# Once per process: most emails run it, and composing it costs more than sending it.
_OVERTAKEN = select(
    exists().where(
        OutboxMessage.subject.in_(
            select(Registration.id).where(
                Registration.event_id == bindparam("event_id"), Registration.email == bindparam("email")
            )
        ),
        OutboxMessage.kind.in_(bindparam("kinds", expanding=True)),
        OutboxMessage.created_at < bindparam("before"),
        OutboxMessage.finished_at.is_(None),
        OutboxMessage.dead_at.is_(None),
        OutboxMessage.leased_until > func.now(),
    )
)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An email that could not be sent so far, its recipient, and the event that it is about."""

    message: OutboxMessage
    name: str | None
    address: str | None
    event: Event | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Numbers of failed, retried and due emails, the time of the oldest due one, and the number delayed by their
    recipient's budget.
    """

    given_up: int
    retried: int
    due: int
    since: datetime | None
    delayed: int


def undelivered(
    db: Session, *, organization_ids: Sequence[int], given_up: bool, limit: int, offset: int = 0
) -> Sequence[Undelivered]:
    """Return failed emails, or else those that are retried after a failure; the latest first."""
    stuck = OutboxMessage.dead_at.is_not(None) if given_up else _is_retried()
    query = _of(organization_ids, OutboxMessage, func.coalesce(Registration.name, ""), _address(), Event).where(stuck)
    rows = db.execute(query.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id).limit(limit).offset(offset))
    return [Undelivered(message, name or None, address, event) for message, name, address, event in rows]


def backlog(db: Session, *, organization_ids: Sequence[int], event_id: int | None = None) -> Backlog:
    """Count the organizations' emails that are stuck or wait; those of one event where it is named."""
    is_due = (OutboxMessage.dead_at.is_(None), OutboxMessage.finished_at.is_(None), OutboxMessage.due_at <= func.now())
    counts = (
        func.count().filter(OutboxMessage.dead_at.is_not(None)),
        func.count().filter(_is_retried()),
        func.count().filter(*is_due),
        func.min(OutboxMessage.due_at).filter(*is_due),
        func.count().filter(is_delayed()),
    )
    of_event = Event.id == event_id if event_id is not None else true()
    query = _of(organization_ids, *counts).where(of_event, is_unfinished())
    return Backlog(*db.execute(query).one())


def is_delayed() -> ColumnElement[bool]:
    """Return the condition that the recipient's budget delays a message: only a failure also makes it due later."""
    is_open = OutboxMessage.dead_at.is_(None) & OutboxMessage.finished_at.is_(None) & OutboxMessage.outcome.is_(None)
    return is_open & (OutboxMessage.due_at > func.now())


def is_repeated(db: Session, *, message: OutboxMessage) -> bool:
    """Return True if a newer message of this kind to the same recipient is still unfinished."""
    newer = (
        OutboxMessage.kind == message.kind,
        OutboxMessage.subject == message.subject,
        OutboxMessage.created_at > message.created_at,
    )
    return bool(
        db.scalar(select(exists().where(*newer, OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None))))
    )


def overtakes(db: Session, *, message: OutboxMessage, host: Registration, kinds: Collection[str]) -> bool:
    """Return True if an older email of these kinds to the same address about the same event is being sent now."""
    about = {"event_id": host.event_id, "email": host.email, "kinds": kinds, "before": message.created_at}
    return bool(db.scalar(_OVERTAKEN, about))


def stuck(*, organization_ids: Sequence[int], message_id: UUID | None = None) -> Select[UUID, int]:
    """Select the messages that failed or are retried, each with its organization; one of them where it is named."""
    organization = func.coalesce(Event.organization_id, Invitation.organization_id).label("owner")
    query = _of(organization_ids, OutboxMessage.id, organization)
    is_message = OutboxMessage.id == message_id if message_id else true()
    return query.where(is_unfinished(), or_(OutboxMessage.dead_at.is_not(None), _is_retried()), is_message)


def is_unfinished() -> ColumnElement[bool]:
    """Return the condition that a message is not finished, in the words of the partial indexes of open and dead ones.

    Spelled as finished_at IS NULL alone, every finished message of years would be read. Repeated in both halves of the
    alternative it would be put before them, and no index would be left.
    """
    is_open = OutboxMessage.finished_at.is_(None) & OutboxMessage.dead_at.is_(None)
    return OutboxMessage.finished_at.is_(None) & (is_open | OutboxMessage.dead_at.is_not(None))


def _is_retried() -> ColumnElement[bool]:
    return OutboxMessage.dead_at.is_(None) & OutboxMessage.finished_at.is_(None) & OutboxMessage.outcome.is_not(None)


def _address() -> ColumnElement[str]:
    return func.coalesce(Registration.email, Invitation.email)


def _of(organization_ids: Sequence[int], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Select the messages of these organizations, each with its subject."""
    about = OutboxMessage.kind.not_in(NOT_OF_REGISTRATIONS) & (Registration.id == OutboxMessage.subject)
    invited = (OutboxMessage.kind == MessageKind.INVITATION) & (Invitation.id == OutboxMessage.subject)
    tested = (OutboxMessage.kind == MessageKind.MAILING_TEST) & (Mailing.id == OutboxMessage.subject)
    return (
        select(*columns)
        .select_from(OutboxMessage)
        .outerjoin(Registration, about)
        .outerjoin(Invitation, invited)
        .outerjoin(Mailing, tested)
        .outerjoin(Event, Event.id == func.coalesce(Registration.event_id, Mailing.event_id))
        .where(func.coalesce(Event.organization_id, Invitation.organization_id).in_(organization_ids))
    )


def send_again(db: Session, *, organization_ids: Sequence[int], by: Account, message_id: UUID | None = None) -> int:
    """Make the failed emails of these organizations due now, or one message of them; return how many.

    The audit of each organization records its own number.
    """
    requeued = outbox.requeue(db, stuck(organization_ids=organization_ids, message_id=message_id))
    for organization_id, count in sorted(requeued.items()):
        audit.note(db, by=by, action="email.resent", organization_id=organization_id, mails=count)
    return sum(requeued.values())
