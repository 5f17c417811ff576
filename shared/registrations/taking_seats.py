"""Taking seats for a group: the guests, the consent and the message too, in one round trip."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.models import Event, RegistrationState, TicketType
from shared.outbox.kinds import KINDS, MessageKind
from shared.registrations.new_registration import NewRegistration, as_json, common_values, draw_party
from shared.registrations.seats import confirmation_deadline

# A function of the database (migration 0020), so that the hot rows are never locked across a round trip. It locks the
# event and the ticket type, inserts a host if both have seats, and counts what it inserted. Nothing fails on purpose:
# PostgreSQL logs no error for each person who meets a full event, and there is no savepoint. A caller that read the
# event a while ago names its version: whatever organizers changed since, its rules are not those that were read.
TAKE_SEATS = text("""
    SELECT host, has_seats, seats_left, is_full
    FROM take_seats(:event, CAST(:version AS integer), :ticket_type, CAST(:common AS jsonb), CAST(:people AS jsonb),
                    :source, :wording, :kind, :priority)
""")


class SeatsAnswer(NamedTuple):
    """The host's id, None if nothing was written; whether there were seats, in which case an equal registration came
    first; how many are left now, None without a limit; and whether seats are all that a newcomer lacks, in an event
    that is as it was read.
    """

    id: int | None
    has_seats: bool
    seats_left: int | None
    is_full: bool


def take_seats(
    db: Session,
    event: Event,
    ticket_type: TicketType,
    new_registration: NewRegistration,
    now: datetime,
    *,
    version: int | None = None,
) -> SeatsAnswer:
    """Take seats for a group in one statement; with `version` only if no organizer has changed the event since."""
    people = draw_party(new_registration)
    state = {
        "state": first_state(event),
        "confirmed_at": None if event.confirms_by_email else now,
        "deadline": confirmation_deadline(event, now) if event.confirms_by_email else None,
    }
    kind = MessageKind.PLEASE_CONFIRM if event.confirms_by_email else MessageKind.REGISTRATION_CONFIRMED
    values: dict[str, Any] = {
        "event": event.id,
        "version": version,
        "ticket_type": ticket_type.id,
        "common": as_json(common_values(new_registration, ticket_type) | state),
        "people": as_json(people),
        "source": new_registration.source,
        "wording": new_registration.consent_wording,
        "kind": kind,
        "priority": KINDS[kind].priority,
    }
    return SeatsAnswer(*db.execute(TAKE_SEATS, values).one())


def first_state(event: Event) -> RegistrationState:
    """Return the state of a new registration with a seat: confirmed, unless the event confirms by email."""
    return RegistrationState.UNCONFIRMED if event.confirms_by_email else RegistrationState.CONFIRMED
