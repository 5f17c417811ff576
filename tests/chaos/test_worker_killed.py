"""A worker killed while it sends loses no email, and sends none twice that the receiver cannot recognise."""

import pytest

from shared.models import Event
from shared.outbox import outbox
from tests.chaos.conftest import Hold
from tests.factories import make_registration
from tests.support.processes import House

pytestmark = pytest.mark.chaos

PEOPLE = 6


def enqueue_tickets(house: House) -> None:
    with house.committed.sessions.begin() as db:
        event = db.query(Event).one()
        for _ in range(PEOPLE):
            outbox.enqueue(db, "registration_confirmed", subject=make_registration(db, event, code=None).id)


def kill_the_worker_at(house: House, hold: Hold) -> None:
    """Kill the worker while one email is stopped and the others are sent; wait until a new worker is done."""
    enqueue_tickets(house)
    house.start("redis", "worker", "scheduler")
    assert hold.reached.wait(120), house.logs()
    house.until(lambda: [message.outcome for message in house.messages()].count("sent") == PEOPLE - 1, 120)
    house.kill("worker")
    hold.let_go.set()
    house.let_time_pass()
    house.start("worker")
    house.until(lambda: all(message.outcome == "sent" for message in house.messages()), 120)


def test_killed_before_the_content_was_sent_every_email_arrives_once(house: House, hold: Hold) -> None:
    house.postbox.at_recipient = hold
    kill_the_worker_at(house, hold)
    assert len(set(house.postbox.message_ids)) == len(house.postbox.accepted) == PEOPLE
    assert max(message.attempts for message in house.messages()) == 2


def test_killed_before_the_commit_the_second_email_has_the_id_of_the_first(house: House, hold: Hold) -> None:
    house.postbox.after_content = hold
    kill_the_worker_at(house, hold)
    assert len(set(house.postbox.message_ids)) == PEOPLE
    assert len(house.postbox.accepted) == PEOPLE + 1
