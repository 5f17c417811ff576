"""Why a mail was not sent, in the organizer's words. The mail server's own answer stays beside it."""

import re
from collections.abc import Mapping

from shared.i18n import deferred, gettext

WRONG_ADDRESS = deferred("delivery.address_refused")
FULL = deferred("delivery.mailbox_full")
FULL_FOR_GOOD = deferred("delivery.mailbox_full_failed")
RESEND = deferred("delivery.resend_it")
RETRIED = deferred("delivery.will_retry")
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
"""By the name of what went wrong, for good until somebody acts."""
PASSING: Mapping[str, str] = {
    "SMTPConnectError": deferred("delivery.connection_refused"),
    "SMTPServerDisconnected": deferred("delivery.connection_closed"),
    "SMTPHeloError": deferred("delivery.connection_refused"),
    "ConnectionRefusedError": deferred("delivery.server_unreachable"),
    "TimeoutError": deferred("delivery.server_timeout"),
    "OSError": deferred("delivery.server_unreachable"),
    "OperationalError": deferred("delivery.database_unreachable"),
}
"""The same for what another try may mend."""
OTHER = deferred("delivery.other_fault")
LOST = deferred("delivery.service_stopped")

SKIPPED: Mapping[str, str] = {
    "no address": deferred("delivery.skipped_no_address"),
    "wants no news": deferred("delivery.skipped_unsubscribed"),
    "stopped": deferred("delivery.skipped_stopped"),
    "cancelled meanwhile": deferred("delivery.skipped_cancelled"),
    "not among them any more": deferred("delivery.skipped_not_recipient"),
    "there is no such registration any more": deferred("delivery.skipped_deleted"),
}
"""Why a promise was not kept, of those that a mailing makes."""

# smtplib writes an answer as (452, b'4.2.2 Mailbox full'), with the code of RFC 3463 where the server gives one.
_ANSWERED = re.compile(r"\((\d)\d\d, b?['\"](?:\d\.(\d{1,3}\.\d{1,3})\b)?")
_NAMED = re.compile(r"(\w+): (.*)", re.DOTALL)
_LONGEST = 300


def fault(outcome: str | None, *, given_up: bool = False) -> str:
    """What went wrong, and what is or can be done; a mail that was given up is not tried again by itself."""
    if not outcome:
        return gettext(LOST)
    named = _NAMED.match(outcome)
    name = named[1] if named else ""
    passing = _not_now(outcome) or PASSING.get(name)
    if passing is None:
        return gettext(_for_good(name, outcome))
    return f"{gettext(passing)} {gettext(RESEND if given_up else RETRIED)}"


def _not_now(outcome: str) -> str | None:
    """What a temporary refusal means (RFC 5321: 4yz); None for any other outcome."""
    answered = _ANSWERED.search(outcome)
    if answered is None or answered[1] != "4":
        return None
    return FULL if answered[2] == "2.2" else NOT_NOW


def _for_good(name: str, outcome: str) -> str:
    """A recipient is refused for other reasons than a wrong address too: x.2.2 a full mailbox, x.7 what we are."""
    reason = (answered[2] or "") if (answered := _ANSWERED.search(outcome)) else ""
    if name == "SMTPRecipientsRefused" and reason == "2.2":
        return FULL_FOR_GOOD
    if name == "SMTPRecipientsRefused" and reason and not reason.startswith("1."):
        return REFUSED
    return FAULTS.get(name, OTHER)


def answer(outcome: str | None) -> str:
    """What the mail server, or whoever it was, said itself."""
    named = _NAMED.match(outcome or "")
    return (named[2] if named else outcome or "")[:_LONGEST]


def skipped(why: str) -> str:
    """Why somebody got no mail, as a group of people."""
    return gettext(SKIPPED[why]) if why in SKIPPED else why
