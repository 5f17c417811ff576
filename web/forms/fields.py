"""The field types of organizers' forms: how each shows a stored value, and reads a submitted one.

A form is a table of fields. It reports all errors together, each at its field, and then changes nothing.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from shared import clock
from shared.clock import AmbiguousTime, NoSuchTime
from shared.i18n import UnfitText, deferred, format_number, gettext, has_unknown, read_line, read_lines
from web.forms import FormError
from web.forms.moments import FIRST, SECOND, read_wall, read_which

MOST = 1_000_000
YEARS = range(1990, 2101)

SENTENCES = {
    "needed": deferred("common.fill_in_error"),
    "long": deferred("common.too_long_error"),
    "sign": deferred("common.sign_unknown_error"),
    "number": deferred("common.whole_number_error"),
    "number_large": deferred("common.number_large_error"),
    "number_small": deferred("common.number_small_error"),
    "choice": deferred("common.choose_one_error"),
    "link": deferred("common.link_error"),
    "moment": deferred("common.moment_error"),
    "no_such_time": deferred("common.moment_jumped_error"),
    "ambiguous_time": deferred("common.ambiguous_time_error"),
    "zone": deferred("common.time_zone_error"),
}


class Fault(ValueError):
    """The value of a field is not valid; the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The setting of a form: the languages of the texts, the first one first, and the zone of the clock."""

    languages: Sequence[str] = ()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a form. `name` is also that of the column; `choices` are labels by value."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    limit: int = 200
    """Characters of a text."""
    least: int = 0
    most: int = MOST
    needed: bool = False
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def names(self, setting: Setting) -> list[str]:
        """Return the names under which the field is sent."""
        if self.kind in {"texts", "long_texts"}:
            return [f"{self.name}.{code}" for code in setting.languages]
        return [self.name, f"{self.name}.which"] if self.kind in {"wall", "moment"} else [self.name]


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall time, and which occurrence it is if the clock shows it twice."""

    time: datetime
    second: bool | None = None


Typed = Mapping[str, str]


def show(fields: Iterable[Field], row: Any, setting: Setting) -> dict[str, str]:
    """Return a row's values as the fields of a form show them."""
    values: dict[str, str] = {}
    for field in fields:
        values |= KINDS[field.kind].show(field, row, setting)
    return values


def read(fields: Iterable[Field], form: Typed, setting: Setting, before: Any = None) -> dict[str, Any]:
    """Return the values by field; languages that the form does not show stay as they were `before`. Raises
    FormError.
    """
    listed = list(fields)
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in listed:
        KINDS[field.kind].read(_Entry(field, form, setting, before, values, errors))
    if errors:
        raise FormError(errors, typed(listed, form, setting))
    return values


def typed(fields: Iterable[Field], form: Typed, setting: Setting) -> dict[str, str]:
    """Return the submitted values, so that the form can repeat them."""
    getlist: Callable[[str], list[str]] | None = getattr(form, "getlist", None)
    names = [name for field in fields for name in field.names(setting)]
    return {name: "\n".join(getlist(name)) if getlist else form.get(name, "") for name in names}


def say(reason: str, **values: object) -> str:
    """Return the sentence for a reason, in the current language."""
    return gettext(SENTENCES[reason], **values)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A field while it is read: the submitted form, and where values and errors go."""

    field: Field
    form: Typed
    setting: Setting
    before: Any
    values: dict[str, Any]
    errors: dict[str, str]

    def text(self, name: str) -> str:
        return self.form.get(name, "")

    def keep(self, value: Any) -> None:
        self.values[self.field.name] = value

    def attempt(self, name: str, reading: Callable[[str], Any]) -> Any:
        try:
            return reading(self.text(name))
        except Fault as fault:
            self.errors[name] = str(fault)
            return None


@dataclass(frozen=True, slots=True)
class Kind:
    """A field type: how it shows a stored value and reads a submitted one."""

    show: Callable[[Field, Any, Setting], dict[str, str]]
    read: Callable[[_Entry], None]


def _line(field: Field, text: str, read: Callable[[str, int], str] = read_line) -> str:
    try:
        line = read(text, field.limit)
    except UnfitText as unfit:
        raise Fault(say(unfit.reason, most=format_number(field.limit))) from None
    if has_unknown(line):
        raise Fault(say("sign"))
    if field.needed and not line:
        raise Fault(say("needed"))
    return line


def _simple(reading: Callable[[Field, str], Any], showing: Callable[[Any], str] = str) -> Kind:
    """Return a field of a single line: empty is None."""

    def show_field(field: Field, row: Any, setting: Setting) -> dict[str, str]:
        value = getattr(row, field.name)
        return {field.name: "" if value is None else showing(value)}

    def read_field(entry: _Entry) -> None:
        entry.keep(entry.attempt(entry.field.name, lambda text: reading(entry.field, text)))

    return Kind(show_field, read_field)


def _texts(read: Callable[[str, int], str]) -> Kind:
    def show_field(field: Field, row: Any, setting: Setting) -> dict[str, str]:
        texts: Mapping[str, str] = getattr(row, field.name) or {}
        return {f"{field.name}.{code}": texts.get(code, "") for code in setting.languages}

    def read_field(entry: _Entry) -> None:
        before: Mapping[str, str] = getattr(entry.before, entry.field.name, None) or {}
        texts = {code: text for code, text in before.items() if code not in entry.setting.languages}
        for code in entry.setting.languages:
            text = entry.attempt(f"{entry.field.name}.{code}", lambda raw: _text(entry.field, raw, read))
            texts |= {code: text} if text else {}
        if entry.field.needed and not texts.get(entry.setting.languages[0]):
            entry.errors.setdefault(f"{entry.field.name}.{entry.setting.languages[0]}", say("needed"))
        entry.keep(texts)

    return Kind(show_field, read_field)


def _text(field: Field, text: str, read: Callable[[str, int], str]) -> str:
    # Only the first language is required, which is checked after all are read.
    return _line(Field(name=field.name, label=field.label, limit=field.limit), text, read)


def _number(field: Field, text: str) -> int | None:
    written = text.strip()
    if not written:
        if field.needed:
            raise Fault(say("needed"))
        return None
    if not (written.isascii() and written.isdigit()):
        raise Fault(say("number"))
    if len(written) > 18 or int(written) > field.most:
        raise Fault(say("number_large", most=format_number(field.most)))
    if int(written) < field.least:
        raise Fault(say("number_small", least=format_number(field.least)))
    return int(written)


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise Fault(say("choice"))
    return text


def _link(field: Field, text: str) -> str | None:
    written = _line(field, text)
    if not written:
        return None
    try:
        parts = urlsplit(written)
    except ValueError:
        raise Fault(say("link")) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in written:
        raise Fault(say("link"))
    return written


def _zone(field: Field, text: str) -> str:
    if text.strip() not in clock.zones():
        raise Fault(say("zone"))
    return text.strip()


def wall(text: str) -> datetime | None:
    """Return a wall time as written by a browser's field or a person; None if empty. Raises Fault."""
    if not text.strip():
        return None
    with suppress(ValueError):
        time = read_wall(text)
        if time.year in YEARS:
            return time
    raise Fault(say("moment"))


def is_twice(time: datetime | None, zone: str) -> bool:
    """Return whether the clock of a zone shows a wall time twice."""
    try:
        _ = time and clock.instant(time, zone)
    except AmbiguousTime:
        return True
    except NoSuchTime:
        pass
    return False


def _show_wall(field: Field, row: Any, setting: Setting) -> dict[str, str]:
    time: datetime | None = getattr(row, field.name)
    moment: datetime | None = getattr(row, f"{field.name.removesuffix('_local')}_at", None)
    return _shown(field.name, time, moment, setting.zone)


def _show_moment(field: Field, row: Any, setting: Setting) -> dict[str, str]:
    moment: datetime | None = getattr(row, field.name)
    time = moment.astimezone(ZoneInfo(setting.zone)).replace(tzinfo=None) if moment else None
    return _shown(field.name, time, moment, setting.zone)


def _shown(name: str, time: datetime | None, moment: datetime | None, zone: str) -> dict[str, str]:
    which = ""
    if is_twice(time, zone) and moment:
        which = SECOND if moment.astimezone(ZoneInfo(zone)).fold else FIRST
    return {name: f"{time:%Y-%m-%dT%H:%M}" if time else "", f"{name}.which": which}


def _read_wall(entry: _Entry) -> None:
    time = entry.attempt(entry.field.name, wall)
    before: datetime | None = getattr(entry.before, entry.field.name, None)
    if time and before and before.replace(second=0, microsecond=0) == time:
        # A form shows minutes: a time that was not changed stays exact, so that it does not count as a change.
        time = before
    entry.keep(Wall(time, read_which(entry.text(f"{entry.field.name}.which"))) if time else None)
    if time is None and entry.field.needed:
        entry.errors.setdefault(entry.field.name, say("needed"))


def _read_moment(entry: _Entry) -> None:
    second = read_which(entry.text(f"{entry.field.name}.which"))
    entry.keep(entry.attempt(entry.field.name, lambda text: _instant(wall(text), entry.setting.zone, second)))


def _instant(time: datetime | None, zone: str, second: bool | None) -> datetime | None:
    try:
        return time and clock.instant(time, zone, second=second)
    except NoSuchTime:
        raise Fault(say("no_such_time")) from None
    except AmbiguousTime:
        raise Fault(say("ambiguous_time")) from None


def _value(ticked: Any) -> str:
    """Return the value of a choice: the id of another row, or the word itself."""
    return str(getattr(ticked, "id", ticked))


def _read_ticks(entry: _Entry) -> None:
    ticked = typed([entry.field], entry.form, entry.setting)[entry.field.name].split("\n")
    entry.keep([value for value in entry.field.choices if value in ticked])


def _read_lines(field: Field, text: str) -> str | None:
    return _line(field, text, read_lines) or None


KINDS: Mapping[str, Kind] = {
    "line": _simple(lambda field, text: _line(field, text) or None),
    "lines": _simple(_read_lines),
    "texts": _texts(read_line),
    "long_texts": _texts(read_lines),
    "number": _simple(_number),
    "choice": _simple(_choice),
    "pick": _simple(_choice),
    "link": _simple(_link),
    "zone": _simple(_zone),
    "tick": _simple(lambda field, text: text == "1", lambda value: "1" if value else ""),
    "ticks": Kind(
        lambda field, row, setting: {field.name: "\n".join(map(_value, getattr(row, field.name)))}, _read_ticks
    ),
    "wall": Kind(_show_wall, _read_wall),
    "moment": Kind(_show_moment, _read_moment),
}
