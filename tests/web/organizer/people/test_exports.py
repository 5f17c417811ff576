"""Exports: files with personal columns on request, times in local time, and the printed sign-in sheet."""

import csv
import io
import re
from datetime import datetime
from uuid import uuid4

import pypdfium2
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdfium2.raw import FPDF_PAGEOBJ_PATH
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door.batches import WalkIn
from shared.models import Audit, Device, Event, EventSession, Question
from shared.registrations import people_export
from tests.factories import make_registration
from tests.support.pdf_text import words_of
from tests.support.scans import claim, hand_in
from web.organizer.people import exports, workbook


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


def export(organizer: FlaskClient, address: str, query: str = "", **form: str) -> bytes:
    answer = organizer.post(f"{address}/export?{query}", data=form)
    assert answer.status_code == 200
    return answer.get_data()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_personal_columns_are_included_only_on_request(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    db.add(Question(event_id=event.id, key="why", kind="short", label={"en": "Why"}))
    db.flush()
    registration = {
        "name": "Мунира",
        "email": "m@example.org",
        "phone": "+992901234567",
        "answers": {"why": "=HYPERLINK(1)"},
    }
    make_registration(db, event, **registration)
    plain = export(organizer, address, format="csv").decode()
    assert not {text for text in ("Мунира", "m@example.org", "HYPERLINK") if text in plain}
    assert not {"name", "checked_in_by", "email", "phone", "answers.why"} & table(plain.encode())[0].keys()
    row = table(export(organizer, address, format="csv", names="1", contact="1", answers="1"))[0]
    assert row["name"] == "Мунира"
    assert (row["email"], row["phone"], row["answers.why"]) == ("m@example.org", "'+992901234567", "'=HYPERLINK(1)")
    acts = db.scalars(select(Audit).where(Audit.action == "people.exported").order_by(Audit.id)).all()
    assert [act.details for act in acts] == [
        {"format": "csv", "personal": []},
        {"format": "csv", "personal": ["names", "contact", "answers"]},
    ]


def test_a_row_has_local_time_door_and_volunteer(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device
) -> None:
    registration = make_registration(db, event, name="Ҷаҳонгир")
    at = clock.now().replace(microsecond=0)
    hand_in(db, phone, claim(event, person=registration.ticket_id, at=clock.milliseconds(at)))
    row = table(export(organizer, address, format="csv", names="1"))[0]
    assert (row["name"], row["status"], row["walk_in"], row["zone"]) == ("Ҷаҳонгир", "confirmed", "no", "Asia/Dushanbe")
    assert row["first_in_at"].endswith("+05:00")
    assert datetime.fromisoformat(row["first_in_at"]) == at
    assert (row["door"], row["checked_in_by"], row["short_code"]) == ("North door", "Нигина", registration.short_code)


def test_a_workbook_is_read_back_with_its_letters_times_and_no_formula(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    make_registration(db, event, name="=Ғаффор Қӯрғонов ӣҳҷ", phone="+992901234567")
    content = export(organizer, address, format="xlsx", names="1", contact="1")
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    head, row = (list(line) for line in sheet.iter_rows())
    cells = {str(title.value): cell for title, cell in zip(head, row, strict=True)}
    assert (cells["Name"].value, cells["Name"].data_type) == ("=Ғаффор Қӯрғонов ӣҳҷ", "s")
    assert (cells["Phone"].value, cells["Phone"].data_type) == ("+992901234567", "s")
    registered_at = cells["Registered at"].value
    assert isinstance(registered_at, datetime)
    assert abs((registered_at - clock.now().replace(tzinfo=None)).total_seconds() - 5 * 3600) < 600
    assert cells["Time zone"].value == "Asia/Dushanbe"


def test_a_workbook_is_in_the_language_of_the_page(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    organizer.set_cookie("language", "tg")
    options = [
        {"key": "web", "label": {"en": "The website", "tg": "Сомона"}},
        {"key": "friend", "label": {"en": "A friend"}},
    ]
    db.add_all(
        [
            Question(
                event_id=event.id, key="heard", kind="several", label={"en": "How?", "tg": "Аз куҷо?"}, options=options
            ),
            Question(event_id=event.id, key="again", kind="yes_no", label={"en": "Again?", "tg": "Боз?"}),
        ]
    )
    db.flush()
    make_registration(db, event, name="Мунира", answers={"heard": ["web", "friend"], "again": True}, source="by_hand")
    content = export(organizer, address, format="xlsx", names="1", contact="1", answers="1")
    book = load_workbook(io.BytesIO(content))
    head, row = (list(line) for line in book.worksheets[0].iter_rows(values_only=True))
    assert book.sheetnames == ["Иштирокчиён"]
    cells = dict(zip(head, row, strict=True))
    assert head[:4] == ["Ном", "Почтаи электронӣ", "Телефон", "Ҳолат"]
    assert (cells["Ном"], cells["Забон"], cells["Ҳолат"]) == ("Мунира", "Тоҷикӣ", "ҷой тасдиқ шудааст")
    assert (cells["Аз куҷо?"], cells["Боз?"], cells["Бе бақайдгирӣ"]) == ("Сомона, A friend", "ҳа", "не")
    assert not [title for title in head if "_" in str(title)]


def test_a_csv_has_the_same_column_names_in_every_language(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    organizer.set_cookie("language", "tg")
    make_registration(db, event)
    row = table(export(organizer, address, format="csv", names="1", contact="1"))[0]
    assert list(row)[:4] == ["registration_id", "short_code", "status", "name"]
    assert (row["status"], row["language"], row["walk_in"]) == ("confirmed", "tg", "no")


def test_every_column_of_a_file_has_a_heading() -> None:
    assert workbook.HEADINGS.keys() == exports.COLUMNS.keys() | exports.CONTACTS.keys()


def test_an_export_contains_the_people_of_the_filtered_list(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    make_registration(db, event, name="Алия", language="ru")
    make_registration(db, event, name="Бахром", language="tg")
    assert [row["name"] for row in table(export(organizer, address, "language=ru", format="csv", names="1"))] == [
        "Алия"
    ]
    assert [row["name"] for row in table(export(organizer, address, "q=bah", format="csv", names="1"))] == ["Бахром"]
    assert "The file will contain 2 people." in organizer.get(f"{address}/export").text
    assert "The file will contain 1 person." in organizer.get(f"{address}/export?q=bah").text


def test_the_sign_in_sheet_is_alphabetical_and_prints_tajik_letters(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    for name in ("Ҷаҳонгир Қӯрғонов", "Алия Раҳимова", *(f"Бахром {number:02}" for number in range(40))):
        make_registration(db, event, name=name)
    make_registration(db, event, name="Шариф", state="cancelled", cancelled_at=clock.now())
    answer = organizer.post(f"{address}/sheet")
    document = pypdfium2.PdfDocument(answer.get_data())
    texts = [page.get_textpage().get_text_range() for page in document]
    assert len(texts) == 2
    whole = "".join(texts)
    assert whole.index("Алия Раҳимова") < whole.index("Бахром 00") < whole.index("Ҷаҳонгир Қӯрғонов")
    assert "Page 2 of 2" in texts[1]
    assert "Шариф" not in whole
    assert db.scalars(select(Audit.action)).all() == ["people.sign_in_sheet_created"]


def test_only_confirmed_attendees_are_on_the_sign_in_sheet(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device
) -> None:
    for state, until in (
        ("confirmed", None),
        ("waiting", None),
        ("unconfirmed", event.ends_at),
        ("offered", event.ends_at),
    ):
        make_registration(db, event, name=f"Guest {state}", state=state, deadline=until)
    hand_in(db, phone, walk_ins=[WalkIn(id=uuid4(), name="Guest walked", language="tg")])
    text = pypdfium2.PdfDocument(organizer.post(f"{address}/sheet").get_data())[0].get_textpage().get_text_range()
    assert re.findall(r"Guest \w+", text) == ["Guest confirmed"]


def test_a_sheet_to_sign_has_organization_or_phone_beside_each_name(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    assert 'value="organization"' not in organizer.get(f"{address}/export").text
    label = {"en": "Place of work or study"}
    db.add(Question(event_id=event.id, key="organization", kind="short", label=label, position=1))
    db.flush()
    db.expire_all()
    make_registration(db, event, name="Азиза", phone="+992931234567", answers={"organization": "Донишгоҳ"})
    assert 'value="organization"' in organizer.get(f"{address}/export").text
    chosen = ({}, {"signature": "1", "beside": "organization"}, {"signature": "1", "beside": "phone"}, {"beside": "x"})
    sheets = [words_of(organizer.post(f"{address}/sheet", data=data).data) for data in chosen]
    for word, expected in {
        "Signature": [False, True, True, False],
        "Донишгоҳ": [False, True, False, False],
        "+992931234567": [False, False, True, False],
    }.items():
        assert [word in sheet for sheet in sheets] == expected, word
    personal = [act.details["personal"] for act in db.scalars(select(Audit).order_by(Audit.id))]
    assert personal == [[], ["answers"], ["contact"], []]


def test_empty_lines_for_walk_ins_follow_the_last_name(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    for number in range(30):
        make_registration(db, event, name=f"Бахром {number:02}")
    sizes = []
    for event.walk_ins in (True, False):
        db.flush()
        document = pypdfium2.PdfDocument(organizer.post(f"{address}/sheet").data)
        boxes = [len(list(page.get_objects(filter=[FPDF_PAGEOBJ_PATH]))) // 2 for page in document]
        sizes.append(boxes)
    assert sizes == [[32, 32], [30]]


def test_the_sheet_of_a_private_event_has_only_initials(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    event.private = True
    make_registration(db, event, name="Азиза Раҳимова", phone="+992931234567")
    assert 'name="beside"' not in organizer.get(f"{address}/export").text
    text = words_of(organizer.post(f"{address}/sheet", data={"beside": "phone"}).data)
    assert "А. Р." in text
    assert "Азиза" not in text
    assert "931234567" not in text


def test_a_session_without_a_title_is_named_by_its_number(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device
) -> None:
    guest = make_registration(db, event)
    hand_in(db, phone, claim(event, person=guest.ticket_id))
    assert table(export(organizer, address, format="csv"))[0]["sessions"] == event.title["en"]
    db.add(EventSession(event_id=event.id, position=1))
    db.flush()
    db.expire_all()
    assert table(export(organizer, address, format="csv"))[0]["sessions"] == "Session 1"


def test_a_list_too_long_for_a_sheet_says_so_at_its_button(
    organizer: FlaskClient, db: Session, event: Event, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_export, "MOST_ON_SHEET", 1)
    for _ in range(2):
        make_registration(db, event)
    answer = organizer.post(f"{address}/sheet")
    assert (answer.status_code, "can have at most 1 name." in answer.text) == (422, True)
