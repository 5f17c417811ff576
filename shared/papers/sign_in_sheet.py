"""A list of names on paper with a box for each: for a door without phones, to be entered afterwards."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared.papers import typeset

MARGIN, TOP, LINE, BOX = 14 * mm, 30 * mm, 7.5 * mm, 4.5 * mm
LINES = 32
FEWEST_EMPTY = 10
NAME_AT, CODE_AT, KIND_AT = MARGIN + 10 * mm, 112 * mm, 140 * mm
SIGNED_CODE_AT, SIGNED_KIND_AT, SIGNATURE_AT = 84 * mm, 106 * mm, 148 * mm
GREY = "#55556a"


@dataclass(frozen=True, slots=True)
class Guest:
    """A line: the name, the short code, and one more detail: the ticket type, an organization or a number."""

    name: str = ""
    code: str = ""
    ticket_type: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of the columns after name and code; without a heading for signatures there is no such column."""

    ticket_type: str = ""
    signature: str = ""


def pdf(
    *,
    title: str,
    when: str,
    page_of: str,
    guests: Sequence[Guest],
    language: str,
    columns: Columns = Columns(),
    has_empty: bool = False,
) -> bytes:
    """Return the sheets as PDF, A4, 32 names on each. `page_of` has %(page)s and %(pages)s in it.

    `has_empty`: lines for walk-ins follow, at least 10, to the end of the last sheet.
    """
    file = io.BytesIO()
    canvas = typeset.canvas(file, A4, title=title, language=language)
    lines = [*guests, *[Guest()] * (_empty(len(guests)) if has_empty else 0)]
    sheets = [lines[start : start + LINES] for start in range(0, len(lines), LINES)] or [[]]
    for number, sheet in enumerate(sheets, 1):
        _head(canvas, title, when, page_of % {"page": number, "pages": len(sheets)})
        _name_columns(canvas, columns)
        for line, guest in enumerate(sheet):
            _draw(canvas, A4[1] - TOP - (line + 1) * LINE, guest, is_signed=bool(columns.signature))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _empty(lines: int) -> int:
    return FEWEST_EMPTY + -(lines + FEWEST_EMPTY) % LINES


def _name_columns(canvas: Canvas, columns: Columns) -> None:
    kind_at = SIGNED_KIND_AT if columns.signature else KIND_AT
    for x, words in ((kind_at, columns.ticket_type), (SIGNATURE_AT, columns.signature)):
        _text(canvas, x, A4[1] - TOP, words, 40 * mm, (8, 7), GREY)


def _head(canvas: Canvas, title: str, when: str, page: str) -> None:
    room = A4[0] - 2 * MARGIN
    size, lines = typeset.fit(title, (15, 12, 10), room, 1, font=typeset.BOLD)
    typeset.draw(canvas, lines[0], MARGIN, A4[1] - 17 * mm, size=size, colour="#000000", font=typeset.BOLD)
    typeset.draw(canvas, when, MARGIN, A4[1] - 23 * mm, size=9, colour=GREY)
    typeset.draw(canvas, page, A4[0] - MARGIN, 10 * mm, size=9, colour=GREY, align="right")


def _draw(canvas: Canvas, y: float, guest: Guest, *, is_signed: bool) -> None:
    code_at, kind_at = (SIGNED_CODE_AT, SIGNED_KIND_AT) if is_signed else (CODE_AT, KIND_AT)
    ends = SIGNATURE_AT - 3 * mm if is_signed else A4[0] - MARGIN
    canvas.setStrokeColor("#bbbbbb")
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, y - 2 * mm, A4[0] - MARGIN, y - 2 * mm)
    canvas.setStrokeColor("#000000")
    canvas.setLineWidth(0.8)
    canvas.rect(MARGIN, y - 0.8 * mm, BOX, BOX)
    _text(canvas, NAME_AT, y, guest.name, code_at - NAME_AT - 3 * mm, (11, 9, 7), "#000000")
    _text(canvas, code_at, y, guest.code, kind_at - code_at, (9,), GREY)
    _text(canvas, kind_at, y, guest.ticket_type, ends - kind_at, (9, 7), GREY)


def _text(canvas: Canvas, x: float, y: float, text: str, room: float, sizes: tuple[float, ...], colour: str) -> None:
    if not text:
        return
    size, lines = typeset.fit(text, sizes, room, 1)
    typeset.draw(canvas, lines[0], x, y, size=size, colour=colour)
