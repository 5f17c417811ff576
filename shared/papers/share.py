"""The link preview of an event for messengers: its cover, and its title in large letters, as a PNG.

It is wide for link previews, or square for pictures of a post.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from html import escape

from shared import i18n
from shared.papers import cover, ikat, typeset

_DRAWING = 2
"""Raise it when the drawing changes: it is in the version, so that no cache serves the old picture."""

_MARGIN = 72


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the picture, the length of its cloth, and the y of the fringe."""

    width: int
    height: int
    cloth: int
    hem: int

    @property
    def room(self) -> int:
        """Return the greatest width of a line."""
        return self.width - 2 * _MARGIN


WIDE = Shape(1200, 630, 280, 226)
"""The shape that all messengers and networks show uncut."""
SQUARE = Shape(1080, 1080, 500, 430)


@dataclass(frozen=True, slots=True)
class SharePaper:
    """The picture's content. Texts are plain; an empty one is left out. `slug` chooses the cover."""

    slug: str
    title: str
    when: str = ""
    organization: str = ""
    picture: str = ""
    """The SHA-256 of a photograph in place of the cover; the writer gets its bytes."""

    @property
    def version(self) -> str:
        """Return a version that is equal for equal pictures: for the address and the ETag."""
        content = "\0".join([str(_DRAWING), *_said(self)])
        return sha256(content.encode()).hexdigest()[:12]


@lru_cache(maxsize=64)
def png(paper: SharePaper, photograph: bytes | None = None, shape: Shape = WIDE) -> bytes:
    """Return the picture. It is drawn once per process while it is in use: drawing costs more than a whole page.

    `photograph`: a picture (WebP) in place of the cover.
    """
    return typeset.picture(svg(paper, photograph, shape), "".join(_said(paper)), width=shape.width)


def svg(paper: SharePaper, photograph: bytes | None = None, shape: Shape = WIDE) -> str:
    """Return the picture as SVG."""
    weave = ikat.weave(paper.slug, width=shape.width, height=shape.cloth, quiet=1 - shape.hem / shape.cloth)
    cloth = cover.fronted(weave, photograph)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {shape.width} {shape.height}">'
        f'<path fill="{cloth.background}" d="M0 0h{shape.width}v{shape.height}H0z"/>'
        f'<g shape-rendering="crispEdges">{cover.content(cloth)}</g>'
        f'<g fill="{cloth.ink}" font-family="{typeset.FAMILY}, sans-serif">{"".join(_lines(paper, shape))}</g></svg>'
    )


def _lines(paper: SharePaper, shape: Shape) -> Iterator[str]:
    size, title = _fit(paper.title, (76, 66, 58, 50), 3, typeset.BOLD, shape)
    y = shape.cloth + size * 0.1
    for line in title:
        y += size * 1.18
        yield _text(line, y, size, bold=True)
    size, when = _fit(paper.when, (36, 32), 1 if shape is WIDE else 2, typeset.REGULAR, shape)
    y += size * 0.6
    for line in when:
        y += size * 1.3
        yield _text(line, y, size)
    size, organization = _fit(paper.organization, (30, 26), 1, typeset.REGULAR, shape)
    yield from (_text(line, shape.height - 52, size) for line in organization)


def _fit(text: str, sizes: tuple[float, ...], most: int, font: str, shape: Shape) -> tuple[float, list[str]]:
    clean = i18n.normalize(text)
    return typeset.fit(clean, sizes, shape.room, most, font=font) if clean else (0, [])


def _text(line: str, y: float, size: float, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{_MARGIN}" y="{y:.0f}" font-size="{size:g}"{weight}>{escape(line)}</text>'


def _said(paper: SharePaper) -> list[str]:
    return [str(getattr(paper, field.name)) for field in fields(paper)]
