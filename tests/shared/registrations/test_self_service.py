"""Registering: first come, once per contact, and never more than there are seats."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock, tickets
from shared.errors import Conflicting, Full, Invalid, Missing, NotOpen
from shared.models import Channel, Event, OutboxMessage, Registration, TicketType
from shared.registrations import new_registration, self_service
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Statements
from tests.factories import make_event, make_registration


def register(db: Session, event: Event, **overrides: Any) -> new_registration.Outcome:
    defaults = {"name": "Ҷаҳонгир Забиров", "language": "tg", "email": "jahongir@example.org", "once": "a"}
    return self_service.register(db, slug=event.slug, new_registration=NewRegistration(**{**defaults, **overrides}))


def messages(db: Session, kind: str) -> int:
    return db.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == kind)) or 0


def people(db: Session, event: Event) -> int:
    return db.scalar(select(func.count()).select_from(Registration).where(Registration.event_id == event.id)) or 0


def seats(db: Session, event: Event) -> tuple[int, int]:
    """Return the seats taken by the event's count, and by all its ticket types together."""
    db.refresh(event)
    of_types = db.scalar(select(func.sum(TicketType.taken)).where(TicketType.event_id == event.id))
    return event.taken, int(of_types or 0)


def test_a_registration_is_confirmed_and_its_ticket_enqueued(db: Session) -> None:
    event = make_event(db, capacity=3)
    outcome = register(db, event)
    assert outcome.is_new
    assert outcome.registration.state == "confirmed"
    assert outcome.registration.name_key == "jahongir zabirov"
    assert len(outcome.registration.ticket_id) == 16
    assert messages(db, "registration_confirmed") == 1
    db.refresh(event)
    assert event.taken == 1


def test_everyone_in_a_group_gets_a_ticket(db: Session) -> None:
    event = make_event(db, capacity=3)
    db.add(Channel(event_id=event.id, code="poster", name="Poster"))
    db.flush()
    host = register(db, event, companions=("Шариф", "Мадина"), source="poster").registration
    guests = db.scalars(select(Registration).where(Registration.host_id == host.id).order_by(Registration.id)).all()
    assert [guest.name for guest in guests] == ["Шариф", "Мадина"]
    assert {guest.source for guest in guests} == {"poster"}, "they heard of it from their host"
    assert len({host.short_code, *(guest.short_code for guest in guests)}) == 3
    assert messages(db, "registration_confirmed") == 1


def test_a_group_too_large_gets_no_seat(db: Session) -> None:
    event = make_event(db, capacity=3)
    make_registration(db, event)
    with pytest.raises(Full):
        register(db, event, companions=("Шариф", "Мадина"))
    db.refresh(event)
    assert (event.taken, people(db, event), messages(db, "registration_confirmed")) == (1, 1, 0)


def test_a_full_ticket_type_is_full_though_the_event_has_seats(db: Session) -> None:
    ticket_types = [TicketType(title={"en": "Hall"}, capacity=1), TicketType(title={"en": "Balcony"})]
    event = make_event(db, capacity=10, ticket_types=ticket_types)
    register(db, event, ticket_type_id=ticket_types[0].id)
    with pytest.raises(Full):
        register(db, event, ticket_type_id=ticket_types[0].id, email="other@example.org")
    register(db, event, ticket_type_id=ticket_types[1].id, email="other@example.org")
    db.refresh(event)
    assert event.taken == 2


def test_no_one_passes_the_waiting_list(db: Session) -> None:
    event = make_event(db, capacity=10)
    make_registration(db, event, state="waiting", confirmed_at=None)
    with pytest.raises(Full):
        register(db, event)


def test_the_same_form_again_gets_the_same_answer(db: Session) -> None:
    event = make_event(db)
    first, again = register(db, event), register(db, event)
    assert again.is_new
    assert again.registration.id == first.registration.id
    assert messages(db, "ticket_again") == 0


def test_a_second_registration_changes_nothing_and_resends_the_ticket(db: Session) -> None:
    event = make_event(db, capacity=1)
    first = register(db, event)
    again = register(db, event, once="b", name="Somebody else", email="JAHONGIR@Example.ORG")
    assert not again.is_new
    assert again.registration.name == first.registration.name
    assert (people(db, event), messages(db, "ticket_again")) == (1, 1)


def test_a_ticket_is_sent_again_at_most_once_in_ten_minutes(db: Session) -> None:
    event = make_event(db)
    register(db, event)
    with time_machine.travel(clock.now(), tick=False) as moment:
        register(db, event, once="b")
        moment.shift(timedelta(minutes=9))
        register(db, event, once="c")
        assert messages(db, "ticket_again") == 1
        moment.shift(timedelta(minutes=2))
        register(db, event, once="d")
    assert messages(db, "ticket_again") == 2


def test_a_phone_number_alone_is_a_contact_and_nothing_is_resent(db: Session) -> None:
    event = make_event(db)
    register(db, event, email=None, phone="+992918123456")
    again = register(db, event, email=None, phone="+992918123456", once="b")
    assert not again.is_new
    assert (people(db, event), messages(db, "ticket_again")) == (1, 0)


def test_a_missing_once_matches_nothing(db: Session) -> None:
    event = make_event(db)
    register(db, event, once=None)
    assert not register(db, event, once=None).is_new


def test_after_cancelling_a_person_can_register_again(db: Session) -> None:
    event = make_event(db, capacity=1)
    first = register(db, event).registration
    self_service.cancel(db, registration_id=first.id, by="self")
    assert register(db, event, once="b").registration.id != first.id
    db.refresh(event)
    assert event.taken == 1


def test_after_cancelling_a_program_can_register_again(db: Session) -> None:
    event = make_event(db)
    first = register(db, event, once=None).registration
    self_service.cancel(db, registration_id=first.id, by="self")
    again = register(db, event, once=None)
    assert again.is_new
    assert again.registration.id != first.id


def test_cancelling_twice_frees_one_seat(db: Session) -> None:
    event = make_event(db, capacity=5)
    registration = make_registration(db, event)
    make_registration(db, event)
    self_service.cancel(db, registration_id=registration.id, by="organizer")
    with pytest.raises(Conflicting):
        self_service.cancel(db, registration_id=registration.id, by="organizer")
    db.refresh(event)
    assert (event.taken, event.ticket_types[0].taken) == (1, 1)


def test_cancelling_the_host_leaves_the_guest(db: Session) -> None:
    event = make_event(db, capacity=5)
    host = register(db, event, companions=("Шариф",)).registration
    self_service.cancel(db, registration_id=host.id, by="self")
    companion = db.scalars(select(Registration).where(Registration.host_id == host.id)).one()
    assert companion.state == "confirmed"


@pytest.mark.parametrize(
    "change",
    [
        {"opens_at": timedelta(hours=1)},
        {"closes_at": -timedelta(hours=1)},
        {"state": "cancelled"},
    ],
)
def test_a_closed_registration_is_not_open(db: Session, change: dict[str, Any]) -> None:
    now = clock.now()
    moments = {name: now + value if isinstance(value, timedelta) else value for name, value in change.items()}
    event = make_event(db, **moments)
    with pytest.raises(NotOpen):
        register(db, event)


def test_an_event_that_is_over_is_not_open(db: Session) -> None:
    with pytest.raises(NotOpen):
        register(db, make_event(db, starts_at=clock.now() - timedelta(hours=5), hours=2))


def test_an_event_is_open_while_it_runs(db: Session) -> None:
    assert register(db, make_event(db, starts_at=clock.now() - timedelta(hours=1), hours=2)).is_new


@pytest.mark.parametrize("state", ["draft", None])
def test_an_unknown_event_is_missing(db: Session, state: str | None) -> None:
    event = make_event(db, state=state) if state else Event(slug="no-such-event")
    with pytest.raises(Missing):
        register(db, event)


def test_a_ticket_type_of_another_event_is_invalid(db: Session) -> None:
    event, other_event = make_event(db), make_event(db)
    with pytest.raises(Invalid) as refusal:
        register(db, event, ticket_type_id=other_event.ticket_types[0].id)
    assert refusal.value.field == "ticket_type"


def test_a_short_code_that_exists_is_drawn_again(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event(db)
    existing = make_registration(db, event)
    same_bits = existing.ticket_id[:9] + ("0000000" if existing.ticket_id[9:] != "0000000" else "1111111")
    drawn = iter([same_bits, "0123456789abcdef"])
    monkeypatch.setattr(tickets, "new_ticket_id", lambda: next(drawn))
    assert register(db, event).registration.ticket_id == "0123456789abcdef"


def test_a_guests_short_code_that_exists_is_drawn_again_and_nothing_counted_twice(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(db, capacity=10)
    existing = make_registration(db, event)
    same_bits = existing.ticket_id[:9] + ("0000000" if existing.ticket_id[9:] != "0000000" else "1111111")
    drawn = iter(["0123456789abcdef", same_bits, "1123456789abcdef", "2123456789abcdef"])
    monkeypatch.setattr(tickets, "new_ticket_id", lambda: next(drawn))
    host = register(db, event, companions=("Шариф",)).registration
    assert host.ticket_id == "1123456789abcdef"
    assert seats(db, event) == (3, 3)
    assert people(db, event) == 3


def test_a_full_type_and_a_full_event_count_nothing(db: Session) -> None:
    types = [TicketType(title={"en": "Hall"}, capacity=1), TicketType(title={"en": "Balcony"}, capacity=5)]
    event = make_event(db, capacity=2, ticket_types=types)
    register(db, event, ticket_type_id=types[0].id)
    for type_, party in ((types[0], 1), (types[1], 2)):
        with pytest.raises(Full):
            register(db, event, ticket_type_id=type_.id, email="b@example.org", companions=("Шариф",) * (party - 1))
    assert (seats(db, event), people(db, event)) == ((1, 1), 1)


def test_neither_a_registration_nor_a_full_event_needs_a_savepoint(db: Session) -> None:
    event, savepoints = make_event(db, capacity=1), []
    listened = (db.get_bind(), "savepoint", lambda *_: savepoints.append(1))
    sqlalchemy.event.listen(*listened)
    try:
        register(db, event)
        with pytest.raises(Full):
            register(db, event, email="other@example.org")
    finally:
        sqlalchemy.event.remove(*listened)
    assert savepoints == []


@pytest.mark.parametrize("party", [1, 4])
def test_a_closer_look_costs_four_statements(db: Session, statements: Statements, party: int) -> None:
    event = make_event(db)
    db.commit()
    with statements() as executed:
        register(db, event, companions=("Шариф",) * (party - 1))
    assert len(executed) == 4
