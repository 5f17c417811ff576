"""Channels: a short link for each place where an event is announced, which counts the registrations through it.

Registrations carry the code of the channel, so that it can be renamed at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import choice

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from shared.audit import audit
from shared.errors import Conflicting, Invalid, Missing
from shared.events import editing
from shared.models import Account, Channel, Event, EventState, Registration

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for another on a poster."""

LENGTH = 6

MOST = 50


def add(db: Session, *, event: Event, by: Account, name: str) -> Channel:
    """Create a short link for a place of this name. Raises Invalid for a name twice, Conflicting after 50."""
    _require_free(db, event, name)
    if (db.scalar(select(func.count()).where(Channel.event_id == event.id)) or 0) >= MOST:
        raise Conflicting("too_many")
    channel = Channel(event_id=event.id, code=_free_code(db), name=name)
    db.add(channel)
    db.flush()
    audit.note(db, by=by, action="channel.added", event=event, channel=channel.id)
    return channel


def rename(db: Session, *, channel: Channel, by: Account, name: str) -> None:
    """Rename a channel, also for earlier registrations through it.

    Raises Invalid for a name twice, Missing once it was removed.
    """
    _require_free(db, channel.event, name, but=channel.id)
    _hold(db, channel)
    if channel.name == name:
        return
    channel.name = name
    db.flush()
    audit.note(db, by=by, action="channel.renamed", event=channel.event, channel=channel.id)


def remove(db: Session, *, channel: Channel, by: Account) -> None:
    """Remove a short link: it then leads nowhere.

    Raises Conflicting (signed_up) once a person registered through it.
    """
    # A registration through it locks its row until the commit (lock_channel), and is counted then.
    _hold(db, channel)
    event = channel.event
    registered = exists().where(Registration.event_id == event.id, Registration.source == channel.code)
    if db.scalar(select(registered)):
        raise Conflicting("signed_up")
    db.delete(channel)
    db.flush()
    audit.note(db, by=by, action="channel.removed", event=event, channel=channel.id)


def _hold(db: Session, channel: Channel) -> None:
    if db.scalar(select(Channel.id).where(Channel.id == channel.id).with_for_update()) is None:
        raise Missing("channel")


def _require_free(db: Session, event: Event, name: str, *, but: int = 0) -> None:
    # Two people who choose one name at once would both find it free.
    editing.lock(db, event_id=event.id)
    same_name = Channel.event_id == event.id, func.lower(Channel.name) == name.lower(), Channel.id != but
    if db.scalar(select(exists().where(*same_name))):
        raise Invalid("name", "channel_taken")


def _free_code(db: Session) -> str:
    """Return a code that no channel has; 31^6 of them make a second draw rare."""
    while True:
        code = "".join(choice(LETTERS) for _ in range(LENGTH))
        if not db.scalar(select(exists().where(Channel.code == code))):
            return code


@dataclass(frozen=True, slots=True)
class Counted:
    """A channel with all its registrations, in any state, guests excluded."""

    channel: Channel
    people: int


def of_event(db: Session, *, event_id: int) -> Sequence[Counted]:
    """Return an event's channels in order of creation; there are at most 50."""
    registrations = select(func.count()).where(Registration.event_id == event_id, Registration.source == Channel.code)
    registrations = registrations.where(Registration.host_id.is_(None))
    query = select(Channel, registrations.correlate(Channel).scalar_subquery()).where(Channel.event_id == event_id)
    return [Counted(channel, count or 0) for channel, count in db.execute(query.order_by(Channel.id))]


def channel(db: Session, *, channel_id: int, event_id: int) -> Channel:
    """Return one channel of an event. Raises Missing."""
    channel_row = db.scalars(
        select(Channel).where(Channel.id == channel_id, Channel.event_id == event_id)
    ).one_or_none()
    if channel_row is None:
        raise Missing("channel")
    return channel_row


def by_code(db: Session, *, code: str) -> Channel:
    """Return the channel of a short link. Raises Missing, also while the event is a draft."""
    query = select(Channel).join(Channel.event).where(Channel.code == code, Event.state != EventState.DRAFT)
    channel_row = db.scalars(query.options(joinedload(Channel.event))).one_or_none()
    if channel_row is None:
        raise Missing("link")
    return channel_row


def lock_channel(db: Session, *, code: str, event_id: int) -> bool:
    """Lock the event's channel of a code, so that it stays at least until the commit; False if there is none."""
    query = select(Channel.id).where(Channel.code == code, Channel.event_id == event_id)
    return db.scalar(query.with_for_update(read=True, key_share=True)) is not None


def name_of(db: Session, *, code: str, event_id: int) -> str | None:
    """Return the name of an event's channel; None for an unknown code."""
    return db.scalar(select(Channel.name).where(Channel.code == code, Channel.event_id == event_id))
