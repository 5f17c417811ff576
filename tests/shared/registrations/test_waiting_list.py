"""The waiting list: first come, first served, and passed only by a smaller group when a larger one does not fit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Conflicting, Full, Invalid, NotOpen
from shared.events import announcements
from shared.models import ConsentWording, Event, OutboxMessage, Registration, TicketType
from shared.registrations import seats, self_service, waiting_list
from shared.registrations.new_registration import NewRegistration
from shared.registrations.registrations import waiting_position
from tests.factories import make_account, make_event, make_registration
from tests.support.recorded_acts import acts


def register(db: Session, event: Event, who: str, *, companions: int = 0, **overrides: Any) -> Registration:
    names = tuple(f"{who} {number}" for number in range(companions))
    defaults = {"name": who, "language": "tg", "email": f"{who}@example.org", "once": who, "wait": True}
    new_registration = NewRegistration(**{**defaults, "companions": names, **overrides})
    return self_service.register(db, slug=event.slug, new_registration=new_registration).registration


def messages(db: Session, kind: str) -> int:
    return len(db.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).all())


def recount(db: Session, event: Event) -> None:
    """Assert that the counters equal the rows, and that no waiting group would fit."""
    db.flush()
    db.expire_all()
    rows = db.scalars(select(Registration).where(Registration.event_id == event.id, ~Registration.walk_in)).all()
    types = {ticket_type.id: ticket_type for ticket_type in event.ticket_types}
    by_type = [(types[id_], [row for row in rows if row.ticket_type_id == id_]) for id_ in types]
    for counted, registrations_ in [(event, rows), *by_type]:
        states = Counter(row.state for row in registrations_)
        assert counted.taken == states["confirmed"] + states["offered"] + states["unconfirmed"]
        assert counted.waiting == states["waiting"]
    parties = Counter(row.host_id or row.id for row in rows if row.state == "waiting")
    of_type = {row.host_id or row.id: row.ticket_type_id for row in rows}
    for host, number in parties.items():
        limits = [event, types[of_type[host]]]
        assert any(row.capacity is not None and row.taken + number > row.capacity for row in limits)


def set_capacity(db: Session, event: Event, capacity: int | None) -> None:
    locked = seats.lock(db, event.id)
    locked.event.capacity = capacity
    seats.fill(db, locked)


@pytest.fixture
def event(db: Session) -> Event:
    """Return an event with two seats, both taken by one group."""
    event = make_event(db, capacity=2)
    register(db, event, "first", companions=1)
    return event


def first(db: Session) -> Registration:
    return db.scalars(select(Registration).where(Registration.email == "first@example.org")).one()


def test_a_person_who_asks_to_wait_joins_the_waiting_list(db: Session, event: Event) -> None:
    second, third = register(db, event, "second"), register(db, event, "third")
    assert (second.state, third.state) == ("waiting", "waiting")
    assert [waiting_position(db, registration=registration) for registration in (second, third)] == [1, 2]
    assert messages(db, "joined_waiting_list") == 2
    recount(db, event)


def test_a_full_event_says_that_one_may_wait(db: Session, event: Event) -> None:
    with pytest.raises(Full) as refusal:
        register(db, event, "second", wait=False)
    assert refusal.value.may_wait
    event.waiting_list = False
    db.flush()
    with pytest.raises(Full) as refusal:
        register(db, event, "second")
    assert not refusal.value.may_wait


def test_a_freed_seat_is_offered_to_the_first_on_the_list(db: Session, event: Event) -> None:
    second, third = register(db, event, "second"), register(db, event, "third")
    self_service.cancel(db, registration_id=first(db).id, by="self")
    assert (second.state, third.state) == ("offered", "waiting")
    db.refresh(second)
    assert second.deadline is not None
    assert timedelta(hours=23) < second.deadline - clock.now() <= timedelta(hours=24)
    assert (messages(db, "seat_offered"), messages(db, "place_given_up")) == (1, 1)
    recount(db, event)


def test_an_accepted_offer_is_a_ticket(db: Session, event: Event) -> None:
    second = register(db, event, "second")
    self_service.cancel(db, registration_id=first(db).id, by="self")
    self_service.confirm(db, registration=second)
    assert (second.state, second.deadline) == ("confirmed", None)
    assert messages(db, "registration_confirmed") == 2
    recount(db, event)


def test_a_lapsed_offer_goes_to_the_next(db: Session, event: Event) -> None:
    second, third = register(db, event, "second"), register(db, event, "third")
    self_service.cancel(db, registration_id=first(db).id, by="self")
    late = clock.now() + timedelta(hours=25)
    assert waiting_list.overdue_events(db, now=clock.now()) == []
    assert waiting_list.overdue_events(db, now=late) == [event.id]
    assert waiting_list.lapse(db, event_id=event.id, now=late) == 1
    assert (second.state, second.cancelled_by, third.state) == ("cancelled", "lapsed", "offered")
    assert messages(db, "offer_lapsed") == 1
    recount(db, event)
    with pytest.raises(Conflicting):
        self_service.cancel(db, registration_id=second.id, by="self")
    with pytest.raises(Conflicting):
        self_service.confirm(db, registration=second)


@pytest.mark.parametrize("hours", [2.5, 1])
def test_with_too_little_time_to_ask_a_seat_is_confirmed_at_once(db: Session, hours: float) -> None:
    event = make_event(db, capacity=1, starts_at=clock.now() + timedelta(hours=hours))
    holder = register(db, event, "first")
    second = register(db, event, "second")
    self_service.cancel(db, registration_id=holder.id, by="self")
    assert second.state == "confirmed"


def test_without_an_address_a_seat_is_confirmed_at_once(db: Session, event: Event) -> None:
    second = register(db, event, "second", email=None, phone="+992918123456")
    self_service.cancel(db, registration_id=first(db).id, by="self")
    assert second.state == "confirmed"
    recount(db, event)


def test_an_offer_ends_two_hours_before_the_start(db: Session) -> None:
    event = make_event(db, capacity=1, starts_at=clock.now() + timedelta(hours=10))
    holder, second = register(db, event, "first"), register(db, event, "second")
    self_service.cancel(db, registration_id=holder.id, by="self")
    db.refresh(second)
    assert event.starts_at is not None
    assert second.deadline == event.starts_at - timedelta(hours=2)


def test_no_one_is_promoted_into_an_event_that_has_begun(db: Session, event: Event) -> None:
    second = register(db, event, "second")
    event.starts_at = clock.now() - timedelta(minutes=1)
    self_service.cancel(db, registration_id=first(db).id, by="self")
    assert second.state == "waiting"


def test_no_one_is_promoted_once_the_doors_are_closed(db: Session, event: Event) -> None:
    second = register(db, event, "second")
    event.doors_closed_at = clock.now()
    self_service.cancel(db, registration_id=first(db).id, by="self")
    assert second.state == "waiting"


def test_a_group_is_passed_over_only_while_it_is_too_large(db: Session, event: Event) -> None:
    couple, single = register(db, event, "couple", companions=1), register(db, event, "single")
    self_service.cancel(db, registration_id=first(db).id, by="self")
    assert (couple.state, single.state) == ("waiting", "offered")
    recount(db, event)
    set_capacity(db, event, 4)
    assert couple.state == "offered"
    recount(db, event)


def test_a_new_registration_takes_a_seat_too_few_for_the_waiting_group(db: Session) -> None:
    event = make_event(db, capacity=3)
    register(db, event, "first", companions=1)
    couple = register(db, event, "couple", companions=1)
    newcomer = register(db, event, "newcomer")
    assert (couple.state, newcomer.state) == ("waiting", "confirmed")
    recount(db, event)


def test_a_waiting_group_has_one_source(db: Session, event: Event) -> None:
    couple = register(db, event, "couple", companions=1, source="poster")
    waiting = select(Registration.name, Registration.source).where(Registration.state == "waiting")
    assert {row.source for row in db.execute(waiting)} == {couple.source} == {"poster"}
    assert len(db.execute(waiting).all()) == 2


def test_a_group_keeps_its_position_when_its_host_cancels(db: Session, event: Event) -> None:
    couple = register(db, event, "couple", companions=1)
    last = register(db, event, "last")
    self_service.cancel(db, registration_id=couple.id, by="self")
    companion = db.scalars(select(Registration).where(Registration.host_id == couple.id)).one()
    assert [waiting_position(db, registration=registration) for registration in (companion, last)] == [1, 2]
    self_service.cancel(db, registration_id=first(db).id, by="self")
    assert (companion.state, last.state) == ("offered", "waiting")
    assert db.scalars(select(OutboxMessage.subject).where(OutboxMessage.kind == "seat_offered")).one() == couple.id
    recount(db, event)


def test_more_seats_promote_at_once(db: Session, event: Event) -> None:
    waiting = [register(db, event, f"guest{number}") for number in range(3)]
    set_capacity(db, event, 4)
    assert [registration.state for registration in waiting] == ["offered", "offered", "waiting"]
    set_capacity(db, event, None)
    assert waiting[2].state == "offered"
    recount(db, event)


def test_each_ticket_type_has_its_own_waiting_list(db: Session) -> None:
    ticket_types = [TicketType(title={"en": "Hall"}, capacity=1), TicketType(title={"en": "Balcony"}, capacity=1)]
    event = make_event(db, ticket_types=ticket_types)
    holder = register(db, event, "first", ticket_type_id=ticket_types[0].id)
    hall = register(db, event, "hall", ticket_type_id=ticket_types[0].id)
    balcony = register(db, event, "balcony", ticket_type_id=ticket_types[1].id)
    assert (hall.state, balcony.state) == ("waiting", "confirmed")
    self_service.cancel(db, registration_id=holder.id, by="self")
    assert hall.state == "offered"
    recount(db, event)


def test_moving_frees_a_seat_for_the_waiting_list(db: Session) -> None:
    ticket_types = [TicketType(title={"en": "Hall"}, capacity=1), TicketType(title={"en": "Balcony"}, capacity=1)]
    event = make_event(db, ticket_types=ticket_types)
    holder = register(db, event, "first", ticket_type_id=ticket_types[0].id)
    hall = register(db, event, "hall", ticket_type_id=ticket_types[0].id)
    self_service.move(db, registration=holder, ticket_type_id=ticket_types[1].id)
    assert (holder.ticket_type_id, hall.state) == (ticket_types[1].id, "offered")
    recount(db, event)
    self_service.confirm(db, registration=hall)
    with pytest.raises(Full):
        self_service.move(db, registration=hall, ticket_type_id=ticket_types[1].id)
    with pytest.raises(Invalid):
        self_service.move(db, registration=hall, ticket_type_id=0)


def test_confirming_by_email_holds_the_seat_until_then(db: Session) -> None:
    event = make_event(db, capacity=1, confirm_by_mail=True)
    first = NewRegistration(name="A", language="tg", email="a@example.org", once="a")
    outcome = self_service.register(db, slug=event.slug, new_registration=first)
    assert (outcome.is_new, outcome.registration.state) == (False, "unconfirmed")
    assert messages(db, "please_confirm") == 1
    assert register(db, event, "second", wait=False).state == "waiting"
    self_service.confirm(db, registration=outcome.registration)
    assert outcome.registration.state == "confirmed"
    recount(db, event)


def test_an_unconfirmed_seat_is_freed_in_time(db: Session) -> None:
    event = make_event(db, capacity=1, confirm_by_mail=True)
    unconfirmed = register(db, event, "first")
    late = clock.now() + timedelta(hours=25)
    waiting_list.lapse(db, event_id=event.id, now=late)
    assert (unconfirmed.state, unconfirmed.cancelled_by) == ("cancelled", "lapsed")
    assert messages(db, "offer_lapsed") == 0
    recount(db, event)


def test_a_private_event_says_only_by_email_that_it_is_full(db: Session) -> None:
    event = make_event(db, capacity=1, private=True, waiting_list=False)
    register(db, event, "first")
    second = register(db, event, "second")
    assert (second.state, messages(db, "event_full")) == ("cancelled", 1)
    with pytest.raises(Invalid):
        register(db, event, "third", email=None, phone="+992918123456")
    recount(db, event)


def wordings(db: Session) -> list[tuple[str, str, str]]:
    statement = select(ConsentWording.version, ConsentWording.language, ConsentWording.wording)
    return [(row.version, row.language, row.wording) for row in db.execute(statement.order_by(ConsentWording.language))]


def test_the_consent_wording_is_stored_even_for_waiting_and_refused_people(db: Session) -> None:
    full, private = make_event(db, capacity=1), make_event(db, capacity=1, private=True, waiting_list=False)
    for event in (full, private):
        make_registration(db, event)
    agreed = {"consent": "2026-1", "consent_wording": "Розӣ ҳастам."}
    assert register(db, full, "second", **agreed).state == "waiting"
    assert register(db, full, "third", **agreed).state == "waiting"
    assert wordings(db) == [("2026-1", "tg", "Розӣ ҳастам.")]
    refused = register(db, private, "fourth", language="ru", consent="2026-1", consent_wording="Согласие.")
    assert refused.state == "cancelled"
    assert wordings(db) == [("2026-1", "ru", "Согласие."), ("2026-1", "tg", "Розӣ ҳастам.")]


def test_cancelling_an_event_cancels_every_registration_and_emails_each_group_once(db: Session, event: Event) -> None:
    register(db, event, "second", companions=1)
    announcements.cancel(db, event=event, because={"en": "The hall is flooded."}, by=make_account(db))
    assert acts(db) == [("event.cancelled", {"places": 4})]
    live = select(Registration).where(Registration.event_id == event.id, Registration.state != "cancelled")
    assert db.scalars(live).all() == []
    assert (messages(db, "event_cancelled"), event.sequence) == (2, 1)
    recount(db, event)
    with pytest.raises(Conflicting):
        announcements.cancel(db, event=event, because={}, by=make_account(db))


def test_each_group_gets_one_email_about_a_change(db: Session, event: Event) -> None:
    announcements.announce_change(db, event=event, changed=("time", "place"))
    assert db.scalars(select(OutboxMessage.key).where(OutboxMessage.kind == "event_changed")).all() == ["1:time,place"]


@pytest.mark.parametrize("of_type", [False, True])
@pytest.mark.parametrize("change", [{}, {"confirm_by_mail": True}, {"waiting_list": False}])
def test_no_group_waits_for_more_seats_than_exist(db: Session, change: dict[str, Any], of_type: bool) -> None:
    kind = TicketType(title={"en": "Hall"}, capacity=3 if of_type else None)
    event = make_event(db, capacity=4 if of_type else 3, ticket_types=[kind], **change)
    single = register(db, event, "single", wait=False)
    for wait in (True, False):
        with pytest.raises(Invalid) as refusal:
            register(db, event, "crowd", companions=3, wait=wait)
        assert (refusal.value.field, refusal.value.numbers) == ("companions", {"room": 3})
    assert db.scalars(select(Registration.id).where(Registration.event_id == event.id)).all() == [single.id]
    recount(db, event)


def test_a_waiting_list_without_seats_yet_takes_any_group(db: Session) -> None:
    event = make_event(db, capacity=0)
    assert register(db, event, "crowd", companions=3).state == "waiting"
    recount(db, event)


def test_a_seat_that_becomes_free_is_still_confirmed_by_email(db: Session) -> None:
    event = make_event(db, capacity=3, confirm_by_mail=True)
    register(db, event, "first", companions=1)
    couple = register(db, event, "couple", companions=1)
    newcomer = register(db, event, "newcomer")
    assert (couple.state, newcomer.state) == ("waiting", "unconfirmed")
    recount(db, event)


def test_a_private_event_refuses_registered_and_unregistered_contacts_alike(db: Session) -> None:
    event = make_event(db, private=True)
    register(db, event, "vic")
    for who in ("vic", "stranger"):
        with pytest.raises(Invalid):
            register(db, event, who, once=f"{who}-again", ticket_type_id=1_000_000_000)
    event.closes_at = clock.now() - timedelta(hours=1)
    db.flush()
    for who in ("vic", "stranger"):
        with pytest.raises(NotOpen):
            register(db, event, who, once=f"{who}-later")


@dataclass
class Story:
    """Acts on one event; each number chooses among those for whom the act is possible."""

    db: Session
    event: Event
    people: list[Registration] = field(default_factory=list)

    def come(self, number: int, companions: int) -> None:
        ticket_type = chosen(self.event.ticket_types, number)
        who = f"guest{len(self.people)}x{self.event.id}"
        guests = companions % (ticket_type.capacity or 1)
        host = register(self.db, self.event, who, companions=guests, ticket_type_id=ticket_type.id)
        self.people += [host, *self.db.scalars(select(Registration).where(Registration.host_id == host.id))]

    def leave(self, number: int, _: int) -> None:
        if live := [person for person in self.people if person.is_live]:
            self_service.cancel(self.db, registration_id=chosen(live, number).id, by="self")

    def confirm(self, number: int, _: int) -> None:
        if live := [person for person in self.people if person.is_live]:
            self_service.confirm(self.db, registration=chosen(live, number))

    def lapse(self, *_: int) -> None:
        waiting_list.lapse(self.db, event_id=self.event.id, now=clock.now() + timedelta(hours=30))

    def grow(self, *_: int) -> None:
        set_capacity(self.db, self.event, (self.event.capacity or 0) + 1)

    def move(self, number: int, other: int) -> None:
        confirmed = [person for person in self.people if person.state == "confirmed"]
        roomy = [kind for kind in self.event.ticket_types if kind.seats_left]
        if confirmed and roomy:
            registration, kind = chosen(confirmed, number), chosen(roomy, other)
            self_service.move(self.db, registration=registration, ticket_type_id=kind.id)


def chosen(among: Sequence[Any], number: int) -> Any:
    return among[number % len(among)]


NAMES = st.sampled_from(["come", "come", "leave", "confirm", "lapse", "grow", "move"])
ACTS = st.lists(st.tuples(NAMES, st.integers(0, 40), st.integers(0, 40)), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ACTS)
def test_the_counters_equal_a_recount_after_any_sequence(db: Session, acts: list[tuple[str, int, int]]) -> None:
    ticket_types = [TicketType(title={"en": "Hall"}, capacity=3), TicketType(title={"en": "Balcony"}, capacity=2)]
    story = Story(db, make_event(db, capacity=4, ticket_types=ticket_types))
    for act, number, other in [("come", 0, 1), ("come", 1, 0), *acts]:
        getattr(story, act)(number, other)
        recount(db, story.event)
