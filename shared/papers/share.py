"""What a messenger shows of an event whose address is shared: its cover, and its title in large letters, as a PNG."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from html import escape

import resvg_py

from shared import i18n
from shared.papers import cover, ikat, typeset

WIDTH, HEIGHT = 1200, 630
"""The shape that all messengers and networks show uncut."""

_DRAWING = 1
"""Raise it when the drawing changes: it is in the version, so that nobody keeps the old one."""

_MARGIN = 72
_ROOM = WIDTH - 2 * _MARGIN
_CLOTH, _HEM = 280, 226
_FOOT = HEIGHT - 52


@dataclass(frozen=True, slots=True)
class SharePaper:
    """What the picture says. Texts are plain; an empty one is left out. `slug` chooses the cover."""

    slug: str
    title: str
    when: str = ""
    organization: str = ""

    @property
    def version(self) -> str:
        """The same for the same picture: for its address and its ETag."""
        said = "\0".join([str(_DRAWING), *_said(self)])
        return sha256(said.encode()).hexdigest()[:12]


@lru_cache(maxsize=64)
def png(paper: SharePaper) -> bytes:
    """The picture, 1200 × 630. Drawn once per process while it is asked for: drawing costs more than all of a page."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg(paper),
            width=WIDTH,
            font_files=list(typeset.FILES),
            skip_system_fonts=typeset.is_covered("".join(_said(paper))),
            sans_serif_family=typeset.FAMILY,
        )
    )


def svg(paper: SharePaper) -> str:
    """The picture as SVG."""
    cloth = ikat.weave(paper.slug, width=WIDTH, height=_CLOTH, quiet=1 - _HEM / _CLOTH)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path fill="{cloth.background}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<g shape-rendering="crispEdges">{cover.content(cloth)}</g>'
        f'<g fill="{cloth.ink}" font-family="{typeset.FAMILY}, sans-serif">{"".join(_lines(paper))}</g></svg>'
    )


def _lines(paper: SharePaper) -> Iterator[str]:
    size, title = _fit(paper.title, (76, 66, 58, 50), 3, typeset.BOLD)
    y = _CLOTH + size * 0.1
    for line in title:
        y += size * 1.18
        yield _text(line, y, size, bold=True)
    size, when = _fit(paper.when, (36, 32), 1, typeset.REGULAR)
    yield from (_text(line, y + size * 1.9, size) for line in when)
    size, organization = _fit(paper.organization, (30, 26), 1, typeset.REGULAR)
    yield from (_text(line, _FOOT, size) for line in organization)


def _fit(text: str, sizes: tuple[float, ...], most: int, font: str) -> tuple[float, list[str]]:
    clean = i18n.normalize(text)
    return typeset.fit(clean, sizes, _ROOM, most, font=font) if clean else (0, [])


def _text(line: str, y: float, size: float, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{_MARGIN}" y="{y:.0f}" font-size="{size:g}"{weight}>{escape(line)}</text>'


def _said(paper: SharePaper) -> list[str]:
    return [str(getattr(paper, field.name)) for field in fields(paper)]
