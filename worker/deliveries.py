"""The delivery of each kind of message. A delivery reads the present state, and skips a message that is no longer true.

It returns the email to send, or the reason why there is none; it sends nothing, and its transaction is the task's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import clock, i18n, links, tickets, wording
from shared.config import Settings
from shared.events import pictures
from shared.mailings import audiences
from shared.models import CancelledBy, Event, EventState, OutboxMessage, Registration, RegistrationState
from shared.outbox import email_backlog
from shared.outbox.kinds import COUNTED, KINDS, OF_ACCOUNTS, MessageKind
from shared.outbox.outcomes import SkipReason
from shared.papers import qr
from shared.registrations import registrations, seat_holds
from shared.registrations.registrations import PendingChanges
from shared.registrations.seats import CANCELLATION_EMAILS
from worker import account_emails, budget, emails, mailing_test
from worker.email_message import Delayed, Prepared, Skipped

LATE = timedelta(hours=3)
"""A reminder two days before that is this late adds nothing to the one three hours before."""

REPEATED = frozenset(
    {
        MessageKind.PLEASE_CONFIRM,
        MessageKind.TICKET_AGAIN,
        MessageKind.JOINED_WAITING_LIST,
        MessageKind.SEAT_OFFERED,
        MessageKind.SIGN_IN_LINK,
        MessageKind.PASSWORD_RESET,
    }
)
"""Messages that are requested repeatedly, each stating the present situation: of several that wait the newest is
enough.
"""

OWN = COUNTED.difference(OF_ACCOUNTS) | {MessageKind.PLACE_TAKEN_BACK}
"""Messages on the state of one's own registration.

The last to arrive is believed, so none may overtake an older one.
"""


class NoKey(Exception):
    """None of our secrets made the event's signing key: SECRET_KEY lacks the one it was made with."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A message and its present subject: a registration, its host (often itself), and their live group."""

    db: Session
    settings: Settings
    message: OutboxMessage
    about: Registration
    host: Registration
    party: Sequence[Registration]

    @property
    def event(self) -> Event:
        """Return the event of the registration."""
        return self.host.event

    def members(self, state: RegistrationState) -> list[Registration]:
        """Return the members of the group in a state."""
        return [registration for registration in self.party if registration.state == state]

    def with_open_deadline(self, state: RegistrationState) -> list[Registration]:
        """Return the members of the group in a state whose seat is reserved until a deadline still to come."""
        now = clock.now()
        return [
            registration
            for registration in self.members(state)
            if registration.deadline and registration.deadline > now
        ]

    def email(self, people: Sequence[Registration] = (), **words: Any) -> Prepared:
        """Return the message's email to the host's address, also when the host has cancelled and only guests remain."""
        if not self.host.email:
            return Skipped(SkipReason.NO_ADDRESS)
        if self.message.kind in OWN and email_backlog.overtakes(
            self.db, message=self.message, host=self.host, kinds=OWN
        ):
            return Delayed(clock.now())
        if delayed := budget.spend(self.db, self.message, self.host.email, self.settings):
            return delayed
        photograph = pictures.photograph(self.db, event=self.event)
        template = KINDS[MessageKind(self.message.kind)].email.template
        return emails.compose(template, self.about, self.host, people, self.settings, photograph=photograph, **words)


Telling = Callable[[Occasion], Prepared]
Delivery = Callable[[Session, OutboxMessage, Settings], Prepared]
"""A delivery of any subject; those about a registration are written for its occasion."""


def prepare(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
    """Prepare the email of a message. Raises any error on the way; the message is then retried later."""
    if message.kind in REPEATED and email_backlog.is_repeated(db, message=message):
        return Skipped(SkipReason.SUPERSEDED)
    return DELIVERIES[message.kind](db, message, settings)


def about_registration(compose: Telling) -> Delivery:
    """Return the delivery of a message whose subject is a registration."""

    def deliver(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
        group = registrations.group(db, registration_id=message.subject)
        if not group:
            return Skipped(SkipReason.NO_REGISTRATION)
        [about] = (registration for registration in group if registration.id == message.subject)
        party = [registration for registration in group if registration.is_live]
        return compose(Occasion(db, settings, message, about, group[0], party))

    return deliver


def ticket(occasion: Occasion) -> Prepared:
    """Issue the tickets of a group, and email them, also repeatedly, where it gave an address."""
    if _is_past(occasion.event):
        return Skipped(SkipReason.EVENT_PAST)
    confirmed = _with_tickets(occasion)
    if not confirmed:
        return Skipped(SkipReason.NOT_CONFIRMED)
    return occasion.email(confirmed)


def please_confirm(occasion: Occasion) -> Prepared:
    """Request the confirmation that a registration waits for."""
    joins_until = occasion.about.joins_until()
    if joins_until and joins_until > clock.now() and not _is_past(occasion.event):
        return occasion.email(deadline=joins_until, waits=True)
    unconfirmed = occasion.with_open_deadline(RegistrationState.UNCONFIRMED)
    if not unconfirmed:
        return Skipped(SkipReason.NOT_UNCONFIRMED)
    email = occasion.email(unconfirmed, deadline=unconfirmed[0].deadline, waits=False)
    if isinstance(email, Delayed):
        seat_holds.extend_hold(occasion.db, host=occasion.host, until=email.until)
    return email


def joined_waiting_list(occasion: Occasion) -> Prepared:
    """Confirm the position on the waiting list, and that nothing need be done."""
    waiting, starts_at = occasion.members(RegistrationState.WAITING), occasion.event.starts_at
    if not waiting or (starts_at and starts_at <= clock.now()):
        return Skipped(SkipReason.NOT_WAITING)
    position = registrations.waiting_position(occasion.db, registration=waiting[0])
    return occasion.email(waiting, position=position)


def seat_offered(occasion: Occasion) -> Prepared:
    """Offer the free seats, with the deadline."""
    offered = occasion.with_open_deadline(RegistrationState.OFFERED)
    if not offered:
        return Skipped(SkipReason.NOT_OFFERED)
    return occasion.email(offered, deadline=offered[0].deadline)


def offer_lapsed(occasion: Occasion) -> Prepared:
    """Say that the offered seats were passed on."""
    if occasion.party or _is_past(occasion.event):
        return Skipped(SkipReason.OF_NO_USE)
    return occasion.email()


def event_full(occasion: Occasion) -> Prepared:
    """Say by email, since the page must not, that there was neither a seat nor a waiting list."""
    if occasion.party or _is_past(occasion.event):
        return Skipped(SkipReason.OF_NO_USE)
    if registrations.newer(occasion.db, registration=occasion.host):
        return Skipped(SkipReason.REGISTERED_AGAIN)
    return occasion.email()


def place_given_up(occasion: Occasion) -> Prepared:
    """Say that a registration was cancelled, which others of the group remain, and remove it from the calendar."""
    if occasion.about.state != RegistrationState.CANCELLED:
        return Skipped(SkipReason.NOT_CANCELLED)
    if not occasion.party and _is_followed(occasion):
        return Skipped(SkipReason.REGISTERED_AGAIN)
    return occasion.email(occasion.party, who=occasion.about, is_own=occasion.about is occasion.host)


def place_taken_back(occasion: Occasion) -> Prepared:
    """Say that the organizer cancelled a registration. One that merely lapsed was never confirmed."""
    if occasion.about.cancelled_by != CancelledBy.ORGANIZER:
        return Skipped(SkipReason.NOT_CANCELLED_BY_ORGANIZER)
    return occasion.email(occasion.party, who=occasion.about)


def event_cancelled(occasion: Occasion) -> Prepared:
    """Say that the event is cancelled, and why."""
    if occasion.event.state != EventState.CANCELLED:
        return Skipped(SkipReason.EVENT_NOT_CANCELLED)
    return occasion.email()


def event_changed(occasion: Occasion) -> Prepared:
    """Say what changed, and the present state. A change that another one followed is sent with that one."""
    sequence = int(occasion.message.key.partition(":")[0])
    if not occasion.party or _is_past(occasion.event):
        return Skipped(SkipReason.OF_NO_USE)
    if registrations.has_later_email(occasion.db, registration=occasion.host, sequence=sequence):
        return Skipped(SkipReason.CHANGED_AGAIN)
    host_id = occasion.host.id
    pending = registrations.pending_changes(occasion.db, host_ids=[host_id]).get(host_id, PendingChanges())
    has_ticket, sessions = (
        bool(occasion.members(RegistrationState.CONFIRMED)),
        wording.sessions_of(occasion.party, occasion.event),
    )
    values = {"has_ticket": has_ticket, "sessions": sessions, "position": _waiting_position(occasion)}
    return occasion.email(occasion.party, changed=pending.words, before=pending.before, **values)


def reminder(occasion: Occasion) -> Prepared:
    """Send the tickets again, shortly before they are needed: those for sessions that begin at the hour named."""
    event, now = occasion.event, clock.now()
    before, _, start = occasion.message.key.partition(" ")
    if event.state != EventState.PUBLISHED or not event.reminders or event.starts_at is None:
        return Skipped(SkipReason.NO_REMINDERS)
    if not registrations.wants_news(occasion.db, registration=occasion.host):
        return Skipped(SkipReason.UNSUBSCRIBED)
    confirmed = _with_tickets(occasion)
    if not confirmed:
        return Skipped(SkipReason.NOT_CONFIRMED)
    starts = registrations.starts(occasion.db, event=event)
    reminded = [
        registration
        for registration in confirmed
        if start in ("", f"{int(starts[registration.ticket_type_id].timestamp())}")
    ]
    if not reminded:
        return Skipped(SkipReason.MOVED)
    starts_at = min(starts[registration.ticket_type_id] for registration in reminded)
    if starts_at <= now or (before == "2d" and starts_at - LATE <= now):
        return Skipped(SkipReason.TOO_LATE)
    day, today = (moment.astimezone(ZoneInfo(event.zone)).date() for moment in (starts_at, now))
    return occasion.email(reminded, days=(day - today).days)


def thanks(occasion: Occasion) -> Prepared:
    """Thank attendees, with the recap of the event."""
    event = occasion.event
    if event.state != EventState.PUBLISHED or not event.recap or not event.is_over(clock.now()):
        return Skipped(SkipReason.NO_RECAP)
    if not registrations.wants_news(occasion.db, registration=occasion.host):
        return Skipped(SkipReason.UNSUBSCRIBED)
    return occasion.email()


def mailing(occasion: Occasion) -> Prepared:
    """Send an organizer's mailing, if the recipient still belongs to its audience."""
    mailing_row = audiences.get(occasion.db, mailing_id=int(occasion.message.key))
    if mailing_row is None:
        return Skipped(SkipReason.MAILING_DELETED)
    if mailing_row.stopped_at:
        return Skipped(SkipReason.STOPPED)
    if not audiences.is_addressed(occasion.db, mailing=mailing_row, host_id=occasion.host.id):
        return Skipped(SkipReason.NOT_IN_AUDIENCE if occasion.party else SkipReason.CANCELLED)
    if not registrations.wants_news(occasion.db, registration=occasion.host):
        return Skipped(SkipReason.UNSUBSCRIBED)
    with i18n.use_language(occasion.host.language):
        words = wording.mailing(mailing_row, occasion.event, occasion.host.name)
    return occasion.email(occasion.party, **words)


def _waiting_position(occasion: Occasion) -> int | None:
    """Return the position on the waiting list of a group without a seat or an offer."""
    if any(registration.state != RegistrationState.WAITING for registration in occasion.party):
        return None
    return registrations.waiting_position(occasion.db, registration=occasion.party[0])


def _is_followed(occasion: Occasion) -> bool:
    """Return True if this contact registered again and an email reports the result: it would arrive before this one."""
    newer = registrations.newer(occasion.db, registration=occasion.host)
    return newer is not None and (
        newer.state in {RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.OFFERED}
        or newer.cancelled_by in CANCELLATION_EMAILS
    )


def _is_past(event: Event) -> bool:
    return event.state == EventState.CANCELLED or event.is_over(clock.now())


def _with_tickets(occasion: Occasion) -> list[Registration]:
    confirmed = occasion.members(RegistrationState.CONFIRMED)
    for registration in confirmed:
        draw_ticket(registration, occasion.event, occasion.settings)
    return confirmed


def draw_ticket(registration: Registration, event: Event, settings: Settings) -> None:
    """Issue a registration's signed code and its QR code, if it has none yet; a code is never reissued."""
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
    MessageKind.REGISTRATION_CONFIRMED: about_registration(ticket),
    MessageKind.TICKET_AGAIN: about_registration(ticket),
    MessageKind.PLEASE_CONFIRM: about_registration(please_confirm),
    MessageKind.JOINED_WAITING_LIST: about_registration(joined_waiting_list),
    MessageKind.SEAT_OFFERED: about_registration(seat_offered),
    MessageKind.OFFER_LAPSED: about_registration(offer_lapsed),
    MessageKind.EVENT_FULL: about_registration(event_full),
    MessageKind.PLACE_GIVEN_UP: about_registration(place_given_up),
    MessageKind.PLACE_TAKEN_BACK: about_registration(place_taken_back),
    MessageKind.EVENT_CANCELLED: about_registration(event_cancelled),
    MessageKind.EVENT_CHANGED: about_registration(event_changed),
    MessageKind.REMINDER: about_registration(reminder),
    MessageKind.THANKS: about_registration(thanks),
    MessageKind.MAILING: about_registration(mailing),
    MessageKind.MAILING_TEST: mailing_test.mailing_test,
    MessageKind.SIGN_IN_LINK: account_emails.sign_in_link,
    MessageKind.PASSWORD_RESET: account_emails.password_reset,
    MessageKind.ACCOUNT_NOTICE: account_emails.account_notice,
    MessageKind.INVITATION: account_emails.invitation,
}
