"""Why an email could not be sent, by the error that was raised."""

import re
import smtplib
import socket
import ssl
from collections.abc import Mapping

from email_validator import EmailNotValidError, EmailSyntaxError
from sqlalchemy.exc import OperationalError

from shared.models import FailureReason
from worker.deliveries import NoKey
from worker.mailer import Unanswered

REASONS: Mapping[type[Exception], FailureReason] = {
    smtplib.SMTPSenderRefused: FailureReason.SENDER_REFUSED,
    smtplib.SMTPAuthenticationError: FailureReason.SIGN_IN_REFUSED,
    smtplib.SMTPDataError: FailureReason.EMAIL_REFUSED,
    smtplib.SMTPNotSupportedError: FailureReason.ADDRESS_UNSUPPORTED,
    smtplib.SMTPConnectError: FailureReason.CONNECTION_REFUSED,
    smtplib.SMTPHeloError: FailureReason.CONNECTION_REFUSED,
    smtplib.SMTPServerDisconnected: FailureReason.CONNECTION_CLOSED,
    Unanswered: FailureReason.UNANSWERED,
    socket.gaierror: FailureReason.SERVER_NOT_FOUND,
    ssl.SSLCertVerificationError: FailureReason.CERTIFICATE_WRONG,
    ConnectionRefusedError: FailureReason.SERVER_UNREACHABLE,
    OSError: FailureReason.SERVER_UNREACHABLE,
    TimeoutError: FailureReason.SERVER_TIMEOUT,
    EmailNotValidError: FailureReason.ADDRESS_INVALID,
    EmailSyntaxError: FailureReason.ADDRESS_INVALID,
    NoKey: FailureReason.KEY_MISSING,
    OperationalError: FailureReason.DATABASE_UNREACHABLE,
}
"""Reasons by the exact type, since most subclasses of OSError have no reason of their own."""

# RFC 3463: class, subject and detail. x.2.2 is a full mailbox, x.1 an address; the others are no fault of the address.
_STATUS = re.compile(rb"\d\.(\d{1,3}\.\d{1,3})\b")
_FULL = b"2.2"


def reason_of(error: Exception) -> FailureReason:
    """Return the reason of a failure, from the type of an error and the code that the mail server answered."""
    code, status = _reply(error)
    if code // 100 == 4:
        return FailureReason.MAILBOX_FULL_NOW if status == _FULL else FailureReason.NOT_NOW
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refusal(code, status)
    return REASONS.get(type(error), FailureReason.OTHER)


def _reply(error: Exception) -> tuple[int, bytes]:
    """Return the code of the mail server's answer and its status; 0 and nothing where there are none."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            # An email has one recipient.
            [(code, answer)] = error.recipients.values()
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=bytes(answer)):
            pass
        case _:
            return 0, b""
    status = _STATUS.match(answer)
    return code, status[1] if status else b""


def _refusal(code: int, status: bytes) -> FailureReason:
    """Return why a recipient is refused: an address that does not exist is not the only reason."""
    if code // 100 != 5:
        # No answer of the protocol, so no reason to fail after few attempts.
        return FailureReason.OTHER
    if status == _FULL:
        return FailureReason.MAILBOX_FULL
    return FailureReason.RECIPIENT_REFUSED if status and not status.startswith(b"1.") else FailureReason.ADDRESS_REFUSED
