"""The reason why an email was not sent, by the answer of the email server."""

import inspect
import re
import smtplib

import pytest

from shared.i18n import use_language
from shared.outbox.outcomes import SkipReason
from web.organizer import delivery_faults
from web.organizer.delivery_faults import fault
from worker import deliveries

WRONG = "The email server does not accept this address. Ask the person for another one."
NOT_NOW = "The email server is not accepting email at the moment. Sending will be retried automatically."


def outcome(error: Exception) -> str:
    """Return an error as the worker stores it."""
    return f"{type(error).__name__}: {error}"


def recipient(code: int, answer: bytes) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@example.org": (code, answer)})


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (recipient(550, b"5.1.1 No such user"), WRONG),
        (recipient(550, b"No such user"), WRONG),
        (recipient(553, b"5.1.3 Bad address"), WRONG),
        (recipient(450, b"4.7.1 Greylisted, try again later"), NOT_NOW),
        (recipient(451, b"Greylisted"), NOT_NOW),
        (recipient(452, b"Mailbox full"), NOT_NOW),
        (recipient(452, b"4.2.2 Mailbox full"), "The mailbox is full. Sending will be retried automatically."),
        (recipient(552, b"5.2.2 Over quota"), "The mailbox is full. Ask the person for another address."),
        (recipient(554, b"5.7.1 Blocked"), "The email server refused the email. Its response gives the reason."),
        (smtplib.SMTPDataError(451, b"4.3.0 Busy"), NOT_NOW),
        (
            smtplib.SMTPDataError(554, b"5.7.1 Spam"),
            "The email server refused the email. Its response gives the reason.",
        ),
        (smtplib.SMTPSenderRefused(452, b"4.3.1 No space", "turnout@example.org"), NOT_NOW),
        (TimeoutError("late"), "The email server did not answer in time. Sending will be retried automatically."),
    ],
)
def test_a_refusal_is_named_by_the_answer_of_the_email_server(error: Exception, sentence: str) -> None:
    assert fault(outcome(error)) == sentence


@pytest.mark.parametrize("error", [recipient(450, b"4.7.1 Greylisted"), TimeoutError("late")])
def test_a_failed_email_is_not_called_retried(error: Exception) -> None:
    assert fault(outcome(error), has_failed=True).endswith(" Resend the email.")
    assert "retried" not in fault(outcome(error), has_failed=True)


def test_every_reason_to_skip_an_email_of_a_mailing_has_words_of_its_own() -> None:
    ways = map(inspect.getsource, (deliveries.mailing, deliveries.about_registration, deliveries.Occasion.email))
    reasons = {SkipReason[name] for name in re.findall(r"SkipReason\.(\w+)", "".join(ways))}
    # A mailing that was deleted has no page.
    assert reasons - {SkipReason.MAILING_DELETED} == delivery_faults.SKIPPED.keys()
    with use_language("en"):
        assert len(set(map(delivery_faults.skipped, delivery_faults.SKIPPED))) == len(delivery_faults.SKIPPED)


@pytest.mark.parametrize("reason", [SkipReason.TOO_LATE, None])
def test_a_reason_without_words_says_that_the_email_was_not_needed(reason: SkipReason | None) -> None:
    with use_language("en"):
        assert delivery_faults.skipped(reason) == "no longer needed"
