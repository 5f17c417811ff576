"""A report of an event without scans at the doors: it does not claim to know the attendance."""

import csv
import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Account, Event, Report
from shared.reports import reports
from tests.factories import make_event, make_registration, make_report
from tests.support.pdf_text import words_of
from tests.support.report_page import address, link_of
from tests.support.scans import claim, hand_in
from tests.web.organizer.conftest import paired

LEADS = {
    "en": "Headcount: 3 people. 4 had registered. Tickets were not scanned at the door.",
    "ru": "Подсчёт вручную: 3\N{NO-BREAK SPACE}человека. Регистраций: 4. Билеты на входе не отмечали.",
    "tg": "Шумориши дастӣ: 3\N{NO-BREAK SPACE}нафар. Ба қайд гирифта шуда буданд: 4."
    " Чиптаҳо дар даромадгоҳ қайд нашуданд.",
}
ATTENDANCE = {"people", "attended", "walk_ins.all", "no_shows", "no_show_rate", "capacity_use", "returning"}


@pytest.fixture
def event(db: Session) -> Event:
    """An event that is over, for which four people had registered in time."""
    past = make_event(db, starts_at=clock.now() - timedelta(hours=9), capacity=50)
    for _ in range(4):
        make_registration(db, past, confirmed_at=clock.now() - timedelta(days=1))
    return past


@pytest.fixture
def report(db: Session, event: Event) -> Report:
    """The report that the worker compiles automatically."""
    compiled = reports.compile_report(db, event_id=event.id, now=clock.now())
    assert compiled is not None
    return compiled


@pytest.fixture
def with_headcount(db: Session, event: Event, report: Report, account: Account) -> Report:
    """The version with a headcount."""
    version = reports.edit(db, event=event, headcount=3, note="", by=account)
    assert version is not None
    return version


@pytest.mark.usefixtures("with_headcount")
def test_the_headcount_is_first_on_every_page_and_paper(organizer: FlaskClient, event: Event) -> None:
    link = link_of(organizer, event)
    for language, lead in LEADS.items():
        organizer.set_cookie("language", language)
        for path in (address(event), link):
            page = re.sub(r'href="[^"]*"', "", organizer.get(path).text)
            assert lead in page
            assert "0%" not in page
            assert "100%" not in page
        assert " ".join(lead.split()) in words_of(organizer.get(f"{link}/report.pdf?language={language}").data)


@pytest.mark.usefixtures("report")
def test_without_a_headcount_it_says_that_tickets_were_not_scanned(organizer: FlaskClient, event: Event) -> None:
    page = organizer.get(address(event)).text
    assert "4 people had registered. Tickets were not scanned at the door, so attendance is not known." in page
    assert "<dt>No-shows</dt>" not in page
    assert "<dt>Total attendance</dt>" not in page
    assert "<dt>Registered</dt>" in page


@pytest.mark.usefixtures("with_headcount")
def test_unknown_figures_are_empty_in_the_tables(organizer: FlaskClient, event: Event) -> None:
    lines = csv.reader(io.StringIO(organizer.get(f"{address(event)}.csv").data.decode("utf-8-sig")))
    figures = {key: value for table, key, _, value in lines if table == "figures"}
    assert {name for name in figures if name in ATTENDANCE and figures[name] == ""} == ATTENDANCE
    assert (figures["registered"], figures["headcount"]) == ("4", "3")
    book = load_workbook(io.BytesIO(organizer.get(f"{address(event)}.xlsx").data))
    cells = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows()}
    assert (cells["No-shows"], cells["Total attendance"], cells["Headcount"]) == (None, None, 3)


@pytest.mark.usefixtures("with_headcount")
def test_a_late_scan_makes_a_version_with_the_attendance_that_was_not_known(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    late = claim(event, person=make_registration(db, event, confirmed_at=clock.now() - timedelta(days=1)).ticket_id)
    hand_in(db, paired(db, event, "Нигина"), late)
    assert reports.compile_report(db, event_id=event.id, now=clock.now() + timedelta(minutes=9)) is not None
    page = organizer.get(address(event)).text
    assert "Of 5 registered attendees, 1 came (20%)." in page
    assert "Registered attendees who came: –, now 1" in page
    assert "No-shows: –, now 4" in page


def test_a_version_up_to_rule_4_with_0_people_is_shown_the_same_way(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    nothing = {"people": 0, "attended": 0, "no_shows": 40, "no_show_rate": 1.0, "capacity_use": 0.0, "headcount": 35}
    make_report(db, event, scans=0, figures=nothing)
    page = organizer.get(address(event)).text
    assert "Headcount: 35 people. 40 had registered. Tickets were not scanned at the door." in page
    assert "100%" not in page
