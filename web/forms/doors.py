"""The forms of an event's doors: names, rules, passes, notes, files that phones saved, and ticks on paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shared import clock, tickets
from shared.clock import NoSuchTime
from shared.database import Texts
from shared.errors import Invalid
from shared.i18n import UnfitText, deferred, gettext, has_unknown, normalize, read_line, read_lines
from shared.models import Event
from shared.operations.doors import Rules
from web.forms import FormError
from web.forms.moments import read_wall
from web.forms.scans import HandInFile, read_file

DOOR_NAME_LIMIT, NOTE_LIMIT, FILE_NAME_LIMIT = 60, 500, 80
MOST_PHONES = 100
LONGEST_OPEN, LONGEST_HELD = 7 * 24 * 60, 24 * 60
"""Minutes: doors open at most a week before, and seats are held at most a day after the start."""
MOST_TICKS, MOST_FAULTS = 2000, 10
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
    """What a field holds cannot be used; the sentence that says why."""


@dataclass
class _Reader:
    """Reads field after field and gathers what is wrong, so that everything is said at once."""

    form: Mapping[str, str]
    fields: Sequence[str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, reading: Callable[[str], Value], otherwise: Value) -> Value:
        """A field's value; `otherwise` stands in where it is wrong, and done() then raises."""
        try:
            return reading(self.form.get(name, ""))
        except _Fault as fault:
            self.errors[name] = str(fault)
            return otherwise

    def done(self, **ticked: str) -> None:
        """Raises FormError if any field was wrong; what was `ticked`, as lines, is shown again too."""
        if self.errors:
            raise FormError(self.errors, {name: self.form.get(name, "") for name in self.fields} | ticked)


@dataclass(frozen=True, slots=True)
class PassForm:
    """For how many phones, for which sessions (none: for all) and until when (None: a day after the event)."""

    phones: int
    sessions: tuple[int, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicksForm:
    """Who was ticked: by ticket id, and by short code with the line in which it stands."""

    door: int
    persons: tuple[str, ...]
    codes: Mapping[str, int]


def name_field(language: str) -> str:
    """The field of a door's name in a language."""
    return f"name.{language}"


def read_name(form: Mapping[str, str], languages: Sequence[str], before: Texts | None = None) -> Texts:
    """A door's name in an event's languages, at least in the first; other languages stay as they were before.

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
    """How the doors of an event decide. Raises FormError."""
    reader = _Reader(form, ("opens", "held", "unlisted", "initials", "walk_ins", "reentry"))
    rules = Rules(
        doors_open_minutes=reader.read("opens", _opens, None),
        held_minutes=reader.read("held", lambda text: _minutes(text, LONGEST_HELD), 0),
        admit_unlisted=reader.read("unlisted", _unlisted, True),
        initials=form.get("initials") == "1",
        walk_ins=form.get("walk_ins") == "1",
        reentry=form.get("reentry") == "1",
    )
    reader.done()
    return rules


def typed_rules(rules: Event) -> dict[str, str]:
    """The rules of an event as the form's fields hold them."""
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
    """A new pass; `ticked` are the sessions that were chosen. Raises FormError."""
    reader = _Reader(form, ("phones", "expires"))
    known = {str(part.id): part.id for part in event.sessions}
    chosen = set(ticked)
    if not chosen <= known.keys():
        reader.errors["sessions"] = _say("choice")
    given = PassForm(
        phones=reader.read("phones", _phones, 1),
        sessions=tuple(number for name, number in known.items() if name in chosen and chosen != known.keys()),
        expires_at=reader.read("expires", lambda text: _moment(text, event.zone), None),
    )
    reader.done(sessions="\n".join(chosen))
    return given


def read_note(form: Mapping[str, str]) -> str:
    """What an organizer found out about a conflict. Raises FormError."""
    reader = _Reader(form, ("note",))
    note = reader.read("note", _note, "")
    reader.done()
    return note


def read_files(files: Iterable[tuple[str, bytes]], event_id: int) -> list[HandInFile]:
    """The files that phones saved at an event, by the phones' ids. Raises FormError naming those that are none."""
    read, faults = [], []
    for name, content in files:
        try:
            read.append(_hand_in(normalize(name[:FILE_NAME_LIMIT]), content, event_id))
        except _Fault as fault:
            faults.append(str(fault))
    if not read and not faults:
        faults = [_say("files_missing")]
    if faults:
        raise FormError({"files": " ".join(faults[:MOST_FAULTS])}, {})
    return sorted(read, key=lambda one: one.phone)


def refuse_large(length: int | None) -> None:
    """Raises FormError for an upload that is larger than 10 megabytes."""
    if (length or 0) > UPLOAD_LIMIT:
        raise FormError({"files": _say("files_large")}, {})


def read_ticks(form: Mapping[str, str], ticked: Iterable[str]) -> TicksForm:
    """Who was ticked on paper, and at which door. Raises FormError, with each line that holds no short code."""
    persons = tuple(ticked)
    reader = _Reader(form, ("door", "codes", "q"))
    door = reader.read("door", _row, 0)
    nothing: dict[str, int] = {}
    codes = reader.read("codes", _codes, nothing)
    if len(persons) > MOST_TICKS:
        reader.errors["codes"] = _say("ticks_many")
    if not persons and not codes:
        reader.errors.setdefault("codes", _say("ticks_missing"))
    reader.done()
    return TicksForm(door, persons, codes)


def refuse_unknown(form: Mapping[str, str], codes: Mapping[str, int], known: Iterable[str]) -> None:
    """Raises FormError with each line whose short code nobody has."""
    unknown = sorted((line, code) for code, line in codes.items() if code not in set(known))
    if unknown:
        said = [_say("code_unknown", line=line, code=code) for line, code in unknown[:MOST_FAULTS]]
        raise FormError({"codes": "\n".join(said)}, {name: form.get(name, "") for name in ("door", "codes", "q")})


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
    """A wall time of a zone; of one that the clock shows twice the later, which cuts no evening short."""
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
        kept = read(text, limit)
    except UnfitText as unfit:
        raise _Fault(_say(too_long if unfit.reason == "long" else "sign")) from None
    if has_unknown(kept):
        raise _Fault(_say("sign"))
    return kept


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
    """Short codes by their stored form, with the line in which each first stands; empty lines are passed over."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_TICKS:
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
