"""The report, for organizers and for a partner."""

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.models import Event, Partner
from tests.conftest import Statements
from tests.factories import FIGURES, SECRET, make_account, make_event, make_picture, make_report, make_sign_in, moment
from tests.web.filled import form_in


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(days=3), capacity=50)


def sign_in(client: FlaskClient, db: Session, event: Event, role: str = "viewer") -> None:
    account = make_account(db, organization=event.organization, role=role)
    client.set_cookie("sign_in", make_sign_in(db, account))


def address(event: Event) -> str:
    return f"/organize/events/{event.id}/report"


def test_a_viewer_reads_figures_doors_and_where_they_come_from(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert "Of 40 registered people 31 came, which is 78%. With walk-ins it was 36 people." in page
    assert "9 (22%)" in page
    assert "72% of 50" in page
    assert "North door" in page
    assert "Манижа" in page
    assert "Most came from 17:55 on: 14 people in 5 minutes." in page
    assert "17:58" in page, "the median, in local time"
    assert "Version 1, compiled" in page
    assert "from 40 scans" in page
    assert "Refused: ticket of another event" in page
    assert "<svg" in page
    assert "<table>" in page


@pytest.mark.parametrize("language", ["en", "ru", "tg"])
def test_an_event_at_which_nothing_happened_has_a_report_too(
    client: FlaskClient, db: Session, event: Event, language: str
) -> None:
    nobody = {"registered": 0, "attended": 0, "people": 0, "no_show_rate": None, "capacity_use": None, "doors": []}
    nobody |= {"arrivals": {"first": None, "median": None, "peak": None, "last": None, "bins": [], "inside": []}}
    make_report(db, event, figures=nobody)
    sign_in(client, db, event)
    client.set_cookie("language", language)
    assert client.get(address(event)).status_code == 200


def test_a_report_of_an_older_rule_lacks_figures_and_is_shown(client: FlaskClient, db: Session, event: Event) -> None:
    report = make_report(db, event)
    report.figures = {name: value for name, value in report.figures.items() if name not in {"phones", "returning"}}
    db.flush()
    sign_in(client, db, event)
    assert client.get(address(event)).status_code == 200


def test_versions_are_listed_with_what_changed(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    make_report(db, event, version=2, figures={"people": 38}, changes={"people": [36, 38], "phones.all": [2, 3]})
    sign_in(client, db, event)
    newest, first = client.get(address(event)).text, client.get(f"{address(event)}?version=1").text
    assert "People in all: 36, now 38" in newest
    assert "Version 2, compiled" in newest
    assert "Version 1, compiled" in first
    assert client.get(f"{address(event)}?version=9").status_code == 404


def test_what_was_not_compiled_is_not_recorded_beside_a_headcount(
    client: FlaskClient, db: Session, event: Event
) -> None:
    sign_in(client, db, event)
    assert "Attendance not recorded" in client.get(address(event)).text
    event.headcount = 180
    db.flush()
    page = client.get(address(event)).text
    assert "<strong>180</strong> people, counted by hand" in page


def test_before_the_event_it_says_when_the_report_comes(client: FlaskClient, db: Session) -> None:
    coming = make_event(db)
    sign_in(client, db, coming)
    assert "compiled after the event" in client.get(address(coming)).text


def link_of(client: FlaskClient, event: Event) -> str:
    page = client.get(address(event)).text
    return page.partition('readonly value="http://127.0.0.1:8000')[2].partition('"')[0]


def test_a_partner_reads_it_without_sign_in_and_without_names(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    client.delete_cookie("sign_in")
    answer = client.get(link)
    assert answer.status_code == 200
    assert "36" in answer.text
    assert "North door" in answer.text
    for name in ("Манижа", "Сорбон"):
        assert name not in answer.text
    assert 'name="robots" content="noindex"' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_one_link_stays_good_for_later_versions(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    make_report(db, event, version=2, figures={"people": 77})
    assert link_of(client, event) == link
    assert "77" in client.get(link).text


def test_a_revoked_link_is_a_page_that_does_not_exist(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    assert client.post(f"{address(event)}/link").status_code == 303
    assert client.get(link).status_code == 404
    assert client.get(link_of(client, event)).status_code == 200


def test_viewers_share_nothing(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "viewer")
    assert link_of(client, event) == ""


@pytest.mark.parametrize("token", ["nonsense", "1.1.x", "9999.1.x"])
def test_a_forged_link_is_a_page_that_does_not_exist(client: FlaskClient, token: str) -> None:
    assert client.get(f"/reports/{token}").status_code == 404


def test_a_link_to_another_thing_opens_no_report(client: FlaskClient, db: Session, event: Event) -> None:
    report = make_report(db, event)
    other = tokens.make(SECRET, "registration", id=report.id, version=1)
    assert client.get(f"/reports/{other}").status_code == 404


def test_a_report_costs_as_many_statements_for_three_versions_as_for_one(
    client: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    sign_in(client, db, event)
    path, counts = address(event), []
    for versions in ([1], [2, 3]):
        for version in versions:
            make_report(db, event, version=version, compiled_at=moment(18, version))
        db.expire_all()
        with statements() as seen:
            client.get(path)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7, "\n".join(seen)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_range().split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("An evening of talks", "People in all", "Of 40 registered people 31 came")),
        ("ru", ("Вечер выступлений", "Пешрафт")),
        ("tg", ("Шоми суханронӣ", "Пешрафт", "ҳ", "қ", "ҷ")),
    ],
)
def test_a_page_for_partners_in_three_languages(
    client: FlaskClient, db: Session, event: Event, language: str, words: tuple[str, ...]
) -> None:
    make_report(db, event, figures={"note": "Counted twice"})
    sign_in(client, db, event)
    answer = client.get(f"{address(event)}.pdf?language={language}")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{event.slug}-1-{language}.pdf"'
    text = text_of(answer.data)
    for word in (*words, "36", "Counted twice"):
        assert word in text
    assert "Манижа" not in text


def test_the_page_for_partners_names_them_and_shows_their_logos(
    client: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    make_report(db, event)
    sign_in(client, db, event)
    bare = client.get(f"{address(event)}.pdf").data
    logos, hall = [make_picture(db), make_picture(db, colour="red")], {"en": "Hall"}
    db.add(Partner(event_id=event.id, name={"en": "Library"}, role=hall, picture=logos[0]))
    db.add(Partner(event_id=event.id, name={"en": "Bakery"}, role=hall, picture=logos[1]))
    db.add(Partner(event_id=event.id, name={"tg": "Чойхона"}, position=1))
    event.picture = make_picture(db, colour="navy")
    db.flush()
    db.expire_all()
    with statements() as seen:
        shown = client.get(f"{address(event)}.pdf").data
    assert sum("FROM picture" in one for one in seen) == 2
    assert "Partners Hall: Library, Bakery · Чойхона" in text_of(shown)
    assert len(pictures_in(shown)) == len(pictures_in(bare)) + 3


def pictures_in(pdf: bytes) -> list[pypdfium2.PdfObject]:
    (page,) = pypdfium2.PdfDocument(pdf)
    return list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def test_the_page_stays_one_however_much_there_is_to_say(client: FlaskClient, db: Session, event: Event) -> None:
    groups = [[f"group {number}", 50 - number] for number in range(30)]
    bins = [[f"2026-10-07T{10 + minute // 60:02}:{minute % 60:02}", minute] for minute in range(0, 600, 5)]
    figures = {"breakdowns": {"source": groups, "language": groups}, "note": "Long words. " * 80}
    figures["arrivals"] = {**FIGURES["arrivals"], "bins": bins, "inside": bins}
    event.title = {"en": "A very long title of an evening " * 6}
    make_report(db, event, figures=figures)
    sign_in(client, db, event)
    assert "Version 1, compiled" in text_of(client.get(f"{address(event)}.pdf").data)


def test_every_figure_as_a_table_without_names(client: FlaskClient, db: Session, event: Event) -> None:
    event.title = {"en": "=HYPERLINK(1)"}
    make_report(db, event)
    sign_in(client, db, event)
    content = client.get(f"{address(event)}.csv").data
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert ["Event", "'=HYPERLINK(1)"] in rows
    for row in (["Registered", "40"], ["Share of those who did not come", "0.225"], ["2026-10-07 17:55", "14"]):
        assert row in rows
    assert ["North door", "36", "40", "2", "1"] in rows
    assert "Манижа" not in content.decode()


def test_a_workbook_holds_numbers_and_no_formula(client: FlaskClient, db: Session, event: Event) -> None:
    event.title = {"en": "=HYPERLINK(1)"}
    make_report(db, event)
    sign_in(client, db, event)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address(event)}.xlsx?language=tg").data))
    cells = {row[0].value: row[1] for row in book.worksheets[0].iter_rows()}
    assert len(book.worksheets) == 6
    assert [cell.value for cell in cells.values() if cell.data_type == "f"] == []
    assert {40, 31, 0.225} <= {cell.value for cell in cells.values()}


def test_a_partner_has_the_same_files_while_the_link_is_good(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    files = [f"{link}/report.{form}" for form in ("pdf", "csv", "xlsx")]
    client.delete_cookie("sign_in")
    assert all(path in client.get(link).text for path in files)
    for path in files:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Манижа".encode() not in answer.data
        assert answer.headers["X-Robots-Tag"] == "noindex"
    sign_in(client, db, event, "organizer")
    client.post(f"{address(event)}/link")
    assert [client.get(path).status_code for path in files] == [404, 404, 404]


def write_down(client: FlaskClient, event: Event, **typed: str) -> Any:
    shown = form_in(client.get(address(event)).text, address(event))
    return client.post(address(event), data={**shown, **typed})


def test_an_organizer_writes_down_a_count_by_hand_and_a_note(client: FlaskClient, db: Session, event: Event) -> None:
    sign_in(client, db, event, "organizer")
    assert write_down(client, event, headcount="22").status_code == 303
    page = client.get(address(event)).text
    assert "<strong>22</strong> people, counted by hand" in page
    make_report(db, event)
    assert write_down(client, event, headcount="23", note="Two doors").status_code == 303
    page = client.get(address(event)).text
    assert "Version 2, compiled" in page
    assert "Two doors" in page


@pytest.mark.parametrize("wrong", ["-1", "2.5", "many", "99999999", "٣"])
def test_a_count_that_is_no_number_is_told_at_its_field(
    client: FlaskClient, db: Session, event: Event, wrong: str
) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    answer = client.post(address(event), data={"headcount": wrong, "note": "kept"})
    assert answer.status_code == 422
    assert "Write a whole number" in answer.text
    assert "kept" in answer.text
    assert event.headcount is None


def test_a_note_that_is_too_long_is_told_at_its_field(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    answer = client.post(address(event), data={"note": "x" * 1001})
    assert answer.status_code == 422
    assert "Write at most 1,000 characters." in answer.text or "Write at most 1000 characters." in answer.text


def test_people_inside_are_a_curve_with_its_table(client: FlaskClient, db: Session, event: Event) -> None:
    inside = [["2026-10-07T17:50", 9], ["2026-10-07T18:00", 23], ["2026-10-07T20:00", 0]]
    make_report(db, event, figures={"arrivals": {**FIGURES["arrivals"], "inside": inside}})
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert "At most 23 people were inside, from 18:00 on." in page
    assert page.count("<svg") == 2
