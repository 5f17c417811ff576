"""The forms of an event's doors: names, rules, passes, notes, files saved by phones, and check-ins from paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shared import clock, tickets
from shared.clock import NoSuchTime
from shared.database import Texts
from shared.door.doors import Rules
from shared.errors import Invalid
from shared.i18n import UnfitText, deferred, gettext, has_unknown, normalize, read_line, read_lines
from shared.models import Event
from web.forms import FormError
from web.forms.moments import read_wall
from web.forms.scans import HandInFile, read_file

DOOR_NAME_LIMIT, NOTE_LIMIT, FILE_NAME_LIMIT = 60, 500, 80
MOST_PHONES = 100
LONGEST_OPEN, LONGEST_HOLD = 7 * 24 * 60, 24 * 60
"""Minutes: doors open at most a week before, and seats are held at most a day after the start."""
MOST_PAPER_CHECK_INS, MOST_FAULTS = 2000, 10
UPLOAD_LIMIT = 10 * 1024 * 1024

SENTENCES = {
    "name_missing": deferred("doors.name_missing_error"),
    "name_long": deferred("doors.name_long_error"),
    "sign": deferred("common.sign_unknown_error"),
    "minutes": deferred("doors.minutes_error"),
    "minutes_many": deferred("doors.minutes_many_error"),
    "choice": deferred("common.choose_one_error"),
    "phones": deferred("doors.phones_error"),
    "moment": deferred("common.moment_error"),
    "moment_past": deferred("doors.moment_past_error"),
    "moment_jumped": deferred("common.moment_jumped_error"),
    "note_missing": deferred("doors.note_missing_error"),
    "note_long": deferred("doors.note_long_error"),
    "files_missing": deferred("doors.files_missing_error"),
    "files_large": deferred("doors.files_large_error"),
    "files_other": deferred("doors.files_other_error"),
    "files_event": deferred("doors.files_event_error"),
    "ticks_missing": deferred("doors.paper_missing_error"),
    "ticks_many": deferred("doors.paper_many_error"),
    "code": deferred("doors.paper_code_error"),
    "code_unknown": deferred("doors.paper_code_unknown_error"),
}

Value = TypeVar("Value")


class _Fault(ValueError):
    """The value of a field is not valid; the sentence that says why."""


@dataclass
class _Reader:
    """Reads field after field and collects the errors, so that the page shows all of them."""

    form: Mapping[str, str]
    fields: Sequence[str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, reading: Callable[[str], Value], fallback: Value) -> Value:
        """Return a field's value; if it is not valid, return `fallback`, and done() raises later."""
        try:
            return reading(self.form.get(name, ""))
        except _Fault as fault:
            self.errors[name] = str(fault)
            return fallback

    def done(self, **ticked: str) -> None:
        """Raise FormError if any field was wrong; the page repeats what was `ticked` too, as lines."""
        if self.errors:
            raise FormError(self.errors, {name: self.form.get(name, "") for name in self.fields} | ticked)


@dataclass(frozen=True, slots=True)
class PassForm:
    """A new pass: number of phones, sessions (none: all), and expiry (None: a day after the event)."""

    phones: int
    sessions: tuple[int, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaperForm:
    """Check-ins from paper: ticket ids, and short codes with the line of each."""

    door: int
    persons: tuple[str, ...]
    codes: Mapping[str, int]


def name_field(language: str) -> str:
    """Return the field of a door's name in a language."""
    return f"name.{language}"


def read_name(form: Mapping[str, str], languages: Sequence[str], before: Texts | None = None) -> Texts:
    """Return a door's name in an event's languages, at least in the first; names in other languages do not change.

    Raises FormError.
    """
    fields = [name_field(language) for language in languages]
    reader = _Reader(form, fields)
    names = {language: reader.read(name_field(language), _door_name, "") for language in languages}
    if not names[languages[0]]:
        reader.errors.setdefault(fields[0], _say("name_missing"))
    reader.done()
    others = {language: name for language, name in (before or {}).items() if language not in names}
    return others | {language: name for language, name in names.items() if name}


def read_rules(form: Mapping[str, str]) -> Rules:
    """Return the rules of an event's doors. Raises FormError."""
    reader = _Reader(form, ("opens", "held", "unlisted", "initials", "walk_ins", "reentry"))
    rules = Rules(
        doors_open_minutes=reader.read("opens", _opens, None),
        held_minutes=reader.read("held", lambda text: _minutes(text, LONGEST_HOLD), 0),
        admit_unlisted=reader.read("unlisted", _unlisted, True),
        initials=form.get("initials") == "1",
        walk_ins=form.get("walk_ins") == "1",
        reentry=form.get("reentry") == "1",
    )
    reader.done()
    return rules


def typed_rules(rules: Event) -> dict[str, str]:
    """Return the rules of an event as values of the form's fields."""
    opens = rules.doors_open_minutes
    return {
        "opens": "" if opens is None else str(opens),
        "held": str(rules.held_minutes),
        "unlisted": "in" if rules.admit_unlisted else "stop",
        "initials": "1" if rules.initials else "",
        "walk_ins": "1" if rules.walk_ins else "",
        "reentry": "1" if rules.reentry else "",
    }


def read_pass(form: Mapping[str, str], ticked: Iterable[str], event: Event) -> PassForm:
    """Return a new pass; `ticked` are the chosen sessions. Raises FormError."""
    reader = _Reader(form, ("phones", "expires"))
    sessions = {str(session.id): session.id for session in event.sessions}
    chosen = set(ticked)
    if not chosen <= sessions.keys():
        reader.errors["sessions"] = _say("choice")
    new_pass = PassForm(
        phones=reader.read("phones", _phones, 1),
        sessions=tuple(number for name, number in sessions.items() if name in chosen and chosen != sessions.keys()),
        expires_at=reader.read("expires", lambda text: _moment(text, event.zone), None),
    )
    reader.done(sessions="\n".join(chosen))
    return new_pass


def read_note(form: Mapping[str, str]) -> str:
    """Return an organizer's note on a ticket that was used twice. Raises FormError."""
    reader = _Reader(form, ("note",))
    note = reader.read("note", _note, "")
    reader.done()
    return note


def read_files(files: Iterable[tuple[str, bytes]], event_id: int) -> list[HandInFile]:
    """Return the files that phones saved at an event, ordered by the phones' ids. Raises FormError naming the wrong
    files.
    """
    hand_ins, faults = [], []
    for name, content in files:
        try:
            hand_ins.append(_hand_in(normalize(name[:FILE_NAME_LIMIT]), content, event_id))
        except _Fault as fault:
            faults.append(str(fault))
    if not hand_ins and not faults:
        faults = [_say("files_missing")]
    if faults:
        raise FormError({"files": " ".join(faults[:MOST_FAULTS])}, {})
    return sorted(hand_ins, key=lambda hand_in: hand_in.phone)


def refuse_large(length: int | None) -> None:
    """Raise FormError for an upload larger than 10 megabytes."""
    if (length or 0) > UPLOAD_LIMIT:
        raise FormError({"files": _say("files_large")}, {})


def read_paper(form: Mapping[str, str], ticked: Iterable[str]) -> PaperForm:
    """Return the check-ins from paper, and their door. Raises FormError naming each line without a short code."""
    persons = tuple(ticked)
    reader = _Reader(form, ("door", "codes", "q"))
    door = reader.read("door", _row, 0)
    nothing: dict[str, int] = {}
    codes = reader.read("codes", _codes, nothing)
    if len(persons) > MOST_PAPER_CHECK_INS:
        reader.errors["codes"] = _say("ticks_many")
    if not persons and not codes:
        reader.errors.setdefault("codes", _say("ticks_missing"))
    reader.done()
    return PaperForm(door, persons, codes)


def refuse_unknown(form: Mapping[str, str], codes: Mapping[str, int], known: Iterable[str]) -> None:
    """Raise FormError naming each line whose short code is of no ticket."""
    unknown = sorted((line, code) for code, line in codes.items() if code not in set(known))
    if unknown:
        sentences = [_say("code_unknown", line=line, code=code) for line, code in unknown[:MOST_FAULTS]]
        raise FormError({"codes": "\n".join(sentences)}, {name: form.get(name, "") for name in ("door", "codes", "q")})


def _say(reason: str, **values: object) -> str:
    return gettext(SENTENCES[reason], **values)


def _door_name(text: str) -> str:
    return _text(text, DOOR_NAME_LIMIT, "name_long", read_line)


def _minutes(text: str, most: int) -> int:
    if not _is_number(text.strip()):
        raise _Fault(_say("minutes"))
    if int(text) > most:
        raise _Fault(_say("minutes_many", most=most))
    return int(text)


def _opens(text: str) -> int | None:
    return _minutes(text, LONGEST_OPEN) if text.strip() else None


def _unlisted(text: str) -> bool:
    if text not in {"in", "stop"}:
        raise _Fault(_say("choice"))
    return text == "in"


def _phones(text: str) -> int:
    if not _is_number(text.strip()) or not 1 <= int(text) <= MOST_PHONES:
        raise _Fault(_say("phones"))
    return int(text)


def _moment(text: str, zone: str) -> datetime | None:
    """Return a wall time of a zone as a moment; of one that occurs twice the later, which cuts no evening short."""
    if not text.strip():
        return None
    try:
        moment = clock.instant(read_wall(text), zone, second=True)
    except NoSuchTime:
        raise _Fault(_say("moment_jumped")) from None
    except (ValueError, OverflowError):
        raise _Fault(_say("moment")) from None
    if moment <= clock.now():
        raise _Fault(_say("moment_past"))
    return moment


def _note(text: str) -> str:
    note = _text(text, NOTE_LIMIT, "note_long", read_lines)
    if not note:
        raise _Fault(_say("note_missing"))
    return note


def _text(text: str, limit: int, too_long: str, read: Callable[[str, int], str]) -> str:
    try:
        line = read(text, limit)
    except UnfitText as unfit:
        raise _Fault(_say(too_long if unfit.reason == "long" else "sign")) from None
    if has_unknown(line):
        raise _Fault(_say("sign"))
    return line


def _hand_in(name: str, content: bytes, event_id: int) -> HandInFile:
    try:
        file = read_file(content)
    except Invalid:
        raise _Fault(_say("files_other", file=name)) from None
    if file.event != event_id:
        raise _Fault(_say("files_event", file=name))
    return file


def _row(text: str) -> int:
    if not _is_number(text):
        raise _Fault(_say("choice"))
    return int(text)


def _codes(text: str) -> dict[str, int]:
    """Return the short codes in stored form, with the line in which each first occurs; empty lines are ignored."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_PAPER_CHECK_INS:
        raise _Fault(_say("ticks_many"))
    codes: dict[str, int] = {}
    faults = []
    for number, line in lines:
        code = tickets.read_short_code(line)
        if code is None:
            faults.append(_say("code", line=number, code=normalize(line[:20])))
        else:
            codes.setdefault(code, number)
    if faults:
        raise _Fault("\n".join(faults[:MOST_FAULTS]))
    return codes


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
