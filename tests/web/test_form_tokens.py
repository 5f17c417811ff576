"""The hidden field that says when a page was sent."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.factories import SECRET
from web import form_tokens

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def drawn_at(moment: datetime) -> str:
    with time_machine.travel(moment, tick=False):
        return form_tokens.issue(SECRET)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(seconds=0), "That was very fast"),
        (timedelta(seconds=1), "That was very fast"),
        (timedelta(seconds=2), ""),
        (timedelta(hours=24), ""),
        (timedelta(hours=24, seconds=1), "more than a day"),
    ],
)
def test_a_form_may_come_back_neither_too_soon_nor_too_late(after, words):
    once = drawn_at(NOON)
    with time_machine.travel(NOON + after, tick=False):
        fault = form_tokens.timing_error([b"newer secret", SECRET], once)
    assert words in fault
    assert bool(fault) is bool(words)


@pytest.mark.parametrize("once", ["", "A" * 22, "A" * 22 + ".1.forged", ".", "..", "x.٣.y", "\ud800.1.x"])
def test_a_value_without_a_time_is_accepted(once):
    assert form_tokens.timing_error([SECRET], once) == ""


def test_a_forged_time_is_ignored():
    once = drawn_at(NOON)
    number, _, mac = once.split(".")
    assert form_tokens.issued_at([SECRET], f"{number}.1.{mac}") is None
    assert form_tokens.issued_at([SECRET], once) == NOON
