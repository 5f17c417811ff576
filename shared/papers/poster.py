"""A poster on A4: the event's cover, title, time and venue in large letters, and a QR code of its page."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared import i18n
from shared.papers import cover, ikat, qr, typeset

# The layout is in tenths of a millimetre on A4, from the top left corner.
_WIDTH, _HEIGHT = 2100, 2970
_MARGIN = 150
_ROOM = _WIDTH - 2 * _MARGIN
_CLOTH, _SHORT_CLOTH = 900, 620
"""The length of the cloth, and its length above a summary or speakers."""
_FRINGE = 120
_HEAD = 2000
"""The end of the coloured part."""
_HEAD_TO = _HEAD - 50
_TITLE: tuple[float, ...] = (190, 160, 130, 110, 94)
_TITLE_WITH_MORE = range(3)
"""The sizes of a title that are large enough for a summary and speakers beneath it."""
_CODE = 660
_INK = "#1b1b2f"


@dataclass(frozen=True, slots=True)
class PosterPaper:
    """A poster's content. Texts are in `language` and plain; an empty one is left out.

    `address` is the content of the QR code, at most 134 bytes; `call` stands beside it; `slug` chooses the cover.
    """

    slug: str
    title: str
    when: str
    venue: str
    organization: str
    address: str
    call: str
    language: str
    summary: str = ""
    speakers: str = ""
    partners: str = ""
    """These three appear as far as there is space beside the others."""


_Block = tuple[str, tuple[float, ...], int, str]


def pdf(paper: PosterPaper, photograph: bytes | None = None) -> bytes:
    """Return the poster as a PDF of one page; the same values give the same bytes.

    `photograph`: a picture (WebP) in place of the cover. Raises ValueError for an address that does not fit the code.
    """
    file = io.BytesIO()
    title = i18n.normalize(paper.title)
    canvas = typeset.canvas(file, A4, title=title, organization=paper.organization, language=paper.language)
    canvas.scale(mm / 10, mm / 10)
    hangs = _SHORT_CLOTH if paper.summary or paper.speakers else _CLOTH
    weave = ikat.weave(paper.slug, width=_WIDTH, height=hangs, quiet=_FRINGE / hangs)
    cloth = cover.fronted(weave, photograph)
    canvas.setFillColor(cloth.background)
    canvas.rect(0, _HEIGHT - _HEAD, _WIDTH, _HEAD, stroke=0, fill=1)
    cover.draw_pdf(canvas, cloth, 0, _HEIGHT - hangs, _WIDTH)
    _draw_lines(canvas, _head(paper, hangs + 20), hangs + 20, cloth.ink, _MARGIN)
    _draw_foot(canvas, paper)
    canvas.save()
    return file.getvalue()


def _head(paper: PosterPaper, top: float) -> list[_Block]:
    """Return the title as large as the text beneath it permits; at its smallest size the required text fits."""
    summary, speakers = (
        (paper.summary, (60, 52), 4, typeset.REGULAR),
        (paper.speakers, (60, 52), 3, typeset.REGULAR),
    )
    tries = [(size, extras) for extras in ([summary, speakers], [speakers], [summary]) for size in _TITLE_WITH_MORE]
    for smaller, extras in [*tries, *((size, []) for size in range(len(_TITLE)))]:
        blocks = [
            (paper.title, _TITLE[smaller:], 4, typeset.BOLD),
            (paper.when, (84, 72, 62), 2, typeset.BOLD),
            (paper.venue, (76, 66, 56), 2, typeset.REGULAR),
            *extras,
        ]
        if _ends(blocks, top, _ROOM) <= _HEAD_TO:
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
    partners = (paper.partners, (48, 42), 3, typeset.REGULAR)
    if _ends([*blocks, partners], top + 60, _WIDTH - left - _MARGIN) <= _HEIGHT - _MARGIN:
        blocks.append(partners)
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


def _ends(blocks: Sequence[_Block], y: float, room: float) -> float:
    """Return the y of the last line of these blocks."""
    return max((at for *_, at in _set(blocks, y, room)), default=y)


def _draw_code(canvas: Canvas, address: str, left: float, top: float) -> None:
    side = _CODE / (qr.SIZE + 2 * qr.QUIET)
    path = canvas.beginPath()
    for number, row in enumerate(qr.runs(address), qr.QUIET):
        for start, length in row:
            path.rect(left + (start + qr.QUIET) * side, _HEIGHT - top - (number + 1) * side, length * side, side)
    canvas.setFillColor("#000000")
    canvas.drawPath(path, stroke=0, fill=1)
