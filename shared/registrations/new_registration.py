"""A new registration as a person asks for it, how it is inserted, and its outcome."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import tickets
from shared.contacts import contact_key
from shared.i18n import search_key
from shared.models import Registration, TicketType

COLUMNS = """
    event_id, ticket_type_id, host_id, state, deadline, confirmed_at, waited_at, cancelled_at, cancelled_by, held,
    walk_in, device_id, ticket_id, short_code, name, name_key, email, phone, contact_key, language, once, source,
    consent, answers
"""
"""The columns of a new registration, for each statement that inserts one. The database computes the others, or they are
written later.
"""
UNSAID: Mapping[str, Any] = {"held": False, "walk_in": False, "answers": {}}
ADD = f"""
    INSERT INTO registration ({COLUMNS})
    SELECT {COLUMNS} FROM jsonb_populate_recordset(CAST(NULL AS registration), CAST(:people AS jsonb))
"""  # noqa: S608 - constants
ADD_REGISTRATIONS = text(f"{ADD} RETURNING id")
ADD_UNKNOWN = text(f"{ADD} ON CONFLICT DO NOTHING RETURNING id")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """Seats for a person and their guests, all or none; `wait` asks for the waiting list when no seat is left."""

    name: str
    language: str
    email: str | None = None
    phone: str | None = None
    ticket_type_id: int | None = None
    companions: tuple[str, ...] = ()
    once: str | None = None
    consent: str | None = None
    consent_wording: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    wait: bool = False

    @property
    def contact_key(self) -> str:
        """Return the key by which a second registration of the same person is recognized."""
        return contact_key(self.email, self.phone)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the whole group, the host first."""
        return (self.name, *self.companions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a registration.

    `is_new` is False when it existed and its email was resent, and whenever the event confirms by email. `took_last`:
    no seat is left for the next person.
    """

    registration: Registration
    is_new: bool
    took_last: bool = False


def draw_person(name: str) -> dict[str, str]:
    """Return the first columns of a person's registration: the name, and a ticket id with its short code."""
    ticket_id = tickets.new_ticket_id()
    short_code = tickets.short_code(ticket_id)
    return {"ticket_id": ticket_id, "short_code": short_code, "name": name, "name_key": search_key(name)}


def draw_party(
    new_registration: NewRegistration, ticket_type: TicketType, state: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the columns of a group, all in one state, the host first: only a host has a contact and answers."""
    common = {
        "event_id": ticket_type.event_id,
        "ticket_type_id": ticket_type.id,
        "language": new_registration.language,
        "source": new_registration.source,
        "consent": new_registration.consent,
        **state,
    }
    contact = {
        "email": new_registration.email,
        "phone": new_registration.phone,
        "contact_key": new_registration.contact_key,
        "once": new_registration.once,
        "answers": dict(new_registration.answers),
    }
    host, *companions = ({**UNSAID, **common, **draw_person(name)} for name in new_registration.names)
    return [host | contact, *companions]


def add_registrations(
    db: Session, common: Mapping[str, Any], people: Sequence[Mapping[str, Any]], *, leaves_out_known: bool = False
) -> Sequence[int]:
    """Insert the registrations of people and return their ids; their seats are counted by the caller.

    `common` are the columns in which they do not differ. Raises IntegrityError when one of them is registered already,
    unless such people are left out.
    """
    rows = [{**UNSAID, **common, **person} for person in people]
    return db.scalars(ADD_UNKNOWN if leaves_out_known else ADD_REGISTRATIONS, {"people": as_json(rows)}).all()


def as_json(columns: object) -> str:
    """Return columns as the database reads them."""
    return json.dumps(columns, default=datetime.isoformat)
