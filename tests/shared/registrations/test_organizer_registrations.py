"""Organizers' acts on registrations: every counter equals a recount, and every person is in the audit."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Conflicting, Full, Invalid, NotOpen
from shared.i18n import search_key
from shared.models import Account, Audit, Event, OutboxMessage, Registration, TicketType
from shared.registrations import organizer_registrations, self_service
from shared.registrations.new_registration import NewRegistration
from shared.registrations.organizer_registrations import BulkResult, Person
from tests.factories import close_event, make_account, make_event, make_registration
from tests.support.counters import actions, add_type, assert_counters_hold


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, capacity=5)


@pytest.fixture
def by(db: Session, event: Event) -> Account:
    return make_account(db, organization=event.organization, role="organizer")


def person(event: Event, name: str = "Мадина Намунаева", **more: object) -> Person:
    values: dict[str, object] = {"language": "tg", "ticket_type_id": event.ticket_types[0].id, **more}
    return Person(name=name, **values)  # type: ignore[arg-type]  # a test names only what it is about


def state_of(db: Session, event: Event) -> list[tuple[str, int]]:
    db.expire_all()
    query = select(Registration.state, func.count()).where(Registration.event_id == event.id)
    return sorted((state, count) for state, count in db.execute(query.group_by(Registration.state)))


def enqueued(db: Session, registration_id: int) -> list[str]:
    return sorted(db.scalars(select(OutboxMessage.kind).where(OutboxMessage.subject == registration_id)))


def wait(db: Session, event: Event, *names: str) -> Registration:
    """Add a group to the waiting list."""
    email = f"{search_key(names[0])}{len(names)}@example.org"
    new_registration = NewRegistration(name=names[0], language="tg", email=email, companions=names[1:], wait=True)
    return self_service.register(db, slug=event.slug, new_registration=new_registration).registration


def fill_up(db: Session, event: Event) -> list[int]:
    return [make_registration(db, event).id for _ in range((event.capacity or 0) - event.taken)]


def test_an_added_person_has_a_seat_an_enqueued_ticket_and_an_audit_line(
    db: Session, event: Event, by: Account
) -> None:
    added = db.get_one(
        Registration, organizer_registrations.add(db, event=event, person=person(event, email="m@example.org"), by=by)
    )
    assert (added.state, added.source, added.name_key) == ("confirmed", "by_hand", "madina namunaeva")
    assert enqueued(db, added.id) == ["registration_confirmed"]
    assert actions(db, event) == ["registration.added"]
    assert_counters_hold(db, event)


def test_two_people_of_one_name_without_contacts_are_two(db: Session, event: Event, by: Account) -> None:
    ids = {organizer_registrations.add(db, event=event, person=person(event), by=by) for _ in range(2)}
    assert len(ids) == 2
    assert_counters_hold(db, event)


def test_no_one_is_added_beyond_the_seats_or_past_the_waiting_list(db: Session, event: Event, by: Account) -> None:
    ids = fill_up(db, event)
    with pytest.raises(Full):
        organizer_registrations.add(db, event=event, person=person(event), by=by)
    wait(db, event, "Алия", "Бахром")
    self_service.cancel(db, registration_id=ids[0], by="self")
    with pytest.raises(Full):
        organizer_registrations.add(db, event=event, person=person(event), by=by)
    assert_counters_hold(db, event)


def test_a_contact_is_registered_once(db: Session, event: Event, by: Account) -> None:
    make_registration(db, event, email="m@example.org")
    with pytest.raises(Invalid) as refused:
        organizer_registrations.add(db, event=event, person=person(event, email="M@example.org"), by=by)
    assert (refused.value.field, refused.value.reason) == ("email", "already_registered")


def test_an_event_that_confirms_by_email_needs_an_address(db: Session, by: Account) -> None:
    private = make_event(db, private=True, confirm_by_mail=True)
    with pytest.raises(Invalid) as refused:
        organizer_registrations.add(db, event=private, person=person(private, phone="+992900000000"), by=by)
    assert refused.value.reason == "email_needed"


@pytest.mark.parametrize("why", ["draft", "cancelled", "over", "doors_closed"])
def test_no_one_is_added_or_seated_at_a_closed_event(db: Session, event: Event, by: Account, why: str) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    close_event(db, event, why)
    with pytest.raises(NotOpen, match=why):
        organizer_registrations.add(db, event=event, person=person(event), by=by)
    with pytest.raises(NotOpen, match=why):
        organizer_registrations.promote(db, event=event, ids=[waiting.id], by=by)


def test_an_edit_changes_typed_fields_and_never_the_code(db: Session, event: Event, by: Account) -> None:
    registration = make_registration(db, event, email="old@example.org")
    code = registration.code
    changed = person(event, "Нигина", email="new@example.org", language="ru")
    organizer_registrations.edit(db, registration=registration, person=changed, by=by)
    assert (registration.name, registration.contact_key, registration.language, registration.code) == (
        "Нигина",
        "new@example.org",
        "ru",
        code,
    )
    note = db.scalars(select(Audit).where(Audit.registration_id == registration.id)).one()
    assert sorted(note.details["fields"]) == ["email", "language", "name"]
    assert "new@example.org" not in str(note.details)


def test_an_edit_that_changes_nothing_is_no_line_in_the_audit(db: Session, event: Event, by: Account) -> None:
    registration = make_registration(db, event)
    organizer_registrations.edit(
        db, registration=registration, person=person(event, registration.name, email=registration.email), by=by
    )
    assert actions(db, event) == []


def test_an_edit_cannot_take_anothers_contact(db: Session, event: Event, by: Account) -> None:
    make_registration(db, event, email="taken@example.org")
    registration = make_registration(db, event)
    with pytest.raises(Invalid, match="already_registered"):
        organizer_registrations.edit(
            db, registration=registration, person=person(event, email="taken@example.org"), by=by
        )
    registration.state, registration.cancelled_at = "cancelled", clock.now()
    db.flush()
    with pytest.raises(Conflicting):
        organizer_registrations.edit(db, registration=registration, person=person(event), by=by)


def test_cancelling_many_offers_their_seats_once_and_emails_each(db: Session, event: Event, by: Account) -> None:
    ids = fill_up(db, event)
    waiting = wait(db, event, "Алия", "Бахром")
    foreign = make_registration(db).id
    done = organizer_registrations.cancel(db, event=event, ids=[*ids[:2], foreign], by=by)
    assert done == BulkResult(2, 1)
    assert state_of(db, event) == [("cancelled", 2), ("confirmed", 3), ("offered", 2)]
    assert waiting.state == "offered"
    assert all("place_taken_back" in enqueued(db, id_) for id_ in ids[:2])
    assert actions(db, event) == ["registration.cancelled"] * 2
    assert organizer_registrations.cancel(db, event=event, ids=ids[:2], by=by) == BulkResult(0, 2)
    assert db.get_one(Registration, foreign).state == "confirmed"
    assert_counters_hold(db, event)


def test_moving_stops_at_the_seats_of_the_type(db: Session, event: Event, by: Account) -> None:
    ids = fill_up(db, event)
    speakers = add_type(db, event, capacity=2, closes_at=clock.now() - timedelta(days=1))
    assert organizer_registrations.move(db, event=event, ids=ids, ticket_type_id=speakers.id, by=by) == BulkResult(2, 3)
    assert actions(db, event) == ["registration.moved"] * 2
    assert_counters_hold(db, event)
    foreign_type = make_event(db).ticket_types[0].id
    with pytest.raises(Invalid):
        organizer_registrations.move(db, event=event, ids=ids, ticket_type_id=foreign_type, by=by)


def test_a_group_is_promoted_whole_or_stays_on_the_list(db: Session, event: Event, by: Account) -> None:
    ids = fill_up(db, event)
    group, single = wait(db, event, "Алия", "Бахром", "Ватан"), wait(db, event, "Ганҷина")
    assert organizer_registrations.promote(db, event=event, ids=[group.id, single.id], by=by) == BulkResult(0, 2)
    # The doors are open: no one is promoted automatically now, so an organizer does it.
    event.starts_at = clock.now() - timedelta(minutes=5)
    event.ends_at = clock.now() + timedelta(hours=2)
    db.flush()
    organizer_registrations.cancel(db, event=event, ids=ids[:1], by=by)
    assert organizer_registrations.promote(db, event=event, ids=[group.id, single.id], by=by) == BulkResult(1, 1)
    assert (group.state, single.state) == ("waiting", "confirmed")
    assert "registration.promoted" in actions(db, event)
    assert_counters_hold(db, event)


def test_a_ticket_is_sent_again_at_most_once_in_ten_minutes(db: Session, event: Event, by: Account) -> None:
    registration, silent = make_registration(db, event), make_registration(db, event, email=None, phone="+992900000001")
    assert organizer_registrations.send_again(db, event=event, ids=[registration.id, silent.id], by=by) == BulkResult(
        1, 1
    )
    assert organizer_registrations.send_again(db, event=event, ids=[registration.id], by=by) == BulkResult(0, 1)
    assert enqueued(db, registration.id) == ["ticket_again"]
    assert actions(db, event) == ["registration.email_resent"]


ACTS = st.lists(
    st.tuples(st.sampled_from(["add", "wait", "cancel", "move", "promote", "confirm"]), st.integers(0, 30)), max_size=25
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=ACTS)
def test_the_counters_equal_a_recount_after_any_acts(db: Session, acts: list[tuple[str, int]]) -> None:
    event = make_event(db, capacity=6)
    by = make_account(db, organization=event.organization, role="organizer")
    kinds = [event.ticket_types[0], add_type(db, event, capacity=3)]
    for act, number in acts:
        _do(db, event, by, kinds, act, number)
    assert_counters_hold(db, event)
    assert event.taken <= 6
    assert kinds[1].taken <= 3


def _do(db: Session, event: Event, by: Account, kinds: list[TicketType], act: str, number: int) -> None:
    rows = db.scalars(select(Registration).where(Registration.event_id == event.id).order_by(Registration.id)).all()
    ids = [registration.id for registration in rows[number % 5 : number % 5 + 3]]
    kind = kinds[number % 2]
    if act == "add" and not kind.waiting and kind.seats_left != 0 and event.taken < 6:
        organizer_registrations.add(db, event=event, person=person(event, ticket_type_id=kind.id), by=by)
    elif act == "wait" and event.taken == 6 and number % 3:
        new_registration = NewRegistration(
            name=f"N{len(rows)}",
            language="tg",
            email=f"n{len(rows)}@example.org",
            ticket_type_id=kind.id,
            companions=("A",) * (number % 2),
            wait=True,
        )
        self_service.register(db, slug=event.slug, new_registration=new_registration)
    elif act == "cancel":
        organizer_registrations.cancel(db, event=event, ids=ids, by=by)
    elif act == "move":
        organizer_registrations.move(db, event=event, ids=ids, ticket_type_id=kind.id, by=by)
    elif act == "promote":
        organizer_registrations.promote(db, event=event, ids=ids, by=by)
    elif act == "confirm" and rows and rows[number % len(rows)].state == "offered":
        self_service.confirm(db, registration=rows[number % len(rows)])
