"""Door passes: their QR code, number of phones and expiry, and how one is revoked."""

import re
from datetime import timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.models import Device, Door, DoorPass, Event, EventSession
from tests.factories import SECRET, make_device, make_door, make_pass
from tests.support.organizer_pages import read


@pytest.fixture
def door(db: Session, event: Event) -> Door:
    return make_door(db, event)


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/doors/"


@pytest.fixture
def passes(address: str, door: Door) -> str:
    return f"{address}{door.id}/passes"


def link(door_pass: DoorPass) -> str:
    secret = tokens.make(SECRET, "pairing", id=door_pass.id, version=door_pass.version)
    return f"http://127.0.0.1:8000/door/#{secret}"


def test_a_new_pass_is_a_code_that_a_camera_reads(
    organizer: FlaskClient, db: Session, address: str, passes: str
) -> None:
    assert organizer.post(passes, data={"phones": "3"}).status_code == 303
    door_pass = db.scalars(select(DoorPass)).one()
    assert (door_pass.phones, door_pass.expires_at, door_pass.named_sessions) == (3, None, [])
    response = organizer.get(address)
    assert response.headers["Cache-Control"] == "no-store"
    match = re.search(r'<div class="pairing-code".*?>(<svg.*?</svg>)', response.text)
    assert match
    assert read(match[1]) == link(door_pass)
    assert f'href="{link(door_pass)}"' in response.text


@pytest.mark.parametrize("number", ["0", "-3", "101", "many", "", "2.5"])
def test_a_pass_is_valid_for_one_to_a_hundred_phones(
    organizer: FlaskClient, db: Session, passes: str, door: Door, number: str
) -> None:
    answer = organizer.post(passes, data={"phones": number, "expires": ""})
    assert answer.status_code == 422
    assert (
        f'id="pass-{door.id}-phones-error">A door pass is for 1–100 phones. Enter a number in this range.'
        in answer.text
    )
    assert db.scalars(select(DoorPass)).all() == []


def test_a_pass_expires_by_the_clock_of_the_event(
    organizer: FlaskClient, db: Session, passes: str, event: Event
) -> None:
    wall = (
        (clock.now() + timedelta(hours=5))
        .astimezone(ZoneInfo(event.zone))
        .replace(tzinfo=None, second=0, microsecond=0)
    )
    assert organizer.post(passes, data={"phones": "5", "expires": wall.isoformat("T", "minutes")}).status_code == 303
    door_pass = db.scalars(select(DoorPass)).one()
    assert door_pass.expires_at == clock.instant(wall, event.zone)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("tomorrow", "Enter the date and time"),
        ("2026-02-30T10:00", "Enter the date and time"),
        ("0001-01-01T00:00", "Enter the date and time"),
        ("2020-01-01T10:00", "This time has passed."),
        ("2038-03-28T02:30", "is skipped when the clocks go forward"),
    ],
)
def test_an_impossible_time_is_refused(
    organizer: FlaskClient, db: Session, event: Event, passes: str, door: Door, typed: str, sentence: str
) -> None:
    event.zone = "Europe/Berlin"
    db.flush()
    answer = organizer.post(passes, data={"phones": "7", "expires": typed})
    assert answer.status_code == 422
    assert re.search(rf'id="pass-{door.id}-expires-error">[^<]*{sentence}', answer.text)
    assert 'value="7"' in answer.text


def test_a_pass_can_be_for_one_session(
    organizer: FlaskClient, db: Session, event: Event, address: str, passes: str
) -> None:
    second = EventSession(event_id=event.id, title={"en": "Second day"}, position=1)
    db.add(second)
    db.flush()
    db.refresh(event)
    assert organizer.post(passes, data={"phones": "5", "sessions": [str(second.id)]}).status_code == 303
    door_pass = db.scalars(select(DoorPass)).one()
    assert [session.id for session in door_pass.named_sessions] == [second.id]
    assert "Second day" in organizer.get(address).text
    answer = organizer.post(passes, data={"phones": "5", "sessions": ["999999"]})
    assert answer.status_code == 422
    assert "Choose one of the options." in answer.text


def test_a_refused_pass_comes_back_with_its_sessions_selected(
    organizer: FlaskClient, db: Session, event: Event, passes: str
) -> None:
    days = [EventSession(event_id=event.id, title={"en": f"Day {n}"}, position=n) for n in (2, 3)]
    db.add_all(days)
    db.flush()
    page = organizer.post(passes, data={"phones": "0", "sessions": [str(day.id) for day in days]}).text
    ticked = re.findall(r'name="sessions" value="(\d+)" checked', page)
    assert ticked == [str(day.id) for day in days]


def test_paired_phones_use_up_the_pass(
    organizer: FlaskClient, db: Session, address: str, door: Door, event: Event
) -> None:
    door_pass = make_pass(db, door, phones=2)
    make_device(db, door_pass_id=door_pass.id)
    make_device(db, door_pass_id=door_pass.id, revoked_at=clock.now())
    assert "Valid for 1 more phone until" in organizer.get(address).text
    make_device(db, door_pass_id=door_pass.id)
    assert "All phones of this door pass are paired. It expires" in organizer.get(address).text


def test_a_new_link_revokes_the_old_one_and_no_phone(
    organizer: FlaskClient, db: Session, address: str, door: Door
) -> None:
    door_pass = make_pass(db, door)
    device: Device = make_device(db, door_pass_id=door_pass.id)[0]
    old = link(door_pass)
    assert organizer.post(f"{address}passes/{door_pass.id}/renew").status_code == 303
    db.expire_all()
    page = organizer.get(address).text
    assert old not in page
    assert link(door_pass) in page
    assert (device.revoked_at, device.door_pass_id) == (None, door_pass.id)


def test_an_expired_pass_shows_no_code_and_is_listed(
    organizer: FlaskClient, db: Session, address: str, door: Door
) -> None:
    door_pass = make_pass(db, door)
    assert organizer.post(f"{address}passes/{door_pass.id}/end").status_code == 303
    db.expire_all()
    assert door_pass.ends_at <= clock.now()
    page = organizer.get(address).text
    assert "/door/#" not in page
    assert "1 earlier door pass" in page


def test_earlier_passes_stay_valid_and_are_listed(
    organizer: FlaskClient, db: Session, address: str, door: Door
) -> None:
    passes = [make_pass(db, door) for _ in range(3)]
    page = organizer.get(address).text
    assert all(link(door_pass) in page for door_pass in passes)
    assert page.count('class="pairing-code"') == 1
    assert "2 earlier door passes" in page


def test_a_closed_door_shows_no_code(organizer: FlaskClient, db: Session, address: str, event: Event) -> None:
    make_pass(db, make_door(db, event, closed_at=clock.now()))
    assert "/door/#" not in organizer.get(address).text


def test_the_link_of_a_pass_is_sent_to_volunteers_by_messenger(
    organizer: FlaskClient, db: Session, event: Event, door: Door, address: str
) -> None:
    event.private = True
    door_pass = make_pass(db, door)
    page = organizer.get(address).text
    assert f'<input id="pass-link-{door_pass.id}" readonly value="{link(door_pass)}">' in page
    pass_link = quote(link(door_pass), safe="")
    assert re.search(
        rf'href="https://t\.me/share/url\?url={re.escape(pass_link)}&amp;text=Door%20pass%3A[^"]*Peshraft"', page
    )
    assert re.search(rf'href="https://wa\.me/\?text=Door%20pass%3A[^"]*Peshraft%0A{re.escape(pass_link)}"', page)
