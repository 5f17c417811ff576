"""Short links, and how many signed up through each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from shared.errors import Missing
from shared.models import Channel, Event, Registration


@dataclass(frozen=True, slots=True)
class Counted:
    """A channel and how many signed up that way, their companions aside, whatever became of it."""

    channel: Channel
    people: int


def of_event(db: Session, *, event_id: int) -> Sequence[Counted]:
    """The channels of an event in the order in which they were made; there are at most 50."""
    came = select(func.count()).where(Registration.event_id == event_id, Registration.source == Channel.code)
    came = came.where(Registration.host_id.is_(None))
    mine = select(Channel, came.correlate(Channel).scalar_subquery()).where(Channel.event_id == event_id)
    return [Counted(channel, count or 0) for channel, count in db.execute(mine.order_by(Channel.id))]


def channel(db: Session, *, channel_id: int, event_id: int) -> Channel:
    """One channel of an event. Raises Missing."""
    found = db.scalars(select(Channel).where(Channel.id == channel_id, Channel.event_id == event_id)).one_or_none()
    if found is None:
        raise Missing("channel")
    return found


def by_code(db: Session, *, code: str) -> Channel:
    """Where a short link leads. Raises Missing, also while the event is a draft."""
    found = select(Channel).join(Channel.event).where(Channel.code == code, Event.state != "draft")
    known = db.scalars(found.options(joinedload(Channel.event))).one_or_none()
    if known is None:
        raise Missing("link")
    return known


def lock_channel(db: Session, *, code: str, event_id: int) -> bool:
    """Whether a code is that of one of this event's channels, which then stays at least until the commit."""
    mine = select(Channel.id).where(Channel.code == code, Channel.event_id == event_id)
    return db.scalar(mine.with_for_update(read=True, key_share=True)) is not None


def name_of(db: Session, *, code: str, event_id: int) -> str | None:
    """What a channel of this event is called; None for a code that is not one of its."""
    return db.scalar(select(Channel.name).where(Channel.code == code, Channel.event_id == event_id))
