"""A list of attendees in a file: detects its encoding, separator and headers, and reads each row or says what is wrong.

Encodings are UTF-8, UTF-16 and Windows-1251, as spreadsheets here save them. Headers may be in any of our languages.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from shared.config import LANGUAGES
from shared.i18n import deferred, gettext, is_blank, language_table, ngettext, normalize, search_key
from shared.models import Event, Question
from shared.papers.spreadsheet import as_written
from shared.registrations.imports import Row
from shared.registrations.organizer_registrations import Person
from web.forms import FormError, answers
from web.forms.registration import SENTENCES, RegistrationForm
from web.organizer.people.form import OPTIONAL, faults

MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_WORD = 200
"""Characters of a header, a ticket type or a language; a longer text is none of them."""
MOST_BYTES = 8 * 1024 * 1024
SEPARATORS = ",;\t"
ANSWERS = "answers."
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATOR_NAMED = re.compile(rf'"?sep=([{SEPARATORS}|])"?[{SEPARATORS}]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
"""A line that Excel writes and reads above the header, and never shows: it is not a row."""
FILLED = re.compile(rf"^.*[^\s{SEPARATORS}\"].*$", re.MULTILINE)
UNREAD = "\N{REPLACEMENT CHARACTER}"
WORD = re.compile(rf"[^\x00-\x7f{UNREAD}]{{3}}")
"""In Windows-1251 a capital before ё or a sign may look like a letter of UTF-8; never three of them in a row."""
FIELDS = ("name", "given", "family", "email", "phone", "language", "ticket_type")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
NO_FILE = deferred("list_import.no_file_error")
TOO_LARGE = deferred("list_import.too_large_error")
WORKBOOK = deferred("list_import.workbook_error")
ENCODING = deferred("list_import.encoding_error")
WRONG_LETTER = deferred("list_import.letter_error")
NO_HEADER = deferred("list_import.no_header_error")
UNREADABLE = deferred("list_import.row_error")
EMPTY = deferred("list_import.empty_error")
LOST_LETTER = deferred("list_import.lost_letter_error")
CONTACT = deferred("list_import.contact_error")
ADDRESS = deferred("people.email_needed_error")
TICKET_TYPE = deferred("list_import.ticket_type_error")
LANGUAGE = deferred("list_import.language_error")


@dataclass(frozen=True, slots=True)
class Columns:
    """The index of each field's column; answers by the key of their question."""

    fields: Mapping[str, int]
    answers: Mapping[str, int]
    ignored: Sequence[str]


@dataclass(frozen=True, slots=True)
class PeopleList:
    """The rows of a file, and the headers that were not recognized."""

    rows: Sequence[Row]
    ignored: Sequence[str]


def read(content: bytes, event: Event, *, language: str) -> PeopleList:
    """Return the attendees in a file; `language` is for rows that name none. Raises FormError at "file"."""
    lines = _lines(_decode(content))
    header = next((cells for _, cells in lines if _is_filled(cells)), [])
    columns = _columns(header, event.questions)
    if not columns.fields.keys() & {"name", "given", "family"}:
        raise _refuse(gettext(NO_HEADER))
    rows = [_row(number, cells, columns, event, language) for number, cells in lines if _is_filled(cells)]
    if not rows:
        raise _refuse(gettext(EMPTY))
    return PeopleList(rows, columns.ignored)


def check_size(size: int | None) -> None:
    """Raise FormError for more bytes than a list may have."""
    if size is not None and size > MOST_BYTES:
        raise _refuse(gettext(TOO_LARGE))


def _refuse(sentence: str) -> FormError:
    return FormError({"file": sentence}, {})


def _decode(content: bytes) -> str:
    check_size(len(content))
    if not content:
        raise _refuse(gettext(NO_FILE))
    if content.startswith(WORKBOOKS):
        raise _refuse(gettext(WORKBOOK))
    encoding = _encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise _refuse(_unreadable(content, encoding)) from None


def _encoding(content: bytes) -> str:
    """Return the encoding; without a byte order mark, text contains zero bytes only in UTF-16."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return encoding
    sample = content[:4096]
    if b"\0" in sample:
        return "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"
    return "utf-8" if _is_utf8(content) else "cp1251"


def _is_utf8(content: bytes) -> bool:
    """Return whether it is UTF-8, even with a broken letter: that does not make the rest Windows-1251."""
    text = content.decode(errors="replace")
    return UNREAD not in text or WORD.search(text) is not None


def _unreadable(content: bytes, encoding: str) -> str:
    if not encoding.startswith("utf-8"):
        return gettext(ENCODING)
    rows = _lines(content.decode(encoding, errors="replace"))
    return gettext(WRONG_LETTER, row=next(number for number, cells in rows if UNREAD in "".join(cells)))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return the rows with the number that a spreadsheet shows, from 1; there may be empty ones above the header."""
    separator_line = SEPARATOR_NAMED.match(text)
    separator = separator_line[1] if separator_line else _separator(text)
    reader = csv.reader(
        io.StringIO(text[separator_line.end() :] if separator_line else text, newline=""),
        delimiter=separator,
        strict=True,
    )
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise _refuse(gettext(UNREADABLE, row=number)) from None
        if cells is None:
            return
        if number > MOST_ROWS + 1:
            raise _refuse(ngettext("list_import.too_many_rows_error", MOST_ROWS))
        yield number, [as_written(cell) for cell in cells[:MOST_COLUMNS]]


def _separator(text: str) -> str:
    """Return the most frequent separator in the first row that is not empty; in quotation marks it belongs
    to a name.
    """
    first = FILLED.search(text)
    unquoted = "".join((first[0] if first else "").split('"')[::2])
    return max(SEPARATORS, key=unquoted.count)


def _is_filled(cells: Sequence[str]) -> bool:
    return not all(map(is_blank, cells))


def _columns(header: Sequence[str], questions: Sequence[Question]) -> Columns:
    keys = {question.key for question in questions}
    fields: dict[str, int] = {}
    answer_columns: dict[str, int] = {}
    ignored = []
    for index, title in enumerate(cell[:LONGEST_WORD] for cell in header):
        key = normalize(title).removeprefix(ANSWERS)
        field = column_names().get(search_key(title))
        if field and field not in fields:
            fields[field] = index
        elif key in keys and title.strip().startswith(ANSWERS):
            answer_columns[key] = index
        elif not is_blank(title):
            ignored.append(normalize(title)[:40])
    return Columns(fields, answer_columns, ignored)


def _row(number: int, cells: Sequence[str], columns: Columns, event: Event, language: str) -> Row:
    values = {field: cells[index] for field, index in columns.fields.items() if index < len(cells)}
    if "name" not in values:
        values["name"] = " ".join(filter(None, (values.get("given", ""), values.get("family", ""))))
    ticket_type_id = _ticket_type_id(values.get("ticket_type", ""), event)
    spoken = _language(values.get("language", ""), language)
    questions = answers.questions_for(event.questions, ticket_type_id)
    submitted = {f"answer.{key}": cells[index] for key, index in columns.answers.items() if index < len(cells)}
    answered, wrong = answers.parse(questions, submitted)
    errors = {field: gettext(sentence) for field, sentence in _faults(values, event, ticket_type_id, spoken).items()}
    errors |= {field: gettext(SENTENCES[reason]) for field, reason in wrong.items() if reason not in OPTIONAL}
    if errors or ticket_type_id is None or spoken is None:
        return Row(number, None, errors)
    valid = RegistrationForm.model_validate({field: values.get(field, "") for field in ("name", "email", "phone")})
    person = Person(
        name=valid.name,
        email=valid.email,
        phone=valid.phone,
        language=spoken,
        ticket_type_id=ticket_type_id,
        answers=answered,
    )
    return Row(number, person, {})


def _faults(values: Mapping[str, str], event: Event, ticket_type_id: int | None, spoken: str | None) -> dict[str, str]:
    errors = faults(values)
    # Excel writes "?" for ғ, ӣ, қ, ӯ, ҳ and ҷ when it saves in Windows-1251; no name contains one otherwise.
    if "?" in values.get("name", ""):
        errors["name"] = LOST_LETTER
    has_address, has_phone = (not is_blank(values.get(field, "")) for field in ("email", "phone"))
    if event.confirms_by_email and not has_address:
        errors.setdefault("email", ADDRESS)
    elif not has_address and not has_phone:
        errors.setdefault("email", CONTACT)
    if ticket_type_id is None:
        errors["ticket_type"] = TICKET_TYPE
    if spoken is None:
        errors["language"] = LANGUAGE
    return errors


def _ticket_type_id(typed: str, event: Event) -> int | None:
    """Return the ticket type with this title in any language, or with this id; the first if the cell is empty."""
    if is_blank(typed):
        return event.ticket_types[0].id
    key = search_key(typed[:LONGEST_WORD])
    for ticket_type in event.ticket_types:
        if str(ticket_type.id) == typed.strip() or key in {search_key(title) for title in ticket_type.title.values()}:
            return ticket_type.id
    return None


def _language(typed: str, default: str) -> str | None:
    if is_blank(typed):
        return default if default in LANGUAGES else LANGUAGES[0]
    return language_names().get(search_key(typed[:LONGEST_WORD]))


@cache
def column_names() -> Mapping[str, str]:
    """Return the field of each header; compared like names in a search, so case, accents and punctuation do
    not count.
    """
    tables = [language_table(code).people_list for code in LANGUAGES]
    return {search_key(name): field for table in tables for field in FIELDS for name in getattr(table, field)}


@cache
def language_names() -> Mapping[str, str]:
    """Return the language code of each name of a language."""
    names_of = {code: language_table(code).people_list.this_language for code in LANGUAGES}
    return {search_key(name): code for code, names in names_of.items() for name in names}
