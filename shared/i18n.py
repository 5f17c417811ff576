"""Words in the visitor's language: messages, texts that an organizer wrote in several, dates, numbers, and search keys.

The language lives in a ContextVar: the edge (a request, a mail) sets it once, everything below only reads it.
Messages are English sentences; `shared/locale/<language>/LC_MESSAGES/messages.po` is read as it is, so no compiled
catalogue can be stale.
"""

import gettext as catalogues
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

from babel.dates import get_timezone, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2 import Environment

from shared import clock
from shared.config import LANGUAGES

CATALOGUES = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def language() -> str:
    """The language that is spoken now, one of LANGUAGES."""
    return _language.get()


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


# Messages ------------------------------------------------------------------------------------------------------------


@cache
def catalogue(wanted: str) -> catalogues.GNUTranslations:
    """The messages of one language, read once per process; fuzzy and empty ones count as missing and stay English."""
    with (CATALOGUES / wanted / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = read_po(file, locale=wanted)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def gettext(message: str, /, **values: object) -> str:
    """The message in the current language, with %(name)s filled in from keyword arguments.

    Without arguments nothing is filled in, so a lone per cent sign is safe.
    """
    text = catalogue(language()).gettext(message) if message else ""
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The form of the message that fits n things; n itself is there as %(n)s and %(num)s."""
    text = catalogue(language()).ngettext(singular, plural, n)
    return text % {"n": n, "num": n, **values}


def deferred(message: str) -> str:
    """Mark a message in a table for translation; it is translated when it is shown, by gettext."""
    return message


def translate_templates(environment: Environment) -> None:
    """Teach a Jinja environment the current language: `_`, `ngettext` and `{% trans %}`.

    There, %(num)s is the number of an ngettext; messages of `{% trans %}` lose their line breaks, as in the catalogue.
    """
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added to the environment by the extension
        lambda message: catalogue(language()).gettext(message),
        lambda singular, plural, n: catalogue(language()).ngettext(singular, plural, n),
        newstyle=True,
    )


# Texts that an organizer wrote ---------------------------------------------------------------------------------------
# The door's TypeScript has its twin; tests/shared/text_vectors.json holds the two together.


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the language it is really in, so that a page can say so when that is not the page's own."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text


def in_every_language(message: str, /, **values: object) -> dict[str, str]:
    """The message in each of our languages, for whoever chooses among them later."""
    return {code: catalogue(code).gettext(message) % values for code in LANGUAGES}


def text_in(texts: Mapping[str, str] | None, languages: Sequence[str]) -> Text | None:
    """The first of the languages that there is a text in, else any other: something to read beats nothing."""
    given = {code: text for code, text in (texts or {}).items() if text.strip()}
    for code in (*languages, *LANGUAGES, *given):
        if code in given:
            return Text(given[code], code)
    return None


# Dates, times and numbers --------------------------------------------------------------------------------------------

# Own names, since Babel's Tajik ones are capitalized and lack the izofat that joins a month to its year.
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "tg": "январ феврал март апрел май июн июл август сентябр октябр ноябр декабр",
}
_MONTHS_ALONE = _MONTHS | {
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
}
_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
    "tg": "душанбе сешанбе чоршанбе панҷшанбе ҷумъа шанбе якшанбе",
}
_WITH_YEAR = {"en": "{} {}", "ru": "{} {} года", "tg": "{}и {}"}
_WITH_WEEKDAY = {"en": "{} {}", "ru": "{}, {}", "tg": "{}, {}"}
_RANGE = {"en": "{} to {}", "ru": "{} – {}", "tg": "{} – {}"}
_RANGE_IN_MONTH = {"en": "{} to {}", "ru": "{}–{}", "tg": "{}–{}"}


def format_day(day: date, *, weekday: bool = True, year: bool | None = None) -> str:
    """A day in words: "Saturday 7 October". By default the year is named unless it is this year."""
    words = _day_of_month(day, year)
    if not weekday:
        return words
    return _WITH_WEEKDAY[language()].format(_WEEKDAYS[language()].split()[day.weekday()], words)


def format_days(first: date, last: date, *, year: bool | None = None) -> str:
    """A range of days: "7 to 8 October", "30 October to 2 November", and one day alone as format_day."""
    if first == last:
        return format_day(first, year=year)
    end = _day_of_month(last, year)
    if (first.year, first.month) == (last.year, last.month):
        return _RANGE_IN_MONTH[language()].format(first.day, end)
    return _RANGE[language()].format(_day_of_month(first, first.year != last.year), end)


def format_month(day: date) -> str:
    """Month and year of an event whose day is not known: "July 2017"."""
    return _WITH_YEAR[language()].format(_MONTHS_ALONE[language()].split()[day.month - 1], day.year)


def format_time(moment: datetime | time) -> str:
    """Hours and minutes, on a clock of 24 hours: "18:00"."""
    return f"{moment:%H:%M}"


def format_moment(wall: datetime, city: str | None = None, *, weekday: bool = True, year: bool | None = None) -> str:
    """A local wall time in words: "Saturday 7 October, 18:00, Dushanbe time"; the city is named when it is given."""
    words = [format_day(wall, weekday=weekday, year=year), format_time(wall)]
    if city:
        words.append(gettext("%(city)s time", city=city))
    return ", ".join(words)


def city_of(zone: str) -> str:
    """The city after which an IANA zone is called, in the current language: "Asia/Dushanbe" is "Dushanbe".

    Raises LookupError for a zone that does not exist.
    """
    return get_timezone_location(get_timezone(zone), locale=language(), return_city=True)


def format_number(value: float) -> str:
    """A number with the language's separators, at most three decimals."""
    return format_decimal(value, locale=language())


def format_percent(ratio: float) -> str:
    """A ratio of 0 to 1 as whole per cents: "83%", in Russian with a space that does not break."""
    percent = f"{ratio:.0%}"
    return percent.replace("%", "\N{NO-BREAK SPACE}%") if language() == "ru" else percent


def _day_of_month(day: date, year: bool | None) -> str:
    words = f"{day.day} {_MONTHS[language()].split()[day.month - 1]}"
    shown = day.year != clock.now().year if year is None else year
    return _WITH_YEAR[language()].format(words, day.year) if shown else words


# Search and clean text -----------------------------------------------------------------------------------------------

# The door's TypeScript has its twin; tests/shared/search_vectors.json holds the two together.
_LETTERS = """
а=a б=b в=v г=g д=d е=e ж=zh з=z и=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=ts ч=ch ш=sh щ=sh ъ= ы=i ь= э=e
ю=iu я=ia ғ=g қ=k ҳ=h ҷ=j ґ=g є=e і=i ј=j ә=a ө=o ү=u ұ=u ң=n һ=h җ=j q=k ø=o ł=l đ=d æ=ae œ=oe ß=ss ς=σ
"""
_LATIN = {letter: latin for letter, _, latin in (pair.partition("=") for pair in _LETTERS.split())}
# Alike in TypeScript, whose older browsers know no lookbehind.
_SPELLINGS = tuple(
    (re.compile(spelling), common)
    for spelling, common in (
        ("y[eo](?!u)", "e"),  # Yodgor, Ёдгор; Diyor, Диёр
        ("y", "i"),
        ("(^|[ aeou])i[eo](?!u)", r"\1e"),  # Йокуб, Ёқуб; Nikolaiev, Николаев
        ("io(?!u)", "ie"),  # Zioev, Зиёев: the i stays, so that Зи is a beginning of both
        ("kh", "h"),
        ("gh", "g"),
        ("shch|sch", "sh"),
        ("dzh", "j"),
        ("ch|dj|zh", "j"),
        ("ou|oo", "u"),
        ("w", "v"),
        ("lex", "leks"),
        ("maxi", "maksi"),
        ("oxa", "oksa"),
        ("x", "h"),
        (r"([a-z])\1+", r"\1"),  # Абдулло, Abdulo
    )
)
_NEXT = "eiauhj"
"""The letters that change the end of the word before them, by the spellings above."""
_APOSTROPHES = frozenset("'`´’‘ʼʻʹʺ")

MOST_MARKS = 8
"""Marks in a row that text keeps: living scripts pile up to four, Tibetan seed syllables eight."""


def search_key(text: str) -> str:
    """What two spellings of one name have in common: "Чахонгир", "Ҷаҳонгир", "Jahongir" and "Dzhakhongir" are one.

    In this order, and the same in TypeScript: at most eight marks in a row, NFKD, upper case, lower case, NFKD; marks,
    format characters and apostrophes are dropped; letters become Latin by table; whatever is neither letter nor digit
    is a space; spaces are collapsed; spellings are replaced until nothing changes. A key of a key is itself.
    """
    return _common(latin(text))


def beginnings(typed: str) -> list[list[str]]:
    """List, for each typed word, how the keys of names begin that begin with it: its own key, and each that one letter
    more would make another. "Сай" is "sai", but "sae" in Сайёра. The same in TypeScript.
    """
    return [_beginnings(word) for word in latin(typed).split()]


def _beginnings(word: str) -> list[str]:
    key = _common(word)
    longer = (_common(word + letter) for letter in _NEXT)
    return [key, *(other for other in longer if not other.startswith(key))]


def latin(text: str) -> str:
    """Lower-case words in Latin letters, where the table knows them: what stands in an address."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", thin(text)).upper().lower())
    return " ".join("".join(map(_search_letter, plain)).split())


def _search_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "M" or category == "Cf" or letter in _APOSTROPHES:
        return ""
    if category[0] not in "LN":
        return " "
    return _LATIN.get(letter, letter)


def _common(key: str) -> str:
    while key != (shorter := _one_spelling(key)):
        key = shorter
    return key


def _one_spelling(key: str) -> str:
    for spelling, common in _SPELLINGS:
        key = spelling.sub(common, key)
    return key


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
"""What Unicode calls ignorable by default, except U+200C, U+200D and variation selectors."""


LONGEST_BLANK = 1_000
SLACK = 4
"""How many typed characters may become one: NFC composes four at most, and blanks between words are collapsed."""


class UnfitText(ValueError):
    """What was typed fits no field: it is too "long", or has a "sign" that cannot be shown, as `reason` says."""

    def __init__(self, reason: Literal["long", "sign"]) -> None:
        super().__init__(reason)
        self.reason = reason


def read_line(text: str, limit: int) -> str:
    """What was typed, as normalize makes it and of at most `limit` characters.

    Raises UnfitText, for what is far too long before any work is done on it, and for more than eight marks in a row.
    """
    return _read(text, limit, normalize)


def read_lines(text: str, limit: int) -> str:
    """The same for text of several lines. Raises UnfitText."""
    return _read(text, limit, normalize_lines)


def _read(text: str, limit: int, clean: Callable[[str], str]) -> str:
    if len(text) > SLACK * limit:
        raise UnfitText("long")
    seen = _seen(text)
    if seen != thin(seen):
        raise UnfitText("sign")
    kept = clean(text)
    if len(kept) > limit:
        raise UnfitText("long")
    return kept


def is_blank(text: str) -> bool:
    """Whether nothing of a text would be seen; only its first 1,000 characters count."""
    return not normalize(text[:LONGEST_BLANK])


def normalize(text: str) -> str:
    """One clean line: NFC, whitespace collapsed, nothing that controls or is not seen, at most eight marks in a row.

    Joiners inside a word and variation selectors stay, since Persian and emoji need them. The door's twin is
    normalizeName(). It costs in proportion to the text; what is typed is bounded by read_line.
    """
    return thin(" ".join(unicodedata.normalize("NFC", thin(_seen(text))).split()))


def _seen(text: str) -> str:
    seen = _INVISIBLE.sub("", text)
    return "".join(letter for letter in seen if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cs"})


def thin(text: str) -> str:
    """The text with at most eight marks in a row.

    Unicode's normal forms sort a run of marks in quadratic time, with the interpreter held: 32,000 of them cost half a
    second of every thread, a million half an hour.
    """
    if text.isascii():
        return text
    runs = groupby(text, lambda letter: unicodedata.category(letter)[0] == "M")
    return "".join("".join(islice(run, MOST_MARKS) if is_mark else run) for is_mark, run in runs)


def has_unknown(text: str) -> bool:
    """Whether there is a sign that this Python's Unicode does not assign: PostgreSQL knows a later one, to which text
    with such a sign may not be in NFC.
    """
    return any(_is_unknown(letter) for letter in text)


def without_unknown(text: str) -> str:
    """The text, in its normal form, without such signs."""
    return normalize("".join(letter for letter in text if not _is_unknown(letter)))


def normalize_lines(text: str) -> str:
    """Clean text of several lines: each as normalize makes it, and never more than one empty line between two."""
    lines = [normalize(line) for line in text.splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip("\n")


def _is_unknown(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cn", "Co"}
