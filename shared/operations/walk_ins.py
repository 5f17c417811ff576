"""Walk-ins who turned out to have a registration."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.errors import Conflicting, Missing
from shared.models import Event, Registration
from shared.operations.admissions import refold


def merge(db: Session, *, event: Event, walk_in: str, ticket: str) -> None:
    """Count a walk-in's scans for the ticket of the same person; phones learn of it with their next list.

    Raises Missing when the event has no such ticket, Conflicting for a walk-in that is merged already or is none.
    """
    is_ticket = Registration.ticket_id == ticket, Registration.walk_in.is_(False)
    if db.scalar(select(Registration.id).where(Registration.event_id == event.id, *is_ticket)) is None:
        raise Missing("ticket")
    _point(db, event, walk_in, before=None, now=ticket)
    refold(db, event_id=event.id, persons={walk_in, ticket})


def separate(db: Session, *, event: Event, walk_in: str, ticket: str) -> None:
    """Undo a merge: they were two people. Raises Conflicting when the walk-in is not merged into the ticket."""
    _point(db, event, walk_in, before=ticket, now=None)
    refold(db, event_id=event.id, persons={walk_in, ticket})


def _point(db: Session, event: Event, walk_in: str, *, before: str | None, now: str | None) -> None:
    of_walk_in = Registration.event_id == event.id, Registration.ticket_id == walk_in, Registration.walk_in
    as_it_was = Registration.merged_into.is_not_distinct_from(before)
    changed = update(Registration).where(*of_walk_in, as_it_was).values(merged_into=now).returning(Registration.id)
    if db.scalar(changed) is None:
        raise Conflicting("walk_in")
