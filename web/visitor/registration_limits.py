"""Rate limits on registration forms, and the share from which a seat has to be confirmed: by contact, network, event
and installation.

A form with a token of ours (web/form_tokens.py) left our page at least two seconds before, and was not sent more often
than a family needs. Any other counts as a program's: a small share of the event and a rate of its own. A program can
load pages too, so beyond a larger share everyone has to confirm; that is no refusal, since in a hall each attendee has
a mailbox or an organizer at hand.
"""

from flask import request

from shared.contacts import contact_key_of
from shared.models import Event, TicketType
from shared.registrations.seat_holds import network_share
from web import form_tokens
from web.access import network
from web.current import settings
from web.forms.registration import COMPANION_FIELDS
from web.limits import Limit, counted

HOUR = 3600
OF_PEOPLE, OF_PROGRAMS, OF_ALL_PROGRAMS = 2, 10, 5
"""A network's share of an event within an hour, as one part in so many: by people and by programs; and that of the
programs of all networks.
"""
HALL, HALL_SEATS = 100, 300
"""An event with this many seats is a hall, and this many people of one address register without confirming: a full hall
registers through its one Wi-Fi.
"""
USES_OF_TOKEN = 4
"""Forms that one page sends in an hour: a visitor goes back and registers the next of the family."""


def _contact_of_network() -> str | None:
    """Return the submitted contact, with the network: otherwise anyone could use up another person's limit."""
    typed = (request.form.get(field, "") for field in ("email_meant", "email", "phone"))
    return next((f"{network()} {contact_key_of(contact)}" for contact in typed if contact.strip()), None)


def _form_token() -> str | None:
    """Return the token of the form, if it is ours."""
    once = request.form.get("once", "")
    return once if form_tokens.issued_at(settings().secrets, once) else None


def _event() -> str:
    return str((request.view_args or {}).get("slug", ""))


def _network_and_event() -> str:
    return f"{network()} {_event()}"


def _if_program(key: str) -> str | None:
    return None if _form_token() else key


def _group_size() -> int:
    """Return how many seats the form asks for."""
    return 1 + sum(bool(request.form.get(field, "").strip()) for field in COMPANION_FIELDS)


NETWORK = Limit("sign-up", 3000, 600, network)
"""Generous: a whole hall may register through one address."""
PROGRAMS = Limit("sign-up-programs", 60, 600, lambda: _if_program(network()))
CONTACT = Limit("sign-up-contact", 20, HOUR, _contact_of_network)
PAGE = Limit("sign-up-page", 20, HOUR, _form_token)
ALL_PROGRAMS = Limit("sign-up-all-programs", 1200, 600, lambda: _if_program("all"))
SEATS = Limit("seats", None, HOUR, _network_and_event, amount=_group_size)
SEATS_OF_PROGRAMS = Limit("seats-programs", None, HOUR, lambda: _if_program(_event()), amount=_group_size)
LIMITS = (PROGRAMS, CONTACT, PAGE, NETWORK, ALL_PROGRAMS, SEATS, SEATS_OF_PROGRAMS)
"""The narrow ones first: a request that they refuse does not count for everyone else."""


def is_beyond_share(event: Event, ticket_type_id: int | None) -> bool:
    """Return whether the network of this form has used its share of an event, or programs have used theirs.

    Never where limits are off. A ticket type that is not the event's is refused elsewhere.
    """
    ticket_types = event.ticket_types
    ticket_type = next((each for each in ticket_types if each.id == ticket_type_id), ticket_types[0])
    if counted(SEATS) > _share_of_people(event, ticket_type):
        return True
    if _form_token() and counted(PAGE) <= USES_OF_TOKEN:
        return False
    is_over_all = counted(SEATS_OF_PROGRAMS) > network_share(event, ticket_type, OF_ALL_PROGRAMS)
    return is_over_all or counted(SEATS) > network_share(event, ticket_type, OF_PROGRAMS)


def _share_of_people(event: Event, ticket_type: TicketType) -> int:
    seats = network_share(event, ticket_type, 1)
    return max(network_share(event, ticket_type, OF_PEOPLE), HALL_SEATS if seats >= HALL else 0)
