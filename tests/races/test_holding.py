"""Threads and real commits: seats held beyond a share, and late additions to the waiting list."""

from datetime import timedelta

from sqlalchemy import func, select

from shared import clock
from shared.errors import Conflicting, Crowded, Full
from shared.models import Event, OutboxMessage, Registration
from shared.registrations import self_service, waiting_list
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Committed
from tests.factories import make_event
from tests.support.threads import together

THREADS = 24


def registration_of(number: int, *, wait: bool = False) -> NewRegistration:
    return NewRegistration(
        name=f"Guest {number}", language="tg", email=f"guest{number}@example.org", companions=("Ann",), wait=wait
    )


def register(committed: Committed, slug: str, number: int, *, beyond_share: bool) -> str:
    try:
        with committed.sessions.begin() as db:
            outcome = self_service.register(
                db, slug=slug, new_registration=registration_of(number), beyond_share=beyond_share
            )
            return outcome.registration.state
    except (Crowded, Full) as error:
        return error.reason


def counted(committed: Committed, slug: str) -> tuple[int, int, int]:
    """Return the taken seats of the event, the people who have one, and those of them whose seat is held."""
    with committed.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.slug == slug)).one()
        seated = Registration.event_id == event.id, Registration.is_live
        people = db.scalar(select(func.count()).where(*seated)) or 0
        return event.taken, people, db.scalar(select(func.count()).where(*seated, Registration.held)) or 0


def seats_of_twenty(committed: Committed) -> str:
    with committed.sessions.begin() as db:
        return make_event(db, capacity=20).slug


def test_however_many_come_at_once_half_of_the_event_is_held_at_most(committed: Committed) -> None:
    slug = seats_of_twenty(committed)
    outcomes = together(THREADS, lambda n: register(committed, slug, n, beyond_share=True))
    assert outcomes == {"unconfirmed": 5, "crowded": THREADS - 5}
    assert counted(committed, slug) == (10, 10, 10)


def test_held_and_confirmed_seats_together_are_never_more_than_there_are(committed: Committed) -> None:
    slug = seats_of_twenty(committed)
    outcomes = together(THREADS, lambda n: register(committed, slug, n, beyond_share=bool(n % 2)))
    taken, people, held_seats = counted(committed, slug)
    assert (taken, people) == (20, 20)
    assert held_seats == 2 * outcomes["unconfirmed"] <= 10


def test_a_link_opened_many_times_at_once_joins_the_waiting_list_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        slug = make_event(db, capacity=2).slug
        self_service.register(db, slug=slug, new_registration=registration_of(0))
        late = self_service.register(
            db, slug=slug, new_registration=registration_of(1, wait=True), beyond_share=True
        ).registration.id

    def join(_: int) -> str:
        try:
            with committed.sessions.begin() as db:
                self_service.confirm(db, registration=db.get_one(Registration, late))
        except Conflicting as error:
            return error.reason
        return "joined"

    # A request that reads the registration after it has joined has nothing to do, and gets no conflict.
    assert together(8, join)["joined"] >= 1
    with committed.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.slug == slug)).one()
        assert (event.taken, event.waiting) == (2, 2)
        assert db.scalar(select(func.count()).where(OutboxMessage.kind == "joined_waiting_list")) == 1


def test_a_held_seat_is_confirmed_or_lapses_never_both(committed: Committed) -> None:
    slug = seats_of_twenty(committed)
    register(committed, slug, 0, beyond_share=True)
    with committed.sessions.begin() as db:
        host = db.scalars(select(Registration).where(Registration.host_id.is_(None))).one()
        event_id, host_id = host.event_id, host.id

    def act(n: int) -> str:
        try:
            with committed.sessions.begin() as db:
                if n % 2:
                    later = clock.now() + timedelta(hours=1)
                    return "lapsed" if waiting_list.lapse(db, event_id=event_id, now=later) else "nothing"
                self_service.confirm(db, registration=db.get_one(Registration, host_id))
                return "confirmed"
        except Conflicting:
            return "nothing"

    outcomes = together(8, act)
    taken, people, held_seats = counted(committed, slug)
    assert (taken, held_seats) == (people, 0)
    assert outcomes["lapsed"] == (taken == 0)
