"""Walk-ins, and those who turned out to have a registration."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from shared.audit import audit
from shared.door.admissions import refold
from shared.errors import Conflicting, Missing
from shared.models import Account, Event, Registration


@dataclass(frozen=True, slots=True)
class Pair:
    """A walk-in with a registration that may be the same person's, or has been merged with it (`is_merged`)."""

    walk_in: Registration
    registered: Registration
    is_merged: bool


def look_alikes(db: Session, *, event_id: int, limit: int, offset: int = 0) -> Sequence[Pair]:
    """Return walk-ins with the name of a registration, in any of its usual spellings; already merged ones come last."""
    walk_in, registered = aliased(Registration), aliased(Registration)
    is_merged = walk_in.merged_into == registered.ticket_id
    same_name = walk_in.merged_into.is_(None) & (walk_in.name_key == registered.name_key)
    query = (
        select(walk_in, registered, walk_in.merged_into.is_not(None))
        .join(registered, (registered.event_id == walk_in.event_id) & (is_merged | same_name))
        .where(walk_in.event_id == event_id, walk_in.walk_in, registered.walk_in.is_(False))
        .where(is_merged | registered.is_live)
        .order_by(walk_in.merged_into.is_not(None), walk_in.name_order, walk_in.id, registered.id)
        .limit(limit)
        .offset(offset)
    )
    return [Pair(*row) for row in db.execute(query)]


def merge(db: Session, *, event: Event, walk_in: str, ticket: str, by: Account) -> None:
    """Count a walk-in's scans for the ticket of the same person; phones learn of it with their next list.

    Raises Missing when the event has no such ticket, Conflicting for a walk-in that is merged already or is none.
    """
    is_ticket = Registration.ticket_id == ticket, Registration.walk_in.is_(False)
    if db.scalar(select(Registration.id).where(Registration.event_id == event.id, *is_ticket)) is None:
        raise Missing("ticket")
    _point(db, event, walk_in, before=None, now=ticket)
    refold(db, event_id=event.id, persons={walk_in, ticket})
    audit.note(db, by=by, action="walk_in.merged", event=event, walk_in=walk_in, ticket=ticket)


def separate(db: Session, *, event: Event, walk_in: str, ticket: str, by: Account) -> None:
    """Undo a merge: they were two people. Raises Conflicting when the walk-in is not merged into the ticket."""
    _point(db, event, walk_in, before=ticket, now=None)
    refold(db, event_id=event.id, persons={walk_in, ticket})
    audit.note(db, by=by, action="walk_in.separated", event=event, walk_in=walk_in, ticket=ticket)


def _point(db: Session, event: Event, walk_in: str, *, before: str | None, now: str | None) -> None:
    of_walk_in = Registration.event_id == event.id, Registration.ticket_id == walk_in, Registration.walk_in
    as_it_was = Registration.merged_into.is_not_distinct_from(before)
    changed = update(Registration).where(*of_walk_in, as_it_was).values(merged_into=now).returning(Registration.id)
    if db.scalar(changed) is None:
        raise Conflicting("walk_in")
