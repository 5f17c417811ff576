"""A mailing's audience, its progress, and the attendees it cannot reach.

Emails go to groups: a host and guests get one, at the host's address, and so does an attendee who registered twice. A
registration with an unconfirmed address is in no audience: the address may be another person's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    SQLColumnExpression,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, joinedload

from shared import clock
from shared.database import Choice, name_order
from shared.errors import Missing
from shared.models import (
    Account,
    Admission,
    Audience,
    Event,
    EventState,
    Mailing,
    OutboxMessage,
    Registration,
    RegistrationState,
    Unsubscription,
)
from shared.outbox.kinds import MessageKind
from shared.outbox.outcomes import SENT, SkipReason, skip_reason

BY_ATTENDANCE = (Audience.CAME, Audience.DID_NOT_COME)
"""The audiences that depend on scans."""


class EmailState(StrEnum):
    """The states of one attendee's email. Failed is final; open is still to be sent, or retried."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    OPEN = "open"


class UnknownReason(StrEnum):
    """Why attendance is unknown: its event is cancelled, its last session has not begun, or no one was scanned in."""

    CANCELLED = "cancelled"
    TOO_EARLY = "too_early"
    NOT_SCANNED = "not_scanned"


@dataclass(frozen=True, slots=True)
class Reach:
    """Numbers of emails to send, and of groups that get none: without an address, or unsubscribed."""

    emails: int
    no_address: int
    refused: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The states of a mailing's messages; `skipped` by the reason, `retried` are among the open ones."""

    enqueued: int
    sent: int
    skipped: Mapping[SkipReason | None, int]
    failed: int
    open: int
    retried: int

    @property
    def done(self) -> int:
        """Return the number of messages with a final state."""
        return self.enqueued - self.open


def get(db: Session, *, mailing_id: int) -> Mailing | None:
    """Return a mailing in its present state, with its event, for the worker."""
    return db.get(Mailing, mailing_id, populate_existing=True)


def of_event(db: Session, *, event_id: int, limit: int, offset: int) -> Sequence[tuple[Mailing, str | None]]:
    """Return an event's mailings, each with its author, the latest first."""
    query = select(Mailing, Account.name).outerjoin(Account, Account.id == Mailing.account_id)
    page = query.where(Mailing.event_id == event_id).order_by(Mailing.id.desc()).limit(limit).offset(offset)
    return [(mailing, name) for mailing, name in db.execute(page)]


def mailing(db: Session, *, mailing_id: int, event_id: int) -> Mailing:
    """Return a mailing of an event. Raises Missing for another event's."""
    query = select(Mailing).where(Mailing.id == mailing_id, Mailing.event_id == event_id)
    mailing_row = db.scalars(query.options(joinedload(Mailing.event))).one_or_none()
    if mailing_row is None:
        raise Missing("mailing")
    return mailing_row


def due(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the ids of the mailings that are due and whose audience is not compiled yet."""
    is_waiting = (Mailing.started_at.is_(None), Mailing.stopped_at.is_(None), Mailing.due_at <= now)
    return db.scalars(select(Mailing.id).where(*is_waiting).order_by(Mailing.due_at, Mailing.id)).all()


def audience(event: Event, name: Audience) -> Select[int, str, str | None, str | None, str, bool]:
    """Select the hosts of an audience's groups: id, name, email, phone, language, and if they are unsubscribed.

    Of several with one contact the live one counts, else the latest.
    """
    host = aliased(Registration)
    refused = exists().where(
        Unsubscription.organization_id == event.organization_id, Unsubscription.contact_key == host.contact_key
    )
    contact = func.coalesce(host.contact_key, cast(host.id, Text))
    return (
        select(host.id, host.name, host.email, host.phone, host.language, refused.label("refused"))
        .where(host.event_id == event.id, host.host_id.is_(None), host.merged_into.is_(None))
        .where(_is_in(event.id, name, host.id))
        .ext(distinct_on(contact))
        .order_by(contact, host.state == RegistrationState.CANCELLED, host.id.desc())
    )


def unknown_because(db: Session, *, event: Event, name: Audience, at: datetime) -> UnknownReason | None:
    """Return why attendance is unknown at a time, for the audiences that depend on it; None where it is known.

    Otherwise "did not come" would be everyone, attendees in the hall included.
    """
    if name not in BY_ATTENDANCE:
        return None
    if event.state == EventState.CANCELLED:
        return UnknownReason.CANCELLED
    begins_at = _last_beginning(event)
    if not event.is_undated and (begins_at is None or at < begins_at):
        return UnknownReason.TOO_EARLY
    # A send time can be set for a session that is still ahead: scans are checked again at that time.
    is_ahead = begins_at is not None and clock.now() < begins_at
    return None if is_ahead or _is_scanned(db, event) else UnknownReason.NOT_SCANNED


def _last_beginning(event: Event) -> datetime | None:
    beginnings = (event.starts_at, *(session.starts_at for session in event.sessions))
    return max((beginning for beginning in beginnings if beginning), default=None)


def _is_scanned(db: Session, event: Event) -> bool:
    admitted = exists().where(Admission.event_id == event.id, Admission.first.is_not(None))
    return bool(db.scalar(select(admitted)))


def is_addressed(db: Session, *, mailing: Mailing, host_id: int) -> bool:
    """Return True if a group still belongs to the audience of a mailing."""
    belongs = _is_in(mailing.event_id, mailing.audience, literal(host_id))
    return bool(db.scalar(select(belongs)))


def reaches(db: Session, *, event: Event, names: Iterable[Audience] = Audience) -> dict[Audience, Reach]:
    """Count the emails of each audience now."""
    counts = [_reach(event, name) for name in names]
    return {name: Reach(*numbers) for name, *numbers in db.execute(union_all(*counts))}


def to_call(db: Session, *, mailing: Mailing, limit: int, offset: int) -> Sequence[RowMapping]:
    """Return the attendees who have a phone number and no reachable email address, by name; also those whose email
    failed.
    """
    given_up = select(OutboxMessage.subject).where(*_of(mailing), OutboxMessage.dead_at.is_not(None))
    people = audience(mailing.event, mailing.audience).subquery()
    query = select(people).where(
        people.c.phone.is_not(None), ~people.c.refused, people.c.email.is_(None) | people.c.id.in_(given_up)
    )
    return (
        db.execute(query.order_by(name_order(people.c.name), people.c.id).limit(limit).offset(offset)).mappings().all()
    )


def progress(db: Session, *, mailing: Mailing) -> Progress:
    """Return the progress of a mailing."""
    messages = select(_state().label("state"), OutboxMessage.outcome).where(*_of(mailing)).subquery()
    why = case((messages.c.state == literal_column(f"'{EmailState.SKIPPED}'"), messages.c.outcome)).label("why")
    retried = func.count(messages.c.outcome)
    rows = db.execute(select(messages.c.state, why, func.count(), retried).group_by(messages.c.state, text("why")))
    counts = dict.fromkeys(EmailState, 0)
    skipped = Counter[SkipReason | None]()
    again = 0
    for state, reason, count, tried in rows:
        counts[state] += count
        if state == EmailState.SKIPPED:
            skipped[skip_reason(reason)] += count
        if state == EmailState.OPEN:
            again = tried
    sent, failed, still_open = counts[EmailState.SENT], counts[EmailState.FAILED], counts[EmailState.OPEN]
    return Progress(sum(counts.values()), sent, skipped, failed, still_open, again)


def people(
    db: Session, *, mailing: Mailing, state: EmailState | None, limit: int, offset: int
) -> Sequence[tuple[OutboxMessage, Registration, EmailState]]:
    """Return each attendee's email by name, with its state; of one state where it is named."""
    query = select(OutboxMessage, Registration, _state()).join(Registration, Registration.id == OutboxMessage.subject)
    query = query.where(*_of(mailing), *([_state() == state] if state else []))
    rows = db.execute(query.order_by(Registration.name_order, Registration.id).limit(limit).offset(offset))
    return [(message, registration, became) for message, registration, became in rows]


def _of(mailing: Mailing) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return OutboxMessage.kind == literal_column("'mailing'"), OutboxMessage.key == str(mailing.id)


def _state() -> ColumnElement[EmailState]:
    failed, still_open, sent, skipped = (
        literal(state, Choice(EmailState))
        for state in (EmailState.FAILED, EmailState.OPEN, EmailState.SENT, EmailState.SKIPPED)
    )
    return case(
        (OutboxMessage.dead_at.is_not(None), failed),
        (OutboxMessage.finished_at.is_(None), still_open),
        (OutboxMessage.outcome == SENT, sent),
        else_=skipped,
    )


def _reach(event: Event, name: Audience) -> Select[Audience, int, int, int]:
    people = audience(event, name).subquery()
    addressed = people.c.email.is_not(None)
    return select(
        literal(name, Choice(Audience)),
        func.count().filter(addressed, ~people.c.refused),
        func.count().filter(~addressed),
        func.count().filter(addressed, people.c.refused),
    ).select_from(people)


def _is_in(event_id: int, name: Audience, host_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that a group belongs to an audience of the event."""
    match name:
        case Audience.CAME:
            return host_id.in_(_came(event_id))
        case Audience.DID_NOT_COME:
            registered = _parties(event_id, Registration.state == RegistrationState.CONFIRMED, ~Registration.walk_in)
            return host_id.in_(registered) & host_id.not_in(_came(event_id))
        case Audience.CONFIRMED:
            return host_id.in_(_parties(event_id, Registration.state == RegistrationState.CONFIRMED))
        case Audience.WAITING:
            return host_id.in_(_parties(event_id, Registration.state == RegistrationState.WAITING))
        case Audience.EVERYBODY:
            return _expects(event_id, host_id)


def _expects(event_id: int, host_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    # Everyone who got the news of the cancellation also gets its follow-up: about money, or about another day.
    was_emailed = exists().where(OutboxMessage.kind == MessageKind.EVENT_CANCELLED, OutboxMessage.subject == host_id)
    expecting = (RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.OFFERED)
    return host_id.in_(_parties(event_id, Registration.state.in_(expecting))) | was_emailed


def _parties(event_id: int, *conditions: ColumnElement[bool]) -> Select[int]:
    party = func.coalesce(Registration.host_id, Registration.id)
    return select(party).where(Registration.event_id == event_id, *conditions)


def _came(event_id: int) -> Select[int]:
    admitted = (Admission.person == Registration.ticket_id) & (Admission.event_id == event_id)
    return _parties(event_id, Admission.first.is_not(None)).join(Admission, admitted)
