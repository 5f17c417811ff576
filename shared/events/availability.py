"""An event's availability, as its page, its form, its facts, its share kit and its editor show it.

The use cases that take a seat check again and count in one statement: a page may be out of date by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.models import ClosedReason, Event, TicketType


class OpenState(StrEnum):
    """The states of registration for an event that is not closed. Waiting: all seats are taken, and there is a waiting
    list. Not yet: it opens later. Closed: it will not open again.
    """

    OPEN = "open"
    WAITING = "waiting"
    FULL = "full"
    NOT_YET = "not-yet"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Availability:
    """The state of registration at one moment: the ticket types on sale, else the obstacle, and the next opening."""

    state: OpenState | ClosedReason
    ticket_types: Sequence[TicketType] = ()
    """The ticket types that can be chosen."""
    seats_left: int | None = None
    """Free seats of the open ticket types. None: there is no limit, or the number is not public."""
    opens_at: datetime | None = None
    """The next opening of a ticket type that is not open yet; set also while others are open."""
    waits_for_ticket_types: bool = False
    """True if no ticket type is inside its own window, so that opening the event's window would open nothing."""

    @property
    def is_possible(self) -> bool:
        """Return True if a visitor can take a seat or join the waiting list."""
        return self.state in {OpenState.OPEN, OpenState.WAITING}

    @property
    def is_ahead(self) -> bool:
        """Return True if registration is possible now or will be once it opens."""
        return self.is_possible or self.state in {ClosedReason.DRAFT, OpenState.NOT_YET}


def availability(event: Event, now: datetime) -> Availability:
    """Return the availability of an event now."""
    if reason := event.closed_reason(now):
        return Availability(reason)
    opens_at = min(filter(None, (opening(event, ticket_type, now) for ticket_type in event.ticket_types)), default=None)
    in_window = [ticket_type for ticket_type in event.ticket_types if ticket_type.is_open(now)]
    if not in_window or not event.is_open(now):
        return Availability(
            OpenState.NOT_YET if opens_at else OpenState.CLOSED, opens_at=opens_at, waits_for_ticket_types=not in_window
        )
    if event.confirms_by_email:
        # Where every registration is answered by email, the email also says if there was a seat.
        return Availability(OpenState.OPEN, in_window, opens_at=opens_at)
    seats_left = event.seats_left(in_window)
    if event.may_wait(now):
        return Availability(OpenState.WAITING if seats_left == 0 else OpenState.OPEN, in_window, seats_left, opens_at)
    free = [ticket_type for ticket_type in in_window if seats_left != 0 and ticket_type.seats_left != 0]
    return Availability(OpenState.OPEN if free else OpenState.FULL, free, seats_left, opens_at)


def opening(event: Event, ticket_type: TicketType, now: datetime) -> datetime | None:
    """Return the opening time of a ticket type, limited by its event's. None if it is open or will never open."""
    opens_at = max(filter(None, (event.opens_at, ticket_type.opens_at)), default=now)
    closes_at = min(filter(None, (event.closes_at, ticket_type.closes_at)), default=None)
    return opens_at if now < opens_at and (closes_at is None or opens_at < closes_at) else None
