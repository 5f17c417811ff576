"""The fonts of all papers, the breaking of text into lines, and the drawing of a line in a PDF.

The files cover Latin, Cyrillic with the letters of Tajik, Uzbek and Kazakh, and the Arabic letters of Persian, Dari and
Pashto; a letter that they lack is drawn as a box, or in a font of the system if it has one.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path

import resvg_py
from reportlab import rl_config
from reportlab.lib.colors import toColor
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Noto Sans"
REGULAR, BOLD = "NotoSans-Regular", "NotoSans-Bold"
ARABIC = "NotoSansArabic-Regular"
FILES = tuple(str(FOLDER / f"{name}.ttf") for name in (REGULAR, BOLD, ARABIC))
SHARP = 64
"""Pixels of an em in a picture: on a ticket of A6 some 400 an inch."""

# A PDF is sent and stored as bytes: as letters, which old email programs needed, its streams are a quarter larger. Of a
# font it contains the letters that it shows, not the whole alphabet in case it is edited.
rl_config.useA85 = 0
# Once per process: reading the files costs more than drawing a whole ticket.
for _name, _file in zip((REGULAR, BOLD, ARABIC), FILES, strict=True):
    pdfmetrics.registerFont(TTFont(_name, _file, asciiReadable=False))
# The PDF writer would look for a colour among 150 names, for each line.
_ink = lru_cache(maxsize=32)(toColor)
_LETTERS, _ARABIC = (frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in (REGULAR, ARABIC))


def canvas(file: BytesIO, size: tuple[float, float], *, title: str, organization: str = "", language: str) -> Canvas:
    """Return a PDF that names its organization and omits its date: the same values give the same bytes."""
    pdf = Canvas(file, pagesize=size, invariant=1, lang=language)
    pdf.setTitle(title)
    pdf.setAuthor(organization)
    pdf.setSubject("")
    pdf.setCreator("Turnout")
    pdf.setProducer("Turnout")
    return pdf


def is_covered(text: str) -> bool:
    """Return True if our own fonts have every letter of the text."""
    return all(ord(letter) in _LETTERS or ord(letter) in _ARABIC for letter in text)


def picture(svg: str, text: str, *, width: int) -> bytes:
    """Return an SVG as a PNG, `width` pixels wide, set in our fonts; `text` is all the text in it.

    Reading the fonts of the system takes longer than all the rest, so only a text that needs them pays for it.
    """
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=width,
            font_files=list(FILES),
            skip_system_fonts=is_covered(text),
            sans_serif_family=FAMILY,
        )
    )


def draw(
    canvas: Canvas, text: str, x: float, y: float, *, size: float, colour: str, font: str = REGULAR, align: str = "left"
) -> None:
    """Draw one line with its baseline at y; x is its left end, its middle (`centre`) or its right end."""
    if any(ord(letter) not in _LETTERS for letter in text):
        _draw_shaped(canvas, text, x, y, size, colour, font, align)
        return
    canvas.setFillColor(_ink(colour))
    canvas.setFont(font, size)
    {"left": canvas.drawString, "centre": canvas.drawCentredString, "right": canvas.drawRightString}[align](x, y, text)


def width(text: str, size: float, *, font: str = REGULAR) -> float:
    """Return the width of a line, in the unit of its size."""
    return float(pdfmetrics.stringWidth(text, font, size))


def lines(text: str, size: float, room: float, *, font: str = REGULAR) -> list[str]:
    """Break the text into lines of at most `room`; a word that is wider than a line is broken inside."""
    split: list[str] = simpleSplit(text, font, size, room)
    return [part for line in split for part in _pieces(line, size, room, font)]


def fit(text: str, sizes: tuple[float, ...], room: float, most: int, *, font: str = REGULAR) -> tuple[float, list[str]]:
    """Return the largest of the sizes at which the text needs at most `most` lines, and the lines; at the last size it
    is cut.
    """
    for size in sizes:
        split = lines(text, size, room, font=font)
        if len(split) <= most:
            return size, split
    visible = split[:most]
    visible[-1] = _shortened(visible[-1], size, room, font)
    return size, visible


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


def _draw_shaped(
    canvas: Canvas, text: str, x: float, y: float, size: float, colour: str, font: str, align: str
) -> None:
    """Draw a line as a picture.

    Letters that change by their neighbours, and right-to-left lines, need the shaping of our picture renderer; the PDF
    writer puts one letter after another. The price is text that cannot be copied.
    """
    # The PDF writer's width of letters that it lacks is a guess, too large for Arabic.
    wide, high = 2 * width(text, size, font=font), 2 * size
    anchor, at = {"left": ("start", 0.0), "centre": ("middle", wide / 2), "right": ("end", wide)}[align]
    weight = 700 if font == BOLD else 400
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.1f} {high:.1f}"><text x="{at:.1f}"'
        f' y="{1.4 * size:.1f}" font-size="{size:g}" font-family="{FAMILY}, sans-serif" font-weight="{weight}"'
        f' text-anchor="{anchor}" fill="{colour}">{escape(text)}</text></svg>'
    )
    line = picture(svg, text, width=round(wide * SHARP / size))
    canvas.drawImage(ImageReader(BytesIO(line)), x - at, y - 0.6 * size, wide, high, mask="auto")
