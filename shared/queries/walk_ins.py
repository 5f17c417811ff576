"""Walk-ins, and the registrations they may belong to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from shared.models import Registration


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
