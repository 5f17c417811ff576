"""A worker is killed in the middle of a mailing: no one gets two emails, and organizers decide about the open one."""

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from shared import clock
from shared.models import Event, Mailing, OutboxMessage
from shared.outbox import system_status
from tests.chaos.conftest import Hold
from tests.factories import make_registration
from tests.support.email_server import ACCEPTED
from tests.support.processes import House
from worker.tasks.outbox import UNKNOWN

pytestmark = pytest.mark.chaos

PEOPLE = 200
KILLED_AT = 80
PROCESSES = 2


def write_to_all(house: House) -> set[str]:
    """Add a mailing that is due, to people with addresses of their own; return the addresses."""
    with house.committed.sessions.begin() as db:
        event = db.scalars(select(Event)).one()
        people = [make_registration(db, event, code=None) for _ in range(PEOPLE)]
        texts = {"subject": {"tg": "Хабар"}, "body": {"tg": "Салом, {ном}."}}
        db.add(Mailing(event_id=event.id, audience="everybody", due_at=clock.now(), **texts))
        return {str(person.email) for person in people}


def recipients(message: EmailMessage) -> list[str]:
    return [address.addr_spec for address in message["To"].addresses]


def outcomes(house: House) -> list[str | None]:
    with house.committed.sessions() as db:
        return list(db.scalars(select(OutboxMessage.outcome).where(OutboxMessage.kind == "mailing")))


def test_no_one_is_emailed_twice_and_unknown_results_are_shown(house: House, hold: Hold) -> None:
    async def take_some() -> str:
        if len(house.postbox.accepted) >= KILLED_AT:
            await hold.wait()
        return ACCEPTED

    addresses = write_to_all(house)
    house.postbox.after_content = take_some
    house.start("redis", "worker", "scheduler")
    assert hold.reached.wait(120), house.logs()
    house.kill("worker")
    hold.let_go.set()
    assert KILLED_AT <= len(house.postbox.accepted) < PEOPLE
    house.let_time_pass()
    house.start("worker")
    house.until(lambda: set(outcomes(house)) == {"sent", UNKNOWN}, 120)

    unknown = outcomes(house).count(UNKNOWN)
    assert 1 <= unknown <= PROCESSES
    got = [address for message in house.postbox.accepted for address in recipients(message)]
    assert len(got) == len(set(got)), "no one has two"
    assert len(addresses - set(got)) < unknown, "the server had the email that waited"
    with house.committed.sessions() as db:
        assert set(system_status.heartbeats(db)) == {"worker", "scheduler"}
        assert db.scalars(select(Mailing.started_at)).one() is not None
