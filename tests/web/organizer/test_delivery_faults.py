"""The reason why an email was not sent, in words."""

import inspect
import re

import pytest

from shared import clock
from shared.i18n import gettext, use_language
from shared.models import FailureReason, OutboxMessage
from shared.outbox.outcomes import TEMPORARY, SkipReason
from web.organizer import delivery_faults
from web.organizer.delivery_faults import fault, fault_of
from worker import deliveries

REFUSED = "The email server refused the email. Its response gives the reason."


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            FailureReason.ADDRESS_REFUSED,
            "The email server does not accept this address. Ask the person for another one.",
        ),
        (FailureReason.RECIPIENT_REFUSED, REFUSED),
        (FailureReason.EMAIL_REFUSED, REFUSED),
        (FailureReason.MAILBOX_FULL, "The mailbox is full. Ask the person for another address."),
        (FailureReason.MAILBOX_FULL_NOW, "The mailbox is full. Sending will be retried automatically."),
        (
            FailureReason.NOT_NOW,
            "The email server is not accepting email at the moment. Sending will be retried automatically.",
        ),
        (
            FailureReason.SERVER_UNREACHABLE,
            "The email server cannot be reached. Sending will be retried automatically.",
        ),
        (
            FailureReason.SERVER_TIMEOUT,
            "The email server did not answer in time. Sending will be retried automatically.",
        ),
    ],
)
def test_a_failure_has_its_reason_and_its_remedy(failure: FailureReason, sentence: str) -> None:
    assert fault(failure) == sentence


@pytest.mark.parametrize("failure", sorted(TEMPORARY))
def test_a_failed_email_is_not_called_retried(failure: FailureReason) -> None:
    assert fault(failure, has_failed=True).endswith(" Resend the email.")
    assert "retried" not in fault(failure, has_failed=True)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (OutboxMessage(dead_at=clock.now()), "delivery.service_stopped"),
        (OutboxMessage(outcome="SMTPDataError: by an earlier version"), "delivery.other_fault"),
        (OutboxMessage(outcome="", failure=FailureReason.UNANSWERED), "delivery.unanswered"),
    ],
    ids=["without an attempt that ended", "without a reason", "without an answer"],
)
def test_a_message_that_was_not_sent_has_a_sentence(message: OutboxMessage, sentence: str) -> None:
    with use_language("en"):
        assert fault_of(message) == gettext(sentence)


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
