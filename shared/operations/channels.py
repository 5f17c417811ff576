"""Where a link to an event is given out: a short address for each place, which counts who came that way."""

from secrets import choice

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.errors import Conflicting, Invalid
from shared.models import Account, Channel, Event
from shared.operations import audit

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read as another one on a poster."""
LENGTH = 6
MOST = 50


def add(db: Session, *, event: Event, by: Account, name: str) -> Channel:
    """Make a short link for a place that is called so. Raises Invalid for a name twice, Conflicting after 50."""
    mine = Channel.event_id == event.id
    if db.scalar(select(exists().where(mine, func.lower(Channel.name) == name.lower()))):
        raise Invalid("name", "channel_taken")
    if (db.scalar(select(func.count()).where(mine)) or 0) >= MOST:
        raise Conflicting("too_many")
    channel = Channel(event_id=event.id, code=_free_code(db), name=name)
    db.add(channel)
    db.flush()
    audit.note(db, by=by, action="channel.added", event=event, channel=channel.id)
    return channel


def _free_code(db: Session) -> str:
    """A code that no channel has; 31^6 of them make a second draw rare."""
    while True:
        code = "".join(choice(LETTERS) for _ in range(LENGTH))
        if not db.scalar(select(exists().where(Channel.code == code))):
            return code
