"""The counters of an event, compared with its registrations."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Audit, Event, Registration, TicketType

SEATED = ("unconfirmed", "offered", "confirmed")


def add_type(db: Session, event: Event, **more: object) -> TicketType:
    kind = TicketType(event_id=event.id, title={"en": "Speakers"}, position=1, **more)
    db.add(kind)
    db.flush()
    db.refresh(event)
    return kind


def assert_counters_hold(db: Session, event: Event) -> None:
    """Assert that event and ticket types equal a recount of the registrations."""
    db.flush()
    db.expire_all()
    rows = [
        registration
        for registration in db.scalars(select(Registration).where(Registration.event_id == event.id))
        if not registration.walk_in
    ]
    kinds = db.scalars(select(TicketType).where(TicketType.event_id == event.id)).all()
    for seats, counted in (
        (event, rows),
        *((kind, [registration for registration in rows if registration.ticket_type_id == kind.id]) for kind in kinds),
    ):
        assert seats.taken == sum(registration.state in SEATED for registration in counted)
        assert seats.waiting == sum(registration.state == "waiting" for registration in counted)


def actions(db: Session, event: Event) -> list[str]:
    return list(db.scalars(select(Audit.action).where(Audit.event_id == event.id).order_by(Audit.id)))
