"""QR codes of one size: version 6 with a fixed mask, since scoring eight masks in Python costs five times the rest.

Version 6 is the largest that cheap cameras still read at arm's length; a longer text is refused, not shrunk.

The standard (ISO/IEC 18004) asks for a white margin of four modules. A margin of two in a picture of the same size
leaves modules a tenth larger, which are read from farther off, on light and on dark pages alike (`python -m
bench.frames`); the white of a sheet or a page adds to it.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode
from qrcode.util import ALPHA_NUM, QRData

VERSION = 6
SIZE = 17 + 4 * VERSION
QUIET = 2
_MASK = 2

_DARK = re.compile(b"\1+")

Modules = tuple[tuple[bool, ...], ...]
Row = tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def modules(text: str) -> Modules:
    """Return the dark modules of a text, 41 rows of 41, without a quiet zone; at level M if it fits, else at L.

    Upper-case letters, digits and `$%*+-./:` take 154 characters at M and 195 at L; anything else 106 and 134 bytes.
    Raises ValueError for a longer text.
    """
    raw = text.encode()
    mode: Literal[2, 4] = 2 if frozenset(raw) <= frozenset(ALPHA_NUM) else 4  # alphanumeric, or bytes
    for level in (ERROR_CORRECT_M, ERROR_CORRECT_L):
        code = QRCode(version=VERSION, error_correction=level, mask_pattern=_MASK, border=0)
        code.add_data(QRData(raw, mode=mode, check_data=False))
        try:
            code.make(fit=False)
        except DataOverflowError:
            continue
        return tuple(tuple(map(bool, row)) for row in code.modules)
    raise ValueError(f"{len(raw)} bytes do not fit a QR code of version {VERSION}")


def path(text: str) -> str:
    """Return the code as the `d` of one SVG path to be stroked one unit wide, quiet zone included: 45 units square."""
    return "".join(_row_path(y, row) for y, row in enumerate(runs(text), QUIET))


def svg(text: str) -> str:
    """Return the code as an SVG picture on white. It has no size and no label of its own: the page gives both."""
    side = SIZE + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path stroke="#000" d="{path(text)}"/></svg>'
    )


def png(text: str, *, scale: int = 8) -> bytes:
    """Return the code as a PNG of one bit a pixel, `scale` pixels a module, quiet zone included."""
    side = (SIZE + 2 * QUIET) * scale
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = b"".join((b"\0" + _row_bits(row, side, scale)) * scale for row in _with_quiet_zone(modules(text)))
    # The fastest level: the next ones save 300 bytes, and take as long as all the rest.
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


@lru_cache(maxsize=64)
def runs(text: str) -> tuple[Row, ...]:
    """Return the dark runs of each row of a code: the start and the length of each, for paths and for papers.

    Raises ValueError for a text that does not fit.
    """
    return tuple(tuple((dark.start(), len(dark[0])) for dark in _DARK.finditer(bytes(row))) for row in modules(text))


def _row_path(y: int, row: Row) -> str:
    steps, end = "", None
    for start, length in row:
        steps += f"M{start + QUIET} {y}.5" if end is None else f"m{start - end} 0"
        steps += f"h{length}"
        end = start + length
    return steps


def _with_quiet_zone(rows: Modules) -> Iterator[Sequence[bool]]:
    empty, margin = [False] * SIZE, [False] * QUIET
    for row in (*[empty] * QUIET, *rows, *[empty] * QUIET):
        yield [*margin, *row, *margin]


def _row_bits(row: Sequence[bool], side: int, scale: int) -> bytes:
    width = -(-side // 8)
    bits = bytes(row).replace(b"\0", b"1" * scale).replace(b"\1", b"0" * scale)
    return int(bits.ljust(width * 8, b"1"), 2).to_bytes(width, "big")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
