"""A ticket to print, to save and to show: one layout, drawn as PDF, SVG and PNG.

The upper part has the colours of the event's cover; the QR code lies on white, as large as the text permits.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from html import escape
from typing import Literal

from reportlab.lib.pagesizes import A4
from reportlab.lib.rl_accel import fp_str
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared import i18n
from shared.papers import cover, ikat, qr, typeset

# The layout is in tenths of a millimetre on A6, from the top left corner.
_WIDTH, _HEIGHT = 1050, 1480
_MARGIN = 70
_ROOM = _WIDTH - 2 * _MARGIN
_CLOTH, _HEM = 230, 182
_INK, _GREY = "#1b1b2f", "#55556a"


Size = Literal["A6", "A4"]
"""A postcard, or a whole sheet."""


@dataclass(frozen=True, slots=True)
class TicketPaper:
    """A ticket's content. Texts are in `language` and plain; an empty one is left out.

    `address` is the content of the QR code, at best upper case with 154 characters or fewer; `slug` chooses the cover,
    and `photograph` (a stored picture) takes its place.
    """

    title: str
    when: str
    venue: str
    name: str
    short_code: str
    address: str
    organization: str
    slug: str
    language: str
    door: str = ""
    ticket_type: str = ""
    photograph: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    y: float
    size: float
    font: str
    colour: str
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    cloth: cover.Cover
    header: float
    lines: tuple[_Line, ...]
    code: str
    code_at: tuple[float, float]
    code_side: float


def pdf(paper: TicketPaper, size: Size = "A6") -> bytes:
    """Return the ticket as a PDF of one page: A6 to its edges, or half as large again at the head of an A4 page.

    The same values give the same bytes. Raises ValueError for an address that does not fit the QR code.
    """
    layout, file = _lay_out(paper), io.BytesIO()
    page = (_WIDTH / 10 * mm, _HEIGHT / 10 * mm) if size == "A6" else A4
    scale = mm / 10 * (1 if size == "A6" else 1.5)
    title, organization = _label(paper), paper.organization
    canvas = typeset.canvas(file, page, title=title, organization=organization, language=paper.language)
    canvas.translate((page[0] - _WIDTH * scale) / 2, page[1] - _HEIGHT * scale - (0 if size == "A6" else 12 * mm))
    canvas.scale(scale, scale)
    _draw(canvas, layout)
    canvas.save()
    return file.getvalue()


def svg(paper: TicketPaper) -> str:
    """Return the ticket as an SVG picture, A6 in shape.

    Raises ValueError for an address that does not fit the QR code.
    """
    layout = _lay_out(paper)
    side = layout.code_side / (qr.SIZE + 2 * qr.QUIET)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="420" height="592"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"><title>{escape(_label(paper))}</title>'
        f'<path fill="#fff" d="M0 0h{_WIDTH}v{_HEIGHT}H0z"/>'
        f'<path fill="{layout.cloth.background}" d="M0 0h{_WIDTH}v{layout.header:.0f}H0z"/>'
        # The cloth hangs from the upper edge over the whole width, so nothing has to clip it: that costs 20 ms.
        f'<g shape-rendering="crispEdges">{cover.content(layout.cloth)}</g>'
        f'<g font-family="{typeset.FAMILY}, sans-serif">{"".join(map(_svg_line, layout.lines))}</g>'
        f'<path transform="translate({layout.code_at[0]:.1f} {layout.code_at[1]:.1f}) scale({side:.4f})"'
        f' stroke="#000" shape-rendering="crispEdges" d="{qr.path(layout.code)}"/></svg>'
    )


def png(paper: TicketPaper, *, width: int = 1050) -> bytes:
    """Return the ticket as a PNG, `width` pixels wide.

    Raises ValueError for an address that does not fit the QR code.
    """
    texts = (getattr(paper, field.name) for field in fields(paper))
    text = "".join(value for value in texts if isinstance(value, str))
    return typeset.picture(svg(paper), text, width=width)


def _lay_out(paper: TicketPaper) -> _Layout:
    cloth = cover.fronted(_weave(paper.slug), paper.photograph)
    header = _header(paper.title, paper.when, paper.venue, paper.door, cloth.ink)
    bottom = header[-1].y + 40
    person = list(_stack(_person(paper), bottom + 30, is_centred=True))
    top = (person[-1].y if person else bottom) + 10
    foot = list(_foot(paper))
    side = min(640, foot[0].y - foot[0].size - top)
    at = ((_WIDTH - side) / 2, top + (foot[0].y - foot[0].size - top - side) / 2)
    return _Layout(cloth, bottom, (*header, *person, *foot), paper.address, at, side)


_Block = tuple[str, tuple[float, ...], int, str, str]


@lru_cache(maxsize=64)
def _weave(slug: str) -> cover.Cover:
    return ikat.weave(slug, width=_WIDTH, height=_CLOTH, quiet=1 - _HEM / _CLOTH)


@lru_cache(maxsize=64)
def _header(title: str, when: str, venue: str, door: str, ink: str) -> tuple[_Line, ...]:
    """Lay out what the tickets of an event have in common."""
    blocks: list[_Block] = [
        (title, (68, 58, 48, 42), 3, typeset.BOLD, ink),
        (when, (36, 32), 3, typeset.BOLD, ink),
        (venue, (34, 30), 2, typeset.REGULAR, ink),
        (door, (34, 30), 1, typeset.REGULAR, ink),
    ]
    return tuple(_stack(blocks, _CLOTH))


def _person(paper: TicketPaper) -> list[_Block]:
    return [
        (paper.name, (60, 50, 42), 2, typeset.BOLD, _INK),
        (paper.ticket_type, (34, 30), 1, typeset.REGULAR, _GREY),
    ]


def _foot(paper: TicketPaper) -> Iterator[_Line]:
    yield _Line(_spaced(paper.short_code), 1384, 64, typeset.BOLD, _INK, is_centred=True)
    clean = i18n.normalize(paper.organization)
    size, split = typeset.fit(clean, (28, 24), _ROOM, 1) if clean else (0, [])
    yield from (_Line(text, 1440, size, typeset.REGULAR, _GREY, is_centred=True) for text in split)


def _stack(blocks: list[_Block], y: float, *, is_centred: bool = False) -> Iterator[_Line]:
    for text, sizes, most, font, colour in blocks:
        clean = i18n.normalize(text)
        size, split = typeset.fit(clean, sizes, _ROOM, most, font=font) if clean else (0, [])
        y += size * 0.18
        for line in split:
            y += size * 1.24
            yield _Line(line, y, size, font, colour, is_centred)


def _spaced(short_code: str) -> str:
    # Two groups of four: eight characters in one go are misread more often.
    half = len(short_code) // 2
    return f"{short_code[:half]} {short_code[half:]}" if len(short_code) == 8 else short_code


def _label(paper: TicketPaper) -> str:
    return i18n.normalize(" · ".join(part for part in (paper.title, paper.name, paper.short_code) if part))


def _svg_line(line: _Line) -> str:
    x, anchor = (_WIDTH // 2, ' text-anchor="middle"') if line.is_centred else (_MARGIN, "")
    weight = ' font-weight="700"' if line.font == typeset.BOLD else ""
    attributes = f'x="{x}" y="{line.y:.1f}" font-size="{line.size:g}" fill="{line.colour}"{weight}{anchor}'
    return f"<text {attributes}>{escape(line.text)}</text>"


def _draw(canvas: Canvas, layout: _Layout) -> None:
    canvas.setFillColor(layout.cloth.background)
    canvas.rect(0, _HEIGHT - layout.header, _WIDTH, layout.header, stroke=0, fill=1)
    cover.draw_pdf(canvas, layout.cloth, 0, _HEIGHT - _CLOTH, _WIDTH)
    for line in layout.lines:
        _draw_line(canvas, line)
    _draw_code(canvas, layout)


def _draw_line(canvas: Canvas, line: _Line) -> None:
    x, align = (_WIDTH / 2, "centre") if line.is_centred else (_MARGIN, "left")
    y = _HEIGHT - line.y
    typeset.draw(canvas, line.text, x, y, size=line.size, colour=line.colour, font=line.font, align=align)


def _draw_code(canvas: Canvas, layout: _Layout) -> None:
    side = layout.code_side / (qr.SIZE + 2 * qr.QUIET)
    left, top = (at + qr.QUIET * side for at in layout.code_at)
    columns = [fp_str(left + x * side) for x in range(qr.SIZE)]
    lengths = [fp_str(length * side) for length in range(qr.SIZE + 1)]
    bars = []
    for number, row in enumerate(qr.runs(layout.code), 1):
        y = fp_str(_HEIGHT - top - number * side)
        bars += [f"{columns[start]} {y} {lengths[length]} {lengths[1]} re" for start, length in row]
    canvas.setFillColor("#000000")
    canvas.addLiteral(f"{' '.join(bars)} f*")
