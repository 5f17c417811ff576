"""Dates, times and numbers in the current language, by the tables of its language.toml.

Own names of months and days, since Babel's Tajik ones are capitalized and lack the izofat that joins a month to its
year.
"""

from datetime import date, datetime, time

from babel.dates import get_timezone, get_timezone_location
from babel.numbers import format_decimal

from shared import clock
from shared.i18n.languages import spoken
from shared.i18n.messages import gettext


def format_day(day: date, *, weekday: bool = True, year: bool | None = None) -> str:
    """Return a day in words: "Saturday 7 October". By default the year is named unless it is this year."""
    dates, words = spoken().dates, _day_of_month(day, year)
    if not weekday:
        return words
    return dates.with_weekday.format(dates.weekdays[day.weekday()], words)


def format_days(first: date, last: date, *, year: bool | None = None) -> str:
    """Return a range of days: "7 to 8 October", "30 October to 2 November", and one day alone as format_day."""
    if first == last:
        return format_day(first, year=year)
    end = _day_of_month(last, year)
    if (first.year, first.month) == (last.year, last.month):
        return spoken().dates.range_in_month.format(first.day, end)
    return spoken().dates.range.format(_day_of_month(first, first.year != last.year), end)


def format_month(day: date) -> str:
    """Month and year of an event whose day is not known: "July 2017"."""
    dates = spoken().dates
    return dates.with_year.format(dates.months_alone[day.month - 1], day.year)


def format_time(moment: datetime | time) -> str:
    """Hours and minutes, on a clock of 24 hours: "18:00"."""
    return f"{moment:%H:%M}"


def format_moment(wall: datetime, city: str | None = None, *, weekday: bool = True, year: bool | None = None) -> str:
    """Return a local wall time in words: "Saturday 7 October, 18:00, Dushanbe time"; without a city no zone."""
    words = [format_day(wall, weekday=weekday, year=year), format_time(wall)]
    if city:
        words.append(gettext("common.city_time", city=city))
    return ", ".join(words)


def city_of(zone: str) -> str:
    """Return the city after which an IANA zone is called, in the current language: "Asia/Dushanbe" is "Dushanbe".

    Raises LookupError for a zone that does not exist.
    """
    return get_timezone_location(get_timezone(zone), locale=spoken().cldr, return_city=True)


def format_number(value: float) -> str:
    """Return a number with the language's separators, at most three decimals."""
    return format_decimal(value, locale=spoken().cldr)


def format_percent(ratio: float) -> str:
    """Return a ratio of 0 to 1 as whole per cents: "83%", in Russian with a space that does not break."""
    return spoken().percent.format(f"{ratio:.0%}".removesuffix("%"))


def _day_of_month(day: date, year: bool | None) -> str:
    dates = spoken().dates
    words = f"{day.day} {dates.months[day.month - 1]}"
    with_year = day.year != clock.now().year if year is None else year
    return dates.with_year.format(words, day.year) if with_year else words
