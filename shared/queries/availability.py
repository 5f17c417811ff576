"""Whether one may register for an event: what its page, its form, its facts, its share kit and its editor all ask.

The operations that take a seat look again, and count in one statement: what a page said may be out of date by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.models import Event, TicketType


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether one may register at a moment: for which kinds of ticket, else why not, and when next."""

    state: str
    """"open"; "waiting", where all seats are taken and one may wait for one; "full"; "not-yet"; "closed"; or what bars
    the event: "draft", "cancelled", "over", "doors_closed".
    """
    kinds: Sequence[TicketType] = ()
    """The kinds of ticket that can be chosen."""
    left: int | None = None
    """Seats of the kinds that are open. None: there is no limit, or nobody is told."""
    opens_at: datetime | None = None
    """When the next of the kinds that are not open yet opens; also while others are."""
    waits_for_ticket_types: bool = False
    """Whether no kind is in its own window, so that opening the event's would open nothing."""

    @property
    def is_possible(self) -> bool:
        """Whether one may take a seat, or a place in line."""
        return self.state in {"open", "waiting"}

    @property
    def is_ahead(self) -> bool:
        """Whether one may register, or will once it opens."""
        return self.is_possible or self.state in {"draft", "not-yet"}


def availability(event: Event, now: datetime) -> Availability:
    """Whether one may register for an event now."""
    if reason := event.closed_reason(now):
        return Availability(reason)
    opens_at = min(filter(None, (opening(event, kind, now) for kind in event.ticket_types)), default=None)
    inside = [kind for kind in event.ticket_types if kind.is_open(now)]
    if not inside or not event.is_open(now):
        return Availability("not-yet" if opens_at else "closed", opens_at=opens_at, waits_for_ticket_types=not inside)
    if event.confirms_by_email:
        # Where every sign-up is answered by mail, the mail says too whether there was a seat.
        return Availability("open", inside, opens_at=opens_at)
    left = event.seats_left(inside)
    if event.may_wait(now):
        return Availability("waiting" if left == 0 else "open", inside, left, opens_at)
    free = [kind for kind in inside if left != 0 and kind.seats_left != 0]
    return Availability("open" if free else "full", free, left, opens_at)


def opening(event: Event, kind: TicketType, now: datetime) -> datetime | None:
    """When a kind of ticket that is not open yet opens, with its event. None for one that is, and that never will."""
    opens_at = max(filter(None, (event.opens_at, kind.opens_at)), default=now)
    closes_at = min(filter(None, (event.closes_at, kind.closes_at)), default=None)
    return opens_at if now < opens_at and (closes_at is None or opens_at < closes_at) else None
