"""Short links, each with the number of its registrations."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from shared.errors import Missing
from shared.models import Channel, Event, Registration


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
    query = select(Channel).join(Channel.event).where(Channel.code == code, Event.state != "draft")
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
