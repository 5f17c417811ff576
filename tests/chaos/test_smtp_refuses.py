"""A mail server that refuses for a while delays emails and loses none."""

import pytest

from shared.models import FailureReason
from tests.support.processes import House

pytestmark = pytest.mark.chaos

PEOPLE = 5


def test_what_was_refused_arrives_later(house: House) -> None:
    house.postbox.refuse("451 4.3.2 not now")
    house.start("redis", "worker", "scheduler", "web")
    answers = [house.register(f"guest-{number}") for number in range(PEOPLE)]
    assert {answer.status for answer in answers} == {303}
    house.until(lambda: all(message.outcome for message in house.messages()), 120)
    assert house.postbox.accepted == []
    assert {message.failure for message in house.messages()} == {FailureReason.NOT_NOW}
    house.postbox.refuse(None)
    house.let_time_pass()
    house.postbox.wait_for(PEOPLE, 120)
    assert sorted(house.postbox.recipients) == sorted(f"guest-{number}@example.org" for number in range(PEOPLE))
