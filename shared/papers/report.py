"""The report as one A4 page for a partner: the event's cover, the numbers, the arrivals, and the source of them all."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from shared import i18n, pictures
from shared.papers import cover, ikat, typeset

_PAGE, _HIGH = A4
_MARGIN = 16 * mm
_ROOM = _PAGE - 2 * _MARGIN
_GUTTER = 8 * mm
_COLUMN = (_ROOM - _GUTTER) / 2
_FOOT = 8 * mm
_CLOTH = 30 * mm
_LOGO, _LOGO_WIDE = 9 * mm, 34 * mm
_INK, _GREY, _LINE, _BAR, _PEAK = "#1b1b2f", "#4b4a5c", "#d9cdb4", "#0b5560", "#8e1c31"
_ROW, _LABEL = 4.9 * mm, 3.4 * mm

Rows = Sequence[tuple[str, str]]
Points = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class ChartPaper:
    """A chart: its title, the sentence beneath, its bars, and a labelled line at a limit of theirs."""

    title: str
    sentence: str
    points: Points
    limit: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class PartnersPaper:
    """The event's partners: a title, all names, and the logos (stored pictures) of those who have one."""

    title: str
    names: str
    logos: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """The page's content. Texts are in `language` and plain; an empty one is left out. `slug` chooses the cover, and
    `photograph` (a stored picture) takes its place.

    Sections that do not fit are left out, the last ones first: there is only one page.
    """

    title: str
    when: str
    venue: str
    organization: str
    slug: str
    language: str
    summary: str
    note: str
    headline: Rows
    charts: Sequence[ChartPaper]
    provenance: str
    sections: Sequence[tuple[str, Rows]] = field(default=())
    photograph: bytes | None = None
    partners: PartnersPaper | None = None


def pdf(paper: ReportPaper) -> bytes:
    """Return the page as a PDF. The same values give the same bytes."""
    file = io.BytesIO()
    title = i18n.normalize(paper.title)
    canvas = typeset.canvas(file, A4, title=title, organization=paper.organization, language=paper.language)
    y = _draw_head(canvas, paper)
    y = _draw_words(canvas, paper.summary, y - 7 * mm, size=11.5, most=3)
    y = _draw_headline(canvas, paper.headline, y - 3 * mm)
    for chart in paper.charts:
        y = _draw_chart(canvas, chart, y - 4 * mm)
    y = _draw_words(canvas, paper.note, y - 6 * mm, size=9.5, most=4) if paper.note else y
    foot = _draw_partners(canvas, paper.partners, _FOOT + 9 * mm) if paper.partners else _FOOT + 9 * mm
    _draw_sections(canvas, paper.sections, y - 4 * mm, foot)
    _draw_words(canvas, paper.provenance, _FOOT + 3 * mm, size=7.5, most=2, colour=_GREY)
    canvas.save()
    return file.getvalue()


def _draw_head(canvas: Canvas, paper: ReportPaper) -> float:
    """Draw cover and title; return the y beneath them."""
    cloth = cover.fronted(ikat.weave(paper.slug, width=1050, height=150, quiet=0.32), paper.photograph)
    lines = list(_head_lines(paper))
    high = _CLOTH + sum(size * 1.3 for _, size, _ in lines) + 6 * mm
    canvas.setFillColor(cloth.background)
    canvas.rect(0, _HIGH - high, _PAGE, high, stroke=0, fill=1)
    cover.draw_pdf(canvas, cloth, 0, _HIGH - _CLOTH, _PAGE)
    y = _HIGH - _CLOTH - 2 * mm
    for text, size, font in lines:
        y -= size * 1.3
        typeset.draw(canvas, text, _MARGIN, y + size * 0.25, size=size, colour=cloth.ink, font=font)
    return float(_HIGH - high)


def _head_lines(paper: ReportPaper) -> Iterator[tuple[str, float, str]]:
    blocks = [
        (paper.organization, (9.5,), 1, typeset.REGULAR),
        (paper.title, (22, 18, 15), 2, typeset.BOLD),
        (" · ".join(part for part in (paper.when, paper.venue) if part), (10.5, 9.5), 2, typeset.REGULAR),
    ]
    for text, sizes, most, font in blocks:
        clean = i18n.normalize(text)
        size, split = typeset.fit(clean, sizes, _ROOM, most, font=font) if clean else (0, [])
        yield from ((line, size, font) for line in split)


def _draw_words(
    canvas: Canvas, text: str, y: float, *, size: float, most: int, colour: str = _INK, room: float = _ROOM
) -> float:
    """Draw lines of text whose first baseline is at y; return the y of the last one."""
    _, split = typeset.fit(i18n.normalize(text), (size,), room, most)
    for index, line in enumerate(split):
        typeset.draw(canvas, line, _MARGIN, y - index * size * 1.35, size=size, colour=colour)
    return y - (len(split) - 1) * size * 1.35


def _draw_headline(canvas: Canvas, rows: Rows, y: float) -> float:
    """Draw the large numbers side by side, four in a row."""
    wide = _ROOM / 4
    for index, (label, value) in enumerate(rows):
        x, top = _MARGIN + index % 4 * wide, y - index // 4 * 17 * mm
        number, size = _fitted(value, wide - 3 * mm, 20)
        colour, font = (_BAR, typeset.BOLD) if index == 0 else (_INK, typeset.REGULAR)
        typeset.draw(canvas, number, x, top - 7.5 * mm, size=size, colour=colour, font=font)
        for line, words in enumerate(typeset.fit(label, (8,), wide - 3 * mm, 2)[1]):
            typeset.draw(canvas, words, x, top - (11.5 + line * 3.4) * mm, size=8, colour=_GREY)
    return float(y - -(-len(rows) // 4) * 17 * mm)


def _fitted(value: str, room: float, size: float) -> tuple[str, float]:
    fitting, split = typeset.fit(value, (size, 15, 12, 10), room, 1)
    return split[0] if split else "", fitting


def _draw_chart(canvas: Canvas, chart: ChartPaper, y: float) -> float:
    """Draw bars over a line, the highest with its number, few labels beneath, and the chart's sentence."""
    _draw_title(canvas, chart.title, _MARGIN, y, _ROOM)
    top, bottom = y - 9 * mm, y - 32 * mm
    most = max((count for _, count in chart.points), default=0)
    canvas.setStrokeColor(_LINE)
    canvas.line(_MARGIN, bottom, _MARGIN + _ROOM, bottom)
    if most:
        scale = (top - bottom) / max(most, chart.limit[0] if chart.limit else 0)
        peak = next(index for index, (_, count) in enumerate(chart.points) if count == most)
        if chart.limit:
            _draw_limit(canvas, chart.limit[1], bottom + chart.limit[0] * scale, is_left=peak >= len(chart.points) / 2)
        _draw_bars(canvas, chart.points, peak, bottom, scale)
    return _draw_words(canvas, chart.sentence, bottom - 8 * mm, size=9, most=1, colour=_GREY)


def _draw_limit(canvas: Canvas, words: str, y: float, *, is_left: bool) -> None:
    """Draw a line from side to side, its label on the side without the peak."""
    canvas.saveState()
    canvas.setStrokeColor(_PEAK)
    canvas.setDash(3, 2)
    canvas.line(_MARGIN, y, _MARGIN + _ROOM, y)
    canvas.restoreState()
    x, align = (_MARGIN, "left") if is_left else (_MARGIN + _ROOM, "right")
    typeset.draw(canvas, words, x, y + 1 * mm, size=7.5, colour=_GREY, align=align)


def _draw_bars(canvas: Canvas, points: Points, peak: int, bottom: float, scale: float) -> None:
    room = _ROOM / len(points)
    wide, most = min(9 * mm, room * 0.8), points[peak][1]
    for index, (_, count) in enumerate(points):
        canvas.setFillColor(_PEAK if index == peak else _BAR)
        if count:
            canvas.rect(_MARGIN + (index + 0.5) * room - wide / 2, bottom, wide, count * scale, stroke=0, fill=1)
    _draw_height(canvas, i18n.format_number(most), _MARGIN + (peak + 0.5) * room, bottom + most * scale + 1 * mm)
    for index in range(0, len(points), -(-len(points) // 9)):
        x = _MARGIN + (index + 0.5) * room
        typeset.draw(canvas, points[index][0], x, bottom - 3.6 * mm, size=7.5, colour=_GREY, align="centre")


def _draw_height(canvas: Canvas, words: str, x: float, y: float) -> None:
    """Draw the number of the highest bar, on a background of its own where a line runs behind it."""
    wide = typeset.width(words, 8, font=typeset.BOLD)
    canvas.setFillColor("white")
    canvas.rect(x - wide / 2 - 1, y - 1, wide + 2, 8, stroke=0, fill=1)
    typeset.draw(canvas, words, x, y, size=8, colour=_INK, font=typeset.BOLD, align="centre")


def _draw_title(canvas: Canvas, title: str, x: float, y: float, room: float) -> None:
    text, size = _fitted(title, room, 11)
    typeset.draw(canvas, text, x, y - 4 * mm, size=size, colour=_INK, font=typeset.BOLD)


def _draw_partners(canvas: Canvas, partners: PartnersPaper, bottom: float) -> float:
    """Draw partners above `bottom`: one row of logos of one height, and all names; return the y above."""
    size, split = typeset.fit(i18n.normalize(partners.names), (8.5, 7.5, 6.5), _ROOM, 3)
    logos = list(_row(partners.logos))
    names = bottom + 2 * mm + (len(split) - 1) * size * 1.35
    row = names + 5 * mm
    title = row + 5 * mm + (_LOGO + 1 * mm if logos else 0)
    _draw_title(canvas, partners.title, _MARGIN, title, _ROOM)
    for logo, x, wide, high in logos:
        canvas.drawImage(logo, x, row + (_LOGO - high) / 2, wide, high, mask="auto")
    _draw_words(canvas, partners.names, names, size=size, most=3, colour=_GREY)
    return float(title + 3 * mm)


def _row(logos: Sequence[bytes]) -> Iterator[tuple[ImageReader, float, float, float]]:
    """Yield logos side by side up to the page's width: each with its x, width and height."""
    x: float = _MARGIN
    for content in logos:
        logo = ImageReader(io.BytesIO(pictures.fitted(content, 480, 160)))
        wide, high = logo.getSize()
        scale = min(_LOGO / high, _LOGO_WIDE / wide)
        if x + wide * scale <= _MARGIN + _ROOM:
            yield logo, x, wide * scale, high * scale
            x += wide * scale + 6 * mm


def _draw_sections(canvas: Canvas, sections: Sequence[tuple[str, Rows]], top: float, foot: float) -> None:
    """Draw tables in two columns, each in the column with more space."""
    at = [top, top]
    for title, rows in sections:
        column = 0 if at[0] >= at[1] else 1
        lines = [_line(label, value) for label, value in rows]
        high = 7 * mm + sum(line.high for line in lines)
        if at[column] - high < foot:
            continue
        _draw_section(canvas, title, lines, _MARGIN + column * (_COLUMN + _GUTTER), at[column])
        at[column] -= high + 3 * mm


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a table: its label, in more than one line where it is long beside its value."""

    label: Sequence[str]
    label_size: float
    value: str
    value_size: float

    @property
    def high(self) -> float:
        return float(_ROW + (len(self.label) - 1) * _LABEL)


def _line(label: str, value: str) -> _Line:
    text, size = _fitted(value, _COLUMN * 0.6, 8.5)
    room = _COLUMN - typeset.width(text, size) - 3 * mm
    fitting = next((size for size in (8.5, 7.5) if len(typeset.lines(label, size, room)) == 1), 7.5)
    return _Line(typeset.fit(label, (fitting,), room, 3)[1], fitting, text, size)


def _draw_section(canvas: Canvas, title: str, lines: Sequence[_Line], x: float, y: float) -> None:
    _draw_title(canvas, title, x, y, _COLUMN)
    y -= 6 * mm
    for line in lines:
        top = y - _ROW + 1.4 * mm
        y -= line.high
        for index, words in enumerate(line.label):
            typeset.draw(canvas, words, x, top - index * _LABEL, size=line.label_size, colour=_INK)
        typeset.draw(canvas, line.value, x + _COLUMN, top, size=line.value_size, colour=_INK, align="right")
        canvas.line(x, y, x + _COLUMN, y)
