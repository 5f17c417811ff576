"""An organizer's events, and the doors of one."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from resvg_py import svg_to_bytes
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.models import DoorPass, Event, Organization
from tests.conftest import Statements
from tests.factories import (
    SECRET,
    make_account,
    make_device,
    make_door,
    make_event,
    make_organization,
    make_registration,
    make_sign_in,
)


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


def sign_in(client: FlaskClient, db: Session, organization: Organization, role: str = "organizer") -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role=role)))


def test_members_see_all_events_of_their_organization_and_no_others(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    make_event(db, organization=organization, title={"en": "Our evening"}, capacity=50)
    make_event(db, organization=organization, title={"en": "Our draft"}, state="draft")
    make_event(db, title={"en": "Their evening"})
    sign_in(client, db, organization, "viewer")
    page = client.get("/organize/").text
    assert "Our evening" in page
    assert "0 of 50 seats taken" in page
    assert "Our draft" in page
    assert "Their evening" not in page


def test_past_events_tell_how_many_came_or_that_nobody_wrote_it_down(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    long_ago = clock.now() - timedelta(days=60)
    make_event(db, starts_at=long_ago, organization=organization, headcount=120)
    make_event(db, starts_at=long_ago, organization=organization)
    sign_in(client, db, organization)
    page = client.get("/organize/").text
    assert "120 people came (counted by hand)" in page
    assert "Attendance not recorded" in page


def test_a_long_list_is_turned(client: FlaskClient, db: Session, organization: Organization) -> None:
    for number in range(22):
        make_event(db, organization=organization, title={"en": f"Evening number {number}."})
    sign_in(client, db, organization)
    first, second = client.get("/organize/").text, client.get("/organize/?page=2").text
    assert len(re.findall(r"Evening number \d+\.", first)) == 20
    assert len(re.findall(r"Evening number \d+\.", second)) == 2
    assert client.get("/organize/?page=nonsense").status_code == 200


def test_an_account_without_an_organization_is_told_what_to_do(client: FlaskClient, db: Session) -> None:
    account = make_account(db)
    client.set_cookie("sign_in", make_sign_in(db, account))
    assert account.email in client.get("/organize/").text


def test_the_list_costs_as_many_statements_for_ten_events_as_for_one(
    client: FlaskClient, db: Session, organization: Organization, statements: Statements
) -> None:
    sign_in(client, db, organization)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            make_event(db, organization=organization)
        db.expire_all()
        with statements() as seen:
            client.get("/organize/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 5, "\n".join(seen)


@pytest.fixture
def event(db: Session, organization: Organization) -> Event:
    return make_event(db, organization=organization, capacity=50)


def test_organizers_see_doors_and_viewers_only_numbers(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    make_registration(db, event)
    sign_in(client, db, organization)
    assert "Main door" in client.get(f"/organize/events/{event.id}/").text
    sign_in(client, db, organization, "viewer")
    page = client.get(f"/organize/events/{event.id}/").text
    assert "<strong>1</strong> seats taken" in page
    assert "Main door" not in page
    assert "/door/#" not in page


def test_a_new_pass_is_a_code_that_a_camera_reads_and_that_pairs(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    sign_in(client, db, organization)
    door = make_door(db, event)
    answer = client.post(f"/organize/events/{event.id}/doors/{door.id}/passes", data={"phones": "3"})
    assert answer.status_code == 303
    door_pass = db.scalars(select(DoorPass)).one()
    assert door_pass.phones == 3
    secret = tokens.make(SECRET, "pairing", id=door_pass.id, version=1)
    response = client.get(f"/organize/events/{event.id}/")
    assert response.headers["Cache-Control"] == "no-store"
    assert f"http://127.0.0.1:8000/door/#{secret}" in response.text
    drawn = re.search(r'<div class="pairing-code".*?>(<svg.*?</svg>)', response.text)
    assert drawn
    assert read(drawn[1]) == f"http://127.0.0.1:8000/door/#{secret}"


def read(svg: str) -> str:
    png = bytes(svg_to_bytes(svg_string=svg, width=490, height=490))
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(png)).convert("L"))
    return code.text


@pytest.mark.parametrize(("asked", "given"), [("0", 1), ("-3", 1), ("1000000", 100), ("many", 5), ("", 5)])
def test_a_pass_is_good_for_one_to_a_hundred_phones(
    client: FlaskClient, db: Session, organization: Organization, event: Event, asked: str, given: int
) -> None:
    sign_in(client, db, organization)
    client.post(f"/organize/events/{event.id}/doors/{make_door(db, event).id}/passes", data={"phones": asked})
    assert db.scalars(select(DoorPass.phones)).one() == given


def test_a_door_of_another_event_gets_no_pass(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    sign_in(client, db, organization)
    other = make_door(db, make_event(db))
    assert client.post(f"/organize/events/{event.id}/doors/{other.id}/passes").status_code == 404


def test_paired_phones_are_counted_and_use_up_the_pass(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    sign_in(client, db, organization)
    door = make_door(db, event)
    client.post(f"/organize/events/{event.id}/doors/{door.id}/passes", data={"phones": "3"})
    make_device(db, door_pass_id=db.scalars(select(DoorPass.id)).one())
    page = client.get(f"/organize/events/{event.id}/").text
    assert "Good for 2 more phones." in page
    assert "1 phone is paired." in page


def test_a_closed_door_shows_no_code(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    sign_in(client, db, organization)
    door = make_door(db, event, closed_at=clock.now())
    client.post(f"/organize/events/{event.id}/doors/{door.id}/passes")
    assert "/door/#" not in client.get(f"/organize/events/{event.id}/").text
