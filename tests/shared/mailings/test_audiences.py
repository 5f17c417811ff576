"""Audiences against a recount in plain Python, over random parties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.events import announcements
from shared.mailings import audiences, mailings
from shared.models import Admission, Audience, CancelledBy, Event, Mailing, OutboxMessage, Registration
from shared.models.registration import RegistrationState
from shared.registrations import self_service
from tests.factories import make_account, make_event, make_registration


@dataclass(frozen=True)
class Person:
    state: str
    came: bool


@dataclass(frozen=True)
class Party:
    """A host with companions, or a walk-in; `contact` is one of few, so that some registered twice."""

    people: tuple[Person, ...]
    contact: int
    has_mail: bool
    refused: bool
    walked_in: bool


PERSON = st.builds(Person, st.sampled_from(RegistrationState), st.booleans())
PARTY = st.builds(Party, st.lists(PERSON, min_size=1, max_size=3).map(tuple), st.integers(0, 3), *[st.booleans()] * 3)


def in_audience(party: Party, name: str) -> bool:
    has_come = any(person.came for person in party.people)
    states = {person.state for person in party.people}
    registered = {person.state for person in (party.people[1:] if party.walked_in else party.people)}
    return {
        "everybody": bool(states & {"confirmed", "waiting", "offered"}),
        "confirmed": "confirmed" in states,
        "waiting": "waiting" in states,
        "came": has_come,
        "did_not_come": "confirmed" in registered and not has_come,
    }[name]


def live_hosts_differ(parties: Iterable[Party]) -> list[Party]:
    """Return the parties as the database may store them: at most one live host of one contact."""
    contacts: set[int] = set()
    parties_kept = []
    for party in parties:
        is_live = party.people[0].state != "cancelled"
        if party.walked_in or not is_live or party.contact not in contacts:
            parties_kept.append(party)
        if is_live and not party.walked_in:
            contacts.add(party.contact)
    return parties_kept


def sign_up(db: Session, event: Event, party: Party) -> Registration:
    contact = None if party.walked_in else f"{party.contact}@example.org"
    known = {"email": contact if party.has_mail else None, "contact_key": contact, "walk_in": party.walked_in}
    host = one_of(db, event, party.people[0], **known)
    for person in party.people[1:]:
        one_of(db, event, person, host_id=host.id, email=None, contact_key=None)
    return host


def one_of(db: Session, event: Event, person: Person, **known: object) -> Registration:
    now = clock.now()
    more: Mapping[str, object] = {
        "confirmed": {},
        "waiting": {"confirmed_at": None, "waited_at": now},
        "offered": {"confirmed_at": None, "deadline": now},
        "unconfirmed": {"confirmed_at": None, "deadline": now},
        "cancelled": {"cancelled_at": now, "cancelled_by": "self"},
    }[person.state]
    registration = make_registration(db, event, state=person.state, **{**more, **known})
    if person.came:
        at = {"first": uuid4(), "first_at": clock.milliseconds(now), "entries": 1}
        db.add(Admission(person=registration.ticket_id, session_id=event.sessions[0].id, event_id=event.id, **at))
    return registration


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(parties=st.lists(PARTY, max_size=7), name=st.sampled_from(Audience))
def test_an_audience_is_what_a_recount_finds(db: Session, parties: list[Party], name: str) -> None:
    savepoint = db.begin_nested()
    event = make_event(db, starts_at=clock.now() - timedelta(hours=3))
    parties = live_hosts_differ(parties)
    hosts = [(party, sign_up(db, event, party)) for party in parties]
    for party, host in hosts:
        if party.refused and host.contact_key:
            mailings.unsubscribe(db, registration=db.merge(host))
    refused = {host.contact_key for party, host in hosts if party.refused and host.contact_key}

    belongs = [(party, host) for party, host in hosts if in_audience(party, name)]
    contacts: dict[str, tuple[Party, Registration]] = {}
    for party, host in belongs:
        key = host.contact_key or str(host.id)
        before = contacts.get(key)
        if before is None or host.state != "cancelled" or before[1].state == "cancelled":
            contacts[key] = (party, host)
    expected = {host.id for _, host in contacts.values() if host.email and host.contact_key not in refused}

    reach = audiences.reaches(db, event=event)[name]
    mailing = Mailing(event_id=event.id, audience=name, subject={"tg": "Х"}, body={"tg": "Х"}, due_at=clock.now())
    db.add(mailing)
    db.flush()
    is_known = name not in audiences.BY_ATTENDANCE or any(person.came for party in parties for person in party.people)
    assert mailings.begin(db, mailing_id=mailing.id, now=clock.now()) == (reach.emails if is_known else None)
    assert reach.emails == len(expected)
    enqueued = db.scalars(
        select(OutboxMessage.subject).where(OutboxMessage.kind == "mailing", OutboxMessage.key == str(mailing.id))
    ).all()
    assert set(enqueued) == (expected if is_known else set())
    assert reach.emails + reach.no_address + reach.refused == len(contacts)
    assert all(
        audiences.is_addressed(db, mailing=mailing, host_id=host.id) == in_audience(party, name)
        for party, host in hosts
    )
    savepoint.rollback()


def test_everyone_who_got_the_cancellation_can_get_a_mailing(db: Session) -> None:
    event = make_event(db)
    confirmed, gave_up = (make_registration(db, event) for _ in range(2))
    self_service.cancel(db, registration_id=gave_up.id, by=CancelledBy.SELF)
    announcements.cancel(db, event=event, because={}, by=make_account(db))
    db.expire_all()
    reach = {name: reach_.emails for name, reach_ in audiences.reaches(db, event=event).items()}
    assert reach == {**dict.fromkeys(Audience, 0), Audience.EVERYBODY: 1}
    mailing = Mailing(event_id=event.id, audience="everybody", subject={}, body={})
    assert audiences.is_addressed(db, mailing=mailing, host_id=confirmed.id)
    assert not audiences.is_addressed(db, mailing=mailing, host_id=gave_up.id)


@pytest.mark.parametrize("name", Audience)
def test_an_address_gets_one_email_however_often_it_registered(db: Session, name: Audience) -> None:
    event = make_event(db)
    gone = make_registration(
        db, event, email="a@example.org", state="cancelled", cancelled_at=clock.now(), cancelled_by="self"
    )
    for person in ("waiting", "confirmed"):
        waited = {"confirmed_at": None, "waited_at": clock.now()} if person == "waiting" else {}
        make_registration(db, event, host_id=gone.id, email=None, contact_key=None, state=person, **waited)
    make_registration(db, event, email="a@example.org")
    assert audiences.reaches(db, event=event)[name].emails <= 1


def test_an_unconfirmed_address_gets_no_mailing(db: Session) -> None:
    event = make_event(db)
    make_registration(db, event, state="unconfirmed", confirmed_at=None, deadline=clock.now())
    assert [reach.emails for reach in audiences.reaches(db, event=event).values()] == [0] * len(Audience)


def test_a_merged_walk_in_is_not_counted_twice(db: Session) -> None:
    event = make_event(db)
    ticket = make_registration(db, event)
    make_registration(db, event, walk_in=True, merged_into=ticket.ticket_id, email=None, contact_key=None)
    reach = audiences.reaches(db, event=event)[Audience.EVERYBODY]
    assert (reach.emails, reach.no_address) == (1, 0)
