"""Registering in one statement: what it does by itself, and what it leaves to a closer look."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Full
from shared.events import events
from shared.models import Channel, ConsentWording, Event, OutboxMessage, Registration, TicketType
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration, Outcome
from tests.conftest import Statements
from tests.factories import make_event, make_registration

EMAIL = "guest@example.org"


@pytest.fixture
def talk(db: Session) -> Event:
    return events.find(db, slug=make_event(db, capacity=3).slug)


def register(db: Session, event: Event, **fields: object) -> Outcome | None:
    values = {"name": "Мадина", "language": "tg", "email": EMAIL, **fields}
    return self_service.register_at_once(db, event=event, new_registration=NewRegistration(**values))  # type: ignore[arg-type]  # each of its own type


def test_a_group_is_registered_by_one_statement(db: Session, talk: Event, statements: Statements) -> None:
    with statements() as executed:
        outcome = register(db, talk, companions=("Шариф",), consent="2026-11", consent_wording="Words")
    assert len(executed) == 1
    assert outcome is not None
    host, guest = db.query(Registration).order_by(Registration.id)
    assert (outcome.registration.id, outcome.registration.version, outcome.is_new) == (host.id, host.version, True)
    assert (guest.host_id, guest.name) == (host.id, "Шариф")
    db.refresh(talk)
    assert (talk.taken, db.query(OutboxMessage).one().subject, db.query(ConsentWording).count()) == (2, host.id, 1)


def test_the_answer_shows_the_registration_that_is_stored(db: Session, talk: Event) -> None:
    outcome = register(db, talk)
    assert outcome is not None
    stored = db.query(Registration).one()
    for column in ("id", "event_id", "email", "state", "version"):
        assert getattr(outcome.registration, column) == getattr(stored, column)


@pytest.mark.parametrize(("code", "source"), [("door", "door"), ("gone", None), (None, None)])
def test_only_a_channel_that_exists_is_recorded(db: Session, talk: Event, code: str | None, source: str | None) -> None:
    db.add(Channel(event_id=talk.id, code="door", name="Poster at the door"))
    db.flush()
    assert register(db, talk, source=code)
    assert db.query(Registration).one().source == source


CHANGES: dict[str, Callable[[Event], object]] = {
    "edited": lambda event: setattr(event, "version", event.version + 1),
    "cancelled": lambda event: setattr(event, "state", "cancelled"),
    "doors closed": lambda event: setattr(event, "doors_closed_at", clock.now()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_event_that_changed_since_it_was_read_gets_a_closer_look(
    db: Session, talk: Event, change: Callable[[Event], object]
) -> None:
    db.expunge_all()
    change(db.get_one(Event, talk.id))
    db.flush()
    assert register(db, talk) is None
    assert db.query(Registration).count() == 0


def test_a_full_event_is_refused_and_nothing_is_written(db: Session, talk: Event) -> None:
    db.expunge_all()
    for row in (db.get_one(Event, talk.id), db.get_one(TicketType, talk.ticket_types[0].id)):
        row.taken = 3
    db.flush()
    with pytest.raises(Full) as refusal:
        register(db, talk)
    assert refusal.value.may_wait
    assert db.query(Registration).count() == 0


@pytest.mark.parametrize("fields", [{"wait": True}, {"email": "known@example.org"}, {"once": "sent before"}])
def test_in_a_full_event_who_waits_or_is_known_gets_a_closer_look(
    db: Session, talk: Event, fields: dict[str, object]
) -> None:
    make_registration(db, talk, email="known@example.org")
    early = clock.now() - timedelta(days=1)
    cancelled = {"state": "cancelled", "cancelled_at": early, "cancelled_by": "self"}
    make_registration(db, talk, email=EMAIL, once="sent before", **cancelled)
    talk.taken = talk.ticket_types[0].taken = 3
    db.flush()
    assert register(db, talk, **fields) is None


def test_a_full_event_that_confirms_by_email_gets_a_closer_look(db: Session, talk: Event) -> None:
    talk.confirm_by_mail, talk.taken = True, 3
    talk.ticket_types[0].taken = 3
    db.flush()
    assert register(db, talk) is None


OBSTACLES: dict[str, dict[str, object]] = {
    "unknown ticket type": {"ticket_type_id": 1},
    "larger than all seats": {"companions": ("A", "B", "C")},
}


@pytest.mark.parametrize("fields", OBSTACLES.values(), ids=OBSTACLES)
def test_what_seems_impossible_gets_a_closer_look(db: Session, talk: Event, fields: dict[str, object]) -> None:
    assert register(db, talk, **fields) is None


def test_registration_that_seems_closed_gets_a_closer_look(db: Session, talk: Event) -> None:
    talk.closes_at = clock.now() - timedelta(minutes=1)
    db.flush()
    assert register(db, talk) is None


def test_a_known_contact_gets_a_closer_look(db: Session, talk: Event) -> None:
    assert register(db, talk)
    assert register(db, talk) is None
    assert db.query(Registration).count() == 1


def test_where_email_confirms_no_answer_is_new(db: Session, talk: Event) -> None:
    talk.confirm_by_mail = True
    db.flush()
    outcome = register(db, talk)
    assert outcome is not None
    assert (outcome.is_new, db.query(Registration).one().state) == (False, "unconfirmed")
    assert register(db, talk, email=None, phone="+992931234567") is None
