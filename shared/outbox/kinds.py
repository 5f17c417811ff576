"""Every kind of message in the outbox, and what each tier knows about it: one row a kind.

A new kind is a member and a row here, an operation that enqueues it, its delivery in worker/deliveries.py, its three
templates in worker/templates, and its sentences in the catalogues.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from shared.i18n import deferred


class MessageKind(StrEnum):
    """The kinds of message, as the column `kind` of the outbox stores them."""

    REGISTRATION_CONFIRMED = "registration_confirmed"
    TICKET_AGAIN = "ticket_again"
    PLEASE_CONFIRM = "please_confirm"
    SEAT_OFFERED = "seat_offered"
    JOINED_WAITING_LIST = "joined_waiting_list"
    OFFER_LAPSED = "offer_lapsed"
    EVENT_FULL = "event_full"
    PLACE_GIVEN_UP = "place_given_up"
    PLACE_TAKEN_BACK = "place_taken_back"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_CHANGED = "event_changed"
    REMINDER = "reminder"
    THANKS = "thanks"
    MAILING = "mailing"
    MAILING_TEST = "mailing_test"
    INVITATION = "invitation"
    SIGN_IN_LINK = "sign_in_link"
    PASSWORD_RESET = "password_reset"  # noqa: S105 (the name of a kind)
    ACCOUNT_NOTICE = "account_notice"


class About(StrEnum):
    """The table whose row is the subject of a message."""

    REGISTRATION = "registration"
    MAILING = "mailing"
    INVITATION = "invitation"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailKind:
    """The properties of a kind of email, apart from its words, which are in the folder `template`.

    `button` names its one link, which opens the registration or the event's page, or the action requested for an
    account. `codes` shows the QR codes of the tickets in the email, `papers` attaches them for printing. `calendar` is
    the method for the recipient's calendar (RFC 5546). News can be unsubscribed from, and says how; a ticket or a
    change of a registration cannot.
    """

    template: str
    button: str = deferred("email.open_registration_button")
    opens: Literal["registration", "event", "account"] = "registration"
    codes: bool = False
    papers: bool = False
    calendar: Literal["REQUEST", "CANCEL"] | None = None
    is_news: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The properties of a kind of message.

    `priority` is 1 for a message that a person waits for, 5 for news, 9 for a mailing to everyone. `type_label` names
    it on the system status page; emails about accounts are not on it. `history_label` names it in the history of an
    attendee, which has the emails about registrations.
    """

    priority: int
    email: EmailKind
    about: About = About.REGISTRATION
    is_counted: bool = False
    """A stranger can cause it, so it counts against its recipient's budget unless its row is exempt."""
    is_at_most_once: bool = False
    """It must never be sent twice: when it is unknown whether it was sent, a person decides about resending it."""
    type_label: str = ""
    history_label: str = ""


_EVENT = deferred("email.open_event_button")
_TICKET = EmailKind(template="ticket", codes=True, papers=True, calendar="REQUEST")
_MAILING = EmailKind(template="mailing", is_news=True)

KINDS: Mapping[MessageKind, Kind] = {
    MessageKind.REGISTRATION_CONFIRMED: Kind(
        priority=1,
        email=_TICKET,
        is_counted=True,
        type_label=deferred("delivery.kind_ticket"),
        history_label=deferred("people.email_ticket"),
    ),
    MessageKind.TICKET_AGAIN: Kind(
        priority=1,
        email=_TICKET,
        is_counted=True,
        type_label=deferred("delivery.kind_ticket_resent"),
        history_label=deferred("people.email_ticket_again"),
    ),
    MessageKind.PLEASE_CONFIRM: Kind(
        priority=1,
        email=EmailKind(template="please_confirm", button=deferred("email.confirm_button")),
        is_counted=True,
        type_label=deferred("delivery.kind_confirm"),
        history_label=deferred("people.email_confirm"),
    ),
    MessageKind.SEAT_OFFERED: Kind(
        priority=1,
        email=EmailKind(template="seat_offered", button=deferred("own.take_seat_button")),
        is_counted=True,
        type_label=deferred("delivery.kind_seat_offered"),
        history_label=deferred("people.email_seat_offered"),
    ),
    MessageKind.JOINED_WAITING_LIST: Kind(
        priority=3,
        email=EmailKind(template="joined_waiting_list"),
        is_counted=True,
        type_label=deferred("common.email_type_waiting_list"),
        history_label=deferred("people.email_waiting"),
    ),
    MessageKind.OFFER_LAPSED: Kind(
        priority=3,
        email=EmailKind(template="offer_lapsed", button=_EVENT, opens="event"),
        is_counted=True,
        type_label=deferred("delivery.kind_offer_expired"),
        history_label=deferred("people.email_offer_lapsed"),
    ),
    MessageKind.EVENT_FULL: Kind(
        priority=3,
        email=EmailKind(template="event_full", button=_EVENT, opens="event"),
        is_counted=True,
        type_label=deferred("email.kind_event_full"),
        history_label=deferred("people.email_event_full"),
    ),
    MessageKind.PLACE_GIVEN_UP: Kind(
        priority=3,
        email=EmailKind(template="place_given_up", calendar="CANCEL"),
        is_counted=True,
        type_label=deferred("common.email_type_cancelled_by_attendee"),
        history_label=deferred("people.email_cancelled_by_attendee"),
    ),
    MessageKind.PLACE_TAKEN_BACK: Kind(
        priority=3,
        email=EmailKind(template="place_taken_back", button=_EVENT, opens="event", calendar="CANCEL"),
        type_label=deferred("delivery.kind_cancelled_by_organizer"),
        history_label=deferred("people.email_cancelled_by_organizer"),
    ),
    MessageKind.EVENT_CANCELLED: Kind(
        priority=5,
        email=EmailKind(template="event_cancelled", button=_EVENT, opens="event", calendar="CANCEL"),
        type_label=deferred("delivery.kind_event_cancelled"),
        history_label=deferred("people.email_event_cancelled"),
    ),
    MessageKind.EVENT_CHANGED: Kind(
        priority=5,
        email=EmailKind(template="event_changed", calendar="REQUEST"),
        type_label=deferred("delivery.kind_event_changed"),
        history_label=deferred("people.email_event_changed"),
    ),
    MessageKind.REMINDER: Kind(
        priority=7,
        email=EmailKind(template="reminder", button=deferred("own.cannot_come_button"), codes=True, is_news=True),
        type_label=deferred("delivery.kind_reminder"),
        history_label=deferred("people.email_reminder"),
    ),
    MessageKind.THANKS: Kind(
        priority=9,
        email=EmailKind(template="thanks", button=_EVENT, opens="event", is_news=True),
        type_label=deferred("delivery.kind_thanks"),
        history_label=deferred("people.email_thanks"),
    ),
    MessageKind.MAILING: Kind(
        priority=9,
        email=_MAILING,
        is_at_most_once=True,
        type_label=deferred("delivery.kind_mailing"),
        history_label=deferred("people.email_mailing"),
    ),
    MessageKind.MAILING_TEST: Kind(
        priority=1,
        email=_MAILING,
        about=About.MAILING,
        type_label=deferred("delivery.kind_mailing_test"),
    ),
    MessageKind.INVITATION: Kind(
        priority=3,
        email=EmailKind(template="invitation", button=deferred("invitation.view_button"), opens="account"),
        about=About.INVITATION,
        type_label=deferred("delivery.kind_invitation"),
    ),
    MessageKind.SIGN_IN_LINK: Kind(
        priority=1,
        email=EmailKind(template="sign_in_link", button=deferred("signin.sign_in_button"), opens="account"),
        about=About.ACCOUNT,
        is_counted=True,
    ),
    MessageKind.PASSWORD_RESET: Kind(
        priority=1,
        email=EmailKind(template="password_reset", button=deferred("signin.new_password_button"), opens="account"),
        about=About.ACCOUNT,
        is_counted=True,
    ),
    MessageKind.ACCOUNT_NOTICE: Kind(
        priority=1,
        email=EmailKind(template="account_notice", button=deferred("signin.new_password_button"), opens="account"),
        about=About.ACCOUNT,
    ),
}

COUNTED = frozenset(kind for kind, row in KINDS.items() if row.is_counted)
"""Kinds that count against the budget of their recipient."""
AT_MOST_ONCE = frozenset(kind for kind, row in KINDS.items() if row.is_at_most_once)
"""Kinds that must never be sent twice."""
OF_REGISTRATIONS = tuple(kind for kind, row in KINDS.items() if row.about == About.REGISTRATION)
"""Emails to attendees: about a registration, and organizers' mailings. Reports count them."""
NOT_OF_REGISTRATIONS = tuple(kind for kind, row in KINDS.items() if row.about != About.REGISTRATION)
OF_ACCOUNTS = tuple(kind for kind, row in KINDS.items() if row.about == About.ACCOUNT)
"""Emails that belong to no organization."""
