"""Why a mail was not sent, in the organizer's words. The mail server's own answer stays beside it."""

import re
from collections.abc import Mapping

from shared.i18n import deferred, gettext

WRONG_ADDRESS = deferred("The mail server does not accept this address. Ask the person for another one.")
FULL = deferred("The mailbox is full.")
FULL_FOR_GOOD = deferred("The mailbox is full. Ask the person for another address.")
NOT_NOW = deferred("The mail server does not accept email at the moment.")
REFUSED = deferred("The mail server refused the email. Its answer says why.")
FAULTS: Mapping[str, str] = {
    "SMTPRecipientsRefused": WRONG_ADDRESS,
    "SMTPSenderRefused": deferred("The mail server does not let us send from our address. Ask whoever runs Turnout."),
    "SMTPAuthenticationError": deferred("The mail server does not let us in. Ask whoever runs Turnout."),
    "SMTPDataError": REFUSED,
    "Unanswered": deferred("It is not known whether it was sent: the mail server was lost while it took the mail."),
    "SMTPNotSupportedError": deferred("The mail server cannot carry this address. Ask the person for another one."),
    "gaierror": deferred("The mail server is not found. Ask whoever runs Turnout."),
    "SSLCertVerificationError": deferred("The mail server's certificate is wrong. Ask whoever runs Turnout."),
    "EmailNotValidError": deferred("This is no address that a mail can go to. Ask the person for another one."),
    "EmailSyntaxError": deferred("This is no address that a mail can go to. Ask the person for another one."),
    "NoKey": deferred("The secret key of this event is missing. Ask whoever runs Turnout."),
}
"""By the name of what went wrong, for good until somebody acts."""
PASSING: Mapping[str, str] = {
    "SMTPConnectError": deferred("The mail server refused the connection."),
    "SMTPServerDisconnected": deferred("The mail server closed the connection."),
    "SMTPHeloError": deferred("The mail server refused the connection."),
    "ConnectionRefusedError": deferred("The mail server cannot be reached."),
    "TimeoutError": deferred("The mail server did not answer in time."),
    "OSError": deferred("The mail server cannot be reached."),
    "OperationalError": deferred("The database could not be reached."),
}
"""The same for what another try may mend."""
OTHER = deferred("Something went wrong here. Ask whoever runs Turnout.")
LOST = deferred("The worker ended while it sent this mail, each time it tried. Ask whoever runs Turnout.")

SKIPPED: Mapping[str, str] = {
    "no address": deferred("gave no address"),
    "wants no news": deferred("want no news"),
    "stopped": deferred("stopped before"),
    "cancelled meanwhile": deferred("cancelled meanwhile"),
    "not among them any more": deferred("not among them any more"),
    "there is no such registration any more": deferred("registration deleted"),
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
    return f"{gettext(passing)} {gettext('Send it again.') if given_up else gettext('It is tried again.')}"


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
