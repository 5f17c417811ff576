"""What each kind of promise asks for. A delivery reads the state afresh, and skips what is no longer true.

It returns the mail that is to go out, or why there is none; it sends nothing, and its transaction is the task's.
"""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from shared import clock, links, tickets
from shared.config import Settings
from shared.models import Event, Promise, Registration
from shared.papers import qr
from shared.queries import registrations
from worker import mails
from worker.mail import Mail, Skipped

Delivery = Callable[[Session, Promise, Settings], Mail | Skipped]


class NoKey(Exception):
    """None of our secrets made the event's signing key: SECRET_KEY lacks the one it was made with."""


def prepare(db: Session, promise: Promise, settings: Settings) -> Mail | Skipped:
    """Do what a promise asks for, up to the mail. Raises whatever went wrong; the promise is then tried again later."""
    return DELIVERIES[promise.kind](db, promise, settings)


def registration_confirmed(db: Session, promise: Promise, settings: Settings) -> Mail | Skipped:
    """Make the tickets of a registration and its companions, and mail them to its address, where it gave one."""
    host = registrations.get(db, registration_id=promise.subject)
    if host is None or host.event.state == "cancelled" or host.event.is_over(clock.now()):
        return Skipped("there is no such event to come")
    party = [one for one in (host, *registrations.companions(db, host=host)) if one.state == "confirmed"]
    if not party:
        return Skipped("not confirmed any more")
    for one in party:
        draw_ticket(one, host.event, settings)
    if not host.email:
        return Skipped("no address")
    return mails.ticket(host, party, settings)


def ticket_again(db: Session, promise: Promise, settings: Settings) -> Mail | Skipped:
    """Mail the same tickets once more."""
    return registration_confirmed(db, promise, settings)


def draw_ticket(registration: Registration, event: Event, settings: Settings) -> None:
    """Give a registration its signed code and the QR of it, if it has none yet; a code is never reissued."""
    if registration.code is None:
        registration.code = _sign(registration.ticket_id, event, settings)
    if registration.qr is None:
        registration.qr = qr.svg(links.ticket_code(settings.base_url, registration.code))


def _sign(ticket_id: str, event: Event, settings: Settings) -> str:
    newest = event.keys[-1]
    key = tickets.find_private_key(settings.secrets, event_id=event.id, version=newest.version, public=newest.public)
    if key is None:
        raise NoKey(f"SECRET_KEY did not make the ticket key {newest.number} of the event {event.slug}")
    return tickets.sign(ticket_id, key_number=newest.number, key=key)


DELIVERIES: Mapping[str, Delivery] = {
    "registration_confirmed": registration_confirmed,
    "ticket_again": ticket_again,
}
