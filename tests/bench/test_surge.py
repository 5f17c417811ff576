"""What is wrong with a surge is noticed: people without an answer, and seats that are not those of the event."""

import pytest

from bench import surge
from bench.load import Outcome
from bench.service import Service
from shared.database import make_sessions
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from tests.conftest import Committed
from tests.factories import make_event, make_registration

SEATS = 2
COUNTED = ("seats taken", "seats of ticket types", "registrations")


def outcome(right: int, seats: int = 0) -> Outcome:
    return Outcome(1, 1, 1, right, {}, statuses={"303": seats, "409": right - seats})


def test_everyone_who_comes_must_be_answered() -> None:
    assert surge.faults_of_arrivals([outcome(800), outcome(200)], 2) == []
    assert surge.faults_of_arrivals([outcome(800), outcome(199)], 2) == ["200 came, 199 were answered"]


@pytest.mark.parametrize(
    ("told", "registered", "faults"),
    [
        (2, 2, []),
        (3, 2, ["3 were told of a seat, there are 2"]),
        (2, 3, [f"2 were acknowledged, {name}: 3" for name in COUNTED]),
    ],
)
def test_exactly_the_seats_of_the_event_are_given(
    committed: Committed, told: int, registered: int, faults: list[str]
) -> None:
    with make_sessions(committed.engine).begin() as db:
        event = make_event(db)
        people = [make_registration(db, event) for _ in range(registered)]
        for person in people[:SEATS]:
            outbox.enqueue(db, MessageKind.REGISTRATION_CONFIRMED, subject=person.id)
    service = Service(0, committed.settings, committed.engine, [])
    assert surge.faults_of_seats(service, event.id, outcome(40, told), SEATS) == faults
