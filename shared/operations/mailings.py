"""What goes to many: reminders before an event and thanks after it, for those who want news."""

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
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from shared import outbox
from shared.models import Admission, Event, Promise, Registration, Unsubscription

REMINDERS = {"2d": (timedelta(days=2), ("minute", "day")), "3h": (timedelta(hours=3), ("minute",))}
"""How long before the start, and how well that must be known. Each goes to who was confirmed before its hour, and not
later than the next one's."""

THANKED_FOR = timedelta(days=30)


def promise_reminders(db: Session, *, now: datetime) -> int:
    """Promise the reminders whose hour has come; how many were new."""
    spans = [*(before for before, _ in REMINDERS.values()), timedelta(0)]
    promised = 0
    for (key, (before, known)), after in zip(REMINDERS.items(), spans[1:], strict=True):
        hour = (Event.starts_at - before <= now, Event.starts_at - after > now, Event.known.in_(known))
        in_time = Registration.confirmed_at < Event.starts_at - before
        wanted = _parties(*hour, Event.state == "published", Event.reminders.is_(True), in_time).subquery()
        # The start is part of the occasion: an event that is moved is reminded of anew.
        start = cast(cast(extract("epoch", wanted.c.starts_at), BigInteger), Text)
        promised += _promise(db, "reminder", wanted, literal(f"{key} ") + start)
    return promised


def promise_thanks(db: Session, *, now: datetime) -> int:
    """Promise thanks to the parties of whom somebody came, once the organizer has written the recap."""
    came = exists().where(Admission.person == Registration.ticket_id, Admission.first.is_not(None))
    over = Event.ends_at.between(now - THANKED_FOR, now)
    wanted = _parties(over, Event.state == "published", Event.recap != {}, came).subquery()
    return _promise(db, "thanks", wanted, literal(""))


def unsubscribe(db: Session, *, registration: Registration) -> None:
    """Send this contact no more news of the organization; doing it twice is the same."""
    values = {"organization_id": registration.event.organization_id, "contact_key": registration.contact_key}
    db.execute(insert(Unsubscription).values(values).on_conflict_do_nothing())


def _parties(*conditions: ColumnElement[bool]) -> Select[int, datetime | None]:
    """The hosts of confirmed parties that have an address and did not refuse news, and when their event starts."""
    host = aliased(Registration)
    refused = exists().where(
        Unsubscription.organization_id == Event.organization_id, Unsubscription.contact_key == host.contact_key
    )
    return (
        select(host.id, Event.starts_at)
        .join(Registration, func.coalesce(Registration.host_id, Registration.id) == host.id)
        .join(Event, Event.id == host.event_id)
        .where(Registration.state == "confirmed", host.email.is_not(None), ~refused, *conditions)
        .distinct()
    )


def _promise(db: Session, kind: str, parties: Subquery, key: ColumnElement[str]) -> int:
    rows = select(literal(kind), parties.c.id, key, literal(outbox.PRIORITIES[kind]))
    columns = ["kind", "subject", "key", "priority"]
    promised = insert(Promise).from_select(columns, rows).on_conflict_do_nothing().returning(Promise.id)
    return len(db.scalars(promised).all())
