"""The statement of a registration: seats for a group, the guests, the consent and the message, in one round trip."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.models import Event, RegistrationState, TicketType
from shared.models.outbox import request_id
from shared.outbox.kinds import KINDS, MessageKind
from shared.registrations.new_registration import COLUMNS, NewRegistration, as_json, draw_party
from shared.registrations.seats import confirmation_deadline

# One statement, so that the hot rows are never locked across a round trip. The event's row is locked before the ticket
# type's, as everywhere, and both are read as they are once they are locked. A host is inserted if both have seats, and
# counted if it was inserted; so nothing fails on purpose: PostgreSQL logs no error for each person who meets a full
# event, and there is no savepoint. The price is that both rows are locked before they are updated. A caller that read
# the event a while ago names its version: whatever organizers changed since, its rules are not those that were read.
TAKE_SEATS = text(f"""
    WITH via AS (
        SELECT code FROM channel WHERE event_id = :event AND code = :source FOR KEY SHARE
    ), free AS (
        SELECT least(event.capacity - event.taken, ticket_type.capacity - ticket_type.taken) - :party AS seats_left
        FROM event JOIN ticket_type ON ticket_type.event_id = event.id
        WHERE event.id = :event AND event.state = 'published' AND event.doors_closed_at IS NULL
          AND event.version = coalesce(CAST(:version AS integer), event.version)
          AND ticket_type.id = :ticket_type AND ticket_type.waiting = 0
          AND coalesce(least(event.capacity - event.taken, ticket_type.capacity - ticket_type.taken) >= :party, true)
        FOR NO KEY UPDATE OF event, ticket_type
    ), host AS (
        INSERT INTO registration ({COLUMNS})
        SELECT {COLUMNS}
        FROM jsonb_populate_record(
            CAST(NULL AS registration), CAST(:host AS jsonb) || jsonb_build_object('source', (SELECT code FROM via))
        )
        WHERE EXISTS (SELECT FROM free)
          AND NOT EXISTS (SELECT FROM registration WHERE event_id = :event AND short_code = ANY(:companion_codes))
        ON CONFLICT DO NOTHING
        RETURNING id, event_id, ticket_type_id, language, source, consent
    ), event_seats AS (
        UPDATE event SET taken = taken + :party WHERE id = (SELECT event_id FROM host)
    ), type_seats AS (
        UPDATE ticket_type SET taken = taken + :party WHERE id = (SELECT ticket_type_id FROM host)
    ), companions AS (
        INSERT INTO registration ({COLUMNS})
        SELECT {COLUMNS}
        FROM jsonb_populate_recordset(CAST(NULL AS registration), (
            SELECT jsonb_agg(companion || jsonb_build_object('host_id', host.id, 'source', host.source))
            FROM host, jsonb_array_elements(CAST(:companions AS jsonb)) AS companion
        ))
    ), worded AS (
        INSERT INTO consent_wording (version, language, wording)
        SELECT host.consent, host.language, CAST(:wording AS text) FROM host
        WHERE host.consent IS NOT NULL AND CAST(:wording AS text) IS NOT NULL
        ON CONFLICT DO NOTHING
    ), promised AS (
        INSERT INTO outbox (kind, subject, priority, request_id)
        SELECT CAST(:kind AS text), host.id, :priority, :request_id FROM host
    )
    SELECT host.id, EXISTS (SELECT FROM free) AS has_seats, (SELECT seats_left FROM free) AS seats_left,
           host.id IS NULL AND NOT EXISTS (SELECT FROM free)
           AND EXISTS (SELECT FROM event WHERE id = :event AND state = 'published' AND doors_closed_at IS NULL
                       AND version = :version)
           AND NOT EXISTS (SELECT FROM registration WHERE event_id = :event AND contact_key = :contact_key
                           AND host_id IS NULL AND (state <> 'cancelled' OR once = :once)) AS is_full
    FROM (VALUES (1)) AS one LEFT JOIN host ON true
""")  # noqa: S608 - constants


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
    state = {
        "state": first_state(event),
        "confirmed_at": None if event.confirms_by_email else now,
        "deadline": confirmation_deadline(event, now) if event.confirms_by_email else None,
    }
    host, *companions = draw_party(new_registration, ticket_type, state)
    kind = MessageKind.PLEASE_CONFIRM if event.confirms_by_email else MessageKind.REGISTRATION_CONFIRMED
    values: dict[str, Any] = {
        "event": event.id,
        "version": version,
        "ticket_type": ticket_type.id,
        "party": 1 + len(companions),
        "host": as_json(host),
        "companions": as_json(companions),
        "companion_codes": [companion["short_code"] for companion in companions],
        "source": new_registration.source,
        "contact_key": new_registration.contact_key,
        "once": new_registration.once,
        "wording": new_registration.consent_wording,
        "kind": kind,
        "priority": KINDS[kind].priority,
        "request_id": request_id(),
    }
    return SeatsAnswer(*db.execute(TAKE_SEATS, values).one())


def first_state(event: Event) -> RegistrationState:
    """Return the state of a new registration with a seat: confirmed, unless the event confirms by email."""
    return RegistrationState.UNCONFIRMED if event.confirms_by_email else RegistrationState.CONFIRMED
