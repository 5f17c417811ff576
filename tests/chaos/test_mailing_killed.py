"""A mailing whose worker is killed in the middle: each person gets one mail, whatever was in hand."""

from collections import defaultdict

import pytest
from sqlalchemy import select

from shared import clock
from shared.models import Event, Mailing, Promise
from shared.queries import health
from tests.chaos.conftest import Hold
from tests.chaos.house import House
from tests.factories import make_registration
from tests.postbox import ACCEPTED

pytestmark = pytest.mark.chaos

PEOPLE = 200
KILLED_AT = 80


def write_to_all(house: House) -> set[str]:
    """A mailing that is due, to people with addresses of their own; the addresses."""
    with house.committed.sessions.begin() as db:
        event = db.scalars(select(Event)).one()
        people = [make_registration(db, event, code=None) for _ in range(PEOPLE)]
        texts = {"subject": {"tg": "Хабар"}, "body": {"tg": "Салом, {ном}."}}
        db.add(Mailing(event_id=event.id, audience="everybody", due_at=clock.now(), **texts))
        return {str(person.email) for person in people}


def ids_by_recipient(house: House) -> dict[str, set[str]]:
    """The Message-IDs that each address got."""
    found = defaultdict(set)
    for message in house.postbox.accepted:
        found[message["To"].addresses[0].addr_spec].add(str(message["Message-ID"]))
    return dict(found)


def outcomes(house: House) -> list[str | None]:
    with house.committed.sessions() as db:
        return list(db.scalars(select(Promise.outcome).where(Promise.kind == "mailing")))


def test_each_person_gets_exactly_one_message_id(house: House, hold: Hold) -> None:
    async def take_some() -> str:
        if len(house.postbox.accepted) >= KILLED_AT:
            await hold.wait()
        return ACCEPTED

    everybody = write_to_all(house)
    house.postbox.after_content = take_some
    house.start("redis", "worker", "scheduler")
    assert hold.reached.wait(120), house.logs()
    house.kill("worker")
    hold.let_go.set()
    assert KILLED_AT <= len(house.postbox.accepted) < PEOPLE
    house.let_time_pass()
    house.start("worker")
    house.until(lambda: outcomes(house) == ["sent"] * PEOPLE, 120)

    got = ids_by_recipient(house)
    assert set(got) == everybody
    assert {len(ids) for ids in got.values()} == {1}
    assert len(set(house.postbox.message_ids)) == PEOPLE
    with house.committed.sessions() as db:
        assert set(health.pulses(db)) == {"worker", "scheduler"}
        assert db.scalars(select(Mailing.started_at)).one() is not None
