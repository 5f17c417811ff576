"""Why a mail was not sent, in the organizer's words. The mail server's own answer stays beside it."""

import re
from collections.abc import Mapping

from shared.i18n import deferred, gettext

FAULTS: Mapping[str, str] = {
    "SMTPRecipientsRefused": deferred("The mail server does not accept this address. Ask the person for another one."),
    "SMTPSenderRefused": deferred("The mail server does not let us send from our address. Ask whoever runs Turnout."),
    "SMTPAuthenticationError": deferred("The mail server does not let us in. Ask whoever runs Turnout."),
    "SMTPDataError": deferred("The mail server refused the mail. Its answer says why."),
    "SMTPConnectError": deferred("The mail server turned us away. It is tried again."),
    "SMTPServerDisconnected": deferred("The mail server hung up. It is tried again."),
    "Unanswered": deferred("It is not known whether it was sent: the mail server was lost while it took the mail."),
    "SMTPHeloError": deferred("The mail server turned us away. It is tried again."),
    "SMTPNotSupportedError": deferred("The mail server cannot carry this address. Ask the person for another one."),
    "ConnectionRefusedError": deferred("The mail server is away. It is tried again."),
    "TimeoutError": deferred("The mail server did not answer in time. It is tried again."),
    "gaierror": deferred("The mail server is not found. Ask whoever runs Turnout."),
    "OSError": deferred("The mail server is away. It is tried again."),
    "SSLCertVerificationError": deferred("The mail server's certificate is wrong. Ask whoever runs Turnout."),
    "EmailNotValidError": deferred("This is no address that a mail can go to. Ask the person for another one."),
    "EmailSyntaxError": deferred("This is no address that a mail can go to. Ask the person for another one."),
    "NoKey": deferred("The secret key of this event is missing. Ask whoever runs Turnout."),
    "OperationalError": deferred("The database was away. It is tried again."),
}
"""By the name of what went wrong."""
OTHER = deferred("Something went wrong here. Ask whoever runs Turnout.")
LOST = deferred("The worker ended while it sent this mail, each time it tried. Ask whoever runs Turnout.")

SKIPPED: Mapping[str, str] = {
    "no address": deferred("gave no address"),
    "wants no news": deferred("want no news"),
    "stopped": deferred("stopped before"),
    "cancelled meanwhile": deferred("cancelled meanwhile"),
    "not among them any more": deferred("not among them any more"),
    "there is no such registration any more": deferred("erased meanwhile"),
}
"""Why a promise was not kept, of those that a mailing makes."""

_NAMED = re.compile(r"(\w+): (.*)", re.DOTALL)
_LONGEST = 300


def fault(outcome: str | None) -> str:
    """What went wrong, and what can be done."""
    named = _NAMED.match(outcome or "")
    if not outcome:
        return gettext(LOST)
    return gettext(FAULTS.get(named[1] if named else "", OTHER))


def answer(outcome: str | None) -> str:
    """What the mail server, or whoever it was, said itself."""
    named = _NAMED.match(outcome or "")
    return (named[2] if named else outcome or "")[:_LONGEST]


def skipped(why: str) -> str:
    """Why somebody got no mail, as a group of people."""
    return gettext(SKIPPED[why]) if why in SKIPPED else why
