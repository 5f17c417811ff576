"""A poster on A4: the event's cover, what, when and where in large letters, and a code that leads to its page."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared import i18n
from shared.papers import cover, ikat, qr, typeset

# Everything is laid out in tenths of a millimetre on A4, from the top left corner.
_WIDTH, _HEIGHT = 2100, 2970
_MARGIN = 150
_ROOM = _WIDTH - 2 * _MARGIN
_CLOTH, _HEM = 900, 780
_HEAD = 2000
"""Where the coloured part ends."""
_HEAD_FROM, _HEAD_TO = _CLOTH + 20, _HEAD - 50
_TITLE: tuple[float, ...] = (190, 160, 130, 110, 94)
_CODE = 660
_INK = "#1b1b2f"


@dataclass(frozen=True, slots=True)
class PosterPaper:
    """What a poster says. Texts are in `language` and plain; an empty one is left out.

    `address` is what the code holds, at most 134 bytes; `call` stands beside it; `slug` chooses the cover.
    """

    slug: str
    title: str
    when: str
    place: str
    organization: str
    address: str
    call: str
    language: str


_Block = tuple[str, tuple[float, ...], int, str]


def pdf(paper: PosterPaper, photograph: bytes | None = None) -> bytes:
    """The poster as a PDF of one page; the same values give the same bytes.

    `photograph`: a picture (WebP) in place of the cover. Raises ValueError for an address that does not fit the code.
    """
    file = io.BytesIO()
    title = i18n.normalize(paper.title)
    canvas = typeset.canvas(file, A4, title=title, organization=paper.organization, language=paper.language)
    canvas.scale(mm / 10, mm / 10)
    woven = ikat.weave(paper.slug, width=_WIDTH, height=_CLOTH, quiet=1 - _HEM / _CLOTH)
    cloth = cover.fronted(woven, photograph)
    canvas.setFillColor(cloth.background)
    canvas.rect(0, _HEIGHT - _HEAD, _WIDTH, _HEAD, stroke=0, fill=1)
    cover.draw_pdf(canvas, cloth, 0, _HEIGHT - _CLOTH, _WIDTH)
    _draw_lines(canvas, _head(paper), _HEAD_FROM, cloth.ink, _MARGIN)
    _draw_foot(canvas, paper)
    canvas.save()
    return file.getvalue()


def _head(paper: PosterPaper) -> list[_Block]:
    """The title as large as what is beneath it leaves room for; at its last size everything fits."""
    for smaller in range(len(_TITLE)):
        blocks = [
            (paper.title, _TITLE[smaller:], 4, typeset.BOLD),
            (paper.when, (84, 72, 62), 2, typeset.BOLD),
            (paper.place, (76, 66, 56), 2, typeset.REGULAR),
        ]
        if all(y <= _HEAD_TO for *_, y in _set(blocks, _HEAD_FROM, _ROOM)):
            break
    return blocks


def _draw_foot(canvas: Canvas, paper: PosterPaper) -> None:
    top = _HEAD + (_HEIGHT - _HEAD - _CODE) / 2
    _draw_code(canvas, paper.address, _MARGIN - 30, top)
    left = _MARGIN + _CODE + 40
    bare = paper.address.split("://", 1)[-1]
    blocks = [
        (paper.call, (88, 76, 64), 3, typeset.BOLD),
        (bare, (60, 52, 44), 2, typeset.REGULAR),
        (paper.organization, (52, 44), 2, typeset.REGULAR),
    ]
    _draw_lines(canvas, blocks, top + 60, _INK, left)


def _draw_lines(canvas: Canvas, blocks: Sequence[_Block], y: float, colour: str, left: float) -> None:
    for text, size, font, at in _set(blocks, y, _WIDTH - left - _MARGIN):
        typeset.draw(canvas, text, left, _HEIGHT - at, size=size, colour=colour, font=font)


def _set(blocks: Sequence[_Block], y: float, room: float) -> Iterator[tuple[str, float, str, float]]:
    for text, sizes, most, font in blocks:
        clean = i18n.normalize(text)
        size, split = typeset.fit(clean, sizes, room, most, font=font) if clean else (0, [])
        y += size * 0.35
        for line in split:
            y += size * 1.22
            yield line, size, font, y


def _draw_code(canvas: Canvas, address: str, left: float, top: float) -> None:
    side = _CODE / (qr.SIZE + 2 * qr.QUIET)
    path = canvas.beginPath()
    for row, dark in enumerate(qr.modules(address), qr.QUIET):
        for start, length in qr.runs(dark):
            path.rect(left + (start + qr.QUIET) * side, _HEIGHT - top - (row + 1) * side, length * side, side)
    canvas.setFillColor("#000000")
    canvas.drawPath(path, stroke=0, fill=1)
