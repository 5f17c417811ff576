"""The evening as it happens."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Registration
from shared.operations import attendance
from shared.operations.attendance import Batch, ScanClaim
from tests.conftest import Statements
from tests.factories import make_account, make_device, make_door, make_event, make_registration, make_sign_in

LetIn = Callable[[Registration, int], None]


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(minutes=40), capacity=50)


@pytest.fixture
def viewer(client: FlaskClient, db: Session, event: Event) -> FlaskClient:
    account = make_account(db, organization=event.organization, role="viewer")
    client.set_cookie("sign_in", make_sign_in(db, account))
    return client


@pytest.fixture
def let_in(db: Session, event: Event) -> LetIn:
    device, _ = make_device(db, make_door(db, event))
    device.stamps_from = clock.now() - timedelta(hours=2)
    db.flush()

    def scan(guest: Registration, minutes_ago: int) -> None:
        at = clock.milliseconds(clock.now() - timedelta(minutes=minutes_ago))
        claim = ScanClaim(id=uuid4(), session=event.sessions[0].id, kind="in", at=at, person=guest.ticket_id)
        attendance.record(db, device=device, batch=Batch([claim]))

    return scan


def test_the_page_tells_who_is_in_without_a_script(
    viewer: FlaskClient, db: Session, event: Event, let_in: LetIn
) -> None:
    guests = [make_registration(db, event) for _ in range(3)]
    let_in(guests[0], 30)
    let_in(guests[1], 29)
    page = viewer.get(f"/organize/events/{event.id}/live").text
    assert '<strong data-live="inside">2</strong>' in page
    assert '<strong data-live="registered">3</strong>' in page
    assert '<strong data-live="capacity">50</strong>' in page
    assert "2 people have come in, 2 are inside now." in page
    assert "<svg" in page
    assert "<table>" in page


def test_before_anybody_comes_it_says_so(viewer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    assert "Nobody has come in yet. Registered: 1." in viewer.get(f"/organize/events/{event.id}/live").text


def test_the_same_figures_are_told_to_programs(viewer: FlaskClient, db: Session, event: Event, let_in: LetIn) -> None:
    let_in(make_registration(db, event), 30)
    let_in(make_registration(db, event), 10)
    told = viewer.get(f"/organize/events/{event.id}/live.json").get_json()
    assert (told["registered"], told["admitted"], told["inside"], told["capacity"]) == (2, 2, 2, 50)
    assert [count for _, count in told["arrivals"]][:: len(told["arrivals"]) - 1] == [1, 1]
    assert len(told["arrivals"]) in {4, 5}, "gaps are shown as nobody"


def test_nothing_is_sent_until_something_changes(viewer: FlaskClient, db: Session, event: Event, let_in: LetIn) -> None:
    path = f"/organize/events/{event.id}/live.json"
    tag = viewer.get(path).headers["ETag"]
    again = viewer.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    changes = [lambda: let_in(make_registration(db, event), 5), lambda: make_registration(db, event)]
    for change in changes:
        change()
        answer = viewer.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer.headers["ETag"] != tag
        tag = answer.headers["ETag"]


def test_another_language_is_another_answer(viewer: FlaskClient, event: Event) -> None:
    path = f"/organize/events/{event.id}/live.json"
    tag = viewer.get(path).headers["ETag"]
    viewer.set_cookie("language", "ru")
    assert viewer.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_looking_again_costs_four_statements_and_a_fresh_page_six(
    viewer: FlaskClient, db: Session, event: Event, statements: Statements, let_in: LetIn
) -> None:
    let_in(make_registration(db, event), 5)
    path = f"/organize/events/{event.id}/live.json"
    tag = viewer.get(path).headers["ETag"]
    db.expire_all()
    with statements() as seen:
        assert viewer.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert len(seen) == 4, "\n".join(seen)
    with statements() as seen:
        assert viewer.get(path).status_code == 200
    assert len(seen) == 6, "\n".join(seen)
