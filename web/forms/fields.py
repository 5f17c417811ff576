"""Kinds of field of an organizer's form: how each shows what is kept, and reads what was typed.

A form is a table of fields. All of its faults are said at once, each at its field; nothing is half done.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
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
    """What a field holds cannot be used; the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading depends on: the languages of the texts, the first one first, and the zone of the clock."""

    languages: Sequence[str] = ()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form. `name` is also that of the column; `choices` are words by value."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    limit: int = 200
    """Characters of a text."""
    least: int = 0
    most: int = MOST
    needed: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    def names(self, setting: Setting) -> list[str]:
        """The names under which it is sent."""
        if self.kind in {"texts", "long_texts"}:
            return [f"{self.name}.{code}" for code in setting.languages]
        return [self.name, f"{self.name}.which"] if self.kind in {"wall", "moment"} else [self.name]


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall time, and which of two where the clock shows it twice."""

    time: datetime
    second: bool | None = None


Typed = Mapping[str, str]


def show(fields: Iterable[Field], row: Any, setting: Setting) -> dict[str, str]:
    """What is kept, as the fields of a form hold it."""
    shown: dict[str, str] = {}
    for one in fields:
        shown |= KINDS[one.kind].show(one, row, setting)
    return shown


def read(fields: Iterable[Field], form: Typed, setting: Setting, before: Any = None) -> dict[str, Any]:
    """The values by field; languages that the form does not show stay as they were `before`. Raises FormError."""
    listed = list(fields)
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in listed:
        KINDS[one.kind].read(_Reading(one, form, setting, before, values, errors))
    if errors:
        raise FormError(errors, typed(listed, form, setting))
    return values


def typed(fields: Iterable[Field], form: Typed, setting: Setting) -> dict[str, str]:
    """Everything in the form that can be shown again."""
    several: Callable[[str], list[str]] | None = getattr(form, "getlist", None)
    names = [name for one in fields for name in one.names(setting)]
    return {name: "\n".join(several(name)) if several else form.get(name, "") for name in names}


def say(reason: str, **values: object) -> str:
    """The sentence for a fault, in the current language."""
    return gettext(SENTENCES[reason], **values)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One field while it is read: what was typed, and where values and faults go."""

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
    """How a kind of field shows what is kept and reads what was typed."""

    show: Callable[[Field, Any, Setting], dict[str, str]]
    read: Callable[[_Reading], None]


def _line(one: Field, text: str, read: Callable[[str, int], str] = read_line) -> str:
    try:
        kept = read(text, one.limit)
    except UnfitText as unfit:
        raise Fault(say(unfit.reason, most=format_number(one.limit))) from None
    if has_unknown(kept):
        raise Fault(say("sign"))
    if one.needed and not kept:
        raise Fault(say("needed"))
    return kept


def _simple(reading: Callable[[Field, str], Any], showing: Callable[[Any], str] = str) -> Kind:
    """A field that is one line: empty is None."""

    def show_it(one: Field, row: Any, setting: Setting) -> dict[str, str]:
        value = getattr(row, one.name)
        return {one.name: "" if value is None else showing(value)}

    def read_it(at: _Reading) -> None:
        at.keep(at.attempt(at.field.name, lambda text: reading(at.field, text)))

    return Kind(show_it, read_it)


def _texts(read: Callable[[str, int], str]) -> Kind:
    def show_it(one: Field, row: Any, setting: Setting) -> dict[str, str]:
        texts: Mapping[str, str] = getattr(row, one.name) or {}
        return {f"{one.name}.{code}": texts.get(code, "") for code in setting.languages}

    def read_it(at: _Reading) -> None:
        before: Mapping[str, str] = getattr(at.before, at.field.name, None) or {}
        texts = {code: text for code, text in before.items() if code not in at.setting.languages}
        for code in at.setting.languages:
            text = at.attempt(f"{at.field.name}.{code}", lambda raw: _text(at.field, raw, read))
            texts |= {code: text} if text else {}
        if at.field.needed and not texts.get(at.setting.languages[0]):
            at.errors.setdefault(f"{at.field.name}.{at.setting.languages[0]}", say("needed"))
        at.keep(texts)

    return Kind(show_it, read_it)


def _text(one: Field, text: str, read: Callable[[str, int], str]) -> str:
    # Only the first language is needed, and that is asked for once all are read.
    return _line(Field(name=one.name, label=one.label, limit=one.limit), text, read)


def _number(one: Field, text: str) -> int | None:
    written = text.strip()
    if not written:
        if one.needed:
            raise Fault(say("needed"))
        return None
    if not (written.isascii() and written.isdigit()):
        raise Fault(say("number"))
    if len(written) > 18 or int(written) > one.most:
        raise Fault(say("number_large", most=format_number(one.most)))
    if int(written) < one.least:
        raise Fault(say("number_small", least=format_number(one.least)))
    return int(written)


def _choice(one: Field, text: str) -> str:
    if text not in one.choices:
        raise Fault(say("choice"))
    return text


def _link(one: Field, text: str) -> str | None:
    written = _line(one, text)
    if not written:
        return None
    try:
        parts = urlsplit(written)
    except ValueError:
        raise Fault(say("link")) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in written:
        raise Fault(say("link"))
    return written


def _zone(one: Field, text: str) -> str:
    if text.strip() not in clock.zones():
        raise Fault(say("zone"))
    return text.strip()


def wall(text: str) -> datetime | None:
    """A wall time as a browser's field, or a person, writes it; None for an empty one. Raises Fault."""
    if not text.strip():
        return None
    with suppress(ValueError):
        found = read_wall(text)
        if found.year in YEARS:
            return found
    raise Fault(say("moment"))


def is_twice(time: datetime | None, zone: str) -> bool:
    """Whether the clock of a zone shows a wall time twice."""
    try:
        _ = time and clock.instant(time, zone)
    except AmbiguousTime:
        return True
    except NoSuchTime:
        pass
    return False


def _show_wall(one: Field, row: Any, setting: Setting) -> dict[str, str]:
    time: datetime | None = getattr(row, one.name)
    moment: datetime | None = getattr(row, f"{one.name.removesuffix('_local')}_at", None)
    return _shown(one.name, time, moment, setting.zone)


def _show_moment(one: Field, row: Any, setting: Setting) -> dict[str, str]:
    moment: datetime | None = getattr(row, one.name)
    time = moment.astimezone(ZoneInfo(setting.zone)).replace(tzinfo=None) if moment else None
    return _shown(one.name, time, moment, setting.zone)


def _shown(name: str, time: datetime | None, moment: datetime | None, zone: str) -> dict[str, str]:
    which = ""
    if is_twice(time, zone) and moment:
        which = SECOND if moment.astimezone(ZoneInfo(zone)).fold else FIRST
    return {name: f"{time:%Y-%m-%dT%H:%M}" if time else "", f"{name}.which": which}


def _read_wall(at: _Reading) -> None:
    time = at.attempt(at.field.name, wall)
    before: datetime | None = getattr(at.before, at.field.name, None)
    if time and before and before.replace(second=0, microsecond=0) == time:
        # A form shows minutes: what nobody changed keeps its seconds, so that it is no news.
        time = before
    at.keep(Wall(time, read_which(at.text(f"{at.field.name}.which"))) if time else None)
    if time is None and at.field.needed:
        at.errors.setdefault(at.field.name, say("needed"))


def _read_moment(at: _Reading) -> None:
    second = read_which(at.text(f"{at.field.name}.which"))
    at.keep(at.attempt(at.field.name, lambda text: _instant(wall(text), at.setting.zone, second)))


def _instant(time: datetime | None, zone: str, second: bool | None) -> datetime | None:
    try:
        return time and clock.instant(time, zone, second=second)
    except NoSuchTime:
        raise Fault(say("no_such_time")) from None
    except AmbiguousTime:
        raise Fault(say("ambiguous_time")) from None


def _value(ticked: Any) -> str:
    """What stands for a choice: the id of another row, or the word itself."""
    return str(getattr(ticked, "id", ticked))


def _read_ticks(at: _Reading) -> None:
    ticked = typed([at.field], at.form, at.setting)[at.field.name].split("\n")
    at.keep([value for value in at.field.choices if value in ticked])


def _read_lines(one: Field, text: str) -> str | None:
    return _line(one, text, read_lines) or None


KINDS: Mapping[str, Kind] = {
    "line": _simple(lambda one, text: _line(one, text) or None),
    "lines": _simple(_read_lines),
    "texts": _texts(read_line),
    "long_texts": _texts(read_lines),
    "number": _simple(_number),
    "choice": _simple(_choice),
    "pick": _simple(_choice),
    "link": _simple(_link),
    "zone": _simple(_zone),
    "tick": _simple(lambda one, text: text == "1", lambda value: "1" if value else ""),
    "ticks": Kind(lambda one, row, setting: {one.name: "\n".join(map(_value, getattr(row, one.name)))}, _read_ticks),
    "wall": Kind(_show_wall, _read_wall),
    "moment": Kind(_show_moment, _read_moment),
}
