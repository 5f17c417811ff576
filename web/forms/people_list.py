"""A list of people in a file: its encoding, separator and headers found out, each row read or said what is wrong.

Encodings are UTF-8, UTF-16 and Windows-1251, as spreadsheets here save them. Headers may be in any of our
languages.
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
from shared.operations.imports import Row
from shared.operations.organizer_registrations import Person
from shared.papers.spreadsheet import as_written
from web.forms import FormError, answers
from web.forms.people import OPTIONAL, faults
from web.forms.registration import SENTENCES, RegistrationForm

MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_WORD = 200
"""Characters of a header, a ticket type or a language; what is longer names none."""
MOST_BYTES = 8 * 1024 * 1024
SEPARATORS = ",;\t"
ANSWERS = "answers."
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATOR_NAMED = re.compile(rf'"?sep=([{SEPARATORS}|])"?[{SEPARATORS}]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
"""What Excel writes and wants above the header, and shows to nobody: it is no row."""
FILLED = re.compile(rf"^.*[^\s{SEPARATORS}\"].*$", re.MULTILINE)
UNREAD = "\N{REPLACEMENT CHARACTER}"
WORD = re.compile(rf"[^\x00-\x7f{UNREAD}]{{3}}")
"""Of Windows-1251 a capital before ё or a sign may be read as a letter of UTF-8; never three of them in a row."""
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
KIND = deferred("list_import.ticket_type_error")
LANGUAGE = deferred("list_import.language_error")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, by its place; answers by the key of their question."""

    places: Mapping[str, int]
    answers: Mapping[str, int]
    ignored: Sequence[str]


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A file that was read: its rows, and headers that say nothing to us."""

    rows: Sequence[Row]
    ignored: Sequence[str]


def read(content: bytes, event: Event, *, language: str) -> PeopleList:
    """Read a file of people for an event; `language` is for rows that name none. Raises FormError at "file"."""
    lines = _lines(_decode(content))
    header = next((cells for _, cells in lines if _is_filled(cells)), [])
    columns = _columns(header, event.questions)
    if not columns.places.keys() & {"name", "given", "family"}:
        raise _refuse(gettext(NO_HEADER))
    rows = [_row(number, cells, columns, event, language) for number, cells in lines if _is_filled(cells)]
    if not rows:
        raise _refuse(gettext(EMPTY))
    return PeopleList(rows, columns.ignored)


def check_size(size: int | None) -> None:
    """Raises FormError for more bytes than a list may have."""
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
    """What it is written in; text without a mark has zero bytes only in UTF-16."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return encoding
    sample = content[:4096]
    if b"\0" in sample:
        return "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"
    return "utf-8" if _is_utf8(content) else "cp1251"


def _is_utf8(content: bytes) -> bool:
    """Whether it is UTF-8, also with a broken letter: that does not make all others Windows' own."""
    text = content.decode(errors="replace")
    return UNREAD not in text or WORD.search(text) is not None


def _unreadable(content: bytes, encoding: str) -> str:
    if not encoding.startswith("utf-8"):
        return gettext(ENCODING)
    rows = _lines(content.decode(encoding, errors="replace"))
    return gettext(WRONG_LETTER, row=next(number for number, cells in rows if UNREAD in "".join(cells)))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows by the number that a spreadsheet shows, from 1; above the header there may be empty ones."""
    named = SEPARATOR_NAMED.match(text)
    separator = named[1] if named else _separator(text)
    reader = csv.reader(
        io.StringIO(text[named.end() :] if named else text, newline=""), delimiter=separator, strict=True
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
            raise _refuse(
                ngettext(
                    "list_import.too_many_rows_error",
                    MOST_ROWS,
                )
            )
        yield number, [as_written(cell) for cell in cells[:MOST_COLUMNS]]


def _separator(text: str) -> str:
    """What stands most often in the first row that is not empty; in quotation marks it is part of a name."""
    first = FILLED.search(text)
    unquoted = "".join((first[0] if first else "").split('"')[::2])
    return max(SEPARATORS, key=unquoted.count)


def _is_filled(cells: Sequence[str]) -> bool:
    return not all(map(is_blank, cells))


def _columns(header: Sequence[str], questions: Sequence[Question]) -> Columns:
    keys = {one.key for one in questions}
    places: dict[str, int] = {}
    asked: dict[str, int] = {}
    ignored = []
    for place, title in enumerate(cell[:LONGEST_WORD] for cell in header):
        key = normalize(title).removeprefix(ANSWERS)
        field = column_names().get(search_key(title))
        if field and field not in places:
            places[field] = place
        elif key in keys and title.strip().startswith(ANSWERS):
            asked[key] = place
        elif not is_blank(title):
            ignored.append(normalize(title)[:40])
    return Columns(places, asked, ignored)


def _row(number: int, cells: Sequence[str], columns: Columns, event: Event, language: str) -> Row:
    given = {field: cells[place] for field, place in columns.places.items() if place < len(cells)}
    if "name" not in given:
        given["name"] = " ".join(filter(None, (given.get("given", ""), given.get("family", ""))))
    kind = _kind(given.get("ticket_type", ""), event)
    spoken = _language(given.get("language", ""), language)
    questions = answers.asked(event.questions, kind)
    told = {f"answer.{key}": cells[place] for key, place in columns.answers.items() if place < len(cells)}
    answered, wrong = answers.parse(questions, told)
    errors = {field: gettext(sentence) for field, sentence in _faults(given, event, kind, spoken).items()}
    errors |= {field: gettext(SENTENCES[reason]) for field, reason in wrong.items() if reason not in OPTIONAL}
    if errors or kind is None or spoken is None:
        return Row(number, None, errors)
    valid = RegistrationForm.model_validate({field: given.get(field, "") for field in ("name", "email", "phone")})
    person = Person(
        name=valid.name,
        email=valid.email,
        phone=valid.phone,
        language=spoken,
        ticket_type_id=kind,
        answers=answered,
    )
    return Row(number, person, {})


def _faults(given: Mapping[str, str], event: Event, kind: int | None, spoken: str | None) -> dict[str, str]:
    found = faults(given)
    # What Excel makes of ғ, ӣ, қ, ӯ, ҳ and ҷ when it saves in Windows-1251; no name has one of its own.
    if "?" in given.get("name", ""):
        found["name"] = LOST_LETTER
    has_address, has_phone = (not is_blank(given.get(field, "")) for field in ("email", "phone"))
    if event.confirms_by_email and not has_address:
        found.setdefault("email", ADDRESS)
    elif not has_address and not has_phone:
        found.setdefault("email", CONTACT)
    if kind is None:
        found["ticket_type"] = KIND
    if spoken is None:
        found["language"] = LANGUAGE
    return found


def _kind(typed: str, event: Event) -> int | None:
    """The ticket type of this title in any language, or of this id; the first where nothing is written."""
    if is_blank(typed):
        return event.ticket_types[0].id
    key = search_key(typed[:LONGEST_WORD])
    for one in event.ticket_types:
        if str(one.id) == typed.strip() or key in {search_key(title) for title in one.title.values()}:
            return one.id
    return None


def _language(typed: str, otherwise: str) -> str | None:
    if is_blank(typed):
        return otherwise if otherwise in LANGUAGES else LANGUAGES[0]
    return language_names().get(search_key(typed[:LONGEST_WORD]))


@cache
def column_names() -> Mapping[str, str]:
    """The field of each header; compared as names are searched, so case, marks and signs do not count."""
    tables = [language_table(code).people_list for code in LANGUAGES]
    return {search_key(name): field for table in tables for field in FIELDS for name in getattr(table, field)}


@cache
def language_names() -> Mapping[str, str]:
    """The language of each word for one."""
    named = {code: language_table(code).people_list.this_language for code in LANGUAGES}
    return {search_key(name): code for code, names in named.items() for name in names}
