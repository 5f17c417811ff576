"""The key under which names are found, and clean text: what is typed is bounded before it is normalized."""

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby, islice
from typing import Literal

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
    """Return the key that spellings of one name share: "Чахонгир", "Ҷаҳонгир", "Jahongir" and "Dzhakhongir" are one.

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
    """Return typed text, as normalize makes it and of at most `limit` characters.

    Raises UnfitText, for what is far too long before any work is done on it, and for more than eight marks in a row.
    """
    return _read(text, limit, normalize)


def read_lines(text: str, limit: int) -> str:
    """Return typed text of several lines, as normalize_lines makes it. Raises UnfitText."""
    return _read(text, limit, normalize_lines)


def _read(text: str, limit: int, clean: Callable[[str], str]) -> str:
    if len(text) > SLACK * limit:
        raise UnfitText("long")
    visible = _without_invisible(text)
    if visible != thin(visible):
        raise UnfitText("sign")
    cleaned = clean(text)
    if len(cleaned) > limit:
        raise UnfitText("long")
    return cleaned


def is_blank(text: str) -> bool:
    """Return whether nothing of a text would be seen; only its first 1,000 characters count."""
    return not normalize(text[:LONGEST_BLANK])


def normalize(text: str) -> str:
    """Return one clean line: NFC, whitespace collapsed, nothing invisible, at most eight marks in a row.

    Joiners inside a word and variation selectors stay, since Persian and emoji need them. The door's twin is tidy().
    It costs in proportion to the text; what is typed is bounded by read_line.
    """
    return thin(" ".join(unicodedata.normalize("NFC", thin(_without_invisible(text))).split()))


def _without_invisible(text: str) -> str:
    visible = _INVISIBLE.sub("", text)
    return "".join(letter for letter in visible if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cs"})


def thin(text: str) -> str:
    """Return the text with at most eight marks in a row.

    Unicode's normal forms sort a run of marks in quadratic time, with the interpreter held: 32,000 of them cost half a
    second of every thread, a million half an hour.
    """
    if text.isascii():
        return text
    runs = groupby(text, lambda letter: unicodedata.category(letter)[0] == "M")
    return "".join("".join(islice(run, MOST_MARKS) if is_mark else run) for is_mark, run in runs)


def has_unknown(text: str) -> bool:
    """Return whether a text has a sign that this Python's Unicode does not assign.

    PostgreSQL knows a later Unicode, to which text with such a sign may not be in NFC.
    """
    return any(_is_unknown(letter) for letter in text)


def without_unknown(text: str) -> str:
    """Return the text, in its normal form, without signs that has_unknown finds."""
    return normalize("".join(letter for letter in text if not _is_unknown(letter)))


def normalize_lines(text: str) -> str:
    """Clean text of several lines: each as normalize makes it, and never more than one empty line between two."""
    lines = [normalize(line) for line in text.splitlines()]
    single_spaced = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(single_spaced).strip("\n")


def _is_unknown(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cn", "Co"}
