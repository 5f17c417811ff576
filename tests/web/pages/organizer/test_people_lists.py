"""Lists coming in: a dry run that tells each row's fate, the import that keeps to it, and files of any making."""

import csv
import io
import re
from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared.models import Audit, Event, OutboxMessage, Question, Registration, TicketType
from shared.papers import spreadsheet
from shared.papers.spreadsheet import FORMULA, as_written
from tests.factories import make_registration
from web.forms import FormError, people_list

HEADER = ["name", "email", "phone"]
PEOPLE = [["Мадина Намунаева", "madina@example.org", ""], ["Ҷаҳонгир Раҳимов", "", "+992901234567"]]


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


def written(rows: Sequence[Sequence[str]], *, separator: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def look_ahead(organizer: FlaskClient, address: str, content: bytes) -> TestResponse:
    # By hand, since the test client would put a large file into a temporary one and leave it open.
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"
    return organizer.post(f"{address}/import", data=body, content_type="multipart/form-data; boundary=x")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(digest|packed)" value="([^"]*)">', page))


def fates(page: str) -> dict[str, int]:
    return {title: int(count) for count, title in re.findall(r"<strong>(\d+)</strong> ([^<]+)</li>", page)}


def registered(db: Session, event: Event) -> list[Registration]:
    found = select(Registration).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(db.scalars(found.execution_options(populate_existing=True)))


def test_the_dry_run_tells_the_fate_of_each_row_and_writes_nothing(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    make_registration(db, event, email="known@example.org")
    event.capacity = 3
    db.flush()
    rows = [
        HEADER,
        *PEOPLE,
        ["Again", "MADINA@example.org", ""],
        ["Known", "known@example.org", ""],
        ["", "x@example.org", ""],
        ["No contact", "", ""],
        ["Late", "late@example.org", ""],
    ]
    page = look_ahead(organizer, address, written(rows).encode())
    assert page.status_code == 200
    told = {"New": 2, "Already registered": 1, "Twice in this file": 1, "No seat left": 1, "With errors": 2}
    assert fates(page.text) == told
    assert "Row 6" in page.text
    assert "name: Enter a name." in page.text
    assert "email: An email address or a phone number is needed" in page.text
    assert len(registered(db, event)) == 1
    assert db.scalars(select(Audit)).all() == []


@pytest.mark.parametrize("name", ["Ҷамшед Қосимов", "Али Ӯроқов", "Ӣсо", "Ҳ"])
def test_a_name_that_lost_letters_is_refused_at_its_row(
    organizer: FlaskClient, event: Event, address: str, name: str
) -> None:
    lost = written([HEADER, [name, "a@example.org", ""], ["Сафар Каримов", "b@example.org", ""]])
    page = look_ahead(organizer, address, lost.encode("cp1251", errors="replace")).text
    assert fates(page) == {"New": 1, "With errors": 1}
    assert "Row 2" in page
    assert "name: There is a “?” in this name, as where letters were lost in saving." in page


def test_names_in_two_columns_that_lost_letters_are_refused_too(
    organizer: FlaskClient, event: Event, address: str
) -> None:
    lost = written([["имя", "фамилия", "email"], ["Сафар", "Қодиров", "a@example.org"]])
    page = look_ahead(organizer, address, lost.encode("cp1251", errors="replace")).text
    assert fates(page) == {"With errors": 1}


def test_the_import_does_what_the_dry_run_said(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    page = look_ahead(organizer, address, written([HEADER, *PEOPLE]).encode())
    answer = organizer.post(f"{address}/import/done", data=hidden(page.text))
    assert answer.status_code == 303
    assert "2 people from the file are registered." in organizer.get(answer.location).text
    madina, jahongir = registered(db, event)
    assert (madina.state, madina.email, madina.source, madina.language) == (
        "confirmed",
        "madina@example.org",
        "import",
        event.languages[0],
    )
    assert (jahongir.phone, jahongir.name_key) == ("+992901234567", "jahongir rahimov")
    db.expire_all()
    assert event.taken == event.ticket_types[0].taken == 2
    messages = db.scalars(select(OutboxMessage).where(OutboxMessage.subject.in_([madina.id, jahongir.id]))).all()
    assert [(one.kind, one.priority) for one in messages] == [("registration_confirmed", 5)] * 2
    actions = [one.action for one in db.scalars(select(Audit).order_by(Audit.id))]
    assert actions == ["registration.imported", "registration.imported", "people.imported"]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (PEOPLE, "1 of them has an email address and gets a ticket by email."),
        (PEOPLE[1:], "None of them has an email address, so no tickets are emailed."),
        ([*PEOPLE, ["Сорбон", "sorbon@example.org", ""]], "2 of them have an email address and get a ticket by email."),
    ],
)
def test_the_dry_run_tells_how_many_get_a_ticket_by_mail(
    organizer: FlaskClient, db: Session, event: Event, address: str, people: list[list[str]], words: str
) -> None:
    make_registration(db, event, email="known@example.org")
    rows = [HEADER, *people, ["Known", "known@example.org", ""]]
    page = " ".join(look_ahead(organizer, address, written(rows).encode()).text.split())
    assert words in page
    assert "Each gets a ticket" not in page


def test_what_changed_meanwhile_is_said_and_nobody_is_registered(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    page = look_ahead(organizer, address, written([HEADER, *PEOPLE]).encode())
    make_registration(db, event, email="madina@example.org")
    answer = organizer.post(f"{address}/import/done", data=hidden(page.text))
    assert answer.status_code == 409
    assert "Something changed since you looked" in answer.text
    assert fates(answer.text) == {"New": 1, "Already registered": 1}
    assert len(registered(db, event)) == 1
    assert organizer.post(f"{address}/import/done", data=hidden(answer.text)).status_code == 303
    assert len(registered(db, event)) == 2


def test_the_same_list_twice_registers_nobody_twice(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    content = written([HEADER, *PEOPLE]).encode()
    form = hidden(look_ahead(organizer, address, content).text)
    organizer.post(f"{address}/import/done", data=form)
    assert organizer.post(f"{address}/import/done", data=form).status_code == 409
    page = look_ahead(organizer, address, content).text
    assert fates(page) == {"Already registered": 2}
    assert "nobody would be registered from this file" in page
    assert len(registered(db, event)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found_out(db: Session, event: Event, encoding: str, separator: str) -> None:
    rows = [["ФИО", "Почта", "Телефон"], ["Мадина; Намунаева, Ш.", "madina@example.org", "90 123 45 67"]]
    listed = people_list.read(written(rows, separator=separator).encode(encoding), event, language="tg")
    person = listed.rows[0].person
    assert person is not None, listed.rows[0].errors
    assert (person.name, person.email, person.phone) == (rows[1][0], "madina@example.org", "+992901234567")


@pytest.mark.parametrize(
    "header",
    [
        ["Name", "E-Mail", "Phone", "Language", "Ticket type"],
        ["ФИО", "Электронная почта", "Номер телефона", "Язык", "Вид билета"],
        ["Ному насаб", "Почтаи электронӣ", "Рақами телефон", "Забон", "Навъи чипта"],
    ],
)
def test_headers_are_understood_in_three_languages(db: Session, event: Event, header: list[str]) -> None:
    kind = TicketType(event_id=event.id, title={"en": "Speakers", "ru": "Докладчики", "tg": "Суханронон"}, position=1)
    db.add(kind)
    db.flush()
    db.refresh(event)
    rows = [header, ["Мадина", "m@example.org", "901234567", "Русский", "докладчики"]]
    person = people_list.read(written(rows).encode(), event, language="tg").rows[0].person
    assert person is not None
    assert (person.language, person.ticket_type_id, person.email) == ("ru", kind.id, "m@example.org")


@pytest.mark.parametrize(
    ("above", "separator", "number"),
    [
        ("sep=;\r\n", ";", 2),
        ("SEP=\t\n", "\t", 2),
        ("sep=|\r", "|", 2),
        ('"sep=,"\n', ",", 2),
        ("sep=;;;\r\n", ";", 2),
        ("\n\n", ",", 4),
        (" \r\n;;\r\n", ";", 4),
        ("sep=;\n\n;;;\n", ";", 4),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_what_spreadsheets_put_above_the_header_is_no_row(
    db: Session, event: Event, above: str, separator: str, number: int, encoding: str
) -> None:
    table = written([["ФИО", "Почта"], ["Мадина, Ш.", "madina@example.org"]], separator=separator)
    listed = people_list.read((above + table).encode(encoding), event, language="tg")
    assert [(one.number, one.person and one.person.name) for one in listed.rows] == [(number, "Мадина, Ш.")]
    assert listed.ignored == []


UTF8 = "name,email\nСаид Рахмонов,p1@x.example\nДилором Ахмедова,d@x.example\n".encode()


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (UTF8 + "Гость".encode()[:-1] + b",z@x.example\n", 4),
        (UTF8 + "Гость".encode()[:-1], 4),
        (UTF8[:12] + UTF8[13:], 2),
        (b"\xef\xbb\xbf" + UTF8[:12] + UTF8[13:], 2),
        ('name,email\n"Мадина\nНамунаева",m@x.example\n'.encode() + b"\xd0\xd0\xb3,x@x.example\n", 3),
        (UTF8 + "Пётр Фёдоров,p@x.example\nСёмин,s@x.example\n".encode("cp1251") * 90, 4),
        ("name\nГость".encode()[:-1], 2),
    ],
    ids=[
        "inside",
        "at the end",
        "in the first name",
        "after a mark",
        "after a row of two lines",
        "of two files",
        "alone",
    ],
)
def test_one_broken_letter_of_utf8_makes_no_rubbish_of_all_others(event: Event, content: bytes, row: int) -> None:
    with pytest.raises(FormError) as refused:
        people_list.read(content, event, language="tg")
    assert f"Row {row} has a letter that cannot be read." in refused.value.errors["file"]


@given(st.lists(st.from_regex(r"[А-ЯЁ][а-яё]{2,15}( [А-ЯЁ][а-яё]{2,15})?", fullmatch=True), min_size=1, max_size=8))
@example(["Пётр Фёдоров", "Сёмин", "РЁВ"])
@example(["Алиса Ким", "Lola Её", "Tom Ш№5"])
def test_what_windows_writes_is_never_taken_for_broken_utf8(names: list[str]) -> None:
    event = Event(languages=["tg"], ticket_types=[TicketType(id=7, title={"tg": "Макон"})], questions=[])
    content = written([["ФИО", "Почта"], *([name, "a@x.example"] for name in names)]).encode("cp1251")
    listed = people_list.read(content, event, language="tg")
    assert [one.person and one.person.name for one in listed.rows] == names


def test_a_file_of_nothing_but_empty_rows_has_no_header(event: Event) -> None:
    for content in (b"\n\n;;\n", b"sep=;\n", b"sep=;"):
        with pytest.raises(FormError) as refused:
            people_list.read(content, event, language="tg")
        assert "name the columns" in refused.value.errors["file"]


def test_given_and_family_names_are_one_name_and_answers_are_read(db: Session, event: Event) -> None:
    db.add(Question(event_id=event.id, key="size", kind="one", label={"en": "Size"},
                    options=[{"key": "m", "label": {"en": "M"}}], required=True))  # fmt: skip
    db.flush()
    db.refresh(event)
    rows = [["Имя", "Фамилия", "email", "answers.size", "Заметки"], ["Мадина", "Намунаева", "m@example.org", "m", "x"]]
    rows += [["Шариф", "", "s@example.org", "xl", ""], ["Алия", "", "a@example.org", "", ""]]
    listed = people_list.read(written(rows).encode(), event, language="ru")
    first, wrong, silent = listed.rows
    assert first.person is not None
    assert (first.person.name, first.person.answers) == ("Мадина Намунаева", {"size": "m"})
    assert wrong.errors == {"answer.size": "Choose one of the options."}
    assert silent.person is not None
    assert listed.ignored == ["Заметки"]


BAD_FILES = {
    "nothing": (b"", "Choose a file."),
    "workbook": (b"PK\x03\x04rest", "This is an Excel workbook."),
    "no names": (b"email,phone\na@example.org,", "The first row must name the columns"),
    "header only": (b"name,email\n,\n", "There are no people in this file."),
    "open quotation": (b'name,email\n"Ann,a@example.org', "Row 2 cannot be read as CSV"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x98\xff", "The letters of this file cannot be read."),
    "broken UTF-16": (b"\xff\xfea\x00b", "The letters of this file cannot be read."),
    "no letter of Windows": (b"name\n\x98\xd8", "The letters of this file cannot be read."),
    "100,000 rows": (b"name,email\n" + b"A,a@b.cd\n" * 100_000, "There are more than 10,000 rows"),
    "9 megabytes": (b"x" * 9 * 1024 * 1024, "This file is too large. The limit is 8 megabytes."),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_says_why_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, address: str, name: str
) -> None:
    content, sentence = BAD_FILES[name]
    answer = look_ahead(organizer, address, content)
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="file-error">')[1].replace("10000", "10,000")
    assert registered(db, event) == []


@pytest.mark.parametrize("packed", ["", "!", "AAAA", "H4sIAAAAAAAA", "Ж"])
def test_a_confirmation_that_was_tampered_with_asks_for_the_file_again(
    organizer: FlaskClient, db: Session, event: Event, address: str, packed: str
) -> None:
    answer = organizer.post(f"{address}/import/done", data={"packed": packed, "digest": "x"})
    assert answer.status_code == 422
    assert "Please choose" in answer.text


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_nobody_comes_into_what_is_not_published(
    organizer: FlaskClient, db: Session, event: Event, address: str, state: str
) -> None:
    event.state = state
    db.flush()
    answer = look_ahead(organizer, address, written([HEADER, *PEOPLE]).encode())
    assert answer.status_code == 409
    assert f'action="{address}/import"' not in answer.text


def test_an_event_that_confirms_by_mail_wants_addresses(db: Session, event: Event) -> None:
    event.confirm_by_mail = True
    listed = people_list.read(written([HEADER, *PEOPLE]).encode(), event, language="tg")
    assert [set(row.errors) for row in listed.rows] == [set(), {"email"}]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(rows=st.lists(st.lists(st.one_of(TEXTS, st.sampled_from(["=1+1", "'=x", "''-", "@a", "\tx"])), min_size=2,
                              max_size=2)))  # fmt: skip
def test_what_is_written_as_csv_is_read_back_and_is_no_formula(rows: list[list[str]]) -> None:
    content = b"".join(spreadsheet.csv_chunks(["a", "b"], rows))
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [[as_written(cell) for cell in row] for row in read[1:]] == rows
    assert not [cell for row in read for cell in row if cell.startswith(FORMULA)]


NAMES = st.from_regex(r"[=+@'-]?[А-Яа-яҷғӣқӯҳa-z][А-Яа-яҷғӣқӯҳa-z ,;\"']{0,20}", fullmatch=True)


@settings(max_examples=40)
@given(names=st.lists(NAMES, min_size=1, max_size=8))
def test_an_export_is_an_import(names: list[str]) -> None:
    event = Event(languages=["tg"], ticket_types=[TicketType(id=7, title={"tg": "Макон"})], questions=[])
    rows = [[name, f"+99290{number:07}", "ru", "Макон"] for number, name in enumerate(names)]
    content = b"".join(spreadsheet.csv_chunks(["name", "phone", "language", "ticket_type"], rows))
    listed = people_list.read(content, event, language="tg").rows
    told = [(one.person.phone, one.person.language, one.person.ticket_type_id) for one in listed if one.person]
    assert told == [(row[1], "ru", 7) for row in rows]
    assert [one.person.name for one in listed if one.person] == [" ".join(name.split()) for name in names]


def test_a_wrong_reading_is_told_by_its_field() -> None:
    with pytest.raises(FormError) as refused:
        people_list.check_size(people_list.MOST_BYTES + 1)
    assert refused.value.field == "file"
