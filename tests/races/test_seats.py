"""Threads and real commits: a seat is never given twice, however many register at once."""

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import event, func, select

from shared.database import make_sessions
from shared.errors import Full
from shared.events import events
from shared.models import Event, OutboxMessage, Registration, TicketType
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration, Outcome
from tests.conftest import Committed
from tests.factories import make_event
from tests.support.threads import together

THREADS = 50


def register(
    committed: Committed,
    slug: str,
    number: int,
    *,
    contact: str,
    companions: int = 0,
    ticket_type_id: int | None = None,
) -> str:
    new_registration = NewRegistration(
        name=f"Guest {number}",
        language="tg",
        email=contact,
        once=f"once-{number}",
        companions=tuple(f"Companion {n}" for n in range(companions)),
        ticket_type_id=ticket_type_id,
    )
    try:
        outcome = _register_as_web_does(committed, slug, new_registration)
    except Full:
        return "full"
    return "first" if outcome.is_new else "again"


def _register_as_web_does(committed: Committed, slug: str, new_registration: NewRegistration) -> Outcome:
    """Try in one statement, by what the event was a moment ago, and look closer where that is not enough."""
    with committed.sessions() as db:
        talk = events.find(db, slug=slug)
    at_once = committed.engine.execution_options(isolation_level="AUTOCOMMIT")
    with make_sessions(at_once).begin() as db:
        outcome = self_service.register_at_once(db, event=talk, new_registration=new_registration)
    if outcome:
        return outcome
    with committed.sessions.begin() as db:
        return self_service.register(db, slug=slug, new_registration=new_registration)


def seats(committed: Committed, slug: str) -> tuple[int, int, int, int]:
    """Return the seats taken by event and ticket type, and the numbers of people and of enqueued tickets."""
    with committed.sessions.begin() as db:
        counted = db.scalars(select(Event).where(Event.slug == slug)).one()
        people = db.scalar(select(func.count()).select_from(Registration).where(Registration.event_id == counted.id))
        enqueued = db.scalar(select(func.count()).select_from(OutboxMessage))
        return counted.taken, counted.ticket_types[0].taken, people or 0, enqueued or 0


@pytest.fixture(autouse=True)
def _nothing_fails(committed: Committed) -> Iterator[None]:
    """Assert that PostgreSQL refuses no statement: each would be an error in its log."""
    failed: list[str] = []
    event.listen(committed.engine, "handle_error", lambda error: failed.append(str(error.original_exception)))
    yield
    assert failed == []


def make(committed: Committed, capacity: int) -> str:
    with committed.sessions.begin() as db:
        return make_event(db, capacity=capacity).slug


def test_three_seats_go_to_three_of_fifty(committed: Committed) -> None:
    slug = make(committed, 3)
    outcomes = together(THREADS, lambda n: register(committed, slug, n, contact=f"guest{n}@example.org"))
    assert outcomes == {"first": 3, "full": 47}
    assert seats(committed, slug) == (3, 3, 3, 3)


def test_groups_of_one_to_four_never_exceed_ten_seats(committed: Committed) -> None:
    slug = make(committed, 10)
    sizes = Random(7).choices([1, 2, 3, 4], k=THREADS)
    outcomes = together(
        THREADS, lambda n: register(committed, slug, n, contact=f"host{n}@example.org", companions=sizes[n] - 1)
    )
    taken, of_type, people, enqueued = seats(committed, slug)
    assert taken == of_type == people <= 10
    assert enqueued == outcomes["first"]
    # Those who come alone fit into any seat that is left, and more of them come than there are seats.
    assert taken == 10


@pytest.mark.parametrize("capacity", [None, 12, 8], ids=["event without a limit", "types full first", "both full"])
def test_of_ticket_types_that_are_full_before_the_event_each_counts_its_own(
    committed: Committed, capacity: int | None
) -> None:
    with committed.sessions.begin() as db:
        types = [TicketType(title={"en": name}, capacity=5) for name in ("Hall", "Balcony")]
        slug = make_event(db, capacity=capacity, ticket_types=types).slug
        ids = [type_.id for type_ in types]
    sizes = Random(11).choices([1, 2, 3], k=THREADS)

    def act(n: int) -> str:
        party = {"contact": f"host{n}@example.org", "companions": sizes[n] - 1, "ticket_type_id": ids[n % 2]}
        return register(committed, slug, n, **party)  # type: ignore[arg-type]  # each of its own type

    outcomes = together(THREADS, act)
    of_type = func.count().filter(Registration.ticket_type_id == TicketType.id)
    rows = select(TicketType.taken, of_type).join(Registration, Registration.event_id == TicketType.event_id)
    with committed.sessions.begin() as db:
        counted = db.execute(rows.group_by(TicketType.id).order_by(TicketType.id)).all()
    taken, _, people, enqueued = seats(committed, slug)
    assert [of_type for of_type, _ in counted] == [people for _, people in counted]
    assert taken == people == sum(of_type for of_type, _ in counted) == min(10, capacity or 10)
    assert enqueued == outcomes["first"]
    assert outcomes["first"] + outcomes["full"] == THREADS


def test_one_form_sent_twenty_times_at_once_is_one_registration(committed: Committed) -> None:
    slug = make(committed, 100)
    outcomes = together(20, lambda _: register(committed, slug, 1, contact="same@example.org", companions=2))
    assert outcomes == {"first": 20}
    assert seats(committed, slug) == (3, 3, 3, 1)


def test_one_contact_on_twenty_threads_gets_one_registration(committed: Committed) -> None:
    slug = make(committed, 100)
    outcomes = together(20, lambda n: register(committed, slug, n, contact="same@example.org"))
    assert outcomes == {"first": 1, "again": 19}
    taken, of_type, people, enqueued = seats(committed, slug)
    assert (taken, of_type, people) == (1, 1, 1)
    assert enqueued == 2


def test_cancelling_and_registering_at_once_keeps_the_count(committed: Committed) -> None:
    slug = make(committed, 10)
    for n in range(10):
        register(committed, slug, n, contact=f"first{n}@example.org")
    with committed.sessions.begin() as db:
        registration_ids = db.scalars(select(Registration.id)).all()

    def act(n: int) -> str:
        if n % 2:
            return register(committed, slug, n, contact=f"second{n}@example.org")
        with committed.sessions.begin() as db:
            self_service.cancel(db, registration_id=registration_ids[n // 2], by="self")
        return "cancelled"

    outcomes = together(20, act)
    taken, of_type, _, _ = seats(committed, slug)
    assert outcomes["cancelled"] == 10
    assert taken == of_type == outcomes["first"]
