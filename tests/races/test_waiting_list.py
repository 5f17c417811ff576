"""Threads and real commits on a waiting list: each freed seat is given once, and no one waits beside a free one."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from shared import clock
from shared.errors import Conflicting, Full
from shared.models import Account, Event, OutboxMessage, Registration
from shared.registrations import organizer_registrations, seats, self_service, waiting_list
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Committed
from tests.factories import make_account, make_event
from tests.support.threads import together

SEATS = 5
PARTIES = 30


def fill_up(committed: Committed, waiting: int) -> tuple[int, list[int], list[int]]:
    """Add a full event with so many people waiting; return its id, the seated and the waiting registrations."""
    with committed.sessions.begin() as db:
        event = make_event(db, capacity=SEATS)
        ids = []
        for number in range(SEATS + waiting):
            new_registration = NewRegistration(
                name=f"Guest {number}", language="tg", email=f"guest{number}@example.org", wait=True
            )
            ids.append(self_service.register(db, slug=event.slug, new_registration=new_registration).registration.id)
    return event.id, ids[:SEATS], ids[SEATS:]


def states(committed: Committed, event_id: int) -> dict[str, int]:
    with committed.sessions.begin() as db:
        event = db.get_one(Event, event_id)
        statement = select(Registration.state, func.count()).where(Registration.event_id == event_id)
        counts = dict(db.execute(statement.group_by(Registration.state)).all())
        seated = sum(counts.get(state, 0) for state in ("confirmed", "offered"))
        assert (event.taken, event.waiting) == (seated, counts.get("waiting", 0))
        assert event.ticket_types[0].taken == seated
        return counts


def test_five_simultaneous_cancellations_seat_the_first_five(committed: Committed) -> None:
    event_id, seated, waiting = fill_up(committed, waiting=8)

    def leave(n: int) -> str:
        with committed.sessions.begin() as db:
            self_service.cancel(db, registration_id=seated[n], by="self")
        return "left"

    assert together(SEATS, leave) == {"left": SEATS}
    assert states(committed, event_id) == {"offered": 5, "waiting": 3, "cancelled": 5}
    with committed.sessions.begin() as db:
        offered = select(Registration.id).where(Registration.state == "offered").order_by(Registration.id)
        assert db.scalars(offered).all() == waiting[:5]
        assert db.scalar(select(func.count()).where(OutboxMessage.kind == "seat_offered")) == 5


def test_two_simultaneous_cancellations_cancel_once(committed: Committed) -> None:
    event_id, seated, _ = fill_up(committed, waiting=2)

    def leave(_: int) -> str:
        try:
            with committed.sessions.begin() as db:
                self_service.cancel(db, registration_id=seated[0], by="self")
        except Conflicting:
            return "too late"
        return "left"

    assert together(4, leave) == {"left": 1, "too late": 3}
    assert states(committed, event_id) == {"confirmed": 4, "offered": 1, "waiting": 1, "cancelled": 1}


def test_an_offer_is_either_accepted_or_lapses(committed: Committed) -> None:
    event_id, seated, waiting = fill_up(committed, waiting=2)
    with committed.sessions.begin() as db:
        self_service.cancel(db, registration_id=seated[0], by="self")
    late = clock.now() + timedelta(hours=25)

    def act(n: int) -> str:
        with committed.sessions.begin() as db:
            if n % 2:
                waiting_list.lapse(db, event_id=event_id, now=late)
                return "lapsed"
            try:
                self_service.confirm(db, registration=db.get_one(Registration, waiting[0]))
            except Conflicting:
                return "too late"
        return "taken"

    outcomes = together(4, act)
    with committed.sessions.begin() as db:
        first = db.get_one(Registration, waiting[0]).state
    counts = states(committed, event_id)
    # Either way no one waits beside a free seat: the other waiting person was offered it, or it is taken.
    assert (first, counts.get("waiting", 0)) in {("confirmed", 1), ("cancelled", 0)}
    assert ("taken" in outcomes) is (first == "confirmed")


def leave_and_come(committed: Committed, event_id: int, seated: list[int]) -> Counter[str]:
    """Cancel all seats during twenty new registrations, every other one ready to wait."""
    with committed.sessions.begin() as db:
        slug = db.get_one(Event, event_id).slug

    def act(n: int) -> str:
        if n < SEATS:
            with committed.sessions.begin() as db:
                self_service.cancel(db, registration_id=seated[n], by="self")
            return "left"
        new_registration = NewRegistration(
            name=f"New {n}", language="tg", email=f"new{n}@example.org", wait=bool(n % 2)
        )
        try:
            with committed.sessions.begin() as db:
                return self_service.register(db, slug=slug, new_registration=new_registration).registration.state
        except Full:
            return "full"

    return together(SEATS + 20, act)


def test_registering_and_cancelling_at_once_give_no_seat_twice(committed: Committed) -> None:
    event_id, seated, _ = fill_up(committed, waiting=0)
    leave_and_come(committed, event_id, seated)
    counts = states(committed, event_id)
    seated_now = counts.get("confirmed", 0) + counts.get("offered", 0)
    assert seated_now == SEATS or not counts.get("waiting")


def test_twenty_who_wait_are_not_jumped_by_twenty_newcomers(committed: Committed) -> None:
    event_id, seated, waiting = fill_up(committed, waiting=20)
    outcomes = leave_and_come(committed, event_id, seated)
    assert outcomes == {"left": SEATS, "waiting": 10, "full": 10}
    assert states(committed, event_id) == {"offered": SEATS, "waiting": 25, "cancelled": SEATS}
    with committed.sessions.begin() as db:
        offered = select(Registration.id).where(Registration.state == "offered").order_by(Registration.id)
        assert db.scalars(offered).all() == waiting[:SEATS]
        assert db.scalar(select(func.count()).where(OutboxMessage.kind == "seat_offered")) == SEATS


def test_bulk_acts_and_an_attendees_own_acts_lock_in_one_order(committed: Committed) -> None:
    """Each locks a group's rows by their ids; in two orders PostgreSQL would end one of two acts."""
    event_id, parties, by_id = parties_in_line(committed, PARTIES)
    ids = [id_ for party in parties for id_ in party]

    def act(n: int) -> str:
        with committed.sessions.begin() as db:
            event, by = db.get_one(Event, event_id), db.get_one(Account, by_id)
            if n % 3 == 0:
                organizer_registrations.send_again(db, event=event, ids=ids[::-1], by=by)
            elif n % 3 == 1:
                locked = seats.lock(db, event_id)
                locked.event.capacity = (locked.event.capacity or 0) + 4
                seats.fill(db, locked)
            else:
                for host, _ in parties:
                    language = ("tg", "ru")[n % 2]
                    self_service.set_language(db, registration=db.get_one(Registration, host), language=language)
        return "done"

    assert together(12, act) == {"done": 12}
    assert states(committed, event_id) == {"offered": 16, "waiting": 2 * PARTIES - 16}


def parties_in_line(committed: Committed, number: int) -> tuple[int, list[list[int]], int]:
    """Add an event without seats and with so many waiting couples; return its id, theirs, and that of an organizer."""
    with committed.sessions.begin() as db:
        event, parties = make_event(db, capacity=0), []
        for index in range(number):
            new_registration = NewRegistration(
                name=f"Host {index}",
                language="tg",
                email=f"host{index}@example.org",
                companions=("Companion",),
                wait=True,
            )
            host = self_service.register(db, slug=event.slug, new_registration=new_registration).registration.id
            parties.append([host, *db.scalars(select(Registration.id).where(Registration.host_id == host))])
        return event.id, parties, make_account(db, organization=event.organization, role="owner").id


def test_editing_and_cancelling_at_once_leave_a_cancelled_registration(committed: Committed) -> None:
    event_id, seated, _ = fill_up(committed, waiting=0)

    def act(n: int) -> str:
        try:
            with committed.sessions.begin() as db:
                if n:
                    registration = db.get_one(Registration, seated[0])
                    self_service.edit(db, registration=registration, name=f"Edited {n}", answers={"n": n})
                    return "edited"
                self_service.cancel(db, registration_id=seated[0], by="self")
                return "cancelled"
        except Conflicting:
            return "too late"

    outcomes = together(8, act)
    assert outcomes["cancelled"] == 1
    with committed.sessions.begin() as db:
        registration = db.get_one(Registration, seated[0])
        assert registration.state == "cancelled"
        assert (registration.name.startswith("Edited")) is (outcomes["edited"] > 0)
    assert states(committed, event_id) == {"confirmed": SEATS - 1, "cancelled": 1}
