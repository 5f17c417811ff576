"""Every paper and every file has the year, also during that year: they are read in later years."""

import csv
import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, wording
from shared.config import LANGUAGES
from shared.i18n import use_language
from shared.models import Event
from tests.factories import make_days, make_door, make_event, make_pass, make_registration, make_report
from tests.support.organizer_pages import channel
from tests.support.pdf_text import words_of
from tests.support.report_page import link_of, sign_in
from web.visitor.events import share_paper


@pytest.fixture
def event(db: Session) -> Event:
    """An event of this year, or, until 3 January, of the last."""
    return make_event(db, starts_at=clock.now() - timedelta(days=3), capacity=50)


def year_of(event: Event) -> str:
    assert event.starts_local
    return str(event.starts_local.year)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_the_years_of_the_event_and_of_its_compilation(
    client: FlaskClient, db: Session, event: Event, language: str
) -> None:
    report = make_report(db, event, compiled_at=clock.now())
    sign_in(client, db, event, "organizer")
    year, compiled = year_of(event), str(report.compiled_at.astimezone(ZoneInfo(event.zone)).year)
    path = f"/organize/events/{event.id}/report"
    paper = words_of(client.get(f"{path}.pdf?language={language}").data)
    head, foot = paper.split("36", 1)
    assert year in head
    assert compiled in foot
    client.set_cookie("language", language)
    for page in (path, link_of(client, event)):
        text = re.sub(r"<time[^>]*>|<[^>]+>", " ", client.get(page).text)
        assert len(re.findall(rf"\b({year}|{compiled})\b", text)) >= 2


def test_the_tables_have_the_start_of_the_event_for_people_and_for_programs(
    client: FlaskClient, db: Session, event: Event
) -> None:
    make_report(db, event)
    sign_in(client, db, event)
    assert event.starts_local
    assert event.ends_local
    file = client.get(f"/organize/events/{event.id}/report.csv").data.decode("utf-8-sig")
    values = {key: value for _, key, _, value in csv.reader(io.StringIO(file))}
    assert year_of(event) in values["event.when"]
    assert values["event.starts_at"] == f"{event.starts_local:%Y-%m-%dT%H:%M:%S}+05:00"
    assert values["event.ends_at"] == f"{event.ends_local:%Y-%m-%dT%H:%M:%S}+05:00"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/organize/events/{event.id}/report.xlsx").data))
    rows = dict(list(book.worksheets[0].values))
    assert year_of(event) in str(rows["When"])
    assert (rows["Starts"], rows["Ends"]) == (event.starts_local, event.ends_local)


@pytest.mark.parametrize(
    ("known", "starts", "ends"),
    [("day", "2018-10-07", "2018-10-08"), ("about", "", ""), ("unknown", "", "")],
)
def test_a_table_has_only_as_much_of_the_time_as_is_known(
    client: FlaskClient, db: Session, known: str, starts: str, ends: str
) -> None:
    times = {"starts_local": datetime(2018, 10, 7), "ends_local": datetime(2018, 10, 8, 23, 59)}
    event = make_event(db, known=known, **(dict.fromkeys(times) if known == "unknown" else times))
    make_report(db, event)
    sign_in(client, db, event)
    file = client.get(f"/organize/events/{event.id}/report.csv").data.decode("utf-8-sig")
    values = {key: value for _, key, _, value in csv.reader(io.StringIO(file))}
    assert (values["event.starts_at"], values["event.ends_at"]) == (starts, ends)


def test_sheet_poster_card_and_ticket_have_the_year(client: FlaskClient, db: Session) -> None:
    event = make_event(db)
    sign_in(client, db, event, "organizer")
    registration = make_registration(db, event)
    path, poster, door = f"/organize/events/{event.id}", channel(client, db, event, "Афиша"), make_door(db, event)
    assert year_of(event) in words_of(client.post(f"{path}/people/sheet").data)
    assert year_of(event) in words_of(client.get(f"{path}/share/{poster.id}/poster-tg.pdf").data)
    make_pass(db, door)
    card = client.get(f"{path}/doors/{door.id}/card").text
    assert re.search(rf'class="card-event">.*{year_of(event)}', card)
    with use_language("ru"):
        assert f"{year_of(event)} года" in wording.ticket_paper(registration, event, "https://t.example").when
        assert f"{year_of(event)} года" in share_paper(event).when


def test_a_ticket_for_some_days_has_the_year_of_each(db: Session) -> None:
    event = make_days(db)
    registration = make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    day = event.sessions[1].starts_local
    assert day
    with use_language("en"):
        assert str(day.year) in wording.ticket_paper(registration, event, "https://t.example").when
