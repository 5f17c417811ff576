"""Eight phones on a failing network: their scans are lost on the way, arrive twice, late and out of order."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Admission, Device, Event, Quarantined, Registration, Scan
from tests.factories import make_device, make_door, make_registration
from tests.support.door_api import scan
from web.current import resources

PHONES, GUESTS, MINUTES = 8, 20, 180
TOGETHER = 12
"""Scans that a phone tries to hand in at once."""


class Phone:
    """A scanner as the server sees it: a queue that only loses the scans that were answered."""

    def __init__(
        self, client: FlaskClient, token: str, scans: list[dict[str, Any]], people: list[Any], seed: int
    ) -> None:
        self.client, self.token, self.queue, self.people = client, token, scans, people
        self.random, self.answers, self.handed_in = Random(seed), dict[str, str](), 0

    def try_once(self) -> None:
        """Send some of the queue; the request or its response may be lost, or repeated."""
        batch = self.random.sample(self.queue, min(TOGETHER, len(self.queue)))
        if self.random.random() < 0.3:
            return
        for _ in range(self.random.choice((1, 1, 2))):
            answer = self._send(batch)
        if self.random.random() < 0.3:
            return
        results = {result["id"]: result["result"] for result in answer["results"]}
        assert not answer["resend"]
        self.answers |= results
        self.handed_in += len(results)
        self.queue = [claim for claim in self.queue if claim["id"] not in results]

    def _send(self, batch: list[dict[str, Any]]) -> Any:
        persons = {claim["person"] for claim in batch}
        body = {
            "device_time": clock.milliseconds(clock.now()),
            "handed_in": self.handed_in,
            "walk_ins": [walk_in for walk_in in self.people if walk_in["id"] in persons],
            "scans": batch,
        }
        answer = self.client.post("/api/door/scans", json=body, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, answer.text
        return answer.get_json()


@pytest.fixture
def limited(client: FlaskClient) -> Any:
    with client.application.app_context():
        limiter = resources().limiter
    limiter.on = True
    yield
    limiter.on = False


@pytest.mark.usefixtures("limited")
def test_eight_phones_on_a_failing_network_lose_no_scan_and_reach_no_limit(
    client: FlaskClient, db: Session, event: Event
) -> None:
    random, start = Random(11), clock.now() - timedelta(minutes=MINUTES + 5)
    tickets = [make_registration(db, event).ticket_id for _ in range(PHONES * GUESTS)]
    walk_ins = [{"id": str(uuid4()), "name": f"Меҳмон {number}", "language": "tg"} for number in range(PHONES * 5)]
    devices = [make_device(db, make_door(db, event), stamps_from=start) for _ in range(PHONES)]
    phones = []
    for number, (_, token) in enumerate(devices):
        people = walk_ins[number::PHONES]
        persons = [*tickets[number::PHONES], *(walk_in["id"] for walk_in in people)]
        stamps = sorted(random.sample(range(MINUTES * 60_000), len(persons)))
        scans = [
            scan(event, person, at=clock.milliseconds(start) + at) for person, at in zip(persons, stamps, strict=True)
        ]
        phones.append(Phone(client, token, scans, people, number))
    # Two doors scan the same ticket: both are recorded, however many requests are lost on the way.
    twice = phones[0].queue[3]
    phones[1].queue.append(scan(event, twice["person"], at=twice["at"] + 1))
    while any(phone.queue for phone in phones):
        random.choice([phone for phone in phones if phone.queue]).try_once()

    db.expire_all()
    assert db.scalar(select(func.count()).select_from(Quarantined)) == 0
    assert {word for phone in phones for word in phone.answers.values()} <= {"accepted", "replay", "conflict"}
    admitted = set(db.scalars(select(Admission.person).where(Admission.entries == 1)))
    assert admitted == {*tickets, *(walk_in["id"] for walk_in in walk_ins)}
    assert len(db.scalars(select(Registration.id).where(Registration.walk_in)).all()) == len(walk_ins)
    assert db.scalar(select(func.count()).select_from(Scan)) == len(admitted) + 1
    assert [device.scans for device in db.scalars(select(Device).order_by(Device.id))] == [
        len(p.answers) for p in phones
    ]
    assert [
        len(admission.conflicts)
        for admission in db.scalars(select(Admission).where(Admission.person == twice["person"]))
    ] == [1]
