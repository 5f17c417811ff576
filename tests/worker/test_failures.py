"""Why an email failed, from the error that was raised, and from the code and status that the email server answered."""

import smtplib
import socket
import ssl

import pytest
from email_validator import EmailNotValidError, EmailSyntaxError
from sqlalchemy.exc import OperationalError, ProgrammingError

from shared.models import FailureReason
from worker.deliveries import NoKey
from worker.failures import reason_of
from worker.mailer import Unanswered, wire_address


def recipient(code: int, answer: bytes) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@example.org": (code, answer)})


FAILURES: list[tuple[Exception, FailureReason]] = [
    (recipient(550, b"5.1.1 No such user"), FailureReason.ADDRESS_REFUSED),
    (recipient(550, b"No such user"), FailureReason.ADDRESS_REFUSED),
    (recipient(553, b"5.1.3 Bad address"), FailureReason.ADDRESS_REFUSED),
    (recipient(550, b"5.1.1 No such user\n5.1.1 (550, b'4.2.2')"), FailureReason.ADDRESS_REFUSED),
    (recipient(552, b"5.2.2 Over quota"), FailureReason.MAILBOX_FULL),
    (recipient(554, b"5.7.1 Blocked"), FailureReason.RECIPIENT_REFUSED),
    (recipient(550, b"5.10.1 Null MX"), FailureReason.RECIPIENT_REFUSED),
    (recipient(452, b"4.2.2 Mailbox full"), FailureReason.MAILBOX_FULL_NOW),
    (recipient(452, b"4.2.22 Unknown"), FailureReason.NOT_NOW),
    (recipient(452, b"Mailbox full"), FailureReason.NOT_NOW),
    (recipient(450, b"4.7.1 Greylisted, try again later"), FailureReason.NOT_NOW),
    (recipient(451, b"Greylisted"), FailureReason.NOT_NOW),
    (recipient(-1, b"GET / HTTP/1.1"), FailureReason.OTHER),
    (smtplib.SMTPDataError(554, b"5.7.1 Spam"), FailureReason.EMAIL_REFUSED),
    (smtplib.SMTPDataError(552, b"5.2.2 Over quota"), FailureReason.EMAIL_REFUSED),
    (smtplib.SMTPDataError(451, b"4.3.0 Busy"), FailureReason.NOT_NOW),
    (smtplib.SMTPDataError(452, b"4.2.2 Mailbox full"), FailureReason.MAILBOX_FULL_NOW),
    (smtplib.SMTPSenderRefused(553, b"5.1.8 Bad sender", "turnout@example.org"), FailureReason.SENDER_REFUSED),
    (smtplib.SMTPSenderRefused(452, b"4.3.1 No space", "turnout@example.org"), FailureReason.NOT_NOW),
    (smtplib.SMTPAuthenticationError(535, b"5.7.8 Wrong password"), FailureReason.SIGN_IN_REFUSED),
    (smtplib.SMTPAuthenticationError(454, b"4.7.0 Later"), FailureReason.NOT_NOW),
    (smtplib.SMTPConnectError(554, b"No"), FailureReason.CONNECTION_REFUSED),
    (smtplib.SMTPConnectError(-1, b"HTTP/1.1 400"), FailureReason.CONNECTION_REFUSED),
    (smtplib.SMTPConnectError(421, b"Later"), FailureReason.NOT_NOW),
    (smtplib.SMTPHeloError(501, b"Who?"), FailureReason.CONNECTION_REFUSED),
    (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), FailureReason.CONNECTION_CLOSED),
    (smtplib.SMTPNotSupportedError("SMTPUTF8"), FailureReason.ADDRESS_UNSUPPORTED),
    (smtplib.SMTPException("No suitable authentication method found."), FailureReason.OTHER),
    (Unanswered("(451, b'4.2.2')"), FailureReason.UNANSWERED),
    (socket.gaierror(-2, "Name or service not known"), FailureReason.SERVER_NOT_FOUND),
    (ssl.SSLCertVerificationError("expired"), FailureReason.CERTIFICATE_WRONG),
    (ssl.SSLError("wrong version number"), FailureReason.OTHER),
    (ConnectionRefusedError(111, "Connection refused"), FailureReason.SERVER_UNREACHABLE),
    (OSError(113, "No route to host"), FailureReason.SERVER_UNREACHABLE),
    (ConnectionResetError(104, "Connection reset by peer"), FailureReason.OTHER),
    (TimeoutError("late"), FailureReason.SERVER_TIMEOUT),
    (EmailNotValidError("no"), FailureReason.ADDRESS_INVALID),
    (EmailSyntaxError("no"), FailureReason.ADDRESS_INVALID),
    (NoKey("SECRET_KEY did not make the ticket key"), FailureReason.KEY_MISSING),
    (OperationalError("SELECT 1", {}, Exception("(451, b'')")), FailureReason.DATABASE_UNREACHABLE),
    (ProgrammingError("SELECT 1", {}, Exception()), FailureReason.OTHER),
    (KeyError("title"), FailureReason.OTHER),
]


@pytest.mark.parametrize(("error", "reason"), FAILURES, ids=lambda value: repr(value)[:60])
def test_an_error_has_its_reason(error: Exception, reason: FailureReason) -> None:
    assert reason_of(error) == reason


def test_every_reason_has_an_error() -> None:
    assert {reason for _, reason in FAILURES} == set(FailureReason)


def test_an_address_that_is_none_has_its_reason() -> None:
    with pytest.raises(EmailNotValidError) as refusal:
        wire_address("nobody")
    assert reason_of(refusal.value) == FailureReason.ADDRESS_INVALID
