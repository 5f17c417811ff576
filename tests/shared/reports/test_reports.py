"""Reports: figures from the ledger, a version for each change, nothing without data."""

import gc
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.models import (
    Channel,
    Device,
    Door,
    Event,
    FailureReason,
    OutboxMessage,
    Question,
    Registration,
    Report,
    Shift,
)
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from shared.reports import figures, reports
from shared.reports.due_reports import due_for_report
from tests.factories import make_account, make_device, make_door, make_event, make_registration

START = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)


@pytest.fixture
def event(db: Session) -> Event:
    """Return an evening of two hours that ended four hours ago, with 20 seats."""
    return make_event(db, starts_at=START, hours=2, capacity=20)


@pytest.fixture
def device(db: Session, event: Event) -> Device:
    device = make_device(db, make_door(db, event))[0]
    device.stamps_from = START - timedelta(days=1)
    return device


def come(db: Session, event: Event, **overrides: Any) -> Any:
    return make_registration(db, event, **{"confirmed_at": START - timedelta(days=3), **overrides})


def let_in(db: Session, device: Device, event: Event, person: str, minutes: float, **claim: Any) -> None:
    at = clock.milliseconds(START + timedelta(minutes=minutes))
    scan = ScanClaim(
        **{"id": uuid4(), "session": event.sessions[0].id, "kind": "in", "at": at, "person": person} | claim
    )
    attendance.record(db, device=device, batch=Batch(scans=[scan], shifts=[("Нигина", 0)]))


def compiled(db: Session, event: Event) -> Report:
    report = reports.compile_report(db, event_id=event.id, now=clock.now())
    assert report is not None
    return report


def test_registered_attended_and_no_shows(db: Session, event: Event, device: Device) -> None:
    guests = [come(db, event) for _ in range(4)]
    for guest in guests[:3]:
        let_in(db, device, event, guest.ticket_id, 5)
    figures = compiled(db, event).figures
    assert (figures["registered"], figures["attended"], figures["no_shows"]) == (4, 3, 1)
    assert figures["no_show_rate"] == 0.25
    assert (figures["people"], figures["capacity"], figures["capacity_use"]) == (3, 20, 0.15)


def test_an_unlisted_person_who_is_checked_in_is_a_walk_in(db: Session, event: Event, device: Device) -> None:
    walk_in = WalkIn(id=uuid4(), name="Мадина", language="tg")
    attendance.record(db, device=device, batch=Batch(scans=[], walk_ins=[walk_in]))
    waiting = come(db, event, state="waiting", confirmed_at=None, waited_at=START - timedelta(days=1))
    early = START - timedelta(days=1)
    cancelled = come(db, event, state="cancelled", cancelled_at=early, cancelled_by="self")
    deadline = START + timedelta(days=1)
    offered = come(db, event, state="offered", confirmed_at=None, waited_at=early, deadline=deadline)
    unconfirmed = come(db, event, state="unconfirmed", confirmed_at=None, deadline=deadline)
    late = come(db, event, confirmed_at=START + timedelta(hours=3))
    listed = [registration.ticket_id for registration in (waiting, cancelled, offered, unconfirmed, late)]
    for person in (str(walk_in.id), *listed, "00000000000000ff"):
        let_in(db, device, event, person, 1)
    figures = compiled(db, event).figures
    sorts = {"at_door": 1, "waiting": 1, "cancelled": 1, "unconfirmed": 3, "unlisted": 1}
    assert figures["walk_ins"] == {"all": 7, **sorts}
    assert (figures["registered"], figures["attended"], figures["people"]) == (0, 0, 7)


def test_cancelled_before_the_start_is_not_registered_and_late_within_a_day(
    db: Session, event: Event, device: Device
) -> None:
    let_in(db, device, event, come(db, event).ticket_id, 1)
    for hours in (30, 5):
        come(db, event, state="cancelled", cancelled_by="self", cancelled_at=START - timedelta(hours=hours))
    come(db, event, state="cancelled", cancelled_by="self", cancelled_at=START + timedelta(minutes=5))
    figures = compiled(db, event).figures
    assert figures["cancelled"] == {"all": 2, "late": 1}
    assert (figures["registered"], figures["no_shows"]) == (2, 1)


def test_arrivals_are_per_five_minutes_of_local_time_without_gaps(db: Session, event: Event, device: Device) -> None:
    for minutes in (1, 2, 17):
        let_in(db, device, event, come(db, event).ticket_id, minutes)
    arrivals = compiled(db, event).figures["arrivals"]
    local = event.starts_local
    assert isinstance(local, datetime)
    labels = [(local + timedelta(minutes=minutes)).isoformat(timespec="minutes") for minutes in (0, 5, 10, 15)]
    assert arrivals["bins"] == [(labels[0], 2), (labels[1], 0), (labels[2], 0), (labels[3], 1)]
    assert arrivals["peak"] == {"at": labels[0], "count": 2}
    assert arrivals["first"] == (START + timedelta(minutes=1)).isoformat()


def test_people_inside_go_down_when_they_leave(db: Session, event: Event, device: Device) -> None:
    guest = come(db, event)
    let_in(db, device, event, guest.ticket_id, 1)
    let_in(db, device, event, guest.ticket_id, 31, kind="out")
    assert [count for _, count in compiled(db, event).figures["arrivals"]["inside"]] == [1, 0]


def test_doors_show_volunteers_refusals_and_conflicts(db: Session, event: Event, device: Device) -> None:
    second_phone = make_device(db, make_door(db, event, name={"en": "South door"}))[0]
    second_phone.stamps_from = START - timedelta(days=1)
    guest = come(db, event)
    let_in(db, device, event, guest.ticket_id, 1)
    let_in(db, second_phone, event, guest.ticket_id, 2)
    let_in(db, second_phone, event, guest.ticket_id, 3, kind="refused", reason="cancelled")
    figures = compiled(db, event).figures
    north, south = figures["doors"]
    assert (north["volunteer"], north["admitted"], north["conflicts"]) == ("Нигина", 1, 1)
    assert (south["admitted"], south["conflicts"], south["refused"]) == (0, 1, {"cancelled": 1})
    assert (figures["conflicts"], figures["refused"]) == (1, {"cancelled": 1})


def test_refusals_are_counted_by_the_reasons_of_phones(db: Session, event: Event, device: Device) -> None:
    for reason in ("not_inside", "expired", "expired", "moon", None, "mars"):
        let_in(db, device, event, "00000000000000ff", 3, kind="refused", reason=reason)
    counted = {"not_inside": 1, "expired": 2, "other": 3}
    figures = compiled(db, event).figures
    assert figures["refused"] == counted
    assert figures["doors"][0]["refused"] == counted


def test_a_door_that_is_renamed_stays_one_and_two_of_one_name_stay_two(
    db: Session, event: Event, device: Device
) -> None:
    door = db.get_one(Door, device.door_pass.door_id) if device.door_pass else make_door(db, event)
    let_in(db, device, event, come(db, event).ticket_id, 1)
    compiled(db, event)
    door.name = {"en": "Main door"}
    twin = make_device(db, make_door(db, event, name=door.name))[0]
    twin.stamps_from = device.stamps_from
    let_in(db, twin, event, come(db, event).ticket_id, 2)
    second = compiled(db, event)
    first, same_name = second.figures["doors"]
    assert [(door["door"], door["admitted"]) for door in (first, same_name)] == [({"en": "Main door"}, 1)] * 2
    assert (first["id"], [pace["id"] for pace in second.figures["paces"]]) == (door.id, [door.id, same_name["id"]])
    door_changes = {name: value for name, value in second.changes.items() if name.startswith("doors.")}
    assert door_changes == {
        f"doors.{same_name['id']}.{name}": [0, 1, {"en": "Main door"}] for name in ("admitted", "scans")
    }


def test_groups_under_five_are_merged(db: Session, event: Event, device: Device) -> None:
    for source in ["a"] * 6 + ["b"] * 3 + ["c"] * 2 + [None]:
        let_in(db, device, event, come(db, event, source=source).ticket_id, 1)
    assert compiled(db, event).figures["breakdowns"]["source"] == [["a", 6], ["not_stated", 1], ["other", 5]]


def test_guests_count_under_the_source_of_their_host(db: Session, event: Event, device: Device) -> None:
    db.add(Channel(event_id=event.id, code="poster", name="Poster"))
    db.flush()
    new_registration = NewRegistration(
        name="A", language="tg", email="a@example.org", companions=tuple("BCDEF"), source="poster"
    )
    with time_machine.travel(START - timedelta(days=1)):
        self_service.register(db, slug=event.slug, new_registration=new_registration)
    for ticket_id in db.scalars(select(Registration.ticket_id)).all():
        let_in(db, device, event, ticket_id, 1)
    assert compiled(db, event).figures["breakdowns"]["source"] == [["Poster", 6]]


def test_an_attendee_of_an_earlier_event_is_returning(db: Session, event: Event, device: Device) -> None:
    earlier = make_event(db, organization=event.organization, starts_at=START - timedelta(days=30))
    phone = make_device(db, make_door(db, earlier))[0]
    phone.stamps_from = START - timedelta(days=31)
    before = come(db, earlier, email="zarina@example.org")
    let_in(db, phone, earlier, before.ticket_id, -30 * 24 * 60)
    compiled(db, earlier)
    let_in(db, device, event, come(db, event, email="zarina@example.org").ticket_id, 1)
    let_in(db, device, event, come(db, event).ticket_id, 1)
    assert compiled(db, event).figures["returning"] == 1


def test_a_later_scan_makes_the_next_version_and_says_what_changed(db: Session, event: Event, device: Device) -> None:
    guests = [come(db, event) for _ in range(2)]
    let_in(db, device, event, guests[0].ticket_id, 1)
    assert compiled(db, event).version == 1
    assert reports.compile_report(db, event_id=event.id, now=clock.now()) is None
    let_in(db, device, event, guests[1].ticket_id, 2)
    second = compiled(db, event)
    assert second.version == 2
    assert second.changes["attended"] == [1, 2]
    assert second.changes["no_shows"] == [1, 0]
    assert "registered" not in second.changes


def test_garbage_collection_pauses_during_compilation_and_resumes_after_a_failure(
    db: Session, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    enabled: list[bool] = []

    def fail(*_: Any) -> None:
        enabled.append(gc.isenabled())
        raise ZeroDivisionError

    come(db, event)
    monkeypatch.setattr(figures, "compile_figures", fail)
    with pytest.raises(ZeroDivisionError):
        compiled(db, event)
    assert (enabled, gc.isenabled()) == ([False], True)


def test_nothing_is_compiled_without_registrations_and_scans(db: Session, event: Event) -> None:
    event.headcount = 22
    db.flush()
    assert due_for_report(db, now=clock.now()) == []
    assert reports.compile_report(db, event_id=event.id, now=clock.now()) is None


def test_nothing_is_compiled_before_the_grace_is_over(db: Session) -> None:
    event = make_event(db, starts_at=clock.now() - timedelta(hours=3), hours=2, grace_minutes=120)
    make_registration(db, event)
    assert due_for_report(db, now=clock.now()) == []
    assert due_for_report(db, now=clock.now() + timedelta(hours=2)) == [event.id]


def test_closing_the_doors_makes_it_due_at_once(db: Session) -> None:
    event = make_event(db, starts_at=clock.now() - timedelta(hours=1), hours=4)
    make_registration(db, event)
    event.doors_closed_at = clock.now()
    db.flush()
    assert due_for_report(db, now=clock.now()) == [event.id]


def test_an_event_whose_time_is_not_recorded_is_never_due(db: Session) -> None:
    event = make_event(db)
    event.known = "unknown"
    for timed in (event, *event.sessions):
        timed.starts_local = timed.ends_local = timed.starts_at = timed.ends_at = None
    make_registration(db, event)
    assert due_for_report(db, now=clock.now()) == []


def test_answers_are_counted_by_question_in_groups_of_five(db: Session, event: Event, device: Device) -> None:
    options = [{"key": key, "label": {"en": f"From a {key}"}} for key in ("friend", "poster", "paper")]
    heard = {"key": "heard_from", "kind": "one", "label": {"en": "How did you hear"}, "options": options}
    db.add(Question(event_id=event.id, **heard))
    db.add(Question(event_id=event.id, key="wish", kind="long", label={"en": "Wishes"}))
    db.flush()
    db.expire(event)
    for answers in (
        [{"heard_from": "friend", "wish": "more tea"}] * 6
        + [{"heard_from": answer} for answer in ["poster", "paper"] * 3]
        + [{}]
    ):
        let_in(db, device, event, come(db, event, answers=answers).ticket_id, 1)
    (question,) = compiled(db, event).figures["breakdowns"]["questions"]
    assert question["key"] == "heard_from"
    assert question["groups"] == [[{"en": "From a friend"}, 6], ["not_stated", 1], ["other", 6]]


@pytest.mark.parametrize("kind", ["registration_confirmed", "mailing"])
def test_emails_are_accepted_failed_or_undeliverable(db: Session, event: Event, device: Device, kind: str) -> None:
    now = clock.now()
    fates: list[dict[str, Any]] = [
        {"outcome": "sent", "finished_at": now},
        {"outcome": "skipped: no address", "finished_at": now},
        {"outcome": "no such user", "failure": FailureReason.ADDRESS_REFUSED, "dead_at": now},
        {"outcome": "spam", "failure": FailureReason.EMAIL_REFUSED, "dead_at": now},
        {"outcome": "not now", "failure": FailureReason.NOT_NOW, "dead_at": now},
        {"outcome": "", "failure": FailureReason.SERVER_TIMEOUT, "dead_at": now},
        {"outcome": "SMTPRecipientsRefused: by an earlier version", "dead_at": now},
        {"outcome": "spam", "failure": FailureReason.EMAIL_REFUSED},
    ]
    for fate in fates:
        db.add(OutboxMessage(kind=kind, subject=come(db, event).id, **fate))
    db.flush()
    assert compiled(db, event).figures["mail"] == {"accepted": 1, "failed": 3, "undeliverable": 2}


def test_a_private_event_reveals_no_ones_past(db: Session, event: Event) -> None:
    come(db, event)
    event.private = True
    assert compiled(db, event).figures["returning"] is None


def test_phones_silent_before_the_end_are_listed_for_organizers(db: Session, event: Event, device: Device) -> None:
    end = START + timedelta(hours=2)
    device.seen_at = end - timedelta(minutes=2)
    silent = make_device(db, make_door(db, event, name={"en": "South door"}))[0]
    revoked = make_device(db, make_door(db, event))[0]
    silent.seen_at = revoked.seen_at = end - timedelta(minutes=10)
    revoked.revoked_at = end
    db.add(Shift(device_id=silent.id, since=0, name="Далер"))
    let_in(db, device, event, come(db, event).ticket_id, 1)
    device.seen_at = end - timedelta(minutes=2)
    phones = compiled(db, event).figures["phones"]
    assert phones["silent"] == 1
    assert [(phone["door"], phone["volunteer"]) for phone in phones["not_heard"]] == [({"en": "South door"}, "Далер")]


def test_a_headcount_and_a_note_make_the_next_version(db: Session, event: Event, device: Device) -> None:
    by = make_account(db, organization=event.organization, role="organizer")
    let_in(db, device, event, come(db, event).ticket_id, 1)
    compiled(db, event)
    second = reports.edit(db, event=event, headcount=22, note="Counted twice", by=by)
    assert second is not None
    assert (second.version, second.figures["headcount"], second.figures["note"]) == (2, 22, "Counted twice")
    assert second.changes["headcount"] == [None, 22]
    assert second.changes["note"] == ["", "Counted twice"]
    assert reports.edit(db, event=event, headcount=22, note="Counted twice", by=by) is None
    let_in(db, device, event, come(db, event).ticket_id, 2)
    third = compiled(db, event)
    assert third.figures["note"] == "Counted twice", "a later scan keeps it"
    assert "note" not in third.changes


def test_a_headcount_without_scans_makes_no_report(db: Session, event: Event) -> None:
    by = make_account(db, organization=event.organization, role="organizer")
    assert reports.edit(db, event=event, headcount=22, note="", by=by) is None
    assert event.headcount == 22
