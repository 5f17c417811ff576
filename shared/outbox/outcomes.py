"""What became of a message, as the outbox stores it: `sent`, `skipped: <reason>`, or a failure and its detail."""

from collections.abc import Mapping
from enum import StrEnum

from shared.models import FailureReason, OutboxMessage

SENT = "sent"
_SKIPPED = "skipped: "


class SkipReason(StrEnum):
    """The reasons why nothing is sent.

    Stored rows and the numbers of a mailing in JSON name them by these values, so a value is never reworded.
    """

    NO_ADDRESS = "no address"
    UNSUBSCRIBED = "wants no news"
    STOPPED = "stopped"
    SUPERSEDED = "a newer one follows"
    NO_REGISTRATION = "there is no such registration any more"
    EVENT_PAST = "there is no such event to come"
    NOT_CONFIRMED = "not confirmed any more"
    NOT_UNCONFIRMED = "confirmed or lapsed meanwhile"
    NOT_WAITING = "not waiting any more"
    NOT_OFFERED = "taken or lapsed meanwhile"
    OF_NO_USE = "of no use any more"
    REGISTERED_AGAIN = "registered again meanwhile"
    NOT_CANCELLED = "not given back"
    NOT_CANCELLED_BY_ORGANIZER = "not cancelled by the organizer"
    EVENT_NOT_CANCELLED = "the event is not cancelled"
    CHANGED_AGAIN = "changed again meanwhile"
    NO_REMINDERS = "nothing to remind of"
    MOVED = "moved meanwhile"
    TOO_LATE = "too late"
    NO_RECAP = "nothing to tell"
    MAILING_DELETED = "the mailing was deleted"
    NO_MAILING = "there is no such mailing any more"
    CANCELLED = "cancelled meanwhile"
    NOT_IN_AUDIENCE = "not among them any more"
    NO_ACCOUNT = "there is no such account"
    DEMO_SIGN_IN = "a demo account signs in on its own machine only"
    DEMO_NOTICE = "a demo account receives no email"
    LINK_USED = "another link was used meanwhile"
    INVITATION_CLOSED = "not open any more"
    INVITED_AGAIN = "sent again meanwhile"


OF_BEFORE: Mapping[str, SkipReason] = {"there is no such account any more": SkipReason.NO_ACCOUNT}
"""Reasons in the words of earlier versions, which their rows keep."""
_REASONS = {**{reason.value: reason for reason in SkipReason}, **OF_BEFORE}

RECIPIENT_REFUSED_FOR_GOOD = frozenset(
    {FailureReason.ADDRESS_REFUSED, FailureReason.RECIPIENT_REFUSED, FailureReason.MAILBOX_FULL}
)
"""The mail server refuses whatever is sent to this recipient."""
REFUSED_FOR_GOOD = RECIPIENT_REFUSED_FOR_GOOD | {FailureReason.EMAIL_REFUSED}
TEMPORARY = frozenset(
    {
        FailureReason.MAILBOX_FULL_NOW,
        FailureReason.NOT_NOW,
        FailureReason.SERVER_UNREACHABLE,
        FailureReason.SERVER_TIMEOUT,
        FailureReason.CONNECTION_REFUSED,
        FailureReason.CONNECTION_CLOSED,
        FailureReason.DATABASE_UNREACHABLE,
    }
)
"""The same email may be sent at another attempt."""


def failure_of(message: OutboxMessage) -> FailureReason | None:
    """Return why the last attempt failed; None where none did, or where its process ended."""
    if message.finished_at is not None or message.outcome is None:
        return None
    # A version before 0019 stores no reason.
    return message.failure or FailureReason.OTHER


def skipped(reason: SkipReason) -> str:
    """Return the outcome of a message that was skipped."""
    return f"{_SKIPPED}{reason}"


def skip_reason(outcome: str | None) -> SkipReason | None:
    """Return why a message was skipped; None for one that was not, or whose reason only a later version knows."""
    if outcome is None or not outcome.startswith(_SKIPPED):
        return None
    return _REASONS.get(outcome.removeprefix(_SKIPPED))
