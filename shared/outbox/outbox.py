"""The outbox: side effects as rows, written in the transaction of the change that makes them necessary.

Use cases enqueue messages; the worker claims, finishes or retries them. The attempt is counted at the claim, so a row
that kills its process is not retried forever. Leases and due times use the database's clock, since workers may run on
machines whose clocks differ. A lease is short and renewed while the email is being sent, so it ends soon after a worker
that was killed.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Select, Text, bindparam, case, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared.models import FailureReason, OutboxMessage
from shared.outbox.kinds import KINDS, MessageKind
from shared.outbox.outcomes import SkipReason, skipped

ATTEMPTS = 60
LEASE_SECONDS = 40
FIRST_DELAY_SECONDS = 15
LONGEST_DELAY_SECONDS = 3600

_OPEN = (OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None))
_LEASE_END = func.now() + text(f"interval '{LEASE_SECONDS} seconds'")
_UNLEASED = func.coalesce(OutboxMessage.leased_until, text("'-infinity'")) < func.now()

# Composing a statement costs more than sending it: each email runs these two.
_DUE = (
    select(OutboxMessage.id)
    .where(*_OPEN, OutboxMessage.due_at <= func.now(), _UNLEASED, OutboxMessage.attempts < ATTEMPTS)
    .order_by(OutboxMessage.priority, OutboxMessage.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = (
    update(OutboxMessage)
    .where(OutboxMessage.id == _DUE)
    .values(attempts=OutboxMessage.attempts + 1, leased_until=_LEASE_END)
    .returning(OutboxMessage)
    .execution_options(synchronize_session=False)
)
_FINISH = (
    update(OutboxMessage)
    .where(OutboxMessage.id == bindparam("message_id"), *_OPEN)
    .values(finished_at=func.now(), leased_until=None, outcome=bindparam("result"), failure=None)
    .execution_options(synchronize_session=False)
)


def enqueue(db: Session, kind: MessageKind, *, subject: int, key: str = "", due_at: datetime | None = None) -> None:
    """Enqueue a message; one with the same kind, subject and key is enqueued once."""
    row = {"kind": kind, "subject": subject, "key": key, "priority": KINDS[kind].priority}
    if due_at is not None:
        row["due_at"] = due_at
    db.execute(insert(OutboxMessage).values(row).on_conflict_do_nothing())


def enqueue_each(
    db: Session,
    kind: MessageKind,
    *,
    subjects: Collection[int],
    key: str = "",
    priority: int | None = None,
    exempt: bool = False,
) -> None:
    """Enqueue the same message for many subjects in one statement.

    `priority` replaces the kind's own; `exempt` says that an organizer caused it.
    """
    if not subjects:
        return
    each = func.unnest(literal(sorted(subjects), ARRAY(BigInteger)))
    rows = select(literal(kind, Text), each, literal(key), literal(priority or KINDS[kind].priority), literal(exempt))
    enqueued = insert(OutboxMessage).from_select(["kind", "subject", "key", "priority", "exempt"], rows)
    db.execute(enqueued.on_conflict_do_nothing())


def claim(db: Session) -> OutboxMessage | None:
    """Claim the most urgent message that is due and not leased: count the attempt and lease it for 40 s."""
    return db.scalars(_CLAIM).one_or_none()


def renew(db: Session, message_id: UUID, *, attempts: int) -> bool:
    """Renew the lease of a message claimed as this attempt; return False if it has ended, so others may have it."""
    is_held = (OutboxMessage.attempts == attempts, OutboxMessage.leased_until >= func.now())
    statement = update(OutboxMessage).where(OutboxMessage.id == message_id, *_OPEN, *is_held)
    return bool(db.scalars(statement.values(leased_until=_LEASE_END).returning(OutboxMessage.id)).all())


def mark_sending(db: Session, message_id: UUID) -> None:
    """Record that the email is being sent: all that is known of it if the process ends now."""
    db.execute(update(OutboxMessage).where(OutboxMessage.id == message_id, *_OPEN).values(handed_at=func.now()))


def finish(db: Session, message_id: UUID, outcome: str) -> None:
    """Finish a message with its outcome: that it was sent, or why it was skipped."""
    db.execute(_FINISH, {"message_id": message_id, "result": outcome})


def retry(db: Session, message_id: UUID, failure: FailureReason, detail: str, *, attempts: int = ATTEMPTS) -> None:
    """Release a message after a failure: due again, later each time, or failed after so many attempts.

    Delays start at 15 s and double, up to an hour: 60 attempts outlast a mail server that is away for two days.
    """
    delay = func.least(FIRST_DELAY_SECONDS * func.power(2, OutboxMessage.attempts - 1), LONGEST_DELAY_SECONDS)
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, *_OPEN)
        .values(
            leased_until=None,
            handed_at=None,
            outcome=detail[:500],
            failure=failure,
            due_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, delay),
            dead_at=case((OutboxMessage.attempts >= attempts, func.now())),
        )
    )


def delay(db: Session, message_id: UUID, until: datetime) -> None:
    """Release a message that must not be sent before `until`; the attempt does not count, since none was made."""
    # Of messages delayed until the same moment an older one is due a microsecond earlier for each second of its age.
    # None is due before that moment, when it would be claimed for nothing.
    earlier = func.least(func.extract("epoch", func.now() - OutboxMessage.created_at) * 1e-6, 1)
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, *_OPEN)
        .values(
            leased_until=None,
            attempts=OutboxMessage.attempts - 1,
            due_at=until + timedelta(seconds=1) - func.make_interval(0, 0, 0, 0, 0, 0, earlier),
        )
    )


def skip(db: Session, kind: MessageKind, *, key: str, why: SkipReason) -> int:
    """Skip every open message of a kind and key that is not being sent now; return how many."""
    waiting = update(OutboxMessage).where(*_OPEN, _UNLEASED, OutboxMessage.kind == kind, OutboxMessage.key == key)
    finished = waiting.values(finished_at=func.now(), outcome=skipped(why), failure=None)
    return len(db.scalars(finished.returning(OutboxMessage.id)).all())


def requeue(db: Session, selection: Select[UUID, int]) -> dict[int, int]:
    """Make failed messages, and those that wait for another attempt, due again with a fresh count of attempts.

    `selection` selects their ids and, for each, the id under which it is counted; returns the count for each of these.
    One statement, since a mailing to everyone may have met a mail server that was away for days.
    """
    chosen = selection.subquery()
    message_id, owner = chosen.columns
    statement = update(OutboxMessage).where(
        OutboxMessage.id == message_id, OutboxMessage.finished_at.is_(None), _UNLEASED
    )
    unknown = dict.fromkeys(("dead_at", "leased_until", "handed_at", "outcome", "failure"))
    statement = statement.values(due_at=func.now(), attempts=0, exempt=True, **unknown)
    requeued = statement.returning(owner.label("owner")).cte("revived")
    return dict(db.execute(select(requeued.c.owner, func.count()).group_by(requeued.c.owner)).all())


def mark_failed(db: Session) -> int:
    """Mark as failed the messages that lost their process on the last attempt.

    An organizer sees them and can resend them.
    """
    statement = (
        update(OutboxMessage).where(*_OPEN, _UNLEASED, OutboxMessage.attempts >= ATTEMPTS).values(dead_at=func.now())
    )
    return len(db.scalars(statement.returning(OutboxMessage.id)).all())
