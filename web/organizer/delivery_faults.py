"""The reasons why an email was not sent, for an organizer. The mail server's own answer is shown beside them."""

from collections.abc import Mapping

from shared.i18n import deferred, gettext
from shared.models import FailureReason, OutboxMessage
from shared.outbox.outcomes import TEMPORARY, SkipReason, failure_of

FAULTS: Mapping[FailureReason, str] = {
    FailureReason.ADDRESS_REFUSED: deferred("delivery.address_refused"),
    FailureReason.RECIPIENT_REFUSED: deferred("delivery.email_refused"),
    FailureReason.EMAIL_REFUSED: deferred("delivery.email_refused"),
    FailureReason.SENDER_REFUSED: deferred("delivery.sender_refused"),
    FailureReason.SIGN_IN_REFUSED: deferred("delivery.sign_in_refused"),
    FailureReason.MAILBOX_FULL: deferred("delivery.mailbox_full_failed"),
    FailureReason.MAILBOX_FULL_NOW: deferred("delivery.mailbox_full"),
    FailureReason.NOT_NOW: deferred("delivery.server_not_accepting"),
    FailureReason.UNANSWERED: deferred("delivery.unanswered"),
    FailureReason.ADDRESS_INVALID: deferred("delivery.address_invalid"),
    FailureReason.ADDRESS_UNSUPPORTED: deferred("delivery.address_unsupported"),
    FailureReason.SERVER_NOT_FOUND: deferred("delivery.server_not_found"),
    FailureReason.SERVER_UNREACHABLE: deferred("delivery.server_unreachable"),
    FailureReason.SERVER_TIMEOUT: deferred("delivery.server_timeout"),
    FailureReason.CERTIFICATE_WRONG: deferred("delivery.certificate_wrong"),
    FailureReason.CONNECTION_REFUSED: deferred("delivery.connection_refused"),
    FailureReason.CONNECTION_CLOSED: deferred("delivery.connection_closed"),
    FailureReason.KEY_MISSING: deferred("delivery.key_missing"),
    FailureReason.DATABASE_UNREACHABLE: deferred("delivery.database_unreachable"),
    FailureReason.OTHER: deferred("delivery.other_fault"),
}
RESEND = deferred("delivery.resend_it")
WILL_RETRY = deferred("delivery.will_retry")
SERVICE_STOPPED = deferred("delivery.service_stopped")

SKIPPED: Mapping[SkipReason, str] = {
    SkipReason.NO_ADDRESS: deferred("delivery.skipped_no_address"),
    SkipReason.UNSUBSCRIBED: deferred("delivery.skipped_unsubscribed"),
    SkipReason.STOPPED: deferred("delivery.skipped_stopped"),
    SkipReason.CANCELLED: deferred("delivery.skipped_cancelled"),
    SkipReason.NOT_IN_AUDIENCE: deferred("delivery.skipped_not_recipient"),
    SkipReason.NO_REGISTRATION: deferred("delivery.skipped_deleted"),
}
"""The reasons why an email of a mailing was skipped."""
NOT_NEEDED = deferred("people.not_sent_not_needed")

_LONGEST = 300


def fault_of(message: OutboxMessage) -> str:
    """Return why a message was not sent so far."""
    return fault(failure_of(message), has_failed=message.dead_at is not None)


def fault(failure: FailureReason | None, *, has_failed: bool = False) -> str:
    """Return the reason of a failure and the remedy; an email that has failed is no longer retried automatically.

    Without a reason, the worker ended at every attempt.
    """
    if failure is None:
        return gettext(SERVICE_STOPPED)
    if failure not in TEMPORARY:
        return gettext(FAULTS[failure])
    return f"{gettext(FAULTS[failure])} {gettext(RESEND if has_failed else WILL_RETRY)}"


def answer(outcome: str | None) -> str:
    """Return the answer of the mail server, or the text of the exception, at most 300 characters."""
    return (outcome or "")[:_LONGEST]


def skipped(reason: SkipReason | None) -> str:
    """Return the reason why emails were skipped, as the name of a group of recipients."""
    return gettext(SKIPPED.get(reason, NOT_NEEDED) if reason else NOT_NEEDED)
