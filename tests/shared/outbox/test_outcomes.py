"""The outcomes of messages, as rows keep them for years."""

import pytest

from shared.outbox.outcomes import SENT, SkipReason, skip_reason, skipped

STORED = (
    "no address",
    "wants no news",
    "stopped",
    "a newer one follows",
    "there is no such registration any more",
    "there is no such event to come",
    "not confirmed any more",
    "confirmed or lapsed meanwhile",
    "not waiting any more",
    "taken or lapsed meanwhile",
    "of no use any more",
    "registered again meanwhile",
    "not given back",
    "not cancelled by the organizer",
    "the event is not cancelled",
    "changed again meanwhile",
    "nothing to remind of",
    "moved meanwhile",
    "too late",
    "nothing to tell",
    "the mailing was deleted",
    "there is no such mailing any more",
    "cancelled meanwhile",
    "not among them any more",
    "there is no such account",
    "there is no such account any more",
    "a demo account signs in on its own machine only",
    "a demo account receives no email",
    "another link was used meanwhile",
    "not open any more",
    "sent again meanwhile",
)
"""Every reason that a version ever stored. None is ever removed."""


def test_every_reason_that_was_ever_stored_is_still_read() -> None:
    assert [reason for reason in STORED if skip_reason(f"skipped: {reason}") is None] == []


@pytest.mark.parametrize("reason", SkipReason)
def test_a_reason_is_read_as_it_was_stored(reason: SkipReason) -> None:
    assert skip_reason(skipped(reason)) is reason


@pytest.mark.parametrize("outcome", [None, SENT, "no address", "TimeoutError: skipped: stopped", "skipped: later"])
def test_any_other_outcome_has_no_reason(outcome: str | None) -> None:
    assert skip_reason(outcome) is None
