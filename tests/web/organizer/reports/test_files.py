"""A report as files: one page for partners, a table for programs, a workbook."""

import csv
import io
from datetime import datetime, timedelta

import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Partner
from tests.conftest import Statements
from tests.factories import FIGURES, make_event, make_picture, make_report, moment
from tests.support.pdf_text import words_of
from tests.support.report_page import address, link_of, sign_in


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(days=3), capacity=50)


def text_of(pdf: bytes) -> str:
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    return words_of(pdf)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("An evening of talks", "Total attendance", "Of 40 registered attendees, 31 came")),
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


def test_the_page_for_partners_has_their_names_and_logos(
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
    with statements() as executed:
        full = client.get(f"{address(event)}.pdf").data
    assert sum("FROM picture" in statement for statement in executed) == 2
    assert "Partners Hall: Library, Bakery · Чойхона" in text_of(full)
    assert len(pictures_in(full)) == len(pictures_in(bare)) + 3


def pictures_in(pdf: bytes) -> list[pypdfium2.PdfObject]:
    (page,) = pypdfium2.PdfDocument(pdf)
    return list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def test_a_report_of_any_length_fits_on_one_page(client: FlaskClient, db: Session, event: Event) -> None:
    groups = [[f"group {number}", 50 - number] for number in range(30)]
    bins = [[f"2026-10-07T{10 + minute // 60:02}:{minute % 60:02}", minute] for minute in range(0, 600, 5)]
    figures = {"breakdowns": {"source": groups, "language": groups}, "note": "Long words. " * 80}
    figures["arrivals"] = {**FIGURES["arrivals"], "bins": bins, "inside": bins}
    event.title = {"en": "A very long title of an evening " * 6}
    make_report(db, event, figures=figures)
    sign_in(client, db, event)
    assert "Version 1, compiled" in text_of(client.get(f"{address(event)}.pdf").data)


DOORS = [
    {**FIGURES["doors"][0], "refused": {"other_event": 2, "not_open": 1}},
    FIGURES["doors"][1],
    {**FIGURES["doors"][1], "door": {"en": "South door", "ru": "Южный вход", "tg": "Даромадгоҳи ҷанубӣ"}},
]
PACES = [{"door": door["door"], "seconds_between": seconds} for door, seconds in ((DOORS[0], 4.5), (DOORS[2], 7))]
FULL = {
    "walk_ins": {**FIGURES["walk_ins"], "unconfirmed": 2},
    "sessions": [{"id": day, "title": {"en": f"Day {day}"}, "attended": 30 + day, "people": 35} for day in (1, 2)],
    "doors": DOORS,
    "paces": PACES,
    "note": "-1 chair",
}
"""A report with figures of every type."""


def read_csv(client: FlaskClient, path: str) -> list[list[str]]:
    content = client.get(path).data
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_is_one_long_table_with_every_figure_and_no_names(client: FlaskClient, db: Session, event: Event) -> None:
    event.title = {"en": "=HYPERLINK(1)"}
    make_report(db, event, figures=FULL, compiled_at=moment(18))
    sign_in(client, db, event)
    head, *rows = read_csv(client, f"{address(event)}.csv")
    assert head == ["table", "key", "label", "value"]
    assert {len(row) for row in rows} == {4}
    assert len({(table, key) for table, key, *_ in rows}) == len(rows), "no key twice"
    values = {(table, key): value for table, key, _, value in rows}
    expected = {
        ("figures", "event.title"): "'=HYPERLINK(1)",
        ("figures", "note"): "'-1 chair",
        ("figures", "registered"): "40",
        ("figures", "no_show_rate"): "0.225",
        ("figures", "headcount"): "",
        ("figures", "walk_ins.all"): "5",
        ("figures", "walk_ins.at_door"): "4",
        ("figures", "walk_ins.unconfirmed"): "2",
        ("figures", "refused.other_event"): "2",
        ("figures", "arrivals.first"): "2026-10-07T17:40:00+05:00",
        ("figures", "arrivals.peak.at"): "2026-10-07T17:55:00+05:00",
        ("figures", "arrivals.peak.count"): "14",
        ("figures", "provenance.version"): "1",
        ("figures", "provenance.compiled_at"): "2026-10-07T23:00:00+05:00",
        ("figures", "provenance.rule"): "1",
        ("figures", "provenance.zone"): "Asia/Dushanbe",
        ("figures", "provenance.scans"): "40",
        ("arrivals", "2026-10-07T17:55:00+05:00"): "14",
        ("inside", "2026-10-07T17:50:00+05:00"): "9",
        ("sessions", "2.attended"): "32",
        ("doors", "North door.admitted"): "36",
        ("doors", "North door.refused.other_event"): "2",
        ("doors", "North door.refused.not_open"): "1",
        ("doors", "North door.seconds_between"): "4.5",
        ("doors", "South door.scans"): "16",
        ("breakdowns", "language.tg"): "20",
    }
    assert {key: values.get(key) for key in expected} == expected
    assert not any("Манижа" in cell for row in rows for cell in row)


def test_keys_are_the_same_in_every_language(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event, figures=FULL)
    sign_in(client, db, event)
    tables = {code: read_csv(client, f"{address(event)}.csv?language={code}") for code in ("en", "ru", "tg")}
    keys = [[row[:2] for row in rows] for rows in tables.values()]
    assert keys[0] == keys[1] == keys[2]
    assert "Даромадгоҳи ҷанубӣ · Одамони қайдшуда" in {row[2] for row in tables["tg"]}
    assert len({row[2] for row in tables["tg"]} & {row[2] for row in tables["en"]}) < 20


def test_a_workbook_has_every_figure_and_no_formula(client: FlaskClient, db: Session, event: Event) -> None:
    event.title = {"en": "=HYPERLINK(1)"}
    make_report(db, event, figures=FULL, compiled_at=moment(18))
    sign_in(client, db, event)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address(event)}.xlsx").data))
    single, arrivals, inside, sessions, doors, groups = [list(sheet.values) for sheet in book.worksheets]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    values = {label: value for label, value, *_ in single}
    expected = {
        "Event": "=HYPERLINK(1)",
        "Registered": 40,
        "No-show rate": 0.225,
        "Walk-ins: registered at the door": 4,
        "Walk-ins: without a confirmed seat": 2,
        "Refused: ticket for another event": 2,
        "First arrival": datetime(2026, 10, 7, 17, 40),
        "Busiest 5 minutes": datetime(2026, 10, 7, 17, 55),
        "People in the busiest 5 minutes": 14,
        "Note": "-1 chair",
        "Report version": 1,
        "Compiled": datetime(2026, 10, 7, 23),
        "Counting rule": 1,
        "Time zone": "Asia/Dushanbe",
    }
    assert {label: values.get(label) for label in expected} == expected
    assert arrivals[2] == (datetime(2026, 10, 7, 17, 55), 14)
    assert inside[1][1] == 9
    assert sessions[1:] == [("Day 1", 31, 35), ("Day 2", 32, 35)]
    assert doors[0][-2:] == ("Refused: doors not open yet", "Refused: ticket for another event")
    assert doors[1:-1] == [("North door", 36, 40, 1, 4.5, 3, 1, 2), ("South door", 16, 16, 0, 7, 0, 0, 0)]
    assert ("Language", "Тоҷикӣ", 20) in groups


def test_a_workbook_in_tajik_has_its_letters(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event, figures=FULL)
    sign_in(client, db, event)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address(event)}.xlsx?language=tg").data))
    texts = {value for sheet in book.worksheets for row in sheet.values for value in row if isinstance(value, str)}
    assert "Даромадгоҳи ҷанубӣ" in texts
    assert set("ғӣқӯҳҷ") <= set("".join([*texts, *book.sheetnames]))


def test_files_of_an_older_rule_have_its_figures(client: FlaskClient, db: Session, event: Event) -> None:
    report = make_report(db, event)
    lacking = {"phones", "returning", "breakdowns", "paces"}
    report.figures = {name: value for name, value in report.figures.items() if name not in lacking}
    arrivals = report.figures["arrivals"]
    report.figures["arrivals"] = {name: value for name, value in arrivals.items() if name != "inside"}
    db.flush()
    sign_in(client, db, event)
    assert [client.get(f"{address(event)}.{file_format}").status_code for file_format in ("csv", "xlsx", "pdf")] == [
        200,
        200,
        200,
    ]


def test_a_partner_has_the_same_files_while_the_link_is_valid(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    files = [f"{link}/report.{file_format}" for file_format in ("pdf", "csv", "xlsx")]
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
