"""How many forms of registration are taken, and from when on a seat has to be confirmed: by contact, network, event and
installation.

A form that brings back a stamp of ours (web/stamps.py) left our page at least two seconds before, and was not used
more often than a family uses one. Any other counts as a program's: a small share of the event and a rate of its own.
A program can load pages too, so beyond a larger share everyone has to confirm; that is no refusal, since in a hall
each has a mailbox or an organizer at hand.
"""

from flask import request

from shared.contacts import contact_key_of
from shared.models import Event, TicketType
from shared.operations.seat_holds import network_share
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
"""From how many seats on an event is a hall, and how many people of one address it seats without asking: a full hall
registers through the one Wi-Fi that it has.
"""
USES = 4
"""Forms that one page sends in an hour: somebody goes back and registers the next of the family."""


def _contact() -> str | None:
    """The contact that was typed, from one network: else anyone could use up what another person has."""
    typed = (request.form.get(field, "") for field in ("email_meant", "email", "phone"))
    return next((f"{network()} {contact_key_of(one)}" for one in typed if one.strip()), None)


def _stamp() -> str | None:
    """The stamp of the form, where it is ours."""
    once = request.form.get("once", "")
    return once if form_tokens.left_at(settings().secrets, once) else None


def _event() -> str:
    return str((request.view_args or {}).get("slug", ""))


def _network_and_event() -> str:
    return f"{network()} {_event()}"


def _if_program(key: str) -> str | None:
    return None if _stamp() else key


def _party() -> int:
    """How many seats the form asks for."""
    return 1 + sum(bool(request.form.get(field, "").strip()) for field in COMPANION_FIELDS)


NETWORK = Limit("sign-up", 3000, 600, network)
"""Generous: a whole hall may sign up through one address."""
PROGRAMS = Limit("sign-up-programs", 60, 600, lambda: _if_program(network()))
CONTACT = Limit("sign-up-contact", 20, HOUR, _contact)
PAGE = Limit("sign-up-page", 20, HOUR, _stamp)
ALL_PROGRAMS = Limit("sign-up-all-programs", 1200, 600, lambda: _if_program("all"))
SEATS = Limit("seats", None, HOUR, _network_and_event, amount=_party)
SEATS_OF_PROGRAMS = Limit("seats-programs", None, HOUR, lambda: _if_program(_event()), amount=_party)
LIMITS = (PROGRAMS, CONTACT, PAGE, NETWORK, ALL_PROGRAMS, SEATS, SEATS_OF_PROGRAMS)
"""The narrow ones first: what they refuse does not count for everyone else."""


def is_beyond_share(event: Event, ticket_type_id: int | None) -> bool:
    """Whether the network of this form has had its share of an event, or programs have had theirs.

    Never where limits are off. A ticket type that is not the event's is for others to refuse.
    """
    kinds = event.ticket_types
    kind = next((kind for kind in kinds if kind.id == ticket_type_id), kinds[0])
    if counted(SEATS) > _share_of_people(event, kind):
        return True
    if _stamp() and counted(PAGE) <= USES:
        return False
    is_over_all = counted(SEATS_OF_PROGRAMS) > network_share(event, kind, OF_ALL_PROGRAMS)
    return is_over_all or counted(SEATS) > network_share(event, kind, OF_PROGRAMS)


def _share_of_people(event: Event, kind: TicketType) -> int:
    seats = network_share(event, kind, 1)
    return max(network_share(event, kind, OF_PEOPLE), HALL_SEATS if seats >= HALL else 0)
