"""Eight phones on a network that dies: what they hand in is lost on the way, comes twice, late and out of order."""

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
from tests.web.api.test_door import scan
from web.current import resources

PHONES, GUESTS, MINUTES = 8, 20, 180
TOGETHER = 12
"""Scans that a phone tries to hand in at once."""


class Phone:
    """A scanner as the server sees it: a queue from which goes what was answered for, and nothing else."""

    def __init__(
        self, client: FlaskClient, token: str, shown: list[dict[str, Any]], people: list[Any], seed: int
    ) -> None:
        self.client, self.token, self.queue, self.people = client, token, shown, people
        self.random, self.answers, self.handed_in = Random(seed), dict[str, str](), 0

    def try_once(self) -> None:
        """Hand in some of the queue; the request or its answer may be lost, and may come again."""
        batch = self.random.sample(self.queue, min(TOGETHER, len(self.queue)))
        if self.random.random() < 0.3:
            return
        for _ in range(self.random.choice((1, 1, 2))):
            answer = self._send(batch)
        if self.random.random() < 0.3:
            return
        told = {result["id"]: result["result"] for result in answer["results"]}
        assert not answer["resend"]
        self.answers |= told
        self.handed_in += len(told)
        self.queue = [one for one in self.queue if one["id"] not in told]

    def _send(self, batch: list[dict[str, Any]]) -> Any:
        named = {one["person"] for one in batch}
        sent = {
            "device_time": clock.milliseconds(clock.now()),
            "handed_in": self.handed_in,
            "walk_ins": [one for one in self.people if one["id"] in named],
            "scans": batch,
        }
        answer = self.client.post("/api/door/scans", json=sent, headers={"Authorization": f"Bearer {self.token}"})
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
def test_eight_phones_on_a_dying_network_lose_nothing_and_meet_no_limit(
    client: FlaskClient, db: Session, event: Event
) -> None:
    random, start = Random(11), clock.now() - timedelta(minutes=MINUTES + 5)
    tickets = [make_registration(db, event).ticket_id for _ in range(PHONES * GUESTS)]
    walk_ins = [{"id": str(uuid4()), "name": f"Меҳмон {number}", "language": "tg"} for number in range(PHONES * 5)]
    devices = [make_device(db, make_door(db, event), stamps_from=start) for _ in range(PHONES)]
    phones = []
    for number, (_, token) in enumerate(devices):
        people = walk_ins[number::PHONES]
        shown = [*tickets[number::PHONES], *(one["id"] for one in people)]
        stamps = sorted(random.sample(range(MINUTES * 60_000), len(shown)))
        scans = [scan(event, who, at=clock.milliseconds(start) + at) for who, at in zip(shown, stamps, strict=True)]
        phones.append(Phone(client, token, scans, people, number))
    # Two doors let in the same ticket: both are told, whatever was lost on the way.
    twice = phones[0].queue[3]
    phones[1].queue.append(scan(event, twice["person"], at=twice["at"] + 1))
    while any(phone.queue for phone in phones):
        random.choice([phone for phone in phones if phone.queue]).try_once()

    db.expire_all()
    assert db.scalar(select(func.count()).select_from(Quarantined)) == 0
    assert {word for phone in phones for word in phone.answers.values()} <= {"accepted", "replay", "conflict"}
    came = set(db.scalars(select(Admission.person).where(Admission.entries == 1)))
    assert came == {*tickets, *(one["id"] for one in walk_ins)}
    assert len(db.scalars(select(Registration.id).where(Registration.walk_in)).all()) == len(walk_ins)
    assert db.scalar(select(func.count()).select_from(Scan)) == len(came) + 1
    assert [one.scans for one in db.scalars(select(Device).order_by(Device.id))] == [len(p.answers) for p in phones]
    assert [len(one.conflicts) for one in db.scalars(select(Admission).where(Admission.person == twice["person"]))] == [
        1
    ]
