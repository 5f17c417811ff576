"""The live figures of an event, the projector's page, and the closing of the doors."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim
from shared.errors import Missing
from shared.events.events import TIMES
from shared.i18n import format_moment
from shared.models import Account, Audit, Event, EventSession, Registration, Report, Shift
from tests.conftest import Statements
from tests.factories import (
    close_event,
    make_device,
    make_door,
    make_registration,
    make_series,
)
from web.access import Member
from web.organizer.reports import live

CheckIn = Callable[[Registration, int], None]


@pytest.fixture
def check_in(db: Session, event: Event) -> CheckIn:
    device, _ = make_device(db, make_door(db, event))
    device.stamps_from = clock.now() - timedelta(hours=2)
    db.flush()

    def scan(registration: Registration, minutes_ago: int) -> None:
        at = clock.milliseconds(clock.now() - timedelta(minutes=minutes_ago))
        claim = ScanClaim(id=uuid4(), session=event.sessions[0].id, kind="in", at=at, person=registration.ticket_id)
        attendance.record(db, device=device, batch=Batch([claim]))

    return scan


def test_the_page_has_the_figures_without_a_script(
    viewer: FlaskClient, db: Session, event: Event, check_in: CheckIn
) -> None:
    guests = [make_registration(db, event) for _ in range(3)]
    check_in(guests[0], 30)
    check_in(guests[1], 29)
    page = viewer.get(f"/organize/events/{event.id}/live").text
    assert '<strong data-live="inside">2</strong>' in page
    assert '<strong data-live="expected">3</strong>' in page
    assert '<strong data-live="capacity">50</strong>' in page
    assert "2 people are checked in; inside now: 2." in page
    assert "<svg" in page
    assert "<table>" in page


def test_before_the_first_check_in_it_says_so(viewer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    assert "No one is checked in yet. Expected: 1." in viewer.get(f"/organize/events/{event.id}/live").text


def test_programs_get_the_same_figures(viewer: FlaskClient, db: Session, event: Event, check_in: CheckIn) -> None:
    check_in(make_registration(db, event), 30)
    check_in(make_registration(db, event), 10)
    figures = viewer.get(f"/organize/events/{event.id}/live.json").get_json()
    assert [figures[name] for name in ("expected", "admitted", "inside", "capacity")] == [2, 2, 2, 50]
    assert [count for _, count in figures["arrivals"]][:: len(figures["arrivals"]) - 1] == [1, 1]
    assert len(figures["arrivals"]) in {4, 5}, "gaps are zeros"


def test_nothing_is_sent_until_something_changes(
    viewer: FlaskClient, db: Session, event: Event, check_in: CheckIn
) -> None:
    path = f"/organize/events/{event.id}/live.json"
    tag = viewer.get(path).headers["ETag"]
    again = viewer.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    changes = [lambda: check_in(make_registration(db, event), 5), lambda: make_registration(db, event)]
    for change in changes:
        change()
        answer = viewer.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer.headers["ETag"] != tag
        tag = answer.headers["ETag"]


def test_another_language_has_another_tag(viewer: FlaskClient, event: Event) -> None:
    path = f"/organize/events/{event.id}/live.json"
    tag = viewer.get(path).headers["ETag"]
    viewer.set_cookie("language", "ru")
    assert viewer.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_an_unchanged_answer_takes_four_statements_and_a_fresh_one_five(
    viewer: FlaskClient, db: Session, event: Event, statements: Statements, check_in: CheckIn
) -> None:
    check_in(make_registration(db, event), 5)
    path = f"/organize/events/{event.id}/live.json"
    tag = viewer.get(path).headers["ETag"]
    db.expire_all()
    with statements() as executed:
        assert viewer.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert len(executed) == 4, "\n".join(executed)
    with statements() as executed:
        assert viewer.get(path).status_code == 200
    assert len(executed) == 5, "\n".join(executed)


def screen_of(client: FlaskClient, event: Event) -> str:
    page = client.get(f"/organize/events/{event.id}/live").text
    return page.partition('readonly value="http://127.0.0.1:8000')[2].partition('"')[0]


def test_without_scripts_the_page_reloads_and_says_so(organizer: FlaskClient, event: Event) -> None:
    for path in (f"/organize/events/{event.id}/live", screen_of(organizer, event)):
        page = organizer.get(path).text
        assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
        assert "<noscript>Without JavaScript, this page reloads every 30 seconds." in page


def test_a_projector_shows_figures_without_names_and_sign_in(
    organizer: FlaskClient, db: Session, event: Event, check_in: CheckIn
) -> None:
    guest = make_registration(db, event, name="Зарина Каримова")
    check_in(guest, 5)
    link = screen_of(organizer, event)
    organizer.delete_cookie("sign_in")
    page = organizer.get(link)
    assert page.status_code == 200
    assert '<dd data-live="inside">1</dd>' in page.text
    assert '<dd data-live="free">49</dd>' in page.text
    assert "Зарина" not in page.text
    assert "North door" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    answer = organizer.get(f"{link}/live.json")
    assert (answer.get_json()["inside"], answer.get_json()["expected"]) == (1, 1)
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert organizer.get(f"{link}/live.json", headers=tag).status_code == 304


def test_the_projector_does_not_name_a_private_event(organizer: FlaskClient, db: Session, event: Event) -> None:
    link = screen_of(organizer, event)
    assert "An evening of talks" in organizer.get(link).text
    event.private = True
    db.flush()
    assert "An evening of talks" not in organizer.get(link).text


def test_the_projector_numbers_the_sessions_of_a_private_event(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    event.sessions[0].title = {"en": "Leaving"}
    event.sessions.append(EventSession(position=1, title={"en": "Shelters"}))
    db.flush()
    link = screen_of(organizer, event)
    assert sessions_on(organizer, link) == [["Leaving", "Shelters"]] * 2
    event.private = True
    db.flush()
    assert sessions_on(organizer, link) == [["Session 1", "Session 2"]] * 2


def sessions_on(client: FlaskClient, link: str) -> list[list[str]]:
    """Return the sessions on the projector's page, and those in the answer to its script."""
    pages = client.get(link).text, client.get(f"{link}/live.json").get_json()["html"]
    return [
        re.findall(r"<dt>([^<]*): free now</dt>", page.replace('<span lang="en">', "").replace("</span>", ""))
        for page in pages
    ]


def test_a_revoked_projector_link_does_not_exist(organizer: FlaskClient, event: Event) -> None:
    link = screen_of(organizer, event)
    assert organizer.post(f"/organize/events/{event.id}/live/screen").status_code == 303
    assert [organizer.get(path).status_code for path in (link, f"{link}/live.json")] == [404, 404]
    assert organizer.get(screen_of(organizer, event)).status_code == 200
    assert organizer.get("/screen/1.1.x").status_code == 404


def test_closing_the_doors_shows_the_report_and_phones_out_of_contact_at_once(
    organizer: FlaskClient, db: Session, event: Event, check_in: CheckIn
) -> None:
    check_in(make_registration(db, event), 5)
    make_registration(db, event)
    silent, _ = make_device(db, make_door(db, event, name={"en": "South door"}))
    silent.seen_at, silent.waiting = clock.now() - timedelta(minutes=30), 4
    db.add(Shift(device_id=silent.id, since=0, name="Далер"))
    db.flush()
    answer = organizer.post(f"/organize/events/{event.id}/live/close", follow_redirects=True)
    assert "Of 2 registered attendees, 1 came (50%)." in answer.text
    assert "Phones out of contact" in answer.text
    assert "South door, Далер" in answer.text
    assert "Doors closed: " in organizer.get(f"/organize/events/{event.id}/live").text
    actions = [act.action for act in db.scalars(select(Audit).order_by(Audit.id))]
    assert actions == ["event.doors_closed"]


def closing(client: FlaskClient, event: Event) -> tuple[bool, int]:
    """Return True if the page has the button to close the doors, and the status code of closing them."""
    path = f"/organize/events/{event.id}/live"
    return f'action="{path}/close"' in client.get(path).text, client.post(f"{path}/close").status_code


@pytest.mark.parametrize("why", ["draft", "cancelled"])
def test_doors_of_an_unpublished_event_are_not_closed(
    organizer: FlaskClient, db: Session, event: Event, why: str
) -> None:
    close_event(db, event, why)
    assert closing(organizer, event) == (False, 409)
    db.refresh(event)
    assert event.doors_closed_at is None
    assert db.scalars(select(Audit)).all() == []


def test_doors_are_not_closed_before_those_of_the_first_session_open(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    for timed in (event, *event.sessions):
        timed.starts_at, timed.ends_at = clock.now() + timedelta(minutes=90), clock.now() + timedelta(hours=3)
    event.doors_open_minutes = 60
    db.flush()
    assert closing(organizer, event) == (False, 409)
    answer = organizer.post(f"/organize/events/{event.id}/live/close")
    assert '<div class="summary" role="alert"' in answer.text
    assert "they have not opened yet" in answer.text
    event.sessions[0].starts_at = clock.now() + timedelta(minutes=50)
    db.flush()
    assert closing(organizer, event) == (True, 303)


def test_doors_open_at_any_time_can_be_closed_at_any_time(organizer: FlaskClient, db: Session, event: Event) -> None:
    event.starts_at = event.ends_at = clock.now() + timedelta(days=7)
    event.doors_open_minutes = None
    db.flush()
    assert "Closing the doors ends registration" in organizer.get(f"/organize/events/{event.id}/live").text
    assert closing(organizer, event) == (True, 303)


def test_closing_names_the_sessions_whose_doors_are_still_to_open(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    page = f"/organize/events/{event.id}/live"
    assert "Still to come:" not in organizer.get(page).text
    for number in (1, 2):
        times = {name: getattr(event, name) + timedelta(days=number) for name in TIMES}
        db.add(EventSession(event_id=event.id, position=number, title={"en": f"Day {number + 1}"}, **times))
    event.sessions[0].title = {"en": "Day 1"}
    db.flush()
    db.expire_all()
    warning = organizer.get(page).text.partition("Still to come:")[2]
    assert [f"<li>Day {number}: " in warning for number in (1, 2, 3)] == [False, True, True]
    assert "People who come only for these sessions would count as no-shows" in warning


def test_closed_doors_are_not_closed_again(
    organizer: FlaskClient, db: Session, event: Event, check_in: CheckIn
) -> None:
    check_in(make_registration(db, event), 5)
    for _ in range(2):
        assert organizer.post(f"/organize/events/{event.id}/live/close").status_code == 303
    assert [report.version for report in db.scalars(select(Report))] == [1]
    assert [act.details for act in db.scalars(select(Audit))] == [{"report_version": 1}]


def test_doors_of_an_event_cancelled_meanwhile_are_unchanged(organizer: FlaskClient, db: Session, event: Event) -> None:
    close_event(db, event, "doors_closed")
    close_event(db, event, "cancelled")
    for act in ("close", "reopen"):
        answer = organizer.post(f"/organize/events/{event.id}/live/{act}")
        assert answer.status_code == 409
        assert "Nothing was changed: the event is cancelled." in answer.text
    db.refresh(event)
    assert event.doors_closed_at is not None
    assert db.scalars(select(Audit)).all() == []


def test_an_error_unknown_to_the_page_is_raised_again(db: Session, event: Event, account: Account) -> None:
    # For example, an event deleted while its doors were being closed.
    missing = Missing("event")
    with pytest.raises(Missing) as raised:
        live.refused(db, Member(account, "organizer", event), event.id, missing)
    assert raised.value is missing


def test_the_time_until_which_seats_are_held_has_its_day_unless_that_is_today(
    organizer: FlaskClient, db: Session, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = clock.now().astimezone(ZoneInfo(event.zone)).replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: noon)
    page, times = f"/organize/events/{event.id}/live", {}
    for days in (0, 18):
        event.starts_at = noon + timedelta(days=days, hours=3)
        event.ends_at = event.starts_at + timedelta(hours=2)
        db.flush()
        times[days] = organizer.get(page).text.partition("are held until ")[2].partition("<")[0]
    later = format_moment(noon + timedelta(days=18, hours=3, minutes=15), weekday=False)
    assert times == {0: "15:15.", 18: f"{later}."}


def test_reopened_doors_record_later_scans(
    organizer: FlaskClient, db: Session, event: Event, check_in: CheckIn
) -> None:
    check_in(make_registration(db, event), 5)
    organizer.post(f"/organize/events/{event.id}/live/close")
    organizer.post(f"/organize/events/{event.id}/live/reopen")
    assert event.doors_closed_at is None
    check_in(make_registration(db, event), 1)
    organizer.post(f"/organize/events/{event.id}/live/close")
    assert [report.version for report in db.scalars(select(Report).order_by(Report.version))] == [1, 2]


def test_the_page_takes_six_statements_for_any_number_of_scans(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements, check_in: CheckIn
) -> None:
    event.series_id = make_series(db, organization_id=event.organization_id).id
    counts, path = [], f"/organize/events/{event.id}/live"
    for guests in (1, 3):
        for _ in range(guests):
            check_in(make_registration(db, event), 5)
        db.expire_all()
        with statements() as executed:
            assert organizer.get(path).status_code == 200
        counts.append(len(executed))
    assert counts == [6, 6], "\n".join(executed)
