"""Which language is spoken now, and what each one's language.toml says of it.

The language lives in a ContextVar: the edge (a request, an email) sets it once, everything below only reads it.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.config import LANGUAGES

LOCALE = Path(__file__).parents[1] / "locale"

_language: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])

Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Year = Annotated[tuple[Text, ...], Field(min_length=12, max_length=12)]
Week = Annotated[tuple[Text, ...], Field(min_length=7, max_length=7)]
OnePlace = Annotated[str, Field(pattern=r"^[^{}]*\{\}[^{}]*$")]
TwoPlaces = Annotated[str, Field(pattern=r"^[^{}]*\{\}[^{}]*\{\}[^{}]*$")]


class LanguageError(ValueError):
    """A language that cannot be spoken: which one, which table, and what is wrong with it."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dates(_Table):
    """Names of months and days, from January and from Monday, and how they are joined.

    `months` are as a day has them, `months_alone` as a title has them. `with_year` joins a day or a month to a year,
    `with_weekday` a weekday to a day, `range` two days, `range_in_month` the number of one to another of its month.
    """

    months: Year
    months_alone: Year
    weekdays: Week
    with_year: TwoPlaces
    with_weekday: TwoPlaces
    range: TwoPlaces
    range_in_month: TwoPlaces


class NewEvent(_Table):
    """What the only ticket type and the only door of a new event are called."""

    ticket_type: Text
    door: Text


class Front(_Table):
    """What the server in front answers itself: no web process is there, or the request is too large."""

    away: Text
    too_large: Text


class PeopleList(_Table):
    """What the columns of a list of people are called in this language, and what this language is called in a cell."""

    name: Names
    given: Names
    family: Names
    email: Names
    phone: Names
    language: Names
    ticket_type: Names
    this_language: Names


class Language(_Table):
    """A language as a whole. Each line is explained in docs/translations.md, "Add a language"."""

    name: Text
    direction: Literal["ltr", "rtl"]
    cldr: Text
    open_graph: Annotated[str, Field(pattern="^[a-z]{2,3}_[A-Z]{2}$")]
    plural: Annotated[str, Field(pattern=r"^nplurals=[1-6]; plural=\([n0-9%=!<>&|?: ()]+\);$")]
    percent: OnePlace
    quotation_marks: tuple[Text, Text]
    unbroken: bool
    attendee: Annotated[str, Field(pattern=r"^\w+$")]
    dates: Dates
    new_event: NewEvent
    people_list: PeopleList
    front: Front


@cache
def language_table(code: str) -> Language:
    """Return the tables of one language, read once per process. Raises LanguageError for what is missing or wrong."""
    try:
        return Language.model_validate(tomllib.loads((LOCALE / code / "language.toml").read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise LanguageError(f"{code}: missing: language.toml") from None
    except tomllib.TOMLDecodeError as error:
        raise LanguageError(f"{code}: language.toml: {error}") from None
    except ValidationError as error:
        raise LanguageError(_first_fault(code, error)) from None


def _first_fault(code: str, error: ValidationError) -> str:
    first = error.errors()[0]
    table = ".".join(map(str, first["loc"]))
    return f"{code}: missing: {table}" if first["type"] == "missing" else f"{code}: {table}: {first['msg']}"


def language() -> str:
    """Return the current language, one of LANGUAGES."""
    return _language.get()


def spoken() -> Language:
    """Return the tables of the current language."""
    return language_table(language())


def direction(code: str = "") -> str:
    """Return the way a language is written, "ltr" or "rtl": this one's, else that of the language that is spoken now.

    One that is not in LANGUAGES, as a text of an organizer may be in, is left to the browser: "auto".
    """
    if code and code not in LANGUAGES:
        return "auto"
    return language_table(code or language()).direction


def set_language(wanted: str) -> None:
    """Speak this language from here on, in this request or task. Raises ValueError for one that is not in LANGUAGES."""
    if wanted not in LANGUAGES:
        raise ValueError(f"not one of our languages: {wanted!r}")
    _language.set(wanted)


@contextmanager
def use_language(wanted: str) -> Iterator[None]:
    """Speak this language inside the block. Raises ValueError for one that is not in LANGUAGES."""
    before = _language.get()
    set_language(wanted)
    try:
        yield
    finally:
        _language.set(before)
