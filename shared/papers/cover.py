"""A cover is a list of polygons that SVG, PDF and PNG writers draw: one picture for page, email, ticket and report.

An event's photograph covers the polygons and is drawn by the same writers: no paper needs to know which it is.
"""

import io
import zlib
from array import array
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise

import resvg_py
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFStream
from reportlab.pdfgen.canvas import Canvas

from shared import pictures

Point = tuple[int, int]
PIXELS_A_BYTE = 12
"""The compression of a photograph: at the head of an email 40 kB, on each of its tickets 20 kB, on a poster 160 kB."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled shape without holes: x and y of each corner in turn.

    Packed, since a process keeps 64 weaves of 10,000 corners: as pairs of numbers they take 70 MB, so 4.
    """

    outline: "array[int]"
    colour: str

    @property
    def points(self) -> Sequence[Point]:
        """Return the corners."""
        return list(zip(self.outline[::2], self.outline[1::2], strict=True))


@dataclass(frozen=True)
class Cover:
    """Polygons, later ones over earlier ones, on a background; anything outside width and height is cut off.

    From the y of `quiet` downwards there is only the background, on which a title in `ink` has a contrast of 7:1 or
    better. `photograph` (JPEG, in the cover's shape) covers all of it; background and ink stay those of the weave.
    """

    width: int
    height: int
    background: str
    ink: str
    quiet: int
    shapes: tuple[Polygon, ...]
    photograph: bytes = b""

    @cached_property
    def operators(self) -> bytes:
        """Return the background and the polygons in the language of PDF (ISO 32000-1, 8.5), compressed.

        Composed once for all papers of a cover, since a weave has 10,000 points: that takes longer than the rest of a
        ticket.
        """
        ground = f"{_rgb(self.background)} rg 0 0 {self.width} {self.height} re f\n"
        return zlib.compress("".join((ground, *_fills(self.shapes))).encode())


def fronted(weave: Cover, photograph: bytes | None) -> Cover:
    """Return the cover of an event: its photograph (a stored picture) where it may be shown, else the weave."""
    if not photograph:
        return weave
    most = weave.width * weave.height // PIXELS_A_BYTE
    return replace(weave, photograph=pictures.cut(photograph, weave.width, weave.height, most=most))


def svg(cover: Cover) -> str:
    """Return the cover as an SVG picture that fills its box on the page; it is decoration and has no label."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {cover.width} {cover.height}"'
        f' preserveAspectRatio="xMidYMid slice" aria-hidden="true">{content(cover)}</svg>'
    )


def content(cover: Cover) -> str:
    """Return the content of the cover's svg element, for use in a larger picture: one path for each run of a colour."""
    if cover.photograph:
        picture = f"data:image/jpeg;base64,{b64encode(cover.photograph).decode()}"
        return f'<image href="{picture}" width="{cover.width}" height="{cover.height}" preserveAspectRatio="none"/>'
    ground = f'<path fill="{cover.background}" d="M0 0h{cover.width}v{cover.height}H0z"/>'
    for colour, shapes in groupby(cover.shapes, key=lambda shape: shape.colour):
        ground += f'<path fill="{colour}" d="{_path([shape.points for shape in shapes])}"/>'
    return ground


def png(cover: Cover, width: int) -> bytes:
    """Return the cover as a PNG, `width` pixels wide."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg(cover), width=width, skip_system_fonts=True))


def draw_pdf(canvas: Canvas, cover: Cover, x: float, y: float, width: float) -> None:
    """Draw the cover on a PDF page with its lower left corner at x, y, `width` points wide."""
    scale = width / cover.width
    if cover.photograph:
        picture = ImageReader(io.BytesIO(cover.photograph))
        # The writer tells pictures apart by their pixels, and would decode this one for that, in 2 ms.
        picture._data, picture._dataA = cover.photograph, None
        canvas.drawImage(picture, x, y, width, cover.height * scale)
        return
    canvas.saveState()
    canvas.translate(x, y + cover.height * scale)
    canvas.scale(scale, -scale)
    canvas.beginForm("cover", 0, 0, cover.width, cover.height)
    canvas.endForm(Contents=PDFStream(PDFDictionary({"Filter": "/FlateDecode"}), cover.operators))
    canvas.doForm("cover")
    canvas.restoreState()


def _fills(shapes: Sequence[Polygon]) -> Iterator[str]:
    """Yield the operators of one path for each run of a colour, filled by the even-odd rule."""
    for colour, neighbours in groupby(shapes, key=lambda shape: shape.colour):
        yield f"{_rgb(colour)} rg\n"
        for shape in neighbours:
            (x, y), *others = shape.points
            yield f"{x} {y} m {' '.join(f'{x} {y} l' for x, y in others)} h\n"
        yield "f*\n"


def _rgb(colour: str) -> str:
    return " ".join(f"{level / 255:.4f}" for level in bytes.fromhex(colour[1:]))


def _path(outlines: Sequence[Sequence[Point]]) -> str:
    # Relative steps, also from one outline to the next: a motif at an even distance is the same text again, which
    # compresses to three bytes.
    path, at = "", (0, 0)
    for points in outlines:
        x, y = points[0]
        steps = "".join(_step(*before, *after) for before, after in pairwise(points))
        path += f"m{x - at[0]} {y - at[1]}{steps}z"
        at = x, y
    return path


def _step(x: int, y: int, next_x: int, next_y: int) -> str:
    if y == next_y:
        return f"h{next_x - x}" if x != next_x else ""
    return f"v{next_y - y}" if x == next_x else f"l{next_x - x} {next_y - y}"
