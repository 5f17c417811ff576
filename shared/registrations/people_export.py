"""Attendees as they leave Turnout: in a file, one row each, and on a sign-in sheet. The audit records each."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.audit import audit
from shared.errors import Invalid
from shared.models import Account, Event, RegistrationState
from shared.outbox.outcomes import SENT
from shared.registrations.people import Wanted, listed, matching

MOST_ON_SHEET = 5_000
"""Attendees of a list that may become one sign-in sheet."""


class TicketEmail(StrEnum):
    """The states of the email with a person's ticket, as files name them."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    FAILED = "failed"
    NOT_SENT = "not sent"


# A person's admissions are few: first and last of all sessions. The email is the latest with a ticket.
_ROWS = f"""
    SELECT person.id, person.short_code, person.state, person.name, person.email, person.phone, person.language,
           person.ticket_type_id, person.created_at, coalesce(channel.name, person.source) AS source,
           person.confirmed_at, person.waited_at, person.cancelled_at, person.cancelled_by, person.walk_in,
           person.host_id, person.consent, person.answers, coming.first_at, coming.left_at, coming.sessions,
           first_scan.door, first_scan.volunteer, mail.status
    FROM page JOIN registration person USING (id)
    LEFT JOIN channel ON channel.code = person.source AND channel.event_id = person.event_id
    LEFT JOIN LATERAL (
        SELECT (array_agg(first ORDER BY first_at))[1] AS first, min(first_at) AS first_at, max(gone.at) AS left_at,
               array_agg(admission.session_id ORDER BY first_at) FILTER (WHERE first IS NOT NULL) AS sessions
        FROM admission LEFT JOIN scan gone ON gone.id = admission."left"
        WHERE admission.person = person.ticket_id AND admission.event_id = person.event_id
    ) coming ON true
    LEFT JOIN LATERAL (
        SELECT door.name AS door, (
            SELECT name FROM shift WHERE device_id = scan.device_id AND since <= scan.at ORDER BY since DESC LIMIT 1
        ) AS volunteer
        FROM scan JOIN door ON door.id = scan.door_id WHERE scan.id = coming.first
    ) first_scan ON true
    LEFT JOIN LATERAL (
        SELECT CASE WHEN dead_at IS NOT NULL THEN '{TicketEmail.FAILED}'
                    WHEN finished_at IS NULL THEN '{TicketEmail.WAITING}'
                    WHEN outcome = '{SENT}' THEN '{TicketEmail.ACCEPTED}' ELSE '{TicketEmail.NOT_SENT}' END AS status
        FROM outbox WHERE kind IN ('registration_confirmed', 'ticket_again') AND subject = person.id
        ORDER BY created_at DESC LIMIT 1
    ) mail ON true
    ORDER BY page.place
"""  # noqa: S608 - constants
_COUNT = "SELECT count(*) FROM page"


def export(
    db: Session, *, event: Event, wanted: Wanted, file_format: str, personal: Sequence[str], by: Account
) -> tuple[str, dict[str, Any]]:
    """Record an export, and return the statement that reads its rows by name, with its values.

    `personal` names the groups of personal columns in the file.
    """
    audit.note(db, by=by, action="people.exported", event=event, format=file_format, personal=personal)
    return statement(event.id, wanted)


def sign_in_sheet(db: Session, *, event: Event, wanted: Wanted, personal: Sequence[str], by: Account) -> list[Row[Any]]:
    """Record a sign-in sheet, and return its rows by name: the confirmed attendees of a list.

    Those on the waiting list are informed at the door, and walk-ins are inside. `personal` is as in export(). Raises
    Invalid for a list of more than MOST_ON_SHEET.
    """
    rows = listed(db, event_id=event.id, wanted=wanted, limit=MOST_ON_SHEET + 1)
    if len(rows) > MOST_ON_SHEET:
        raise Invalid("sheet", "list_too_long")
    attendees = [row for row in rows if row.state == RegistrationState.CONFIRMED and not row.walk_in]
    audit.note(db, by=by, action="people.sign_in_sheet_created", event=event, count=len(attendees), personal=personal)
    return attendees


def statement(event_id: int, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that reads them by name, and its values."""
    page, values = matching(event_id, wanted)
    return f"{page} {_ROWS}", values


def count(db: Session, *, event_id: int, wanted: Wanted) -> int:
    """Count the rows of the export."""
    page, values = matching(event_id, wanted)
    return int(db.execute(text(f"{page} {_COUNT}"), values).scalar_one())
