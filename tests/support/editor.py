"""An event in the editor, its forms, and the questions that begin a draft."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Event, OutboxMessage
from web.forms import fields
from web.organizer import edit_conflicts
from web.organizer.events.form import SECTIONS, setting

Save = Callable[..., Any]


def form_of(event: Event, section: str, **changes: str) -> dict[str, str]:
    """Return a section's form as its page shows it, with some fields changed."""
    form = fields.show(SECTIONS[section], event, setting(event))
    return {**form, "version": edit_conflicts.stamp(form), **changes}


def enqueued_kinds(db: Session) -> list[tuple[str, str]]:
    return [(message.kind, message.key) for message in db.scalars(select(OutboxMessage).order_by(OutboxMessage.kind))]


NEW = {
    "title": "iTalk 8: Чӣ тавр?",
    "language": "tg",
    "starts_local": "2038-05-01T18:00",
    "ends_local": "2038-05-01T20:00",
    "venue": "Опера",
    "capacity": "120",
}


def newest(db: Session) -> Event:
    return db.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()


def span(event: Event, begin: int, end: int) -> dict[str, str]:
    """Return a session's times, in hours after the event's start."""
    start = event.starts_local
    assert start is not None
    hours = {"starts_local": begin, "ends_local": end}
    return {name: f"{start + timedelta(hours=number):%Y-%m-%dT%H:%M}" for name, number in hours.items()}
