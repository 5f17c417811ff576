"""A new registration as a person asks for it, and its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import tickets
from shared.contacts import contact_key
from shared.i18n import search_key
from shared.models import Registration


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
