"""The hidden field that says when a page left."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.factories import SECRET
from web import form_tokens

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def drawn_at(moment: datetime) -> str:
    with time_machine.travel(moment, tick=False):
        return form_tokens.draw(SECRET)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(seconds=0), "faster than a person"),
        (timedelta(seconds=1), "faster than a person"),
        (timedelta(seconds=2), ""),
        (timedelta(hours=24), ""),
        (timedelta(hours=24, seconds=1), "more than a day"),
    ],
)
def test_a_form_comes_back_at_the_pace_of_people(after, words):
    once = drawn_at(NOON)
    with time_machine.travel(NOON + after, tick=False):
        fault = form_tokens.fault([b"newer secret", SECRET], once)
    assert words in fault
    assert bool(fault) is bool(words)


@pytest.mark.parametrize("once", ["", "A" * 22, "A" * 22 + ".1.forged", ".", "..", "x.٣.y", "\ud800.1.x"])
def test_what_says_nothing_of_time_is_accepted(once):
    assert form_tokens.fault([SECRET], once) == ""


def test_a_time_of_ones_own_making_says_nothing():
    once = drawn_at(NOON)
    number, _, mac = once.split(".")
    assert form_tokens.left_at([SECRET], f"{number}.1.{mac}") is None
    assert form_tokens.left_at([SECRET], once) == NOON
