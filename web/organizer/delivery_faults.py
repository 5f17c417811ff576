"""The reasons why an email was not sent, for an organizer. The mail server's own answer is shown beside them."""

import re
from collections.abc import Mapping

from shared.i18n import deferred, gettext
from shared.outbox.outcomes import SkipReason

WRONG_ADDRESS = deferred("delivery.address_refused")
MAILBOX_FULL = deferred("delivery.mailbox_full")
MAILBOX_FULL_FAILED = deferred("delivery.mailbox_full_failed")
RESEND = deferred("delivery.resend_it")
WILL_RETRY = deferred("delivery.will_retry")
NOT_NOW = deferred("delivery.server_not_accepting")
REFUSED = deferred("delivery.email_refused")
FAULTS: Mapping[str, str] = {
    "SMTPRecipientsRefused": WRONG_ADDRESS,
    "SMTPSenderRefused": deferred("delivery.sender_refused"),
    "SMTPAuthenticationError": deferred("delivery.sign_in_refused"),
    "SMTPDataError": REFUSED,
    "Unanswered": deferred("delivery.unanswered"),
    "SMTPNotSupportedError": deferred("delivery.address_unsupported"),
    "gaierror": deferred("delivery.server_not_found"),
    "SSLCertVerificationError": deferred("delivery.certificate_wrong"),
    "EmailNotValidError": deferred("delivery.address_invalid"),
    "EmailSyntaxError": deferred("delivery.address_invalid"),
    "NoKey": deferred("delivery.key_missing"),
}
"""Permanent faults, by the name of the exception: a retry does not help."""
TEMPORARY: Mapping[str, str] = {
    "SMTPConnectError": deferred("delivery.connection_refused"),
    "SMTPServerDisconnected": deferred("delivery.connection_closed"),
    "SMTPHeloError": deferred("delivery.connection_refused"),
    "ConnectionRefusedError": deferred("delivery.server_unreachable"),
    "TimeoutError": deferred("delivery.server_timeout"),
    "OSError": deferred("delivery.server_unreachable"),
    "OperationalError": deferred("delivery.database_unreachable"),
}
"""Temporary faults, by the name of the exception: a retry may succeed."""
OTHER = deferred("delivery.other_fault")
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

# smtplib writes an answer as (452, b'4.2.2 Mailbox full'), with the code of RFC 3463 where the server gives one.
_CODE = re.compile(r"\((\d)\d\d, b?['\"](?:\d\.(\d{1,3}\.\d{1,3})\b)?")
_EXCEPTION = re.compile(r"(\w+): (.*)", re.DOTALL)
_LONGEST = 300


def fault(outcome: str | None, *, has_failed: bool = False) -> str:
    """Return the reason of a failure and the remedy; an email that has failed is no longer retried automatically."""
    if not outcome:
        return gettext(SERVICE_STOPPED)
    exception = _EXCEPTION.match(outcome)
    name = exception[1] if exception else ""
    temporary = _temporary_refusal(outcome) or TEMPORARY.get(name)
    if temporary is None:
        return gettext(_permanent_failure(name, outcome))
    return f"{gettext(temporary)} {gettext(RESEND if has_failed else WILL_RETRY)}"


def _temporary_refusal(outcome: str) -> str | None:
    """Return the meaning of a temporary refusal (RFC 5321: 4yz); None for any other outcome."""
    code = _CODE.search(outcome)
    if code is None or code[1] != "4":
        return None
    return MAILBOX_FULL if code[2] == "2.2" else NOT_NOW


def _permanent_failure(name: str, outcome: str) -> str:
    """Return the meaning of a permanent failure.

    A server refuses a recipient for other reasons than a wrong address too: x.2.2 a full mailbox, x.7 its policy.
    """
    reason = (code[2] or "") if (code := _CODE.search(outcome)) else ""
    if name == "SMTPRecipientsRefused" and reason == "2.2":
        return MAILBOX_FULL_FAILED
    if name == "SMTPRecipientsRefused" and reason and not reason.startswith("1."):
        return REFUSED
    return FAULTS.get(name, OTHER)


def answer(outcome: str | None) -> str:
    """Return the answer of the mail server, or the text of the exception, at most 300 characters."""
    exception = _EXCEPTION.match(outcome or "")
    return (exception[2] if exception else outcome or "")[:_LONGEST]


def skipped(reason: SkipReason | None) -> str:
    """Return the reason why emails were skipped, as the name of a group of recipients."""
    return gettext(SKIPPED.get(reason, NOT_NEEDED) if reason else NOT_NEEDED)
