"""The fonts that papers are set in, and how a text is broken into lines with them.

The files hold Latin, Cyrillic and the letters of Tajik, Uzbek and Kazakh; what they lack is shown as a box, or in a
font of the system where there is one.
"""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Noto Sans"
REGULAR, BOLD = "NotoSans-Regular", "NotoSans-Bold"
FILES = tuple(str(FOLDER / f"{name}.ttf") for name in (REGULAR, BOLD))

# Once per process: reading the two files costs more than drawing a whole ticket.
for _name, _file in zip((REGULAR, BOLD), FILES, strict=True):
    pdfmetrics.registerFont(TTFont(_name, _file))
_LETTERS = frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


def is_covered(text: str) -> bool:
    """Whether our own fonts have every letter of the text."""
    return all(ord(letter) in _LETTERS for letter in text)


def width(text: str, size: float, *, font: str = REGULAR) -> float:
    """How wide a line is, in the unit of its size."""
    return float(pdfmetrics.stringWidth(text, font, size))


def lines(text: str, size: float, room: float, *, font: str = REGULAR) -> list[str]:
    """The text broken into lines of at most `room`; a word that is wider than a line is broken inside."""
    split: list[str] = simpleSplit(text, font, size, room)
    return [part for line in split for part in _pieces(line, size, room, font)]


def fit(text: str, sizes: tuple[float, ...], room: float, most: int, *, font: str = REGULAR) -> tuple[float, list[str]]:
    """The largest of the sizes at which the text needs at most `most` lines, and these; at the last size it is cut."""
    for size in sizes:
        split = lines(text, size, room, font=font)
        if len(split) <= most:
            return size, split
    kept = split[:most]
    kept[-1] = _shortened(kept[-1], size, room, font)
    return size, kept


def _pieces(line: str, size: float, room: float, font: str) -> Iterator[str]:
    while len(line) > 1 and width(line, size, font=font) > room:
        fitting = bisect_right(range(1, len(line)), room, key=lambda n: width(line[:n], size, font=font))
        cut = max(fitting, 1)
        yield line[:cut]
        line = line[cut:]
    yield line


def _shortened(line: str, size: float, room: float, font: str) -> str:
    while line and width(f"{line}…", size, font=font) > room:
        line = line[:-1]
    return f"{line.rstrip()}…"
