"""What the worker owes. A side effect is a row, written in the transaction of the change that made it necessary.

May import models, database, clock, config, errors; operations message, the worker claims, finishes or postpones.
The attempt is counted at the claim, so a row that kills its process is not tried for ever. Leases and due times are the
database's clock, since workers may run on machines that disagree.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Select, case, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared.models import OutboxMessage

PRIORITIES = {
    "registration_confirmed": 1,
    "ticket_again": 1,
    "please_confirm": 1,
    "mailing_test": 1,
    "sign_in_link": 1,
    "password_reset": 1,
    "account_notice": 1,
    "seat_offered": 1,
    "joined_waiting_list": 3,
    "offer_lapsed": 3,
    "event_full": 3,
    "place_given_up": 3,
    "place_taken_back": 3,
    "invitation": 3,
    "event_cancelled": 5,
    "event_changed": 5,
    "reminder": 7,
    "thanks": 9,
    "mailing": 9,
}
"""Every kind, with how urgent it is: 1 somebody waits for it, 5 news, 9 a mailing to everybody."""

AT_MOST_ONCE = frozenset({"mailing"})
"""What nobody may get twice: where it is not known whether it was sent, people decide whether to send it again."""

COUNTED = frozenset(
    {
        "registration_confirmed",
        "ticket_again",
        "please_confirm",
        "joined_waiting_list",
        "seat_offered",
        "offer_lapsed",
        "event_full",
        "place_given_up",
        "sign_in_link",
        "password_reset",
    }
)
"""What a stranger can cause, so it counts against the budget of its recipient unless its row is exempt."""

ATTEMPTS = 60
LEASE_SECONDS = 120
FIRST_DELAY_SECONDS = 15
LONGEST_DELAY_SECONDS = 3600

_OPEN = (OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None))
_UNLEASED = func.coalesce(OutboxMessage.leased_until, text("'-infinity'")) < func.now()


def enqueue(db: Session, kind: str, *, subject: int, key: str = "", due_at: datetime | None = None) -> None:
    """Promise a side effect; the same kind, subject and key again is the same promise."""
    row = {"kind": kind, "subject": subject, "key": key, "priority": PRIORITIES[kind]}
    if due_at is not None:
        row["due_at"] = due_at
    db.execute(insert(OutboxMessage).values(row).on_conflict_do_nothing())


def enqueue_each(
    db: Session,
    kind: str,
    *,
    subjects: Collection[int],
    key: str = "",
    priority: int | None = None,
    exempt: bool = False,
) -> None:
    """Promise the same for many subjects in one statement; `priority` where it is not the kind's own, `exempt` where an
    organizer causes it.
    """
    if not subjects:
        return
    each = func.unnest(literal(sorted(subjects), ARRAY(BigInteger)))
    rows = select(literal(kind), each, literal(key), literal(priority or PRIORITIES[kind]), literal(exempt))
    enqueued = insert(OutboxMessage).from_select(["kind", "subject", "key", "priority", "exempt"], rows)
    db.execute(enqueued.on_conflict_do_nothing())


def claim(db: Session) -> OutboxMessage | None:
    """Take the most urgent promise that is due and held by nobody, counting the attempt and leasing it for 120 s."""
    due = (
        select(OutboxMessage.id)
        .where(*_OPEN, OutboxMessage.due_at <= func.now(), _UNLEASED, OutboxMessage.attempts < ATTEMPTS)
        .order_by(OutboxMessage.priority, OutboxMessage.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id == due)
        .values(
            attempts=OutboxMessage.attempts + 1, leased_until=func.now() + text(f"interval '{LEASE_SECONDS} seconds'")
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    )
    return db.scalars(taken).one_or_none()


def mark_sending(db: Session, message_id: UUID) -> None:
    """Note that a mail is with the mail server from now on, for all that will be known if its process ends."""
    db.execute(update(OutboxMessage).where(OutboxMessage.id == message_id, *_OPEN).values(handed_at=func.now()))


def finish(db: Session, message_id: UUID, outcome: str) -> None:
    """Keep the promise: `outcome` is "sent" or "skipped: ..." with the reason."""
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, *_OPEN)
        .values(finished_at=func.now(), leased_until=None, outcome=outcome)
    )


def retry(db: Session, message_id: UUID, error: str, *, attempts: int = ATTEMPTS) -> None:
    """Give a promise back after a failure: due again, each time later than before, or dead after so many attempts.

    Delays grow from 15 s, doubling, to at most an hour: 60 attempts outlast a mail server that is away for two days.
    """
    delay = func.least(FIRST_DELAY_SECONDS * func.power(2, OutboxMessage.attempts - 1), LONGEST_DELAY_SECONDS)
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, *_OPEN)
        .values(
            leased_until=None,
            handed_at=None,
            outcome=error[:500],
            due_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, delay),
            dead_at=case((OutboxMessage.attempts >= attempts, func.now())),
        )
    )


def delay(db: Session, message_id: UUID, until: datetime) -> None:
    """Give a promise back that is not to be kept before `until`; the attempt does not count, since none was made."""
    # Of those that wait for the same moment the older is a microsecond earlier for each second of its age, and none is
    # due before that moment: it would be claimed for nothing.
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


def skip(db: Session, kind: str, *, key: str, why: str) -> int:
    """Give up every promise of a kind and key that is open and not being kept right now; how many."""
    open_ones = update(OutboxMessage).where(*_OPEN, _UNLEASED, OutboxMessage.kind == kind, OutboxMessage.key == key)
    skipped = open_ones.values(finished_at=func.now(), outcome=f"skipped: {why}")
    return len(db.scalars(skipped.returning(OutboxMessage.id)).all())


def requeue(db: Session, stuck: Select[UUID, int]) -> dict[int, int]:
    """Make promises due again that were given up, or that wait for another try; the tries begin anew. `stuck` asks for
    their ids and for whom each is counted; how many there are for each.

    One statement, of however many: a mailing to everybody may have met a mail server that was away for days.
    """
    found = stuck.subquery()
    message_id, owner = found.columns
    anew = update(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.finished_at.is_(None), _UNLEASED)
    unknown = dict.fromkeys(("dead_at", "leased_until", "handed_at", "outcome"))
    anew = anew.values(due_at=func.now(), attempts=0, exempt=True, **unknown)
    revived = anew.returning(owner.label("owner")).cte("revived")
    return dict(db.execute(select(revived.c.owner, func.count()).group_by(revived.c.owner)).all())


def mark_failed(db: Session) -> int:
    """Mark as dead what lost its process on the last attempt; people see it and can send it again."""
    buried = (
        update(OutboxMessage).where(*_OPEN, _UNLEASED, OutboxMessage.attempts >= ATTEMPTS).values(dead_at=func.now())
    )
    return len(db.scalars(buried.returning(OutboxMessage.id)).all())
