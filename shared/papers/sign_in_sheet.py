"""A list of names on paper with a box for each: for an entrance without phones, and to tick afterwards."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared.papers import typeset

MARGIN, TOP, LINE, BOX = 14 * mm, 30 * mm, 7.5 * mm, 4.5 * mm
LINES = 32
NAME_AT, CODE_AT, KIND_AT = MARGIN + 10 * mm, 112 * mm, 140 * mm
GREY = "#55556a"


@dataclass(frozen=True, slots=True)
class Guest:
    """A line: the name, the short code, and the kind of ticket where there are several."""

    name: str
    code: str
    kind: str


def pdf(*, title: str, when: str, page_of: str, guests: Sequence[Guest], language: str) -> bytes:
    """The sheets as PDF, A4, 32 names on each. `page_of` has %(page)s and %(pages)s in it."""
    file = io.BytesIO()
    canvas = typeset.canvas(file, A4, title=title, language=language)
    sheets = [guests[start : start + LINES] for start in range(0, len(guests), LINES)] or [()]
    for number, sheet in enumerate(sheets, 1):
        _head(canvas, title, when, page_of % {"page": number, "pages": len(sheets)})
        for line, guest in enumerate(sheet):
            _draw(canvas, A4[1] - TOP - (line + 1) * LINE, guest)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _head(canvas: Canvas, title: str, when: str, page: str) -> None:
    room = A4[0] - 2 * MARGIN
    size, lines = typeset.fit(title, (15, 12, 10), room, 1, font=typeset.BOLD)
    typeset.draw(canvas, lines[0], MARGIN, A4[1] - 17 * mm, size=size, colour="#000000", font=typeset.BOLD)
    typeset.draw(canvas, when, MARGIN, A4[1] - 23 * mm, size=9, colour=GREY)
    typeset.draw(canvas, page, A4[0] - MARGIN, 10 * mm, size=9, colour=GREY, align="right")


def _draw(canvas: Canvas, y: float, guest: Guest) -> None:
    canvas.setStrokeColor("#bbbbbb")
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, y - 2 * mm, A4[0] - MARGIN, y - 2 * mm)
    canvas.setStrokeColor("#000000")
    canvas.setLineWidth(0.8)
    canvas.rect(MARGIN, y - 0.8 * mm, BOX, BOX)
    _text(canvas, NAME_AT, y, guest.name, CODE_AT - NAME_AT - 3 * mm, (11, 9, 7), "#000000")
    _text(canvas, CODE_AT, y, guest.code, KIND_AT - CODE_AT, (9,), GREY)
    _text(canvas, KIND_AT, y, guest.kind, A4[0] - MARGIN - KIND_AT, (9, 7), GREY)


def _text(canvas: Canvas, x: float, y: float, text: str, room: float, sizes: tuple[float, ...], colour: str) -> None:
    if not text:
        return
    size, lines = typeset.fit(text, sizes, room, 1)
    typeset.draw(canvas, lines[0], x, y, size=size, colour=colour)
