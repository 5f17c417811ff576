"""Emails to many, for those who want news: organizers' mailings, reminders before an event and thanks after it.

A mailing is a draft until it has a due time; when that passes, its audience is selected in one statement, once.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    cast,
    exists,
    extract,
    func,
    literal,
    select,
    update,
)
from sqlalchemy import delete as delete_rows
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from shared import clock
from shared.audit import audit
from shared.database import Texts
from shared.errors import Conflicting, Invalid
from shared.mailings import audiences
from shared.models import (
    Account,
    Admission,
    Audience,
    Event,
    EventState,
    Mailing,
    OutboxMessage,
    Precision,
    Registration,
    RegistrationState,
    Unsubscription,
)
from shared.outbox import outbox
from shared.outbox.kinds import KINDS, MessageKind
from shared.outbox.outcomes import SkipReason
from shared.registrations import registrations

REMINDERS = {
    "2d": (timedelta(days=2), (Precision.MINUTE, Precision.DAY)),
    "3h": (timedelta(hours=3), (Precision.MINUTE,)),
}
"""How long before the start, and with which precision of the time. Each goes to people confirmed before its hour, and
not later than the hour of the next.
"""

THANKED_FOR = timedelta(days=30)


def write(db: Session, *, event: Event, by: Account, audience: Audience, subject: Texts, body: Texts) -> Mailing:
    """Save a text as a draft."""
    draft = Mailing(event_id=event.id, account_id=by.id, audience=audience, subject=subject, body=body)
    db.add(draft)
    db.flush()
    audit.note(db, by=by, action="mailing.created", event=event, mailing=draft.id, audience=audience)
    return draft


def rewrite(db: Session, *, mailing: Mailing, by: Account, audience: Audience, subject: Texts, body: Texts) -> None:
    """Change the text and the audience.

    Raises Conflicting once its time has come, Invalid for an audience that will be unknown when it is due.
    """
    if mailing.due_at and mailing.due_at <= clock.now():
        raise Conflicting
    _require_known(db, mailing, audience, mailing.due_at, field="audience")
    _change(db, mailing, audience=audience, subject=subject, body=body)
    audit.note(db, by=by, action="mailing.edited", event=mailing.event, mailing=mailing.id, audience=audience)


def schedule(db: Session, *, mailing: Mailing, by: Account, due_at: datetime | None) -> None:
    """Set the time at which it begins; None makes it a draft again.

    Raises Conflicting once its audience is selected, Invalid for a time at which that would be unknown.
    """
    _require_known(db, mailing, mailing.audience, due_at, field="at")
    _change(db, mailing, due_at=due_at)
    action = "mailing.scheduled" if due_at else "mailing.unscheduled"
    when = due_at.isoformat() if due_at else None
    audit.note(db, by=by, action=action, event=mailing.event, mailing=mailing.id, due_at=when)


def send(db: Session, *, mailing: Mailing, by: Account) -> None:
    """Send it now.

    Raises Conflicting once its audience is selected, "nobody" while it reaches no one, and the reason when its audience
    depends on attendance that is unknown.
    """
    why = audiences.unknown_because(db, event=mailing.event, name=mailing.audience, at=clock.now())
    if why:
        raise Conflicting(why)
    reach = audiences.reaches(db, event=mailing.event, names=[mailing.audience])[mailing.audience]
    if not reach.emails:
        raise Conflicting("nobody")
    _change(db, mailing, due_at=clock.now())
    audit.note(db, by=by, action="mailing.sent", event=mailing.event, mailing=mailing.id, mails=reach.emails)


def delete(db: Session, *, mailing: Mailing, by: Account) -> None:
    """Delete a draft, or a scheduled mailing. Raises Conflicting once its audience is selected."""
    _change(db, mailing, due_at=None)
    audit.note(db, by=by, action="mailing.deleted", event=mailing.event, mailing=mailing.id)
    db.delete(mailing)
    db.flush()


def test(db: Session, *, mailing: Mailing, by: Account, language: str) -> None:
    """Email it to its author, in one language; twice within a second is once."""
    key = f"{by.id} {language} {int(clock.now().timestamp())}"
    outbox.enqueue(db, MessageKind.MAILING_TEST, subject=mailing.id, key=key)
    audit.note(db, by=by, action="mailing.tested", event=mailing.event, mailing=mailing.id, language=language)


def begin(db: Session, *, mailing_id: int, now: datetime) -> int | None:
    """Select the audience of a mailing that is due and enqueue an email for each group; return how many.

    None when there is nothing to begin: it was begun, stopped, moved or deleted meanwhile, or its audience depends on
    attendance that is unknown, of an event that was postponed, cancelled or not scanned; then it becomes a draft again.
    """
    is_due = (Mailing.due_at <= now, Mailing.started_at.is_(None), Mailing.stopped_at.is_(None))
    begun = update(Mailing).where(Mailing.id == mailing_id, *is_due).values(started_at=now).returning(Mailing)
    mailing = db.scalars(begun, execution_options={"populate_existing": True}).one_or_none()
    if mailing is None:
        return None
    if audiences.unknown_because(db, event=mailing.event, name=mailing.audience, at=now):
        mailing.started_at = mailing.due_at = None
        audit.note(db, by=None, action="mailing.unscheduled", event=mailing.event, mailing=mailing_id, due_at=None)
        return None
    people = audiences.audience(mailing.event, mailing.audience).subquery()
    reached = select(people.c.id).where(people.c.email.is_not(None), ~people.c.refused).subquery()
    enqueued = _message(db, MessageKind.MAILING, reached, literal(str(mailing_id)))
    audit.note(db, by=None, action="mailing.started", event=mailing.event, mailing=mailing_id, mails=enqueued)
    return enqueued


def stop(db: Session, *, mailing: Mailing, by: Account) -> int:
    """Stop a mailing; return how many of its emails were not sent.

    Raises Conflicting when it did not begin or was stopped before, and "over" when all its emails are done.
    """
    stopped = update(Mailing).where(
        Mailing.id == mailing.id, Mailing.started_at.is_not(None), Mailing.stopped_at.is_(None)
    )
    if db.scalars(stopped.values(stopped_at=clock.now()).returning(Mailing.id)).one_or_none() is None:
        raise Conflicting
    unsent = outbox.skip(db, MessageKind.MAILING, key=str(mailing.id), why=SkipReason.STOPPED)
    if not unsent and not audiences.progress(db, mailing=mailing).open:
        raise Conflicting("over")
    audit.note(db, by=by, action="mailing.stopped", event=mailing.event, mailing=mailing.id, mails=unsent)
    return unsent


def _require_known(db: Session, mailing: Mailing, audience: Audience, due_at: datetime | None, *, field: str) -> None:
    why = due_at and audiences.unknown_because(db, event=mailing.event, name=audience, at=due_at)
    if why:
        raise Invalid(field, why)


def _change(db: Session, mailing: Mailing, **values: object) -> None:
    """Change a mailing that has not begun. Raises Conflicting for one that has."""
    changed = update(Mailing).where(Mailing.id == mailing.id, Mailing.started_at.is_(None)).values(values)
    if db.scalars(changed.returning(Mailing.id)).one_or_none() is None:
        raise Conflicting


def enqueue_reminders(db: Session, *, now: datetime) -> int:
    """Enqueue the reminders that are due; return how many were new. The sessions of each ticket decide its time."""
    spans = [*(before for before, _ in REMINDERS.values()), timedelta(0)]
    reminding = (Event.state == EventState.PUBLISHED, Event.reminders.is_(True))
    enqueued = 0
    for (key, (before, known)), after in zip(REMINDERS.items(), spans[1:], strict=True):
        soon = (Event.starts_at - before <= now, func.coalesce(Event.ends_at, Event.starts_at) > now)
        first = registrations.first_starts().where(*soon, *reminding, Event.known.in_(known)).subquery()
        starts_at = first.c.starts_at
        hour = (starts_at - before <= now, starts_at - after > now, Registration.confirmed_at < starts_at - before)
        parties = _parties(*hour).join(first, first.c.ticket_type_id == Registration.ticket_type_id)
        parties_due = parties.add_columns(starts_at).subquery()
        # The start belongs to the key: an event that was moved gets new reminders.
        start = cast(cast(extract("epoch", parties_due.c.starts_at), BigInteger), Text)
        enqueued += _message(db, MessageKind.REMINDER, parties_due, literal(f"{key} ") + start)
    return enqueued


def enqueue_thanks(db: Session, *, now: datetime) -> int:
    """Enqueue thanks to groups of whom anyone attended, once the organizer has written the recap."""
    attended = exists().where(Admission.person == Registration.ticket_id, Admission.first.is_not(None))
    over = Event.ends_at.between(now - THANKED_FOR, now)
    parties = _parties(over, Event.state == EventState.PUBLISHED, Event.recap != {}, attended).subquery()
    return _message(db, MessageKind.THANKS, parties, literal(""))


def unsubscribe(db: Session, *, registration: Registration) -> None:
    """Stop news of the organization to this contact; a second time changes nothing."""
    values = {"organization_id": registration.event.organization_id, "contact_key": registration.contact_key}
    db.execute(insert(Unsubscription).values(values).on_conflict_do_nothing())


def subscribe_again(db: Session, *, registration: Registration) -> None:
    """Resume news of the organization to this contact; a second time changes nothing."""
    of_organization = Unsubscription.organization_id == registration.event.organization_id
    of_contact = Unsubscription.contact_key == registration.contact_key
    db.execute(delete_rows(Unsubscription).where(of_organization, of_contact))


def _parties(*conditions: ColumnElement[bool]) -> Select[int]:
    """Select the hosts of confirmed groups that have an address and are subscribed to news."""
    host = aliased(Registration)
    refused = exists().where(
        Unsubscription.organization_id == Event.organization_id, Unsubscription.contact_key == host.contact_key
    )
    return (
        select(host.id)
        .join(Registration, func.coalesce(Registration.host_id, Registration.id) == host.id)
        .join(Event, Event.id == host.event_id)
        .where(Registration.state == RegistrationState.CONFIRMED, host.email.is_not(None), ~refused, *conditions)
        .distinct()
    )


def _message(db: Session, kind: MessageKind, parties: Subquery, key: ColumnElement[str]) -> int:
    rows = select(literal(kind, Text), parties.c.id, key, literal(KINDS[kind].priority))
    columns = ["kind", "subject", "key", "priority"]
    enqueued = insert(OutboxMessage).from_select(columns, rows).on_conflict_do_nothing().returning(OutboxMessage.id)
    return len(db.scalars(enqueued).all())
