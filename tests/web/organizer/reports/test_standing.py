"""Versions that are not final are hidden from partners: of reopened doors, or of a cancelled event."""

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.events import announcements
from shared.models import Event
from shared.reports import reports
from tests.factories import make_account, make_registration, make_report
from tests.support.pdf_text import words_of
from tests.support.report_page import address, link_of
from tests.support.scans import claim, hand_in
from tests.web.organizer.conftest import paired

FORMATS = ("pdf", "csv", "xlsx")
Closed = Callable[[], str]


@pytest.fixture
def closed(organizer: FlaskClient, db: Session, event: Event) -> Closed:
    """A function that closes the doors and returns the partner's link."""

    def close() -> str:
        make_registration(db, event)
        assert organizer.post(f"/organize/events/{event.id}/live/close").status_code == 303
        return link_of(organizer, event)

    return close


def files(client: FlaskClient, link: str) -> list[int]:
    return [client.get(f"{link}/report.{file_format}").status_code for file_format in FORMATS]


def test_partners_do_not_see_a_version_compiled_before_the_doors_reopened(
    organizer: FlaskClient, db: Session, event: Event, closed: Closed
) -> None:
    link = closed()
    unscanned = "1 person had registered. Tickets were not scanned at the door, so attendance is not known."
    assert unscanned in organizer.get(link).text
    assert files(organizer, link) == [200, 200, 200]
    organizer.post(f"/organize/events/{event.id}/live/reopen")
    page = organizer.get(link).text
    assert "The figures appear here automatically after the event." in page
    assert "came" not in page
    assert "Files to save or send" not in page
    assert files(organizer, link) == [404, 404, 404]
    own = organizer.get(address(event)).text
    assert "The doors were opened again after these figures were compiled." in own
    assert unscanned in own


def test_after_the_event_it_is_compiled_again_even_without_scans(
    organizer: FlaskClient, db: Session, event: Event, closed: Closed
) -> None:
    link = closed()
    organizer.post(f"/organize/events/{event.id}/live/reopen")
    make_registration(db, event)
    compiles_at = event.compiles_at()
    assert compiles_at is not None
    assert reports.compile_report(db, event_id=event.id, now=compiles_at - timedelta(minutes=1)) is None
    assert reports.compile_report(db, event_id=event.id, now=compiles_at + timedelta(minutes=1)) is not None
    assert reports.compile_report(db, event_id=event.id, now=compiles_at + timedelta(minutes=9)) is None
    assert "2 people had registered. Tickets were not scanned" in organizer.get(link).text
    assert "The doors were opened again" not in organizer.get(address(event)).text


def test_partners_see_that_an_event_is_cancelled_and_why(
    organizer: FlaskClient, db: Session, event: Event, closed: Closed
) -> None:
    link = closed()
    organizer.post(f"/organize/events/{event.id}/live/reopen")
    announcements.cancel(db, event=event, because={"en": "The speaker is ill."}, by=make_account(db))
    page = organizer.get(link).text
    assert "This event is cancelled. The speaker is ill." in page
    assert "The event did not take place, so there is no report." in page
    assert "came" not in page
    assert files(organizer, link) == [404, 404, 404]
    assert "No one was checked in before the event was cancelled." in organizer.get(address(event)).text


def test_after_check_ins_at_a_cancelled_event_every_paper_says_first_that_it_is_cancelled(
    organizer: FlaskClient, db: Session, event: Event, closed: Closed
) -> None:
    phone = paired(db, event, "Нигина")
    hand_in(db, phone, claim(event, person=make_registration(db, event).ticket_id))
    link = closed()
    announcements.cancel(db, event=event, because={"en": "The roof leaks."}, by=make_account(db))
    page = organizer.get(link).text
    assert page.index("This event is cancelled. The roof leaks.") < page.index("1 came")
    assert "This event is cancelled. Of " in words_of(organizer.get(f"{link}/report.pdf").data)
    lines = csv.reader(organizer.get(f"{link}/report.csv").text.removeprefix("\ufeff").splitlines())
    assert ["figures", "event.state", "Event", "This event is cancelled."] in list(lines)


def test_a_version_of_an_event_without_a_date_is_final(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    event.starts_at = event.ends_at = event.starts_local = event.ends_local = None
    event.known = "unknown"
    db.flush()
    assert files(organizer, link_of(organizer, event)) == [200, 200, 200]
