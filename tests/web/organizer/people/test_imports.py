"""Imports: a preview with the result for each row, an import that does exactly that, and files of every origin."""

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
from web.forms import FormError
from web.organizer.people import import_form as people_list

HEADER = ["name", "email", "phone"]
PEOPLE = [["Мадина Намунаева", "madina@example.org", ""], ["Ҷаҳонгир Раҳимов", "", "+992901234567"]]


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


def written(rows: Sequence[Sequence[str]], *, separator: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def preview(organizer: FlaskClient, address: str, content: bytes) -> TestResponse:
    # The body is built here, since the test client would put a large file into a temporary one and leave it open.
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"
    return organizer.post(f"{address}/import", data=body, content_type="multipart/form-data; boundary=x")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(digest|packed)" value="([^"]*)">', page))


def results(page: str) -> dict[str, int]:
    return {title: int(count) for count, title in re.findall(r"<strong>(\d+)</strong> ([^<]+)</li>", page)}


def registered(db: Session, event: Event) -> list[Registration]:
    statement = select(Registration).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(db.scalars(statement.execution_options(populate_existing=True)))


def test_the_preview_gives_the_result_for_each_row_and_stores_nothing(
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
    page = preview(organizer, address, written(rows).encode())
    assert page.status_code == 200
    expected = {"New": 2, "Already registered": 1, "Twice in this file": 1, "No seat left": 1, "With errors": 2}
    assert results(page.text) == expected
    assert "Row 6" in page.text
    assert "name: Enter a name." in page.text
    assert "email: An email address or a phone number is needed" in page.text
    assert len(registered(db, event)) == 1
    assert db.scalars(select(Audit)).all() == []


@pytest.mark.parametrize("name", ["Ҷамшед Қосимов", "Али Ӯроқов", "Ӣсо", "Ҳ"])
def test_a_name_with_lost_letters_is_refused_at_its_row(
    organizer: FlaskClient, event: Event, address: str, name: str
) -> None:
    lost = written([HEADER, [name, "a@example.org", ""], ["Сафар Каримов", "b@example.org", ""]])
    page = preview(organizer, address, lost.encode("cp1251", errors="replace")).text
    assert results(page) == {"New": 1, "With errors": 1}
    assert "Row 2" in page
    assert "name: This name has a “?” in it: letters may have been lost when the file was saved." in page


def test_names_in_two_columns_with_lost_letters_are_refused_too(
    organizer: FlaskClient, event: Event, address: str
) -> None:
    lost = written([["имя", "фамилия", "email"], ["Сафар", "Қодиров", "a@example.org"]])
    page = preview(organizer, address, lost.encode("cp1251", errors="replace")).text
    assert results(page) == {"With errors": 1}


def test_the_import_does_what_the_preview_shows(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    page = preview(organizer, address, written([HEADER, *PEOPLE]).encode())
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
    assert [(message.kind, message.priority) for message in messages] == [("registration_confirmed", 5)] * 2
    actions = [act.action for act in db.scalars(select(Audit).order_by(Audit.id))]
    assert actions == ["registration.imported", "registration.imported", "people.imported"]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (PEOPLE, "1 new person has an email address and gets a ticket by email."),
        (PEOPLE[1:], "No new person has an email address, so no tickets are emailed."),
        (
            [*PEOPLE, ["Сорбон", "sorbon@example.org", ""]],
            "2 new people have an email address and get a ticket by email.",
        ),
    ],
)
def test_the_preview_counts_the_tickets_sent_by_email(
    organizer: FlaskClient, db: Session, event: Event, address: str, people: list[list[str]], words: str
) -> None:
    make_registration(db, event, email="known@example.org")
    rows = [HEADER, *people, ["Known", "known@example.org", ""]]
    page = " ".join(preview(organizer, address, written(rows).encode()).text.split())
    assert words in page


def test_after_a_change_meanwhile_no_one_is_registered_and_the_preview_is_shown_again(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    page = preview(organizer, address, written([HEADER, *PEOPLE]).encode())
    make_registration(db, event, email="madina@example.org")
    answer = organizer.post(f"{address}/import/done", data=hidden(page.text))
    assert answer.status_code == 409
    assert "Something has changed in the meantime, so no one was registered." in answer.text
    assert results(answer.text) == {"New": 1, "Already registered": 1}
    assert len(registered(db, event)) == 1
    assert organizer.post(f"{address}/import/done", data=hidden(answer.text)).status_code == 303
    assert len(registered(db, event)) == 2


def test_the_same_list_twice_registers_no_one_twice(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    content = written([HEADER, *PEOPLE]).encode()
    form = hidden(preview(organizer, address, content).text)
    organizer.post(f"{address}/import/done", data=form)
    assert organizer.post(f"{address}/import/done", data=form).status_code == 409
    page = preview(organizer, address, content).text
    assert results(page) == {"Already registered": 2}
    assert "No one would be registered from this file as it is now." in page
    assert len(registered(db, event)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_detected(db: Session, event: Event, encoding: str, separator: str) -> None:
    rows = [["ФИО", "Почта", "Телефон"], ["Мадина; Намунаева, Ш.", "madina@example.org", "90 123 45 67"]]
    parsed = people_list.read(written(rows, separator=separator).encode(encoding), event, language="tg")
    person = parsed.rows[0].person
    assert person is not None, parsed.rows[0].errors
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
    speakers = TicketType(
        event_id=event.id, title={"en": "Speakers", "ru": "Докладчики", "tg": "Суханронон"}, position=1
    )
    db.add(speakers)
    db.flush()
    db.refresh(event)
    rows = [header, ["Мадина", "m@example.org", "901234567", "Русский", "докладчики"]]
    person = people_list.read(written(rows).encode(), event, language="tg").rows[0].person
    assert person is not None
    assert (person.language, person.ticket_type_id, person.email) == ("ru", speakers.id, "m@example.org")


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
def test_lines_of_spreadsheets_above_the_header_are_no_rows(
    db: Session, event: Event, above: str, separator: str, number: int, encoding: str
) -> None:
    table = written([["ФИО", "Почта"], ["Мадина, Ш.", "madina@example.org"]], separator=separator)
    parsed = people_list.read((above + table).encode(encoding), event, language="tg")
    assert [(row.number, row.person and row.person.name) for row in parsed.rows] == [(number, "Мадина, Ш.")]
    assert parsed.ignored == []


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
def test_one_broken_letter_of_utf8_does_not_garble_all_others(event: Event, content: bytes, row: int) -> None:
    with pytest.raises(FormError) as refused:
        people_list.read(content, event, language="tg")
    assert f"Row {row} has a character that cannot be read." in refused.value.errors["file"]


@given(st.lists(st.from_regex(r"[А-ЯЁ][а-яё]{2,15}( [А-ЯЁ][а-яё]{2,15})?", fullmatch=True), min_size=1, max_size=8))
@example(["Пётр Фёдоров", "Сёмин", "РЁВ"])
@example(["Алиса Ким", "Lola Её", "Tom Ш№5"])
def test_windows_1251_is_never_read_as_broken_utf8(names: list[str]) -> None:
    event = Event(languages=["tg"], ticket_types=[TicketType(id=7, title={"tg": "Макон"})], questions=[])
    content = written([["ФИО", "Почта"], *([name, "a@x.example"] for name in names)]).encode("cp1251")
    parsed = people_list.read(content, event, language="tg")
    assert [row.person and row.person.name for row in parsed.rows] == names


def test_a_file_of_empty_rows_only_has_no_header(event: Event) -> None:
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
    parsed = people_list.read(written(rows).encode(), event, language="ru")
    first, wrong, unanswered = parsed.rows
    assert first.person is not None
    assert (first.person.name, first.person.answers) == ("Мадина Намунаева", {"size": "m"})
    assert wrong.errors == {"answer.size": "Choose one of the options."}
    assert unanswered.person is not None
    assert parsed.ignored == ["Заметки"]


BAD_FILES = {
    "nothing": (b"", "Choose a file."),
    "workbook": (b"PK\x03\x04rest", "This is an Excel workbook."),
    "no names": (b"email,phone\na@example.org,", "The first row must name the columns"),
    "header only": (b"name,email\n,\n", "There are no people in this file."),
    "open quotation": (b'name,email\n"Ann,a@example.org', "Row 2 cannot be read as CSV"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x98\xff", "The letters in this file cannot be read."),
    "broken UTF-16": (b"\xff\xfea\x00b", "The letters in this file cannot be read."),
    "no letter of Windows": (b"name\n\x98\xd8", "The letters in this file cannot be read."),
    "100,000 rows": (b"name,email\n" + b"A,a@b.cd\n" * 100_000, "This file has more than 10,000 rows"),
    "9 megabytes": (b"x" * 9 * 1024 * 1024, "This file is too large. The limit is 8 megabytes."),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_an_unusable_file_has_the_reason_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, address: str, name: str
) -> None:
    content, sentence = BAD_FILES[name]
    answer = preview(organizer, address, content)
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="file-error">')[1].replace("10000", "10,000")
    assert registered(db, event) == []


AGAIN = "Choose the file again."


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [("", "Choose a file."), ("!", AGAIN), ("AAAA", AGAIN), ("H4sIAAAAAAAA", AGAIN), ("Ж", AGAIN)],
)
def test_a_forged_confirmation_asks_for_the_file_again(
    organizer: FlaskClient, db: Session, event: Event, address: str, packed: str, sentence: str
) -> None:
    answer = organizer.post(f"{address}/import/done", data={"packed": packed, "digest": "x"})
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_no_one_is_imported_into_an_unpublished_event(
    organizer: FlaskClient, db: Session, event: Event, address: str, state: str
) -> None:
    event.state = state
    db.flush()
    answer = preview(organizer, address, written([HEADER, *PEOPLE]).encode())
    assert answer.status_code == 409
    assert f'action="{address}/import"' not in answer.text


def test_an_event_with_confirmation_by_email_needs_addresses(db: Session, event: Event) -> None:
    event.confirm_by_mail = True
    parsed = people_list.read(written([HEADER, *PEOPLE]).encode(), event, language="tg")
    assert [set(row.errors) for row in parsed.rows] == [set(), {"email"}]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(rows=st.lists(st.lists(st.one_of(TEXTS, st.sampled_from(["=1+1", "'=x", "''-", "@a", "\tx"])), min_size=2,
                              max_size=2)))  # fmt: skip
def test_a_csv_is_read_back_as_written_and_has_no_formula(rows: list[list[str]]) -> None:
    content = b"".join(spreadsheet.csv_chunks(["a", "b"], rows))
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [[as_written(cell) for cell in row] for row in lines[1:]] == rows
    assert not [cell for row in lines for cell in row if cell.startswith(FORMULA)]


NAMES = st.from_regex(r"[=+@'-]?[А-Яа-яҷғӣқӯҳa-z][А-Яа-яҷғӣқӯҳa-z ,;\"']{0,20}", fullmatch=True)


@settings(max_examples=40)
@given(names=st.lists(NAMES, min_size=1, max_size=8))
def test_an_export_is_an_import(names: list[str]) -> None:
    event = Event(languages=["tg"], ticket_types=[TicketType(id=7, title={"tg": "Макон"})], questions=[])
    rows = [[name, f"+99290{number:07}", "ru", "Макон"] for number, name in enumerate(names)]
    content = b"".join(spreadsheet.csv_chunks(["name", "phone", "language", "ticket_type"], rows))
    parsed = people_list.read(content, event, language="tg").rows
    people = [row.person for row in parsed if row.person]
    contents = [(person.phone, person.language, person.ticket_type_id) for person in people]
    assert contents == [(row[1], "ru", 7) for row in rows]
    assert [person.name for person in people] == [" ".join(name.split()) for name in names]


def test_a_file_error_names_its_field() -> None:
    with pytest.raises(FormError) as refused:
        people_list.check_size(people_list.MOST_BYTES + 1)
    assert refused.value.field == "file"
