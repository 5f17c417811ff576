"""Conflicts in words, and organizers' notes on them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.door import conflicts
from shared.errors import Missing
from shared.models import Account, Event, Registration, Shift
from tests.conftest import Statements
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.recorded_acts import acts
from tests.support.scans import claim, hand_in

START = clock.now().replace(microsecond=0)


@pytest.fixture
def organizer(db: Session) -> Account:
    return make_account(db)


def shown_twice(db: Session, event: Event, guest: Registration, *, apart: timedelta) -> tuple[UUID, UUID]:
    """Scan one ticket on two phones; return both scans."""
    scans = []
    for name, ago in (("Нигина", apart), ("Далер", timedelta(0))):
        device = make_device(db, make_door(db, event))[0]
        device.stamps_from = START - timedelta(days=1)
        at = clock.milliseconds(START - ago)
        db.add(Shift(device_id=device.id, since=0, name=name))
        scans.append(claim(event, person=guest.ticket_id, at=at))
        hand_in(db, device, scans[-1])
    return scans[0].id, scans[1].id


def test_a_conflict_names_person_doors_volunteers_and_times(db: Session, event: Event) -> None:
    guest = make_registration(db, event)
    pair = shown_twice(db, event, guest, apart=timedelta(minutes=5))
    [conflict] = conflicts.of_event(db, event_id=event.id, limit=10)
    assert (conflict.name, conflict.first.volunteer, conflict.second.volunteer) == (guest.name, "Нигина", "Далер")
    assert {conflict.first.scan, conflict.second.scan} == set(pair)
    assert conflict.second.at - conflict.first.at == 5 * 60 * 1000
    assert conflict.tells_who_was_first


def test_clocks_two_minutes_apart_do_not_show_which_scan_was_first(db: Session, event: Event) -> None:
    shown_twice(db, event, make_registration(db, event), apart=timedelta(seconds=119))
    [conflict] = conflicts.of_event(db, event_id=event.id, limit=10)
    assert not conflict.tells_who_was_first


def test_a_note_settles_a_conflict_and_can_be_deleted(db: Session, event: Event, organizer: Account) -> None:
    pair = shown_twice(db, event, make_registration(db, event), apart=timedelta(minutes=5))
    assert conflicts.count_open(db, event_id=event.id) == 1
    conflicts.settle(db, event=event, scans=pair, note="Two brothers", by=organizer)
    conflicts.settle(db, event=event, scans=(pair[1], pair[0]), note="One went out to smoke", by=organizer)
    [conflict] = conflicts.of_event(db, event_id=event.id, limit=10)
    assert (conflict.note, conflict.settled_by) == ("One went out to smoke", organizer.name)
    assert conflicts.count_open(db, event_id=event.id) == 0
    conflicts.reopen(db, event=event, scans=pair, by=organizer)
    assert conflicts.count_open(db, event_id=event.id) == 1
    in_order, turned = ({"scan_id": str(scan), "rival_id": str(rival)} for scan, rival in (pair, pair[::-1]))
    assert acts(db, by=organizer) == [
        ("conflict.settled", in_order),
        ("conflict.settled", turned),
        ("conflict.reopened", in_order),
    ]


def test_open_conflicts_are_listed_first(db: Session, event: Event, organizer: Account) -> None:
    older, newer = (make_registration(db, event) for _ in range(2))
    shown_twice(db, event, older, apart=timedelta(minutes=50))
    pair = shown_twice(db, event, newer, apart=timedelta(minutes=5))
    conflicts.settle(db, event=event, scans=pair, note="Known", by=organizer)
    listed = conflicts.of_event(db, event_id=event.id, limit=10)
    assert [conflict.name for conflict in listed] == [older.name, newer.name]
    assert [conflict.name for conflict in conflicts.of_event(db, event_id=event.id, limit=1, offset=1)] == [newer.name]


def test_scans_of_another_event_cannot_be_settled_here(db: Session, event: Event, organizer: Account) -> None:
    elsewhere = make_event(db)
    pair = shown_twice(db, elsewhere, make_registration(db, elsewhere), apart=timedelta(minutes=5))
    with pytest.raises(Missing):
        conflicts.settle(db, event=event, scans=pair, note="No", by=organizer)
    with pytest.raises(Missing):
        conflicts.settle(db, event=elsewhere, scans=(pair[0], pair[0]), note="No", by=organizer)


def test_thirty_conflicts_cost_one_statement(db: Session, event: Event, statements: Statements) -> None:
    for _ in range(3):
        shown_twice(db, event, make_registration(db, event), apart=timedelta(minutes=5))
    with statements() as executed:
        assert len(conflicts.of_event(db, event_id=event.id, limit=30)) == 3
    assert len(executed) == 1


def test_another_events_ticket_shows_no_name(db: Session, event: Event) -> None:
    stranger = make_registration(db, make_event(db, private=True))
    shown_twice(db, event, stranger, apart=timedelta(minutes=5))
    [conflict] = conflicts.of_event(db, event_id=event.id, limit=10)
    assert (conflict.person, conflict.name) == (stranger.ticket_id, "")
