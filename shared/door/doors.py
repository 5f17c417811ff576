"""The doors of an event, and the rules by which they admit."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.database import Texts
from shared.errors import Missing
from shared.models import Account, Door, Event, Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of an event's doors. Spans are minutes; `doors_open_minutes` None opens them at any time."""

    doors_open_minutes: int | None
    held_minutes: int
    admit_unlisted: bool
    walk_ins: bool
    reentry: bool
    initials: bool


def set_rules(db: Session, *, event: Event, rules: Rules, by: Account) -> None:
    """Change the rules of an event's doors; phones learn of it at their next contact."""
    event.doors_open_minutes = rules.doors_open_minutes
    event.held_minutes = rules.held_minutes
    event.admit_unlisted = rules.admit_unlisted
    event.walk_ins = rules.walk_ins
    event.reentry = rules.reentry
    if event.initials != rules.initials:
        event.initials = rules.initials
        resend_names(db, event=event)
    audit.note(db, by=by, action="door.rules_edited", event=event)


def resend_names(db: Session, *, event: Event) -> None:
    """Send all names to phones anew, since they store the earlier ones."""
    # Any update gives each row a new revision.
    renumbered = update(Registration).where(Registration.event_id == event.id)
    db.execute(renumbered.values(revision=Registration.revision), execution_options={"synchronize_session": False})


def add(db: Session, *, event: Event, name: Texts, by: Account) -> Door:
    """Add a door after the existing ones of the event."""
    last = select(func.coalesce(func.max(Door.position), -1) + 1).where(Door.event_id == event.id)
    door = Door(event_id=event.id, name=name, position=db.scalar(last) or 0)
    db.add(door)
    audit.note(db, by=by, action="door.added", event=event)
    return door


def rename(db: Session, *, door: Door, name: Texts, by: Account) -> None:
    """Rename a door, on every phone and in every later report."""
    door.name = name
    _note(db, by, "door.renamed", door)


def close(db: Session, *, door: Door, by: Account) -> None:
    """Close a door: its passes pair no more phones."""
    door.closed_at = clock.now()
    _note(db, by, "door.closed", door)


def reopen(db: Session, *, door: Door, by: Account) -> None:
    """Reopen a closed door, with its earlier passes."""
    door.closed_at = None
    _note(db, by, "door.reopened", door)


def _note(db: Session, by: Account, action: str, door: Door) -> None:
    # Ids of doors, passes and phones are text in the audit, as in its earlier rows.
    audit.note(db, by=by, action=action, event=door.event, door_id=str(door.id))


def of_event(db: Session, *, event_id: int) -> Sequence[Door]:
    """Return an event's doors in their order."""
    return db.scalars(select(Door).where(Door.event_id == event_id).order_by(Door.position, Door.id)).all()


def door(db: Session, *, door_id: int, event_id: int) -> Door:
    """Return one door of an event. Raises Missing for another event's."""
    door_row = db.scalars(select(Door).where(Door.id == door_id, Door.event_id == event_id)).one_or_none()
    if door_row is None:
        raise Missing("door")
    return door_row
