"""What a person asks for when signing up, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import tickets
from shared.contacts import contact_key
from shared.i18n import search_key
from shared.models import Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """A place for a person and for companions, all or none; `wait` asks for a place in line where no seat is left."""

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
        """By which a second sign-up of the same person is recognised."""
        return contact_key(self.email, self.phone)

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody in the party, the host first."""
        return (self.name, *self.companions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sign-up. `first` tells a first answer from "we sent it again"."""

    registration: Registration
    first: bool


def draw_person(name: str) -> dict[str, str]:
    """What a person's registration starts with: the name, and a ticket id with its short code."""
    ticket_id = tickets.new_ticket_id()
    short_code = tickets.short_code(ticket_id)
    return {"ticket_id": ticket_id, "short_code": short_code, "name": name, "name_key": search_key(name)}
