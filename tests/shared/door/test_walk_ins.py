"""A walk-in who turns out to be registered counts once; and two people again when that was wrong."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from shared.door import attendance, walk_ins
from shared.door.batches import Batch, WalkIn
from shared.errors import Conflicting, Missing
from shared.models import Admission, Device, Event, Registration
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.recorded_acts import acts
from tests.support.scans import claim, hand_in, words


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event, name="Шариф Забиров")


@pytest.fixture
def walked(db: Session, event: Event, device: Device) -> str:
    """Check in a walk-in of nearly the same name."""
    walk_in = WalkIn(id=uuid4(), name="Sharif Zabirov", language="en")
    hand_in(db, device, claim(event, person=str(walk_in.id)), walk_ins=[walk_in])
    return str(walk_in.id)


def admitted(db: Session, event: Event) -> set[str]:
    db.expire_all()
    return {
        admission.person
        for admission in db.query(Admission).filter_by(event_id=event.id)
        if admission.first is not None
    }


def test_a_merged_walk_in_counts_as_the_ticket(db: Session, event: Event, guest: Registration, walked: str) -> None:
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    assert admitted(db, event) == {guest.ticket_id}


def test_a_ticket_scanned_after_its_walk_in_is_no_conflict(
    db: Session, event: Event, guest: Registration, walked: str
) -> None:
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    second_phone = make_device(db, make_door(db, event))[0]
    assert words(hand_in(db, second_phone, claim(event, person=guest.ticket_id))) == ["accepted"]
    assert db.get_one(Admission, (guest.ticket_id, event.sessions[0].id)).conflicts == []


def test_a_later_scan_of_the_walk_in_counts_for_the_ticket(
    db: Session, event: Event, device: Device, guest: Registration, walked: str
) -> None:
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    hand_in(db, device, claim(event, person=walked, kind="out"))
    db.expire_all()
    assert db.get_one(Admission, (guest.ticket_id, event.sessions[0].id)).inside is None
    assert admitted(db, event) == {guest.ticket_id}


def test_separated_again_they_are_two(db: Session, event: Event, guest: Registration, walked: str) -> None:
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    walk_ins.separate(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    assert admitted(db, event) == {walked}


def test_a_separated_walk_in_is_not_registered(db: Session, event: Event, device: Device, guest: Registration) -> None:
    walk_in = WalkIn(id=uuid4(), name="Sharif Zabirov", language="en")
    hand_in(db, device, walk_ins=[walk_in])
    walk_ins.merge(db, event=event, walk_in=str(walk_in.id), ticket=guest.ticket_id, by=make_account(db))
    hand_in(db, device, claim(event, person=str(walk_in.id)))
    walk_ins.separate(db, event=event, walk_in=str(walk_in.id), ticket=guest.ticket_id, by=make_account(db))
    assert not db.get_one(Admission, (str(walk_in.id), event.sessions[0].id)).registered
    assert db.get_one(Admission, (guest.ticket_id, event.sessions[0].id)).registered


def test_a_walk_in_is_merged_once_and_only_within_its_event(
    db: Session, event: Event, guest: Registration, walked: str
) -> None:
    with pytest.raises(Missing):
        walk_ins.merge(db, event=event, walk_in=walked, ticket=make_registration(db).ticket_id, by=make_account(db))
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    with pytest.raises(Conflicting):
        walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    with pytest.raises(Conflicting):
        walk_ins.merge(db, event=event, walk_in=guest.ticket_id, ticket=guest.ticket_id, by=make_account(db))


@pytest.mark.parametrize(
    ("registered", "spelled"),
    [
        ("Ёдгор Зиёев", "Yodgor Ziyoyev"),
        ("Диёра Ҷӯрабоева", "Diyora Dzhuraboyeva"),
        ("Yelena Egorova", "Елена Егорова"),
    ],
)
def test_a_walk_in_with_the_name_in_its_usual_spelling_is_a_look_alike(
    db: Session, event: Event, registered: str, spelled: str
) -> None:
    registration = make_registration(db, event, name=registered)
    make_registration(db, event, name=spelled, walk_in=True, email=None)
    make_registration(db, event, name="Мадина Намунаева", walk_in=True, email=None)
    pairs = walk_ins.look_alikes(db, event_id=event.id, limit=10)
    assert [(pair.walk_in.name, pair.registered.id) for pair in pairs] == [(spelled, registration.id)]


def test_look_alikes_are_found_in_any_spelling(db: Session, event: Event, guest: Registration, walked: str) -> None:
    make_registration(db, event, name="Мадина Ҷӯраева")
    pairs = walk_ins.look_alikes(db, event_id=event.id, limit=10)
    assert [(pair.walk_in.ticket_id, pair.registered.id, pair.is_merged) for pair in pairs] == [
        (walked, guest.id, False)
    ]
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    db.expire_all()
    assert [pair.is_merged for pair in walk_ins.look_alikes(db, event_id=event.id, limit=10)] == [True]


def test_a_batch_may_hold_scans_of_walk_in_and_ticket(
    db: Session, event: Event, device: Device, guest: Registration, walked: str
) -> None:
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    scans = [claim(event, person=walked), claim(event, person=guest.ticket_id)]
    recorded = attendance.record(db, device=device, batch=Batch(scans=scans))
    assert words(recorded) == ["accepted", "accepted"]
    assert admitted(db, event) == {guest.ticket_id}


def test_another_events_phone_that_scanned_the_ticket_does_not_interfere(
    db: Session, event: Event, guest: Registration, walked: str
) -> None:
    elsewhere = make_event(db)
    foreign = make_device(db, make_door(db, elsewhere))[0]
    hand_in(db, foreign, claim(elsewhere, person=guest.ticket_id))
    walk_ins.merge(db, event=event, walk_in=walked, ticket=guest.ticket_id, by=make_account(db))
    assert admitted(db, event) == {guest.ticket_id}


def test_merging_and_separating_are_recorded(db: Session, event: Event, guest: Registration, walked: str) -> None:
    by, pair = make_account(db), {"walk_in": walked, "ticket": guest.ticket_id}
    walk_ins.merge(db, event=event, **pair, by=by)
    walk_ins.separate(db, event=event, **pair, by=by)
    assert acts(db, by=by) == [("walk_in.merged", pair), ("walk_in.separated", pair)]
